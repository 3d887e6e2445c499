"""The pages of the book: which there are, what they say, and each of them in other words."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import yaml

from book import ROOT
from book.translate import markdown
from coursecheck.exercises import load
from coursecheck.messages import say, speak
from coursecheck.result import Board, Result

GENERATED = "exercises/"  # made from the solutions
PAGES = "pages/"  # what is no chapter lies here; the addresses of these pages do not say so
CHECKED = '<div class="coursecheck'  # how an output of the checker begins
# The words of a drawing without parts: those of one with parts are made from them (inline_svg).
LABEL = re.compile(r'<svg(?![^>]* data-parts=)[^>]* aria-label="([^"]*)"')
ALT = ("mystnb", "image", "alt")  # where a cell keeps the words for its picture
ASKS = re.compile(r"\bexercise\((\"[\w-]+\")\)")  # a notebook asks for its exercise


def names(root: Path = ROOT) -> list[str]:
    """The pages that have a catalogue of their own, as in `_toc.yml` and in its order."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [page["file"] for part in toc["parts"] for page in part["chapters"]]
    return [name for name in [toc["root"], *chapters] if not name.startswith(GENERATED)]


def docname_of(name: str) -> str:
    """Where a page of the repository stands in the book, and in the tree of an edition."""
    return name.removeprefix(PAGES)


def origin_of(docname: str, root: Path = ROOT) -> str:
    """The page of the repository from which one of the book is made: its text, its catalogue."""
    if docname.startswith(GENERATED):
        return docname.replace(GENERATED, "solutions/", 1)
    return PAGES + docname if (root / PAGES / f"{docname}.md").exists() else docname


def path_of(name: str, root: Path = ROOT) -> Path:
    notebook = root / f"{name}.ipynb"
    return notebook if notebook.exists() else root / f"{name}.md"


def messages(path: Path) -> Iterator[tuple[str, str]]:
    """Every sentence of a page and the place where it stands: a cell's id, or nothing."""
    if path.suffix == ".md":
        yield from ((s.text, "") for s in markdown.sentences(path.read_text(encoding="utf-8")))
        return
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            yield from ((s.text, cell.id) for s in markdown.sentences(cell.source))
        elif alt := _alt(cell.metadata):
            yield alt, cell.id


def labels_of_drawings(path: Path) -> Iterator[tuple[str, str]]:
    """A cell's id and the words of a drawing that it shows, where they are not made of parts."""
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", ()):
            svg = output.get("data", {}).get("image/svg+xml", "")
            yield from ((cell.id, unescape(label)) for label in LABEL.findall(svg))


def _alt(metadata: dict) -> str:
    for key in ALT:
        metadata = metadata.get(key, {})
    return metadata or ""


def translated_notebook(
    notebook: nbformat.NotebookNode, translate: Callable[[str], str], language: str
) -> nbformat.NotebookNode:
    """The notebook in other words, with the same code and outputs.

    Its exercise is asked for in the language, so that the checker answers in it; what it said when
    the notebook ran is said again.
    """
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        if cell.cell_type == "markdown":
            cell.source = markdown.translated(cell.source, translate)
            continue
        cell.source = ASKS.sub(rf'exercise(\1, language="{language}")', cell.source)
        for output in cell.outputs:
            if output.get("data", {}).get("text/html", "").startswith(CHECKED):
                output.data = in_words(output.data, language)
        if alt := _alt(cell.metadata):
            cell.metadata["mystnb"]["image"]["alt"] = translate(alt)
    return made


def in_words(data: dict[str, str], language: str) -> dict[str, str]:
    """What the checker showed, shown in the language: the state of a task, or a board.

    Findings and remarks are sentences already, so a box that holds some stays as it is. A stored
    solution shows none; CI would not let it.
    """
    box = ElementTree.fromstring(data["text/html"])
    name = box.get("data-exercise")
    if not name or box.find("p") is not None:
        return data
    speak(language)
    try:
        rows = [Result(row.get("data-task"), row.get("data-state")) for row in box.iter("tr")]
        shown = _board(name, rows) if rows else Result(box.get("data-task"), box.get("data-state"))
        shown = replace(shown, exercise=name)
        return {"text/html": shown._repr_html_(), "text/plain": repr(shown)}
    finally:
        speak()


def _board(name: str, results: list[Result]) -> Board:
    table = load(name)
    titles = tuple(table.task(result.task).title for result in results)
    return Board(say(table.title), tuple(results), titles)
