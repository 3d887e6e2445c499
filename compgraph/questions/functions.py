"""The functions of which the model is made: activations φ and losses l, one row each.

A row holds what the questions ask of the function: its node (`mlp`, `partition`), its slopes in
closed form (`curvature`), what torch keeps for it (`memory`), and its name in torch (`measure`).
To add an activation, add its operator to `ops.TABLE` and its row here; if φ′ is no formula in h,
what is kept differs too, as for GELU.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from .. import ops
from ..graph import Node


@dataclass(frozen=True)
class InTorch:
    """An activation as torch runs it.

    Attributes
    ----------
    torch : its name in torch.
    memory : the rows of `memory`'s tables that it changes: name -> new `until`, or None for a
        tensor that is never made. The tables are those of a φ whose φ′ is computed from H.
    """

    torch: str
    memory: Mapping[str, str | None] = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True)
class Activation(InTorch):
    """An activation h = φ(z) that the graph has an operator for, of the same name.

    Attributes
    ----------
    node : h as a node.
    first, second : φ′ and φ″ as functions of h; arrays of h's shape.
    """

    node: Callable[[Node], Node]
    first: Callable[[np.ndarray], np.ndarray]
    second: Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Loss:
    """The mean loss of n examples.

    Attributes
    ----------
    torch : its name in torch.
    node : function of (o, y, n, axis along which the classes lie): a scalar.
    slopes : function of (o, y), n×q each, to e = ∂l/∂o (n×q) and M = ∂²l/∂o² (n×q×q), for every
        example by itself.
    """

    torch: str
    node: Callable[[Node, Node, int, int], Node]
    slopes: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def _squared(o: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return o - y, np.broadcast_to(np.eye(o.shape[1], dtype=o.dtype), (*o.shape, o.shape[1]))


def _cross_entropy(o: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    p = np.exp(ops.TABLE["log_softmax"].value(o, 1))
    return p - y, p[:, :, None] * (np.eye(o.shape[1], dtype=o.dtype) - p[:, None, :])


#: what the graph can be built with
ACTIVATIONS = {
    "tanh": Activation("tanh", ops.tanh, lambda h: 1 - h * h, lambda h: -2 * h * (1 - h * h)),
    "sigmoid": Activation(
        "sigmoid", ops.sigmoid, lambda h: h * (1 - h), lambda h: h * (1 - h) * (1 - 2 * h)
    ),
    "relu": Activation("relu", ops.relu, lambda h: np.where(h > 0, 1.0, 0.0), np.zeros_like),
}

#: what torch can be asked to run; the graph has no operator that writes in place, and no GELU
TORCH_ACTIVATIONS: Mapping[str, InTorch] = {
    **ACTIVATIONS,
    "relu in place": InTorch("relu_", memory={"Z": None}),  # H is written over Z
    # φ′ is computed from Z
    "gelu": InTorch("nn.functional.gelu", memory={"Z": "∂J/∂Z", "H": "∂J/∂H"}),
}

LOSSES = {
    "squared": Loss(
        "nn.functional.mse_loss", lambda o, y, n, axis: ops.squared_loss(o, y, n), _squared
    ),
    "cross_entropy": Loss("nn.functional.cross_entropy", ops.cross_entropy, _cross_entropy),
}
