"""The book in one language as a tree of sources, for Jupyter Book to build like the English one.

The tree has the pages, the settings and the table of contents in that language. Extensions, style
sheets and scripts stay where they are. Only files that have changed are written, so that a second
build reads only them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import nbformat
import yaml
from babel.messages.mofile import write_mo
from docutils.nodes import make_id

from tools.sync_exercises import exercise_of
from translation import catalogues, markdown, pages
from translation.languages import Language

ROOT = Path(__file__).resolve().parent.parent
CHECKER, SITE, SPHINX = "coursecheck", "site", "sphinx"  # words that are in no page
CHECKER_LOCALE = ROOT / CHECKER / "locale"
CATALOGUES, TERMS = "locale", "words.txt"  # in the tree
ANCHORS = "anchors.json"  # page -> the names of its sections, the same in every edition
HEADING = re.compile(r"(?m)^#{1,6} +(.*)$")
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


# --- the tree ------------------------------------------------------------------------------------


def translator(domain: str, language: Language) -> Translate:
    """English sentence -> its translation; what has none stays English, and `check` says so."""
    known = catalogues.translations(domain, language)
    return lambda text: known.get(text, text)


def settings(language: Language) -> dict:
    """`_config.yml` for the edition: other words, and absolute paths to what stays where it is."""
    say = translator(SITE, language)
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    for key in ("title", "author", "copyright"):
        config[key] = say(config[key])
    config["html"]["favicon"] = str(ROOT / config["html"]["favicon"])
    extensions = config["sphinx"]["local_extensions"]
    config["sphinx"]["local_extensions"] = {
        name: str(ROOT / folder) for name, folder in extensions.items()
    }
    options = config["sphinx"]["config"]
    options["html_static_path"] = [str(ROOT / path) for path in options["html_static_path"]]
    options["templates_path"] = [str(ROOT / path) for path in options["templates_path"]]
    for key in ("nb_code_prompt_show", "nb_code_prompt_hide"):
        options[key] = say(options[key])
    theme = options["html_theme_options"]
    theme["search_bar_text"] = say(theme["search_bar_text"])
    options["language"] = language.code
    options["locale_dirs"] = [CATALOGUES]  # Sphinx's own words that it has no translation of
    return config


def contents(language: Language) -> dict:
    """`_toc.yml` for the edition."""
    say = translator(SITE, language)
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    for part in toc["parts"]:
        part["caption"] = say(part["caption"])
    return toc


def notebooks(language: Language) -> Iterator[tuple[str, nbformat.NotebookNode]]:
    """Every notebook of the edition and its path in the tree, exercises made from solutions."""
    terms = language.terms()
    for name in pages.names():
        path = pages.path_of(name)
        if path.suffix != ".ipynb":
            continue
        made = pages.translated_notebook(
            nbformat.read(path, as_version=4), translator(name, language), language.code
        )
        yield f"{name}.ipynb", made
        if name.startswith("solutions/"):
            exercise = name.replace("solutions/", pages.GENERATED)
            titles = terms["solution"], terms["exercise"]
            yield f"{exercise}.ipynb", exercise_of(made, name, titles)


def as_text(notebook: nbformat.NotebookNode) -> str:
    return nbformat.writes(notebook) + "\n"


def texts(language: Language) -> Iterator[tuple[str, str]]:
    """Every file of the tree: its path and its text."""
    yield "_config.yml", yaml.safe_dump(settings(language), allow_unicode=True, sort_keys=False)
    yield "_toc.yml", yaml.safe_dump(contents(language), allow_unicode=True, sort_keys=False)
    # one term a line: what the search takes for one word
    yield TERMS, "\n".join(dict.fromkeys(language.terms().values())) + "\n"
    for name in pages.names():
        path = pages.path_of(name)
        if path.suffix == ".md":
            text = path.read_text(encoding="utf-8")
            yield path.name, markdown.translated(text, translator(name, language))
    for name, notebook in notebooks(language):
        yield name, as_text(notebook)
    yield ANCHORS, json.dumps({name: anchors(pages.path_of(name)) for name in pages.names()})


def anchors(path: Path) -> list[str]:
    """The names that the English page gives to its sections, in their order."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = nbformat.reads(text, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return [make_id(re.sub(r"[$`*_\\{}]", "", title)) for title in HEADING.findall(text)]


def write(language: Language, folder: Path) -> None:
    """Bring the tree in `folder` up to date."""
    made = dict(texts(language))
    for domain in (SITE, SPHINX):
        path = path_of_compiled(domain, language, folder / CATALOGUES)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(compiled(domain, language))
    for name, text in made.items():
        path = folder / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    for path in folder.rglob("*.ipynb"):
        if path.relative_to(folder).as_posix() not in made:
            path.unlink()
