"""The book's numbered equations, and what can be said against one, as printed or misprinted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from book import ROOT
from ledger.printed import Misprint, agree, equations, run

from .cases import Case

CHAPTERS = sorted(ROOT.glob("chapters/*.ipynb"))
PRINTED = {label: tex for path in CHAPTERS for label, tex in equations(path).items()}


def line(latex: str, number: int | None) -> str:
    if number is None:
        return latex
    return re.sub(r"\\(begin|end)\{aligned\}", "", latex).split(r"\\")[number]


def objection(latex: str, cases: list[Case]) -> str:
    """What a reader with a computer would say against the equation; nothing if it is right."""
    for case in cases:
        try:
            found = run(line(latex, case.line), case.values)
        except Misprint as misprint:
            return str(misprint)
        if said := compared(found, case.judged):
            return said
    return ""


def compared(found: Mapping[str, Any], judged: Mapping[str, Any]) -> str:
    nobody = [key for key in found if key not in judged and not key.startswith("(")]
    if nobody:
        return f"nobody compares {', '.join(nobody)}"
    for key, value in judged.items():
        if key not in found:
            return f"expected it to define {key}, found {', '.join(found)}"
        if not agree(found[key], value):
            return f"{key} is not what its judge says"
    return ""
