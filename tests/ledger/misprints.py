r"""Misprints of every numbered equation, one at a time: the equation, run as printed, must notice.

    python -m tests.ledger.misprints               all of them, a table by kind (make mutants)
    python -m tests.ledger.misprints --sample 300  some of each kind, the same ones every time

`tests/mutants/misprints.toml` lists those that nobody can notice, each with its reason. One that
survives and is not listed is a failure, and so is an entry that fits none. "Another letter" is
held to a share, `LETTERS`: a letter with the same value makes the same sum.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
import warnings
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from book import ROOT
from tests.ledger.printed.cases import all_cases
from tests.ledger.printed.objections import PRINTED, objection

EXPLAINED = ROOT / "tests" / "mutants" / "misprints.toml"
LETTERS = 0.97
ANOTHER = "another letter"

_LETTER = r"\\math(?:bf|cal)\{\w\}"
_DOTTED = rf"(?:\\dot\{{{_LETTER}\}}|{_LETTER})"
_FACTOR = rf"{_DOTTED}(?:_(?:\{{[^{{}}]*\}}|\\ell|\w))?(?:\^(?:\\top|\{{[^{{}}]*\}}))?"
#: words, layout and notes: no formula
_ASIDE = re.compile(
    r"\\text\{[^}]*\}|\\(?:begin|end)\{\w+\}|\\operatorname\{\w+\}|&&.*?(?=\\\\|\n|$)"
    r"|\\quad\s*\\text.*?(?=\\\\|\n|$)|\\underbrace|(?<=\})_\{\\(?:text|mathbf)\{[^}]*\}[^}]*\}"
)
_CLOSERS = (r"\\", "&&", r"\right", r"\}", r"\rangle", "+", "-", "=", ",")


@dataclass(frozen=True)
class Misprint:
    label: str
    kind: str
    start: int
    end: int
    by: str

    @property
    def latex(self) -> str:
        return PRINTED[self.label][: self.start] + self.by + PRINTED[self.label][self.end :]

    @property
    def where(self) -> str:
        """The place with its surroundings, and what stands there now: enough to find it again."""
        latex = PRINTED[self.label]
        around = latex[max(0, self.start - 12) : self.start], latex[self.end : self.end + 8]
        old = latex[self.start : self.end]
        return " ".join(f"{around[0]}⟦{old} → {self.by}⟧{around[1]}".split())


#: kind -> pattern, and what is put in the place of a match
_RULES = (
    ("a ⊤ dropped", r"\^\\top|\^\{\\!\\top\}", lambda m: [""]),
    ("a ⊤ dropped", r"\^\{-\\top\}", lambda m: ["^{-1}"]),
    ("a sign", r"(?<!\{)[+-]", lambda m: ["-" if m[0] == "+" else "+"]),
    ("a factor dropped", r"\\(?:lambda|eta|mu)(?![a-z])", lambda m: [""]),
    ("φ, φ′, φ″", r"\\phi'*", lambda m: [p for p in (r"\phi", r"\phi'", r"\phi''") if p != m[0]]),
    ("factors swapped", rf"(?=(?P<a>{_FACTOR})(?P<s>(?:\\,|\s)*)(?P<b>{_FACTOR}))", None),
    ("⊙, ⊗", r"\\odot|\\otimes", lambda m: ["", r"\odot" if m[0] == r"\otimes" else r"\otimes"]),
    ("a dot dropped", rf"\\dot\{{({_LETTER})\}}", lambda m: [m[1]]),
    ("a digit", r"\d", lambda m: [str(int(m[0]) + 1), *[str(int(m[0]) - 1)] * (m[0] != "0")]),
    ("a fraction", r"\\tfrac\s*(\w)(\w)|\\frac1n", lambda m: [""]),
    ("indices exchanged", r"_\{(\w)(\w)\}", lambda m: [f"_{{{m[2]}{m[1]}}}"] * (m[1] != m[2])),
    ("a product", r"\\cdot(?!s)", lambda m: ["+"]),
    ("max, min", r"\\(max|min)", lambda m: [r"\min" if m[1] == "max" else r"\max"]),
)  # fmt: skip


def misprints(label: str) -> Iterator[Misprint]:
    latex = PRINTED[label]
    aside = {i for match in _ASIDE.finditer(latex) for i in range(*match.span())}
    for kind, pattern, replacements in _RULES:
        for match in re.finditer(pattern, latex):
            if match.start() in aside:
                continue
            if replacements is None:
                if match["a"] != match["b"]:
                    swapped = match["b"] + match["s"] + match["a"]
                    yield Misprint(label, kind, match.start("a"), match.end("b"), swapped)
                continue
            for by in replacements(match):
                yield Misprint(label, kind, *match.span(), by)
    for match in re.finditer(r"\+|(?<=[^={(^&\s])\s*-(?!\d)", latex):
        if match.start() not in aside:
            yield Misprint(label, "a term dropped", match.start(), _end_of_term(latex, match), "")
    letters = sorted(set(re.findall(r"\\mathbf\{(\w)\}", latex)))
    for match in re.finditer(r"\\mathbf\{(\w)\}", latex):
        for letter in letters:
            if letter != match[1] and match.start() not in aside:
                yield Misprint(label, ANOTHER, *match.span(), rf"\mathbf{{{letter}}}")


def _end_of_term(latex: str, sign: re.Match) -> int:
    depth, i = 0, sign.end()
    while i < len(latex):
        if depth == 0 and latex.startswith(_CLOSERS, i) and latex[sign.end() : i].strip():
            return i
        depth += (latex[i] in "([{") - (latex[i] in ")]}")
        if depth < 0:
            return i
        i += 1
    return i


def unnoticed(misprint: Misprint) -> bool:
    if misprint.latex == PRINTED[misprint.label]:
        return False
    return objection(misprint.latex, all_cases()[misprint.label]) == ""


def explained() -> dict[str, str]:
    """ "label: where" -> reason."""
    entries = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))["misprint"]
    return {f"{e['label']}: {e['where']}": e["reason"] for e in entries}


def sample(found: list[Misprint], size: int) -> list[Misprint]:
    """Of each kind its share, at least one; chosen by their text, so the same everywhere."""
    kinds = Counter(m.kind for m in found)
    taken: Counter[str] = Counter()
    chosen = []
    for m in sorted(found, key=lambda m: zlib.crc32(f"{m.label}{m.start}{m.by}".encode())):
        if taken[m.kind] < max(1, size * kinds[m.kind] // len(found)):
            taken[m.kind] += 1
            chosen.append(m)
    return chosen


def judged(found: list[Misprint]) -> tuple[Counter[str], Counter[str], list[Misprint]]:
    """By kind how many there are and how many were noticed; the survivors."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        survivors = [m for m in found if unnoticed(m)]
    total = Counter(m.kind for m in found)
    return total, total - Counter(m.kind for m in survivors), survivors


def main(arguments: list[str]) -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--sample", type=int, metavar="N")
    asked = options.parse_args(arguments)
    found = [m for label in PRINTED for m in misprints(label)]
    if asked.sample:
        found = sample(found, asked.sample)
    total, noticed, survivors = judged(found)
    for kind, all_ in total.items():
        print(f"{kind:18} {noticed[kind]:5,} of {all_:5,} noticed")
    print(f"{'all':18} {noticed.total():5,} of {total.total():5,} noticed")
    return 1 if complaints(total, noticed, survivors, everything=not asked.sample) else 0


def complaints(total, noticed, survivors, everything: bool) -> list[str]:
    reasons = explained()
    names = {f"{m.label}: {m.where}" for m in survivors if m.kind != ANOTHER}
    said = [f"not noticed: {name}" for name in sorted(names - reasons.keys())]
    if everything:
        said += [f"noticed after all: {name}" for name in sorted(reasons.keys() - names)]
    if total[ANOTHER] and noticed[ANOTHER] < LETTERS * total[ANOTHER]:
        share = noticed[ANOTHER] / total[ANOTHER]
        said.append(f"{ANOTHER}: {share:.1%} noticed, expected {LETTERS:.0%}")
    for line in said:
        print(line)
    return said


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
