"""A CUDA device as the trials see it: what its allocator says of a run, and how long a run takes.

All calls of `torch.cuda` stand here, so that the trials run on anything that has the same methods;
the tests hand in a CPU.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, NamedTuple, Protocol

import torch

from ..section import Prepared


class Bytes(NamedTuple):
    """The allocator's account of the same tensors: as asked for, and in blocks."""

    requested: int
    allocated: int


@dataclass(frozen=True)
class Account:
    """What the allocator says of one run.

    Attributes
    ----------
    held : bytes of what was there before the run, made for it.
    beyond : the most bytes held beyond that.
    reserved : the most bytes that the device had lent for both.
    events : bytes requested (+) and given back (−) while it ran, in order.
    """

    held: Bytes
    beyond: Bytes
    reserved: int
    events: tuple[int, ...]

    @property
    def requested(self) -> int:
        return self.held.requested + self.beyond.requested

    @property
    def allocated(self) -> int:
        return self.held.allocated + self.beyond.allocated


class Device(Protocol):
    """What a trial asks of a device.

    Attributes
    ----------
    kind : as torch names it, ``"cuda"``.
    name : as the report names it.
    memory : its bytes.
    variant : how torch's optimizers update on it, if they are not told.
    counts : the variants under which Adam's step counters lie on it, and not on the CPU.
    """

    kind: str
    name: str
    memory: int
    variant: str
    counts: frozenset[str]

    def account(self, make: Callable[[], Prepared]) -> Account:
        """Make it, run it once to load what it needs; make it again, run it and count."""

    def seconds(self, run: Callable[[], Any]) -> float:
        """The best time of several runs."""

    def workspaces(self, first: Callable[[], Any], backward: Callable[[], Any]) -> list[int]:
        """Bytes allocated before the first matrix product, after it, after a backward pass."""

    def workspace(self) -> int:
        """Bytes that cuBLAS is given for one thread and stream, as torch's notes say."""


class Cuda:
    """The current CUDA device."""

    kind = "cuda"
    variant = "foreach"
    counts = frozenset({"fused"})
    TURNS, ENOUGH = 30, 1.0  # runs to time, and seconds after which fewer will do

    def __init__(self) -> None:
        properties = torch.cuda.get_device_properties(torch.cuda.current_device())
        self.name = " ".join(properties.name.split()[:2])  # "NVIDIA H100", whatever its board
        self.memory = properties.total_memory
        self.major = properties.major

    def account(self, make: Callable[[], Prepared]) -> Account:
        make().run()  # loads kernels, and makes cuBLAS's workspaces
        start = self._settled()
        prepared = make()
        ready = self._settled()
        torch.cuda.reset_peak_memory_stats()
        torch.cuda.memory._record_memory_history("all", context=None)
        before = len(self._trace())
        prepared.run()
        torch.cuda.synchronize()
        end, trace = torch.cuda.memory_stats(), self._trace()[before:]
        torch.cuda.memory._record_memory_history(None)
        signs = {"alloc": 1, "free_requested": -1}

        def rise(of: str, to: dict[str, Any], when: str, since: dict[str, Any]) -> int:
            return to[f"{of}_bytes.all.{when}"] - since[f"{of}_bytes.all.current"]

        names = Bytes._fields
        return Account(
            held=Bytes(*(rise(of, ready, "current", start) for of in names)),
            beyond=Bytes(*(rise(of, end, "peak", ready) for of in names)),
            reserved=rise("reserved", end, "peak", start),
            events=tuple(
                signs[entry["action"]] * entry["size"]
                for entry in trace
                if entry["action"] in signs
            ),
        )

    def seconds(self, run: Callable[[], Any]) -> float:
        for _ in range(3):
            run()
        times: list[float] = []
        while len(times) < self.TURNS and sum(times) < self.ENOUGH:
            torch.cuda.synchronize()
            started = perf_counter()
            run()
            torch.cuda.synchronize()
            times.append(perf_counter() - started)
        return min(times)

    def workspaces(self, first: Callable[[], Any], backward: Callable[[], Any]) -> list[int]:
        torch._C._cuda_clearCublasWorkspaces()
        found = []
        for run in (lambda: None, first, backward):
            run()
            found.append(self._settled()["allocated_bytes.all.current"])
        return found

    def workspace(self) -> int:
        # :4096:2:16:8 in KiB, and 32 MiB since Hopper
        return 32 * 2**20 if self.major >= 9 else (2 * 4096 + 8 * 16) * 2**10

    @staticmethod
    def _settled() -> dict[str, Any]:
        """The allocator's numbers when nothing is on its way."""
        gc.collect()
        torch.cuda.synchronize()
        torch.cuda.empty_cache()
        return torch.cuda.memory_stats()

    @staticmethod
    def _trace() -> list[dict[str, Any]]:
        return torch.cuda.memory._snapshot()["device_traces"][torch.cuda.current_device()]
