"""A gradient is a graph: reverse and forward mode, returning nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from . import checks
from .batch import BatchedProgram
from .evaluate import Feeds
from .graph import Node, leaf, topological
from .ops import TABLE, add, constant, dot, expand

#: numbers that `hessian` holds at a time beside its result
BATCH = 2**18


@dataclass(frozen=True)
class Backward:
    """The backward graph of a scalar `y`.

    Attributes
    ----------
    adjoint : for each forward node on a path from the inputs to y, the node of ∂y/∂node.
    origin : for each node that backward propagation added, the forward node whose rule made it.
        Placing forward nodes on devices so places the backward ones too.
    """

    adjoint: dict[Node, Node]
    origin: dict[Node, Node]


def backward(y: Node, wrt: Sequence[Node]) -> Backward:
    """Reverse-mode differentiation of the scalar `y` with respect to the nodes `wrt`.

    One sweep over the graph, outputs first: a node's adjoint is the sum of what the nodes that use
    it send back, each by its operator's VJP.

    Raises
    ------
    ValueError : if y is not a scalar.
    """
    if y.shape != ():
        raise ValueError(f"only a scalar has a gradient; this {y.op} has shape {y.shape}")
    forward = topological([y])
    needed = _depends_on(forward, wrt)
    adjoint: dict[Node, Node] = {}
    origin: dict[Node, Node] = {}
    old = set(forward)

    def accumulate(node: Node, contribution: Node, by: Node) -> None:
        total = add(adjoint[node], contribution) if node in adjoint else contribution
        adjoint[node] = total
        new = [total]
        while new:  # everything the rule made, and nothing that was there before
            made = new.pop()
            if made not in old and made not in origin and made.op != "leaf":
                origin[made] = by
                new.extend(made.args)

    if y in needed:
        accumulate(y, constant(1.0, y.dtype), y)
    for node in reversed(forward):
        if node not in adjoint or not node.args:
            continue
        for arg, contribution in zip(
            node.args, TABLE[node.op].vjp(node, adjoint[node]), strict=True
        ):
            if contribution is not None and arg in needed:
                accumulate(arg, contribution, node)
    return Backward(adjoint, origin)


def grad(y: Node, wrt: Sequence[Node]) -> list[Node]:
    """∂y/∂w for each w in `wrt`: nodes of w's shape, which can be differentiated again.

    A w that y does not depend on has gradient zero.

    Raises
    ------
    ValueError : if y is not a scalar.
    """
    adjoint = backward(y, wrt).adjoint
    return [adjoint.get(w) or _zeros(w) for w in wrt]


def jvp(outputs: Sequence[Node], wrt: Sequence[Node], tangents: Sequence[Node]) -> list[Node]:
    """Forward mode: the directional derivative of each output along `tangents`, one per `wrt`."""
    _check_directions("jvp", wrt, tangents)
    order = topological(outputs)
    tangent: dict[Node, Node | None] = dict(zip(wrt, tangents, strict=True))
    for node in order:
        if node not in tangent:
            arriving = tuple(tangent[arg] for arg in node.args)
            moves = any(t is not None for t in arriving)
            tangent[node] = TABLE[node.op].jvp(node, arriving) if moves else None
    return [tangent[out] or _zeros(out) for out in outputs]


def hvp(
    y: Node, wrt: Sequence[Node], directions: Sequence[Node], mode: str = "reverse"
) -> list[Node]:
    """The Hessian of the scalar `y` times a vector, without the Hessian.

    Parameters
    ----------
    directions : one node per `wrt`, of its shape: the vector, in the parameters' own shapes.
    mode : ``"reverse"`` differentiates ⟨∇y, v⟩ backwards once more; ``"forward"`` pushes v through
        the gradient's graph. Both cost a small constant times the gradient
        (Pearlmutter 1994, doi:10.1162/neco.1994.6.1.147).

    Raises
    ------
    ValueError : for no parameter at all, directions of other shapes, or an unknown mode.
    """
    if not wrt:
        raise ValueError("hvp: expected at least one node to differentiate by, got none")
    _check_directions("hvp", wrt, directions)
    checks.choice("hvp: mode", mode, ("reverse", "forward"))
    gradient = grad(y, wrt)
    if mode == "forward":
        return jvp(gradient, wrt, directions)
    along = [dot(g, v) for g, v in zip(gradient, directions, strict=True)]
    total = along[0]
    for term in along[1:]:
        total = add(total, term)
    return grad(total, wrt)


def hessian(y: Node, wrt: Sequence[Node], feeds: Feeds) -> np.ndarray:
    """The full P×P Hessian at `feeds`, as for `evaluate`: one graph, evaluated in P directions.

    The P parameters are the elements of `wrt` in order, each flattened row by row. What does not
    depend on the direction, the forward pass and the gradient, is computed once; the directions go
    through the rest in batches of a few MB.
    """
    directions = [leaf(f"direction {i}", w.shape, w.dtype) for i, w in enumerate(wrt)]
    program = BatchedProgram(hvp(y, wrt, directions, "forward"), directions, feeds)
    ends = np.cumsum([0] + [w.size for w in wrt])
    spans = [slice(*pair) for pair in pairwise(ends)]
    total = int(ends[-1])
    result = np.empty((total, total), wrt[0].dtype)
    count = max(1, BATCH // max(program.size, total))
    for start in range(0, total, count):
        rows = result[start : start + count]
        units = np.eye(len(rows), total, start, wrt[0].dtype)
        along = [units[:, s].reshape(-1, *w.shape) for s, w in zip(spans, wrt, strict=True)]
        for span, value in zip(spans, program(along), strict=True):
            rows[:, span] = value.reshape(len(rows), -1)
    return result


def _depends_on(order: Sequence[Node], wrt: Sequence[Node]) -> set[Node]:
    """The nodes of `order` that are in `wrt` or depend on one that is."""
    found = set(wrt)
    for node in order:
        if any(arg in found for arg in node.args):
            found.add(node)
    return found


def _check_directions(what: str, wrt: Sequence[Node], directions: Sequence[Node]) -> None:
    shapes = [w.shape for w in wrt], [v.shape for v in directions]
    if shapes[0] != shapes[1]:
        raise ValueError(f"{what}: expected directions of shapes {shapes[0]}, got {shapes[1]}")


def _zeros(like: Node) -> Node:
    return expand(constant(0.0, like.dtype), like.shape)
