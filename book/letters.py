"""The letters and signs of the book: what each means, and where the equations use it.

``notation.toml`` says what they mean, once. The page of notation is made from it, in every
language. Which equation uses which letter is read from the equations themselves, so a letter that
the table lacks, and one that no equation needs, can be told.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from book import ROOT, sources
from book.translate.pages import names
from ledger.printed import numbered

TABLE = ROOT / "book" / "notation.toml"
CHAPTER = re.compile(r"chapters/0*(\d+)_")

GREEK = (
    r"alpha|beta|[dD]elta|(?:var)?epsilon|zeta|eta|(?:var)?[tT]heta|iota|kappa|[lL]ambda|mu|nu|[xX]i"
    r"|[pP]i|rho|[sS]igma|tau|[uU]psilon|(?:var)?[pP]hi|chi|[pP]si|[gG]amma|[oO]mega|ell|hbar"
)
LETTER = rf"\\(?:{GREEK})(?![a-zA-Z])|[a-zA-Z]"
FONT = r"\\(?:mathbf|boldsymbol|bm|mathcal|mathbb)"
#: in this order: words and environments, what lays out, letters, signs
TOKEN = re.compile(
    rf"(?P<words>\\(?:text|textbf|textit|mathrm|begin|end|tag|label)\{{(?P<said>[^{{}}]*)\}})"
    r"|(?P<name>\\operatorname\*?\{[^{}]*\})"
    r"|(?P<layout>\\(?:[dt]?frac|left|right|[bB]igg?[lr]?|q?quad|underbrace|overbrace|[,;:!> \\]"
    r"|displaystyle|limits|nolimits|middle|vphantom|phantom|hspace|kern)(?![a-zA-Z]))"
    rf"|(?P<letter>{FONT}\{{(?:{LETTER}|\d)\}}|{LETTER})"
    r"|(?P<norm>\\\|(?:_F)?|\\lVert|\\rVert)"
    r"|(?P<sign>\\[a-zA-Z]+|\\[{}#%&_]|'+)"
)
SUBSCRIPT = re.compile(r"\}?_(?:\{((?:[^{}]|\{[^{}]*\})*)\}|(\\[a-zA-Z]+|\w))")
# What an equation may use without a row: every reader knows it, or it stands for nothing.
PLAIN = {
    rf"\{name}"
    for name in (
        "cdot cdots dots ldots vdots infty times sum max min log exp sqrt det leftarrow"
        " Longrightarrow to in ge geq le leq ne neq approx ll gg mid pm tanh rangle { } # % &"
    ).split()
}


@dataclass(frozen=True)
class Row:
    """One meaning of a letter or sign; ``chapters`` is empty for all that no other row names."""

    tex: str
    means: str
    shape: str = ""
    unit: str = ""
    chapters: tuple[int, ...] = ()


@dataclass(frozen=True)
class Equation:
    chapter: int
    label: str
    tex: str


@cache
def rows() -> tuple[Row, ...]:
    """The table, in its order."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return tuple(
        Row(**{"chapters" if key == "in" else key: _frozen(value) for key, value in row.items()})
        for row in table["row"]
    )


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def equations() -> Iterator[Equation]:
    """The numbered equations of all chapters, in the book's order."""
    for name in names():
        if not (chapter := CHAPTER.match(name)):
            continue
        for label, tex in numbered(sources.notebook(f"{name}.ipynb").cells).items():
            yield Equation(int(chapter[1]), label, tex)


def used(tex: str, known: frozenset[str]) -> list[str]:
    """Letters and signs in LaTeX, as often as they stand there.

    A letter takes its subscript along where the two together are ``known``: then it is one name, as
    in ``\\mathbf{W}_1``. Otherwise what stands in the subscript is read by itself.
    """
    found: list[str] = []
    cursor, open_bars = 0, False
    while match := TOKEN.search(tex, cursor):
        cursor = match.end()
        kind = match.lastgroup if match.lastgroup != "said" else "words"
        if kind == "words" and len(match["said"]) == 1 and match[0].startswith(r"\mathrm"):
            found.append(match["said"])  # an upright letter, as in a differential
        elif kind == "norm":
            if open_bars := not open_bars:
                continue  # the bars that close say which norm it is
            found.append(r"\|_F" if match[0].endswith("_F") else r"\|")
        elif kind == "name":
            found.append(match[0].replace("*", ""))
        elif kind == "sign":
            found.append("'" if match[0].startswith("'") else match[0])
        elif kind == "letter":
            name = match[0]
            if below := SUBSCRIPT.match(tex, cursor):
                whole = f"{name}_{_bare(below[1] or below[2])}"
                if whole in known:
                    name, cursor = whole, below.end()
            found.append(name)
    return found


def _bare(subscript: str) -> str:
    """A subscript as the table writes it: in braces unless it is one sign."""
    subscript = "".join(subscript.split())
    return subscript if re.fullmatch(r"\\[a-zA-Z]+|\w", subscript) else f"{{{subscript}}}"


def known() -> frozenset[str]:
    return frozenset(row.tex for row in rows())


#: groups of the page -> what the rows of each begin with
GROUPS = {
    "matrices": r"\\(?:mathbf|mathcal|boldsymbol)\{(?:\\[A-Z]|[A-Z])",
    "columns": r"\\mathbf\{[a-z\d]",
    "numbers": rf"(?:{LETTER})",
    "signs": "",
}


def group_of(row: Row) -> str:
    """The part of the page in which a letter stands: the first whose pattern it begins with."""
    return next(group for group, begins in GROUPS.items() if re.match(begins, row.tex))


def alphabetical(row: Row) -> tuple[bool, str, str]:
    """Where a letter stands among others: Latin first, each beside its capital."""
    name = re.sub(rf"{FONT}|[{{}}]", "", row.tex)
    return name.startswith("\\"), name.lstrip("\\").lower(), row.tex


def row_of(tex: str, chapter: int) -> Row | None:
    """What a letter means in a chapter; None where the table does not say."""
    own = [row for row in rows() if row.tex == tex]
    named = [row for row in own if chapter in row.chapters]
    return next(iter(named or [row for row in own if not row.chapters]), None)


def first_uses() -> dict[Row, str]:
    """Each row and the label of the first equation that uses it, as far as one does."""
    found: dict[Row, str] = {}
    for equation in equations():
        for tex in used(equation.tex, known()):
            if row := row_of(tex, equation.chapter):
                found.setdefault(row, equation.label)
    return found


def problems() -> list[str]:
    """What an equation uses and the table lacks, and what the table has and no equation uses."""
    found = [
        f"chapter {equation.chapter}, {equation.label}: {tex} is not in {TABLE.name}"
        for equation in equations()
        for tex in dict.fromkeys(used(equation.tex, known()))
        if tex not in PLAIN and row_of(tex, equation.chapter) is None
    ]
    uses = first_uses()
    found += [
        f"{TABLE.name}: no numbered equation uses {row.tex} for {row.means!r}"
        for row in rows()
        if row not in uses
    ]
    return found


def words() -> Iterator[str]:
    """What there is to translate."""
    for row in rows():
        yield row.means
        if row.unit:
            yield row.unit


def count(tex: str) -> int:
    """How many letters a formula has."""
    return sum(match.lastgroup == "letter" for match in TOKEN.finditer(tex))
