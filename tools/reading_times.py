"""How long each chapter and each section takes to read, as the built book says it.

python -m tools.reading_times        # after make book; zh_CN for the Chinese edition
"""

from __future__ import annotations

import argparse

from docutils import nodes

from book import build
from book.ext.reading_time import AT_MOST, FOLDER, Time, of
from book.translate import pages
from book.translate.languages import EDITIONS


def main(arguments: list[str] | None = None) -> int:
    codes = {language.code: language for language in EDITIONS}
    parser = argparse.ArgumentParser(prog="python -m tools.reading_times", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("edition", nargs="?", choices=codes, default="en")
    language = codes[parser.parse_args(arguments).edition]
    for name in filter(lambda name: name.startswith(FOLDER), pages.names()):
        doctree = build.doctree(language, name)
        if doctree is None:
            print(f"{name} is not built: run make book first.")
            return 1
        print(f"\n{_line(name, of(doctree))}{_over(of(doctree))}")
        for section in doctree.findall(nodes.section):
            if section.parent is not doctree:
                deep = 2 if section.parent.parent is doctree else 4
                print(_line(" " * deep + section[0].astext(), section["reading-time"]))
    return 0


def _line(what: str, time: Time) -> str:
    return f"{what[:44]:44} {time.core / 60:5.1f} {time.folded / 60:+6.1f} {time.beyond / 60:6.1f}"


def _over(time: Time) -> str:
    return f"  core over by {(time.core - AT_MOST) / 60:.1f}" if time.core > AT_MOST else ""


if __name__ == "__main__":
    raise SystemExit(main())
