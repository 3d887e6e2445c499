"""Everything CI runs, in one command: the steps below, in order, all of them even after a failure.

python -m tools.check
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field

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
MUTANTS = Step("formulas with a mistake", "tools.mutants", ("--sample", "25"))
STEPS = (
    Step("lint", "ruff", ("check", ".")),
    Step("exercises come from their solutions", "tools.sync_exercises", ("--check",)),
    Step("Python in the page", "book.workbook.runtime"),  # fetched before the machine is busy
    Step("tests", "pytest", ("tests", "-n", "2", "--ignore=tests/workbook")),
    # one after the other: each starts Python in a page, which wants the machine for itself
    Step("learners in the page", "pytest", ("tests/workbook",)),
    *([MUTANTS] if hasattr(os, "fork") else []),  # Windows has none
    Step("stored outputs", "pytest", NOTEBOOKS_RUN_AGAIN, {"COURSECHECK_STRICT": "1"}),
)


def main() -> None:
    started = time.perf_counter()
    failed = []
    for number, step in enumerate(STEPS, start=1):
        print(f"\n== {number}/{len(STEPS)} {step.name}", flush=True)
        if not step.passes():
            failed.append(step.name)
    minutes, seconds = divmod(round(time.perf_counter() - started), 60)
    verdict = f"FAILED: {', '.join(failed)}" if failed else f"all {len(STEPS)} steps passed"
    print(f"\n{verdict} ({minutes} min {seconds} s)", flush=True)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
