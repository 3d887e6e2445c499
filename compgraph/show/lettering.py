"""Labels as mathematics, measured and placed by a table, so that no machine's fonts count.

A label is parsed into `Run`s: a single letter is italic as in the formulas, a word upright, digits
after a letter are lowered, what stands after ``^`` is raised, a dot or a hat stands over its
letter. `width` and `extent` measure them, `svg_text` writes each as an SVG text of its own, at its
place and with its length. So a page that has the fonts of the formulas shows them exactly, and with
any other font the label still stays in its box.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple
from xml.etree.ElementTree import Element

from .metrics import METRICS, Metrics

SVG = "http://www.w3.org/2000/svg"

#: face -> how it is asked for: the fonts of the formulas, then what comes closest to them
FACES = {
    "upright": {"font-family": "KaTeX_Main,KaTeX_AMS,Times New Roman,Times,serif"},
    "italic": {"font-family": "KaTeX_Math,Times New Roman,Times,serif", "font-style": "italic"},
}

LINE, RAISED, LOWERED = "line", "raised", "lowered"
OVER, BAR, UNDER = "over", "bar", "under"  # the parts of a fraction
#: level -> its size, and the height of its baseline, in sizes of the line; as TeX has them, but
#: for the index, which in a small label must be seen to be one
LEVELS = {
    LINE: (1.0, 0.0), RAISED: (0.7, 0.363), LOWERED: (0.7, -0.2),
    OVER: (0.7, 0.394), BAR: (0.7, 0.06), UNDER: (0.7, -0.345),
}  # fmt: skip
#: what a line takes of the page, and how far below the middle of that its letters stand: enough
#: for every letter, its index and its power; in sizes of the line
LEADING, DROP = 1.2, 0.3


@dataclass(frozen=True)
class Run:
    """Letters of one face on one level, and the accent over them, if there is one."""

    text: str
    face: str = "upright"
    level: str = LINE
    accent: str = ""


#: signs that the formulas write in their own way
_SIGNS = {
    "‖": (Run("∥"),),
    "·": (Run("⋅"),),
    "′": (Run("′", level=RAISED),),
    "ᵀ": (Run("⊤", level=RAISED),),
    "φ": (Run("ϕ", "italic"),),
    "½": (Run("1", level=OVER), Run("–", level=BAR), Run("2", level=UNDER)),
}
#: what Unicode says of a digit or sign -> the level that it stands on
_TAGS = {"<super>": RAISED, "<sub>": LOWERED}
#: the mark that combines with a letter -> the sign that stands over it
_ACCENTS = {
    "\u0300": "ˋ", "\u0301": "ˊ", "\u0302": "ˆ", "\u0303": "˜", "\u0304": "ˉ", "\u0306": "˘",
    "\u0307": "˙", "\u0308": "¨", "\u030a": "˚", "\u030c": "ˇ",
}  # fmt: skip
_X_HEIGHT = METRICS["italic"]["x"].height  # the accents are drawn for letters of this height

#: Letters that no shipped font has, by Unicode's category or by its East Asian width. A browser
#: takes them from another font and fits them in: Chinese, Japanese, Korean and emoji into squares,
#: others into a little more than most of them need. Marks over a letter and joiners need nothing.
_UNKNOWN = Metrics(750, 900, 250, 0, 0)
_KINDS = dict.fromkeys("WF", Metrics(1000, 900, 250, 0, 0)) | dict.fromkeys(
    ("Mn", "Me", "Cf", "Cc"), Metrics(0, 0, 0, 0, 0)
)

# a word of letters with their marks, its index, its power; or any other letter with its marks
_MARKS = "[\u0300-\u036f]*"
_LETTER = f"[A-Za-zα-ωϕ]{_MARKS}"  # capital Greek is upright, as TeX has it
_PIECE = re.compile(rf"((?:{_LETTER})+)(\d*)(?:\^(\w+))?|((?s:.){_MARKS})")
_CLUSTER = re.compile(f"((?s:.))({_MARKS})")


# --- from text to runs ----------------------------------------------------------------------------


def runs(label: str) -> tuple[Run, ...]:
    """The runs of a name or a formula: ``W1``, ``∂J/∂z``, ``A^T``, ``½‖·‖²``."""
    found: list[Run] = []
    for letters, lowered, raised, other in _PIECE.findall(_apart(label)):
        one = re.fullmatch(_LETTER, letters)
        found += _clusters(letters, "italic" if one else "upright")
        found += _clusters(lowered, level=LOWERED)
        found += _clusters(raised, level=RAISED)
        found += _clusters(other)
    return _joined(found)


def words(text: str) -> tuple[Run, ...]:
    """The runs of numbers, units and words, all upright: ``7×5``, ``224 B``, ``GPU 0``."""
    return _joined(_clusters(_apart(text)))


def raised(label: Sequence[Run]) -> tuple[Run, ...]:
    """The runs as an exponent."""
    return tuple(replace(run, level=RAISED) for run in label)


def _apart(text: str) -> str:
    """Accents apart from the letters that we can set, and one space between words."""
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(
        parts if parts[0] in METRICS["upright"] else letter
        for letter in composed
        for parts in [unicodedata.normalize("NFD", letter)]
    )


def _clusters(text: str, face: str = "upright", level: str = LINE) -> Iterator[Run]:
    """A run for each letter with its marks."""
    for letter, marks in _CLUSTER.findall(text):
        tag, *code = unicodedata.decomposition(letter).split() or [""]
        known = next((f for f in (face, *FACES) if letter in METRICS[f]), "upright")
        if letter in _SIGNS:
            yield from _SIGNS[letter]
        elif tag in _TAGS:
            yield Run(chr(int(code[0], 16)), level=_TAGS[tag])
        elif marks in _ACCENTS and letter in METRICS[known]:
            yield Run(letter, known, level, _ACCENTS[marks])
        else:
            yield Run(unicodedata.normalize("NFC", letter + marks), known, level)


def _joined(found: Iterator[Run] | Sequence[Run]) -> tuple[Run, ...]:
    """Neighbours alike become one run; a letter with an accent stays alone."""
    groups = groupby(enumerate(found), lambda each: (replace(each[1], text=""), _alone(*each)))
    return tuple(replace(like, text="".join(run.text for _, run in same))
                 for (like, _), same in groups)  # fmt: skip


def _alone(position: int, run: Run) -> int | None:
    return position if run.accent else None


# --- from runs to places --------------------------------------------------------------------------


@dataclass(frozen=True)
class Placed:
    """A text where it stands: from `x` on, `y` above the line, `length` long."""

    text: str
    face: str
    x: float
    y: float
    size: float
    length: float

    @property
    def right(self) -> float:
        """Where its ink ends: the top of an italic letter leans out of its width."""
        return self.x + self.length + metrics(self.text[-1], self.face).slant * self.size / 1000

    @property
    def ink(self) -> tuple[float, float]:
        """How far it goes above and below the line."""
        letters = [metrics(letter, self.face) for letter in self.text]
        above = max((letter.height for letter in letters), default=0) * self.size / 1000
        below = max((letter.depth for letter in letters), default=0) * self.size / 1000
        return self.y + above, below - self.y


def metrics(letter: str, face: str) -> Metrics:
    """The letter's size in the shipped font, or a safe one where that does not have it."""
    base = unicodedata.normalize("NFD", letter)[0]  # ç is as wide as c
    kinds = (unicodedata.category(letter), unicodedata.east_asian_width(letter))
    unknown = next((_KINDS[kind] for kind in kinds if kind in _KINDS), _UNKNOWN)
    return METRICS[face].get(base, unknown)


def place(label: Sequence[Run], size: float) -> Iterator[Placed]:
    """Where every run stands; levels that follow one letter start together, over each other."""
    pens = dict.fromkeys(LEVELS, 0.0)
    for run in label:
        scale, rise = LEVELS[run.level]
        own, start = size * scale, pens[run.level]
        last = metrics(run.text[-1], run.face)
        text = run.text.strip()
        gap = _length(run.text[: len(run.text) - len(run.text.lstrip())], run.face, own)
        piece = Placed(text, run.face, start + gap, size * rise, own, _length(text, run.face, own))
        if piece.length:
            yield piece
        if run.accent:
            yield _over(piece, run)
        end = start + _length(run.text, run.face, own)
        leaning = end + own * last.slant / 1000
        pens = (
            dict.fromkeys(LEVELS, leaning) | {LOWERED: end}
            if run.level == LINE
            else pens | {run.level: end, LINE: max(pens[LINE], end)}
        )


def _over(letter: Placed, run: Run) -> Placed:
    """The accent over the middle of the letter's top."""
    below, accent = metrics(run.text, run.face), metrics(run.accent, "upright")
    shift = (below.width - accent.width) / 2 + below.skew
    lift = max(0, below.height - _X_HEIGHT)
    return Placed(
        run.accent, "upright", letter.x + letter.size * shift / 1000,
        letter.y + letter.size * lift / 1000, letter.size, letter.size * accent.width / 1000,
    )  # fmt: skip


def _length(text: str, face: str, size: float) -> float:
    return sum(metrics(letter, face).width for letter in text) * size / 1000


def width(label: Sequence[Run], size: float) -> float:
    """The room that the runs take along the line."""
    return max((piece.right for piece in place(label, size)), default=0.0)


def extent(label: Sequence[Run], size: float) -> tuple[float, float]:
    """How far the ink goes above the line and below it."""
    inks = [piece.ink for piece in place(label, size)] or [(0.0, 0.0)]
    return max(above for above, _ in inks), max(below for _, below in inks)


class Line(NamedTuple):
    """Runs of one size, whose line is `drop` below the middle of the place they are for."""

    runs: Sequence[Run]
    size: float
    drop: float

    def __str__(self) -> str:
        return "".join(run.text for run in self.runs)


def stacked(*lines: tuple[Sequence[Run], float]) -> list[Line]:
    """Lines under each other, each as high as any line of its size may be."""
    top = -height(lines) / 2
    found = []
    for label, size in lines:
        found.append(Line(label, size, top + size * (LEADING / 2 + DROP)))
        top += size * LEADING
    return found


def centred(label: Sequence[Run], size: float) -> list[Line]:
    """One line, its ink in the middle: a sign in its circle."""
    above, below = extent(label, size)
    return [Line(label, size, (above - below) / 2)]


def height(lines: Iterable[tuple]) -> float:
    """How high lines are that stand under each other."""
    return sum(size * LEADING for _, size, *_ in lines)


def svg_text(lines: Iterable[Line], x: float, y: float, **ink: str) -> Iterator[Element]:
    """The lines as SVG texts around a middle, each run at its place."""
    for label, size, drop in lines:
        left = x - width(label, size) / 2
        for piece in place(label, size):
            yield _element(piece, left + piece.x, y + drop - piece.y, ink)


def _element(piece: Placed, x: float, y: float, ink: dict[str, str]) -> Element:
    numbers = {"x": x, "y": y, "font-size": piece.size, "textLength": piece.length}
    written = {name: f"{value:.2f}".rstrip("0").rstrip(".") for name, value in numbers.items()}
    element = Element(f"{{{SVG}}}text", written | FACES[piece.face] | ink)
    element.set("lengthAdjust", "spacingAndGlyphs")
    element.text = piece.text
    return element
