"""Torch, executing a graph node by node, needs the bytes of the graph's static plan."""

from itertools import product
from random import Random

import numpy as np
import pytest
import torch

import compgraph as cg
from compgraph.questions import cost, mlp
from compgraph.questions.memory import STORAGE
from measure import ByteCounter, mse_owns, replay

MODELS = list(product(mlp.ACTIVATIONS, mlp.LOSSES, (False, True), (0, 0.1)))


@pytest.mark.parametrize(("activation", "loss", "bias", "weight_decay"), MODELS)
def test_the_plan_is_what_torch_needs(activation, loss, bias, weight_decay):
    rng = Random(11)
    for _ in range(10):
        sizes = {letter: rng.randint(1, 40) for letter in "dhqn"}
        model = mlp.build(**sizes, activation=activation, loss=loss, bias=bias,
                          weight_decay=weight_decay, layout="row", dtype="float32")  # fmt: skip
        outputs = [model["J"], *cg.grad(model["J"], model.weights)]
        values = model.feeds()
        program = replay.Program(outputs)
        feeds = {node: torch.from_numpy(value) for node, value in values.items()}
        with ByteCounter() as counter:
            results = program(feeds)
        plan = cost.schedule(outputs, storage=STORAGE[mse_owns()])
        assert plan.peak == counter.peak, sizes
        assert plan.live_bytes[-1] == counter.steps[-1].live
        for mine, theirs in zip(results, cg.evaluate(outputs, values), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)


def test_the_plan_needs_the_storage_it_declares():
    """Without it the plan is too small: the comparison above can fail."""
    model = mlp.build(d=3, h=2, q=40, n=30, layout="row", weight_decay=0, dtype="float32")
    outputs = [model["J"], *cg.grad(model["J"], model.weights)]
    program = replay.Program(outputs)
    feeds = {node: torch.from_numpy(value) for node, value in model.feeds().items()}
    with ByteCounter() as counter:
        program(feeds)
    with_storage = cost.schedule(outputs, storage=STORAGE["nq"]).peak
    assert cost.schedule(outputs).peak < with_storage
    assert with_storage == counter.peak or mse_owns() == "1"


def test_second_derivatives_too():
    model = mlp.build(d=5, h=7, q=3, n=4, layout="row", loss="cross_entropy")
    v = [cg.leaf(f"v{i}", w.shape) for i, w in enumerate(model.weights)]
    outputs = cg.hvp(model["J"], model.weights, v)
    values = model.feeds() | {node: np.ones(node.shape) for node in v}
    program = replay.Program(outputs)
    feeds = {node: torch.from_numpy(value) for node, value in values.items()}
    with ByteCounter() as counter:
        program(feeds)
    assert cost.schedule(outputs, storage=STORAGE[mse_owns()]).peak == counter.peak
