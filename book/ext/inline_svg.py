"""Put the drawings of the graph into the page itself, and see that every picture has words.

A notebook's SVG output becomes a file behind an ``<img>``, and there the page's ink, its dark mode
and its style sheet do not reach. A drawing that asks for the page's ink (``currentColor``) is
therefore moved into the page. Other pictures, such as plots with fixed colours, stay files: their
generic ids would collide inside one page.

Words come from the cell's metadata ``{"mystnb": {"image": {"alt": "…"}}}``, from the parts that
`compgraph.draw` has left in the drawing, or from the drawing's own ``aria-label``; a picture with
none of them is a warning, so the build fails.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from book.ext.editions import _
from compgraph.show.words import Parts

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
PARTS = "data-parts"  # what compgraph made a drawing's description from
GRAPHVIZ_ID = re.compile(r"(graph|clust|node|edge)\d+")
ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", XLINK)

logger = logging.getLogger(__name__)


def in_words(root: ElementTree.Element) -> str | None:
    """What a drawing says of itself, in the language of the page."""
    if parts := root.attrib.pop(PARTS, ""):
        return Parts.from_json(parts).in_words(_)
    label = root.get("aria-label")
    return _(label) if label else None


def inline_markup(svg_text: str, alt: str | None) -> tuple[str, str | None, list[str]]:
    """The drawing as page markup, its words (None if it has none), and its element ids.

    The XML declaration, doctype and comments go, and with them the ids that Graphviz invents, which
    mean nothing and repeat in every drawing.
    """
    root = ElementTree.fromstring(svg_text)
    words = in_words(root)
    words = alt or words
    root.set("role", "img")
    if words:
        root.set("aria-label", words)
    if (facts := root.find(f"{{{SVG}}}metadata")) is not None:
        root.remove(facts)
        root.set("data-facts", facts.text)  # no text that a search could mark
    ids = []
    for element in root.iter():
        name = element.get("id", "")
        if GRAPHVIZ_ID.fullmatch(name):
            del element.attrib["id"]
        elif name:
            ids.append(name)
    return ElementTree.tostring(root, encoding="unicode"), words, ids


class InlineDrawings(SphinxPostTransform):
    """Replace image nodes that point to a drawing by its markup."""

    default_priority = 10  # after myst-nb has chosen the output's format (4)
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        seen: Counter[str] = Counter()
        for image in list(self.document.findall(nodes.image)):
            alt = image.get("alt")
            path = Path(self.app.srcdir, image["uri"].lstrip("/"))
            text = path.read_text(encoding="utf-8") if path.suffix == ".svg" else ""
            if "currentColor" in text:
                markup, alt, ids = inline_markup(text, alt)
                seen.update(ids)
                box = nodes.container(classes=["drawing"])
                box += nodes.raw("", markup, format="html")
                image.replace_self(box)
            if not alt:
                logger.warning(
                    "a picture has no text alternative: give the cell the metadata "
                    '{"mystnb": {"image": {"alt": "what it shows"}}}',
                    location=image,
                    type="picture",
                )
        repeated = sorted(name for name, count in seen.items() if count > 1)
        if repeated:
            logger.warning(
                "ids used by more than one drawing on this page: %s",
                ", ".join(repeated[:5]),
                location=self.env.docname,
                type="picture",
            )


def setup(app: Sphinx) -> dict[str, object]:
    app.add_post_transform(InlineDrawings)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
