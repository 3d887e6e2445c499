"""Prints of values: two numbers an array, by which it is known again, and which add up as it does.

A bank is full of values, and an answer is compared with all of them. Two weighted sums of an array
are enough to tell it from others, for the weights are drawn at random; and a sum of arrays, or a
multiple, has the sum or the multiple of their prints. So a bank that keeps its answers to itself
(`sealed`) holds prints only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

TOLERANCE = 1e-9
SUMS = 2  # weighted sums of each array


@dataclass(frozen=True, eq=False)
class Print:
    """Of a column (an output's values, one per draw).

    shapes  of the values
    sums    draws × SUMS: the weighted sums
    scale   one per draw: the largest entry, by its size, or 1
    """

    shapes: tuple[tuple[int, ...], ...]
    sums: np.ndarray
    scale: np.ndarray

    def is_like(self, other: Print) -> bool:
        """Whether the columns are the same up to rounding of the other's largest entries."""
        return self.shapes == other.shapes and bool(
            (np.abs(self.sums - other.sums) <= TOLERANCE * other.scale[:, None]).all()
        )


@cache
def _weights(size: int) -> np.ndarray:
    """Positive and negative weights, size × SUMS; the sizes of each sum's add up to 1."""
    if size == 1:
        return np.ones((1, SUMS))
    rng = np.random.default_rng(size)
    found = rng.uniform(0.5, 1, (size, SUMS)) * rng.choice([-1, 1], (size, SUMS))
    return found / np.abs(found).sum(axis=0)


def of_column(column: Sequence[np.ndarray]) -> Print:
    """The print of a column of finite numbers."""
    return Print(
        tuple(value.shape for value in column),
        np.array([value.ravel() @ _weights(value.size) for value in column]),
        np.array([np.max(np.abs(value), initial=0.0) or 1.0 for value in column]),
    )


def of_all(column: Sequence[np.ndarray]) -> Print:
    """The print of a column as one array, for what is only looked up."""
    return of_column([np.concatenate([value.ravel() for value in column])])
