"""What every function here asks of its arguments: sizes, shapes, numbers, choices; a sentence each.

A size is a positive integer of Python's or NumPy's, and comes back as Python's, which does not
overflow. True and False are no numbers. Each error says what was expected, and what came instead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from math import inf
from typing import TypeVar

import numpy as np

Name = TypeVar("Name", bound=str | None)


def _is_size(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and int(value) > 0


def size(what: str, value: int) -> int:
    """`value`, if it is a positive integer.

    Raises
    ------
    ValueError : otherwise. It begins with `what`.
    """
    if not _is_size(value):
        raise ValueError(f"{what}: expected a positive integer, got {value!r}")
    return int(value)


def sizes(**values: int) -> dict[str, int]:
    """The same for several sizes by name: the error begins with ``size d``."""
    return {name: size(f"size {name}", value) for name, value in values.items()}


def shape(what: str, lengths: int | Iterable[int]) -> tuple[int, ...]:
    """`lengths` as a tuple of sizes; a size alone is the shape of a vector.

    Raises
    ------
    ValueError : if one of them is no size. It begins with `what`.
    """
    found = tuple(lengths) if isinstance(lengths, Iterable) else (lengths,)
    if not all(map(_is_size, found)):
        raise ValueError(f"{what}: a shape is a tuple of positive integers, got {lengths!r}")
    return tuple(map(int, found))


def number(what: str, value: float, *, or_zero: bool = False) -> float:
    """`value`, if it is a positive finite number, or zero where that is allowed.

    Raises
    ------
    ValueError : otherwise. It begins with `what`.
    """
    real = isinstance(value, int | float | np.integer | np.floating)
    if not real or isinstance(value, bool) or not (0 < value < inf or (or_zero and value == 0)):
        expected = "a number ≥ 0" if or_zero else "a positive number"
        raise ValueError(f"{what}: expected {expected}, got {value!r}")
    return value


def choice(what: str, value: Name, allowed: Collection[Name]) -> Name:
    """`value`, if it is one of the names in `allowed`, which may hold None too.

    Raises
    ------
    ValueError : otherwise. It begins with `what` and lists the names.
    """
    # by type, too: a NumPy dtype equals its name, and is no key of a table
    if not isinstance(value, str | None) or value not in allowed:
        raise ValueError(f"{what} is one of {', '.join(map(repr, allowed))}; got {value!r}")
    return value
