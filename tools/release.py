"""Is this a book to publish? What work in progress may lack, and a release may not.

python -m tools.release     # after make book; exit code 1 if anything is missing

`make release` builds the book, asks this, and then runs everything of `make test`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from book import ROOT, build
from book.translate.__main__ import main as translate

#: where the version stands, and how it is written there; the first one says which it is
VERSIONS = {
    "pyproject.toml": r'(?m)^version = "(.+)"$',
    "CITATION.cff": r"(?m)^version: (.+)$",
    "README.md": r"Version ([\d.]+)\}",
    "index.md": r"Version ([\d.]+)\}",
}


def translations() -> list[str]:
    return ["not every sentence is translated"] if translate(["check", "--strict"]) else []


def exercises_in_the_page(html: Path | None = None) -> list[str]:
    html = html or build.HTML
    if not (html / "index.html").exists():
        return ["there is no book: run make book first"]
    if not list(html.glob("workbook-*/worker.mjs")):
        return ["exercises do not run in the page: the last lines of make book say why"]
    return []


def versions(root: Path = ROOT) -> list[str]:
    found = {}
    for name, pattern in VERSIONS.items():
        match = re.search(pattern, (root / name).read_text(encoding="utf-8"))
        found[name] = match[1] if match else "none"
    wanted, *_ = found.values()
    return [f"{name} has version {v}, not {wanted}" for name, v in found.items() if v != wanted]


def pages_and_words() -> list[str]:
    """The tests that only a release has to pass."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "release", "tests"]
    return ["tests of a release fail"] if subprocess.run(command, cwd=ROOT).returncode else []


STEPS: tuple[tuple[str, Callable[[], list[str]]], ...] = (
    ("versions", versions),
    ("exercises in the page", exercises_in_the_page),
    ("translations", translations),
    ("pages in every language", pages_and_words),
)


def main() -> int:
    """Every step, even after one that fails; returns the exit code."""
    missing = []
    for number, (name, step) in enumerate(STEPS, start=1):
        print(f"\n== {number}/{len(STEPS)} {name}", flush=True)
        found = step()
        print(*(found or ["as it has to be"]), sep="\n", flush=True)
        missing += found
    print(f"\nno release yet: {'; '.join(missing)}" if missing else "\nthis can be released.")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
