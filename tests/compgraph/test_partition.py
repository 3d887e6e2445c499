"""The cut of a graph: what crosses between devices, counted by hand and by running it."""

import numpy as np
import pytest

from compgraph import draw, evaluate, gradient_names, inks_of, leaf
from compgraph.questions import mlp, partition
from compgraph.questions.cost import nbytes, schedule
from compgraph.questions.partition import Transfer

SIZES = {"n": 6, "d": 5, "h": 4, "q": 3}
PLACES = {"X": 0, "W1": 0, "b1": 0, "W2": 1, "Y": 1}


def pipeline(loss="squared", **sizes):
    model = mlp.build(**(SIZES | sizes), layout="row", loss=loss)
    sweep = model.backward()
    gradients = [sweep.adjoint[w] for w in model.weights]
    given = {model[name]: device for name, device in PLACES.items()}
    return model, sweep, gradients, partition.place([model["J"], *gradients], given, sweep)


@pytest.mark.parametrize("loss", ["squared", "cross_entropy"])
def test_the_pipeline_cut_is_h_forward_and_its_gradient_backward(loss):
    model, sweep, gradients, placement = pipeline(loss)
    dh = sweep.adjoint[model["H"]]
    cut = partition.transfers(gradients, placement)
    assert cut == (Transfer(model["H"], 0, 1), Transfer(dh, 1, 0))
    assert partition.wire_bytes(cut) == {(0, 1): 6 * 4 * 8, (1, 0): 6 * 4 * 8}


def test_the_objective_costs_one_more_number():
    model, _, gradients, placement = pipeline()
    with_j = partition.transfers([model["J"], *gradients], placement)
    without = partition.transfers(gradients, placement)
    (extra,) = set(with_j) - set(without)
    assert (extra.source, extra.target, extra.nbytes) == (0, 1, 8)


def test_backward_nodes_stand_with_the_forward_node_they_serve():
    model, sweep, _, placement = pipeline()
    assert placement[sweep.adjoint[model["O"]]] == placement[sweep.adjoint[model["H"]]] == 1
    for name in ("W1", "b1", "Z"):
        assert placement[sweep.adjoint[model[name]]] == 0
    assert placement[sweep.adjoint[model["W2"]]] == 1


def test_column_layout_cuts_at_the_same_place():
    model = mlp.build(d=5, h=4, q=3, layout="column")
    sweep = model.backward()
    given = {model[name]: PLACES[name.upper() if name in "xy" else name]
             for name in ("x", "y", "W1", "b1", "W2")}  # fmt: skip
    gradients = [sweep.adjoint[w] for w in model.weights]
    placement = partition.place(gradients, given, sweep)
    cut = partition.transfers(gradients, placement)
    assert [(t.node, t.source, t.target) for t in cut] == [
        (model["h"], 0, 1), (sweep.adjoint[model["h"]], 1, 0)
    ]  # fmt: skip


def test_one_device_sends_nothing_and_peaks_at_the_memory_plan():
    model, sweep, gradients, _ = pipeline()
    given = dict.fromkeys([model[name] for name in PLACES], 0)
    placement = partition.place(gradients, given, sweep)
    assert partition.transfers(gradients, placement) == ()
    plan = schedule(gradients)
    assert partition.peak_bytes(gradients, placement) == {0: plan.base + plan.peak}


def test_a_value_used_twice_elsewhere_is_sent_once():
    a, b = leaf("a", (3, 3)), leaf("b", (3, 3))
    out = [a @ b, a.T @ b]
    placement = partition.place(out, {a: 0, b: 1})
    assert partition.transfers(out, placement) == (Transfer(a, 0, 1),)


def test_a_value_used_on_two_devices_is_sent_twice():
    a, b, c = leaf("a", (3, 3)), leaf("b", (3, 3)), leaf("c", (3, 3))
    out = [a @ b, a @ c]
    cut = partition.transfers(out, partition.place(out, {a: 0, b: 1, c: 2}))
    assert cut == (Transfer(a, 0, 1), Transfer(a, 0, 2))


def test_a_leaf_without_a_device_is_named():
    model, sweep, gradients, _ = pipeline()
    with pytest.raises(ValueError, match="leaf 'W2' has no device"):
        partition.place(gradients, {model["X"]: 0, model["W1"]: 0, model["b1"]: 0}, sweep)


def test_memory_moves_to_the_second_device():
    _, _, gradients, placement = pipeline(d=50, h=40, q=30)
    peak = partition.peak_bytes(gradients, placement)
    model, sweep, same, _ = pipeline(d=50, h=40, q=30)
    plan = schedule(same)
    assert max(peak.values()) < plan.base + plan.peak
    w1, w2 = nbytes(model["W1"]), nbytes(model["W2"])
    assert peak[0] > 2 * w1 and peak[1] > 2 * w2  # each holds its weight and its gradient


# --- the graphs written for several devices -------------------------------------------------------


def whole(n, **sizes):
    model = mlp.build(n=n, **sizes, layout="row")
    feeds = {node.name: value for node, value in model.feeds().items()}
    sweep = model.backward()
    values = evaluate([model["J"], *(sweep.adjoint[w] for w in model.weights)], feeds)
    return feeds, dict(zip(("J", *model.parameters), values, strict=True))


@pytest.mark.parametrize("devices", [1, 2, 4])
def test_tensor_parallelism_has_the_gradient_of_the_one_graph(devices):
    feeds, expected = whole(**SIZES)
    split = partition.split_tensor(**SIZES, devices=devices)
    part = SIZES["h"] // devices
    given = {"Y": feeds["Y"]}
    for k in range(devices):
        mine = slice(k * part, (k + 1) * part)
        given |= {f"X[{k}]": feeds["X"], f"W1[{k}]": feeds["W1"][mine],
                  f"b1[{k}]": feeds["b1"][mine], f"W2[{k}]": feeds["W2"][:, mine]}  # fmt: skip
    sweep = split.backward()
    gradients = {name: sweep.adjoint[split[name]] for name in split.parameters}
    j, *values = evaluate([split.J, *gradients.values()], given)
    found = dict(zip(gradients, values, strict=True))
    assert abs(j - expected["J"]) < 1e-12
    for name, axis in {"W1": 0, "b1": 0, "W2": 1}.items():
        joined = np.concatenate([found[f"{name}[{k}]"] for k in range(devices)], axis=axis)
        assert np.abs(joined - expected[name]).max() < 1e-12


@pytest.mark.parametrize("devices", [2, 4])
def test_tensor_parallelism_sends_as_much_as_one_all_reduce_of_o(devices):
    split = partition.split_tensor(**SIZES, devices=devices)
    sweep = split.backward()
    gradients = [sweep.adjoint[split[name]] for name in split.parameters]
    cut = partition.transfers(gradients, partition.place(gradients, split.leaves_on, sweep))
    assert sum(t.nbytes for t in cut) == 2 * (devices - 1) * SIZES["n"] * SIZES["q"] * 8


def test_tensor_parallelism_asks_for_even_parts():
    with pytest.raises(ValueError, match="3 devices do not share 4 hidden units evenly"):
        partition.split_tensor(**SIZES, devices=3)


@pytest.mark.parametrize("shards", [(6,), (3, 3), (2, 2, 2), (4, 2), (1, 2, 3)])
def test_data_parallelism_has_the_gradient_of_the_one_graph(shards):
    feeds, expected = whole(**SIZES)
    sizes = {name: SIZES[name] for name in "dhq"}
    split = partition.split_data(shards=shards, **sizes)
    ends = np.cumsum(shards)[:-1]
    given = {}
    for k, (x, y) in enumerate(zip(*(np.split(feeds[key], ends) for key in "XY"), strict=True)):
        given |= {f"X[{k}]": x, f"Y[{k}]": y}
        given |= {f"{name}[{k}]": feeds[name] for name in ("W1", "b1", "W2")}
    sweep = split.backward()
    step, on = partition.all_reduced(split, sweep, rate=0.5)
    found = dict(zip(step, evaluate(list(step.values()), given), strict=True))
    for name in ("W1", "b1", "W2"):
        assert np.abs(found[name] - expected[name]).max() < 1e-12
        for k in range(len(shards)):
            stepped = feeds[name] - 0.5 * expected[name]
            assert np.abs(found[f"{name}[{k}]"] - stepped).max() < 1e-12

    placement = partition.place(list(step.values()), split.leaves_on | on, sweep)
    copies = [node for name, node in step.items() if "[" in name]
    cut = partition.transfers(copies, placement)
    total = sum(t.nbytes for t in cut)
    assert total == 2 * (len(shards) - 1) * (5 * 4 + 4 + 4 * 3) * 8


def test_the_drawing_shows_what_crosses_and_its_bytes_once():
    model, sweep, gradients, placement = pipeline()
    devices = {node: f"GPU {k}" for node, k in placement.items()}
    names = model.names | gradient_names(model.names, sweep)
    source = draw(gradients, names=names, inks=inks_of(sweep), devices=devices).source
    crossing = [line for line in source.splitlines() if " cut" in line]
    # H goes up twice, into O and into ∂J/∂W2, but is sent once; its gradient comes down
    assert len(crossing) == 3
    assert sum("192 B" in line for line in crossing) == 2
    assert source.count("cluster_GPU") == 2


@pytest.mark.parametrize("devices", [1, 2])
def test_a_split_names_its_sums(devices):
    tensor = partition.split_tensor(**SIZES, devices=devices)
    assert tensor["L"].args[0] is tensor["O"]
    data = partition.split_data(shards=(3,) * devices, d=5, h=4, q=3)
    assert data["J"].args[0] is data["L"]
