"""What a graph costs: nodes, floating-point operations, and bytes over its schedule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..graph import Node, topological
from ..ops import TABLE


def count(outputs: Iterable[Node]) -> Counter[str]:
    """How many nodes of each operator the outputs depend on."""
    return Counter(node.op for node in topological(outputs))


def flops(outputs: Iterable[Node], ops: Iterable[str] | None = None) -> int:
    """Floating-point operations of one evaluation.

    A multiply-add counts as two and any elementary function as one.

    Parameters
    ----------
    ops : count these operators alone; ``["matmul"]`` is what torch's ``FlopCounterMode`` counts.
    """
    wanted = TABLE.keys() if ops is None else set(ops)
    return sum(TABLE[node.op].flops(node) for node in topological(outputs) if node.op in wanted)


def owner(node: Node) -> Node:
    """The node whose memory the value lives in: a view owns none of its own."""
    while TABLE[node.op].view:
        node = node.args[0]
    return node


#: operator -> number of elements its result owns, where that is not the number in its shape
Storage = Mapping[str, Callable[[Node], int]]


def nbytes(node: Node, storage: Storage | None = None) -> int:
    """Bytes of memory that the node's value owns; 0 for a view."""
    if TABLE[node.op].view:
        return 0
    elements = (storage or {}).get(node.op, lambda node: node.size)
    return elements(node) * node.dtype.itemsize


@dataclass(frozen=True)
class Schedule:
    """Memory over one evaluation, step by step.

    Attributes
    ----------
    steps : the computed nodes, in the order in which they are computed.
    alive : for each step, the nodes whose memory is held while it runs: its result, its arguments,
        and what later steps still need.
    base : bytes held throughout: the leaves.
    bytes_of : the bytes that each computed node owns.
    """

    steps: tuple[Node, ...]
    alive: tuple[frozenset[Node], ...]
    base: int
    bytes_of: Mapping[Node, int]

    @property
    def live_bytes(self) -> list[int]:
        """For each step, the bytes held beyond the leaves."""
        return [sum(self.bytes_of[node] for node in nodes) for nodes in self.alive]

    @property
    def peak(self) -> int:
        """The most bytes ever held beyond the leaves."""
        return max(self.live_bytes, default=0)


def schedule(
    outputs: Sequence[Node], *, keep: Collection[Node] = (), storage: Storage | None = None
) -> Schedule:
    """The memory plan of `evaluate`: each value is freed after the last step that reads it.

    Outputs are held to the end. A view keeps the memory it looks at alive. What an operator needs
    for itself while it runs is not in the plan, and constants are part of the graph's text.

    Parameters
    ----------
    keep : nodes that something else holds to the end, such as a variable of the program.
    storage : operators whose result owns more memory than its shape asks for.
    """
    order = topological(outputs)
    steps = [node for node in order if node.args]
    end = len(steps)
    last_use = {owner(node): end for node in (*outputs, *keep)}
    for i, node in enumerate(steps):
        for arg in node.args:
            held = owner(arg)
            last_use[held] = max(last_use.get(held, i), i)
    alive: list[frozenset[Node]] = []
    held_now: set[Node] = set()
    for i, node in enumerate(steps):
        if not TABLE[node.op].view:
            held_now.add(node)
        alive.append(frozenset(held_now))
        held_now = {other for other in held_now if last_use.get(other, i) > i}
    return Schedule(
        tuple(steps),
        tuple(alive),
        sum(nbytes(node) for node in order if node.op == "leaf"),
        {node: nbytes(node, storage) for node in steps},
    )
