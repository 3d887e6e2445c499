"""Reading one output: is it an array of numbers of the right kind and shape, and finite?"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from coursecheck.messages import REASONS, _
from coursecheck.result import Finding
from coursecheck.task import Output

# Rounding allowed, relative to the largest entry. Coarser numbers than float64 are refused: they
# could be judged, but the notebooks hand right answers on to judges that leave no room for them.
TOLERANCE = 1e-9
LEAST_BYTES = 8  # bytes of a float64

# What a dtype is refused for, per kind of output: dtype letters -> reason.
REFUSED = {
    "real": {"b": "dtype_truth", "iu": "dtype_integer", "c": "dtype_complex", "O": "dtype_object"},
    "count": {"b": "dtype_truth", "f": "dtype_fraction", "c": "dtype_complex", "O": "dtype_object"},
}


def wrong(reason: str, output: Output, **fields: object) -> Finding:
    return Finding(reason, REASONS[reason], {"name": _(output.name), **fields})


def tolerance(array: np.ndarray) -> float:
    """The rounding allowed for such an array: none for whole numbers."""
    return TOLERANCE if array.dtype.kind == "f" else 0.0


def close(array: np.ndarray, right: np.ndarray, tol: float) -> bool:
    """Equal in shape, and in every entry up to `tol` of the largest entry of `right`."""
    if array.shape != right.shape:
        return False
    scale = np.max(np.abs(right), initial=0.0) or 1.0
    return bool(np.all(np.abs(array - right) <= tol * scale))


def _symbols(output: Output, v: SimpleNamespace) -> str:
    """A shape with its letters and numbers: `(h, d) = (4, 5)`."""
    shape = output.expected(v)
    if not any(isinstance(axis, str) for axis in output.shape):
        return str(shape)
    letters = ", ".join(map(str, output.shape)) + ("," if len(output.shape) == 1 else "")
    return f"({letters}) = {shape}"


def read(output: Output, raw: object, v: SimpleNamespace) -> np.ndarray | Finding:
    """`raw` as an array of numbers, or why it cannot be one."""
    try:
        array = np.asarray(raw)
    except (ValueError, TypeError, RuntimeError):
        if isinstance(raw, (list, tuple)):
            return wrong("ragged", output, expected=_symbols(output, v))
        return wrong("type", output, got=type(raw).__name__)
    for letters, reason in REFUSED[output.kind].items():
        if array.dtype.kind in letters:
            if array.shape == () and array.dtype.kind == "O":
                return wrong("type", output, got=type(raw).__name__)
            return wrong(reason, output, got=array.dtype)
    if array.dtype.kind not in "fiu":
        return wrong("type", output, got=type(raw).__name__)
    if array.dtype.kind == "f" and array.dtype.itemsize < LEAST_BYTES:
        return wrong("dtype_coarse", output, got=array.dtype)
    for reason, bad in (("nan", np.isnan(array)), ("infinite", np.isinf(array))):
        if bad.any():
            return wrong(reason, output, count=int(bad.sum()))
    return array


def misshapen(output: Output, array: np.ndarray, v: SimpleNamespace) -> Finding | None:
    """What is wrong with the shape of `array`, if anything."""
    expected, got = output.expected(v), array.shape
    if got == expected:
        return None
    if got == expected[::-1]:
        reason = "shape_transposed"
    elif expected == ():
        reason = "shape_boxed" if array.size == 1 else "shape_unsummed"
    elif got == ():
        reason = "shape_scalar"
    else:
        reason = "shape_flattened" if array.size == np.prod(expected) else "shape"
    return wrong(reason, output, got=got, expected=_symbols(output, v))
