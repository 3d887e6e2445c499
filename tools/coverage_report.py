"""How much of our packages the tests run: pytest under coverage, and a table of what came out.

    python -m tools.coverage_report tests -n 2            pytest with these arguments; its exit code
    python -m tools.coverage_report --store tests -n 2    and the table for everyone to see

The table goes to `_build/coverage.md`, and to `reports/coverage.md` if it is to be stored.
`[tool.coverage]` in pyproject.toml says what is measured: lines and branches, in the processes too
that the tests start and that end by themselves. Chapter 5's workers do not, they are stopped once
all have answered; and Python in a page is another one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from coverage import Coverage

from book import ROOT

REPORT, STORED = ROOT / "_build" / "coverage.md", ROOT / "reports" / "coverage.md"
STORE = "--store"
LEAST = 90  # per cent; modules below are listed

#: of coverage's numbers for a module, those that we add up
COUNTS = ("num_statements", "covered_lines", "num_branches", "covered_branches")

PAGE = """\
# What the tests run

The share of lines and branches that some test runs, as `make coverage` has measured it last.
Not seen is what chapter 5's workers run (`parallel`), and what runs in a page.

{packages}

Modules below {least} %:

{modules}
"""


def run(arguments: Sequence[str]) -> int:
    """pytest under coverage; its exit code."""
    Coverage().erase()
    return subprocess.run(
        [sys.executable, "-m", "coverage", "run", "-m", "pytest", *arguments], cwd=ROOT
    ).returncode


def summaries() -> dict[str, Counter[str]]:
    """For each module, by its path in the repository, coverage's own counts of the last run."""
    coverage = Coverage()
    coverage.combine()
    with tempfile.TemporaryDirectory() as folder:
        outfile = Path(folder) / "coverage.json"
        coverage.json_report(outfile=str(outfile))
        files = json.loads(outfile.read_text(encoding="utf-8"))["files"]
    return {
        Path(name).as_posix(): Counter({count: file["summary"][count] for count in COUNTS})
        for name, file in files.items()
        if not Path(name).is_absolute()  # a copy of the book, which some test has built
    }


def page(modules: Mapping[str, Counter[str]]) -> str:
    """The report: a row a package, then a row for each module below `LEAST`."""
    packages: dict[str, Counter[str]] = {}
    for name, counts in modules.items():
        packages.setdefault(name.partition("/")[0], Counter()).update(counts)
    packages["all"] = sum(packages.values(), Counter())
    low = {name: counts for name, counts in modules.items() if share(counts) < LEAST}
    return PAGE.format(
        packages=table("package", packages), least=LEAST,
        modules=table("module", low) if low else "none.",
    )  # fmt: skip


def table(what: str, rows: Mapping[str, Counter[str]]) -> str:
    """A Markdown table: covered lines and branches of each row, and the share of both."""
    lines = [f"| {what} | lines | branches | together |", "|---|--:|--:|--:|"]
    for name, counts in rows.items():
        run, branches = counts["covered_lines"], counts["covered_branches"]
        lines.append(
            f"| {name} | {run:,} of {counts['num_statements']:,} "
            f"| {branches:,} of {counts['num_branches']:,} | {share(counts):.1f} % |"
        )
    return "\n".join(lines)


def share(counts: Mapping[str, int]) -> float:
    """Per cent of lines and branches that ran; 100 of nothing."""
    there = counts["num_statements"] + counts["num_branches"]
    return 100 * (counts["covered_lines"] + counts["covered_branches"]) / there if there else 100.0


def main() -> None:
    arguments = sys.argv[1:]
    code = run([argument for argument in arguments if argument != STORE])
    modules = summaries()
    for report in (REPORT, STORED) if STORE in arguments else (REPORT,):
        report.parent.mkdir(exist_ok=True)
        report.write_text(page(modules), encoding="utf-8")
    everything = sum(modules.values(), Counter())
    print(f"coverage: {share(everything):.1f} % of lines and branches; see _build/coverage.md")
    sys.exit(code)


if __name__ == "__main__":
    main()
