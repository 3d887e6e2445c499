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
import warnings
from collections.abc import Iterator
from pathlib import Path

import nbformat
import yaml
from docutils.nodes import make_id

from book import ROOT, sources, withheld
from book.exercises import exercise_of, text_of
from book.translate import catalogues, markdown, pages
from book.translate.languages import ENGLISH, Language
from book.translate.translations import Translations

SITE, SPHINX = "site", "sphinx"  # words that are in no page
CATALOGUES, TERMS = "locale", "words.txt"  # in the tree
ANCHORS = "anchors.json"  # page -> the names of its sections, the same in every edition
HEADING = re.compile(r"(?m)^#{1,6} +(.*)$")
LINK = re.compile(r"\]\((?![a-z]+:|[#/])([^)\s#]+)")  # to another page of the book


def relinked(text: str, name: str) -> str:
    """The text of a page with its links as they lead from where the page stands in the tree."""
    here, there = posixpath.dirname(name), posixpath.dirname(pages.docname_of(name))

    def moved(link: re.Match[str]) -> str:
        before = posixpath.normpath(posixpath.join(here, link[1]))
        after = pages.docname_of(before)
        stays = (here, before) == (there, after)
        return link[0] if stays else "](" + posixpath.relpath(after, there or ".")

    return LINK.sub(moved, withheld.unlinked(text, name))


# --- the tree ------------------------------------------------------------------------------------


def settings(words: Translations) -> dict:
    """`_config.yml` for the edition: its words, and absolute paths to what stays where it is."""
    with sources.complete(sources.SETTINGS):
        return _settings(words, sources.mapping(sources.SETTINGS))


def _settings(words: Translations, config: dict) -> dict:
    say = words.of(SITE)
    for key in ("title", "author", "copyright"):
        config[key] = say(config[key])
    config["html"]["favicon"] = str(ROOT / config["html"]["favicon"])
    extensions = config["sphinx"]["local_extensions"]
    config["sphinx"]["local_extensions"] = dict.fromkeys(extensions, str(ROOT))
    options = config["sphinx"]["config"]
    options.pop(withheld.SETTING, None)
    options["html_static_path"] = [str(ROOT / path) for path in options["html_static_path"]]
    options["templates_path"] = [str(ROOT / path) for path in options["templates_path"]]
    for key in ("nb_code_prompt_show", "nb_code_prompt_hide"):
        options[key] = say(options[key])
    theme = options["html_theme_options"]
    theme["search_bar_text"] = say(theme["search_bar_text"])
    options["language"] = words.language.code
    if words.language is not ENGLISH:
        options["locale_dirs"] = [CATALOGUES]  # Sphinx's own words that it has no translation of
    return config


def contents(words: Translations) -> dict:
    """`_toc.yml` for the edition."""
    say = words.of(SITE)
    toc = withheld.listed(pages.contents())
    for part in toc["parts"]:
        if "caption" in part:
            part["caption"] = say(part["caption"])
    for entry in pages.entries(toc):
        entry["file"] = pages.docname_of(entry["file"])
    return toc


def notebooks(words: Translations) -> Iterator[tuple[str, nbformat.NotebookNode]]:
    """Every notebook of the edition and its path in the tree, exercises made from solutions."""
    for name in pages.names():
        if pages.path_of(name).suffix != ".ipynb":
            continue
        english = sources.notebook(f"{name}.ipynb")
        made = {name: (english, words.of(name))}
        if name.startswith("solutions/"):
            exercise = name.replace("solutions/", pages.GENERATED)
            made[exercise] = exercise_of(english, f"{name}.ipynb"), words.of_exercise(name)
        for each, (source, translate) in made.items():
            if not withheld.is_out(each):
                continue
            if words.language is not ENGLISH:
                with words.or_english(each):
                    source = pages.translated_notebook(source, translate, words.language.code)
            yield f"{each}.ipynb", source


def texts(words: Translations) -> Iterator[tuple[str, str]]:
    """Every file of the tree: its path and its text."""
    language = words.language
    yield sources.SETTINGS, _as_yaml(settings(words))
    yield sources.CONTENTS, _as_yaml(contents(words))
    for name in pages.names():
        if pages.path_of(name).suffix == ".md":
            text = sources.text(f"{name}.md")
            if language is not ENGLISH:
                with words.or_english(name):
                    text = markdown.translated(text, words.of(name))
            yield f"{pages.docname_of(name)}.md", relinked(text, name)
    for name, notebook in notebooks(words):
        yield name, relinked_notebook(notebook, name)
    if language is ENGLISH:
        return
    # one term a line: what the search takes for one word
    yield TERMS, "\n".join(dict.fromkeys(language.terms().values())) + "\n"
    shown = filter(withheld.is_out, pages.names())
    yield ANCHORS, json.dumps({name: anchors(name) for name in shown})


def _as_yaml(data: dict) -> str:
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def relinked_notebook(notebook: nbformat.NotebookNode, name: str) -> str:
    """The notebook's text for the tree."""
    return text_of(sources.reworded(notebook, lambda text: relinked(text, name)))


def anchors(name: str) -> list[str]:
    """The names that the English page gives to its sections, in their order."""
    if pages.path_of(name).suffix == ".ipynb":
        cells = sources.notebook(f"{name}.ipynb").cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    else:
        text = sources.text(f"{name}.md")
    return [make_id(re.sub(r"[$`*_\\{}]", "", title)) for title in HEADING.findall(text)]


def write(language: Language, folder: Path) -> Translations:
    """Bring the tree in `folder` up to date; what was said in it, and what was not.

    Nothing is written unless all of it can be made. Raises SourceError when it cannot.
    """
    words = Translations(language)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "coursecheck speaks English")  # its catalogue's remark
        made = {name: text.encode() for name, text in texts(words)}
    if language is not ENGLISH:
        for domain in (SITE, SPHINX):
            path = Path(CATALOGUES, language.code, "LC_MESSAGES", f"{domain}.mo")
            made[path.as_posix()] = catalogues.compiled(words.known(domain), language)
        words.known(catalogues.CHECKER)  # broken or not, whoever builds is told
    for name, content in made.items():
        path = folder / name
        if path.exists() and path.read_bytes() == content:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).as_posix() not in made:
            path.unlink()
    return words
