"""Random expressions over the operators agree with torch to second order."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from judges import assert_close, dot, gradients, in_torch, tensors_of

import compgraph as cg
from compgraph import Node, evaluate, grad, hvp, leaf, ops
from compgraph.ops import TABLE

SHAPES = [(), (3,), (1, 3), (2, 3), (3, 1), (3, 3)]
LEAVES = [leaf(f"x{i}", shape) for i, shape in enumerate(SHAPES)]
EYE = leaf("I", (3, 3))
DIRECTIONS = [leaf(f"v{i}", shape) for i, shape in enumerate(SHAPES)]

# Moves keep values of order one, and away from where a derivative does not exist: the comparison
# is then about the rules, and not about cancellation.

#: (which nodes a move may start from, the moves)
FROM_ONE = [
    (lambda a: True, [
        cg.tanh,
        cg.sigmoid,
        cg.relu,
        lambda a: cg.exp(cg.tanh(a)),
        lambda a: cg.log(1.0 + a * a / (1.0 + a**2)),
        lambda a: cg.tanh(a) ** 2,
        lambda a: (1.0 + cg.tanh(a) ** 2) ** 0.5,
        lambda a: -0.7 * a,
        lambda a: cg.sum_(a) / a.size,
        lambda a: cg.half_sqnorm(cg.tanh(a)) / a.size,
        lambda a: cg.reshape(a, (a.size,)),
    ]),
    (lambda a: len(a.shape) == 2, [
        lambda a: a.T,
        lambda a: cg.sum_(a, 0, keepdims=True) / a.shape[0],
        lambda a: cg.sum_(a, 1) / a.shape[1],
        lambda a: cg.log_softmax(a, 0),
        lambda a: cg.log_softmax(a, 1) / 2,
        lambda a: a @ a.T / a.shape[1],
    ]),
    (lambda a: a.shape == (3, 3), [
        lambda a: 4 * cg.inverse(4 * EYE + cg.tanh(a)),
        lambda a: cg.logabsdet(4 * EYE + cg.tanh(a)) / 4,
    ]),
]  # fmt: skip


def _broadcast(a: Node, b: Node) -> bool:
    try:
        np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        return False
    return True


#: (which pairs a move may start from, the moves)
FROM_TWO = [
    (_broadcast, [
        lambda a, b: (a + b) / 2,
        lambda a, b: (a - b) / 2,
        lambda a, b: cg.tanh(a) * b,
        lambda a, b: a / (1.0 + b * b),
    ]),
    (lambda a, b: a.shape == b.shape, [
        lambda a, b: cg.dot(cg.tanh(a), b) / a.size,
        lambda a, b: cg.squared_loss(cg.tanh(a), cg.tanh(b), a.size),
    ]),
    (lambda a, b: len(a.shape) == len(b.shape) == 2 and a.shape[1] == b.shape[0], [
        lambda a, b: a @ b / a.shape[1],
    ]),
]  # fmt: skip


@st.composite
def expressions(draw) -> Node:
    """A scalar made by up to twelve moves; every move may use any node made before it."""
    pool = list(LEAVES)
    for _ in range(draw(st.integers(1, 12))):
        a = draw(st.sampled_from(pool[::-1]))
        b = draw(st.sampled_from(pool[::-1]))
        options = [(move, (a,)) for fits, moves in FROM_ONE if fits(a) for move in moves]
        options += [(move, (a, b)) for fits, moves in FROM_TWO if fits(a, b) for move in moves]
        move, args = draw(st.sampled_from(options))
        pool.append(move(*args))
    return reduce(ops.add, (cg.sum_(cg.tanh(node)) for node in pool[len(LEAVES) :]))


def feeds_of(seed: int) -> dict[Node, np.ndarray]:
    rng = np.random.default_rng(seed)
    feeds = {node: rng.standard_normal(node.shape) for node in (*LEAVES, *DIRECTIONS)}
    return feeds | {EYE: np.eye(3)}


def check(y: Node, seed: int) -> None:
    """Value, gradient and both Hessian-vector products against torch."""
    feeds = feeds_of(seed)
    tensors = tensors_of(feeds)
    wrt = [tensors[x] for x in LEAVES]
    (value,) = in_torch([y], tensors)
    gradient = gradients(value, wrt)
    along = gradients(dot(gradient, [tensors[v] for v in DIRECTIONS]), wrt)
    expected = [value, *gradient, *along, *along]
    graphs = [y, *grad(y, LEAVES)]
    for mode in ("reverse", "forward"):
        graphs += hvp(y, LEAVES, DIRECTIONS, mode)
    for ours, theirs in zip(evaluate(graphs, feeds), expected, strict=True):
        assert_close(ours, theirs, 1e-10)


@pytest.mark.proof
@settings(max_examples=200)
@given(expressions(), st.integers(0, 2**16))
def test_random_expressions_agree_with_torch_to_second_order(y, seed):
    check(y, seed)


# --- positive controls: the search finds a wrong rule, in whatever row it is ----------------------


def _wrong_by_first(row):
    """The row with its first VJP contribution 1 % too large."""

    def vjp(node, g):
        first, *others = row.vjp(node, g)
        return (1.01 * first, *others)

    return replace(row, vjp=vjp)


SEARCHED = sorted(TABLE.keys() - {"leaf", "constant"})


@pytest.mark.proof
@pytest.mark.parametrize("op", SEARCHED)
def test_a_wrong_rule_is_found(monkeypatch, op):
    monkeypatch.setitem(ops.TABLE, op, _wrong_by_first(TABLE[op]))

    def fails(y: Node) -> bool:
        try:
            check(y, seed=0)
        except AssertionError:
            return True
        return False

    search = settings(max_examples=200, phases=[Phase.generate])
    find(expressions(), fails, settings=search)
