"""Nodes: made once, immutable, walked without recursion; gradients where paths fork and join."""

from __future__ import annotations

import gc
from dataclasses import replace

import numpy as np
import pytest
import torch
from judges import assert_close, gradients, in_torch, tensors_of

import compgraph as cg
from compgraph import evaluate, grad, graph, hvp, leaf, leaves, ops, topological
from compgraph.questions import cost, mlp

X = leaf("x", (3,))
DEPTH = 5000  # five times Python's default stack


def feeds_for(outputs, seed=0):
    rng = np.random.default_rng(seed)
    return {node: rng.standard_normal(node.shape) for node in leaves(outputs)}


def check_gradient(y, wrt):
    feeds = feeds_for([y, *wrt])
    tensors = tensors_of(feeds)
    (value,) = in_torch([y], tensors)
    expected = gradients(value, [tensors[w] for w in wrt])
    for ours, theirs in zip(evaluate(grad(y, wrt), feeds), expected, strict=True):
        assert_close(ours, theirs)


# --- one node for one expression ------------------------------------------------------------------


def test_equal_expressions_are_the_same_node():
    assert leaf("x", (3,)) is X
    assert cg.tanh(X + X) is cg.tanh(X + X)
    assert 2 * X is X * 2.0 is cg.scale(X, 2)
    assert grad(cg.dot(X, X), [X])[0] is grad(cg.dot(X, X), [X])[0]


def test_different_expressions_are_different_nodes():
    y = leaf("y", (3,))
    nodes = [X, y, leaf("x", (3, 1)), leaf("x", (3,), "float32"), X + y, y + X, X - y, 2 * X, 3 * X,
             cg.sum_(X), cg.sum_(X, keepdims=True), X**2, X**3]  # fmt: skip
    assert len(set(nodes)) == len(nodes)


def test_a_shared_subexpression_is_one_node_and_is_computed_once(monkeypatch):
    shared = cg.tanh(X)
    y = cg.sum_(shared * shared + shared + cg.exp(cg.tanh(X)))
    assert cost.count([y])["tanh"] == 1
    calls = []
    counting = replace(ops.TABLE["tanh"], value=lambda a: calls.append(a) or np.tanh(a))
    monkeypatch.setitem(ops.TABLE, "tanh", counting)
    evaluate([y, shared], {X: np.ones(3)})
    assert len(calls) == 1


def test_nodes_that_nobody_holds_are_forgotten():
    gc.collect()
    before = len(graph._made)
    y = cg.sum_(cg.exp(leaf("short-lived", (3,))))
    assert len(graph._made) == before + 3
    del y
    gc.collect()
    assert len(graph._made) == before


def test_a_node_is_immutable():
    for field in ("shape", "op", "anything"):
        with pytest.raises(AttributeError, match="immutable"):
            setattr(X, field, ())


def test_a_repr_shows_operator_arguments_and_type():
    assert repr(X) == "leaf(x): float64[3]"
    assert repr(cg.sum_(cg.tanh(X))) == "sum_to(tanh): float64[]"
    assert repr(leaf("a", (4, 3), "float32") @ leaf("b", (3, 2), "float32")) == (
        "matmul(a, b): float32[4×2]"
    )


@pytest.mark.parametrize("shape", [(0,), (-1, 2), (2.0,), ("3",), (None,)])
def test_a_bad_shape_is_refused_by_leaf_expand_and_reshape(shape):
    makers = (lambda: leaf("a", shape), lambda: cg.expand(X, shape), lambda: cg.reshape(X, shape))
    for make in makers:
        with pytest.raises(ValueError, match="positive integers"):
            make()


def test_a_size_is_the_number_of_elements():
    assert [leaf("a", shape).size for shape in ((), (3,), (4, 3), (2, 1, 5))] == [1, 3, 12, 10]


@pytest.mark.parametrize("name", ["", None, 3])
def test_a_leaf_needs_a_name(name):
    with pytest.raises(ValueError, match="non-empty string"):
        leaf(name, ())


@pytest.mark.parametrize("dtype", ["int64", "bool"])
def test_a_leaf_needs_a_type_with_derivatives(dtype):
    with pytest.raises(TypeError, match="floating-point"):
        leaf("a", (), dtype)


# --- simplifications that keep a graph small ------------------------------------------------------


def test_what_does_nothing_makes_no_node():
    m = leaf("m", (2, 3))
    assert m.T.T is m
    assert 1 * X is X and X**1 is X and X / 1 is X
    assert cg.reshape(X, (3,)) is X and cg.expand(X, (3,)) is X and cg.sum_to(X, (3,)) is X


def test_numbers_are_folded():
    assert 2 * (3 * X) is 6 * X
    assert cg.scale(cg.constant(2.0), 3.0) is cg.constant(6.0)
    s = leaf("s", ())
    assert (2 * cg.expand(s, (3,))).op == "expand"


def test_the_zeroth_power_is_a_one_spread_so_that_its_slope_at_zero_is_zero():
    assert X**0 is cg.expand(cg.constant(1.0), (3,))
    (slope,) = evaluate(grad(cg.sum_(X**0), [X]), {X: np.zeros(3)})
    assert (slope == 0).all()


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, 1, -1, -2])
def test_sums_are_numpys(axis, keepdims):
    m = leaf("m", (2, 3))
    feeds = {m: np.arange(6.0).reshape(2, 3)}
    (ours,) = evaluate([cg.sum_(m, axis, keepdims)], feeds)
    assert_close(ours, feeds[m].sum(axis=axis, keepdims=keepdims))


def test_a_loss_is_of_one_column_unless_told_otherwise():
    o, y = leaf("o", (3, 1)), leaf("y", (3, 1))
    assert cg.squared_loss(o, y) is cg.squared_loss(o, y, 1)
    assert ops.cross_entropy(o, y) is ops.cross_entropy(o, y, 1, axis=0)
    assert ops.log_softmax(o) is ops.log_softmax(o, -1)


def test_arithmetic_with_numbers_on_either_side():
    feeds = {X: np.array([1.0, 2.0, -4.0])}
    x = feeds[X]
    pairs = [(3 + X, 3 + x), (X + 3, x + 3), (3 - X, 3 - x), (X - 3, x - 3), (3 * X, 3 * x),
             (3 / X, 3 / x), (X / 4, x / 4), (-X, -x), (X**2, x**2), (X**0, x**0),
             (np.float64(3) * X, 3 * x)]  # fmt: skip
    for node, expected in pairs:
        assert_close(evaluate([node], feeds)[0], expected)


# --- where paths fork and join --------------------------------------------------------------------


def test_x_plus_x():
    check_gradient(cg.sum_(X + X), [X])
    (two,) = evaluate(grad(cg.sum_(X + X), [X]), {X: np.ones(3)})
    assert (two == 2).all()


@pytest.mark.parametrize(
    "same", [lambda a: a * a, lambda a: a - a, lambda a: a / a, lambda a: cg.dot(a, a) * a]
)
def test_an_operator_with_one_node_as_both_arguments(same):
    check_gradient(cg.sum_(same(cg.exp(X))), [X])


def test_a_matrix_times_itself():
    m = leaf("m", (3, 3))
    check_gradient(cg.sum_(cg.tanh(m @ m.T @ m)), [m])


def test_a_node_used_by_many():
    h = cg.tanh(X)
    y = sum((cg.sum_(cg.sigmoid((i + 1) * h)) for i in range(40)), cg.constant(0.0))
    check_gradient(y, [X])


def test_the_gradient_of_an_inner_node_counts_every_path():
    h = cg.tanh(X)
    y = cg.dot(h, h) + cg.sum_(cg.exp(h))
    (ours,) = evaluate(grad(y, [h]), {X: np.full(3, 0.3)})
    value = np.tanh(np.full(3, 0.3))
    assert_close(ours, 2 * value + np.exp(value))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((3,), (4, 3)),
        ((4, 1), (3,)),
        ((), (4, 3)),
        ((1, 3), (4, 1)),
        ((2, 1, 3), (4, 1)),
        ((1,), ()),
    ],
)
def test_broadcasting(left, right):
    a, b = leaf("a", left), leaf("b", right)
    for join in (ops.add, ops.sub, ops.mul, ops.div):
        y = cg.sum_(cg.tanh(join(a, cg.exp(b))))
        check_gradient(y, [a, b])


def test_a_leaf_that_the_output_does_not_depend_on_has_gradient_zero():
    other = leaf("other", (2, 2), "float32")
    (zero,) = grad(cg.sum_(X), [other])
    assert (zero.shape, zero.dtype) == (other.shape, other.dtype)
    assert (evaluate([zero], {})[0] == 0).all()


def test_only_a_scalar_has_a_gradient():
    with pytest.raises(ValueError, match=r"tanh has shape \(3,\)"):
        grad(cg.tanh(X), [X])


def test_directions_must_have_the_parameters_shapes():
    y, v = cg.sum_(cg.tanh(X)), leaf("v", (4,))
    for make in (lambda: hvp(y, [X], [v]), lambda: cg.jvp([y], [X], [v]), lambda: hvp(y, [X], [])):
        with pytest.raises(ValueError, match=r"\[\(3,\)\]"):
            make()


def test_an_unknown_mode_is_named():
    with pytest.raises(ValueError, match="'backward'"):
        hvp(cg.sum_(X), [X], [X], mode="backward")


# --- order and depth ------------------------------------------------------------------------------


def test_topological_order_puts_arguments_first_and_depends_on_the_graph_alone():
    m = mlp.build(d=5, h=4, q=3)
    outputs = grad(m["J"], m.weights)
    order = topological(outputs)
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert all(place[arg] < place[node] for node in order for arg in node.args)
    assert topological(outputs) == order
    assert topological(reversed(outputs)) != order  # the outputs' order is the schedule's


def test_a_graph_of_five_thousand_nodes_needs_no_recursion():
    s = leaf("s", ())
    v = leaf("v", ())
    y = s
    for i in range(DEPTH):
        y = cg.tanh(y) if i % 2 else y + s
    assert len(topological([y])) == DEPTH + 1
    feeds = {s: np.array(0.1), v: np.array(1.0)}
    t = torch.tensor(0.1, dtype=torch.float64, requires_grad=True)
    expected = t
    for i in range(DEPTH):
        expected = torch.tanh(expected) if i % 2 else expected + t
    slope = gradients(expected, [t])
    second = gradients(slope[0], [t])
    ours = evaluate([y, *grad(y, [s]), *hvp(y, [s], [v]), *hvp(y, [s], [v], "forward")], feeds)
    for a, b in zip(ours, [expected, *slope, *second, *second], strict=True):
        assert_close(a, b, 1e-11)
    assert len(cost.schedule([y]).steps) == DEPTH
    del y, ours
    gc.collect()  # forgetting a deep graph needs no recursion either
