"""The pages of the book: which there are, what they say, and each of them in other words."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import yaml

from translation import markdown

ROOT = Path(__file__).resolve().parent.parent
GENERATED = "exercises/"  # made from the solutions, in every language
ALT = ("mystnb", "image", "alt")  # where a cell keeps the words for its picture
ASKS = re.compile(r"\bexercise\((\"[\w-]+\")\)")  # a notebook asks for its exercise


def names(root: Path = ROOT) -> list[str]:
    """The pages that have a catalogue of their own, as in `_toc.yml` and in its order."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [page["file"] for part in toc["parts"] for page in part["chapters"]]
    return [name for name in [toc["root"], *chapters] if not name.startswith(GENERATED)]


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


def _alt(metadata: dict) -> str:
    for key in ALT:
        metadata = metadata.get(key, {})
    return metadata or ""


def translated_page(text: str, translate: Callable[[str], str]) -> str:
    return markdown.translated(text, translate)


def translated_notebook(
    notebook: nbformat.NotebookNode, translate: Callable[[str], str], language: str
) -> nbformat.NotebookNode:
    """The notebook in other words, with the same code and outputs.

    Its exercise is asked for in the language, so that the checker answers in it.
    """
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        if cell.cell_type == "markdown":
            cell.source = markdown.translated(cell.source, translate)
            continue
        cell.source = ASKS.sub(rf'exercise(\1, language="{language}")', cell.source)
        if alt := _alt(cell.metadata):
            cell.metadata["mystnb"]["image"]["alt"] = translate(alt)
    return made
