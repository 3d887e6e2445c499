"""Write the notebooks to work in: yours to change, in a folder that git does not see.

python -m tools.copies            # English ones, into my/
python -m tools.copies zh_CN      # 中文, into zh/

A copy that you changed is never written over. One that you did not change follows the book.
"""

from __future__ import annotations

import argparse
import sys

from book import copies
from book.sources import SourceError
from book.translate.languages import EDITIONS


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.copies", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    by_code = {language.code: language for language in EDITIONS}
    parser.add_argument("language", nargs="?", default="en", choices=by_code)
    language = by_code[parser.parse_args(arguments).language]
    try:
        for sentence in copies.write(language):
            print(sentence)
    except SourceError as error:
        print(f"no notebook was copied: {error}", file=sys.stderr)
    except OSError as error:
        why = f"{error.filename}: {error.strerror}"
        print(f"not every notebook was copied: {why}. Yours are as they were.", file=sys.stderr)
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
