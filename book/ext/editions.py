"""The editions of the book: one a language, each linking to the others, page by page.

Words that the site says itself are marked with ``_`` in the extensions, and with ``say`` in the
scripts. Their catalogue is ``book/locale/LANGUAGE/LC_MESSAGES/site.po``. Every edition is built
from a tree that ``book.translate.edition`` writes; all but the English one stand in a folder of the
site.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from babel.messages.mofile import read_mo
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import get_translation
from sphinx.util.docutils import SphinxDirective

from book.ext.directives import boxed
from book.translate.edition import ANCHORS, CATALOGUES, SITE, TERMS
from book.translate.languages import EDITIONS, ENGLISH, LANGUAGES, Language
from book.translate.pages import origin_of

_catalogue = get_translation(SITE)


def _(text: str) -> str:
    """The words in the language of the edition that is built."""
    return str(_catalogue(text))


def N_(text: str) -> str:  # noqa: N802 (gettext's name for it)
    """Mark words that `_` will be asked for later."""
    return text


def edition_of(app: Sphinx) -> Language:
    return LANGUAGES.get(app.config.language, ENGLISH)


def to_root(app: Sphinx, pagename: str) -> str:
    """From a page up to the folder of the English edition."""
    page = app.builder.get_target_uri(pagename)
    return "../" * (page.count("/") + bool(edition_of(app).folder))


# --- the same names of sections in every edition -------------------------------------------------


@cache
def _anchors(srcdir: str) -> dict[str, list[str]]:
    path = Path(srcdir, ANCHORS)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def name_sections(app: Sphinx, doctree: nodes.document) -> None:
    """Sections are called as in English: Chinese headings would only be counted."""
    docname = app.env.docname
    known = _anchors(str(app.srcdir)).get(origin_of(docname), [])
    sections = list(doctree.findall(nodes.section))
    if len(set(known)) == len(known) == len(sections):
        if docname.startswith("exercises/"):
            known = [name.replace("solution-", "exercise-", 1) for name in known]
        for section, name in zip(sections, known, strict=True):
            section["ids"] = [name, *(i for i in section["ids"] if not re.fullmatch(r"id\d+", i))]


# --- links between editions ----------------------------------------------------------------------


def link(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """Give the page its place in the other editions."""
    here = edition_of(app)
    page = app.builder.get_target_uri(pagename)
    up = to_root(app, pagename)
    context["other_editions"] = [
        {"name": other.name, "tag": other.tag, "url": f"{up}{other.path}{page}"}
        for other in EDITIONS
        if other is not here
    ]


# --- the glossary --------------------------------------------------------------------------------

PARTS = {
    "graph": N_("The graph"),
    "network": N_("The network"),
    "shapes": N_("Shapes and gradients"),
    "bytes": N_("Bytes"),
    "curvature": N_("Curvature"),
    "devices": N_("Devices"),
    "book": N_("This book"),
}


class GlossaryTables(SphinxDirective):
    """``{glossary-tables}``: a table for each part of the glossary, one column a language."""

    def run(self) -> list[nodes.Node]:
        columns = [language.parts_of_glossary() for language in LANGUAGES.values()]
        names = " | ".join(["English", *(language.name for language in LANGUAGES.values())])
        lines = []
        for part, title in PARTS.items():
            lines += ["", f"**{_(title)}**", "", f"| {names} |", "|---" * (len(columns) + 1) + "|"]
            for term in columns[0][part]:
                there = " | ".join(column[part][term] for column in columns)
                lines.append(f"| {term} | {there} |")
        for language in LANGUAGES.values():
            self.env.note_dependency(str(language.glossary))
        return boxed(self, lines, "glossary")


# --- words of the scripts ------------------------------------------------------------------------

SPHINX_WORDS, WORDS = "translations.js", "words.js"


def write_words(app: Sphinx, exception: Exception | None) -> None:
    """The scripts' catalogue: Sphinx's own words and the site's.

    Sphinx's way to hand words to its scripts, `Documentation.addTranslations`, makes a function of
    a string, which a strict host forbids. So what it fills is filled here.
    """
    static = Path(app.outdir, "_static")
    theirs = (static / SPHINX_WORDS).read_text(encoding="utf-8")
    data = json.loads(theirs[theirs.index("(") + 1 : theirs.rindex(")")])
    catalogues = Path(app.srcdir, CATALOGUES, app.config.language, "LC_MESSAGES")
    ours = words_of(catalogues / f"{SITE}.mo")
    terms = Path(app.srcdir, TERMS).read_text(encoding="utf-8").split()
    messages = data["messages"] | ours
    (static / WORDS).write_text(
        f"Object.assign(Documentation.TRANSLATIONS, {_script(messages)});\n"
        f"Documentation.TERMS = {_script(terms)};\n"
        f"Documentation.PLURAL_EXPR = (n) => Number({data['plural_expr']});\n",
        encoding="utf-8",
    )


def words_of(catalogue: Path) -> dict[str, str]:
    """English text -> what stands for it in a catalogue as gettext reads it."""
    with catalogue.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_mo(file) if message.id}


def _script(data: object) -> str:
    return json.dumps(data, ensure_ascii=False)


def begin(app: Sphinx) -> None:
    if edition_of(app) is ENGLISH:
        return
    app.config.html_search_options = {"dict": str(Path(app.srcdir, TERMS))}
    app.connect("doctree-read", name_sections, priority=400)  # before the contents are collected
    app.add_js_file(WORDS, priority=800)
    app.connect("build-finished", write_words, priority=400)  # before scripts are put together


def setup(app: Sphinx) -> dict[str, object]:
    app.add_message_catalog(SITE, str(Path(app.srcdir, CATALOGUES)))
    app.add_directive("glossary-tables", GlossaryTables)
    app.connect("builder-inited", begin)
    app.connect("html-page-context", link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
