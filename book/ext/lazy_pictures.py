"""Pictures that load when the reader comes near, in a place that is kept free for them."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image
from sphinx.application import Sphinx

PICTURE = re.compile(r'<img (?![^>]*\bloading=)([^>]*?\bsrc="([^"]*?_images/([^"/]+))"[^>]*?) ?/?>')
LENGTH = re.compile(r"([\d.]+)(pt|px)?")
PIXELS = {"pt": 96 / 72, "px": 1, None: 1}  # CSS pixels in a unit of length


def size_of(path: Path) -> tuple[int, int] | None:
    """Width and height of a picture in CSS pixels; None for an SVG that names none."""
    if path.suffix != ".svg":
        with Image.open(path) as picture:
            return picture.size
    root = ElementTree.parse(path).getroot()
    lengths = [LENGTH.fullmatch(root.get(name, "")) for name in ("width", "height")]
    if not all(lengths):
        return None
    width, height = (round(float(length[1]) * PIXELS[length[2]]) for length in lengths)
    return width, height


def defer(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    sources = {name: Path(app.srcdir, path) for path, name in app.builder.images.items()}

    def deferred(match: re.Match[str]) -> str:
        size = size_of(sources[match[3]]) if match[3] in sources else None
        room = (
            f' width="{size[0]}" height="{size[1]}"' if size and " width=" not in match[1] else ""
        )
        return f'<img {match[1]}{room} loading="lazy" />'

    if "body" in context:
        context["body"] = PICTURE.sub(deferred, context["body"])


def setup(app: Sphinx) -> dict[str, object]:
    app.connect("html-page-context", defer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
