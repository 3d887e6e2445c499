"""Everything CI runs, in one command: the steps below, in order, all of them even after a failure.

    python -m tools.check            # make test
    python -m tools.check --quick    # make quick: what needs no browser, worker, kernel or set-up

Tests that cannot run on this machine, for want of a browser, are counted at the end. With CI set
they are a failure.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from book import ROOT

SECONDS_PER_CELL = "120"


@dataclass(frozen=True)
class Step:
    name: str
    module: str
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    def passes(self) -> bool:
        command = [sys.executable, "-m", self.module, *self.arguments]
        return subprocess.run(command, cwd=ROOT, env=os.environ | self.environment).returncode == 0


# One notebook is one scope: the default distribution would split its cells over two kernels.
NOTEBOOKS_RUN_AGAIN = (
    *("--nbval", "--nbval-current-env", "--nbval-cell-timeout", SECONDS_PER_CELL),
    *("--nbval-sanitize-with", "tests/nbval_sanitize.cfg"),
    *("-n", "2", "--dist", "loadscope"),
    *("chapters", "solutions"),
)
# A file is run by one worker, which sets up once what its tests share. (xdist's groups, which would
# say it more finely, are not heard by pytest 9.2: pytest-dev/pytest-xdist#1386.)
TWO = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
EVENLY = ("-n", "2", "--dist", "worksteal")  # where nothing is set up
MOST = ("tests", *TWO, "--ignore=tests/workbook", "-m", "not proof and not release")
PROOFS = ("tests", *TWO, "-m", "proof")
MUTANTS = Step("formulas with a mistake", "tools.mutants", ("--sample", "25"))
QUICK = (
    Step("lint", "ruff", ("check", ".")),
    Step("format", "ruff", ("format", "--check", ".")),
    Step("types", "mypy"),
    Step("exercises come from their solutions", "tools.sync_exercises", ("--check",)),
)
NOT_SLOW = ("-m", "not slow and not proof and not release")
STEPS = (
    *QUICK,
    Step("translations, a report", "book.translate", ("check",)),
    Step("Python in the page", "book.workbook.runtime"),  # fetched before the machine is busy
    Step("a browser", "book.browser"),  # likewise
    Step("tests, and what they run", "tools.coverage_report", MOST),
    Step("every slip and every misprint", "pytest", PROOFS),
    # one after the other: each starts Python in a page, which wants the machine for itself
    Step("learners in the page", "pytest", ("tests/workbook",)),
    *([MUTANTS] if hasattr(os, "fork") else []),  # Windows has none
    Step("stored outputs", "pytest", NOTEBOOKS_RUN_AGAIN, {"COURSECHECK_STRICT": "1"}),
)


def not_run(notes: Path) -> Counter[str]:
    """What could not run, as tests/lacking.py has noted it: reason -> tests."""
    counts: Counter[str] = Counter()
    for line in notes.read_text(encoding="utf-8").splitlines() if notes.exists() else ():
        counts.update(json.loads(line))
    return counts


def last_words(steps: int, failed: list[str], counts: Counter[str], seconds: int) -> str:
    lines = [
        f"{n} test{'s' * (n > 1)} did not run: {reason.partition(': ')[2]}"
        for reason, n in counts.items()
    ]
    verdict = f"FAILED: {', '.join(failed)}" if failed else f"all {steps} steps passed"
    without = f", without {'that' if counts.total() == 1 else 'those'} {counts.total()}"
    minutes, seconds = divmod(seconds, 60)
    lines.append(f"{verdict}{without if counts else ''} ({minutes} min {seconds} s)")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.check")
    parser.add_argument("--quick", action="store_true", help="leave out what takes its time")
    quick = (*QUICK, Step("quick tests", "pytest", ("tests", "-q", *EVENLY, *NOT_SLOW)))
    steps = quick if parser.parse_args().quick else STEPS
    started = time.perf_counter()
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder) / "notes"
        os.environ["BOOK_TEST_NOTES"] = str(notes)
        for number, step in enumerate(steps, start=1):
            print(f"\n== {number}/{len(steps)} {step.name}", flush=True)
            if not step.passes():
                failed.append(step.name)
        counts = not_run(notes)
    print(
        "\n" + last_words(len(steps), failed, counts, round(time.perf_counter() - started)),
        flush=True,
    )
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
