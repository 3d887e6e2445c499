"""Cells run one by one, in a process of their own: names and remarks come of it. No judge here."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from coursecheck.cells import Cell, LeftOut, Unreadable, parse
from coursecheck.messages import NOTES, say
from coursecheck.runner import TimeUp, brief, deadline, met_a_blank, quiet, spot, where


def filename_of(notebook: str, number: int) -> str:
    """How a traceback calls a cell."""
    return f"<{notebook}, code cell {number}>"


def run_cells(
    notebook: str,
    cells: list[str],
    keys: Iterable[str],
    seconds: float,
    skipped: Iterable[int] = (),
    begins: Callable[[int], None] = lambda number: None,
) -> tuple[dict[str, object], list[str]]:
    """The names that the cells define, and remarks on those that did not run to their end.

    Cells after the last one that defines one of `keys` are not run, nor those in `skipped`.
    `begins` is told the number of a cell before it is read and before it is run.
    """
    names: dict[str, object] = {"__name__": "__main__", "display": lambda *_, **__: None}
    remarks: list[str] = []
    parsed: list[tuple[int, Cell]] = []
    for number, source in enumerate(cells, start=1):
        if number in skipped:
            continue
        begins(number)
        try:
            parsed.append((number, parse(source, filename_of(notebook, number))))
        except LeftOut as other:
            remarks.append(say(NOTES["cell_magic"], cell=number, magic=other.magic))
        except Unreadable as found:
            remarks.append(_unreadable(number, found))
    wanted = set(keys)
    last = max(
        (i for i, (_, cell) in enumerate(parsed) if _defined(cell.tree) & wanted), default=-1
    )
    for number, cell in parsed[: last + 1]:
        begins(number)
        if remark := _run_cell(number, cell, names, seconds):
            remarks.append(remark)
    return names, remarks


def _unreadable(number: int, found: Unreadable) -> str:
    if found.sentence:
        return say(NOTES["cell_foreign"], cell=number, sentence=found.sentence)
    deep = isinstance(found.error, (MemoryError, RecursionError))
    text = say(NOTES["nested"]) if deep else brief(found.error).split(" (<")[0]
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


def _run_cell(number: int, cell: Cell, names: dict, seconds: float) -> str | None:
    """Run one cell; a remark if it did not come to its end."""
    with quiet():
        try:
            with deadline(seconds, cell.filename):
                cell.run(names, show=lambda value: None)
        except TimeUp as stop:
            at = spot(stop.filename, stop.line)
            return say(NOTES["cell_endless"], cell=number, seconds=seconds, where=at)
        except BaseException as error:
            error = speakable(error)
            if met_a_blank(error, cell.filename):
                return None  # its task says so
            fields = {"kind": type(error).__name__, "error": brief(error)}
            at = where(error, cell.filename)
            return say(NOTES["cell_exception"], cell=number, where=at, **fields)
    return None


def speakable(error: BaseException) -> BaseException:
    """The error; or one of the same name that says nothing, if it fails to say what it is."""
    try:
        str(error)
    except BaseException:
        silent = type(type(error).__name__, (Exception,), {})()
        return silent.with_traceback(error.__traceback__)
    return error
