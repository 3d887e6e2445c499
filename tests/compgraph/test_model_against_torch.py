"""The section's model in every variant: gradients, HVPs and third derivatives equal torch's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from judges import assert_close, dot, gradients
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from compgraph import Program, grad, hessian, hvp, leaf, ops
from compgraph.questions import cost, mlp

D, H, Q = 5, 4, 3
WEIGHT_DECAY = 0.3
ACTIVATIONS = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu}


def torch_objective(activation, loss, bias, layout, x, y, w1, w2, b1=None) -> torch.Tensor:
    """J as a torch user writes it: rows of examples, torch's own losses."""
    if layout == "column":
        x, y = x.T, y.T
        b1 = b1.squeeze(1) if bias else None
    o = functional.linear(ACTIVATIONS[activation](functional.linear(x, w1, b1)), w2)
    if loss == "squared":
        fit = functional.mse_loss(o, y, reduction="sum") / (2 * len(x))
    else:
        fit = functional.cross_entropy(o, y)
    return fit + WEIGHT_DECAY / 2 * (w1.square().sum() + w2.square().sum())


def variants():
    for activation in mlp.ACTIVATIONS:
        for loss in mlp.LOSSES:
            for bias in (True, False):
                for layout, n in (("column", 1), ("row", 1), ("row", 7)):
                    yield pytest.param(
                        activation, loss, bias, layout, n,
                        id=f"{activation}-{loss}-{'bias' if bias else 'nobias'}-{layout}-{n}",
                    )  # fmt: skip


class Pair:
    """One variant by both libraries, on the same random numbers."""

    def __init__(self, activation, loss, bias, layout, n):
        self.model = mlp.build(
            d=D, h=H, q=Q, n=n, layout=layout, bias=bias, activation=activation, loss=loss,
            weight_decay=WEIGHT_DECAY,
        )  # fmt: skip
        self.objective, self.weights = self.model["J"], self.model.weights
        rng = np.random.default_rng(3)
        self.directions = [
            [leaf(f"{which}{i}", w.shape) for i, w in enumerate(self.weights)] for which in "uv"
        ]
        self.feeds = self.model.feeds(seed=2)
        for node in sum(self.directions, []):
            self.feeds[node] = rng.standard_normal(node.shape)
        tensors = {node: torch.tensor(value) for node, value in self.feeds.items()}
        self.torch_weights = [tensors[w].requires_grad_() for w in self.weights]
        self.torch_directions = [[tensors[v] for v in several] for several in self.directions]
        x, y = (self.model.nodes.get(a, self.model.nodes.get(a.upper())) for a in "xy")
        self.torch_objective = lambda: torch_objective(
            activation, loss, bias, layout, tensors[x], tensors[y],
            *(tensors[self.model[name]] for name in ("W1", "W2", "b1")[: 2 + bias]),
        )  # fmt: skip

    def run(self, outputs):
        return Program(outputs)(self.feeds)


def compare(ours, theirs, tolerance=1e-12):
    for a, b in zip(ours, theirs, strict=True):
        assert_close(a, b, tolerance)


VARIANTS = pytest.mark.parametrize(("activation", "loss", "bias", "layout", "n"), list(variants()))


def check_to_second_order(pair: Pair) -> None:
    """J, its gradient, and its Hessian along u by both modes."""
    u, torch_u = pair.directions[0], pair.torch_directions[0]
    objective = pair.torch_objective()
    gradient = gradients(objective, pair.torch_weights)
    along = gradients(dot(gradient, torch_u), pair.torch_weights)
    compare(pair.run([pair.objective]), [objective])
    compare(pair.run(grad(pair.objective, pair.weights)), gradient)
    for mode in ("reverse", "forward"):
        compare(pair.run(hvp(pair.objective, pair.weights, u, mode)), along)


@VARIANTS
def test_value_gradient_and_hvp(activation, loss, bias, layout, n):
    check_to_second_order(Pair(activation, loss, bias, layout, n))


@VARIANTS
def test_third_derivative(activation, loss, bias, layout, n):
    pair = Pair(activation, loss, bias, layout, n)
    (u, v), (torch_u, torch_v) = pair.directions, pair.torch_directions
    once = gradients(pair.torch_objective(), pair.torch_weights)
    twice = gradients(dot(once, torch_u), pair.torch_weights)
    thrice = gradients(dot(twice, torch_v), pair.torch_weights)
    assert any(t.abs().max() > 1e-3 for t in thrice) or activation == "relu"
    for mode in ("reverse", "forward"):
        along = hvp(pair.objective, pair.weights, u, mode)
        total = sum((ops.dot(a, b) for a, b in zip(along, v, strict=True)), ops.constant(0.0))
        compare(pair.run(grad(total, pair.weights)), thrice)


@pytest.mark.parametrize(("layout", "n"), [("column", 1), ("row", 7)])
def test_full_hessian(layout, n):
    pair = Pair("tanh", "cross_entropy", True, layout, n)
    ours = hessian(pair.objective, pair.weights, pair.feeds)
    columns = []
    gradient = torch.cat([g.ravel() for g in gradients(pair.torch_objective(), pair.torch_weights)])
    for entry in gradient:
        row = torch.autograd.grad(entry, pair.torch_weights, retain_graph=True)
        columns.append(torch.cat([r.ravel() for r in row]))
    assert_close(ours, torch.stack(columns))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", mlp.ACTIVATIONS)
@pytest.mark.parametrize("loss", mlp.LOSSES)
def test_values_have_the_dtype_their_nodes_promise(dtype, activation, loss):
    model = mlp.build(
        d=D, h=H, q=Q, n=7, layout="row", activation=activation, loss=loss, dtype=dtype
    )
    vectors = [leaf(f"v{i}", w.shape, dtype) for i, w in enumerate(model.weights)]
    outputs = [*grad(model["J"], model.weights), *hvp(model["J"], model.weights, vectors)]
    feeds = model.feeds() | {v: np.ones(v.shape, dtype) for v in vectors}
    for value in Program([model["J"], *outputs])(feeds):
        assert value.dtype == dtype


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("loss", mlp.LOSSES)
def test_matmul_flops_are_those_that_torch_counts(bias, loss):
    pair = Pair("tanh", loss, bias, "row", 7)
    with FlopCounterMode(display=False) as counter:
        torch.autograd.grad(pair.torch_objective(), pair.torch_weights)
    gradient = grad(pair.objective, pair.weights)
    assert cost.flops(gradient, ["matmul"]) == counter.get_total_flops()
    assert cost.flops(gradient, ["matmul"]) == 2 * 7 * H * (2 * D + 3 * Q)


@pytest.mark.parametrize(
    ("op", "wrong"),
    [
        ("tanh_vjp", lambda n, g: (ops.apply("tanh_vjp", g, n.args[1]), ops.mul(g, n.args[1]))),
        ("tanh", lambda n, g: (ops.mul(g, n),)),
        ("matmul", lambda n, g: (g @ n.args[1].T, ops.scale(n.args[0].T @ g, 2.0))),
        ("add", lambda n, g: (g, ops.scale(g, -1.0))),
        ("half_sqnorm", lambda n, g: (ops.scale(n.args[0], 0.5),)),
    ],
)
def test_a_wrong_rule_is_noticed(monkeypatch, op, wrong):
    monkeypatch.setitem(ops.TABLE, op, replace(ops.TABLE[op], vjp=wrong))
    with pytest.raises(AssertionError, match="error"):
        check_to_second_order(Pair("tanh", "squared", True, "row", 7))


def test_a_derivative_that_is_off_in_the_eleventh_digit_is_noticed(monkeypatch):
    row = ops.TABLE["tanh_vjp"]
    nearly = replace(row, value=lambda g, h: row.value(g, h) * (1 + 1e-11))
    monkeypatch.setitem(ops.TABLE, "tanh_vjp", nearly)
    with pytest.raises(AssertionError, match="error"):
        check_to_second_order(Pair("tanh", "squared", True, "row", 7))
