"""Notebooks to work in: copies of an edition's, in a folder that git does not see.

English ones lie in `my/`, those of another language in its folder, `zh/`. A copy that its owner
changed is never written over. One that is as it was written follows the book.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat

from book import sources
from book.exercises import text_of
from book.translate import edition
from book.translate.languages import ENGLISH, Language
from book.translate.translations import Translations
from book.written import Record, text_at

ENGLISH_FOLDER = "my"


def folder_of(language: Language) -> str:
    return ENGLISH_FOLDER if language is ENGLISH else language.folder


def texts(language: Language) -> Iterator[tuple[str, str]]:
    """Every copy's path in the folder, and its text."""
    made = dict(edition.notebooks(Translations(language)))
    for name, notebook in made.items():
        yield name, text_of(relinked_notebook(notebook, name, set(made)))


def relinked_notebook(
    notebook: nbformat.NotebookNode, name: str, copied: set[str]
) -> nbformat.NotebookNode:
    return sources.reworded(notebook, lambda text: relinked(text, name, copied))


def relinked(text: str, name: str, copied: set[str]) -> str:
    """The text with its links to what is not copied leading to where that is: one folder up."""

    def moved(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), link[1]))
        return link[0] if target in copied else f"](../{link[1]}"

    return edition.LINK.sub(moved, text)


def write(language: Language, root: Path | None = None) -> Iterator[str]:
    """Write what is missing, refresh what nobody changed; yields a sentence for whatever is done.

    Raises OSError where the folder cannot be written.
    """
    made = dict(texts(language))  # all of them, before the first is written
    folder = (root or sources.ROOT) / folder_of(language)
    record, done = Record(folder), Counter()
    try:
        for name, text in made.items():
            what = _bring(record, name, text)
            done[what] += 1
            if said := SAID[what]:
                yield f"{folder.name}/{name}: {said}"
    finally:
        if done["written"] or done["refreshed"] or done["unchanged"]:
            record.save()
    counts = ", ".join(f"{count} {what}" for what, count in sorted(done.items()))
    yield f"{folder.name}/: {len(made)} notebooks to work in ({counts})"


SAID = {
    "written": "written",
    "refreshed": "refreshed, for the book's own has changed",
    "kept": "kept, for you changed it",
    "kept, older": "kept, for you changed it; the book's own has changed since "
    "(rename yours to get it, too)",
    "unchanged": "",
}


def _bring(record: Record, name: str, text: str) -> str:
    """Bring one copy up to date unless someone changed it; a key of SAID."""
    there = text_at(record.folder / name)
    if there == text:
        record.adopt(name, text)
        return "unchanged"
    if there is None:
        record.write(name, text)
        return "written"
    if record.wrote(name, there):
        record.write(name, text)
        return "refreshed"
    return "kept" if record.wrote(name, text) else "kept, older"
