"""What an answer is handed besides numbers and arrays, and how an answer that is no value is tried.

An instrument holds arrays and numbers alone, so a sealed bank can bring it along.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace as Draw

import numpy as np

from compgraph import evaluate, half_sqnorm, leaf, squared_loss, tanh, topological
from coursecheck.messages import say
from coursecheck.nodes import unfit
from coursecheck.result import Finding

# --- handed to an answer --------------------------------------------------------------------------


@dataclass(eq=False)
class Smooth:
    """A function of an n×m array, real or complex, that no scheme differentiates exactly.

    Its second term ties the entries together, so one that is not put back is noticed.
    """

    C: np.ndarray
    D: np.ndarray

    def __call__(self, X: np.ndarray) -> complex:
        return np.sum(self.C * np.sin(X)) + np.sin(np.sum(self.D * X) / np.sqrt(self.C.size))


@dataclass(eq=False)
class Product:
    """The product of a P×P matrix with one vector, as an HVP gives it."""

    H: np.ndarray

    def __call__(self, vector: np.ndarray) -> np.ndarray:
        if np.shape(vector) != self.H.shape[:1]:
            raise ValueError(f"product takes one vector of {len(self.H)} numbers")
        return self.H @ vector


@dataclass(eq=False)
class Device:
    """The gradient of a linear model's mean loss, on a device that holds few examples."""

    most: int
    asked: int = field(default=0, init=False)

    def __call__(self, X: np.ndarray, Y: np.ndarray, W: np.ndarray) -> np.ndarray:
        if len(X) > self.most:
            raise MemoryError(f"this device holds {self.most} examples at a time, not {len(X)}")
        self.asked += len(X)
        return (X @ W.T - Y).T @ X / len(X)


INSTRUMENTS = {each.__name__: each for each in (Smooth, Product, Device)}

# --- looking at what was done ---------------------------------------------------------------------

UNASKED = "The value is right, but `gradient` was not asked for all examples."
DETACHED = (
    "The values are right, but {later} is not built from the node {name} that you return. "
    "Use the variable again instead of writing its expression a second time."
)


def asked_for_all(v: Draw) -> str | None:
    """Whether the device has seen every example; forgets it."""
    asked, v.gradient.asked = v.gradient.asked, 0
    return UNASKED if asked < v.n else None


def connected(v: Draw) -> str | None:
    """What is wrong with the connections of the last graph of `evaluated`, once; forgets it."""
    detached, v.detached = getattr(v, "detached", ()), ()
    return detached[0] if detached else None


# --- answers that are graphs, or shapes -----------------------------------------------------------

MODEL = "x y W1 b1 W2".split()
BUILT_FROM = {"z": "", "h": "z", "o": "h", "L": "o", "s": "", "J": "Ls"}


def evaluated(graph: Callable, v: Draw) -> object:
    """The values of the six nodes that a graph of the model returns."""
    given = {name: leaf(name, getattr(v, name).shape) for name in MODEL}
    row = graph(*given.values(), v.weight_decay)
    if not isinstance(row, (tuple, list)) or len(row) != len(BUILT_FROM) or ... in row:
        return row
    nodes = dict(zip(BUILT_FROM, row, strict=True))
    for name, node in nodes.items():
        if found := unfit("graph", name, node, given.values()):
            return found
    v.detached = tuple(
        say(DETACHED, later=later, name=name)
        for later, names in BUILT_FROM.items()
        for name in names
        if nodes[name] not in topological([nodes[later]])
    )
    return evaluate(row, {name: getattr(v, name) for name in given})


def product_evaluated(answer: Callable, v: Draw) -> object:
    """The value of the node that an answer makes of J, w and v; of each, if it makes a list.

    J is that of one example, as a graph of the parameter matrix w.
    """
    w, direction = leaf("w", v.W.shape), leaf("v", v.V.shape)
    rest = {leaf(name, getattr(v, name).shape): getattr(v, name) for name in ("x", "y", "W2")}
    x, y, W2 = rest
    found = answer(squared_loss(W2 @ tanh(w @ x), y) + v.rate * half_sqnorm(w), w, direction)
    if found is None or found is ...:
        return found
    nodes = list(found) if isinstance(found, (list, tuple)) else [found]
    feeds = {w: v.W, direction: v.V} | rest
    for node in nodes:
        if wrong := unfit("product", "Hv", node, feeds):
            return wrong
    values = evaluate(nodes, feeds)
    return values[0] if found is nodes[0] else values


SHAPE, SCALAR, NESTED, NO_SHAPE, FIXED, OTHER = range(6)
PROBES = ((5, 7), (11, 3), (2, 13), (8, 6))
PLACES = 6


def as_lengths(answer: Callable, v: Draw) -> object:
    """A shape as numbers: its kind and its lengths. One of no known kind is the same everywhere.

    `v.known` holds the shapes that are known, as `seen` has them.
    """
    came = answer(v.n, v.m)
    if came is None or came is ...:
        return came
    if isinstance(came, (tuple, list)) and any(length is ... for length in came):
        return ...
    read, here = seen(answer), _read(came)
    if read not in v.known:
        whole = here[0] in (SHAPE, SCALAR) and {*read} == {here}
        here = (FIXED,) if whole else (OTHER,)
    return np.array([*here, *[0] * (PLACES - len(here))])


def seen(answer: Callable) -> tuple:
    """What an answer gives at the probes."""
    return tuple(_read(answer(n, m)) for n, m in PROBES)


def _read(came: object) -> tuple:
    """What came back, as its kind and its lengths."""
    if hasattr(came, "detach"):
        came = came.detach().cpu().numpy()
    try:
        lengths = np.asarray(came, dtype=float)
    except Exception:
        return (NO_SHAPE,)
    if lengths.ndim > 1:
        return (NESTED,)
    return (SCALAR if lengths.ndim == 0 else SHAPE, *lengths.ravel().tolist())


USES: dict[str, Callable[[Callable, Draw], object | Finding]] = {
    each.__name__: each for each in (evaluated, product_evaluated, as_lengths)
}
INSPECTIONS: dict[str, Callable[[Draw], str | None]] = {
    each.__name__: each for each in (asked_for_all, connected)
}
