"""Build the book, and serve it on this machine.

python -m tools.book build      # _build/html, warnings are errors, stored outputs
python -m tools.book serve      # http://localhost:8000 or the next free port
"""

from __future__ import annotations

import argparse
import sys

from book.build import BookError, build
from book.serve import FIRST_PORT, serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.book", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", choices=["build", "serve"])
    parser.add_argument("--port", type=int, default=FIRST_PORT, help="first port to try")
    arguments = parser.parse_args()
    try:
        if arguments.action == "build":
            build()
        else:
            serve(arguments.port)
    except BookError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
