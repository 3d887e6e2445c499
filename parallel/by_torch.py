"""The same parallelism by torch's own means: a few lines each, and the messages are torch's.

Each function runs on every worker of a process group and returns its `Report`. Where every worker
of the machine has a GPU the work is done there, over NCCL; else on the CPU, over gloo.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Mapping

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.pipelining import PipelineStage, Schedule1F1B, ScheduleGPipe
from torch.distributed.tensor import DTensor
from torch.distributed.tensor.parallel import (
    ColwiseParallel,
    RowwiseParallel,
    parallelize_module,
)
from torch.nn.parallel import DistributedDataParallel

from .problem import Problem, Report, check_pipeline, whole
from .wire import kernel_bytes

SCHEDULES = {"GPipe": ScheduleGPipe, "1F1B": Schedule1F1B}

#: the section's model in torch's words: W1 and b1 by rows (torch says by columns, of W1ᵀ), W2 by
#: columns
TENSOR_PLAN = {"0": ColwiseParallel, "2": RowwiseParallel}


def data(problem: Problem) -> Report:
    """DistributedDataParallel: replicas, gradients averaged while backward still runs."""
    model = DistributedDataParallel(problem.model().to(device()))
    return _trained(problem, model, model.module, dist.get_rank(), dist.get_world_size())


def sharded(problem: Problem) -> Report:
    """FSDP2's fully_shard: every worker keeps a slice of every parameter and gathers the rest
    when a layer needs it."""
    model = problem.model().to(device())
    _shard_layers(model, _mesh(("data",), (dist.get_world_size(),)))
    return _trained(problem, model, model, dist.get_rank(), dist.get_world_size())


def tensor(problem: Problem) -> Report:
    """ColwiseParallel and RowwiseParallel on the section's model."""
    mesh = _mesh(("tensor",), (dist.get_world_size(),))
    model = _split_units(problem.model().to(device()), mesh)
    return _trained(problem, model, model, 0, 1)


def pipeline(problem: Problem, schedule: str = "GPipe", micros: int = 1) -> Report:
    """torch.distributed.pipelining with one stage a worker.

    Raises
    ------
    ValueError : if the examples do not divide into `micros` of one size, which `by_hand.pipeline`
        does not ask for; for an unknown schedule, no micro-batch, or more workers than layers.
    """
    rank, size = dist.get_rank(), dist.get_world_size()
    check_pipeline(schedule, SCHEDULES, micros)
    _same_size("pipeline", problem.n, 1, micros)
    return _piped(problem, problem.data(), schedule, micros, rank, size)


def data_tensor(problem: Problem, width: int = 2) -> Report:
    """Hybrid: fully_shard over the columns of the grid, tensor parallelism along its rows."""
    mesh = _grid(width)
    model = _split_units(problem.model().to(device()), mesh["across"])
    _shard_layers(model, mesh["down"])
    return _trained(problem, model, model, *_place(mesh["down"]))


def data_pipeline(
    problem: Problem, width: int = 2, schedule: str = "1F1B", micros: int = 2
) -> Report:
    """Hybrid: pipelines along the rows of the grid, DistributedDataParallel over its columns.

    Raises
    ------
    ValueError : if the examples of some shard do not divide into `micros` of one size, which
        `by_hand.data_pipeline` does not ask for; for an unknown schedule, no micro-batch, more
        workers in a row than layers, or rows that do not use up the workers.
    """
    check_pipeline(schedule, SCHEDULES, micros)
    mesh = _grid(width)
    shard, shards = _place(mesh["down"])
    _same_size("data_pipeline", problem.n, shards, micros)
    batch = [part.tensor_split(shards)[shard] for part in problem.data()]
    return _piped(problem, batch, schedule, micros, *_place(mesh["across"]), mesh)


def device() -> torch.device:
    """This worker's GPU if the process group has NCCL for GPUs, else the CPU."""
    if "nccl" in str(dist.get_backend_config()):
        return torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    return torch.device("cpu")


# --- steps ---------------------------------------------------------------------------------------


def _mesh(names: tuple[str, ...], shape: tuple[int, ...]) -> DeviceMesh:
    return init_device_mesh(device().type, shape, mesh_dim_names=names)


def _grid(width: int) -> DeviceMesh:
    size = dist.get_world_size()
    if size % width:
        raise ValueError(f"{size} workers make no grid with rows of {width}")
    return _mesh(("down", "across"), (size // width, width))


def _place(line: DeviceMesh) -> tuple[int, int]:
    """This worker's place on a line of the mesh, and the line's length."""
    return line.get_local_rank(), line.size()


def _split_units(model: nn.Module, line: DeviceMesh) -> nn.Module:
    return parallelize_module(model, line, {key: style() for key, style in TENSOR_PLAN.items()})


def _shard_layers(model: nn.Sequential, line: DeviceMesh) -> None:
    # a warning about in-place operators on a layer's output; there are none here
    warnings.filterwarnings("ignore", message="FSDP2-wrapped module .* returned a view")
    for layer in model:
        if isinstance(layer, nn.Linear):
            fully_shard(layer, mesh=line)
    fully_shard(model, mesh=line)


def _trained(
    problem: Problem, model: nn.Module, named: nn.Module, shard: int, shards: int
) -> Report:
    """One forward and backward on this worker's shard of the minibatch."""
    x, y = (part.tensor_split(shards)[shard].to(device()) for part in problem.data())

    def work():
        # torch averages the gradients over the shards; J wants their sum
        (problem.loss(model(x), y) * shards).backward()

    return _report(problem, dict(named.named_parameters()), work)


def _same_size(name: str, n: int, shards: int, micros: int) -> None:
    """Refuse micro-batches of several sizes: torch's stages expect all to have the first one's
    shape, and fail in the middle of the step.

    Every worker looks at all shards. So all raise, and none waits for one that has.
    """
    sizes = sorted({n // shards, -(-n // shards)})
    if any(size % micros for size in sizes):
        examples = f"{' and '.join(map(str, sizes))} examples"
        raise ValueError(
            "torch's schedules expect micro-batches of one size, and "
            f"{examples if shards == 1 else f'shards of {examples}'} do not divide into {micros}; "
            f"by_hand.{name} takes micro-batches of any size"
        )


def _piped(
    problem: Problem,
    batch,
    schedule: str,
    micros: int,
    k: int,
    stages: int,
    mesh: DeviceMesh | None = None,
) -> Report:
    """One step of a pipeline along the rows of `mesh`; its columns hold copies of the stages."""
    x, y = (part.to(device()) for part in batch)
    layers = problem.stage(k, stages).to(device())
    parameters = dict(layers.named_parameters())
    copies = 1 if mesh is None else mesh["down"].size()
    if copies > 1:
        layers = DistributedDataParallel(layers, process_group=mesh.get_group("down"))
    stage = PipelineStage(
        layers, k, stages, device(), group=None if mesh is None else mesh.get_group("across")
    )
    # The loss is a sum over examples already, so the micro-batches' gradients add up: no 1/M.
    runner = SCHEDULES[schedule](
        stage, micros, loss_fn=lambda o, y: problem.loss(o, y) * copies, scale_grads=False
    )
    first, last = k == 0, k == stages - 1

    def work():
        runner.step(*([x] if first else []), **({"target": y, "losses": []} if last else {}))

    return _report(problem, parameters, work)


def _report(
    problem: Problem, parameters: Mapping[str, nn.Parameter], work: Callable[[], None]
) -> Report:
    before = kernel_bytes()
    work()
    after = kernel_bytes()
    problem.decay(parameters.items())
    # below, gradients are gathered for the report; torch would warn that it is done slowly
    logging.getLogger("torch.distributed.tensor").setLevel(logging.ERROR)
    pieces = []
    for name, p in parameters.items():
        gradient = p.grad.full_tensor() if isinstance(p.grad, DTensor) else p.grad
        pieces.append((name, whole(gradient.shape), gradient.cpu().numpy()))
    return Report(
        pieces,
        kernel=None if before is None or device().type != "cpu" else after - before,
        parameters=sum(_local(p).nbytes for p in parameters.values()),
        gradients=sum(_local(p.grad).nbytes for p in parameters.values()),
    )


def _local(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor
