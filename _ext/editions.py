"""The editions of the book: one a language, each linking to the others, page by page.

Words that the site says itself are marked with ``_`` in the extensions, and with ``say`` in the
scripts. Their catalogue is ``locale/LANGUAGE/LC_MESSAGES/site.po``. An edition is built from the
tree that ``translation/edition.py`` writes, and stands in a folder of the English site.
"""

from __future__ import annotations

import gettext
import json
import re
import sys
from functools import cache
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import get_translation

sys.path.append(str(Path(__file__).resolve().parent.parent))  # where `translation` is

from translation.edition import ANCHORS, SITE  # noqa: E402
from translation.languages import ENGLISH, LANGUAGES, Language  # noqa: E402

_ = get_translation(SITE)


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
    known = _anchors(str(app.srcdir)).get(docname.replace("exercises/", "solutions/"), [])
    headings = {name: at for at, name in enumerate(known)}
    sections = list(doctree.findall(nodes.section))
    if len(headings) == len(known) == len(sections):
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
        for other in (ENGLISH, *LANGUAGES.values())
        if other is not here
    ]


# --- words of the scripts ------------------------------------------------------------------------

WORDS = "words.js"


def write_words(app: Sphinx, exception: Exception | None) -> None:
    """The scripts' catalogue, in the form that Sphinx's own scripts read."""
    catalogue = gettext.translation(SITE, Path(app.srcdir, "locale"), [app.config.language])
    said = {text: said for text, said in catalogue._catalog.items() if isinstance(text, str) and text}
    data = {"locale": app.config.language, "messages": said, "plural_expr": "0"}
    text = f"Documentation.addTranslations({json.dumps(data, ensure_ascii=False)});\n"
    path = Path(app.outdir, "_static", WORDS)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def begin(app: Sphinx) -> None:
    if edition_of(app) is ENGLISH:
        return
    app.connect("doctree-read", name_sections, priority=400)  # before the contents are collected
    app.add_js_file(WORDS, priority=800)
    app.connect("build-finished", write_words, priority=400)  # before scripts are put together


def setup(app: Sphinx) -> dict[str, object]:
    app.add_message_catalog(SITE, str(Path(app.srcdir, "locale")))
    app.connect("builder-inited", begin)
    app.connect("html-page-context", link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
