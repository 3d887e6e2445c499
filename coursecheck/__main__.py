"""`python -m coursecheck FILE...`: judge notebooks without a kernel.

Exit code: 0 if every task of every notebook is right, 1 if one is not, 2 if a file is no notebook
of this course.
"""

from __future__ import annotations

import argparse
import io
import sys

from coursecheck.grading.parent import report
from coursecheck.result import CourseCheckError


def main(arguments: list[str] | None = None) -> int:
    """Print a report for every file; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m coursecheck", description="Judge exercise notebooks without a kernel."
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a notebook of this course")
    code = 0
    for path in parser.parse_args(arguments).files:
        try:
            outcome = report(path)
        except CourseCheckError as error:
            print(error, file=sys.stderr)
            code = 2
        else:
            print(outcome)
            code = max(code, 0 if outcome.board.complete else 1)
    return code


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main())
