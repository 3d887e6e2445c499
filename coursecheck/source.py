"""The learner's source: which files are theirs, what stands at a line, IPython's own lines."""

from __future__ import annotations

import ast
import linecache
import os
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from coursecheck.messages import PIECES, say

#: what lies beside this package in a checkout; where it is installed, all are in site-packages
_BOOK = ("compgraph", "coursecheck", "ledger", "measure", "parallel", "book", "tools")
_HERE = os.path.dirname(__file__)
_NOT_THEIRS = tuple(
    os.path.join(os.path.abspath(folder), "")
    for folder in (
        os.path.dirname(os.__file__),
        *(os.path.join(_HERE, os.pardir, name) for name in _BOOK),
    )
)
# what is installed, and Python's library where it is an archive, as in the page
_PACKAGES = re.compile(r"[\\/]((site|dist)-packages|python\d+\.zip)[\\/]")
# a cell of the page, of a notebook on the command line, of IPython; a line at Python's prompt
_CELL = re.compile(r"<(cell .*|.*, code cell \d+|i?python-input-.*|ipykernel.*|stdin)>", re.S)


@lru_cache(maxsize=4096)
def own(filename: str) -> bool:
    """Whether code of this file is the learner's: a cell, or a module of theirs.

    Python's library, what is installed, what is frozen or made by `exec` and the book's packages
    are not. (An answer made by `exec` is the learner's all the same: who calls it knows its file.)
    """
    if filename.startswith("<"):
        return _CELL.fullmatch(filename) is not None
    path = os.path.abspath(filename)
    return not path.startswith(_NOT_THEIRS) and _PACKAGES.search(path) is None


# --- what stands at a line ------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _tree(text: str) -> ast.Module | None:
    try:
        return plain(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def tree(filename: str) -> ast.Module | None:
    """The file's source, parsed; None where it is not known."""
    return _tree("".join(linecache.getlines(filename)) or "(")


def _covers(node: ast.AST, line: int) -> bool:
    return getattr(node, "lineno", line + 1) <= line <= (getattr(node, "end_lineno", None) or 0)


def in_a_loop(filename: str, line: int) -> bool | None:
    """Whether the line is in a loop of its own function or cell; None where it is not known."""
    module = tree(filename)
    if module is None:
        return None
    scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    loops = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp)
    covering = [node for node in ast.walk(module) if _covers(node, line)]  # from the outside in
    found = False
    for node in covering:
        if isinstance(node, scopes) and not isinstance(node, ast.Lambda):
            found = False
        elif isinstance(node, (*loops, ast.GeneratorExp)):
            found = found or not _covers_only_else(node, line)
    return found


def _covers_only_else(node: ast.AST, line: int) -> bool:
    """What stands in a loop's `else` runs once."""
    return any(_covers(statement, line) for statement in getattr(node, "orelse", []))


def at(filename: str, line: int) -> list[ast.expr]:
    """The expressions of the statement at this line; of a compound statement, its head's."""
    module = tree(filename)
    if module is None:
        return []
    covering = [n for n in ast.walk(module) if isinstance(n, ast.stmt) and _covers(n, line)]
    if not covering:
        return []
    return [node for node in ast.iter_child_nodes(covering[-1]) if isinstance(node, ast.expr)]


def entries(expressions: list[ast.expr]) -> Iterator[ast.AST]:
    """Every node in them, those inside an index left out: `a[..., 0]` is no blank."""
    queue: list[ast.AST] = list(expressions)
    while queue:
        node = queue.pop()
        yield node
        queue += [node.value] if isinstance(node, ast.Subscript) else ast.iter_child_nodes(node)


# --- IPython's own lines --------------------------------------------------------------------------

_MAGIC = re.compile(r"(?P<indent>\s*)([%!?]|[\w.]+\?+\s*$|[\w, ]+=\s*[%!])")
#: `%time x = 1` runs what follows it, in the names of the notebook
_RUNNING_LINE = re.compile(r"(?P<indent>\s*)%time(?=\s)[ \t]*(?P<rest>\S.*)", re.S)


def plain(source: str, filename: str = "<cell>") -> ast.Module:
    """The source, parsed, where IPython's own lines do nothing, or what follows `%time`.

    A line is IPython's only where Python cannot read it: a string may hold what looks like one.
    """
    lines = source.splitlines(True)
    while True:
        try:
            return ast.parse("".join(lines), filename)
        except SyntaxError as error:
            number = (error.lineno or 0) - 1
            line = lines[number] if 0 <= number < len(lines) else ""
            if not (found := _MAGIC.match(line)):
                raise
            running = _RUNNING_LINE.match(line)
            end = "\n" if line.endswith("\n") else ""
            lines[number] = (
                running["indent"] + running["rest"] if running else found["indent"] + "pass" + end
            )


# --- characters that are not Python's -------------------------------------------------------------

_TYPED = {
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "。": ".", "、": ",", "【": "[", "】": "]",
    "「": '"', "」": '"', "《": "<", "》": ">", "—": "-", "–": "-", "−": "-", "×": "*", "·": "*",
    "÷": "/", "≤": "<=", "≥": ">=", "≠": "!=", "…": "...", "←": "=",
}  # fmt: skip
_NAMED = re.compile(r"\(?U\+([0-9A-F]{4,6})\)?")


def _meant(character: str) -> str:
    """What Python has in the character's place, or nothing."""
    if character in _TYPED:
        return _TYPED[character]
    ordinary = unicodedata.normalize("NFKC", character)
    return ordinary if ordinary.isascii() and ordinary != character else ""


def foreign(error: SyntaxError, source: str) -> str:
    """What to type for a character like `（` for which the source does not compile, or nothing."""
    lines = source.splitlines()
    row, column = (error.lineno or 1), (error.offset or 1)
    if not 1 <= row <= len(lines):
        return ""
    text = lines[row - 1]
    if named := _NAMED.search(error.msg or ""):
        wanted = chr(int(named[1], 16))
    elif (error.msg or "").startswith("unterminated"):  # "begun so, ended otherwise”
        quote = text[column - 1 : column]
        ends = [c for c in text[column:] if _meant(c) == quote]
        wanted = ends[-1] if quote and ends else ""
    elif (error.msg or "").endswith(" literal"):  # early 3.11 stops at the number before `）`
        wanted = text[column : column + 1]
    else:
        return ""
    if not wanted or not _meant(wanted):
        return ""
    if text[column - 1 : column] != wanted:  # Python 3.11 counts otherwise inside an f-string
        if wanted not in text:
            return ""
        column = text.rindex(wanted) + 1
    if wanted.isspace():
        return say(PIECES["wide_space"], line=row, column=column, code=f"U+{ord(wanted):04X}")
    fields = {"line": row, "column": column, "got": wanted, "typed": _meant(wanted)}
    return say(PIECES["wide_character"], **fields)
