"""Bytes: counted while torch runs, at random sizes; numbers of 4 bytes."""

from __future__ import annotations

from functools import cache
from random import Random

import torch
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint

from measure import ByteCounter, mse_owns, section, storage_bytes

from .cases import Case, Cases

ITEM = 4
#: enough sizes for each term of a maximum to win at least once
SIZES = [{letter: Random(seed * 31 + i).randint(2, 60) for i, letter in enumerate("dhqn")}
         for seed in range(40)]  # fmt: skip


def numbers(**options) -> list[tuple[int, int, ByteCounter]]:
    """For each of the sizes: numbers held throughout, numbers at the peak, and the counter."""
    found = []
    for sizes in SIZES:
        held, counter = section.count(**sizes, **options)
        found.append((held // ITEM, (held + counter.peak) // ITEM, counter))
    return found


def cases() -> Cases:
    training = numbers()
    base = [held for held, _, _ in training]
    predicting = [peak for _, peak, _ in numbers(mode="prediction")]
    in_place = [p for _, p, _ in numbers(mode="prediction", activation="relu in place")]
    classes = numbers(loss="cross_entropy")

    def each(name, values, judged, owned=lambda **sizes: {}):
        return [
            Case({**sizes, name: value, **owned(**sizes)}, {key: judge})
            for sizes, value, (key, judge) in zip(SIZES, values, judged, strict=True)
        ]

    def called(name, found):
        return [(name, number) for number in found]

    after_forward = [
        held + next(s.live for s in counter.steps if s.op == "mse_loss") // ITEM
        for held, _, counter in training
    ]
    return {
        "eq-03-base": [Case(s, {"M_0": m}) for s, m in zip(SIZES, base, strict=True)],
        "eq-03-prediction": each("M_0", base, called("M_predict", predicting)),
        "eq-03-in-place": each("M_0", base, called("M_in place", in_place)),
        "eq-03-kept": each("M_0", base, called("M_kept", after_forward), owned=_owned),
        "eq-03-squared": each(
            "M_0", base, called("M_squared", [p for _, p, _ in training]), owned=_owned
        ),
        "eq-03-cross-entropy": each(
            "M_0'", [held for held, _, _ in classes],
            called("M_cross-entropy", [peak for _, peak, _ in classes]),
        ),
        "eq-03-step": _steps(),
        "eq-03-chain": [_chain(depth) for depth in (1, 2, 5, 10)],
        "eq-03-checkpoint": [_checkpoint(k) for k in (2, 4, 8)],
        "eq-03-mixed": [Case({}, {"(1)": _mixed()})],
    }  # fmt: skip


def _owned(n: int, q: int, **others: int) -> dict[str, int]:
    """The numbers that L owns, as the torch that runs here is counted to do it."""
    return {"m_L": {"nq": n * q, "1": 1}[mse_owns()]}


def _steps() -> list[Case]:
    """A step with momentum (S = P, U = 0), and with Adam as a loop, whose temporaries are U."""
    found = []
    for sizes in SIZES[:12]:
        d, h, q = sizes["d"], sizes["h"], sizes["q"]
        held, plain = section.count(**sizes)
        P = h * d + q * h
        given = {"M_0": held // ITEM, "M_squared": (held + plain.peak) // ITEM, "P": P}
        for optimizer, S, U in (
            ("momentum", P, 0),
            ("adam", 2 * P + 2, max(2 * h * d, h * d + 2 * q * h)),
        ):
            base, counter = section.count(**sizes, optimizer=optimizer)
            peak = (base + counter.peak) // ITEM
            found.append(Case({**given, "S": S, "U": U}, {"M_step": peak}))
    return found


def _chain(depth: int) -> Case:
    width, n = 8, 64
    widths = [width] * (depth + 2)
    training, predicting = (
        section.count_chain(widths, n=n, mode=mode) for mode in ("training", "prediction")
    )
    # M_0 has the labels, which a prediction does not hold: as in the chapter
    base = training[0] // ITEM
    judged = {
        "M_predict": (predicting[0] + predicting[1].peak) // ITEM,
        "M_train": (training[0] + training[1].peak) // ITEM,
    }
    return Case({"n": n, "w": width, "ℓ": depth, "M_0": base, **_owned(n, width)}, judged)


@cache
def _peak_of_chain(depth: int, segments: int, width: int, n: int) -> tuple[int, int]:
    """Numbers held throughout, and at the peak."""
    weights = [torch.randn(width, width, requires_grad=True) for _ in range(depth)]
    x, y = torch.randn(n, width), torch.randn(n, width)

    def layers(x, weights):
        for w in weights:
            x = x @ w.T
            x = torch.tanh(x)
        return x

    def forward(x):
        if not segments:
            return layers(x, weights)
        length = depth // segments
        for first in range(0, depth, length):
            x = checkpoint(layers, x, weights[first : first + length], use_reentrant=False)
        return x

    with ByteCounter() as counter:
        F.mse_loss(forward(x), y).backward()
    held = storage_bytes(weights, x, y)
    return held // ITEM, (held + counter.peak) // ITEM


def _checkpoint(k: int) -> Case:
    depth, width, n = 32, 8, 256
    base, everything = _peak_of_chain(depth, 0, width, n)
    _, segmented = _peak_of_chain(depth, k, width, n)
    given = {"n": n, "w": width, "ℓ": depth, "k": k, "M_0": base, **_owned(n, width)}
    return Case(given, {"M_all": everything, "M_k": segmented})


def _mixed() -> float:
    """Bytes a parameter: bfloat16 weight and gradient, float32 copy and Adam's two states."""
    master = [torch.randn(40, 30, requires_grad=True)]
    low = [w.detach().to(torch.bfloat16).requires_grad_() for w in master]
    low[0].square().sum().backward()
    master[0].grad = low[0].grad.float()
    adam = torch.optim.Adam(master)
    adam.step()
    adam.zero_grad()
    states = [
        s[name] for s in adam.state_dict()["state"].values() for name in ("exp_avg", "exp_avg_sq")
    ]
    return storage_bytes(low, [w.grad for w in low], master, states) / master[0].numel()
