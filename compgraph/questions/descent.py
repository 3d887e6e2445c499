"""Ways down: minimisers that use first and second derivatives, as endless walks of points.

Each function yields its start and then one point an iteration; `until` decides when to stop. SciPy
has the methods that never hold the matrix, Newton-CG and L-BFGS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

Function = Callable[[np.ndarray], np.ndarray]


def gradient_descent(gradient: Function, start: np.ndarray, rate: float) -> Iterator[np.ndarray]:
    """w ← w − rate ∇J(w)."""
    w = start
    while True:
        yield w
        w = w - rate * gradient(w)


def newton(gradient: Function, curvature: Function, start: np.ndarray) -> Iterator[np.ndarray]:
    """w ← w − H(w)⁻¹ ∇J(w): to the point where the quadratic model is level.

    That point is the model's minimum only if H is positive definite. Else it is a saddle or a
    maximum, and Newton goes there all the same. The walk ends where H is singular.
    """
    w = start
    while True:
        yield w
        try:
            w = w - np.linalg.solve(curvature(w), gradient(w))
        except np.linalg.LinAlgError:
            return


def damped_newton(
    value: Function,
    gradient: Function,
    curvature: Function,
    start: np.ndarray,
    damping: float = 1e-2,
) -> Iterator[np.ndarray]:
    """w ← w − (C(w) + μI)⁻¹ ∇J(w), with μ as large as it takes for J to fall.

    With the Hessian as C this is damped Newton; with the Gauss–Newton matrix it is the method of
    Levenberg and Marquardt. μ starts at `damping`, falls to a third after a step that was taken at
    once, and is multiplied by four where C + μI is not positive definite or J would not fall
    (Nocedal and Wright, Numerical Optimization, chapters 3.4 and 10.3). The walk ends where no step
    is long enough to change w.
    """
    w = start
    while True:
        yield w
        g, c, here, first = gradient(w), curvature(w), value(w), True
        while True:
            step = _downhill(c + damping * np.eye(len(w)), g)
            if step is not None and value(w + step) < here:
                break
            if step is not None and np.array_equal(w + step, w):
                return
            damping, first = 4 * damping, False
        w = w + step
        if first:
            damping /= 3


def _downhill(c: np.ndarray, g: np.ndarray) -> np.ndarray | None:
    """−C⁻¹ g if C is positive definite, else None."""
    try:
        lower = np.linalg.cholesky(c)
    except np.linalg.LinAlgError:
        return None
    return -np.linalg.solve(lower.T, np.linalg.solve(lower, g))


def until(
    walk: Iterator[np.ndarray], gradient: Function, tolerance: float, limit: int
) -> np.ndarray:
    """The points of `walk`, one a row, up to the first with ‖∇J‖ ≤ tolerance.

    The walk also stops after `limit` iterations, and at a point that is no longer finite.
    """
    points = []
    for iteration, w in enumerate(walk):
        points.append(w)
        if iteration == limit or not np.linalg.norm(gradient(w)) > tolerance:
            break
    return np.array(points)
