"""Write compgraph/show/metrics.py: the sizes of the letters in the fonts that the book ships.

python -m tools.letter_metrics

KaTeX carries the metrics of its own fonts, so no font has to be opened. Run it after an update of
KaTeX, then the notebooks with drawings; a test sees that the table fits the KaTeX in book/ext.
"""

from __future__ import annotations

import json
import re
import unicodedata

from book import ROOT

KATEX = ROOT / "book/ext/vendor/katex.min.js"
TABLE = ROOT / "compgraph/show/metrics.py"
#: face -> KaTeX's fonts, in the order in which a browser looks for a letter
FACES = {"italic": ("Math-Italic",), "upright": ("Main-Regular", "AMS-Regular")}
#: KaTeX gives it the room of another letter than its font draws
WRONG = {"°"}
LINE = 100

HEAD = '''\
"""The sizes of the letters in the fonts that the book ships, in thousandths of the font's size.

Made by ``python -m tools.letter_metrics`` from KaTeX's own table; not to be edited by hand.
"""

from __future__ import annotations

from typing import NamedTuple


class Metrics(NamedTuple):
    """Of one letter.

    Attributes
    ----------
    width : how far it moves the pen.
    height, depth : how far its ink goes above and below the line.
    slant : how far its top leans out to the right of its width.
    skew : how far to the right of its middle an accent stands.
    """

    width: int
    height: int
    depth: int
    slant: int
    skew: int


# fmt: off
#: face -> letter -> width, height, depth, slant, skew
_SIZES = {
'''
FOOT = """}
# fmt: on

METRICS = {
    face: {letter: Metrics(*size) for letter, size in sizes.items()}
    for face, sizes in _SIZES.items()
}
"""


def sizes_of(font: str, script: str) -> dict[str, tuple[int, ...]]:
    """A font's letters as KaTeX knows them, their sizes in the order of `Metrics`."""
    found = re.search(rf'"{font}":\{{(.*?)\}}', script)
    if not found:
        raise SystemExit(f"{KATEX.name} has no metrics of {font}: has it another form now?")
    sizes = {}
    for code, numbers in re.findall(r"(\d+):\[([^]]*)\]", found[1]):
        letter = chr(int(code))
        depth, height, slant, skew, width = (round(1000 * float(n)) for n in numbers.split(","))
        if unicodedata.category(letter)[0] in "LNPSZ" and letter not in WRONG:
            sizes[letter] = (width, height, depth, slant, skew)
    return sizes


def table(script: str) -> str:
    """The module's text."""
    text = HEAD
    for face, fonts in FACES.items():
        sizes: dict[str, tuple[int, ...]] = {}
        for font in fonts:
            sizes = sizes_of(font, script) | sizes
        entries = [
            f"{json.dumps(letter, ensure_ascii=False)}: {size}".replace(", ", ",")
            for letter, size in sorted(sizes.items())
        ]
        text += f'    "{face}": {{\n{packed(entries)}    }},\n'
    return text + FOOT


def packed(entries: list[str]) -> str:
    """As many entries a line as fit."""
    lines = [""]
    for entry in entries:
        if len(lines[-1]) + len(entry) + 10 > LINE:
            lines.append("")
        lines[-1] += f" {entry},"
    return "".join(f"       {line}\n" for line in lines)


def main() -> None:
    TABLE.write_text(table(KATEX.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {TABLE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
