"""Parallelism written by hand: every message is a line of code here.

Each function runs on every worker of a process group and returns its `Report`. The steps compose:
a hybrid is a line of workers in one direction and a line in the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import nn
from torch.func import functional_call
from torch.utils.checkpoint import checkpoint

from compgraph.questions.pipeline import SCHEDULES
from measure import ByteCounter

from .problem import Index, Problem, Report, check_pipeline, whole
from .wire import Wire

#: what a worker holds: parameter -> (its name in the whole model, which part of it)
Pieces = Mapping[nn.Parameter, tuple[str, Index]]
Batch = tuple[torch.Tensor, torch.Tensor]


def two_stages(X, Y, W1, b1, W2):
    """The section's network on two workers. Each returns its gradients and the bytes it sent."""
    wire = Wire()
    n = len(X)
    if wire.rank == 0:
        H = torch.tanh(X @ W1.T + b1)
        wire.send(H, to=1)
        dH = wire.receive(H.shape, source=1)
        dZ = dH * (1 - H * H)
        gradients = {"W1": dZ.T @ X, "b1": dZ.sum(dim=0)}
    else:
        H = wire.receive((n, W2.shape[1]), source=0)
        E = (H @ W2.T - Y) / n
        wire.send(E @ W2, to=0)
        gradients = {"W2": E.T @ H}
    wire.finish()
    return gradients, sum(wire.sent.values())


def pipeline(problem: Problem, schedule: str = "GPipe", micros: int = 1) -> Report:
    """Every worker has some layers; activations go up the line, their gradients come back.

    The order of actions is `compgraph.questions.pipeline`'s: what it simulates is what runs.
    Micro-batches may differ in size, by one example.

    Raises
    ------
    ValueError : for an unknown schedule, no micro-batch, or more workers than layers.
    """
    check_pipeline(schedule, SCHEDULES, micros)
    line = Wire()
    layers = problem.stage(line.rank, line.size)
    pieces = _all_of(layers)
    batch = problem.data()
    return _measured(
        problem, pieces, lambda: _run_stage(problem, layers, batch, schedule, micros, line), line
    )


def tensor(problem: Problem) -> Report:
    """Every worker has some of the hidden units: rows of W1 and b1, columns of W2.

    Raises
    ------
    ValueError : for a deeper model than the section's, or more workers than hidden units.
    """
    line = Wire()
    pieces = _units(problem, line)
    batch = problem.data()
    return _measured(problem, pieces, lambda: _run_units(problem, pieces, batch, line), line)


def data(problem: Problem) -> Report:
    """Every worker has the whole model and some of the examples; the gradients are added up."""
    line = Wire()
    model = problem.model()
    pieces = _all_of(model)
    x, y = shard(problem, line.rank, line.size)

    def work():
        problem.loss(model(x), y).backward()
        _add_up(pieces, line)

    return _measured(problem, pieces, work, line)


def sharded(problem: Problem) -> Report:
    """As `data`, but every worker keeps only its slice of every layer: one N-th of the numbers.

    A layer's parameters are gathered just before it runs and forgotten after it; backward gathers
    them again. What goes out as a gather comes back as a reduce-scatter.
    """
    line = Wire()
    x, y = shard(problem, line.rank, line.size)
    whole_model = problem.model()
    pieces, layers = {}, []
    for key, layer in whole_model.named_children():
        own = {}
        for name, p in layer.named_parameters():
            full = p.detach().view(-1)
            ends = [len(part) for part in full.tensor_split(line.size)]
            start = sum(ends[: line.rank])
            mine = slice(start, start + ends[line.rank])
            own[name] = nn.Parameter(full[mine].clone())
            pieces[own[name]] = f"{key}.{name}", np.unravel_index(np.r_[mine], p.shape)
        layers.append((layer, own))

    def run(layer, own, h):
        full = {
            name: _Gather.apply(piece, line, layer.get_parameter(name).shape)
            for name, piece in own.items()
        }
        return functional_call(layer, full, h)

    def work():
        h = x
        for layer, own in layers:
            h = checkpoint(run, layer, own, h, use_reentrant=False)
        problem.loss(h, y).backward()

    return _measured(problem, pieces, work, line)


def data_tensor(problem: Problem, width: int = 2) -> Report:
    """Hybrid: rows of `width` workers share the hidden units, columns share the examples."""
    across, down = _grid(width)
    pieces = _units(problem, across)
    batch = shard(problem, down.rank, down.size)

    def work():
        _run_units(problem, pieces, batch, across)
        _add_up(pieces, down)

    return _measured(problem, pieces, work, across, down)


def data_pipeline(
    problem: Problem, width: int = 2, schedule: str = "1F1B", micros: int = 2
) -> Report:
    """Hybrid: rows of `width` workers are pipelines, columns share the examples.

    Raises
    ------
    ValueError : for an unknown schedule, no micro-batch, more workers in a row than layers, or
        rows that do not use up the workers.
    """
    check_pipeline(schedule, SCHEDULES, micros)
    across, down = _grid(width)
    layers = problem.stage(across.rank, across.size)
    pieces = _all_of(layers)
    batch = shard(problem, down.rank, down.size)

    def work():
        _run_stage(problem, layers, batch, schedule, micros, across)
        _add_up(pieces, down)

    return _measured(problem, pieces, work, across, down)


def shard(problem: Problem, k: int, shards: int) -> Batch:
    """The examples of worker k: as many as the others', or one fewer."""
    x, y = (part.tensor_split(shards)[k] for part in problem.data())
    return x, y


# --- pipeline ------------------------------------------------------------------------------------


def _run_stage(
    problem: Problem, layers: nn.Sequential, batch: Batch, schedule: str, micros: int, line: Wire
) -> None:
    first, last = line.rank == 0, line.rank == line.size - 1
    x_parts, y_parts = (part.tensor_split(micros) for part in batch)
    width = layers[0].in_features
    kept = {}
    for kind, m in SCHEDULES[schedule](line.size, micros)[line.rank]:
        if kind == "F":
            if first:
                x = x_parts[m]
            else:
                x = line.receive((len(x_parts[m]), width), line.rank - 1).requires_grad_()
            y = layers(x)
            if last:
                y = problem.loss(y, y_parts[m])
            else:
                line.send(y, line.rank + 1)
            kept[m] = x, y
        else:
            x, y = kept.pop(m)
            y.backward(None if last else line.receive(y.shape, line.rank + 1))
            if not first:
                line.send(x.grad, line.rank - 1)


# --- tensor --------------------------------------------------------------------------------------


def _units(problem: Problem, line: Wire) -> Pieces:
    if len(problem.sizes) != 3:
        raise ValueError(f"tensor parallelism: expected sizes (d, h, q), got {problem.sizes}")
    hidden = problem.sizes[1]
    if line.size > hidden:
        raise ValueError(f"tensor parallelism: {line.size} workers, but {hidden} hidden units")
    units = torch.arange(hidden).tensor_split(line.size)[line.rank]
    mine, everything = slice(int(units[0]), int(units[-1]) + 1), slice(None)
    model = problem.model()
    cuts = {"0.weight": (mine, everything), "0.bias": (mine,), "2.weight": (everything, mine)}
    return {
        nn.Parameter(model.get_parameter(name).detach()[index].clone()): (name, index)
        for name, index in cuts.items()
    }


def _run_units(problem: Problem, pieces: Pieces, batch: Batch, line: Wire) -> None:
    w1, b1, w2 = pieces
    x, y = batch
    part = torch.tanh(x @ w1.T + b1) @ w2.T
    o = line.all_reduce(part)
    part.backward((o - y) / problem.n)  # o is the sum of the parts, so ∂L/∂part = ∂L/∂o


# --- data ----------------------------------------------------------------------------------------


class _Gather(torch.autograd.Function):
    """Every worker's slice in, the whole parameter out; backward, the whole gradient in, the sum
    of this worker's slice out."""

    @staticmethod
    def forward(ctx, piece, line: Wire, shape):
        ctx.line = line
        return line.all_gather(piece, math.prod(shape)).view(shape)

    @staticmethod
    def backward(ctx, gradient):
        return ctx.line.reduce_scatter(gradient), None, None


def _add_up(pieces: Pieces, line: Wire) -> None:
    for p in pieces:
        p.grad = line.all_reduce(p.grad)


def _grid(width: int) -> tuple[Wire, Wire]:
    """The row and the column of this worker; workers are numbered row by row.

    Raises
    ------
    ValueError : if rows of this width do not use up the workers.
    """
    everyone = Wire()
    if everyone.size % width:
        raise ValueError(f"{everyone.size} workers make no grid with rows of {width}")
    row, column = divmod(everyone.rank, width)
    return (
        Wire(range(row * width, (row + 1) * width)),
        Wire(range(column, everyone.size, width)),
    )


def _all_of(layers: nn.Module) -> Pieces:
    return {p: (name, whole(p.shape)) for name, p in layers.named_parameters()}


def _measured(problem: Problem, pieces: Pieces, work: Callable[[], None], *lines: Wire) -> Report:
    """Run the work and count what it holds and sends; add λW; report."""
    with ByteCounter() as memory:
        work()
    problem.decay((name, p) for p, (name, _) in pieces.items())
    for line in lines:
        line.finish()
    return Report(
        [(name, index, p.grad.numpy()) for p, (name, index) in pieces.items()],
        sent=[sum(line.sent.values()) for line in lines],
        parameters=sum(p.nbytes for p in pieces),
        gradients=sum(p.grad.nbytes for p in pieces),
        peak=memory.peak,
    )
