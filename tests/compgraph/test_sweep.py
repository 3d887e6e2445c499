"""What a backward sweep adds to a graph, and the model it is run on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import compgraph as cg
from compgraph import backward, evaluate, grad, hvp, inks_of, leaf, topological
from compgraph.questions import cost, mlp

SIZES = {"d": 5, "h": 4, "q": 3}


def new_nodes(before, after) -> set:
    """The computed nodes and constants of `after` that `before` does not hold."""
    return {n for n in set(topological(after)) - set(topological(before)) if n.op != "leaf"}


def check_origin(y, sweep) -> None:
    assert sweep.origin.keys() == new_nodes([y], sweep.adjoint.values())
    assert set(sweep.origin.values()) <= set(topological([y]))


@pytest.mark.parametrize("layout", ["column", "row"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("loss", mlp.LOSSES)
@pytest.mark.parametrize("activation", mlp.ACTIVATIONS)
def test_origin_covers_the_new_nodes_and_no_other(layout, bias, loss, activation):
    model = mlp.build(**SIZES, layout=layout, bias=bias, loss=loss, activation=activation)
    check_origin(model["J"], model.backward())


def test_an_origin_that_lacks_a_node_or_has_one_too_many_is_noticed():
    model = mlp.build(**SIZES)
    sweep = model.backward()
    first, *others = sweep.origin
    for origin in (others, [*sweep.origin, model["z"]]):
        with pytest.raises(AssertionError):
            check_origin(model["J"], replace(sweep, origin=dict.fromkeys(origin, model["J"])))
    check_origin(model["J"], replace(sweep, origin=dict.fromkeys([first, *others], model["J"])))


def test_origin_when_a_gradient_is_made_of_forward_nodes():
    x = leaf("x", (3,))
    y = cg.sum_(cg.exp(x)) + cg.half_sqnorm(x)  # exp's gradient is exp itself, ½‖x‖²'s is x
    sweep = backward(y, [x])
    check_origin(y, sweep)
    assert cg.exp(x) not in sweep.origin and x not in sweep.origin


def test_origin_of_a_second_sweep():
    model = mlp.build(**SIZES)
    vectors = [leaf(f"v{i}", w.shape) for i, w in enumerate(model.weights)]
    first = model.backward()
    gradient = [first.adjoint[w] for w in model.weights]
    along = sum((cg.dot(g, v) for g, v in zip(gradient, vectors, strict=True)), cg.constant(0.0))
    second = backward(along, model.weights)
    check_origin(along, second)
    inks = inks_of(first, second)
    assert {inks[n] for n in first.origin} == {"backward"}
    assert {inks[n] for n in second.origin.keys() - first.origin.keys()} == {"second"}


def test_each_new_node_serves_the_node_whose_rule_made_it():
    model = mlp.build(**SIZES, weight_decay=0)
    sweep = model.backward()
    h, z = model["h"], model["z"]
    assert sweep.origin[sweep.adjoint[z]] is h  # φ′ is applied by the rule of h = φ(z)
    assert sweep.origin[sweep.adjoint[model["W2"]]] is model["o"]
    assert sweep.origin[sweep.adjoint[model["o"]]] is model["L"]
    assert sweep.adjoint[model["b1"]] is sweep.adjoint[z]  # one example: b1 simply adds


def test_the_adjoint_of_the_output_is_one_and_of_the_data_absent():
    model = mlp.build(**SIZES)
    adjoint = model.backward().adjoint
    assert adjoint[model["J"]] is cg.constant(1.0)
    assert model["x"] not in adjoint and model["y"] not in adjoint


def test_a_forward_pass_shared_by_all_gradients():
    model = mlp.build(**SIZES, weight_decay=0)
    counts = cost.count(grad(model["J"], model.weights))
    assert (counts["tanh"], counts["matmul"]) == (1, 2 + 3)  # W1 x, W2 h; ∂W2, ∂h, ∂W1


# --- the model ------------------------------------------------------------------------------------


def test_d2ls_names_in_both_layouts():
    column, row = mlp.build(**SIZES), mlp.build(**SIZES, n=7, layout="row")
    assert set(column.nodes) == {"x", "y", "W1", "b1", "W2", "z", "h", "o", "L", "s", "J"}
    assert set(row.nodes) == {"X", "Y", "W1", "b1", "W2", "Z", "H", "O", "L", "s", "J"}
    shapes = {name: node.shape for name, node in row.nodes.items()}
    assert shapes == {"X": (7, 5), "Y": (7, 3), "W1": (4, 5), "b1": (4,), "W2": (3, 4), "Z": (7, 4),
                      "H": (7, 4), "O": (7, 3), "L": (), "s": (), "J": ()}  # fmt: skip
    shapes = {name: node.shape for name, node in column.nodes.items()}
    assert shapes == {"x": (5, 1), "y": (3, 1), "W1": (4, 5), "b1": (4, 1), "W2": (3, 4),
                      "z": (4, 1), "h": (4, 1), "o": (3, 1), "L": (), "s": (), "J": ()}  # fmt: skip


def test_without_bias_and_without_penalty():
    model = mlp.build(**SIZES, bias=False, weight_decay=0)
    assert "b1" not in model.nodes and "s" not in model.nodes
    assert model["J"] is model["L"] and model.parameters == ("W2", "W1")
    assert {n.name for n in cg.leaves([model["J"]])} == {"x", "y", "W1", "W2"}


def test_both_layouts_say_the_same_of_one_example():
    column, row = mlp.build(**SIZES), mlp.build(**SIZES, layout="row")
    feeds = {node.name: value for node, value in column.feeds().items()}
    turned = feeds | {"X": feeds["x"].T, "Y": feeds["y"].T, "b1": feeds["b1"].ravel()}
    here = evaluate([column["J"], *grad(column["J"], column.weights)], feeds)
    there = evaluate([row["J"], *grad(row["J"], row.weights)], turned)
    for a, b in zip(here, there, strict=True):
        np.testing.assert_allclose(np.ravel(a), np.ravel(b), rtol=1e-14)


def test_the_loss_is_the_mean_over_the_examples():
    row = mlp.build(**SIZES, n=7, layout="row", weight_decay=0)
    one = mlp.build(**SIZES, n=1, layout="row", weight_decay=0)
    feeds = {node.name: value for node, value in row.feeds().items()}
    each = [
        evaluate([one["J"]], feeds | {"X": feeds["X"][i : i + 1], "Y": feeds["Y"][i : i + 1]})[0]
        for i in range(7)
    ]
    np.testing.assert_allclose(evaluate([row["J"]], feeds)[0], np.mean(each), rtol=1e-14)


@pytest.mark.parametrize("layout", ["column", "row"])
def test_feeds_fit_are_repeatable_and_one_hot_where_they_must_be(layout):
    model = mlp.build(**SIZES, layout=layout, loss="cross_entropy", dtype="float32")
    feeds = model.feeds(seed=3)
    assert {node: value.shape for node, value in feeds.items()} == {n: n.shape for n in feeds}
    assert all(value.dtype == np.float32 for value in feeds.values())
    again = model.feeds(seed=3)
    assert all((feeds[n] == again[n]).all() for n in feeds)
    assert any((feeds[n] != value).any() for n, value in model.feeds(seed=4).items())
    label = feeds[model.nodes.get("y", model.nodes.get("Y"))]
    assert sorted(label.ravel()) == [0, 0, 1]


def test_weights_are_scaled_by_their_inputs_so_that_sums_stay_of_order_one():
    model = mlp.build(d=100, h=400, q=300)
    feeds = model.feeds()
    for name, inputs in (("W1", 100), ("W2", 400)):
        assert np.std(feeds[model[name]]) == pytest.approx(inputs**-0.5, rel=0.02)


def test_defaults():
    model = mlp.build(**SIZES)
    told = mlp.build(**SIZES, n=1, layout="column", bias=True, activation="tanh", loss="squared",
                     weight_decay=0.1, dtype="float64")  # fmt: skip
    assert model["J"] is told["J"]
    assert all((value == model.feeds(seed=0)[n]).all() for n, value in model.feeds().items())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"d": 0}, "size d: expected a positive integer, got 0"),
        ({"h": -4}, "size h"),
        ({"q": 2.5}, "size q"),
        ({"n": "7", "layout": "row"}, "size n"),
        ({"n": 7}, "column layout holds one example, got n = 7; use layout='row'"),
        ({"layout": "diagonal"}, "layout is one of 'column', 'row'; got 'diagonal'"),
        ({"activation": "gelu"}, "activation is one of 'tanh', 'sigmoid', 'relu'; got 'gelu'"),
        ({"loss": "hinge"}, "loss is one of 'squared', 'cross_entropy'; got 'hinge'"),
        ({"weight_decay": -0.1}, "weight_decay: expected a number ≥ 0, got -0.1"),
        ({"weight_decay": float("nan")}, "weight_decay: expected a number ≥ 0, got nan"),
        ({"weight_decay": "0.1"}, "weight_decay: expected a number ≥ 0, got '0.1'"),
    ],
)
def test_bad_sizes_and_names_are_refused_in_one_sentence(change, message):
    with pytest.raises(ValueError, match=message):
        mlp.build(**SIZES | change)


def test_a_type_without_derivatives_is_refused():
    with pytest.raises(TypeError, match="expected a floating-point dtype, got int64"):
        mlp.build(**SIZES, dtype="int64")


@pytest.mark.parametrize("derivative", [cg.hvp, cg.jvp])
def test_a_direction_of_another_shape_is_named(derivative):
    w = leaf("w", (3, 2))
    y = cg.half_sqnorm(w)
    message = r"expected directions of shapes \[\(3, 2\)\], got \[\(2, 3\)\]"
    with pytest.raises(ValueError, match=f"{derivative.__name__}: {message}"):
        derivative(y if derivative is cg.hvp else [y], [w], [leaf("v", (2, 3))])


def test_a_product_by_no_parameter_is_refused():
    with pytest.raises(ValueError, match="hvp: expected at least one node"):
        cg.hvp(cg.half_sqnorm(leaf("w", (3, 2))), [], [])


def test_hvp_is_linear_and_symmetric():
    model = mlp.build(**SIZES, n=7, layout="row", loss="cross_entropy")
    rng = np.random.default_rng(0)
    u, v = ([leaf(f"{c}{i}", w.shape) for i, w in enumerate(model.weights)] for c in "uv")
    feeds = model.feeds() | {n: rng.standard_normal(n.shape) for n in (*u, *v)}
    both = [*hvp(model["J"], model.weights, u), *hvp(model["J"], model.weights, v)]
    values = evaluate(both, feeds)
    hu, hv = values[: len(u)], values[len(u) :]
    left = sum(np.sum(a * feeds[n]) for a, n in zip(hu, v, strict=True))
    right = sum(np.sum(a * feeds[n]) for a, n in zip(hv, u, strict=True))
    np.testing.assert_allclose(left, right, rtol=1e-12)
