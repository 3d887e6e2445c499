"""The trials of chapter 3: bytes of the section's network, by formula and by the allocator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from compgraph.questions import memory

from ..counter import ByteCounter, storage_bytes
from ..mse_loss import mse_owns
from ..section import Prepared, prepare
from . import blocks
from .device import Account, Device
from .report import number, table

#: the chapter's own sizes first
SIZES = {
    "the chapter's": {"d": 50, "h": 100, "q": 10, "n": 20},
    "digits": {"d": 784, "h": 256, "q": 10, "n": 64},
    "odd": {"d": 1000, "h": 3000, "q": 700, "n": 1111},
    "powers of two": {"d": 4096, "h": 4096, "q": 1024, "n": 2048},
}
OURS = SIZES["the chapter's"]

STEPS: dict[str, dict[str, Any]] = {
    "prediction": {"mode": "prediction"},
    "prediction, ReLU in place": {"mode": "prediction", "activation": "relu in place"},
    "training, squared loss": {},
    "training, cross-entropy": {"loss": "cross_entropy"},
    "training, GELU": {"activation": "gelu"},
    "training, float16": {"dtype": "float16"},
    "training, bfloat16": {"dtype": "bfloat16"},
    "training, Z, H and O named": {"named": "ZHO"},
    "training, penalty in the graph": {"l2": "graph"},
}

OPTIMIZERS: dict[str, dict[str, Any]] = {
    "SGD": {"optimizer": "sgd"},
    "SGD, weight_decay": {"optimizer": "sgd", "l2": "weight_decay"},
    "momentum": {"optimizer": "momentum"},
    "Adam": {"optimizer": "adam"},
    "Adam, weight_decay": {"optimizer": "adam", "l2": "weight_decay"},
}
VARIANTS = ("default", "loop", "foreach", "fused")

COMPARED = ("formula", "requested", "in blocks", "allocated", "difference", "why")


def predicted(device: Device, **options: Any) -> memory.Footprint:
    """Chapter 3's tables for what lies on the device: step counters may lie on the CPU."""
    variant = options.pop("variant", "loop")
    variant = device.variant if variant == "default" else variant
    f = memory.footprint(**options, variant=variant, mse_owns=mse_owns(device.kind))
    return replace(f, base=tuple(row for row in f.base if row.axes or variant in device.counts))


def compared(device: Device, options: dict[str, Any]) -> tuple[memory.Footprint, Account, list]:
    """The formula, the allocator's account, and their row of a table under `COMPARED`."""
    f = predicted(device, **options)
    account = device.account(partial(prepare, **options, device=device.kind))
    wanted = blocks.peak(f), blocks.peak(f, blocks.block)
    off = account.requested - wanted[0], account.allocated - wanted[1]
    row = [wanted[0], account.requested, wanted[1], account.allocated, off[1], why(f, account, off)]
    return f, account, row


def why(f: memory.Footprint, account: Account, off: tuple[int, int]) -> str:
    """What makes the difference, read off the allocator's requests."""
    if not any(off):
        return "equal"
    there, ours = blocks.asked(account.events), blocks.alive(f)
    cut = blocks.in_blocks(there) + sum(blocks.block(f.bytes_of(row)) for row in f.base)
    reasons = {
        "besides: {}": there - ours,
        "not there: {}": ours - there,
        "left on blocks over 1 MiB: {}": [account.allocated - cut],
        "held before: {}": [account.held.requested - f.held],
    }
    return "; ".join(
        words.format(", ".join(number(size) for size in sorted(_each(sizes)) if size))
        for words, sizes in reasons.items()
        if any(_each(sizes))
    )


def _each(sizes: Counter[int] | list[int]) -> list[int]:
    return list(sizes.elements()) if isinstance(sizes, Counter) else sizes


# --- the trials -----------------------------------------------------------------------------------


def network(device: Device) -> tuple[list[str], dict[str, Any]]:
    """Every step at every size."""
    rows, equal = [], 0
    for size, sizes in SIZES.items():
        for step, options in STEPS.items():
            f, account, row = compared(device, {**sizes, **options})
            equal += row[0] == row[1]
            rows.append([f"{size}: {step}", *row, blocks.reserved(f), account.reserved])
    sentence = ", ".join(
        f"*{name}* are " + ", ".join(f"{letter} = {value:,}" for letter, value in sizes.items())
        for name, sizes in SIZES.items()
    )
    lines = [
        "Parameters and data included, in bytes. The formula in bytes should be what was "
        "*requested*; with every tensor rounded up to a multiple of 512 it should be what was "
        "*allocated*. What is *reserved* comes in segments of 2 MiB for blocks up to 1 MiB, of "
        "20 MiB below 10 MiB, of multiples of 2 MiB above; the column before counts them where no "
        f"block lies in what another left of its segment. The sizes: {sentence}.",
        "",
        *table(["step", *COMPARED, "in segments", "reserved"], rows),
    ]
    return lines, {"steps": len(rows), "steps_equal": equal}


def one_step(device: Device) -> tuple[list[str], dict[str, Any]]:
    """The chapter's step, tensor by tensor."""
    f, account, row = compared(device, OURS)
    tensors = [
        [name or "*inside an operator*", size, None if size is None else blocks.block(size), asked]
        for name, size, asked in blocks.aligned(f, account.events)
    ]
    lines = [
        "One step of training at the chapter's sizes, squared loss, float32: the rows of the "
        "chapter's table beside all that the allocator was asked for, in order.",
        "",
        *table(["tensor", "formula", "its block", "requested"], tensors),
    ]
    names = ("formula", "requested", "blocks", "allocated")
    facts = dict(zip(names, row, strict=False)) | {"reserved": account.reserved}
    return lines, facts


def optimizers(device: Device) -> tuple[list[str], dict[str, Any]]:
    """A whole step with every optimizer, in torch's ways to run it."""
    rows = []
    for name, options in OPTIMIZERS.items():
        for variant in VARIANTS:
            chosen = {**OURS, **options, "variant": variant}
            rows.append([f"{name}, {variant}", *compared(device, chosen)[2]])
    lines = [
        f"Unasked, torch takes `{device.variant}` here. Adam's step counters lie on the CPU, but "
        f"for: {', '.join(sorted(device.counts))}.",
        "",
        *table(["optimizer", *COMPARED], rows),
    ]
    plain, default = (
        next(row for row in rows if row[0] == f"Adam, {variant}")[2]
        for variant in ("loop", "default")
    )
    equal = sum(row[1] == row[2] for row in rows)
    facts = {"optimizers": len(rows), "optimizers_equal": equal}
    return lines, facts | {"adam_loop": plain, "adam_default": default, "variant": device.variant}


# --- the loop around the step ---------------------------------------------------------------------


def _loss(x, y, w1, w2) -> torch.Tensor:
    return F.mse_loss(torch.tanh(x @ w1.T) @ w2.T, y)


def _cleared_first(update, x, y, *w) -> None:
    update.zero_grad()
    _loss(x, y, *w).backward()
    update.step()


def _filled_with_zeros(update, x, y, *w) -> None:
    update.zero_grad(set_to_none=False)
    _loss(x, y, *w).backward()
    update.step()


def _in_parts(parts: int) -> Callable[..., None]:
    def accumulated(update, x, y, *w) -> None:
        update.zero_grad()
        for some, theirs in zip(x.chunk(parts), y.chunk(parts), strict=True):
            (_loss(some, theirs, *w) / parts).backward()
        update.step()

    return accumulated


def _cast(dtype: torch.dtype) -> Callable[..., None]:
    def autocast(update, x, y, *w) -> None:
        update.zero_grad()
        with torch.autocast(x.device.type, dtype):
            l = _loss(x, y, *w)
        l.backward()
        del l
        update.step()

    return autocast


def _repeated(step: Callable[..., None]) -> Callable[..., None]:
    """Two steps of a loop."""

    def loop(*given) -> None:
        step(*given)
        step(*given)

    return loop


def _d2l(update, x, y, *w) -> None:
    """D2L's loop: the loss comes before `zero_grad`, and its variable lives on."""
    for _ in range(2):
        l = _loss(x, y, *w)
        update.zero_grad()
        l.backward()
        update.step()


Weigh = Callable[[int], int]


def _bytes(f: memory.Footprint, weigh: Weigh, *axes: str) -> int:
    """The sum of tensors of these sizes."""
    return sum(weigh(f.bytes_of(memory.Tensor("", each, "", ""))) for each in axes)


def _added_up(f: memory.Footprint, changes: dict[str, str]) -> memory.Footprint:
    """`f` where the gradients are added to those that are there: they end with their step."""
    changes = {"∂J/∂W2": "∂J/∂H", memory.LAST: memory.LAST} | changes
    rows = [replace(row, until=changes.get(row.name, row.until)) for row in f.rows]
    return replace(f, rows=tuple(rows))


def _parted(f: memory.Footprint, parts: int) -> memory.Footprint:
    """A part of the minibatch: L ends when it has been divided; the quotient takes its place."""
    rows: list[memory.Tensor] = []
    for row in _added_up(f, {"L": "L / parts"}).rows:
        rows.append(row)
        if row.name == "L":
            rows.append(memory.Tensor("L / parts", "", memory.LAST, "activation"))
        if row.name == "∂J/∂J":
            rows.append(memory.Tensor("∂J/∂L", "", "∂J/∂O", "temporary"))
    return replace(f, sizes=f.sizes | {"n": f.sizes["n"] // parts}, rows=tuple(rows))


def _beyond(f: memory.Footprint, weigh: Weigh) -> int:
    return blocks.peak(replace(f, base=()), weigh)


def _late(f: memory.Footprint, weigh: Weigh) -> int:
    """Last step's gradients and L beside the whole forward pass."""
    (l,) = (row.axes for row in f.rows if row.name == "L")
    begins = max(_bytes(f, weigh, "nh", "nh"), _bytes(f, weigh, "nh", "nq", l))
    return max(_beyond(f, weigh), _bytes(f, weigh, "hd", "qh", l) + begins)


def _kept(change: Callable[[memory.Footprint], memory.Footprint]):
    """Gradients that stay, beside a step that adds to them."""
    return lambda f, weigh: _bytes(f, weigh, "hd", "qh") + _beyond(change(f), weigh)


#: name -> two steps, and the formula for their peak beyond parameters and data; autocast has none
LOOPS: dict[str, tuple[Callable[..., None], Callable[[memory.Footprint, Weigh], int] | None]] = {
    "zero_grad first": (_repeated(_cleared_first), _beyond),
    "the loss first (D2L)": (_d2l, _late),
    "set_to_none=False": (
        _repeated(_filled_with_zeros), _kept(lambda f: _added_up(f, {})),
    ),
    "2 parts of a minibatch": (_repeated(_in_parts(2)), _kept(lambda f: _parted(f, 2))),
    "10 parts of a minibatch": (_repeated(_in_parts(10)), _kept(lambda f: _parted(f, 10))),
    "autocast to float16": (_repeated(_cast(torch.float16)), None),
    "autocast to bfloat16": (_repeated(_cast(torch.bfloat16)), None),
}  # fmt: skip


def looping(loop: Callable[..., None], device: Device, d: int, h: int, q: int, n: int) -> Prepared:
    """Two steps of SGD, ready to run."""
    w1, w2 = (torch.randn(*s, device=device.kind, requires_grad=True) for s in ((h, d), (q, h)))
    x, y = (torch.randn(n, columns, device=device.kind) for columns in (d, q))
    update = torch.optim.SGD([w1, w2], lr=0.01)
    return Prepared((w1, w2, x, y), lambda: loop(update, x, y, w1, w2))


def counted(prepared: Prepared, unit: int) -> int:
    """The peak beyond what is held, counted operator by operator, in multiples of `unit`."""
    with ByteCounter(unit=unit) as counter:
        prepared.run()
    return counter.peak


def loops(device: Device) -> tuple[list[str], dict[str, Any]]:
    """Where `zero_grad` stands, accumulation, autocast."""
    f = predicted(device, **OURS, optimizer="sgd", variant="default")
    rows, facts = [], {}
    for name, (loop, formula) in LOOPS.items():
        make = partial(looping, loop, device, **OURS)
        account = device.account(make)
        numbers = [
            formula(f, lambda size: size) if formula else None,
            counted(make(), 1),
            account.beyond.requested,
            formula(f, blocks.block) if formula else None,
            counted(make(), blocks.BLOCK),
            account.beyond.allocated,
        ]
        rows.append([name, *numbers, numbers[5] - numbers[4]])
        facts[name] = account.beyond.requested
    lines = [
        "Two steps of SGD at the chapter's sizes, in bytes beyond parameters and data. *Counted* "
        "is the book's counter, operator by operator, on this device; autocast has no formula.",
        "",
        *table(
            ["loop", "formula", "counted", "requested", "formula, in blocks", "counted, in blocks",
             "allocated", "difference"], rows,
        ),
    ]  # fmt: skip
    return lines, {"loops": facts}


# --- what a loss owns, and what cuBLAS is given ---------------------------------------------------

#: loss -> the numbers that its scalar owns in torch 2.13, as chapter 3 says
SCALARS = {"mse_loss": "nq", "smooth_l1_loss": "nq", "l1_loss": ""}


def scalars(device: Device) -> tuple[list[str], dict[str, Any]]:
    """The numbers that the scalar of a loss owns: issue 185647 of PyTorch."""
    f = predicted(device, **OURS)
    o, y = (torch.randn(OURS["n"], OURS["q"], device=device.kind) for _ in range(2))
    rows, facts = [], {}
    for name, axes in SCALARS.items():
        says = _bytes(f, lambda size: size, axes)
        owns = storage_bytes(getattr(F, name)(o, y))
        account = device.account(partial(Prepared, (), partial(getattr(F, name), o, y)))
        asked = ", ".join(f"{size:+,}" for size in account.events)
        rows.append([f"`{name}`", says, owns, owns - says, asked])
        facts[name] = owns // o.element_size()
    lines = [
        f"The scalar of a loss over n·q = {o.numel()} numbers of {o.element_size()} bytes, and all "
        "that the allocator was asked for (+) and got back (−) meanwhile "
        "([issue 185647](https://github.com/pytorch/pytorch/issues/185647)).",
        "",
        *table(["loss", "chapter 3", "it owns", "difference", "requests, in order"], rows),
    ]
    return lines, {"owns": facts}


def workspaces(device: Device) -> tuple[list[str], dict[str, Any]]:
    """What matrix products take once and keep."""
    w = torch.randn(100, 50, device=device.kind, requires_grad=True)
    x = torch.randn(20, 50, device=device.kind)
    product: list[torch.Tensor] = []

    def first() -> None:
        product.append(x @ w.T)

    def backward() -> None:
        product.pop().sum().backward()

    tensors = (0, blocks.block(4 * 20 * 100), blocks.block(4 * w.numel()))  # the product; ∂/∂w
    before, after_first, after_backward = (
        allocated - mine
        for allocated, mine in zip(device.workspaces(first, backward), tensors, strict=True)
    )
    found = {
        "the first matrix product": after_first - before,
        "the first backward pass, a thread of its own": after_backward - after_first,
    }
    says = device.workspace()
    lines = [
        "cuBLAS is given a workspace for each thread that calls it, and keeps it. All other "
        "numbers are beyond these bytes.",
        "",
        *table(
            ["made by", "torch's notes", "allocated", "difference"],
            [[name, says, size, size - says] for name, size in found.items()],
        ),
    ]
    return lines, {"workspaces": list(found.values())}


TRIALS = {
    "Chapter 3: the section's network": network,
    "Chapter 3: one step, tensor by tensor": one_step,
    "Chapter 3: a whole step with its optimizer": optimizers,
    "Chapter 3: the loop around the step": loops,
    "Chapter 3: what the scalar of a loss owns": scalars,
    "Chapter 3: workspaces of cuBLAS": workspaces,
}
