"""The closed-form Hessian and Gauss–Newton matrix against torch, the graph, their definitions."""

from __future__ import annotations

import inspect
from itertools import product

import numpy as np
import pytest
import torch
from judges import assert_close, central_difference
from torch.func import hessian as torch_hessian
from torch.func import jacrev
from torch.nn import functional

from compgraph import hessian
from compgraph.questions import curvature, mlp

D, H, Q = 5, 4, 3
WEIGHT_DECAY = 0.3
TORCH = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu}

VARIANTS = pytest.mark.parametrize(
    ("n", "bias", "activation", "loss"),
    list(product((1, 7), (True, False), curvature.ACTIVATIONS, curvature.LOSSES)),
)


def arrays(n, bias, loss, seed=0) -> list[np.ndarray]:
    """X, Y, W1, W2 and, with bias, b1."""
    feeds = mlp.build(d=D, h=H, q=Q, n=n, layout="row", loss=loss).feeds(seed)
    values = {node.name: value for node, value in feeds.items()}
    return [values[name] for name in ("X", "Y", "W1", "W2", "b1")[: 4 + bias]]


def split(w, bias):
    """W1, b1 (or zeros) and W2 from the flat parameters."""
    first, b1, second = torch.split(w, (H * D, H * bias, Q * H))
    return first.view(H, D), b1 if bias else torch.zeros(H), second.view(Q, H)


def flat(w1, w2, b1=None) -> torch.Tensor:
    return torch.tensor(np.concatenate([a.ravel() for a in (w1, b1, w2) if a is not None]))


def outputs(w, x, bias, activation):
    w1, b1, w2 = split(w, bias)
    return TORCH[activation](x @ w1.T + b1) @ w2.T


def objective(w, x, y, bias, activation, loss, weight_decay):
    o = outputs(w, x, bias, activation)
    w1, _, w2 = split(w, bias)
    if loss == "squared":
        fit = functional.mse_loss(o, y, reduction="sum") / 2 / len(x)
    else:
        fit = functional.cross_entropy(o, y)
    return fit + weight_decay / 2 * (w1.square().sum() + w2.square().sum())


@VARIANTS
def test_hessian_equals_torchs(n, bias, activation, loss):
    x, y, *parameters = arrays(n, bias, loss)
    ours = curvature.hessian(
        x, y, *parameters, activation=activation, loss=loss, weight_decay=WEIGHT_DECAY
    )
    theirs = torch_hessian(objective)(
        flat(*parameters), torch.tensor(x), torch.tensor(y), bias, activation, loss, WEIGHT_DECAY
    )
    assert_close(ours, theirs)
    np.testing.assert_allclose(ours, ours.T, atol=1e-14)


@VARIANTS
def test_gauss_newton_is_what_it_is_called(n, bias, activation, loss):
    """The mean of (∂o/∂w)ᵀ M (∂o/∂w), with Jacobian and M by torch, plus λ on the weights."""
    x, y, *parameters = arrays(n, bias, loss)
    ours = curvature.gauss_newton(
        x, y, *parameters, activation=activation, loss=loss, weight_decay=WEIGHT_DECAY
    )
    w, x, y = flat(*parameters), torch.tensor(x), torch.tensor(y)
    jacobian = jacrev(outputs)(w, x, bias, activation)
    o = outputs(w, x, bias, activation)
    if loss == "squared":
        m = torch.eye(Q, dtype=torch.float64).expand(n, Q, Q)
    else:
        m = torch.stack([torch_hessian(functional.cross_entropy)(o[i], y[i]) for i in range(n)])
    theirs = torch.einsum("nkp,nkl,nlr->pr", jacobian, m, jacobian) / n
    decayed = torch.ones(len(w), dtype=torch.float64)
    decayed[H * D : len(w) - Q * H] = 0  # the bias is not in the penalty
    assert_close(ours, theirs + WEIGHT_DECAY * torch.diag(decayed))


def test_closed_form_equals_the_graphs_hessian():
    model = mlp.build(d=D, h=H, q=Q, n=7, layout="row", weight_decay=WEIGHT_DECAY)
    feeds = model.feeds()
    values = {node.name: value for node, value in feeds.items()}
    order = [model[name] for name in ("W1", "b1", "W2")]
    assert_close(
        curvature.hessian(**values, weight_decay=WEIGHT_DECAY),
        hessian(model["J"], order, feeds),
    )


def difference(exact, n, activation, loss="squared"):
    case = arrays(n, True, loss)
    function = curvature.hessian if exact else curvature.gauss_newton
    return function(*case, activation=activation, loss=loss)


@pytest.mark.parametrize("activation", curvature.ACTIVATIONS)
def test_gauss_newton_differs_even_for_relu(activation):
    """For ReLU φ″ = 0, but the term that joins W2 to the first layer remains."""
    dropped = difference(True, 7, activation) - difference(False, 7, activation)
    second = slice(D * H + H, None)
    first = slice(D * H + H)
    assert np.abs(dropped[second, first]).max() > 0.01
    np.testing.assert_array_equal(dropped[second, second], 0)
    if activation == "relu":
        np.testing.assert_array_equal(dropped[first, first], 0)
    else:
        assert np.abs(dropped[first, first]).max() > 0.01


def test_gauss_newton_is_the_hessian_where_the_error_is_zero():
    x, _, w1, w2, b1 = arrays(7, True, "squared")
    y = np.tanh(x @ w1.T + b1) @ w2.T
    np.testing.assert_allclose(
        curvature.hessian(x, y, w1, w2, b1), curvature.gauss_newton(x, y, w1, w2, b1), atol=1e-15
    )


def test_gauss_newton_is_never_negative_and_the_hessian_is():
    for activation, loss in product(curvature.ACTIVATIONS, curvature.LOSSES):
        assert np.linalg.eigvalsh(difference(False, 7, activation, loss)).min() > -1e-14
    assert np.linalg.eigvalsh(difference(True, 7, "tanh")).min() < -0.1


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_slopes_are_derivatives(activation):
    z = np.linspace(-3, 3, 13)
    value = mlp.ops.TABLE[activation].value
    slopes = curvature.ACTIVATIONS[activation]
    one = np.ones_like(z)
    assert_close(slopes.first(value(z)), central_difference(value, [z], [one]), 1e-8)
    assert_close(
        slopes.second(value(z)),
        central_difference(lambda z: slopes.first(value(z)), [z], [one]),
        1e-8,
    )


def test_relus_kink_has_slope_zero():
    slopes = curvature.ACTIVATIONS["relu"]
    np.testing.assert_array_equal(slopes.first(np.array([0.0, 2.0])), [0, 1])
    np.testing.assert_array_equal(slopes.second(np.array([0.0, 2.0])), [0, 0])


def test_float32_stays_float32():
    case = [a.astype(np.float32) for a in arrays(3, True, "cross_entropy")]
    found = curvature.hessian(*case, loss="cross_entropy", activation="relu", weight_decay=0.1)
    assert found.dtype == np.float32


def test_names_are_those_of_the_model():
    assert inspect.signature(curvature.hessian) == inspect.signature(curvature.gauss_newton)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Y": np.ones((6, Q))}, r"^Y: expected shape \(n, q\), with .*n = 7.*; got \(6, 3\)"),
        ({"W1": np.ones((D, H))}, r"^W1: expected shape \(h, d\), with .*d = 5.*; got \(5, 4\)"),
        ({"W2": np.ones((H, Q))}, r"^W2: expected shape \(q, h\), with .*q = 3.*; got \(4, 3\)"),
        ({"b1": np.ones((H, 1))}, r"^b1: expected shape \(h\), with .*h = 4.*; got \(4, 1\)"),
        ({"X": np.ones(D)}, r"^X: expected shape \(n, d\), with the sizes n = 5; got \(5,\)"),
        ({"activation": "gelu"}, "activation is one of 'tanh', 'sigmoid', 'relu'; got 'gelu'"),
        ({"loss": "mse"}, "loss is one of 'squared', 'cross_entropy'; got 'mse'"),
    ],
)
def test_bad_input_is_named(change, message):
    names = ("X", "Y", "W1", "W2", "b1")
    given = dict(zip(names, arrays(7, True, "squared"), strict=True))
    with pytest.raises(ValueError, match=message):
        curvature.hessian(**given | change)
