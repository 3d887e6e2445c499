"""Notebooks to hand out: an exercise in a variant of each student's own.

Who gets which variant follows from a seed and the student's name, so that nothing has to be kept:
`python -m coursecheck --seed SEED` draws it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import nbformat

from book.copies import relinked
from book.exercises import text_of
from book.translate import edition
from book.translate.languages import Language
from book.translate.translations import Translations
from coursecheck.variants import Option, chosen, drawn, names


class Unsaid(Exception):
    """Words of an option that the notebook does not have; the message names them."""


def exercise(name: str, language: Language) -> nbformat.NotebookNode:
    """The exercise as the book has it; its links lead to the book's pages, one folder up."""
    path = f"exercises/{name}.ipynb"
    notebook = dict(edition.notebooks(Translations(language)))[path]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = relinked(cell.source, path, set())
    return notebook


def in_variant(
    notebook: nbformat.NotebookNode, options: Sequence[Option], variant: str
) -> nbformat.NotebookNode:
    """The notebook as it asks for the variant. Raises Unsaid, or NoVariant."""
    sources = [cell.source for cell in notebook.cells]
    for option in chosen(options, variant):
        for old, new in option.words:
            if not any(old in source for source in sources):
                raise Unsaid(f"{option.key}: the notebook says nowhere {old!r}")
            sources = [source.replace(old, new) for source in sources]
    if variant:
        sources = [
            source.replace(call, f'{call[:-1]}, variant="{variant}")')
            for source in sources
            for call in [_call(source)]
        ]
    cells = [
        {**cell, "source": source} for cell, source in zip(notebook.cells, sources, strict=True)
    ]
    return nbformat.from_dict({**notebook, "cells": cells})


def _call(source: str) -> str:
    """`exercise("02_hidden_bias", "zh_CN")` as it stands in a cell; a bracket that is in none."""
    start = source.find(' exercise("')
    return source[start : source.index(")", start) + 1] if start >= 0 else "\0)"


def texts(
    name: str, options: Sequence[Option], students: Sequence[str], seed: str, language: Language
) -> Iterator[tuple[str, str, str]]:
    """For each student the name, the variant, and the notebook's text."""
    notebook = exercise(name, language)
    for student in students:
        variant = drawn(names(options), seed, student)
        yield student, variant, text_of(in_variant(notebook, options, variant))
