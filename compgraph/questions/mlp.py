"""The model of D2L's section 5.3, built once: with and without bias, either loss, either layout.

One hidden layer with an L2 penalty on the weights,

    z = W1 x + b1,   h = φ(z),   o = W2 h,   L = l(o, y),   s = λ/2 (‖W1‖² + ‖W2‖²),   J = L + s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .. import checks, ops
from ..autodiff import Backward, backward
from ..graph import Node, leaf
from .functions import ACTIVATIONS, LOSSES


@dataclass(frozen=True)
class Model:
    """The graph of one training example or minibatch.

    Attributes
    ----------
    nodes : the variables by D2L's names: x, y, W1, b1, W2, z, h, o, L, s, J; in row layout the
        batch's variables are X, Y, Z, H, O. Without bias there is no b1, without penalty no s.
    parameters : the names of the parameters in the order in which their gradients become ready:
        the output layer first.
    """

    nodes: Mapping[str, Node]
    parameters: tuple[str, ...]

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]

    @property
    def weights(self) -> list[Node]:
        """The parameters' nodes, in the order of `parameters`."""
        return [self.nodes[name] for name in self.parameters]

    @property
    def names(self) -> dict[Node, str]:
        """Each variable's name, for a drawing."""
        return {node: name for name, node in self.nodes.items()}

    def backward(self) -> Backward:
        """The backward graph of J with respect to the parameters."""
        return backward(self.nodes["J"], self.weights)

    def feeds(self, seed: int = 0) -> dict[Node, np.ndarray]:
        """Random values for all leaves: standard normal, and one-hot labels under cross-entropy.

        Weights are scaled by 1/√(fan-in), so activations stay of order one.
        """
        rng = np.random.default_rng(seed)
        values = {}
        for name in ("x", "X", "y", "Y", "W1", "b1", "W2"):
            node = self.nodes.get(name)
            if node is None:
                continue
            value = rng.standard_normal(node.shape)
            if name in ("W1", "W2"):
                value /= np.sqrt(node.shape[1])
            if name in ("y", "Y") and self.nodes["L"].op != "squared_loss":
                axis = 0 if name == "y" else 1
                value = (value == value.max(axis=axis, keepdims=True)) * 1.0
            values[node] = value.astype(node.dtype)
        return values


def build(
    *,
    d: int,
    h: int,
    q: int,
    n: int = 1,
    layout: str = "column",
    bias: bool = True,
    activation: str = "tanh",
    loss: str = "squared",
    weight_decay: float = 0.1,
    dtype: str = "float64",
) -> Model:
    """The section's model as a graph.

    Parameters
    ----------
    d, h, q : numbers of inputs, hidden units and outputs.
    n : number of examples; L is the mean of their losses.
    layout : ``"column"``, as in D2L 5.3: one example, x is d×1 and z = W1 x + b1 with b1 h×1.
        ``"row"``, as in torch and in the rest of D2L: one example a row, X is n×d and
        Z = X W1ᵀ + 1 b1ᵀ with b1 of length h. W1 is h×d and W2 q×h in both.
    bias : whether the hidden layer has b1.
    activation : ``"tanh"``, ``"sigmoid"`` or ``"relu"``.
    loss : ``"squared"``, ½‖o − y‖², or ``"cross_entropy"``, −⟨y, log softmax(o)⟩.
    weight_decay : λ; 0 leaves the penalty s out of the graph.

    Raises
    ------
    ValueError : for a size that is not a positive integer, an unknown name, a negative λ, or more
        than one example in column layout.
    """
    d, h, q, n = checks.sizes(d=d, h=h, q=q, n=n).values()
    checks.choice("layout", layout, ("column", "row"))
    checks.choice("activation", activation, ACTIVATIONS)
    checks.choice("loss", loss, LOSSES)
    if layout == "column" and n != 1:
        raise ValueError(f"column layout holds one example, got n = {n}; use layout='row'")
    checks.number("weight_decay", weight_decay, or_zero=True)

    column = layout == "column"
    w1 = leaf("W1", (h, d), dtype)
    w2 = leaf("W2", (q, h), dtype)
    if column:
        x, y = leaf("x", (d, 1), dtype), leaf("y", (q, 1), dtype)
        z = w1 @ x
        b1 = leaf("b1", (h, 1), dtype)
    else:
        x, y = leaf("X", (n, d), dtype), leaf("Y", (n, q), dtype)
        z = x @ w1.T
        b1 = leaf("b1", (h,), dtype)
    if bias:
        z = z + b1
    hidden = ACTIVATIONS[activation].node(z)
    o = w2 @ hidden if column else hidden @ w2.T
    mean_loss = LOSSES[loss].node(o, y, n, 0 if column else 1)

    nodes = {"x": x, "y": y, "W1": w1, "W2": w2, "z": z, "h": hidden, "o": o}
    if not column:
        nodes = {name.upper(): node for name, node in nodes.items()}
    if bias:
        nodes["b1"] = b1
    nodes["L"] = mean_loss
    objective = mean_loss
    if weight_decay:
        nodes["s"] = weight_decay * (ops.half_sqnorm(w1) + ops.half_sqnorm(w2))
        objective = mean_loss + nodes["s"]
    nodes["J"] = objective
    return Model(nodes, ("W2", "b1", "W1") if bias else ("W2", "W1"))
