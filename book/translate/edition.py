"""The book in one language as a tree of sources, for Jupyter Book to build.

Every edition has such a tree, English too: the pages under the addresses of the site, exercises
made from their solutions, the settings, and the table of contents. Extensions, style sheets and
scripts stay where they are. Only files that have changed are written, so that a second build reads
only them. What is not translated stays English.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path

import nbformat
import yaml
from babel.messages.mofile import write_mo
from docutils.nodes import make_id

from book import ROOT
from book.exercises import EXERCISE, SOLUTION, exercise_of
from book.translate import catalogues, markdown, pages
from book.translate.languages import ENGLISH, Language

CHECKER, SITE, SPHINX = "coursecheck", "site", "sphinx"  # words that are in no page
CHECKER_LOCALE = ROOT / CHECKER / "locale"
CATALOGUES, TERMS = "locale", "words.txt"  # in the tree
ANCHORS = "anchors.json"  # page -> the names of its sections, the same in every edition
HEADING = re.compile(r"(?m)^#{1,6} +(.*)$")
LINK = re.compile(r"\]\((?![a-z]+:|[#/])([^)\s#]+)")  # to another page of the book
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # so that the same words make the same file

Translate = Callable[[str], str]


# --- catalogues as gettext reads them ------------------------------------------------------------


def compiled(domain: str, language: Language) -> bytes:
    catalogue = catalogues.read(domain, language)
    catalogue.creation_date = catalogue.revision_date = LONG_AGO
    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def path_of_compiled(domain: str, language: Language, folder: Path) -> Path:
    return folder / language.code / "LC_MESSAGES" / f"{domain}.mo"


# --- words ---------------------------------------------------------------------------------------


def translator(domain: str, language: Language) -> Translate:
    """English sentence -> its translation; what has none stays English, and `check` says so."""
    known = {} if language is ENGLISH else catalogues.translations(domain, language)
    return lambda text: known.get(text, text)


def translator_of_exercise(solution: str, language: Language) -> Translate:
    """That of the exercise made from a solution: its title is not the solution's."""
    say = translator(solution, language)
    if language is ENGLISH:
        return say
    terms = language.terms()

    def translate(text: str) -> str:
        theirs = re.sub(rf"^{EXERCISE} (?=\d)", f"{SOLUTION} ", text)
        if theirs == text or say(theirs) == theirs:
            return say(text)
        return say(theirs).replace(terms["solution"], terms["exercise"], 1)

    return translate


def relinked(text: str, name: str) -> str:
    """The text of a page with its links as they lead from where the page stands in the tree."""
    here, there = posixpath.dirname(name), posixpath.dirname(pages.docname_of(name))

    def moved(link: re.Match[str]) -> str:
        before = posixpath.normpath(posixpath.join(here, link[1]))
        after = pages.docname_of(before)
        stays = (here, before) == (there, after)
        return link[0] if stays else "](" + posixpath.relpath(after, there or ".")

    return LINK.sub(moved, text)


# --- the tree ------------------------------------------------------------------------------------


def settings(language: Language) -> dict:
    """`_config.yml` for the edition: its words, and absolute paths to what stays where it is."""
    say = translator(SITE, language)
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    for key in ("title", "author", "copyright"):
        config[key] = say(config[key])
    config["html"]["favicon"] = str(ROOT / config["html"]["favicon"])
    extensions = config["sphinx"]["local_extensions"]
    config["sphinx"]["local_extensions"] = dict.fromkeys(extensions, str(ROOT))
    options = config["sphinx"]["config"]
    options["html_static_path"] = [str(ROOT / path) for path in options["html_static_path"]]
    options["templates_path"] = [str(ROOT / path) for path in options["templates_path"]]
    for key in ("nb_code_prompt_show", "nb_code_prompt_hide"):
        options[key] = say(options[key])
    theme = options["html_theme_options"]
    theme["search_bar_text"] = say(theme["search_bar_text"])
    options["language"] = language.code
    if language is not ENGLISH:
        options["locale_dirs"] = [CATALOGUES]  # Sphinx's own words that it has no translation of
    return config


def contents(language: Language) -> dict:
    """`_toc.yml` for the edition."""
    say = translator(SITE, language)
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    for part in toc["parts"]:
        part["caption"] = say(part["caption"])
        for page in part["chapters"]:
            page["file"] = pages.docname_of(page["file"])
    return toc


@cache
def _notebook(path: Path, changed: float) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def notebook(name: str) -> nbformat.NotebookNode:
    """The English notebook of a page; not to be changed."""
    path = pages.path_of(name)
    return _notebook(path, path.stat().st_mtime)


def notebooks(language: Language) -> Iterator[tuple[str, nbformat.NotebookNode]]:
    """Every notebook of the edition and its path in the tree, exercises made from solutions."""
    for name in pages.names():
        if pages.path_of(name).suffix != ".ipynb":
            continue
        english = notebook(name)
        made = {name: (english, translator(name, language))}
        if name.startswith("solutions/"):
            exercise = name.replace("solutions/", pages.GENERATED)
            words = translator_of_exercise(name, language)
            made[exercise] = exercise_of(english, name), words
        for each, (source, translate) in made.items():
            if language is not ENGLISH:
                source = pages.translated_notebook(source, translate, language.code)
            yield f"{each}.ipynb", source


def as_text(notebook: nbformat.NotebookNode) -> str:
    return nbformat.writes(notebook) + "\n"


def texts(language: Language) -> Iterator[tuple[str, str]]:
    """Every file of the tree: its path and its text."""
    yield "_config.yml", yaml.safe_dump(settings(language), allow_unicode=True, sort_keys=False)
    yield "_toc.yml", yaml.safe_dump(contents(language), allow_unicode=True, sort_keys=False)
    for name in pages.names():
        path = pages.path_of(name)
        if path.suffix == ".md":
            text = markdown.translated(path.read_text(encoding="utf-8"), translator(name, language))
            yield f"{pages.docname_of(name)}.md", relinked(text, name)
    for name, notebook in notebooks(language):
        yield name, relinked_notebook(notebook, name)
    if language is ENGLISH:
        return
    # one term a line: what the search takes for one word
    yield TERMS, "\n".join(dict.fromkeys(language.terms().values())) + "\n"
    yield ANCHORS, json.dumps({name: anchors(pages.path_of(name)) for name in pages.names()})


def relinked_notebook(notebook: nbformat.NotebookNode, name: str) -> str:
    """The notebook's text for the tree."""
    cells = [
        {**cell, "source": relinked(cell.source, name)} if cell.cell_type == "markdown" else cell
        for cell in notebook.cells
    ]
    return as_text(nbformat.from_dict({**notebook, "cells": cells}))


def anchors(path: Path) -> list[str]:
    """The names that the English page gives to its sections, in their order."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = nbformat.reads(text, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return [make_id(re.sub(r"[$`*_\\{}]", "", title)) for title in HEADING.findall(text)]


def write(language: Language, folder: Path) -> None:
    """Bring the tree in `folder` up to date."""
    made = {name: text.encode() for name, text in texts(language)}
    if language is not ENGLISH:
        for domain in (SITE, SPHINX):
            path = path_of_compiled(domain, language, Path(CATALOGUES))
            made[path.as_posix()] = compiled(domain, language)
    for name, content in made.items():
        path = folder / name
        if path.exists() and path.read_bytes() == content:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).as_posix() not in made:
            path.unlink()
