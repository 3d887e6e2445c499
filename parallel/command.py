"""Run every strategy on the workers at hand and compare with one process.

    python -m parallel                                   4 processes on this machine
    torchrun --nproc-per-node 4 -m parallel              the same, started by torchrun
    torchrun --nnodes 2 --nproc-per-node 2 --node-rank K --master-addr HOST --master-port 29500 \\
        -m parallel                                      two machines: once on each, K = 0 and 1

A name or several, such as ``by_torch.sharded``, run those alone.
"""

from __future__ import annotations

import argparse
import datetime
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import torch
import torch.distributed as dist

from . import by_hand, by_torch
from .launch import LONGEST, WorkerError, backend, launch
from .problem import Problem, Report, error

TOLERANCE = 1e-12


def section(size: int) -> Problem:
    """The section's model, large enough to share its hidden units and examples."""
    return Problem(sizes=(5, 4 * size, 3), n=4 * size)


def deep(size: int) -> Problem:
    """A model with a layer for every worker."""
    return Problem(sizes=(5, *[8] * (size - 1), 3), n=4 * size)


@dataclass(frozen=True)
class Strategy:
    """A strategy, the problem it is shown on, and the workers it needs."""

    run: Callable[[Problem], Report]
    problem: Callable[[int], Problem] = section
    least: int = 1
    even: bool = False

    def suits(self, size: int) -> bool:
        return size >= self.least and not (self.even and size % 2)


STRATEGIES = {
    "by_hand.pipeline": Strategy(lambda p: by_hand.pipeline(p, "1F1B", 4), deep),
    "by_hand.tensor": Strategy(by_hand.tensor),
    "by_hand.data": Strategy(by_hand.data),
    "by_hand.sharded": Strategy(by_hand.sharded),
    "by_hand.data_tensor": Strategy(by_hand.data_tensor, least=4, even=True),
    "by_hand.data_pipeline": Strategy(by_hand.data_pipeline, least=4, even=True),
    "by_torch.gpipe": Strategy(
        lambda p: by_torch.pipeline(p, "GPipe", dist.get_world_size()), deep, least=2
    ),
    "by_torch.1f1b": Strategy(
        lambda p: by_torch.pipeline(p, "1F1B", dist.get_world_size()), deep, least=2
    ),
    "by_torch.tensor": Strategy(by_torch.tensor),
    "by_torch.data": Strategy(by_torch.data),
    "by_torch.sharded": Strategy(by_torch.sharded),
    "by_torch.data_tensor": Strategy(by_torch.data_tensor, least=4, even=True),
    "by_torch.data_pipeline": Strategy(by_torch.data_pipeline, least=4, even=True),
}


def run_all(names: list[str]) -> list[str]:
    """Run the strategies on the process group; a line on each, the same on every worker.

    Raises
    ------
    ArithmeticError : if a gradient is not one process's.
    """
    size = dist.get_world_size()
    lines = []
    for name in names:
        strategy = STRATEGIES[name]
        if not strategy.suits(size):
            even = " that divide by 2" if strategy.even else ""
            lines.append(f"{name:24} needs {strategy.least} or more workers{even}")
            continue
        problem = strategy.problem(size)
        reports: list[Report] = [None] * size
        dist.all_gather_object(reports, strategy.run(problem))
        worst = error(problem, reports)
        if not worst < TOLERANCE:
            raise ArithmeticError(f"{name}: the gradient differs by {worst:.1e}")
        held = max(report.parameters for report in reports)
        lines.append(
            f"{name:24} gradient within {TOLERANCE:g}; at most {held:6,} B of parameters on a "
            f"worker; {_sent(reports)}"
        )
    return lines


def _sent(reports: list[Report]) -> str:
    if all(report.sent for report in reports):
        return f"{sum(sum(report.sent) for report in reports):7,} B sent"
    if all(report.kernel is not None for report in reports):
        return f"{sum(report.kernel for report in reports):7,} B sent, headers included"
    return "bytes sent: not counted here"


def _workers(text: str) -> int:
    """A number of workers from the command line."""
    with suppress(ValueError):
        if int(text) > 0:
            return int(text)
    raise argparse.ArgumentTypeError(f"expected a positive whole number, got {text!r}")


def _seconds(text: str) -> float:
    """A time-out from the command line."""
    with suppress(ValueError):
        if 0 < float(text) <= LONGEST:
            return float(text)
    raise argparse.ArgumentTypeError(
        f"expected a number of seconds above 0 and at most {LONGEST:,}, got {text!r}"
    )


def main() -> None:
    """Read the command line, run, print. Whatever goes wrong ends with a sentence and a code."""
    parser = argparse.ArgumentParser(
        prog="python -m parallel", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(STRATEGIES))
    parser.add_argument("--workers", type=_workers, default=4, help="without torchrun; default 4")
    parser.add_argument("--timeout", type=_seconds, default=120.0, help="seconds; default 120")
    options = parser.parse_args()
    unknown = set(options.names) - set(STRATEGIES)
    if unknown:
        parser.error(f"no strategy {', '.join(sorted(unknown))}; there are {', '.join(STRATEGIES)}")
    names = options.names or list(STRATEGIES)
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        try:
            print("\n".join(launch(run_all, options.workers, names, timeout=options.timeout)[0]))
        except WorkerError as trouble:
            sys.exit(f"{trouble}\n{trouble.details}")
        except OSError as trouble:
            sys.exit(str(trouble))
        return
    torch.set_num_threads(1)
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]) % torch.cuda.device_count())
    dist.init_process_group(
        backend(int(os.environ["LOCAL_WORLD_SIZE"])),
        timeout=datetime.timedelta(seconds=options.timeout),
    )
    lines = run_all(names)
    if dist.get_rank() == 0:
        print("\n".join(lines), flush=True)
    dist.destroy_process_group()
