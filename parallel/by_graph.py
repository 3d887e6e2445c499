"""A placed graph, run: every worker computes its own nodes and sends what crosses the cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from compgraph import Node
from compgraph.ops import TABLE
from compgraph.questions.cost import nbytes
from compgraph.questions.partition import Placement, lifetimes, transfers

from .wire import Wire


@dataclass
class Share:
    """What one worker made of the graph.

    Attributes
    ----------
    values : the outputs that were placed on this worker.
    sent : bytes this worker has sent, by receiver.
    peak : the most bytes its leaves and values held together.
    """

    values: dict[Node, np.ndarray]
    sent: dict[int, int]
    peak: int


def run(outputs: Sequence[Node], placement: Placement, feeds: Mapping[Node, np.ndarray]) -> Share:
    """Evaluate the nodes placed on this worker, in a group of one worker a device.

    Parameters
    ----------
    placement : from `compgraph.questions.partition.place`.
    feeds : values for the leaves placed here; others are not looked at.

    All workers walk the graph in one order, so every receive finds its send.
    """
    line = Wire()
    targets: dict[Node, list[int]] = {}
    for transfer in transfers(outputs, placement):
        targets.setdefault(transfer.node, []).append(transfer.target)
    held: dict[Node, np.ndarray] = {}
    total = peak = 0
    for node, device, freed in lifetimes(outputs, placement):
        if device != line.rank:
            continue
        if placement[node] != device:
            dtype = torch.from_numpy(np.empty(0, node.dtype)).dtype
            held[node] = line.receive(node.shape, placement[node], dtype).numpy()
        else:
            held[node] = feeds[node] if node.op == "leaf" else _compute(node, held)
            for target in targets.get(node, ()):
                line.send(torch.from_numpy(np.asarray(held[node])), target)
        total += nbytes(node)
        peak = max(peak, total)
        for dead in freed:
            total -= nbytes(dead)
            del held[dead]
    line.finish()
    values = {node: _value(node, held) for node in outputs if _home(node, placement) == line.rank}
    return Share(values, dict(line.sent), peak)


def _compute(node: Node, held: Mapping[Node, np.ndarray]) -> np.ndarray:
    return TABLE[node.op].value(*(_value(arg, held) for arg in node.args), *node.attrs)


def _value(node: Node, held: Mapping[Node, np.ndarray]) -> np.ndarray:
    """What is held, or a constant, or a view of it."""
    if node in held:
        return held[node]
    if node.op == "constant":
        return node.dtype.type(node.attrs[0])
    return _compute(node, held)


def _home(node: Node, placement: Placement) -> int | None:
    while node not in placement and node.args:
        node = node.args[0]
    return placement.get(node)
