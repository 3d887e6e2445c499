"""Running a graph: feeds, and what is alive while it runs, compared with the plan byte for byte."""

from __future__ import annotations

import weakref
from dataclasses import replace

import numpy as np
import pytest

import compgraph as cg
from compgraph import Program, evaluate, grad, hvp, leaf, leaves, ops, topological
from compgraph.questions import cost, mlp

X = leaf("x", (2, 3))
ONES = np.ones((2, 3))


# --- feeds ----------------------------------------------------------------------------------------


def test_feeds_by_leaf_and_by_name():
    y = leaf("y", (2, 3))
    for feeds in ({X: ONES, y: 2 * ONES}, {"x": ONES, "y": 2 * ONES}, {X: ONES, "y": 2 * ONES}):
        assert (evaluate([X - y], feeds)[0] == -1).all()


def test_the_leaf_goes_before_the_name():
    assert (evaluate([X], {X: ONES, "x": 5 * ONES})[0] == 1).all()


def test_one_dict_of_feeds_serves_many_graphs():
    assert evaluate([cg.sum_(X)], {X: ONES, "not in this graph": 0})[0] == 6


def test_a_missing_feed_names_the_leaf_and_its_shape():
    for feeds in ({}, {"X": ONES}, {leaf("x", (3, 2)): ONES}, {X: None}):
        with pytest.raises(KeyError, match=r"'x', of shape \(2, 3\)"):
            evaluate([cg.sum_(X)], feeds)


@pytest.mark.parametrize("shape", [(3, 2), (6,), (), (1, 2, 3)])
def test_a_feed_of_a_wrong_shape_is_refused_and_never_broadcast(shape):
    with pytest.raises(ValueError) as caught:
        evaluate([X], {X: np.ones(shape)})
    assert "(2, 3)" in str(caught.value) and str(shape) in str(caught.value)


@pytest.mark.parametrize(
    ("leaf_type", "fed"), [("float64", "complex128"), ("float32", "float64"), ("float64", "U1")]
)
def test_a_feed_whose_type_the_leaf_cannot_hold_is_refused(leaf_type, fed):
    with pytest.raises(TypeError, match=f"expected {leaf_type}, got"):
        evaluate([leaf("a", (2,), leaf_type)], {"a": np.array([1, 2]).astype(fed)})


@pytest.mark.parametrize(
    "value", [[[1, 2, 3], [4, 5, 6]], np.ones((2, 3), "int32"), ONES.astype("float32")]
)
def test_a_feed_that_the_leaf_can_hold_is_taken(value):
    (found,) = evaluate([2 * X], {X: value})
    assert found.dtype == np.float64 and (found == 2 * np.array(value)).all()


def test_feeds_are_not_changed():
    model = mlp.build(d=5, h=4, q=3, n=7, layout="row", loss="cross_entropy")
    feeds = model.feeds()
    kept = {node: value.copy() for node, value in feeds.items()}
    for value in feeds.values():
        value.flags.writeable = False
    evaluate(grad(model["J"], model.weights), feeds)
    assert all((feeds[node] == kept[node]).all() for node in feeds)


def test_outputs_come_in_the_order_asked_for_also_twice_and_also_a_leaf():
    y = cg.tanh(X)
    values = evaluate([y, X, 2 * X, y], {X: ONES})
    assert values[0] is values[3] and (values[1] == 1).all() and (values[2] == 2).all()


def test_a_program_can_run_again_with_other_feeds():
    program = Program([cg.sum_(cg.tanh(X))])
    first, second = program({X: ONES}), program({X: 2 * ONES})
    assert first[0] == pytest.approx(6 * np.tanh(1)) and second[0] == pytest.approx(6 * np.tanh(2))


# --- what is alive --------------------------------------------------------------------------------


class Watched(Program):
    """A program that notes, after each step, how many bytes its arrays hold: the arrays themselves
    say so, by weak references, whatever the plan is. Feeds and constants are not counted.
    """

    def __init__(self, outputs):
        super().__init__(outputs)
        self._steps = [(i, self._watch(function), *rest) for i, function, *rest in self._steps]

    def __call__(self, feeds):
        self.live_bytes, self._buffers = [], {}
        self._given = {id(value) for value in feeds.values()}
        self._given |= {id(value) for _, value in self._constants}
        return super().__call__(feeds)

    def _watch(self, function):
        def run(*args):
            result = np.asarray(function(*args))
            buffer = _buffer(result)
            if id(buffer) not in self._given:
                self._buffers[id(buffer)] = weakref.ref(buffer)
            alive = {id(b): b for b in (ref() for ref in self._buffers.values()) if b is not None}
            self.live_bytes.append(sum(b.nbytes for b in alive.values()))
            return result

        return run


def _buffer(array: np.ndarray) -> np.ndarray:
    """The array that owns the memory."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def check_plan(outputs, feeds, program=Watched):
    watched = program(outputs)
    watched(feeds)
    plan = cost.schedule(outputs)
    assert plan.live_bytes == watched.live_bytes
    assert plan.peak == max(watched.live_bytes)


def graphs():
    for layout, n in (("column", 1), ("row", 7)):
        for loss in mlp.LOSSES:
            for activation in mlp.ACTIVATIONS:
                model = mlp.build(
                    d=11, h=5, q=3, n=n, layout=layout, loss=loss, activation=activation
                )
                weights = model.weights
                vectors = [leaf(f"v{i}", w.shape) for i, w in enumerate(weights)]
                feeds = model.feeds() | {v: np.ones(v.shape) for v in vectors}
                for what, outputs in {
                    "objective": [model["J"]],
                    "prediction": [model.nodes.get("o", model.nodes.get("O"))],
                    "gradient": grad(model["J"], weights),
                    "hvp-reverse": hvp(model["J"], weights, vectors),
                    "hvp-forward": hvp(model["J"], weights, vectors, "forward"),
                }.items():
                    yield pytest.param(outputs, feeds, id=f"{layout}-{loss}-{activation}-{what}")


@pytest.mark.parametrize(("outputs", "feeds"), list(graphs()))
def test_the_plan_is_what_happens_byte_for_byte(outputs, feeds):
    check_plan(outputs, feeds)


M = leaf("m", (3, 4))
SMALL = {
    "a view outlives its argument": [cg.sum_(cg.tanh(M).T @ cg.exp(M))],
    "a view is an output": [cg.tanh(M).T, cg.sum_(cg.exp(M))],
    "a view of a view": [cg.sum_(cg.exp(cg.expand(cg.tanh(M).T, (2, 4, 3))))],
    "a view of a leaf": [cg.exp(M.T)],
    "a leaf and a view of it": [M, M.T, cg.tanh(M)],
    "an output used again": [cg.tanh(M), cg.exp(cg.exp(cg.tanh(M)))],
    "a reshape of transposed memory": [cg.exp(cg.reshape(cg.tanh(M.T), (12,)))],
    "a reshape of spread memory": [cg.exp(cg.reshape(cg.expand(cg.tanh(M), (2, 3, 4)), (24,)))],
    "a sum to a vector": [cg.tanh(cg.sum_(cg.exp(M), axis=1))],
    "a number spread over a shape": grad(cg.sum_(M), [M]),
    "the same argument twice": [cg.tanh(M) * cg.tanh(M)],
}


@pytest.mark.parametrize("outputs", SMALL.values(), ids=SMALL.keys())
def test_the_plan_of_small_graphs(outputs):
    check_plan(outputs, {M: np.ones(M.shape)})


def test_a_program_that_frees_nothing_is_noticed():
    class Hoarder(Watched):
        def __init__(self, outputs):
            super().__init__(outputs)
            self._steps = [(*step, ()) for *step, _ in self._steps]

    with pytest.raises(AssertionError):
        check_plan([cg.exp(cg.exp(cg.exp(M)))], {M: np.ones(M.shape)}, Hoarder)


def test_a_plan_that_takes_a_view_for_a_copy_is_noticed(monkeypatch):
    copying = replace(ops.TABLE["transpose"], view=False)
    monkeypatch.setitem(ops.TABLE, "transpose", copying)
    with pytest.raises(AssertionError):
        check_plan([cg.exp(cg.tanh(M).T)], {M: np.ones(M.shape)})


def test_a_chain_never_holds_more_than_two_values():
    node = M
    for _ in range(20):
        node = cg.exp(cg.scale(node, -0.5))
    assert cost.schedule([node]).peak == 2 * cost.nbytes(M)
    check_plan([node], {M: np.ones(M.shape)})


def test_the_plan_in_numbers():
    """tanh(m) @ m.T for m 3×4: 96 bytes, a view, then 96 + 72; the leaf is held throughout."""
    plan = cost.schedule([cg.tanh(M) @ M.T])
    assert [node.op for node in plan.steps] == ["tanh", "transpose", "matmul"]
    assert plan.live_bytes == [96, 96, 96 + 72]
    assert (plan.base, plan.peak) == (96, 168)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bytes_follow_the_dtype(dtype):
    a = leaf("a", (3, 4), dtype)
    assert cost.nbytes(cg.tanh(a)) == np.tanh(np.ones((3, 4), dtype)).nbytes


def test_views_own_nothing_and_know_who_does():
    h = cg.tanh(M)
    view = cg.expand(h.T, (2, 4, 3))
    assert cost.nbytes(view) == cost.nbytes(h.T) == 0
    assert cost.owner(view) is h and cost.owner(M.T) is M


def test_counts():
    y = cg.sum_(cg.tanh(M) + cg.tanh(M).T.T * 2)
    assert cost.count([y]) == {"leaf": 1, "tanh": 1, "scale": 1, "add": 1, "sum_to": 1}
    assert cost.flops([y]) == 12 + 12 + 12 + 11
    assert cost.flops([y], ["tanh", "add"]) == 24


@pytest.mark.parametrize("loss", mlp.LOSSES)
def test_a_gradient_costs_a_small_multiple_of_its_function_and_an_hvp_of_the_gradient(loss):
    model = mlp.build(d=40, h=30, q=20, n=50, layout="row", loss=loss)
    vectors = [leaf(f"v{i}", w.shape) for i, w in enumerate(model.weights)]
    forward = cost.flops([model["J"]])
    gradient = cost.flops(grad(model["J"], model.weights))
    assert forward < gradient < 4 * forward
    for mode in ("reverse", "forward"):
        assert cost.flops(hvp(model["J"], model.weights, vectors, mode)) < 4 * gradient


def test_the_size_of_an_hvp_graph_does_not_depend_on_the_sizes_of_the_model():
    def nodes(size: int) -> int:
        model = mlp.build(d=size, h=size + 1, q=size + 2)
        vectors = [leaf(f"v{i}", w.shape) for i, w in enumerate(model.weights)]
        return len(topological(hvp(model["J"], model.weights, vectors)))

    assert nodes(2) == nodes(50)


def test_leaves_are_those_that_the_outputs_need():
    y = leaf("y", (2, 3))
    assert leaves([X + y, X]) == [X, y] and Program([cg.exp(X)]).inputs == [X]
