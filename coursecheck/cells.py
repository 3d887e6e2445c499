"""A cell of a notebook, read and run as Jupyter would: here for the page and the command line."""

from __future__ import annotations

import ast
import linecache
import re
from collections.abc import Callable
from dataclasses import dataclass

from coursecheck.source import foreign, plain

#: cell magics that run the cell as it is
RUNNING = {"%%capture", "%%prun", "%%time", "%%timeit"}

_CELL_MAGIC = re.compile(r"\s*(%%\S+)[^\n]*")


class LeftOut(Exception):
    """A cell that only Jupyter runs, such as one that starts with `%%bash`: see `magic`."""

    def __init__(self, magic: str):
        super().__init__(magic)
        self.magic = magic


class Unreadable(Exception):
    """A cell that Python does not read.

    Attributes
    ----------
    error : what Python says, a SyntaxError or, of a null byte, a ValueError.
    line : where.
    sentence : what is to be typed instead, if a character such as `（` is the cause; else empty.
    """

    def __init__(self, error: Exception, source: str):
        super().__init__(error)
        self.error = error
        syntax = error if isinstance(error, SyntaxError) else SyntaxError(str(error))
        self.line = syntax.lineno or 1
        self.sentence = foreign(syntax, source)


@dataclass(frozen=True)
class Cell:
    """A cell that can be run. `last` is the expression whose value a notebook shows, if any."""

    filename: str
    tree: ast.Module
    last: ast.Expr | None

    def run(self, names: dict[str, object], show: Callable[[object], object]) -> None:
        """Run it with these names; the value of its last expression goes to `show`."""
        body = [statement for statement in self.tree.body if statement is not self.last]
        exec(compile(ast.Module(body, []), self.filename, "exec"), names)
        if self.last is not None:
            value = eval(compile(ast.Expression(self.last.value), self.filename, "eval"), names)
            if value is not None:
                show(value)


def parse(source: str, filename: str) -> Cell:
    """The cell as Python. Raises LeftOut, or Unreadable where Python cannot read it.

    IPython's own lines do nothing, `%time x = 1` does what follows it, and `%%time` runs the cell.
    Its lines are remembered under `filename`, which tells the checker that they are a learner's.
    """
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    code = source
    if magic := _CELL_MAGIC.match(source):
        if magic[1] not in RUNNING:
            raise LeftOut(magic[1])
        code = "\n" * magic[0].count("\n") + source[magic.end() :]
    try:
        tree = plain(code, filename)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise Unreadable(error, source) from error
    last = tree.body[-1] if tree.body else None
    shown = isinstance(last, ast.Expr) and not source.rstrip().endswith(";")
    return Cell(filename, tree, last if shown and isinstance(last, ast.Expr) else None)
