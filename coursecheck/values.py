"""Reading an answer as numbers, and comparing numbers. The value counts, not how it is stored."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from coursecheck.form import Output
from coursecheck.messages import REASONS, _
from coursecheck.prints import TOLERANCE
from coursecheck.result import Finding


def read(raw: object, output: Output) -> np.ndarray | str:
    """`raw` as an array of floats, or the key of what keeps it from being one.

    A choice is the number of its word.
    """
    if choices := output.choices:
        word = raw.strip().lower() if isinstance(raw, str) else None
        known = [choice.lower() for choice in choices]
        return np.array(float(known.index(word))) if word in known else "choice"
    kind = output.kind
    try:
        if hasattr(raw, "detach"):  # a torch tensor, with or without grad
            raw = raw.detach().cpu().numpy()
        array = np.asarray(raw)
        if array.dtype.kind == "O":  # large ints, fractions, decimals
            if any(not hasattr(entry, "__float__") for entry in array.ravel()):
                return "type"
            array = array.astype(float)
    except Exception:
        return "ragged" if isinstance(raw, (list, tuple)) else "type"
    if array.dtype.kind == "b" and kind != "flag":
        return "dtype_truth"
    if array.dtype.kind == "c":
        if array.imag.any():
            return "dtype_complex"
        array = array.real
    if array.dtype.kind not in "biuf":
        return "type"
    if array.dtype.kind == "f" and array.dtype.itemsize < 8:
        return "dtype_coarse"
    array = array.astype(float)
    if np.isnan(array).any():
        return "nan"
    return "infinite" if np.isinf(array).any() else array


def close(a: np.ndarray, b: np.ndarray) -> bool:
    """Equal in shape, and in every entry up to rounding of the largest."""
    if a.shape != b.shape:
        return False
    scale = np.max(np.abs(b), initial=0.0) or 1.0
    return bool(np.all(np.abs(a - b) <= TOLERANCE * scale))


def alike(column: list, other: list) -> bool:
    """Whether two columns (an output's values, one per draw) are the same on every draw."""
    return all(map(close, column, other))


def wrong(reason: str, output: Output, **fields: object) -> Finding:
    """A finding about one output, in the words of `messages.REASONS`."""
    return Finding(reason, REASONS[reason], {"name": _(output.name), **fields})


def _symbols(output: Output, v: SimpleNamespace) -> str:
    """A shape with its letters and numbers: `(h, d) = (4, 5)`."""
    shape = output.expected(v)
    if not any(isinstance(axis, str) for axis in output.shape):
        return str(shape)
    letters = ", ".join(map(str, output.shape)) + ("," if len(output.shape) == 1 else "")
    return f"({letters}) = {shape}"


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
