"""Notebooks to hand out: an exercise in a variant of each student's own.

Who gets which variant follows from a seed and the student's name, so that nothing has to be kept:
`python -m coursecheck --seed SEED` draws it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import nbformat

from book import sources
from book.copies import relinked_notebook
from book.exercises import text_of
from book.translate import edition, pages
from book.translate.languages import Language
from book.translate.translations import Translations
from coursecheck.variants import Option, chosen, drawn, names


class Unsaid(Exception):
    """Words of an option that the notebook does not have; the message names them."""


def exercise(name: str, language: Language) -> nbformat.NotebookNode:
    """The exercise as the book has it; its links lead to the book's pages, one folder up."""
    path = f"exercises/{name}.ipynb"
    notebooks = edition.notebooks(Translations(language))
    found = next(notebook for name, notebook in notebooks if name == path)
    return relinked_notebook(found, path, set())


def in_variant(
    notebook: nbformat.NotebookNode, options: Sequence[Option], variant: str
) -> nbformat.NotebookNode:
    """The notebook as it asks for the variant. Raises Unsaid, or NoVariant."""
    words = [(option.key, *pair) for option in chosen(options, variant) for pair in option.words]
    for key, old, _ in words:
        if not any(old in cell.source for cell in notebook.cells):
            raise Unsaid(f"{key}: the notebook says nowhere {old!r}")

    def varied(text: str) -> str:
        for _, old, new in words:
            text = text.replace(old, new)
        return pages.asking_for(text, variant=variant) if variant else text

    return sources.reworded(notebook, varied, sources.ALL_CELLS)


def texts(
    name: str, options: Sequence[Option], students: Sequence[str], seed: str, language: Language
) -> Iterator[tuple[str, str, str]]:
    """For each student the name, the variant, and the notebook's text."""
    notebook = exercise(name, language)
    for student in students:
        variant = drawn(names(options), seed, student)
        yield student, variant, text_of(in_variant(notebook, options, variant))
