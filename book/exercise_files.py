"""The files in `exercises/`: made from the solutions, and never over what someone filled in.

A file is ours when some solution makes it: the one that lies here, the one that was committed last,
or the one that was committed beside it. Or when it is what was written here last, which says
it where there is no git. Everything else is someone's work.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from book.exercises import SyncError, text_from
from book.sources import SourceError
from book.written import Record, text_at

FOLDER, SOLUTIONS = "exercises", "solutions"


class SomeonesWork(Exception):
    """A file that would be written over; the message says where it is and what to do."""


def someones_work(root: Path, made: dict[str, str]) -> list[str]:
    """The exercises that hold what no solution makes, one sentence each."""
    record = Record(root / FOLDER)
    return [
        f"{FOLDER}/{name} holds work that no solution makes, so it stays as it is: move it to "
        "my/exercises/, where make lab keeps your own copies, then run this again."
        for name, text in made.items()
        if not _is_ours(root, name, text, record)
    ]


def _is_ours(root: Path, name: str, made: str, record: Record) -> bool:
    there = text_at(root / FOLDER / name)
    if there in (None, made) or record.wrote(name, there):
        return True
    return any(there == text for text in _made_from_commits(root, name))


def _made_from_commits(root: Path, name: str) -> Iterator[str]:
    """What the solution of the last commit makes, and that of the exercise's own last commit."""
    commits = ["HEAD", _git(root, "log", "-1", "--format=%H", "--", f"{FOLDER}/{name}")]
    for commit in commits:
        solution = _git(root, "show", f"{commit.strip()}:./{SOLUTIONS}/{name}") if commit else ""
        try:
            yield text_from(solution, f"{SOLUTIONS}/{name}")
        except (SyncError, SourceError):  # there was none then, or a broken one
            continue


def _git(root: Path, *arguments: str) -> str:
    """What git answers; nothing where there is no git, no repository, or no such file."""
    try:
        answer = subprocess.run(["git", "-C", root, *arguments], capture_output=True)
    except OSError:
        return ""
    return "" if answer.returncode else answer.stdout.decode(errors="replace")


def refuse_to_lose(root: Path, made: dict[str, str]) -> None:
    """Raise SomeonesWork if writing these exercises would write over any."""
    if found := someones_work(root, made):
        raise SomeonesWork("\n".join(found))


def write(root: Path, made: dict[str, str]) -> None:
    """Write the exercises: all of them, or none when one of them is someone's work."""
    refuse_to_lose(root, made)
    replace(root, made)


def replace(root: Path, made: dict[str, str]) -> None:
    """Write the exercises, for a caller that has made sure that nothing is lost."""
    record = Record(root / FOLDER)
    for name, text in made.items():
        if text_at(record.folder / name) == text:
            record.adopt(name, text)
        else:
            record.write(name, text)
    record.save()
