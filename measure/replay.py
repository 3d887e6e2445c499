"""A `compgraph` graph executed by torch, node by node, each value freed after its last use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch

from compgraph import Node, topological

aten = torch.ops.aten
_SUM = 2  # aten's number for reduction="sum"

#: operator -> torch's way to compute it from tensors and the node's constants. Each result owns
#: memory of its own, or is a view where compgraph says so.
TORCH: dict[str, Callable[..., torch.Tensor]] = {
    "transpose": lambda a: a.T,
    "reshape": lambda a, shape: a.view(shape),
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
    "tanh_vjp": aten.tanh_backward,
    "sigmoid": torch.sigmoid,
    "sigmoid_vjp": aten.sigmoid_backward,
    "relu": torch.relu,
    "relu_vjp": lambda g, h: aten.threshold_backward(g, h, 0),
    "matmul": torch.mm,
    "dot": lambda a, b: torch.dot(a.reshape(-1), b.reshape(-1)),
    "half_sqnorm": lambda a: torch.dot(a.reshape(-1), a.reshape(-1)).mul_(0.5),
    "squared_loss": lambda o, y, n: aten.mse_loss(o, y, _SUM).mul_(0.5 / n),
    "squared_loss_vjp": lambda g, o, y, n: aten.mse_loss_backward(g, o, y, _SUM).mul_(0.5 / n),
    "log_softmax": torch.log_softmax,
    "log_softmax_vjp": lambda g, logp, axis: aten._log_softmax_backward_data(
        g, logp, axis, logp.dtype
    ),
}


class Program:
    """A graph made ready for torch, as `compgraph.Program` is for NumPy: its constants are made.

    Parameters
    ----------
    outputs : the nodes whose values are wanted, computed in the order of `cost.schedule`.

    Calling it with a tensor for every leaf returns the outputs' values.
    """

    def __init__(self, outputs: Sequence[Node]):
        self.outputs = tuple(outputs)
        order = topological(self.outputs)
        last_use = {arg: node for node in order for arg in node.args}
        self._constants = {
            node: torch.full((), node.attrs[0], dtype=getattr(torch, node.dtype.name))
            for node in order
            if node.op == "constant"
        }
        self._steps = [
            (node, {a for a in node.args if last_use[a] is node} - set(self.outputs))
            for node in order
            if node.args
        ]

    def __call__(self, feeds: Mapping[Node, torch.Tensor]) -> list[torch.Tensor]:
        values = {**feeds, **self._constants}
        for node, dead in self._steps:
            values[node] = TORCH[node.op](*(values[arg] for arg in node.args), *node.attrs)
            for arg in dead:
                del values[arg]
        return [values[node] for node in self.outputs]
