"""Derivatives by experiment: nudge one element of x at a time and see what f does.

They know nothing of graphs and rules, so they can judge both. Chapter 1 derives them, measures
their errors and shows what breaks them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from . import checks


def central_difference(
    f: Callable[[np.ndarray], np.ndarray | float], x: np.ndarray, eps: float = 1e-5
) -> np.ndarray:
    """∂f/∂x by (f(x + εe) − f(x − εe)) / 2ε, element by element.

    Parameters
    ----------
    f : function of one array; it is called twice per element of x, each time with a new array.
    x : real array; integers become float64.
    eps : ε. The error is about ε² (truncation) plus 1e-16/ε (rounding), least near 1e-5.

    Returns
    -------
    array of shape ``f(x).shape + x.shape``: x's own shape when f is a scalar.

    Raises
    ------
    TypeError : if x or f(x) is complex.
    ValueError : if eps is not positive, or so small that it does not change an element of x.
    """
    x = _real(x)
    checks.number("eps", eps)
    if np.any(x + eps == x) or np.any(x - eps == x):
        raise ValueError(
            f"eps = {eps:g} is too small: adding it to an element of x changes nothing"
        )

    def along(index: tuple[int, ...]) -> np.ndarray:
        plus, minus = x.copy(), x.copy()
        plus[index] += eps
        minus[index] -= eps
        difference = np.asarray(f(plus)) - np.asarray(f(minus))
        if np.iscomplexobj(difference):
            raise TypeError("f returned a complex value for a real x")
        return difference / (2 * eps)

    return _stacked(along, x)


def complex_step(
    f: Callable[[np.ndarray], np.ndarray | complex], x: np.ndarray, step: float = 1e-30
) -> np.ndarray:
    """∂f/∂x by Im f(x + i·step·e) / step, element by element: no subtraction, so no cancellation.

    Squire and Trapp (1998), doi:10.1137/S003614459631241X.

    Parameters
    ----------
    f : function of one array, analytic near x, called once per element of x with a new complex
        array. Use ``.T`` and not ``.conj().T``, ``A * A`` and not ``abs(A) ** 2``; ``np.maximum``
        and comparisons must look at ``.real`` alone.
    x : real array; integers become float64.

    Returns
    -------
    array of shape ``f(x).shape + x.shape``: x's own shape when f is a scalar.

    Raises
    ------
    TypeError : if x is complex, or if f(x) is real although x has an imaginary part.
    ValueError : if step is not positive.
    """
    x = _real(x)
    checks.number("step", step)

    def along(index: tuple[int, ...]) -> np.ndarray:
        nudged = x.astype(np.result_type(x, np.complex64))
        nudged[index] += 1j * step
        value = np.asarray(f(nudged))
        if not np.iscomplexobj(value):
            raise TypeError(
                "f returned a real value for a complex x: something in it, such as abs, .real or "
                "a norm, drops the imaginary part, which is the derivative"
            )
        return value.imag / step

    return _stacked(along, x)


def _real(x: ArrayLike) -> np.ndarray:
    x = np.asarray(x)
    if x.dtype.kind not in "fiu":
        raise TypeError(f"x is a real array, got dtype {x.dtype}")
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def _stacked(along: Callable[[tuple[int, ...]], np.ndarray], x: np.ndarray) -> np.ndarray:
    """The derivatives along every element of x; x's axes come last."""
    columns = [along(index) for index in np.ndindex(x.shape)]
    return np.stack(columns, axis=-1).reshape(columns[0].shape + x.shape)
