"""For every numbered equation: values for its letters, and what judges say of what it defines.

A case holds the values that the printed equation is run with, and what has to come out: for each
name that it defines, the value by a judge of another kind (torch's automatic differentiation or its
optimizer, a count while something runs, an enumeration, a number of a paper). A statement that
defines no name is called "(1)", "(2)" … or by the words before its colon. No two sizes are alike,
and none is 1 where the equation allows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch


@dataclass(frozen=True)
class Case:
    """Values by name, what is judged by name, and which line alone is run, if not all."""

    values: Mapping[str, Any]
    judged: Mapping[str, Any]
    line: int | None = None


Cases = dict[str, list[Case]]


def t(array) -> torch.Tensor:
    return torch.tensor(np.asarray(array))


def array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().numpy()


def gradient(function: Callable[[torch.Tensor], torch.Tensor], at: np.ndarray) -> np.ndarray:
    """∂ function/∂ at by torch."""
    x = t(at).requires_grad_()
    function(x).backward()
    return array(x.grad)


def slope(Z):
    return 1 - np.tanh(Z) ** 2


def bend(Z):
    return -2 * np.tanh(Z) * (1 - np.tanh(Z) ** 2)


PHI = {"φ": np.tanh, "φ'": slope, "φ''": bend}


@cache
def all_cases() -> Cases:
    from . import chapter1, chapter2, chapter3, chapter4, chapter5

    found: Cases = {}
    for chapter in (chapter1, chapter2, chapter3, chapter4, chapter5):
        found |= chapter.cases()
    return found
