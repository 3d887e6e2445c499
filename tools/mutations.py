"""Small changes to a formula, each of which some test must notice.

Four kinds: a sign turned, a transpose dropped or a product turned round, a factor dropped or
doubled, an index or a bound moved. The rules know the words in which this repository writes its
formulas (`scale`, `mul`, `matmul`, `transpose`, `Tensor`), which is why they are not a library's.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator
from copy import copy
from dataclasses import dataclass, field
from operator import itemgetter

#: what a rule finds in one node of the syntax tree: (part of it, what to write there instead)
Edits = Iterator[tuple[ast.AST, ast.AST]]


@dataclass(frozen=True)
class Mutant:
    """A module with one change.

    Attributes
    ----------
    path : the module's file, relative to the repository.
    kind : one of `RULES`.
    line, column : where the change begins, from 1 as editors count.
    within : the function or method, such as ``Schedule.peak``; empty outside of any.
    was, now : the lines it touches, before and after, joined to one.
    source : the whole changed module.
    """

    path: str
    kind: str
    line: int
    column: int
    within: str
    was: str
    now: str
    source: str = field(repr=False)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What names the mutant for as long as its own lines stay the same."""
        return self.path, self.within, self.was, self.now

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}:{self.column}"
        what = f"{self.kind}, in {self.within}" if self.within else self.kind
        return f"{where} {what}\n    - {self.was}\n    + {self.now}"


def mutants_of(path: str, source: str, skip: Collection[str] = ()) -> list[Mutant]:
    """Every mutant of a module, in the order of the text.

    Annotations, decorators, error messages and f-strings are left alone.

    Parameters
    ----------
    skip : names of functions and module variables that hold no formulas.
    """
    text = source.encode()  # ast counts columns in bytes
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found: dict[bytes, tuple[int, int, Mutant]] = {}  # two rules may write the same
    for node, within in _formulas(ast.parse(source), skip):
        for kind, rule in RULES.items():
            for old, new in rule(node):
                begin = starts[old.lineno - 1] + old.col_offset
                end = starts[old.end_lineno - 1] + old.end_col_offset
                written = _written(old, new)
                changed = text[:begin] + written.encode() + text[end:]
                if changed == text:  # (g, g) turned round
                    continue
                first, last = starts[old.lineno - 1], starts[old.end_lineno]
                grown = len(changed) - len(text)
                column = len(text[first:begin].decode()) + 1
                mutant = Mutant(
                    path, kind, old.lineno, column, within, _joined(text[first:last]),
                    _joined(changed[first : last + grown]), changed.decode(),
                )  # fmt: skip
                found.setdefault(changed, (begin, end, mutant))
    return [mutant for _, _, mutant in sorted(found.values(), key=itemgetter(0, 1))]


def _joined(text: bytes) -> str:
    return " ".join(text.decode().split())


def _written(old: ast.AST, new: ast.AST) -> str:
    """The new part's text, in parentheses where it binds less tightly than what stood there."""
    text = ast.unparse(new)
    return f"({text})" if _tightness(new) < _tightness(old) else text


def _tightness(node: ast.AST) -> int:
    match node:
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return 1
        case ast.BinOp(op=ast.Pow()):
            return 4
        case ast.BinOp():
            return 2
        case ast.UnaryOp():
            return 3
        case ast.Compare() | ast.BoolOp() | ast.IfExp() | ast.Lambda() | ast.stmt():
            return 0
    return 5


def _formulas(
    node: ast.AST, skip: Collection[str], within: str = ""
) -> Iterator[tuple[ast.AST, str]]:
    """The nodes below and where they stand, without those that compute nothing."""
    match node:
        case ast.Raise() | ast.JoinedStr():
            return
        case ast.Assign(targets=[ast.Name(name), *_]) if name in skip:
            return
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            if name in skip:
                return
            within = f"{within}.{name}".lstrip(".")
    yield node, within
    others = [*(old for old, _ in _literals(node)), *_the_rest(node)]
    for name, value in ast.iter_fields(node):
        if name not in ("annotation", "returns", "decorator_list"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and child not in others:
                    yield from _formulas(child, skip, within)


def _the_rest(node: ast.AST) -> list[ast.AST]:
    """The −1 in a.reshape(n, −1): a word and no number."""
    match node:
        case ast.Call(ast.Attribute(attr="reshape"), arguments):
            return [argument for argument in arguments if _number(argument) == -1]
    return []


# --- the rules ------------------------------------------------------------------------------------

_OPPOSITE = {ast.Add: ast.Sub, ast.Sub: ast.Add}
_OPPOSITE_CALL = {"add": "sub", "sub": "add"}
_OTHER_END = {"min": "max", "max": "min"}
_NUMPY_SIGN = {"add": "subtract", "subtract": "add"}
_NEXT_BOUND = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}


def _with(node: ast.AST, **changes) -> ast.AST:
    changed = copy(node)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


def _number(node: ast.AST | None) -> int | float | None:
    """The number that is written here, with its sign; None if this is no number."""
    match node:
        case ast.Constant(int() | float() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as value)):
            return -value
    return None


def signs(node: ast.AST) -> Edits:
    """a + b ↔ a − b, −a → a, and c → −c where a node is scaled by c."""
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _OPPOSITE:
            yield node, _with(node, op=_OPPOSITE[type(op)]())
        case ast.UnaryOp(ast.USub(), operand):
            yield node, operand
        case ast.Call(ast.Name("add" | "sub" as name) as called):
            yield called, ast.Name(_OPPOSITE_CALL[name])
        case ast.Call(ast.Attribute(ast.Name("ops"), "add" | "sub" as name) as called):
            yield called, _with(called, attr=_OPPOSITE_CALL[name])
        case ast.Call(ast.Name("scale"), [_, factor]) if not isinstance(factor, ast.UnaryOp):
            yield factor, ast.UnaryOp(ast.USub(), factor)
        case ast.Attribute(ast.Name("np"), "add" | "subtract" as name):
            yield node, _with(node, attr=_NUMPY_SIGN[name])


def transposes(node: ast.AST) -> Edits:
    """aᵀ → a, and a @ b → b @ a."""
    match node:
        case ast.Call(ast.Name("transpose"), [a]) | ast.Call(ast.Attribute(a, "swapaxes")):
            yield node, a
        case ast.Attribute(a, "T", ast.Load()):
            yield node, a
        case ast.Attribute(ast.Name("np"), "transpose"):
            yield node, _with(node, attr="positive")
        case ast.BinOp(a, ast.MatMult(), b):
            yield node, _with(node, left=b, right=a)
        case ast.Call(ast.Name("matmul"), [a, b]):
            yield node, _with(node, args=[b, a])


def factors(node: ast.AST) -> Edits:
    """c → 2c (0 → 1), a b → a, a / b → a, aᵇ → a; one size fewer in a tensor's axes."""
    match node:
        case ast.Constant(int() | float() as value) if not isinstance(value, bool):
            yield node, ast.Constant(2 * value if value else type(value)(1))
        case ast.BinOp(a, ast.Mult(), b):
            yield node, a if _number(a) is None else b
        case ast.BinOp(a, ast.Div() | ast.FloorDiv() | ast.Pow(), _):
            yield node, a
        case ast.Call(ast.Name("mul" | "div"), [a, _]):
            yield node, a
        case ast.Call(ast.Name("Tensor"), [_, ast.Constant(str() as axes) as old, *_]) if axes:
            yield old, ast.Constant(axes[1:])


def indices(node: ast.AST) -> Edits:
    """a[0] ↔ a[1], axis 0 ↔ 1, one further in a slice, < ↔ ≤, min ↔ max, two values swapped."""
    yield from _literals(node)
    match node:
        case ast.Slice():
            for bound in (node.lower, node.upper):
                if bound is not None and _number(bound) is None:
                    yield bound, ast.BinOp(bound, ast.Add(), ast.Constant(1))
        case ast.Call(ast.Name("min" | "max" as name) as called):
            yield called, ast.Name(_OTHER_END[name])
        case ast.Compare(ops=ops):
            for i, op in enumerate(ops):
                if type(op) in _NEXT_BOUND:
                    moved = [*ops[:i], _NEXT_BOUND[type(op)](), *ops[i + 1 :]]
                    yield node, _with(node, ops=moved)
        case (
            ast.Assign([ast.Tuple(elements) as values], ast.Attribute(attr="args"))
            | ast.Return(ast.Tuple(elements) as values)
            | ast.Lambda(body=ast.Tuple(elements) as values)
        ) if len(elements) > 1:
            *others, a, b = elements
            yield values, _with(values, elts=[*others, b, a])


def _literals(node: ast.AST) -> Edits:
    """Indices that are written as numbers, and their neighbours."""
    match node:
        case ast.Subscript(slice=ast.Tuple(places)):
            pass
        case ast.Subscript(slice=place) | ast.keyword("axis", place):
            places = [place]
        case ast.Slice():
            for bound in (node.lower, node.upper):
                if (at := _number(bound)) is not None:
                    yield bound, ast.Constant(at + 1)
            return
        case _:
            return
    for place in places:
        if (at := _number(place)) is not None:
            yield place, ast.Constant(at - 1 if at > 0 else at + 1)


RULES: dict[str, Callable[[ast.AST], Edits]] = {
    "sign": signs,
    "transpose": transposes,
    "factor": factors,
    "index": indices,
}
