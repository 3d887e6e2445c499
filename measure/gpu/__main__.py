"""``python -m measure.gpu``: count what chapters 3 and 4 claim on a CUDA device, and report it.

It writes one section of a report, and its facts into the JSON file beside it. A trial that fails
says so in its place, and the others run.

Exit status: 0, all trials ran; 1, some failed, the report says which; 3, there is no CUDA device.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import torch

from . import curvature, training
from .device import Cuda, Device
from .report import write

SECTION = "Chapters 3 and 4: bytes and time"
OUT = Path("reports") / "gpu.md"
FAILED, NO_DEVICE = 1, 3

#: lines of Markdown and facts, found on a device
Trial = Callable[[Device], tuple[list[str], dict[str, Any]]]

TRIALS: Mapping[str, Trial] = training.TRIALS | curvature.TRIALS


def section(device: Device, trials: Mapping[str, Trial]) -> tuple[str, dict[str, Any], list[str]]:
    """The section's text, its facts by each trial's name, and the titles of those that failed."""
    lines = [
        f"`python -m measure.gpu`, {date.today().isoformat()}: {device.name}, {device.memory:,} "
        f"bytes, torch {torch.__version__}. Bytes are compared exactly; where the difference is "
        "not 0, the last column says why. Times are shown.",
    ]
    facts: dict[str, Any] = {
        "chapters": ["3", "4"],
        "device": device.name,
        "torch": torch.__version__,
    }
    failed = []
    for title, trial in trials.items():
        started = perf_counter()
        lines += ["", f"### {title}", ""]
        try:
            said, found = trial(device)
        except Exception as error:  # whatever it is, the device is not ours for long
            failed.append(title)
            said, found = [f"This trial failed: {type(error).__name__}: {error}"], {}
        lines += said
        facts[trial.__name__] = found
        print(f"{title}: {perf_counter() - started:.1f} s", flush=True)
    return "\n".join(lines), facts, failed


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m measure.gpu", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, help=f"the report (default: {OUT})")
    out = parser.parse_args(arguments).out
    if not torch.cuda.is_available():
        print("measure.gpu needs a CUDA device, and torch finds none here.", file=sys.stderr)
        return NO_DEVICE
    torch.manual_seed(0)
    text, facts, failed = section(Cuda(), TRIALS)
    write(out, SECTION, text, facts)
    print(f"written: {out}" + f"; failed: {', '.join(failed)}" * bool(failed))
    return FAILED if failed else 0


if __name__ == "__main__":
    sys.exit(main())
