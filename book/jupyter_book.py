"""Run Jupyter Book on one tree of sources: say how far it is, and what it has against the book.

Its whole output goes to a log. What a reader of the terminal gets is a line now and then and, when
the build fails, the warnings and errors alone.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

OPTIONS = ("-W", "--keep-going", "--path-output")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
STEP = 0.5  # of the pages, from one line to the next

TO_READ = re.compile(r"updating environment: .*?(\d+) added, (\d+) changed")
# what Sphinx says -> what we say of so many of all pages, at so many per cent
PHASES = {
    TO_READ: "",
    re.compile(r"reading sources\.\.\. \[ *(\d+)%\]"): "{0} of {1} pages read",
    re.compile(r"writing output\.\.\. \[ *(\d+)%\]"): "{2} % of what changed is written",
    re.compile(r"dumping search index"): "search and styles",
}
COMPLAINT = re.compile(r"\b(?:WARNING|ERROR|CRITICAL|SEVERE): ")
EXCEPTION = re.compile(
    r"(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Warning|Exit|Interrupt)\b(?::.*)?"
)
# words of Jupyter Book's own about a failure that stands above them
AFTERWORDS = re.compile(
    r"RuntimeError: *$|.*Look above for the cause|.*There was an error in build"
)


class JupyterBook:
    """One build in a process of its own.

    ``say`` gets a line now and then; the output, all of it, goes to ``log``.
    """

    def __init__(self, source: Path, out: Path, log: Path, say: Callable[[str], None]) -> None:
        self.source, self.out, self.log, self.say = source, out, log, say
        self.process: subprocess.Popen[str] | None = None

    def run(self) -> list[str]:
        """Build; what Jupyter Book has against the book, nothing if it is built."""
        program = Path(sys.executable).with_name("jupyter-book")
        clean = False
        try:
            with self.log.open("w", encoding="utf-8") as log:
                self.process = subprocess.Popen(
                    [program, "build", *OPTIONS, self.out, self.source],
                    env=os.environ | {"NO_COLOR": "1", "PYTHONUNBUFFERED": "1"},
                    text=True,
                    encoding="utf-8",
                    errors="replace",
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                )
                lines = list(self._followed(log))
            clean = not self.process.wait()
        finally:
            self.stop()
            if not clean:
                # A page read with a warning is not read again, and the next build would call
                # itself clean.
                shutil.rmtree(self.out / "_build" / ".doctrees", ignore_errors=True)
        return [] if clean else condensed(lines)

    def stop(self) -> None:
        """End the process if it still runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def _followed(self, log) -> Iterator[str]:
        said = Progress(self.say)
        for line in self.process.stdout:
            log.write(line)
            line = COLOURS.sub("", line).rstrip()
            said.hear(line)
            yield line


class Progress:
    """Turns Sphinx's many lines into a few."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say, self.pages, self.said = say, 0, dict.fromkeys(PHASES, 0.0)

    def hear(self, line: str) -> None:
        for pattern in PHASES:
            if found := pattern.match(line):
                self._tell(pattern, *map(int, found.groups()))

    def _tell(self, pattern: re.Pattern, *numbers: int) -> None:
        if pattern is TO_READ:
            self.pages = sum(numbers)
            self.say(f"{self.pages or 'no'} pages to read")
            return
        share = numbers[0] / 100 if numbers else 1.0
        if share - self.said[pattern] >= STEP or share == 1 > self.said[pattern]:
            self.said[pattern] = share
            self.say(PHASES[pattern].format(round(share * self.pages), self.pages, *numbers))


def condensed(lines: Iterable[str]) -> list[str]:
    """Warnings and errors, each once and whole; else the last exception, else the last line."""
    lines = [line for line in lines if line.strip()]
    complaints = [line for line in lines if COMPLAINT.search(line)]
    exceptions = [
        line for line in lines if EXCEPTION.fullmatch(line) and not AFTERWORDS.match(line)
    ]
    found = list(dict.fromkeys([*complaints, *exceptions[:1]]))
    return found or lines[-1:] or ["Jupyter Book ended without a word."]
