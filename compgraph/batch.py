"""Many evaluations in one: some leaves carry a leading axis, and the rest is computed once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from .evaluate import Feeds, Program
from .graph import Node, topological
from .ops import TABLE


def _matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    if b.ndim == 2:  # the batch's rows make one tall matrix
        return (a.reshape(-1, a.shape[-1]) @ b).reshape(*a.shape[:-1], b.shape[1])
    return np.matmul(a, b)


def _expand(a: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    spread = (a.shape[0], *(1,) * (len(shape) + 1 - a.ndim), *a.shape[1:])
    return np.broadcast_to(a.reshape(spread), (a.shape[0], *shape))


def _sum_to(a: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    spread = (a.shape[0], *(1,) * (a.ndim - 1 - len(shape)), *shape)
    return TABLE["sum_to"].value(a, spread).reshape(a.shape[0], *shape)


#: operator -> its value where an argument has a leading axis more than its node; those that act
#: on each element by themselves need no entry
_VALUES: dict[str, Callable[..., np.ndarray]] = {
    "matmul": _matmul,
    "transpose": lambda a: a.swapaxes(-1, -2),
    "reshape": lambda a, shape: a.reshape(a.shape[0], *shape),
    "expand": _expand,
    "sum_to": _sum_to,
}


def _batched(op: str, batched: tuple[bool, ...]) -> Callable[..., np.ndarray]:
    """The operator's value where the arguments that are `batched` have the leading axis."""
    if TABLE[op].elementwise:
        return TABLE[op].value
    return _VALUES.get(op) or partial(_one_by_one, op, batched)


def _one_by_one(op: str, batched: tuple[bool, ...], *arguments: Any) -> np.ndarray:
    """Any operator: its value for each member of the batch in turn."""
    args, attrs = arguments[: len(batched)], arguments[len(batched) :]
    flags = list(zip(args, batched, strict=True))
    count = next(len(a) for a, many in flags if many)
    members = ([a[i] if many else a for a, many in flags] for i in range(count))
    return np.stack([TABLE[op].value(*member, *attrs) for member in members])


class BatchedProgram:
    """A graph made ready to run at many values of some leaves, everything else held fixed.

    Parameters
    ----------
    outputs : the nodes whose values are wanted.
    batched : the leaves that change.
    feeds : the values of all other leaves, as for `evaluate`. What depends on them alone is
        computed here, once.

    Calling it with ``values``, one array a leaf of `batched` with a leading axis of one length,
    returns the outputs' values with that leading axis.
    """

    def __init__(
        self,
        outputs: Sequence[Node],
        batched: Sequence[Node],
        feeds: Feeds,
    ):
        moving = dict.fromkeys(batched)  # in topological order
        for node in topological(outputs):
            if any(arg in moving for arg in node.args):
                moving[node] = None
        self.outputs, self.batched = tuple(outputs), tuple(batched)
        steps = [node for node in moving if node.args]
        read = [*(arg for node in steps for arg in node.args), *outputs]
        fixed = list(dict.fromkeys(node for node in read if node not in moving))
        self._fixed = dict(zip(fixed, Program(fixed)(feeds), strict=True))
        last_use = {arg: node for node in steps for arg in node.args if arg in moving}
        #: numbers that one member of the batch brings with it
        self.size = sum(node.size for node in steps if not TABLE[node.op].view)
        self._steps = [
            (
                node,
                _batched(node.op, tuple(arg in moving for arg in node.args)),
                [a for a in set(node.args) if last_use.get(a) is node and a not in self.outputs],
            )
            for node in steps
        ]

    def __call__(self, values: Sequence[np.ndarray]) -> list[np.ndarray]:
        known = {**self._fixed, **dict(zip(self.batched, values, strict=True))}
        for node, function, dead in self._steps:
            known[node] = function(*(known[arg] for arg in node.args), *node.attrs)
            for arg in dead:
                del known[arg]
        for node in self.outputs:
            if node in self._fixed:
                known[node] = np.broadcast_to(known[node], (len(values[0]), *node.shape))
        return [known[node] for node in self.outputs]
