"""Cutting the graph: which device computes a node, what crosses between devices, what each holds.

Devices are numbered from 0, as ranks are. `place` needs to be told about the leaves alone: data and
parameters lie somewhere, and everything else follows. `transfers` reads off the cut: the values
that one device computes and another one uses. `peak_bytes` is the memory plan of each device.

A pipeline is a pure cut of the section's graph. Tensor and data parallelism are *written* as
another graph with the same gradients: `split_tensor` and `split_data`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from .. import checks, ops
from ..autodiff import Backward, backward
from ..graph import Node, leaf, topological
from .cost import nbytes, owner
from .functions import ACTIVATIONS

Placement = Mapping[Node, int]


@dataclass(frozen=True)
class Transfer:
    """The value of `node` goes from device `source` to device `target`, once."""

    node: Node
    source: int
    target: int

    @property
    def nbytes(self) -> int:
        """Bytes on the wire."""
        return nbytes(self.node)


def place(outputs: Sequence[Node], given: Placement, *sweeps: Backward) -> dict[Node, int]:
    """A device for every node that the outputs and the sweeps depend on.

    Parameters
    ----------
    given : the device of each leaf, and of any other node that is to be put somewhere by hand.
    sweeps : the backward sweeps among the outputs. A node that backward propagation made is placed
        with the forward node whose rule made it (`Backward.origin`).

    Any other node is computed where the last of its arguments arrives: on the highest-numbered of
    their devices. Views are read where they are used, and constants are part of the program's
    text, so neither has a device.

    Raises
    ------
    ValueError : for a leaf without a device.
    """
    origin = {node: by for sweep in sweeps for node, by in sweep.origin.items()}
    placement: dict[Node, int] = {}
    for node in topological([*origin.values(), *outputs]):
        if owner(node) is not node or node.op == "constant":
            continue
        if node in given:
            placement[node] = given[node]
        elif node in origin:
            placement[node] = placement[owner(origin[node])]
        elif node.op == "leaf":
            raise ValueError(f"place: the leaf {node.name!r} has no device")
        else:
            placement[node] = max(placement[held] for held in _read_by(node))
    return placement


def transfers(outputs: Sequence[Node], placement: Placement) -> tuple[Transfer, ...]:
    """The cut: each value that leaves its device, once for each device that uses it.

    A value sent is kept until its last use there, so several uses cost one transfer. The order is
    topological: all devices that send and receive in this order fit together.
    """
    order = topological(outputs)
    users: dict[Node, dict[int, None]] = {}  # a dict, for its order
    for node in order:
        if node in placement:
            for held in _read_by(node):
                users.setdefault(held, {})[placement[node]] = None
    return tuple(
        Transfer(node, placement[node], device)
        for node in order
        if node in placement
        for device in sorted(users.get(node, ()))
        if device != placement[node]
    )


def wire_bytes(cut: Iterable[Transfer]) -> Counter[tuple[int, int]]:
    """Bytes from device to device: ``{(source, target): bytes}``."""
    total: Counter[tuple[int, int]] = Counter()
    for transfer in cut:
        total[transfer.source, transfer.target] += transfer.nbytes
    return total


def peak_bytes(outputs: Sequence[Node], placement: Placement) -> dict[int, int]:
    """The most bytes each device ever holds: its leaves, its values, and what it has received.

    A value is freed after its last use on the device; leaves and outputs stay. Sending is a use.
    """
    held: Counter[int] = Counter()
    peak: Counter[int] = Counter()
    for node, device, freed in lifetimes(outputs, placement):
        held[device] += nbytes(node)
        peak[device] = max(peak[device], held[device])
        held[device] -= sum(map(nbytes, freed))
    return dict(sorted(peak.items()))


def lifetimes(
    outputs: Sequence[Node], placement: Placement
) -> Iterator[tuple[Node, int, list[Node]]]:
    """Yield ``(node, device, freed)``: what a device takes in, step by step, and may then forget.

    A node appears on its own device when it is computed (a leaf at the very beginning), and at the
    same moment on each device that receives it. `freed` are the values that have had their last
    use on that device with this step; the node itself is among them if it was only to be sent.
    """
    order = [node for node in topological(outputs) if node in placement]
    order.sort(key=lambda node: node.op != "leaf")  # stable: leaves are there from the start
    where: dict[Node, list[int]] = {node: [placement[node]] for node in order}
    for transfer in transfers(outputs, placement):
        where[transfer.node].append(transfer.target)
    stays = {owner(node) for node in outputs}
    last_use: dict[tuple[Node, int], Node] = {}
    for node in order:
        for held in (node, *_read_by(node)):
            last_use[held, placement[node]] = node
    for node in order:
        for device in where[node]:
            freed = []
            if device == placement[node]:
                freed = [
                    held
                    for held in (node, *_read_by(node))
                    if last_use[held, device] is node
                    and not (device == placement[held] and (held in stays or held.op == "leaf"))
                ]
            yield node, device, freed


def _read_by(node: Node) -> list[Node]:
    """The memory a step reads: the owners of its arguments, without constants, each once."""
    return [
        held for held in dict.fromkeys(owner(arg) for arg in node.args) if held.op != "constant"
    ]


# --- graphs written for several devices ----------------------------------------------------------


@dataclass(frozen=True)
class Split:
    """The section's model, written for several devices.

    Attributes
    ----------
    nodes : every leaf and variable by name; ``W1[0]`` is what device 0 has of W1.
    leaves_on : the device of each leaf, for `place`.
    J : the objective.
    parameters : the names of all parameters' leaves.
    """

    nodes: Mapping[str, Node]
    leaves_on: Mapping[Node, int]
    J: Node
    parameters: tuple[str, ...]

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]

    @property
    def names(self) -> dict[Node, str]:
        """Each variable's name, for a drawing."""
        return {node: name for name, node in self.nodes.items()}

    def backward(self) -> Backward:
        """The backward graph of J with respect to all parameters."""
        return backward(self.J, [self.nodes[name] for name in self.parameters])


def split_tensor(
    *, n: int, d: int, h: int, q: int, devices: int, activation: str = "tanh",
    weight_decay: float = 0.1, dtype: str = "float64",
) -> Split:  # fmt: skip
    """Tensor parallelism: every device has h/devices of the hidden units.

    Device k has those rows of W1 and b1, and those columns of W2. Each computes a partial
    O[k] = φ(X W1[k]ᵀ + b1[k]) W2[k]ᵀ of full shape n×q; their sum is O. The minibatch X is read by
    every device itself. Row layout; the squared loss, averaged over n.

    Raises
    ------
    ValueError : for bad sizes, or if the devices do not divide h.
    """
    n, d, h, q = checks.sizes(n=n, d=d, h=h, q=q).values()
    devices = checks.size("devices", devices)
    phi = ACTIVATIONS[checks.choice("activation", activation, ACTIVATIONS)].node
    if h % devices:
        raise ValueError(f"split_tensor: {devices} devices do not share {h} hidden units evenly")
    part = h // devices
    nodes: dict[str, Node] = {}
    on: dict[Node, int] = {}

    def put(name: str, shape: tuple[int, ...], device: int) -> Node:
        nodes[name] = leaf(name, shape, dtype)
        on[nodes[name]] = device
        return nodes[name]

    weights = []
    for k in range(devices):
        w1, b1 = put(f"W1[{k}]", (part, d), k), put(f"b1[{k}]", (part,), k)
        w2, x = put(f"W2[{k}]", (q, part), k), put(f"X[{k}]", (n, d), k)
        nodes[f"H[{k}]"] = phi(x @ w1.T + b1)
        nodes[f"O[{k}]"] = nodes[f"H[{k}]"] @ w2.T
        weights.append((w1, w2))
    nodes["O"] = _sum(nodes[f"O[{k}]"] for k in range(devices))
    nodes["L"] = ops.squared_loss(nodes["O"], put("Y", (n, q), devices - 1), n)
    nodes["J"] = _objective(nodes["L"], weight_decay, weights)
    return Split(nodes, on, nodes["J"], _parameters(devices))


def split_data(
    *, shards: Sequence[int], d: int, h: int, q: int, activation: str = "tanh",
    weight_decay: float = 0.1, dtype: str = "float64",
) -> Split:  # fmt: skip
    """Data parallelism: every device has all parameters and a shard of the minibatch.

    Device k has its own copy of W1, b1 and W2 and `shards[k]` of the n = Σ shards examples. Its
    loss is the sum over its examples divided by the n of the whole minibatch, so the losses and
    the gradients of the devices *add up* to the minibatch's, whatever the shards' sizes. The last
    device carries the penalty.

    `all_reduced` writes the sum of the copies' gradients, which is the gradient of the one model.
    """
    d, h, q = checks.sizes(d=d, h=h, q=q).values()
    shards = [checks.size(f"shards[{k}]", size) for k, size in enumerate(shards)]
    phi = ACTIVATIONS[checks.choice("activation", activation, ACTIVATIONS)].node
    n = sum(shards)
    nodes: dict[str, Node] = {}
    on: dict[Node, int] = {}
    for k, size in enumerate(shards):
        shapes = {"X": (size, d), "Y": (size, q), "W1": (h, d), "b1": (h,), "W2": (q, h)}
        mine = {
            f"{name}[{k}]": leaf(f"{name}[{k}]", shape, dtype) for name, shape in shapes.items()
        }
        x, y, w1, b1, w2 = mine.values()
        nodes |= mine
        on |= dict.fromkeys(mine.values(), k)
        nodes[f"H[{k}]"] = phi(x @ w1.T + b1)
        nodes[f"O[{k}]"] = nodes[f"H[{k}]"] @ w2.T
        nodes[f"L[{k}]"] = ops.squared_loss(nodes[f"O[{k}]"], y, n)
    nodes["L"] = _sum(nodes[f"L[{k}]"] for k in range(len(shards)))
    nodes["J"] = _objective(nodes["L"], weight_decay, [(w1, w2)])
    return Split(nodes, on, nodes["J"], _parameters(len(shards)))


def all_reduced(
    split: Split, sweep: Backward, rate: float
) -> tuple[dict[str, Node], dict[Node, int]]:
    """One step of SGD on every copy of `split_data`, by the sum of the copies' gradients.

    Returns the new nodes by name and, for `place`, the device of each copy's step: ``W1`` is the
    summed gradient, ``W1[k]`` device k's next copy W1[k] − rate × sum, and so for each parameter.
    Summing on one device and sending the sum back is an all-reduce: 2 (devices − 1) times the
    parameters on the wire, as much as a ring's.
    """
    copies: dict[str, list[Node]] = {}
    for name in split.parameters:
        copies.setdefault(_whole(name), []).append(sweep.adjoint[split[name]])
    nodes = {whole: _sum(gradients) for whole, gradients in copies.items()}
    steps = {name: split[name] - rate * nodes[_whole(name)] for name in split.parameters}
    return nodes | steps, {step: split.leaves_on[split[name]] for name, step in steps.items()}


def _whole(name: str) -> str:
    """The name of which ``W1[0]`` is a part or a copy."""
    return name.partition("[")[0]


def _parameters(devices: int) -> tuple[str, ...]:
    return tuple(f"{name}[{k}]" for k in range(devices) for name in ("W2", "b1", "W1"))


def _sum(terms: Iterable[Node]) -> Node:
    return reduce(ops.add, terms)


def _objective(loss: Node, weight_decay: float, weights: Sequence[tuple[Node, Node]]) -> Node:
    """The loss plus λ/2 (‖W1‖² + ‖W2‖²) of each pair of weights; the loss alone where λ is 0."""
    if not weight_decay:
        return loss
    return loss + _sum(
        weight_decay * (ops.half_sqnorm(w1) + ops.half_sqnorm(w2)) for w1, w2 in weights
    )
