"""What a class has understood: which mistakes, how often, task by task; how far everybody is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from coursecheck.grading.batch import Outcome
from coursecheck.messages import ENGLISH, NOTES, STATES, say

STATE_ORDER = ("right", "not_yet", "todo")
MOST_SHOWN = 5  # mistakes of a task, in the text


@dataclass
class TaskRow:
    """One task over all files: how many are in each state, and how many met each reason."""

    task: str
    title: str
    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    said: dict[str, str] = field(default_factory=dict)  # reason -> one sentence that was said


@dataclass
class ExerciseReport:
    """One exercise over all files that were judged."""

    exercise: str
    title: str
    files: list[Outcome] = field(default_factory=list)
    tasks: dict[str, TaskRow] = field(default_factory=dict)


def collected(found: Sequence[Outcome]) -> list[ExerciseReport]:
    """A report for each exercise. A reason counts once for a task of a file."""
    reports: dict[str, ExerciseReport] = {}
    for each in found:
        if each.problem:
            continue
        report = reports.setdefault(each.exercise, ExerciseReport(each.exercise, each.title))
        report.files.append(each)
        for task in each.tasks:
            row = report.tasks.setdefault(task.task, TaskRow(task.task, task.title))
            row.states[task.state] += 1
            for reason, sentence in zip(task.reasons, task.sentences, strict=False):
                row.said.setdefault(reason, sentence)
            row.reasons.update(set(task.reasons))
    return [reports[name] for name in sorted(reports)]


def unjudged(found: Sequence[Outcome]) -> list[Outcome]:
    return [each for each in found if each.problem]


def _heading(report: ExerciseReport) -> str:
    return say(NOTES["report_files"], exercise=report.exercise, count=len(report.files))


def _columns() -> list[str]:
    return [say(NOTES["report_task"]), *(say(STATES[state]) for state in STATE_ORDER)]


def to_text(found: Sequence[Outcome]) -> str:
    """For a terminal."""
    return "\n".join(_lines(found))


def _lines(found: Sequence[Outcome]) -> Iterator[str]:
    for report in collected(found):
        yield _heading(report)
        wide = max(map(len, report.tasks), default=0)
        yield f"  {_columns()[0]:<{wide}}  " + "  ".join(_columns()[1:])
        for row in report.tasks.values():
            counts = [f"{row.states[s]:>{len(say(STATES[s]))}}" for s in STATE_ORDER]
            yield f"  {row.task:<{wide}}  " + "  ".join(counts)
            for reason, count in row.reasons.most_common(MOST_SHOWN):
                yield f"      {count} × {reason}  {row.said.get(reason, '')}"
        yield ""
        for each in report.files:
            yield f"  {each.right:>3}/{len(each.tasks)}  {each.points:g}/{each.of:g}  {each.file}"
        yield ""
    for each in unjudged(found):
        yield f"  ! {each.problem}"


# --- as a page ------------------------------------------------------------------------------------

# Colours by role, so that both themes have contrast; a bar's number stands beside it.
_STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --paper: #ffffff; --soft: #5b636b;
  --rule: #c9ced3; --bar: #3a6ea5; --bad: #a3342c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --paper: #16191c; --soft: #a8b0b8;
  --rule: #40474e; --bar: #7fb0e0; --bad: #f0938b; } }
body { font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 70rem; margin: 0 auto; padding: 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 0 0 1.5rem; }
caption { text-align: start; font-weight: 600; padding: .3rem 0; }
th, td { text-align: start; vertical-align: top; padding: .25rem .75rem .25rem 0;
  border-bottom: 1px solid var(--rule); }
td.number { text-align: end; font-variant-numeric: tabular-nums; }
td .soft, p.soft { color: var(--soft); }
meter { width: 8rem; }
.problem { color: var(--bad); }
"""


def to_html(found: Sequence[Outcome], language: str = ENGLISH) -> str:
    """A page of its own: no script, nothing from another place."""
    title = escape(say(NOTES["report"]))
    body, tag = "\n".join(_sections(found)), escape(language.replace("_", "-"))
    return (
        f'<!doctype html>\n<html lang="{tag}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _sections(found: Sequence[Outcome]) -> Iterator[str]:
    for report in collected(found):
        yield f"<h2>{escape(_heading(report))}</h2>"
        yield f'<p class="soft">{escape(report.title)}</p>'
        yield _table(say(NOTES["report_tasks"]), _columns(), _task_rows(report))
        yield _table(
            say(NOTES["report_mistakes"]),
            [say(NOTES[f"report_{name}"]) for name in ("task", "reason", "count", "said")],
            _mistake_rows(report),
        )
        yield _table(
            say(NOTES["report_progress"]),
            [say(NOTES["report_file"]), say(STATES["right"]), "", say(NOTES["report_points"])],
            _file_rows(report),
        )
    if left := unjudged(found):
        items = "".join(f'<li class="problem">{escape(each.problem)}</li>' for each in left)
        yield f"<h2>{escape(say(NOTES['report_unjudged']))}</h2>\n<ul>{items}</ul>"


def _table(caption: str, columns: Sequence[str], rows: Iterator[str]) -> str:
    heads = "".join(f'<th scope="col">{escape(c)}</th>' if c else "<td></td>" for c in columns)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption>\n<thead><tr>{heads}</tr></thead>\n"
        f"<tbody>{''.join(rows)}</tbody>\n</table></div>"
    )


def _row(head: str, *cells: str) -> str:
    return f'<tr><th scope="row">{head}</th>{"".join(cells)}</tr>\n'


def _number(value: object) -> str:
    return f'<td class="number">{value}</td>'


def _task_rows(report: ExerciseReport) -> Iterator[str]:
    for row in report.tasks.values():
        head = f'<code>{escape(row.task)}</code> <span class="soft">{escape(row.title)}</span>'
        yield _row(head, *(_number(row.states[state]) for state in STATE_ORDER))


def _mistake_rows(report: ExerciseReport) -> Iterator[str]:
    for row in report.tasks.values():
        for reason, count in row.reasons.most_common():
            said = f"<td>{escape(row.said.get(reason, ''))}</td>"
            name = f"<td><code>{escape(reason)}</code></td>"
            yield _row(f"<code>{escape(row.task)}</code>", name, _number(count), said)


def _file_rows(report: ExerciseReport) -> Iterator[str]:
    for each in report.files:
        count, total = each.right, len(each.tasks)
        said = escape(say(NOTES["board"], right=count, total=total))
        meter = f'<td><meter value="{count}" max="{total}" aria-label="{said}">{said}</meter></td>'
        points = _number(f"{each.points:g} / {each.of:g}")
        yield _row(escape(each.file), _number(f"{count} / {total}"), meter, points)
