"""Admonitions of class ``dropdown`` fold away by themselves, as HTML's ``details``.

No script opens them, so nothing jumps while a page loads, they work without JavaScript, and a
reader's search in the page finds what is folded.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator


class Fold(nodes.General, nodes.Element):
    """What is folded away, behind its first child."""


class FoldTitle(nodes.General, nodes.TextElement):
    """What stands there while it is folded."""


class FoldAdmonitions(SphinxPostTransform):
    default_priority = 200
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        for box in list(self.document.findall(nodes.admonition)):
            if "dropdown" not in box["classes"]:
                continue
            title, *body = box.children
            fold = Fold(ids=box["ids"], classes=["admonition", *box["classes"]])
            fold += FoldTitle("", "", *title.children, classes=["admonition-title"])
            fold += body
            box.replace_self(fold)


def visit_fold(translator: HTML5Translator, node: Fold) -> None:
    translator.body.append(translator.starttag(node, "details"))


def depart_fold(translator: HTML5Translator, node: Fold) -> None:
    translator.body.append("</details>\n")


def visit_title(translator: HTML5Translator, node: FoldTitle) -> None:
    translator.body.append(translator.starttag(node, "summary", ""))


def depart_title(translator: HTML5Translator, node: FoldTitle) -> None:
    translator.body.append('<span class="chevron"></span></summary>\n')


def setup(app: Sphinx) -> dict[str, object]:
    app.add_node(Fold, html=(visit_fold, depart_fold))
    app.add_node(FoldTitle, html=(visit_title, depart_title))
    app.add_post_transform(FoldAdmonitions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
