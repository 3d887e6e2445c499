"""A learner's notebook as a file: its code, the exercise that it is about, and what came of it.

The file is data here, and nothing of it runs: that is `grading`.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from coursecheck.exercises import NAMES
from coursecheck.grading.clean import line
from coursecheck.messages import ENGLISH, NOTES, PIECES, languages, say
from coursecheck.result import Board, CourseCheckError

MOST_BYTES = 64 * 2**20  # of a file, with its pictures
MOST_LETTERS = 2 * 10**6  # of code

# `*+` never goes back: a notebook cannot make this search long.
_CALL = re.compile(
    r"""\bexercise\(\s*+["']([^"']*+)["']\s*+"""
    r"""(?:,\s*+(?:language\s*+=\s*+)?["']([^"']*+)["']\s*+)?"""
    r"""(?:,\s*+variant\s*+=\s*+["']([^"']*+)["']\s*+)?,?\s*+\)"""
)


@dataclass(frozen=True)
class Notebook:
    """What is judged: the code cells, and which exercise they are about, in which language."""

    path: str
    cells: list[str]
    exercise: str
    language: str
    variant: str = ""

    @property
    def name(self) -> str:
        """The file's name, fit to be shown."""
        return line(Path(self.path).name)

    @property
    def shown(self) -> str:
        return shown(self.path)


@dataclass(frozen=True)
class Report:
    """What came of one notebook: remarks on its cells, and its board.

    `stopped` says that its process died or had to be killed on the way, and another went on.
    """

    path: str
    remarks: tuple[str, ...]
    board: Board
    stopped: bool = False

    @property
    def complete(self) -> bool:
        return self.board.complete and not self.stopped

    def __str__(self) -> str:
        lines = [self.path, *(f"  ! {remark}" for remark in self.remarks), repr(self.board)]
        for result in self.board.results:
            if result.state == "not_yet":
                lines.append(repr(result))
        return "\n".join(lines)


def shown(path: str) -> str:
    """A path, fit to be shown."""
    return line(path, 4096)


def read(path: str) -> Notebook:
    """The notebook at `path`. Raises CourseCheckError if there is no such notebook."""
    cells = _cells(path)
    return Notebook(path, cells, *_asked_for(path, cells))


def _cells(path: str) -> list[str]:
    """The sources of the notebook's code cells."""

    def refused(note: str, **fields: object) -> CourseCheckError:
        return CourseCheckError(say(NOTES[note], path=shown(path), **fields))

    try:
        data = _bytes(path)
    except FileNotFoundError:
        raise refused("no_file") from None
    except (OSError, ValueError) as error:  # a ValueError is a path with a null byte
        reason = getattr(error, "strerror", None) or str(error)
        raise refused("unreadable", error=line(reason)) from None
    if data is None:
        raise refused("no_regular_file")
    if len(data) > MOST_BYTES:
        raise refused("too_large")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise refused("unreadable", error=say(PIECES["utf16"]))
    try:
        content = json.loads(data.decode("utf-8-sig"))  # some editors put a mark in front
    except UnicodeDecodeError:
        raise refused("unreadable", error=say(PIECES["no_utf8"])) from None
    except (ValueError, RecursionError, MemoryError):
        raise refused("not_a_notebook") from None
    try:
        if "worksheets" in content:
            raise refused("old_notebook", version=line(str(content.get("nbformat", 3)), 20))
        cells = ["".join(c["source"]) for c in content["cells"] if c["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise refused("not_a_notebook") from None
    if sum(map(len, cells)) > MOST_LETTERS:
        raise refused("too_large")
    return cells


def _bytes(path: str) -> bytes | None:
    """What the file holds; None of a device or a pipe, which may have no end."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    try:
        kind = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(kind):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(kind):
            return None
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(MOST_BYTES + 1)
    finally:
        os.close(descriptor)


def _asked_for(path: str, cells: list[str]) -> tuple[str, str, str]:
    """The exercise that the notebook gives to `exercise(...)`, else the file's own; the language in
    which it asks for it, and the variant."""
    asked = [*_CALL.findall("\n".join(cells)), (Path(path).stem, "", "")]
    for name, language, variant in asked:
        if name in NAMES:
            return name, language if language in languages() else ENGLISH, variant
    raise CourseCheckError(say(NOTES["no_exercise"], path=shown(path), names=", ".join(NAMES)))
