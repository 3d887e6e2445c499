"""The section's model trained for one step, or asked for a prediction, as torch users write it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import Any

import torch
import torch.nn.functional as F

from compgraph.questions.functions import LOSSES, TORCH_ACTIVATIONS

from .counter import ByteCounter, storage_bytes

#: the arguments of torch's optimizers
OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "adam": (torch.optim.Adam, {}),
}

#: how the update runs; torch's default is the loop on a CPU and foreach on a GPU
VARIANTS: dict[str, dict[str, bool]] = {
    "default": {},
    "loop": {"foreach": False, "fused": False},
    "foreach": {"foreach": True, "fused": False},
    "fused": {"foreach": False, "fused": True},
}

WEIGHT_DECAY = 0.1


@dataclass(frozen=True)
class Prepared:
    """A step or a prediction that is ready to run.

    Attributes
    ----------
    held : the tensors that are there throughout: parameters, data, optimizer states.
    run : does it, once; leaves the gradients, if there are any, with the parameters.
    """

    held: tuple[Any, ...]
    run: Callable[[], None]


def prepare(
    *,
    d: int,
    h: int,
    q: int,
    n: int,
    mode: str = "training",
    loss: str = "squared",
    dtype: str = "float32",
    activation: str = "tanh",
    optimizer: str | None = None,
    variant: str = "loop",
    l2: str | None = None,
    named: Collection[str] = (),
    device: str = "cpu",
) -> Prepared:
    """Make all that is there before the step.

    The arguments are those of `memory.footprint`; `variant` may be ``"default"``, too: what torch
    takes unasked. `named` may hold Z, H, O, L and J. An optimizer has made a step, so that its
    states exist.
    """
    like = {"dtype": getattr(torch, dtype), "device": device}
    training = mode == "training"
    w1 = torch.randn(h, d, **like).requires_grad_(training)
    w2 = torch.randn(q, h, **like).requires_grad_(training)
    x = torch.randn(n, d, **like)
    phi = attrgetter(TORCH_ACTIVATIONS[activation].torch)(torch)
    if not training:

        def predict():
            _predict(x, w1, w2, phi, _Named(named))

        return Prepared((w1, w2, x), predict)

    squared = loss == "squared"
    y = torch.randn(n, q, **like) if squared else torch.randint(q, (n,), device=device)
    update, states = None, {}
    if optimizer is not None:
        make, options = OPTIMIZERS[optimizer]
        decay = WEIGHT_DECAY if l2 == "weight_decay" else 0
        update = make([w1, w2], lr=0.01, weight_decay=decay, **options, **VARIANTS[variant])
        w1.grad, w2.grad = torch.zeros_like(w1), torch.zeros_like(w2)
        update.step()  # makes the states
        update.zero_grad()
        states = update.state_dict()["state"]
    l = attrgetter(LOSSES[loss].torch)(torch)

    def train():
        kept = _Named(named)
        _objective(x, y, w1, w2, phi, l, l2 == "graph", kept).backward()
        if update is not None:
            update.step()

    return Prepared((w1, w2, x, y, states), train)


def count(**options: Any) -> tuple[int, ByteCounter]:
    """Run it and count: the bytes held throughout, and the counter with everything beyond them.

    The arguments are those of `prepare`.
    """
    prepared = prepare(**options)
    counter = ByteCounter()
    with counter:
        prepared.run()
    return storage_bytes(prepared.held), counter


def count_chain(
    widths: Sequence[int], *, n: int, mode: str = "training", dtype: str = "float32"
) -> tuple[int, ByteCounter]:
    """The same for the chain of layers of `compgraph.questions.memory.chain`."""
    kind = getattr(torch, dtype)
    training = mode == "training"
    weights = [
        torch.randn(wide, before).to(kind).requires_grad_(training)
        for before, wide in pairwise(widths)
    ]
    x, y = torch.randn(n, widths[0]).to(kind), torch.randn(n, widths[-1]).to(kind)
    counter = ByteCounter()
    with counter:
        if training:
            F.mse_loss(_chain(x, weights), y).backward()
        else:
            _chain(x, weights)
    return storage_bytes(weights, x, *[y] * training), counter


def _predict(x, w1, w2, phi, kept) -> torch.Tensor:
    """O. Nothing is held by a variable but what `kept` keeps."""
    return kept("O", kept("H", phi(kept("Z", x @ w1.T))) @ w2.T)


def _objective(x, y, w1, w2, phi, loss, penalty, kept) -> torch.Tensor:
    """J."""
    mean_loss = kept("L", loss(_predict(x, w1, w2, phi, kept), y))
    if not penalty:
        return mean_loss
    return kept("J", mean_loss + WEIGHT_DECAY / 2 * ((w1**2).sum() + (w2**2).sum()))


def _chain(x, weights) -> torch.Tensor:
    for w in weights[:-1]:
        x = x @ w.T  # a line of its own: what x was is let go of before tanh begins
        x = torch.tanh(x)
    return x @ weights[-1].T


class _Named:
    """Holds what is in `names` as a program's variable would; passes everything on."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self._held: list[torch.Tensor] = []

    def __call__(self, name: str, value: torch.Tensor) -> torch.Tensor:
        if name in self._names:
            self._held.append(value)
        return value
