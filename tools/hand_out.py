"""Write an exercise for every student of a class, each in a variant drawn from a seed.

python -m tools.hand_out 02_hidden_bias --students names.txt --seed autumn --to class
python -m coursecheck class/*/02_hidden_bias.ipynb --seed autumn

`names.txt` has a name in each line. Every student gets a folder of that name, with the notebook in
it. The same seed gives the same variants. What lies there already is never written over.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from book import hand_out
from book.translate.languages import EDITIONS
from book.written import store
from coursecheck.exercises import NAMES, load_open

#: what no folder may be called, here or on another system
FORBIDDEN = '<>:"/\\|?*'


class Refused(Exception):
    """What cannot be done; the message says why."""


def names_in(path: Path) -> list[str]:
    """The students' names, one a line. Raises Refused."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Refused(f"{path}: not UTF-8 text") from None
    names = [line.strip() for line in lines if line.strip()]
    if not names:
        raise Refused(f"{path}: no name in it; one a line was expected")
    for name, count in Counter(names).items():
        if count > 1:
            raise Refused(f"{path}: {name!r} stands there {count} times")
        bad = set(name) & set(FORBIDDEN) or name.startswith(".") or not name.isprintable()
        if bad:
            raise Refused(f"{path}: {name!r} cannot be the name of a folder")
    return names


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.hand_out", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    by_code = {language.code: language for language in EDITIONS}
    parser.add_argument("exercise", choices=NAMES)
    parser.add_argument("--students", type=Path, required=True, metavar="FILE")
    parser.add_argument("--seed", required=True)
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--language", default="en", choices=by_code)
    asked = parser.parse_args(arguments)
    options = load_open(asked.exercise).options
    try:
        if not options:
            having = ", ".join(name for name in NAMES if load_open(name).variants)
            raise Refused(f"{asked.exercise} has no variants; these have: {having}")
        students = names_in(asked.students)
        counts: Counter[str] = Counter()
        language = by_code[asked.language]
        for student, variant, text in hand_out.texts(
            asked.exercise, options, students, asked.seed, language
        ):
            path = asked.to / student / f"{asked.exercise}.ipynb"
            if path.exists():
                print(f"{path}: is there already, and stays as it is")
                continue
            store(path, text)
            counts[variant or "as in the book"] += 1
    except Refused as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    for variant, count in sorted(counts.items()):
        print(f"{count:4} {variant}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
