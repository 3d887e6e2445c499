"""A learner's notebook, read and run without a kernel, cell by cell, and judged.

A cell that cannot run is reported and left out; the others still run and every task is judged on
what is there. Cells after the last one that defines an answer are not run.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from coursecheck.cells import Cell, LeftOut, Unreadable, parse
from coursecheck.exercises import NAMES, Exercise, load
from coursecheck.messages import ENGLISH, NOTES, languages, say, speak
from coursecheck.result import Board, CourseCheckError, Result
from coursecheck.runner import TimeUp, brief, deadline, met_a_blank, quiet, spot, where

CELL_SECONDS = 10.0

_CALL = re.compile(
    r"""\bexercise\(\s*["']([^"']*)["']\s*(?:,\s*(?:language\s*=\s*)?["']([^"']*)["']\s*)?,?\s*\)"""
)


@dataclass(frozen=True)
class Report:
    """What came of one notebook: remarks on its cells, and its board."""

    path: str
    remarks: tuple[str, ...]
    board: Board

    def __str__(self) -> str:
        lines = [self.path, *(f"  ! {remark}" for remark in self.remarks), repr(self.board)]
        for result in self.board.results:
            if result.state == "not_yet":
                lines.append(repr(result))
        return "\n".join(lines)


def report(path: str) -> Report:
    """Judge the notebook at `path`. Raises CourseCheckError if there is no such notebook."""
    cells = _cells(path)
    name, language = _asked_for(path, cells)
    exercise = load(name)
    speak(language)
    names, remarks = _run(path, cells, exercise)
    results = tuple(
        exercise.judge(task.key)(names[task.key]) if task.key in names else _absent(task.key)
        for task in exercise.tasks
    )
    titles = tuple(task.title for task in exercise.tasks)
    return Report(path, tuple(remarks), Board(say(exercise.title), results, titles))


def _absent(key: str) -> Result:
    return Result(key, "todo", remarks=(say(NOTES["absent"], task=key),))


def _cells(path: str) -> list[str]:
    """The sources of the notebook's code cells."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")  # some editors put a mark in front
    except FileNotFoundError:
        raise CourseCheckError(say(NOTES["no_file"], path=path)) from None
    except OSError as error:
        raise CourseCheckError(say(NOTES["unreadable"], path=path, error=error.strerror)) from None
    except UnicodeDecodeError as error:
        raise CourseCheckError(say(NOTES["unreadable"], path=path, error=error.reason)) from None
    try:
        cells = json.loads(text)["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError):
        raise CourseCheckError(say(NOTES["not_a_notebook"], path=path)) from None


def _asked_for(path: str, cells: list[str]) -> tuple[str, str]:
    """The exercise that the notebook gives to `exercise(...)`, else the file's own, and the
    language in which it asks for it."""
    asked = [*_CALL.findall("\n".join(cells)), (Path(path).stem, "")]
    for name, language in asked:
        if name in NAMES:
            return name, language if language in languages() else ENGLISH
    raise CourseCheckError(say(NOTES["no_exercise"], path=path, names=", ".join(NAMES)))


def _run(path: str, cells: list[str], exercise: Exercise) -> tuple[dict, list[str]]:
    """The names the notebook defines, and remarks on cells that did not run to their end."""
    names: dict[str, object] = {"__name__": "__main__", "display": lambda *_, **__: None}
    keys = {task.key for task in exercise.tasks}
    remarks: list[str] = []
    parsed: list[tuple[int, Cell]] = []
    for number, source in enumerate(cells, start=1):
        try:
            parsed.append((number, parse(source, f"<{Path(path).name}, code cell {number}>")))
        except LeftOut as other:
            remarks.append(say(NOTES["cell_magic"], cell=number, magic=other.magic))
        except Unreadable as found:
            remarks.append(_unreadable(number, found))
    last = max((i for i, (_, cell) in enumerate(parsed) if _defined(cell.tree) & keys), default=-1)
    with _surroundings(path):
        for number, cell in parsed[: last + 1]:
            if remark := _run_cell(number, cell, names):
                remarks.append(remark)
    return names, remarks


def _unreadable(number: int, found: Unreadable) -> str:
    if found.sentence:
        return say(NOTES["cell_foreign"], cell=number, sentence=found.sentence)
    text = brief(found.error).split(" (<")[0]
    return say(NOTES["cell_syntax"], cell=number, line=found.line, error=text)


def _defined(tree: ast.Module) -> set[str]:
    """The names that a cell defines at its top level."""
    stored = {
        node.id
        for statement in tree.body
        if not isinstance(statement, (ast.FunctionDef, ast.ClassDef))
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return stored | {
        statement.name
        for statement in tree.body
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef))
    }


def _run_cell(number: int, cell: Cell, names: dict) -> str | None:
    """Run one cell; a remark if it did not come to its end."""
    with quiet():
        try:
            with deadline(CELL_SECONDS, cell.filename):
                cell.run(names, show=lambda value: None)
        except TimeUp as stop:
            at = spot(stop.filename, stop.line)
            return say(NOTES["cell_endless"], cell=number, seconds=CELL_SECONDS, where=at)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if met_a_blank(error, cell.filename):
                return None  # its task says so
            fields = {"kind": type(error).__name__, "error": brief(error)}
            at = where(error, cell.filename)
            return say(NOTES["cell_exception"], cell=number, where=at, **fields)
    return None


@contextlib.contextmanager
def _surroundings(path: str) -> Iterator[None]:
    """Run beside the notebook, with no one at the keyboard and strict mode off."""
    before = os.getcwd(), sys.stdin, sys.path[:], os.environ.pop("COURSECHECK_STRICT", None)
    os.chdir(Path(path).resolve().parent)
    sys.path.insert(0, os.getcwd())
    sys.stdin = io.StringIO()
    try:
        yield
    finally:
        os.chdir(before[0])
        sys.stdin, sys.path[:] = before[1], before[2]
        if before[3] is not None:
            os.environ["COURSECHECK_STRICT"] = before[3]
