"""What the checker hands back: plain objects that show themselves as text and as HTML.

Their text is the same on every run: the notebooks' stored outputs are compared with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape

from coursecheck.messages import NOTES, STATES, headed, say

# A mark that needs no colour, and an accent with contrast on a light and on a dark page.
LOOKS = {
    "todo": ("○", "#8a6d3b"),
    "right": ("✓", "#2e8b57"),
    "not_yet": ("✗", "#c0504d"),
    "note": ("", "#6b7785"),
}


def _data(**facts: str) -> str:
    """Facts as attributes of an element: a page reads them there, and not in the sentences."""
    return "".join(f' data-{name}="{escape(value)}"' for name, value in facts.items() if value)


def _box(look: str, heading: str, body: str, **facts: str) -> str:
    """One box of HTML; the classes let a site replace the look."""
    mark, accent = LOOKS[look]
    return (
        f'<div class="coursecheck coursecheck-{look}"{_data(**facts)} '
        f'style="border-left:.25rem solid {accent};padding:.25rem .75rem;margin:.25rem 0">'
        f"<strong>{escape(f'{mark} {heading}'.strip())}</strong>{body}</div>"
    )


def _rich(text: str) -> str:
    """A sentence as HTML, with `code` set as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _paragraphs(lines: Iterable[str]) -> str:
    return "".join(f'<p style="margin:.1rem 0">{_rich(line)}</p>' for line in lines)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: its reason, the template that says it, and the template's fields."""

    reason: str
    template: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """The sentence; one that does not name what it is about gets the name in front."""
        said = say(self.template, **self.fields)
        unnamed = "name" in self.fields and "{name}" not in self.template
        return headed(str(self.fields["name"]), said) if unnamed else said


@dataclass(frozen=True)
class Result:
    """What came of one check: the task, its state, what is wrong, and remarks; its exercise.

    `general` is true where no mistake was named; `arguments` are then those of the smallest draw
    on which the answer is wrong.
    """

    task: str
    state: str
    findings: tuple[Finding, ...] = ()
    remarks: tuple[str, ...] = ()
    exercise: str = ""
    general: bool = False
    arguments: Mapping[str, object] = field(default_factory=dict, repr=False, compare=False)

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(finding.reason for finding in self.findings)

    @property
    def lines(self) -> tuple[str, ...]:
        return (*map(str, self.findings), *self.remarks)

    def __bool__(self) -> bool:
        return self.state == "right"

    @property
    def heading(self) -> str:
        return headed(self.task, say(STATES[self.state]))

    def __repr__(self) -> str:
        mark, _ = LOOKS[self.state]
        return "\n".join([f"{mark} {self.heading}", *(f"  {line}" for line in self.lines)])

    def _repr_html_(self) -> str:
        facts = {"exercise": self.exercise, "task": self.task, "state": self.state}
        return _box(self.state, self.heading, _paragraphs(self.lines), **facts)


@dataclass(frozen=True)
class Note:
    """A remark outside the three states: a hint, a solution, a name that does not exist."""

    heading: str
    text: str
    code: bool = False

    def __repr__(self) -> str:
        lines = [f"  {line}".rstrip() for line in self.text.splitlines()]
        return "\n".join([self.heading, *lines] if self.heading else [self.text])

    def _repr_html_(self) -> str:
        if self.code:
            return _box("note", self.heading, f"<pre>{escape(self.text)}</pre>")
        return _box("note", self.heading, _paragraphs([self.text]))


@dataclass(frozen=True)
class Board:
    """All tasks of an exercise with the state of each."""

    title: str
    results: tuple[Result, ...]
    titles: tuple[str, ...]
    exercise: str = ""

    @property
    def complete(self) -> bool:
        return all(self.results)

    @property
    def heading(self) -> str:
        count = say(NOTES["board"], right=sum(map(bool, self.results)), total=len(self.results))
        return headed(self.title, count)

    def _rows(self) -> list[tuple[str, str, str]]:
        return [
            (result.task, say(title), f"{LOOKS[result.state][0]} {say(STATES[result.state])}")
            for result, title in zip(self.results, self.titles, strict=True)
        ]

    def __repr__(self) -> str:
        rows = self._rows()
        wide = [max(len(row[column]) for row in rows) for column in range(2)]
        lines = [f"  {a:<{wide[0]}}  {b:<{wide[1]}}  {c}" for a, b, c in rows]
        return "\n".join([self.heading, *lines])

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr{_data(task=task, state=result.state)}><td><code>{escape(task)}</code></td>"
            f"<td>{escape(title)}</td><td>{escape(state)}</td></tr>"
            for result, (task, title, state) in zip(self.results, self._rows(), strict=True)
        )
        return _box("note", self.heading, f"<table>{cells}</table>", exercise=self.exercise)


class CourseCheckError(Exception):
    """An error whose message says all there is to say: notebooks show it without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class CheckFailed(CourseCheckError):
    """A check that did not come out right, in strict mode."""
