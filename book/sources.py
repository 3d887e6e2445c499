"""The files that people write, read so that what is wrong with one is told in one sentence."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import nbformat
import yaml

import book

ROOT = book.ROOT  #: where the sources are; a test names a folder of its own

SETTINGS, CONTENTS = "_config.yml", "_toc.yml"
PROSE, ALL_CELLS = ("markdown",), ("markdown", "code", "raw")  # kinds of cells


class SourceError(Exception):
    """A source from which no book can be made; the message names the file and what is wrong."""


def path(name: str) -> Path:
    return ROOT / name


def text(name: str) -> str:
    try:
        return path(name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SourceError(f"{name} is missing.") from None
    except UnicodeDecodeError as error:
        raise SourceError(f"{name}: byte {error.start} is not UTF-8.") from None


def mapping(name: str) -> dict:
    """What a YAML file says; the caller may change it."""
    return copy.deepcopy(_mapping(text(name), name))


@cache
def _mapping(written: str, name: str) -> dict:
    """The settings are asked for many times while the pages are written."""
    try:
        found = yaml.safe_load(written)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}, line {mark.line + 1}" if mark else name
        what = getattr(error, "problem", None) or "a character that YAML does not allow"
        raise SourceError(f"{where}: {what}.") from None
    if not isinstance(found, dict):
        raise SourceError(f"{name}: expected 'key: value' lines.")
    return found


@contextmanager
def complete(name: str) -> Iterator[None]:
    """While something is taken out of a YAML file: what it lacks is told in a sentence."""
    try:
        yield
    except KeyError as missing:
        raise SourceError(f"{name} has no {missing.args[0]}:.") from None
    except (AttributeError, TypeError) as error:
        raise SourceError(f"{name} is not as it has to be: {error}.") from None


def notebook(name: str) -> nbformat.NotebookNode:
    """The notebook at ``name``, such as ``chapters/03_memory.ipynb``; not to be changed."""
    return _parsed(text(name), name)


@cache
def _parsed(written: str, name: str) -> nbformat.NotebookNode:
    """Each page is read several times, for several languages."""
    return parsed(written, name)


def reworded(
    notebook: nbformat.NotebookNode, change: Callable[[str], str], kinds: Collection[str] = PROSE
) -> nbformat.NotebookNode:
    """The notebook with the text of each cell of these kinds changed; the one given stays."""
    cells = [
        {**cell, "source": change(cell.source)} if cell.cell_type in kinds else cell
        for cell in notebook.cells
    ]
    return nbformat.from_dict({**notebook, "cells": cells})


def parsed(written: str, name: str) -> nbformat.NotebookNode:
    try:
        found = nbformat.reads(written, as_version=4)
        nbformat.validate(found)
    except nbformat.ValidationError as error:
        raise SourceError(f"{name}: not a notebook ({error.message[:100]}).") from None
    except Exception as error:  # nbformat lets through whatever a broken file makes it stumble over
        why = str(error.__cause__ or error).split("\n")[0][:100]
        raise SourceError(f"{name}: not a notebook ({why}).") from None
    return found
