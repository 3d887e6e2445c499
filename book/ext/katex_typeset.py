"""Typeset every equation while the book is built, with KaTeX inside QuickJS.

The reader's browser gets finished HTML and MathML: no script runs there, nothing jumps about, and
nothing comes from another host. What KaTeX does not understand is a warning here, and a failed
build under ``-W``, instead of red text on a page that nobody looked at.
"""

from __future__ import annotations

import json
from functools import cache
from html import escape
from pathlib import Path

import quickjs
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

KATEX_JS = Path(__file__).parent / "vendor" / "katex.min.js"
# Strict: what KaTeX accepts but LaTeX, and the MathJax of a notebook, would not is an error.
OPTIONS = {"throwOnError": True, "strict": "error"}
CLASSES = "math notranslate nohighlight"
WORD_JOINER = "&#8288;"
# The answer travels as JSON text: QuickJS hands over long concatenated strings in no other form.
TYPESET_JS = """
function typeset(tex, options) {
  try { return JSON.stringify({html: katex.renderToString(tex, JSON.parse(options))}); }
  catch (error) { return JSON.stringify({error: String(error.message)}); }
}
"""

logger = logging.getLogger(__name__)


class TexError(ValueError):
    """KaTeX cannot typeset this TeX; the message says where and why."""


@cache
def _typesetter() -> quickjs.Object:
    context = quickjs.Context()
    context.eval(KATEX_JS.read_text(encoding="utf-8"))
    context.eval(TYPESET_JS)
    return context.get("typeset")


@cache
def typeset(tex: str, display: bool) -> str:
    """HTML with MathML for one formula; raises TexError for TeX that KaTeX refuses."""
    answer = json.loads(_typesetter()(tex, json.dumps({**OPTIONS, "displayMode": display})))
    if "error" in answer:
        raise TexError(answer["error"])
    return answer["html"]


def _append_formula(translator: HTML5Translator, node: nodes.Element, display: bool) -> None:
    tex = node.astext()
    try:
        translator.body.append(typeset(tex, display))
    except TexError as error:
        logger.warning("%s", error, location=node, type="katex")
        translator.body.append(f'<code class="katex-error">{escape(tex)}</code>')


def _next_character(node: nodes.Element) -> str:
    """The character of running text right after the node; empty if something else follows."""
    following = node.next_node(descend=False, siblings=True)
    return following[:1] if isinstance(following, nodes.Text) else ""


def visit_inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(translator.starttag(node, "span", "", CLASS=CLASSES))
    _append_formula(translator, node, display=False)
    translator.body.append("</span>")
    # A browser may break the line after a formula, even before the full stop that closes it.
    if _next_character(node) in tuple(".,;:!?)’”。，、；：！？）》"):
        translator.body.append(WORD_JOINER)
    raise nodes.SkipNode


def visit_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    translator.body.append(translator.starttag(node, "div", CLASS=CLASSES))
    _append_formula(translator, node, display=True)
    if node["number"]:
        translator.body.append(f'<span class="eqno">({node["number"]})')
        translator.add_permalink_ref(node, _("Link to this equation"))
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, object]:
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_block, None))
    app.add_css_file("katex/katex.min.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
