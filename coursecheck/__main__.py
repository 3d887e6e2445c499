"""`python -m coursecheck FILE...`: judge notebooks without a kernel."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from coursecheck.grading import batch, class_report, formats
from coursecheck.grading.links import Limits
from coursecheck.grading.points import read_points
from coursecheck.messages import ENGLISH, languages, speak
from coursecheck.result import CourseCheckError

DESCRIPTION = """Judge exercise notebooks without a kernel.

Each file runs in a process of its own, which holds neither the answers nor the judge, with limits
on time, memory, processes and files, and in a folder of its own. This protects you and the other
files from accidents. It is NO SANDBOX: the code in a notebook runs with your rights, and someone
determined can read and write your files. Judge the files of people you do not trust in a container:

  docker run --rm --network none --read-only --tmpfs /tmp --memory 4g --pids-limit 256 \\
    --user 65534 -v "$PWD":/class:ro -w /class IMAGE python -m coursecheck submissions/*.ipynb
"""

EPILOGUE = """exit code:
  0    every task of every file is right
  1    something is not right, or a file's process had to be replaced on the way
  2    a file is no notebook of this course, or could not be judged; or the command is wrong
  130  interrupted

Memory, processor time, processes and file sizes are limited by the system: on Linux all of them, on
macOS all but memory, on Windows none. The limits of time hold everywhere.
"""

FEW = 20  # files that need no report of progress where nobody watches


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="python -m coursecheck",
        description=DESCRIPTION,
        epilog=EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = found.add_argument
    add("files", nargs="+", metavar="FILE", help="a notebook of this course")
    shown = found.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="print JSON instead of boards")
    shown.add_argument("--csv", action="store_true", help="print CSV, a row for each task")
    shown.add_argument("--summary", action="store_true", help="print the class report only")
    add("--junit", metavar="FILE", help="write JUnit XML")
    add("--gradescope", metavar="FILE", help="write Gradescope's results.json, of one notebook")
    add("--report", metavar="FILE", help="write the class report as a page (.html)")
    add("--points", metavar="FILE", help="points for each task, in TOML or JSON; else one each")
    add("--seed", help="of the variants handed out; the folder of a file has its student's name")
    add("--language", choices=languages(), default=ENGLISH, help="of the class report")
    add("--jobs", type=_count, default=2, metavar="N", help="files at a time (default 2)")
    limits = Limits()
    add(
        "--seconds", type=_seconds, default=limits.seconds, metavar="S",
        help=f"for one file, all together (default {limits.seconds:g})",
    )  # fmt: skip
    add(
        "--memory", type=_count, default=limits.megabytes, metavar="MB",
        help=f"for one file (default {limits.megabytes})",
    )  # fmt: skip
    return found


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number <= 86400:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 86400")
    return number


@dataclass
class Progress:
    """On the terminal, a line that counts; elsewhere ten lines, if there are many files."""

    total: int
    done: int = 0

    def __call__(self) -> None:
        self.done += 1
        with contextlib.suppress(OSError, ValueError):
            if sys.stderr.isatty():
                end = "\n" if self.done == self.total else ""
                print(f"\r{self.done}/{self.total}", end=end, file=sys.stderr, flush=True)
            elif self.total > FEW and self.done % -(-self.total // 10) == 0:
                print(f"{self.done}/{self.total}", file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Judge every file and print what came of it; returns the exit code."""
    asked = parser()
    options = asked.parse_args(arguments)
    if options.gradescope and len(options.files) != 1:
        asked.error("--gradescope is about one submission: name one FILE")
    found: list[batch.Outcome] = []
    try:
        points = read_points(options.points) if options.points else {}
        limits = Limits(seconds=options.seconds, megabytes=options.memory)
        limits = Limits(limits.seconds, min(limits.cell_seconds, limits.seconds), limits.megabytes)
        boards = not (options.json or options.csv or options.summary)
        progress = Progress(len(options.files))
        judging = batch.outcomes(
            options.files, limits, points, options.jobs, progress, options.seed
        )
        with contextlib.closing(judging):
            for outcome in judging:
                found.append(outcome)
                if outcome.problem:
                    print(outcome.problem, file=sys.stderr)
                elif boards:
                    print(outcome.text, flush=True)
        speak(options.language)
        if not boards:
            print(_output(options, found), end="", flush=True)
        _write(options, found)
    except CourseCheckError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:  # nobody reads on, as of `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return max([int(len(found) < len(options.files)), *(outcome.code for outcome in found)])
    except KeyboardInterrupt:
        print(f"interrupted: {len(found)}/{len(options.files)}", file=sys.stderr)
        return 130
    return max((outcome.code for outcome in found), default=0)


def _output(options: argparse.Namespace, found: Sequence[batch.Outcome]) -> str:
    if options.json:
        return formats.to_json(found)
    return formats.to_csv(found) if options.csv else class_report.to_text(found) + "\n"


def _write(options: argparse.Namespace, found: Sequence[batch.Outcome]) -> None:
    """The files that were asked for."""
    wanted = {
        options.junit: lambda: formats.to_junit(found),
        options.gradescope: lambda: formats.to_gradescope(found[0]),
        options.report: lambda: class_report.to_html(found, options.language),
    }
    for path, text in wanted.items():
        if path:
            try:
                Path(path).write_text(text(), encoding="utf-8")
            except OSError as error:
                raise CourseCheckError(f"{path}: {error.strerror}") from None


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main())
