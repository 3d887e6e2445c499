"""Where the letters of a drawing are, by the table of widths and not by any font."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from xml.etree import ElementTree

from compgraph.show.lettering import FACES, metrics

SVG = "http://www.w3.org/2000/svg"
OUTLINES = {f"{{{SVG}}}{tag}" for tag in ("polygon", "ellipse", "path")}
#: coordinates have one decimal, and the middle of a label is where two of them say
TOLERANCE = 0.11


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def __add__(self, other: Box) -> Box:
        return Box(min(self.left, other.left), min(self.top, other.top),
                   max(self.right, other.right), max(self.bottom, other.bottom))  # fmt: skip

    def within(self, other: Box) -> bool:
        return self + other == other

    def meets(self, other: Box) -> bool:
        return (self.left < other.right and other.left < self.right
                and self.top < other.bottom and other.top < self.bottom)  # fmt: skip

    def wider(self, by: float) -> Box:
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def in_ellipse(self, around: Box) -> bool:
        x, y = (around.left + around.right) / 2, (around.top + around.bottom) / 2
        rx, ry = (around.right - around.left) / 2, (around.bottom - around.top) / 2
        return all(
            ((corner_x - x) / rx) ** 2 + ((corner_y - y) / ry) ** 2 <= 1
            for corner_x in (self.left, self.right)
            for corner_y in (self.top, self.bottom)
        )


def face_of(text: ElementTree.Element) -> str:
    family = text.get("font-family")
    return next(face for face, asked in FACES.items() if asked["font-family"] == family)


def ink(text: ElementTree.Element) -> Box:
    """The box around a text's letters, if they are as wide as the table says."""
    letters = [metrics(letter, face_of(text)) for letter in text.text]
    x, y, size = (float(text.get(name)) for name in ("x", "y", "font-size"))
    length, above, below = (
        size / 1000 * number
        for number in (
            sum(letter.width for letter in letters),
            max(letter.height for letter in letters),
            max(letter.depth for letter in letters),
        )
    )
    leaning = size / 1000 * letters[-1].slant
    return Box(x, y - above, x + length + leaning, y + below)


def outline(shape: ElementTree.Element) -> Box:
    if "cx" in shape.attrib:
        x, y, rx, ry = (float(shape.get(name)) for name in ("cx", "cy", "rx", "ry"))
        return Box(x - rx, y - ry, x + rx, y + ry)
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", shape.get("points") or shape.get("d"))]
    return Box(min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2]))


def complaints(svg: str) -> list[str]:
    """What a typographer would send back: letters out of their box, or labels that touch."""
    root = ElementTree.fromstring(svg)
    found, nodes, labels = [], {}, {}
    sheet = root.find(f"{{{SVG}}}g")
    dx, dy = map(float, re.search(r"translate\((\S+) (\S+)\)", sheet.get("transform")).groups())
    left, top, wide, high = map(float, root.get("viewBox").split())
    page = Box(left - dx, top - dy, left + wide - dx, top + high - dy)
    for number, group in enumerate(sheet.iter(f"{{{SVG}}}g")):
        kind = group.get("class").split()[0]
        name = group.get("id") or f"{kind} {number}"
        shape = next((each for each in group if each.tag in OUTLINES), None)
        texts = group.findall(f"{{{SVG}}}text")
        for text in texts:
            box = ink(text)
            slant = (
                metrics(text.text[-1], face_of(text)).slant * float(text.get("font-size")) / 1000
            )
            if abs(float(text.get("textLength")) + slant - (box.right - box.left)) > 0.01:
                found.append(f"{name}: {text.text!r} is not as long as its letters")
            if kind == "node":
                inside = box.in_ellipse if "cx" in shape.attrib else box.within
                if not inside(outline(shape).wider(TOLERANCE)):
                    found.append(f"{name}: {text.text!r} leaves its box")
        if kind == "node":
            nodes[name] = outline(shape)
        elif texts:
            boxes = list(map(ink, texts))
            labels[name] = sum(boxes[1:], boxes[0])
        if kind == "cluster" and not labels[name].within(outline(shape)):
            found.append(f"{name}: its name leaves its frame")
    for name, box in (nodes | labels).items():
        if not box.within(page.wider(TOLERANCE)):
            found.append(f"{name} leaves the picture")
    for (one, here), (other, there) in combinations((nodes | labels).items(), 2):
        if here.wider(-TOLERANCE).meets(there):
            found.append(f"{one} and {other} touch")
    return found
