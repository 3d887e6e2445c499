"""Messages between workers, written by hand and counted at the sender."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist


class Wire:
    """A line of workers that talk to one another; this process is one of them.

    Parameters
    ----------
    ranks : the ranks on the line, in order; by default all of the process group.

    Attributes
    ----------
    rank, size : this worker's place on the line, and the line's length.
    sent : bytes that this worker has sent, by receiver (places on the line).

    Sending never waits: both ends may send first and receive afterwards. Call `finish` before the
    worker returns.
    """

    def __init__(self, ranks: Sequence[int] | None = None):
        self._ranks = list(range(dist.get_world_size()) if ranks is None else ranks)
        self.rank = self._ranks.index(dist.get_rank())
        self.size = len(self._ranks)
        self._right, self._left = (self.rank + 1) % self.size, (self.rank - 1) % self.size
        self.sent: Counter[int] = Counter()
        self._under_way: list = []

    def send(self, tensor: torch.Tensor, to: int) -> None:
        """Send a tensor to the worker at place `to`, and go on.

        What is under way is a copy, made by NumPy: it belongs to the wire, and the counters of
        torch's memory leave it out.
        """
        copy = torch.from_numpy(np.array(tensor.detach().numpy(), order="C"))
        self.sent[to] += copy.nbytes
        self._under_way = [(work, t) for work, t in self._under_way if not work.is_completed()]
        self._under_way.append((dist.isend(copy, self._ranks[to]), copy))

    def receive(self, shape: Sequence[int], source: int, dtype=torch.float64) -> torch.Tensor:
        """Wait for a tensor of this shape from the worker at place `source`."""
        tensor = torch.empty(tuple(shape), dtype=dtype)
        dist.recv(tensor, self._ranks[source])
        return tensor

    def all_reduce(self, tensor: torch.Tensor) -> torch.Tensor:
        """The sum of the workers' tensors, on every one of them, by a ring.

        A `reduce_scatter` and an `all_gather`: all together the workers send 2 (N − 1) times the
        tensor, whatever its size.
        """
        total = self.all_gather(self.reduce_scatter(tensor), tensor.numel())
        return total.view(tensor.shape)

    def reduce_scatter(self, tensor: torch.Tensor) -> torch.Tensor:
        """This worker's N-th of the sum of the workers' tensors, row by row: a vector.

        In each of N − 1 rounds a worker passes one N-th to the right and adds what comes from the
        left to its own; each N-th ends, summed, with the worker whose place it has.
        """
        parts = tensor.detach().reshape(-1).clone().tensor_split(self.size)
        for round_ in range(1, self.size):
            self.send(parts[(self.rank - round_) % self.size], self._right)
            part = parts[(self.rank - round_ - 1) % self.size]
            part += self.receive(part.shape, self._left, part.dtype)
        return parts[self.rank].clone()

    def all_gather(self, part: torch.Tensor, length: int) -> torch.Tensor:
        """All workers' parts in one vector of `length`, split as `reduce_scatter` splits."""
        whole = torch.empty(length, dtype=part.dtype)
        parts = whole.tensor_split(self.size)
        parts[self.rank].copy_(part.detach())
        for round_ in range(self.size - 1):
            self.send(parts[(self.rank - round_) % self.size], self._right)
            arriving = parts[(self.rank - round_ - 1) % self.size]
            arriving.copy_(self.receive(arriving.shape, self._left, part.dtype))
        return whole

    def finish(self) -> None:
        """Wait until everything sent has left."""
        for work, _ in self._under_way:
            work.wait()
        self._under_way.clear()


def kernel_bytes() -> int | None:
    """Bytes that this process has written to sockets and files, as Linux counts them; else None.

    The judge of what torch itself puts on the wire: gloo writes each message with a header of 48
    bytes.
    """
    counters = Path("/proc/self/io")
    if not counters.exists():
        return None
    return int(dict(line.split(": ") for line in counters.read_text().splitlines())["wchar"])
