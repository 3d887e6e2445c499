"""The trials of chapter 4: Hessian-vector products and the Hessian, their bytes and their time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import isqrt
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from ..section import Prepared
from .device import Device
from .report import table
from .training import counted

#: (d, h, q, n): those of chapter 4, and larger ones
SHAPES = ((5, 4, 3, 7), (784, 256, 10, 64), (10, 20, 300, 30), (1024, 1024, 1024, 4096))

#: the networks whose whole Hessian is made, (d, h, q, n)
WHOLE = ((5, 4, 3, 7), (50, 40, 10, 64), (100, 100, 10, 64), (200, 150, 10, 64))

#: the chapter's network for the wall, and its numbers of examples
WALL, EXAMPLES = (784, 256, 10), (1, 64, 4096, 60_000)

#: columns of the Hessian at a time: `vmap` over directions
TOGETHER = 64

#: numbers of one n×h tensor for all directions together, at most
ROOM = 2**28

#: torch.func.hessian takes up to nine times the Hessian's bytes; more than this share is not tried
SHARE = 0.9


@dataclass(frozen=True)
class Problem:
    """The section's network with a bias: data, parameters W1, b1, W2, a direction, J of a
    minibatch without penalty."""

    X: torch.Tensor
    Y: torch.Tensor
    w: tuple[torch.Tensor, ...]
    v: tuple[torch.Tensor, ...]

    @classmethod
    def of(cls, device: Device, d: int, h: int, q: int, n: int) -> Problem:
        def normal(*sizes: int) -> torch.Tensor:
            return torch.randn(*sizes, device=device.kind)

        w = normal(h, d), normal(h), normal(q, h)
        return cls(normal(n, d), normal(n, q), w, tuple(torch.randn_like(each) for each in w))

    @property
    def P(self) -> int:
        return sum(each.numel() for each in self.w)

    def J(self, W1, b1, W2) -> torch.Tensor:
        O = torch.tanh(self.X @ W1.T + b1) @ W2.T
        return (O - self.Y).square().sum() / (2 * len(self.X))

    def forward(self) -> torch.Tensor:
        with torch.no_grad():
            return self.J(*self.w)

    def gradient(self) -> tuple[torch.Tensor, ...]:
        w = [each.detach().requires_grad_() for each in self.w]
        return torch.autograd.grad(self.J(*w), w)

    def grad_of_grad(self) -> tuple[torch.Tensor, ...]:
        w = [each.detach().requires_grad_() for each in self.w]
        first = torch.autograd.grad(self.J(*w), w, create_graph=True)
        return torch.autograd.grad(first, w, self.v)

    def vhp(self):
        return torch.autograd.functional.vhp(self.J, self.w, self.v)

    def jvp_of_grad(self):
        return torch.func.jvp(torch.func.grad(self.J, argnums=(0, 1, 2)), self.w, self.v)

    def hvp(self):
        return torch.autograd.functional.hvp(self.J, self.w, self.v)

    def columns(self, into: torch.Tensor, together: int = TOGETHER) -> None:
        """The first rows of the Hessian, which are its columns: a product for each of `into`'s."""
        sizes = [each.shape for each in self.w]
        parts = [each.numel() for each in self.w]

        def flat(all_w: torch.Tensor) -> torch.Tensor:
            each = zip(all_w.split(parts), sizes, strict=True)
            return self.J(*(part.reshape(size) for part, size in each))

        def product(v: torch.Tensor) -> torch.Tensor:
            return torch.func.jvp(torch.func.grad(flat), (at,), (v,))[1]

        at = torch.cat([each.flatten() for each in self.w])
        for first in range(0, len(into), together):
            some = into[first : first + together]
            some.zero_()
            some.diagonal(first).fill_(1)
            some.copy_(torch.func.vmap(product)(some))

    def hessian(self):
        return torch.func.hessian(self.J, argnums=(0, 1, 2))(*self.w)


def flops(run: Callable[[], Any]) -> int:
    """Those of the matrix products that run."""
    with FlopCounterMode(display=False) as counter:
        run()
    return counter.get_total_flops()


#: way -> how it is called, and its matrix products in units of 2nh, as a function of d and q
WAYS: Mapping[str, tuple[Callable[[Problem], Any], Callable[[int, int], int]]] = {
    "gradient": (Problem.gradient, lambda d, q: 2 * d + 3 * q),
    "grad of grad, create_graph": (Problem.grad_of_grad, lambda d, q: 4 * d + 9 * q),
    "autograd.functional.vhp": (Problem.vhp, lambda d, q: 4 * d + 9 * q),
    "func.jvp of func.grad": (Problem.jvp_of_grad, lambda d, q: 6 * d + 9 * q),
    "autograd.functional.hvp": (Problem.hvp, lambda d, q: 6 * d + 15 * q),
}


def ways(device: Device) -> tuple[list[str], dict[str, Any]]:
    """torch's four calls for Hv: work, bytes, time."""
    rows, facts = [], {}
    for d, h, q, n in SHAPES:
        problem = Problem.of(device, d, h, q, n)
        base = device.seconds(problem.gradient)
        for name, (call, units) in WAYS.items():
            run = partial(call, problem)
            says, does = 2 * n * h * units(d, q), flops(run)
            account = device.account(partial(Prepared, (), run))
            owned = counted(Prepared((), run), 1)
            seconds = device.seconds(run)
            rows.append(
                [f"{(d, h, q, n)}: {name}", says, does, does - says, owned,
                 account.beyond.requested, account.beyond.requested - owned,
                 account.beyond.allocated, f"{1e3 * seconds:.3f}", f"{seconds / base:.1f}"]
            )  # fmt: skip
            if (d, h, q, n) == SHAPES[-1]:
                facts[name] = {"seconds": seconds, "bytes": account.beyond.requested}
    lines = [
        "(d, h, q, n), float32, beyond data and parameters. FLOPs are those of the matrix "
        "products, by chapter 4's formulas and by torch's counter; *owned* is the book's counter, "
        "operator by operator. In forward mode it counts tangents that are zero, which have a size "
        "and no memory. Times are the best of up to 30 runs: shown, not asserted.",
        "",
        *table(
            ["way", "FLOPs, formula", "counted", "difference", "owned", "requested", "difference",
             "allocated", "ms", "gradients"], rows,
        ),
    ]  # fmt: skip
    return lines, {"ways": facts, "shape": list(SHAPES[-1])}


def whole(device: Device) -> tuple[list[str], dict[str, Any]]:
    """The whole Hessian, by `torch.func.hessian` and column by column."""
    rows, facts = [], {}
    for d, h, q, n in WHOLE:
        problem = Problem.of(device, d, h, q, n)
        P = problem.P
        matrix = 4 * P * P
        if 9 * matrix > SHARE * device.memory:
            rows.append([f"{(d, h, q, n)}: not tried, too large here", P, matrix, *[""] * 4])
            continue

        for key, name, run in (
            ("hessian", "torch.func.hessian", problem.hessian),
            ("columns", f"{TOGETHER} columns at a time", partial(_by_columns, problem, device)),
        ):
            account = device.account(partial(Prepared, (), run))
            seconds = device.seconds(run)
            most = account.beyond.requested
            rows.append([f"{(d, h, q, n)}: {name}", P, matrix, most, f"{most / matrix:.2f}",
                         account.beyond.allocated, f"{1e3 * seconds:.2f}"])  # fmt: skip
            facts[key] = {"P": P, "share": most / matrix, "seconds": seconds}
    lines = [
        "The matrix alone takes 4P² bytes in float32. The columns are written into it, "
        f"{TOGETHER} products at a time.",
        "",
        *table(["(d, h, q, n)", "P", "4P²", "requested", "of 4P²", "allocated", "ms"], rows),
    ]
    return lines, {"whole": facts}


def _by_columns(problem: Problem, device: Device) -> torch.Tensor:
    into = torch.empty(problem.P, problem.P, device=device.kind)
    problem.columns(into)
    return into


def wall(device: Device) -> tuple[list[str], dict[str, Any]]:
    """Time or memory: which of the two ends first depends on n."""
    d, h, q = WALL
    most = isqrt(device.memory // 4)  # the P whose Hessian fills the device
    wide = most // (d + 1 + q)  # and the hidden units that have so many
    rows, facts = [], {}
    for n in EXAMPLES:
        problem = Problem.of(device, d, h, q, n)
        P = problem.P
        together = max(1, min(TOGETHER, ROOM // (n * h)))
        into = torch.empty(together, P, device=device.kind)
        seconds = device.seconds(partial(problem.columns, into, together))
        work = _whole_flops(d, h, q, n)
        all_columns = seconds * P / together
        speed = work / all_columns
        filling = _whole_flops(d, wide, q, n) / speed
        fits = "yes" if 4 * P * P < device.memory else "no"
        rows.append([f"{n:,}", work, f"{speed / 1e12:.2f}", _span(all_columns), 4 * P * P, fits,
                     _span(filling)])  # fmt: skip
        facts[str(n)] = {"seconds": all_columns, "filling": filling}
    lines = [
        f"{d}-{h}-{q}, P = {P:,}: FLOPs and bytes by chapter 4's formulas, step 9. The time of up "
        f"to {TOGETHER} columns is measured and multiplied. The device has {device.memory:,} "
        "bytes. The last column is the time in which, at the same speed, the Hessian of a network "
        f"with {wide:,} hidden units fills them. Whether memory or patience ends first depends on "
        "n.",
        "",
        *table(["n", "FLOPs", "TFLOP/s", "all columns", "4P²", "fits here", "filling the memory"],
               rows),
    ]  # fmt: skip
    return lines, {"wall": facts, "P": P, "bytes": 4 * P * P, "memory": device.memory}


def _whole_flops(d: int, h: int, q: int, n: int) -> int:
    """The equation `eq-04-whole` of chapter 4."""
    P = h * d + h + q * h
    return 2 * n * h * P * (2 * d + 6 * q) + 2 * n * h * (d + 2 * q)


def _span(seconds: float) -> str:
    """As people say it."""
    units = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"), (1e-3, "ms"))
    size, unit = next((u for u in units if seconds >= u[0]), units[-1])
    return f"{seconds / size:.1f} {unit}"


def times(device: Device) -> tuple[list[str], dict[str, Any]]:
    """Forward, gradient, Hv at several sizes."""
    rows, facts = [], {}
    for d, h, q, n in SHAPES:
        problem = Problem.of(device, d, h, q, n)
        found = {
            name: device.seconds(run)
            for name, run in {
                "forward": problem.forward,
                "gradient": problem.gradient,
                "Hv": problem.grad_of_grad,
            }.items()
        }
        speed = 2 * n * h * WAYS["gradient"][1](d, q) / found["gradient"]
        cells = [f"{1e3 * seconds:.3f}" for seconds in found.values()]
        rows.append([str((d, h, q, n)), *cells, f"{speed / 1e12:.3f}"])
        facts[str((d, h, q, n))] = found
    lines = [
        "Milliseconds, the best of up to 30 runs, float32 without TF32: shown, not asserted. A "
        "small network takes the time of its launches, whatever its sizes.",
        "",
        *table(
            ["(d, h, q, n)", "forward", "forward and backward", "Hv", "TFLOP/s of the gradient"],
            rows,
        ),
    ]
    return lines, {"times": facts}


TRIALS = {
    "Chapter 4: torch's ways to Hv": ways,
    "Chapter 4: the whole Hessian": whole,
    "Chapter 4: time or memory": wall,
    "Chapter 4: forward, gradient, Hv": times,
}
