"""Cells run one by one, in a process of their own: names and remarks come of it. No judge here."""

from __future__ import annotations

import ast
import linecache
import re
from collections.abc import Callable, Iterable

from coursecheck.messages import NOTES, say
from coursecheck.runner import TimeUp, brief, deadline, met_a_blank, quiet, where

# Cell magics that run the cell as it is.
RUNNING = {"%%capture", "%%prun", "%%time", "%%timeit"}

_MAGIC = re.compile(r"(?P<indent>\s*)([%!?]|[\w.]+\?+\s*$|\w+\s*=\s*[%!])")


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
    parsed: list[tuple[int, str, ast.Module]] = []
    for number, source in enumerate(cells, start=1):
        if number in skipped:
            continue
        begins(number)
        magic = _cell_magic(source)
        if magic and magic not in RUNNING:
            remarks.append(say(NOTES["cell_magic"], cell=number, magic=magic))
            continue
        filename = filename_of(notebook, number)
        try:
            source = _without_magics(source)
            parsed.append((number, filename, ast.parse(source, filename)))
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            line = getattr(error, "lineno", None) or 1
            deep = isinstance(error, (MemoryError, RecursionError))
            text = say(NOTES["nested"]) if deep else brief(error).split(" (<")[0]
            remarks.append(say(NOTES["cell_syntax"], cell=number, line=line, error=text))
            continue
        linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    last = max((i for i, (*_, tree) in enumerate(parsed) if _defined(tree) & set(keys)), default=-1)
    for number, filename, tree in parsed[: last + 1]:
        begins(number)
        if remark := _run_cell(number, filename, tree, names, seconds):
            remarks.append(remark)
    return names, remarks


def _without_magics(source: str) -> str:
    """The source with IPython's own lines emptied."""
    try:
        ast.parse(source)
    except SyntaxError:
        return "".join(
            f"{found['indent']}pass\n" if (found := _MAGIC.match(line)) else line
            for line in source.splitlines(True)
        )
    return source


def _cell_magic(source: str) -> str:
    """The magic that the cell starts with, such as `%%bash`, or nothing."""
    found = re.match(r"\s*(%%\S+)", source)
    return found[1] if found else ""


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


def _run_cell(
    number: int, filename: str, tree: ast.Module, names: dict, seconds: float
) -> str | None:
    """Run one cell; a remark if it did not come to its end."""
    with quiet():
        try:
            with deadline(seconds):
                exec(compile(tree, filename, "exec"), names)
        except TimeUp as stop:
            fields = {"cell": number, "seconds": seconds, "where": where(stop, filename)}
            return say(NOTES["cell_endless"], **fields)
        except BaseException as error:
            error = speakable(error)
            if met_a_blank(error):
                return None  # its task says so
            fields = {"kind": type(error).__name__, "error": brief(error)}
            at = where(error, filename)
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
