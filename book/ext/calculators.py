"""The directive ``{calculator} memory`` or ``{calculator} partition``.

It puts a custom element into the page, ``<memory-calculator>``, with its questions and the tables
of the formulas as JSON, and a table of the default answers, seen without a script and on paper.
The scripts are loaded by pages that hold a calculator, and by no other.
"""

from __future__ import annotations

import inspect

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from book.calculators.forms import CALCULATORS
from compgraph.questions import memory, planner


class calculator(nodes.General, nodes.Element):  # noqa: N801 (docutils finds visitors by this name)
    """A calculator in a page; its ``name`` is a key of CALCULATORS."""


class CalculatorDirective(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if name not in CALCULATORS:
            raise self.error(f"calculator: one of {', '.join(CALCULATORS)}, not {name!r}")
        for source in (memory, planner):
            self.env.note_dependency(inspect.getfile(source))
        return [calculator(name=name)]


def markup(name: str) -> str:
    """The custom element with what it needs and what stands there without it."""
    form, table = CALCULATORS[name]
    return (
        f'<{name}-calculator class="calculator">\n'
        f'<script type="application/json">{form.as_json()}</script>\n'
        f'<div class="default">{table()}</div>\n'
        f"</{name}-calculator>\n"
    )


def visit_html(translator: HTML5Translator, node: calculator) -> None:
    translator.body.append(markup(node["name"]))
    raise nodes.SkipNode


def skip(translator: nodes.NodeVisitor, node: calculator) -> None:
    raise nodes.SkipNode


def add_scripts(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Load the scripts of the page's calculators."""
    names = {node["name"] for node in doctree.findall(calculator)} if doctree else ()
    for name in sorted(names):
        app.add_js_file(f"{name}-calculator.mjs", type="module")


def setup(app: Sphinx) -> dict[str, object]:
    app.add_node(calculator, html=(visit_html, None), latex=(skip, None), text=(skip, None))
    app.add_directive("calculator", CalculatorDirective)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
