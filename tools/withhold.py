"""Write a copy of the sources without the solutions that are withheld, to publish or hand on.

python -m tools.withhold FOLDER

Which solutions are withheld says `withhold_solutions` in `_config.yml`. The copy builds the book,
runs and checks the exercises, and installs with pip, like the original. It has no tests and no
workflows, for they hold right answers.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import yaml

from book import ROOT, sources, withheld
from book.exercises import exercise_of
from book.sources import SourceError
from book.translate import catalogues, pages
from book.translate.languages import EDITIONS, ENGLISH
from book.translate.translations import Translations

#: what holds right answers, or runs what does
FOLDERS_LEFT_OUT = ("tests/", ".ci/", ".github/workflows/")


class Refused(Exception):
    """What cannot be done; the message says why."""


def files(root: Path) -> list[str]:
    """The repository's files, by their paths. Raises Refused without git."""
    command = [
        "git",
        "-C",
        str(root),
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    try:
        found = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        raise Refused(f"{root}: git does not say which files belong to the book") from None
    return [name for name in found.split("\0") if name and (root / name).is_file()]


def made(names: list[str]) -> dict[str, bytes]:
    """The files of the copy that are not the book's own."""
    toc = withheld.listed(pages.contents())
    found = {sources.CONTENTS: yaml.safe_dump(toc, allow_unicode=True, sort_keys=False).encode()}
    for language in EDITIONS:
        words = Translations(language)
        for name in names if language is not ENGLISH else ():
            path = catalogues.path_of(f"{pages.GENERATED}{name}", language)
            found[path.relative_to(ROOT).as_posix()] = _catalogue(name, words)
    return found | withheld.banks(names)


def _catalogue(name: str, words: Translations) -> bytes:
    """What an exercise says, from its solution's catalogue."""
    solution = f"{withheld.SOLUTIONS}/{name}"
    exercise = exercise_of(sources.notebook(f"{solution}.ipynb"), f"{solution}.ipynb")
    say = words.of_exercise(solution)
    return catalogues.of_pairs({text: say(text) for text, _ in pages.messages_of(exercise)})


def write(folder: Path) -> tuple[int, list[str]]:
    """Write the copy; how many files, and the exercises whose solutions are not in it."""
    names = withheld.names()
    if not names:
        raise Refused(f"no solution is withheld: {sources.SETTINGS} says so at {withheld.SETTING}")
    if folder.exists() and any(folder.iterdir()):
        raise Refused(f"{folder} is not empty")
    gone = withheld.left_out(names) | {
        catalogues.path_of(f"{withheld.SOLUTIONS}/{name}", language).relative_to(ROOT).as_posix()
        for name in names
        for language in EDITIONS
    }
    content = {
        name: (ROOT / name).read_bytes()
        for name in files(ROOT)
        if name not in gone and not name.startswith(FOLDERS_LEFT_OUT)
    } | made(names)
    for name, data in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return len(content), names


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.withhold", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path)
    try:
        count, names = write(parser.parse_args(arguments).folder)
    except (Refused, SourceError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{count} files written, without the solutions of {', '.join(names)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
