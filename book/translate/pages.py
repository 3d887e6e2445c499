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

from book import sources
from book.translate import markdown
from coursecheck.exercises import NAMES, load
from coursecheck.messages import ENGLISH, languages, say, speak
from coursecheck.result import Board, Result

GENERATED = "exercises/"  # made from the solutions
PAGES = "pages/"  # what is no chapter lies here; the addresses of these pages do not say so
CHECKED = '<div class="coursecheck'  # how an output of the checker begins
# The words of a drawing without parts: those of one with parts are made from them (inline_svg).
LABEL = re.compile(r'<svg(?![^>]* data-parts=)[^>]* aria-label="([^"]*)"')
ALT = ("mystnb", "image", "alt")  # where a cell keeps the words for its picture
ASKS = re.compile(r"(\bexercise\(\"[\w-]+\"[^()]*)\)")  # a notebook asks for its exercise


def contents() -> dict:
    """`_toc.yml`, read afresh."""
    toc = sources.mapping(sources.CONTENTS)
    if not isinstance(toc.get("root"), str) or not isinstance(toc.get("parts"), list):
        raise sources.SourceError(f"{sources.CONTENTS}: expected 'root:' and 'parts:'.")
    return toc


def entries(toc: object) -> Iterator[dict]:
    """Everything in a table of contents that names a page, in its order."""
    if isinstance(toc, dict):
        if isinstance(toc.get("file"), str):
            yield toc
        toc = list(toc.values())
    for inner in toc if isinstance(toc, list) else ():
        yield from entries(inner)


def names() -> list[str]:
    """The pages that have a catalogue of their own, as in `_toc.yml` and in its order.

    Raises SourceError for a page that is not there.
    """
    toc = contents()
    named = [toc["root"], *(entry["file"] for entry in entries(toc))]
    found = [name for name in named if origin_of(name) == name]
    for name in named:
        if not path_of(origin_of(name)).exists():
            raise sources.SourceError(f"{sources.CONTENTS} names {name}, and {_absent(name)}.")
        if origin_of(name) not in found:  # of an exercise that has a solution
            raise sources.SourceError(
                f"{sources.CONTENTS} names {name}, so it has to name {origin_of(name)} too."
            )
    return found


def _absent(name: str) -> str:
    if name.startswith(GENERATED):
        return f"there is no {origin_of(name)}.ipynb to make it from"
    return f"there is neither {name}.ipynb nor {name}.md"


def docname_of(name: str) -> str:
    """Where a page of the repository stands in the book, and in the tree of an edition."""
    return name.removeprefix(PAGES)


def origin_of(docname: str) -> str:
    """The page of the repository from which one of the book is made: its text, its catalogue.

    An exercise is made from its solution; where that is withheld, it is a page of its own.
    """
    if docname.startswith(GENERATED):
        solution = docname.replace(GENERATED, "solutions/", 1)
        own = sources.path(f"{docname}.ipynb").exists()
        return docname if own and not sources.path(f"{solution}.ipynb").exists() else solution
    return PAGES + docname if sources.path(f"{PAGES}{docname}.md").exists() else docname


def path_of(name: str) -> Path:
    notebook = sources.path(f"{name}.ipynb")
    return notebook if notebook.exists() else sources.path(f"{name}.md")


def messages(name: str) -> Iterator[tuple[str, str]]:
    """Every sentence of a page and the place where it stands: a cell's id, or nothing."""
    if path_of(name).suffix == ".md":
        yield from ((s.text, "") for s in markdown.sentences(sources.text(f"{name}.md")))
    else:
        yield from messages_of(sources.notebook(f"{name}.ipynb"))


def messages_of(notebook: nbformat.NotebookNode) -> Iterator[tuple[str, str]]:
    """Every sentence of a notebook, and the cell in which it stands."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield from ((s.text, cell.id) for s in markdown.sentences(cell.source))
        elif alt := _alt(cell.metadata):
            yield alt, cell.id


def labels_of_drawings(name: str) -> Iterator[tuple[str, str]]:
    """A cell's id and the words of a drawing that it shows, where they are not made of parts."""
    for cell in sources.notebook(f"{name}.ipynb").cells:
        for output in cell.get("outputs", ()):
            svg = output.get("data", {}).get("image/svg+xml", "")
            yield from ((cell.id, unescape(label)) for label in LABEL.findall(svg))


def _alt(metadata: dict) -> str:
    for key in ALT:
        metadata = metadata.get(key, {})
    return metadata or ""


def asking_for(source: str, **choices: str) -> str:
    """A cell's text where the call that asks for the exercise has these arguments, too."""
    more = "".join(f', {name}="{choice}"' for name, choice in choices.items())
    return ASKS.sub(lambda call: f"{call[1]}{more})", source)


def translated_notebook(
    notebook: nbformat.NotebookNode, translate: Callable[[str], str], language: str
) -> nbformat.NotebookNode:
    """The notebook in other words, with the same code and outputs.

    Its exercise is asked for in the language, so that the checker answers in it; what it said when
    the notebook ran is said again.
    """
    language = language if language in languages() else ENGLISH
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        if cell.cell_type == "markdown":
            cell.source = markdown.translated(cell.source, translate)
            continue
        cell.source = asking_for(cell.source, language=language)
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
    if name not in NAMES or box.find("p") is not None:
        return data
    speak(language)
    try:
        rows = [Result(row.get("data-task"), row.get("data-state")) for row in box.iter("tr")]
        shown = _board(name, rows) if rows else Result(box.get("data-task"), box.get("data-state"))
        if shown is None:
            return data
        shown = replace(shown, exercise=name)
        return {"text/html": shown._repr_html_(), "text/plain": repr(shown)}
    finally:
        speak()


def _board(name: str, results: list[Result]) -> Board | None:
    """The board of these results; None if the exercise has lost a task since they were stored."""
    table = load(name)
    tasks = [table.task(result.task) for result in results]
    if not all(tasks):
        return None
    return Board(say(table.title), tuple(results), tuple(task.title for task in tasks))
