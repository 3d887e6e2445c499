"""Build the book, and serve it on this machine.

python -m tools.book build      # _build/html, warnings are errors, stored outputs
python -m tools.book serve      # http://localhost:8000 or the next free port
"""

from __future__ import annotations

import argparse
import sys
import traceback


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code. Whatever goes wrong is told in a sentence."""
    action = "build"
    try:
        # Here, because loading takes a second or two, in which someone may press Ctrl+C.
        from book.build import BUILD, BookError, build
        from book.serve import FIRST_PORT, serve

        parser = argparse.ArgumentParser(prog="python -m tools.book", description=__doc__)
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.add_argument("action", choices=["build", "serve"])
        parser.add_argument("--port", type=int, default=FIRST_PORT, help="first port to try")
        parser.add_argument(
            "--require-workbook",
            action="store_true",
            help="fail where the exercises would not run in the page",
        )
        given = parser.parse_args(arguments)
        if not 0 < given.port < 65536:
            parser.error(f"--port is a number from 1 to 65535, not {given.port}")
        action = given.action
        try:
            if action == "build":
                build(require_workbook=given.require_workbook)
            else:
                serve(given.port)
        except BookError as error:
            print(error, file=sys.stderr)
            return 1
        except Exception as error:  # a mistake of ours: its place is in a file
            place = _stored(BUILD / "mistake.log")
            print(f"{action} stopped: {_in_short(error)}{place}", file=sys.stderr)
            return 1
    except KeyboardInterrupt:
        print(f"\n{action} interrupted; the same command starts it again.", file=sys.stderr)
        return 130
    return 0


def _in_short(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def _stored(log) -> str:
    try:
        log.write_text(traceback.format_exc(), encoding="utf-8")
    except OSError:
        return "."
    return f" (a mistake of the book's own code: please report {log})."


if __name__ == "__main__":
    sys.exit(main())
