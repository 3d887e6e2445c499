"""Running a graph: values in topological order, each freed after its last use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .graph import Node, leaves, topological
from .ops import TABLE

Value = np.ndarray | float

#: the leaves' values, by leaf or by name; spelt out, as a mapping's type is particular about keys
Feeds = Mapping[Node, Value] | Mapping[str, Value] | Mapping[Node | str, Value]


class Program:
    """A graph made ready to run many times.

    Parameters
    ----------
    outputs : the nodes whose values are wanted. They are computed in `topological` order, so their
        order here is the order of the schedule.

    Calling it with ``feeds`` returns the outputs' values, in order. An output that is a leaf, or a
    view of one, shares the memory of its feed.
    """

    def __init__(self, outputs: Sequence[Node]):
        self.outputs = tuple(outputs)
        self.inputs = leaves(self.outputs)
        order = topological(self.outputs)
        slot = {node: i for i, node in enumerate(order)}
        kept = {slot[node] for node in self.outputs}
        last_use: dict[int, int] = {}
        for i, node in enumerate(order):
            last_use.update((slot[arg], i) for arg in node.args)
        self._constants = [
            (slot[n], np.asarray(n.attrs[0], n.dtype)) for n in order if n.op == "constant"
        ]
        self._feeds = [(slot[node], node) for node in self.inputs]
        self._returned = [slot[node] for node in self.outputs]
        self._slots = len(order)
        self._steps = []
        for i, node in enumerate(order):
            if node.args:
                args = tuple(slot[arg] for arg in node.args)
                dead = tuple(a for a in set(args) - kept if last_use[a] == i)
                self._steps.append((i, TABLE[node.op].value, args, node.attrs, dead))

    def __call__(self, feeds: Feeds) -> list[np.ndarray]:
        values: list = [None] * self._slots
        for i, node in self._feeds:
            values[i] = _value_of(node, feeds)
        for i, value in self._constants:
            values[i] = value
        for i, function, args, attrs, dead in self._steps:
            values[i] = function(*[values[a] for a in args], *attrs)
            for a in dead:
                values[a] = None
        return [values[i] for i in self._returned]


def evaluate(outputs: Sequence[Node], feeds: Feeds) -> list[np.ndarray]:
    """The outputs' values.

    Parameters
    ----------
    outputs : nodes; shared subexpressions are computed once.
    feeds : a value for every leaf the outputs depend on, keyed by the leaf or by its name.

    Raises
    ------
    KeyError : if a leaf has no value.
    ValueError, TypeError : if a value has the wrong shape, or a type the leaf's cannot hold.
    """
    return Program(outputs)(feeds)


def _value_of(node: Node, feeds: Feeds) -> np.ndarray:
    either: Mapping[Any, Value] = feeds
    value = either.get(node)
    if value is None:
        value = either.get(node.name)
    if value is None:
        raise KeyError(f"no value is given for the leaf {node.name!r}, of shape {node.shape}")
    value = np.asarray(value)
    if value.shape != node.shape:
        raise ValueError(f"leaf {node.name!r}: expected shape {node.shape}, got {value.shape}")
    if value.dtype != node.dtype:
        if not np.can_cast(value.dtype, node.dtype, "safe"):
            raise TypeError(f"leaf {node.name!r}: expected {node.dtype}, got {value.dtype}")
        value = value.astype(node.dtype)
    return value
