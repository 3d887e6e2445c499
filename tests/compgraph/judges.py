"""Who decides whether compgraph is right: torch, complex step, central difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch

from compgraph import Node, topological

#: torch's value of each operator, written without compgraph's rules
TORCH: dict[str, Callable[..., torch.Tensor]] = {
    "constant": lambda c: torch.tensor(c, dtype=torch.float64),
    "transpose": lambda a: a.transpose(0, 1),
    "reshape": lambda a, shape: a.reshape(shape),
    "expand": lambda a, shape: a.expand(shape),
    "sum_to": lambda a, shape: a.sum_to_size(shape),
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "scale": torch.mul,
    "power": torch.pow,
    "exp": torch.exp,
    "log": torch.log,
    "tanh": torch.tanh,
    "tanh_vjp": lambda g, h: g * (1 - h**2),
    "sigmoid": torch.sigmoid,
    "sigmoid_vjp": lambda g, h: g * h * (1 - h),
    "relu": torch.relu,
    "relu_vjp": lambda g, h: g * (h > 0),
    "matmul": torch.mm,
    "inverse": torch.linalg.inv,
    "logabsdet": lambda a: torch.linalg.slogdet(a).logabsdet,
    "dot": lambda a, b: (a * b).sum(),
    "half_sqnorm": lambda a: a.pow(2).sum() / 2,
    "squared_loss": lambda o, y, n: torch.nn.functional.mse_loss(o, y, reduction="sum") / (2 * n),
    "squared_loss_vjp": lambda g, o, y, n: g * (o - y) / n,
    "log_softmax": torch.log_softmax,
    "log_softmax_vjp": lambda g, logp, axis: g - logp.exp() * g.sum(axis, keepdim=True),
}


def in_torch(outputs: Sequence[Node], tensors: Mapping[Node, torch.Tensor]) -> list[torch.Tensor]:
    """The outputs' values by torch, from a tensor for every leaf."""
    values = dict(tensors)
    for node in topological(outputs):
        if node not in values:
            values[node] = TORCH[node.op](*(values[arg] for arg in node.args), *node.attrs)
    return [values[node] for node in outputs]


def tensors_of(feeds: Mapping[Node, np.ndarray]) -> dict[Node, torch.Tensor]:
    """A differentiable tensor for every array."""
    return {node: torch.tensor(value, requires_grad=True) for node, value in feeds.items()}


def gradients(y: torch.Tensor, wrt: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
    """torch.autograd's gradients, differentiable again; zeros where y does not depend on w."""
    if not y.requires_grad:
        return tuple(torch.zeros_like(w) for w in wrt)
    return torch.autograd.grad(y, wrt, create_graph=True, allow_unused=True, materialize_grads=True)


def dot(left: Sequence[torch.Tensor], right: Sequence[torch.Tensor]) -> torch.Tensor:
    """⟨left, right⟩ over several tensors."""
    return sum(((a * b).sum() for a, b in zip(left, right, strict=True)), torch.zeros(()).double())


def complex_step(
    function: Callable[..., np.ndarray], at: Sequence[np.ndarray], along: Sequence[np.ndarray]
) -> np.ndarray:
    """The directional derivative of an analytic function, to rounding: Im f(x + iεt) / ε.

    Squire and Trapp 1998, doi:10.1137/S003614459631241X.
    """
    step = 1e-30
    moved = (x + 1j * step * t for x, t in zip(at, along, strict=True))
    return np.imag(function(*moved)) / step


def central_difference(
    function: Callable[..., np.ndarray], at: Sequence[np.ndarray], along: Sequence[np.ndarray]
) -> np.ndarray:
    """The directional derivative by (f(x + εt) − f(x − εt)) / 2ε, to about 1e-9."""
    step = 1e-5
    ahead = function(*(x + step * t for x, t in zip(at, along, strict=True)))
    behind = function(*(x - step * t for x, t in zip(at, along, strict=True)))
    return (ahead - behind) / (2 * step)


def assert_close(ours, theirs, tolerance: float = 1e-12) -> None:
    """Same shape, and equal to `tolerance` relative to the largest element, or to 1 if smaller."""
    if isinstance(theirs, torch.Tensor):
        theirs = theirs.detach().numpy()
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape, f"shapes {ours.shape} and {theirs.shape} differ"
    scale = max(1.0, np.abs(theirs).max(initial=0.0))
    error = np.abs(ours - theirs).max(initial=0.0) / scale
    assert error <= tolerance, f"error {error:.2e} exceeds {tolerance:.0e}"
