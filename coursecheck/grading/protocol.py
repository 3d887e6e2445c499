"""What the two processes say to each other: frames of JSON, and values as plain data.

A frame is its length in four bytes, then JSON. A value in it is one of

    null, true, false, a number, a text      itself
    {"blank": 1}                             `...`
    {"list": […]}, {"tuple": […]}            their entries
    {"number": "-1f"}                        a whole number too large for JSON, in base 16
    {"complex": [real, imaginary]}
    {"array": [dtype, shape, bytes]}         bytes in base 64; {"scalar": …} for a NumPy number
    {"objects": [shape, […]]}                an array of Python objects
    {"node": 3}                              row 3 of "rows": op, args, attrs, shape, dtype
    {"function": 5}                          number 5 of the functions that the sender keeps
    {"other": "dict"}                        anything else: the name of its type

Nothing is pickled, so reading a frame runs no code of the one who wrote it.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from compgraph import Node, leaf, topological
from compgraph.ops import TABLE, apply, constant

MOST_BYTES = 64 * 2**20  # of a frame
MOST_ENTRIES = 10**6  # of all lists in a value
MOST_NODES, LARGEST_NODE = 10**5, 10**7
DEEPEST = 40
_DTYPE = re.compile(r"[<>|=]?([biufcUSmM])(\d{1,6})(\[\w{1,8}\])?")


class Unreadable(Exception):
    """A frame, or a value in it, that is not what the protocol says."""


# --- frames ---------------------------------------------------------------------------------------


def frame(message: dict) -> bytes:
    text = json.dumps(message, separators=(",", ":")).encode("ascii")
    if len(text) > MOST_BYTES:
        raise Unreadable(f"{len(text)} bytes are too many for one message")
    return len(text).to_bytes(4, "big") + text


def read_frame(read: Callable[[int], bytes]) -> dict:
    """The next message; `read(n)` gives exactly n bytes, or raises EOFError."""
    length = int.from_bytes(read(4), "big")
    if length > MOST_BYTES:
        raise Unreadable(f"{length} bytes are too many for one message")
    try:
        message = json.loads(read(length))
    except (ValueError, RecursionError, MemoryError):
        raise Unreadable("a message that is not JSON") from None
    if not isinstance(message, dict):
        raise Unreadable("a message that is no object")
    return message


# --- values, written ------------------------------------------------------------------------------


class Writer:
    """Writes values into one message; `functions` gives a number to each function among them."""

    def __init__(self, functions: Callable[[Callable], int] | None = None):
        self._functions = functions
        self._left = MOST_ENTRIES
        self._rows: list[list] = []
        self._places: dict[Node, int] = {}

    def message(self, **fields: Any) -> dict:
        return {**fields, "rows": self._rows} if self._rows else fields

    def value(self, value: Any, depth: int = 0) -> Any:
        if value is ...:
            return {"blank": 1}
        if type(value) is str and len(value) > MOST_ENTRIES:
            return {"other": "str"}
        if value is None or type(value) in (bool, str, float):
            return value
        if type(value) is int:
            return value if abs(value) < 2**53 else self._large(value)
        if type(value) is complex:
            return {"complex": [value.real, value.imag]}
        if isinstance(value, np.generic):
            return self._array("scalar", value)
        if isinstance(value, np.ndarray):
            return self._array("array", np.asarray(value), depth)
        if isinstance(value, Node):
            return self._node(value)
        if isinstance(value, (list, tuple)):
            self._left -= len(value)
            if depth < DEEPEST and self._left > 0:
                kind = "tuple" if isinstance(value, tuple) else "list"
                return {kind: [self.value(entry, depth + 1) for entry in value]}
        if self._functions is not None and callable(value):
            return {"function": self._functions(value)}
        if isinstance(value, float):
            return float(value)
        if hasattr(type(value), "__array__"):  # a tensor of torch, which NumPy reads
            return self._array("array", np.asarray(value), depth)
        return {"other": type(value).__name__}

    def _large(self, value: int) -> dict:
        return {"number": f"{value:x}"} if value.bit_length() <= 2**16 else {"other": "int"}

    def _array(self, key: str, array: np.ndarray | np.generic, depth: int = 0) -> dict:
        if _DTYPE.fullmatch(array.dtype.str) and array.nbytes <= MOST_BYTES // 2:
            data = base64.b64encode(array.tobytes()).decode("ascii")
            return {key: [array.dtype.str, list(array.shape), data]}
        if array.dtype == object and isinstance(array, np.ndarray):
            self._left -= array.size
            if depth < DEEPEST and self._left > 0:
                entries = [self.value(entry, depth + 1) for entry in array.ravel()]
                return {"objects": [list(array.shape), entries]}
        return {"other": type(array).__name__}

    def _node(self, node: Node) -> dict:
        for each in topological([node]):
            if each not in self._places:
                args = [self._places[arg] for arg in each.args]
                row = [each.op, args, self.value(each.attrs), list(each.shape), each.dtype.str]
                self._places[each] = len(self._rows)
                self._rows.append(row)
        return {"node": self._places[node]}


# --- values, read ---------------------------------------------------------------------------------


class Reader:
    """Reads the values of one message; `functions` makes a function of its number."""

    def __init__(self, message: dict, functions: Callable[[int], Callable] | None = None):
        self._functions = functions
        self._rows = message.get("rows", [])
        self._nodes: list[Node] | None = None

    def value(self, data: Any) -> Any:
        """Raises Unreadable, whatever else would be the matter."""
        try:
            return self._value(data)
        except Unreadable:
            raise
        except (ValueError, TypeError, LookupError, ArithmeticError, MemoryError) as error:
            raise Unreadable(f"a value that cannot be read ({type(error).__name__})") from None
        except (RecursionError, AttributeError) as error:
            raise Unreadable(f"a value that cannot be read ({type(error).__name__})") from None

    def _value(self, data: Any) -> Any:
        if data is None or isinstance(data, (bool, int, float, str)):
            return data
        if not isinstance(data, dict) or len(data) != 1:
            raise Unreadable("a value of no known kind")
        ((kind, what),) = data.items()
        if kind == "blank":
            return ...
        if kind == "list":
            return [self._value(entry) for entry in what]
        if kind == "tuple":
            return tuple(self._value(entry) for entry in what)
        if kind == "number":
            return int(what[: 2**15], 16)
        if kind == "complex":
            return complex(float(what[0]), float(what[1]))
        if kind == "array":
            return _array(*what)
        if kind == "scalar":
            return _array(*what)[()]
        if kind == "objects":
            return self._objects(*what)
        if kind == "node":
            return self._node(what)
        if kind == "function" and self._functions is not None:
            return self._functions(what)
        if kind == "other":
            return type(str(what)[:80].replace("\0", ""), (), {})()
        raise Unreadable("a value of no known kind")

    def _objects(self, shape: list[int], entries: list) -> np.ndarray:
        array = np.empty(len(entries), dtype=object)
        for place, entry in enumerate(entries):
            array[place] = self._value(entry)
        return array.reshape(shape)

    def _node(self, place: int) -> Node:
        if self._nodes is None:
            if len(self._rows) > MOST_NODES:
                raise Unreadable("a graph of too many nodes")
            self._nodes = []
            for row in self._rows:
                self._nodes.append(self._made(*row))
        return self._nodes[place] if place >= 0 else self._nodes[len(self._nodes)]

    def _made(self, op: str, args: list[int], attrs: Any, shape: list[int], dtype: str) -> Node:
        """The node of a row, made by the engine, which checks its shape by the operator's rule."""
        assert self._nodes is not None
        if op not in TABLE or math.prod(shape) > LARGEST_NODE or not all(a >= 0 for a in args):
            raise Unreadable("a node that no graph has")
        given = self._value(attrs)
        if op == "leaf":
            return leaf(given[0], shape, _dtype(dtype))
        if op == "constant":
            return constant(given[0], _dtype(dtype))
        node = apply(op, *(self._nodes[arg] for arg in args), attrs=given)
        if node.shape != tuple(shape):
            raise Unreadable("a node that no graph has")
        return node


def _dtype(text: str) -> np.dtype:
    if not _DTYPE.fullmatch(text):
        raise Unreadable("an array of no known type")
    return np.dtype(text)


def _array(dtype: str, shape: list[int], data: str) -> np.ndarray:
    kind = _dtype(dtype)
    raw = base64.b64decode(data, validate=True)
    if not all(isinstance(n, int) and n >= 0 for n in shape):
        raise Unreadable("an array of no known shape")
    if math.prod(shape) * kind.itemsize != len(raw):
        raise Unreadable("an array whose bytes do not fill its shape")
    return np.frombuffer(bytearray(raw), kind).reshape(shape)
