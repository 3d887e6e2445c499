"""Begin an exercise, and see what it says to wrong answers.

    python -m tools.exercise new 08_dropout            its notebooks, its task file, its contents
    python -m tools.exercise try 02_hidden_bias        each slip, and what it is told
    python -m tools.exercise try 02_hidden_bias dW2    of one task
    python -m tools.exercise try 02_hidden_bias dW2 --answer mine.py     what this answer is told

What `new` writes is a small exercise that works: one task, two slips. CONTRIBUTING says how to go
on. `try` ends with 1 if a slip is not met by its own sentence.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from book import ROOT
from book.exercise_files import write
from book.exercises import METADATA, text_of, texts
from coursecheck.edits import Source
from coursecheck.exercises import NAMES, load_open
from coursecheck.form import Task
from coursecheck.judge import Judge

NAME = re.compile(r"(\d\d)_[a-z][a-z0-9_]*")
PARTS = ("exercises", "solutions")

TASK_FILE = '''"""Slips of exercise {number}."""

from coursecheck.form import Output, Slip, Task

TITLE = "Exercise {number}"

TASKS = (
    Task(
        "size",
        "A. How large is it?",
        "n d",
        (Output("numbers", "Numbers in X", "count"),),
        hints=(
            "What is there once for every example?",
            "Every example is a row, and every input has a column.",
        ),
        slips=(
            Slip("one_example", "n * d => d", "this is right for one example. There are more."),
            Slip("added", "n * d => n + d", "these are the sides. How many entries lie between?"),
        ),
    ),
)
'''
CELLS = (
    ("markdown", "title", "# Solution {number}: {title}\n\nWhat is asked, in a sentence.", []),
    ("markdown", "why", "The answers, each with the reason why.", ["solution-only"]),
    ("markdown", "how-it-works",
     "**How it works.** Replace each blank `...` by your answer and run the cell.",
     ["exercise-only", "remove-cell"]),
    ("code", "setup", "from coursecheck import exercise\n\nex = exercise(\"{name}\")", []),
    ("markdown", "size-task",
     "## A. How large is it?\n\n**Task `size`.** `X` has `n` examples in rows, with `d` inputs "
     "each. How many numbers does it have?", []),
    ("code", "size",
     'def size(n, d):\n    return n * d  # SOLUTION\n\n\nex.check("size", size)', []),
    ("code", "size-hints",
     '# ex.hint("size", 1)\n# ex.hint("size", 2)\n# ex.solution("size")',
     ["exercise-only", "remove-cell"]),
    ("markdown", "size-why", "A row for every example, a column for every input.",
     ["solution-only"]),
    ("code", "board", "ex.board()", []),
)  # fmt: skip


class Refused(Exception):
    """The message is a sentence for whoever typed the command."""


def new(name: str, title: str, root: Path = ROOT) -> list[Path]:
    """Write everything that a new exercise consists of; returns what was written or changed."""
    match = NAME.fullmatch(name)
    if not match:
        raise Refused(f"{name!r}: expected two digits, _ and small letters, such as 08_dropout")
    number = int(match[1])
    files = [root / "solutions" / f"{name}.ipynb", root / f"coursecheck/exercises/e{name}.py"]
    taken = [path.stem for path in (root / "solutions").glob(f"{match[1]}_*.ipynb")]
    if taken or any(path.exists() for path in files):
        raise Refused(f"{name}: exercise {number} is there already, as {', '.join(taken) or name}")
    words = {"number": number, "name": name, "title": title}
    make = {"markdown": new_markdown_cell, "code": new_code_cell}
    cells = [
        make[kind](text.format(**words), id=key, metadata={"tags": tags} if tags else {})
        for kind, key, text, tags in CELLS
    ]
    solution = new_notebook(cells=cells, metadata=METADATA)
    solution.nbformat_minor = 5
    nbformat.validate(solution)
    files[0].write_text(text_of(solution), encoding="utf-8")
    files[1].write_text(TASK_FILE.format(**words), encoding="utf-8")
    contents = root / "_toc.yml"
    contents.write_text(listed(contents.read_text(encoding="utf-8"), name), encoding="utf-8")
    write(root, texts(root / "solutions"))
    return [*files, root / "exercises" / f"{name}.ipynb", contents]


def listed(contents: str, name: str) -> str:
    """The table of contents with the exercise and its solution at the end of their parts."""
    for part in PARTS:
        last = [line for line in contents.splitlines() if f"- file: {part}/" in line][-1]
        contents = contents.replace(
            last, last + re.sub(rf"{part}/.*", f"{part}/{name}", "\n" + last)
        )
    return contents


def sources(name: str, key: str | None) -> list[tuple[Task, Source]]:
    if name not in NAMES:
        raise Refused(f"{name}: no such exercise; there are {', '.join(NAMES)}")
    exercise = load_open(name)
    if key is not None and exercise.task(key) is None:
        known = ", ".join(task.key for task in exercise.tasks)
        raise Refused(f"{name} has no task {key}; its tasks are {known}")
    return [(task, exercise.source(task.key)) for task in exercise.tasks if key in (None, task.key)]


def try_slips(name: str, key: str | None) -> Counter[str]:
    """Print what each slip is told; counts by what became of it."""
    counts: Counter[str] = Counter()
    for task, source in sources(name, key):
        judge = Judge(source)
        print(f"\n{task.key}: {task.title}")
        for form in source.forms:
            result = judge(source.answer(form.text))
            own = set(result.reasons) == {form.slip.key}
            became = "its own sentence" if own else "a general one" if result.general else "another"
            counts[became] += 1
            print(f"  {'✓' if own else '✗'} {form.slip.key}")
            print(*(f"      {line}" for line in result.lines), sep="\n")
    print("\n" + ", ".join(f"{count} told {became}" for became, count in counts.items()))
    return counts


def try_answer(name: str, key: str, path: Path) -> bool:
    """Print what the answer in a file is told; whether it is right."""
    ((task, source),) = sources(name, key)
    try:
        text = path.read_text(encoding="utf-8")
        compile(text, str(path), "exec")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(
            f"{path}: expected a Python file, {getattr(error, 'strerror', error)}"
        ) from None
    except (SyntaxError, ValueError) as error:
        raise Refused(
            f"{path}: expected Python, line {getattr(error, 'lineno', '?')}: {error}"
        ) from None
    try:
        answer = source.answer(text)
    except KeyError as error:
        raise Refused(f"{path}: expected it to define {key}, found no {error}") from None
    except Exception as error:  # whatever the file does when it is run
        raise Refused(f"{path}: running it stopped with {type(error).__name__}: {error}") from None
    result = Judge(source)(answer)
    right = result.state == "right"
    print(*(["right"] if right else result.lines), sep="\n")
    return right


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.exercise", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True)
    begin = commands.add_parser("new", help="begin an exercise")
    begin.add_argument("name", metavar="NN_NAME")
    begin.add_argument("--title", default="A title", help="of its pages")
    look = commands.add_parser("try", help="what wrong answers are told")
    look.add_argument("name", metavar="NAME")
    look.add_argument("task", nargs="?")
    look.add_argument("--answer", type=Path, metavar="FILE", help="Python that answers the task")
    asked = parser.parse_args(arguments)
    try:
        if asked.command == "new":
            for path in new(asked.name, asked.title, root):
                print(path.relative_to(root).as_posix())
            return 0
        if asked.answer is None:
            counts = try_slips(asked.name, asked.task)
            return 0 if counts.keys() <= {"its own sentence"} else 1
        if asked.task is None:
            raise Refused("--answer: expected a task beside the exercise, such as dW2")
        return 0 if try_answer(asked.name, asked.task, asked.answer) else 1
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
