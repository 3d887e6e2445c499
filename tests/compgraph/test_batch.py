"""A batched program gives what its members give one by one, for every operator."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from compgraph import batch, evaluate, grad, hessian, hvp, leaf, ops
from compgraph.batch import BatchedProgram
from compgraph.questions import cost, mlp

COUNT = 3
RNG = np.random.default_rng(5)
A, B, S = leaf("A", (4, 4)), leaf("B", (4, 4)), leaf("S")
V, C, R = leaf("V", (4,)), leaf("C", (4, 1)), leaf("R", (4, 2))
LEAVES = (A, B, S, V, C, R)

#: one node or more for every operator of the table, each of some of the leaves above
NODES = [
    ops.transpose(A), A @ B, A @ R, R.T @ A, ops.reshape(R, (2, 4)), ops.reshape(V, (2, 2)),
    ops.expand(V, (4, 4)), ops.expand(C, (4, 4)), ops.expand(S, (4, 2)), ops.expand(V, (2, 3, 4)),
    ops.sum_(A), ops.sum_(A, 0), ops.sum_(A, 1), ops.sum_(R, 1, keepdims=True), ops.sum_to(A, (4,)),
    A + B, A - B, A * B, 3 * A, A**3, ops.exp(A), ops.log(ops.exp(A)), A + V, A * C, S * A,
    ops.tanh(A), ops.sigmoid(A), ops.relu(A), ops.inverse(A), ops.logabsdet(A), ops.dot(A, B),
    ops.half_sqnorm(R), ops.squared_loss(A, B, 4), ops.cross_entropy(A, B, 4, axis=0),
    ops.log_softmax(A, 0), ops.log_softmax(A, 1), ops.log_softmax(V),
    *(ops.apply(f"{op}_vjp", A, B) for op in ("tanh", "sigmoid", "relu")),
    ops.apply("log_softmax_vjp", A, B, attrs=(0,)),
    ops.apply("squared_loss_vjp", S, A, B, attrs=(4,)),
]  # fmt: skip


def used(node):
    return [x for x in LEAVES if x in cost.topological([node])]


CASES = [
    pytest.param(node, moving, id=f"{i}-{node.op}-{''.join(x.name for x in moving)}")
    for i, node in enumerate(NODES)
    for moving in ([x] for x in used(node))
] + [pytest.param(node, used(node), id=f"{i}-{node.op}-all") for i, node in enumerate(NODES)]


def test_every_operator_is_among_the_cases():
    assert set(ops.TABLE) - {"leaf", "constant"} <= set(cost.count(NODES))


@pytest.mark.parametrize(("node", "moving"), CASES)
def test_batch_equals_members_one_by_one(node, moving):
    feeds = {x: RNG.standard_normal(x.shape) for x in LEAVES}
    values = [RNG.standard_normal((COUNT, *x.shape)) for x in moving]
    (found,) = BatchedProgram([node], moving, feeds)(values)
    for i in range(COUNT):
        member = {x: v[i] for x, v in zip(moving, values, strict=True)}
        (alone,) = evaluate([node], feeds | member)
        np.testing.assert_allclose(found[i], alone, rtol=1e-12, atol=1e-12)


def test_output_that_does_not_depend_on_the_batch_is_repeated():
    program = BatchedProgram([ops.exp(A), V], [V], {A: np.eye(4)})
    exponential, v = program([np.ones((COUNT, 4))])
    assert exponential.shape == (COUNT, 4, 4) and v.shape == (COUNT, 4)
    np.testing.assert_array_equal(exponential[2], np.exp(np.eye(4)))


def test_what_does_not_depend_on_the_batch_is_computed_once(monkeypatch):
    """Counted by an operator that notes its calls: two batches, one forward pass."""
    calls = []
    noting = replace(ops.TABLE["exp"], value=lambda a: calls.append(1) or np.exp(a))
    monkeypatch.setitem(ops.TABLE, "exp", noting)
    program = BatchedProgram([ops.exp(A) @ R], [R], {A: np.eye(4)})
    program([np.ones((COUNT, 4, 2))])
    program([np.ones((COUNT, 4, 2))])
    assert len(calls) == 1


def test_missing_value_is_named():
    with pytest.raises(KeyError, match="no value is given for the leaf 'A'"):
        BatchedProgram([A @ R], [R], {})


@pytest.mark.parametrize("size", [1, 7, 100, 2**18])
def test_hessian_is_the_same_in_batches_of_any_size(monkeypatch, size):
    model = mlp.build(d=3, h=4, q=2, n=5, layout="row")
    whole = hessian(model["J"], model.weights, model.feeds())
    monkeypatch.setattr("compgraph.autodiff.BATCH", size)
    np.testing.assert_allclose(
        hessian(model["J"], model.weights, model.feeds()), whole, rtol=0, atol=1e-14
    )


def test_hessian_where_the_product_does_not_depend_on_the_direction():
    """J linear in W has Hessian zero; J = ½‖W‖² has the identity."""
    w = leaf("w", (2, 3))
    np.testing.assert_array_equal(hessian(ops.sum_(w), [w], {w: np.ones((2, 3))}), np.zeros((6, 6)))
    np.testing.assert_array_equal(hessian(ops.half_sqnorm(w), [w], {w: np.ones((2, 3))}), np.eye(6))


def test_hessian_takes_the_leaves_by_name_too():
    w = leaf("w", (2,))
    y = ops.sum_(w**3)
    by_node = hessian(y, [w], {w: np.array([1.0, 2.0])})
    np.testing.assert_array_equal(hessian(y, [w], {"w": np.array([1.0, 2.0])}), by_node)
    np.testing.assert_array_equal(by_node, np.diag([6.0, 12.0]))


def test_hessian_equals_products_one_direction_at_a_time():
    model = mlp.build(d=3, h=4, q=2, n=5, layout="row", loss="cross_entropy")
    feeds, weights = model.feeds(), model.weights
    found = hessian(model["J"], weights, feeds)
    directions = [leaf(f"v{i}", w.shape) for i, w in enumerate(weights)]
    v = [RNG.standard_normal(w.shape) for w in weights]
    along = dict(zip(directions, v, strict=True))
    product = evaluate(hvp(model["J"], weights, directions), feeds | along)
    np.testing.assert_allclose(
        found @ np.concatenate([a.ravel() for a in v]),
        np.concatenate([a.ravel() for a in product]),
        atol=1e-12,
    )


def test_fast_rules_are_for_operators_that_need_one():
    assert all(not ops.TABLE[op].elementwise for op in batch._VALUES)


@pytest.mark.parametrize("node", [n for n in NODES if n.shape], ids=lambda node: node.op)
def test_elementwise_is_where_one_element_of_the_arguments_changes_one_of_the_result(node):
    value, flag = ops.TABLE[node.op].value, ops.TABLE[node.op].elementwise
    if any(arg.shape != node.shape for arg in node.args):
        assert not flag
        return
    arrays = [RNG.random(node.shape) for _ in node.args]
    before = value(*arrays, *node.attrs)
    for array in arrays:
        array.flat[1] *= 1.5
    changed = np.flatnonzero(value(*arrays, *node.attrs) != before)
    assert flag == (changed.tolist() == [1])


def test_an_operator_said_to_be_elementwise_runs_a_batch_at_once(monkeypatch):
    calls = []
    noting = replace(ops.TABLE["exp"], value=lambda a: calls.append(a.shape) or np.exp(a))
    for elementwise, expected in ((True, [(COUNT, 3)]), (False, [(3,)] * COUNT)):
        calls.clear()
        monkeypatch.setitem(ops.TABLE, "exp", replace(noting, elementwise=elementwise))
        v = leaf("v", (3,))
        BatchedProgram([ops.exp(v)], [v], {})([np.ones((COUNT, 3))])
        assert calls == expected


def test_third_derivatives_go_through_as_well():
    w, v = leaf("w", (3,)), leaf("v", (3,))
    cubic = ops.sum_(w**3)
    (third,) = grad(ops.dot(grad(cubic, [w])[0], v), [w])
    (found,) = BatchedProgram([third], [v], {w: np.arange(3.0)})([np.eye(3)])
    np.testing.assert_array_equal(found, 6 * np.diag(np.arange(3.0)))
