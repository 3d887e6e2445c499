"""Tell the book where its repository is; from that one setting come all links that need it.

    python -m tools.repository https://github.com/OWNER/NAME
    python -m tools.repository --check    # do the notebooks fit the setting? (exit code 1)

The setting is ``repository: url`` in ``_config.yml``. With it every page links its source, and
every notebook opens in Colab and in Binder. Binder sets itself up from ``.binder``; Colab opens
one notebook without the rest of the repository, so every notebook begins with a cell that installs
the book's packages where they are missing. The site does not show that cell.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import nbformat

from book import ROOT
from book.exercise_files import SomeonesWork, refuse_to_lose, replace
from book.exercises import text_of, texts
from book.sources import SourceError
from book.written import store

FOLDERS = ("chapters", "solutions")  # exercises are made from the solutions
SETTING = re.compile(r'(?m)^(repository:.*\n(?:  .*\n)*?  url: ")([^"\n]*)(")')
URL = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+")
CELL_ID = "install"
TAGS = ["remove_cell", "nbval-skip"]
INSTALL = """\
# Colab does not have the book's packages. Where they are, this does nothing.
import importlib.util

if importlib.util.find_spec("coursecheck") is None:
    %pip install --quiet "one-graph-five-questions @ git+{url}"
"""


class RepositoryError(Exception):
    """What was given is no repository, or the book has no such setting; the message says which."""


def setting(root: Path) -> str:
    """The repository's address in ``_config.yml``; empty while it is not known."""
    match = SETTING.search((root / "_config.yml").read_text(encoding="utf-8"))
    if not match:
        raise RepositoryError('_config.yml has no line url: "…" below repository:')
    return match[2]


def with_install_cell(notebook: nbformat.NotebookNode, url: str) -> nbformat.NotebookNode:
    """The notebook with its install cell for this address, first; without one if it is empty."""
    cells = [cell for cell in notebook.cells if cell.id != CELL_ID]
    if url:
        source = INSTALL.format(url=url).strip()
        metadata = {"tags": TAGS}
        cells.insert(0, nbformat.v4.new_code_cell(source, id=CELL_ID, metadata=metadata))
    return nbformat.from_dict({**notebook, "cells": cells})


def stale(root: Path) -> list[str]:
    """The notebooks whose install cell does not fit the setting."""
    url = setting(root)
    wrong = []
    for folder in (*FOLDERS, "exercises"):
        for path in sorted((root / folder).glob("*.ipynb")):
            notebook = nbformat.read(path, as_version=4)
            if with_install_cell(notebook, url).cells != notebook.cells:
                wrong.append(f"{folder}/{path.name}")
    return wrong


def configure(root: Path, url: str) -> None:
    """Write the setting, and the install cell of every notebook.

    Raises SomeonesWork, and writes nothing, if an exercise would be lost.
    """
    url = url.removesuffix("/").removesuffix(".git")
    if url and not URL.fullmatch(url):
        raise RepositoryError(f"expected https://github.com/OWNER/NAME, and got {url}")
    setting(root)
    refuse_to_lose(root, texts(root / "solutions"))
    config = root / "_config.yml"
    text = config.read_text(encoding="utf-8")
    config.write_text(SETTING.sub(rf"\g<1>{url}\g<3>", text), encoding="utf-8")
    for folder in FOLDERS:
        for path in (root / folder).glob("*.ipynb"):
            notebook = nbformat.read(path, as_version=4)
            changed = with_install_cell(notebook, url)
            if changed.cells != notebook.cells:
                store(path, text_of(changed))
    replace(root, texts(root / "solutions"))


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Set or check; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.repository")
    parser.add_argument("url", nargs="?", help='https://github.com/OWNER/NAME, or "" for none')
    parser.add_argument("--check", action="store_true", help="write nothing")
    given = parser.parse_args(arguments)
    try:
        if not given.check:
            if given.url is None:
                parser.error("give the address of the repository, or --check")
            configure(root, given.url)
        wrong = stale(root)
    except (RepositoryError, SomeonesWork, SourceError) as error:
        print(error, file=sys.stderr)
        return 1
    for name in wrong:
        print(f"{name}: its install cell does not fit repository: url", file=sys.stderr)
    if wrong:
        print("Run: python -m tools.repository with the address", file=sys.stderr)
        return 1
    print(f"repository: {setting(root) or 'not set'}; every notebook fits")
    return 0


if __name__ == "__main__":
    sys.exit(main())
