"""Second derivatives in closed form: the Hessian and Gauss–Newton matrix of the book's model.

Every parameter of the model multiplies some input and is added to a sum: W1 multiplies x and b1
multiplies 1 on the way to z, W2 multiplies h on the way to o. So every block of the matrix is made
the same way, from the curvature C between the two sums that the parameters feed and from the two
inputs:

    block = Σ over examples of  C ⊗ input inputᵀ.

With M = ∂²l/∂o², e = ∂l/∂o and D = diag φ′(z), the curvatures are

    C_oo = M,   C_oz = M W2 D,   C_zz = D W2ᵀ M W2 D + diag(φ″(z) ⊙ W2ᵀ e).

One more term joins W2 to the first layer, because h, which W2 multiplies, depends on z itself.
Gauss–Newton leaves out that term and the one with φ″, the two that hold the error e.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .. import checks
from ..ops import TABLE
from .functions import ACTIVATIONS, LOSSES


def hessian(
    X: np.ndarray,
    Y: np.ndarray,
    W1: np.ndarray,
    W2: np.ndarray,
    b1: np.ndarray | None = None,
    *,
    activation: str = "tanh",
    loss: str = "squared",
    weight_decay: float = 0.0,
) -> np.ndarray:
    """The P×P Hessian of J, the mean loss of n examples plus λ/2 (‖W1‖² + ‖W2‖²).

    Parameters
    ----------
    X, Y : n×d inputs and n×q targets, one example a row. Under cross-entropy each row of Y sums
        to one.
    W1, W2 : h×d and q×h weights.
    b1 : h biases of the hidden layer, or None for the model without bias.
    activation : ``"tanh"``, ``"sigmoid"`` or ``"relu"``.
    loss : ``"squared"`` or ``"cross_entropy"``.
    weight_decay : λ. It does not touch b1.

    The P parameters are W1, b1, W2 in this order, each flattened row by row. At ReLU's kink φ′ is
    0, as in torch.

    Raises
    ------
    ValueError : for shapes that do not fit or an unknown name.
    """
    return _assemble(X, Y, W1, W2, b1, activation, loss, weight_decay, exact=True)


def gauss_newton(
    X: np.ndarray,
    Y: np.ndarray,
    W1: np.ndarray,
    W2: np.ndarray,
    b1: np.ndarray | None = None,
    *,
    activation: str = "tanh",
    loss: str = "squared",
    weight_decay: float = 0.0,
) -> np.ndarray:
    """The P×P Gauss–Newton matrix: `hessian` without the terms that hold the error e.

    It is the mean of (∂o/∂w)ᵀ M (∂o/∂w), plus λ on the weights' diagonal: never negative in any
    direction. Parameters, order and errors are those of `hessian`.
    """
    return _assemble(X, Y, W1, W2, b1, activation, loss, weight_decay, exact=False)


def _assemble(
    X: np.ndarray, Y: np.ndarray, W1: np.ndarray, W2: np.ndarray, b1: np.ndarray | None,
    activation: str, loss: str, weight_decay: float, *, exact: bool,
) -> np.ndarray:  # fmt: skip
    checks.choice("activation", activation, ACTIVATIONS)
    checks.choice("loss", loss, LOSSES)
    _check_shapes(X, Y, W1, W2, b1)
    n = len(X)
    h = TABLE[activation].value(X @ W1.T + (0 if b1 is None else b1))
    e, m = (part / n for part in LOSSES[loss].slopes(h @ W2.T, Y))
    phi = ACTIVATIONS[activation]
    slope = phi.first(h)
    oz = (m @ W2) * slope[:, None, :]
    zz = slope[:, :, None] * (W2.T @ oz)
    if exact:
        units = np.arange(len(W1))
        zz[:, units, units] += phi.second(h) * (e @ W2)
    curvature = {"zz": zz, "oz": oz, "oo": m}

    # each parameter by the sum that it feeds and by the input that it multiplies
    feeds = [("z", X), *([] if b1 is None else [("z", np.ones((n, 1), h.dtype))]), ("o", h)]
    ends = np.cumsum([0] + [curvature[to + to].shape[1] * u.shape[1] for to, u in feeds])
    spans = [slice(*pair) for pair in pairwise(ends)]
    result = np.empty((ends[-1], ends[-1]), h.dtype)
    for i, (to, left) in enumerate(feeds):
        for j, (also, right) in enumerate(feeds[: i + 1]):
            _fill(result, spans[i], spans[j], curvature[to + also], left, right)
    if exact:
        for span, (_, inputs) in zip(spans[:-1], feeds[:-1], strict=True):
            _add_through_h(result, spans[-1], span, e, slope, inputs)
    diagonal = result.reshape(-1)[:: len(result) + 1]  # a view
    for span in (spans[0], spans[-1]):
        diagonal[span] += weight_decay
    return result


def _fill(
    result: np.ndarray, rows: slice, cols: slice,
    curvature: np.ndarray, left: np.ndarray, right: np.ndarray,
) -> None:  # fmt: skip
    """Write Σₙ Cₙ ⊗ leftₙ rightₙᵀ into a block, and its transpose into the mirrored block.

    One row k of C at a time, so that all that is ever held beside the result is one strip of it.
    """
    n, count, _ = curvature.shape
    high, wide = left.shape[1], right.shape[1]
    for k in range(count):
        row = curvature[:, k, : k + 1] if rows == cols else curvature[:, k]
        strip = left.T @ (row[:, :, None] * right[:, None, :]).reshape(n, -1)
        here = slice(rows.start + k * high, rows.start + (k + 1) * high)
        there = slice(cols.start, cols.start + row.shape[1] * wide)
        result[here, there] = strip
        result[there, here] = strip.T


def _add_through_h(
    result: np.ndarray, rows: slice, cols: slice,
    e: np.ndarray, slope: np.ndarray, inputs: np.ndarray,
) -> None:  # fmt: skip
    """Add Σₙ e_k φ′_a δ_ab inputⱼ to the block of W2[k, a] and a first-layer parameter [b, j]."""
    q, h, wide = e.shape[1], slope.shape[1], inputs.shape[1]
    for a in range(h):
        strip = e.T @ (slope[:, a, None] * inputs)
        here = slice(rows.start + a, rows.start + q * h, h)  # W2[:, a]
        there = slice(cols.start + a * wide, cols.start + (a + 1) * wide)
        result[here, there] += strip
        result[there, here] += strip.T


def _check_shapes(
    X: np.ndarray, Y: np.ndarray, W1: np.ndarray, W2: np.ndarray, b1: np.ndarray | None
) -> None:
    arrays = {"X": (X, "nd"), "Y": (Y, "nq"), "W1": (W1, "hd"), "W2": (W2, "qh")}
    if b1 is not None:
        arrays["b1"] = (b1, "h")
    sizes: dict[str, int] = {}
    for name, (array, axes) in arrays.items():
        for axis, size in zip(axes, np.shape(array), strict=False):
            sizes.setdefault(axis, size)
        expected = tuple(sizes.get(axis) for axis in axes)
        if np.shape(array) != expected:
            raise ValueError(
                f"{name}: expected shape ({', '.join(axes)}), with the sizes "
                f"{', '.join(f'{axis} = {size}' for axis, size in sizes.items())}; "
                f"got {np.shape(array)}"
            )
