"""Printed equations, run: a numbered equation's LaTeX is read and computed with NumPy.

    equations(notebook)     label -> LaTeX of every numbered equation
    run(latex, values)      name -> value of everything that the equation defines
    symbols(latex)          which names stand in it, and where

A subscript is part of the name, as in W_1, unless it is an index: bound by a sum, or free on the
left-hand side. A name without a value is defined, so the next line can use it; ← defines it anew.
Where an equation has two sides that can be computed, they must agree. `reading` has the grammar,
`computing` what the fonts and operators demand. What is wrong is a `Misprint`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from .computing import Drawn, Identity, Symbols, Unknown, indices_run, matched, printed_as, value
from .reading import Misprint, Node, Parser, words_of

__all__ = [
    "Drawn", "Misprint", "Unknown", "agree", "equations", "numbered", "run", "skipped", "symbols",
]  # fmt: skip

_LABELLED = re.compile(r"^\$\$\n((?:(?!^\$\$).)*)^\$\$[ \t]*\(([\w-]+)\)", re.M | re.S)


def equations(notebook: str | Path) -> dict[str, str]:
    """The LaTeX of every numbered equation of a notebook, by its label, in order."""
    return numbered(json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"])


def numbered(cells: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The same of a notebook's cells."""
    texts = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return {label: latex.strip() for text in texts for latex, label in _LABELLED.findall(text)}


def skipped(latex: str, values: Symbols) -> list[str]:
    """The words and notes of an equation that carry no value."""
    return _read(latex, values)[0].skipped


def symbols(latex: str, values: Symbols) -> list[tuple[str, int, int]]:
    """(name, where it begins, where it ends) for each name of an equation, in its order."""
    return sorted(_read(latex, values)[0].names, key=lambda name: name[1:])


def _read(latex: str, values: Symbols) -> tuple[Parser, list[tuple[str, list[Node], bool]]]:
    words, notes = words_of(latex)
    parser = Parser(words, values, notes)
    statements = enumerate(parser.statements(), 1)
    return parser, [(label or f"({i})", sides, step) for i, (label, sides, step) in statements]


def agree(a: Any, b: Any, tolerance: float = 1e-9) -> bool:
    """Whether two values have one shape and differ by no more than rounding."""
    a, b = (np.asarray(side, float) for side in matched(a, b))
    if a.ndim == 1 or b.ndim == 1:  # (…, …, …): all parameters in one row
        a, b = a.ravel(), b.ravel()
    return a.shape == b.shape and bool(np.all(np.abs(a - b) <= tolerance * (1 + np.abs(a))))


def run(latex: str, values: Symbols) -> dict[str, Any]:
    """The values of everything that the equation defines; its lines may stand in any order.

    Parameters
    ----------
    latex : an equation as printed.
    values : by name: numbers, matrices, columns (n×1), lists for numbered things, functions.

    Returns
    -------
    name -> value; a statement that defines no name is called by its label, or "(1)", "(2)" …

    Raises
    ------
    Misprint : if it cannot be read, a letter is not what its font says, shapes do not fit, or two
        sides do not agree; `Unknown` if a name has no value.
    """
    env, found = dict(values), {}
    _, waiting = _read(latex, env)
    if not waiting:
        raise Misprint("expected an equation, found nothing")
    while waiting:
        stuck, problem = [], Misprint("")
        for statement in waiting:
            try:
                new = _solve(*statement, env)
            except Unknown as error:
                stuck.append(statement)
                problem = error
            except Misprint as error:
                raise Misprint(f"statement {statement[0]}: {error}") from error
            except (ArithmeticError, LookupError, TypeError, ValueError) as error:
                # from a function that was handed in, or from NumPy
                raise Misprint(
                    f"statement {statement[0]}: could not be computed, {error}"
                ) from error
            else:
                found |= new
                env |= new
        if len(stuck) == len(waiting):
            raise problem
        waiting = stuck
    return found


def _solve(label: str, sides: list[Node], step: bool, env: Mapping[str, Any]) -> dict[str, Any]:
    """What one statement says: {name: value}."""
    targets = [_target(side, env) for side in sides]
    free = targets[0][1] if targets[0] else []
    new = [
        target[0] if target and ((i == 0 and step) or target[0] not in env) else None
        for i, target in enumerate(targets)
    ]
    computed = [side for side, key in zip(sides, new, strict=True) if key is None]
    if not computed:
        raise Unknown(f"expected a value of {' or '.join(map(str, new))}, found none")
    values = [_all_places(side, free, env) if free else value(side, env, {}) for side in computed]
    names = {}
    for target, key in zip(targets, new, strict=True):
        if key and target:
            printed_as(key, None if free else target[2], values[0])
            names[key] = values[0]
    if any(not agree(values[0], other) for other in values[1:]):
        raise Misprint("expected equal sides, found different values")
    return names or {label: values[0]}


def _all_places(side: Node, free: list[str], env: Mapping[str, Any]) -> np.ndarray:
    """The values of a side at all places of its free indices, as one array."""
    spans = indices_run(side, free, env, {})
    places = [value(side, env, dict(zip(free, place, strict=True))) for place in product(*spans)]
    array = np.array(places).reshape(*map(len, spans), *np.shape(places[0]))
    column = np.ndim(places[0]) == 2 and np.shape(places[0])[1] == 1
    return array[..., 0] if column else array


def _target(side: Node, env: Mapping[str, Any]) -> tuple[str, list[str], str | None] | None:
    """(key, free indices, font) if this side is a name, or an entry, that can be given a value."""
    inner, indices = (side[1], side[2]) if side[0] == "index" else (side, [])
    if inner[0] != "name" or inner[1] == "I":
        return None
    free = [i for i in inner[2] + indices if len(i) == 1 and i not in env]
    if len(set(free)) < len(free):  # ℋ_bb: b is no index
        return inner[1] + "_" + "".join(free), [], inner[3]
    fixed = isinstance(env.get(inner[1]), dict)
    rest = "" if fixed else "".join(i for i in inner[2] if i not in free)
    return inner[1] + f"_{rest}" * bool(rest), free, None if side[0] == "index" else inner[3]
