"""Make the exercises from the solutions, with `book.exercises`.

python -m tools.sync_exercises            write exercises/*.ipynb
python -m tools.sync_exercises --check    only say which of them are stale (exit code 1)

An exercise that someone filled in is not written over: then nothing is written, and it is named.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from book import ROOT
from book.exercise_files import SomeonesWork, someones_work, write
from book.exercises import texts
from book.sources import SourceError

ADVICE = "Edit the solution, then run: python -m tools.sync_exercises"


def stale(made: dict[str, str], exercises: Path) -> list[str]:
    """What is wrong with the folder of exercises, one sentence for each notebook."""
    there = {path.name: path.read_text(encoding="utf-8") for path in exercises.glob("*.ipynb")}
    folder = exercises.name
    missing = [f"{folder}/{name} is missing" for name in sorted(made.keys() - there.keys())]
    orphans = [f"{folder}/{name} has no solution" for name in sorted(there.keys() - made.keys())]
    changed = [
        f"{folder}/{name} is not what its solution makes"
        for name in sorted(made.keys() & there.keys())
        if made[name] != there[name]
    ]
    return missing + orphans + changed


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Write or check the exercises; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.sync_exercises")
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args(arguments).check
    try:
        made = texts(root / "solutions")
        if not check:
            write(root, made)
    except (SourceError, SomeonesWork) as error:
        print(error, file=sys.stderr)
        return 1
    if wrong := stale(made, root / "exercises"):
        print(*wrong, *(someones_work(root, made) or [ADVICE]), sep="\n", file=sys.stderr)
        return 1
    print(f"{len(made)} exercises " + ("are what their solutions make" if check else "written"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
