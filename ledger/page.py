"""The ledger: which executed check stands behind each numbered equation.

Read from the notebooks as they are stored: equation labels from their text, checks from the
`Agreement` tables in their outputs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from .agreement import JUDGES, KINDS
from .printed import numbered

_TABLE = re.compile(r'<table class="agreement">.*?</table>', re.DOTALL)


@dataclass(frozen=True)
class Check:
    """One row of an `Agreement` table: what was compared, by whom, and the greatest difference."""

    quantity: str
    judges: tuple[str, ...]
    error: str


@dataclass(frozen=True)
class Entry:
    """A numbered equation and the checks that name it; none, if nobody has checked it."""

    label: str
    checks: tuple[Check, ...]

    @property
    def judges(self) -> list[str]:
        """Headings of all judges, in the order of `JUDGES`."""
        named = {judge for check in self.checks for judge in check.judges}
        return [heading for judge, (heading, _) in JUDGES.items() if judge in named]

    @property
    def kinds(self) -> set[str]:
        """The different ways in which its judges come to their values."""
        return {KINDS[judge] for check in self.checks for judge in check.judges}

    @property
    def error(self) -> str:
        """The greatest difference of all checks, as the tables show it."""
        return max((check.error for check in self.checks), key=_size, default="")


class UnknownEquation(ValueError):
    """A check names an equation that its notebook does not have."""


def read(notebook: Path) -> list[Entry]:
    """The ledger of one notebook, in the order of its equations.

    Raises
    ------
    UnknownEquation : if a check names a label that no equation of the notebook carries.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    found: dict[str, list[Check]] = {label: [] for label in numbered(cells)}
    for named, check in _checks(cells):
        for label in named:
            if label not in found:
                raise UnknownEquation(f"{notebook.name}: a check names {label!r}, no equation does")
            found[label].append(check)
    return [Entry(label, tuple(checks)) for label, checks in found.items()]


def unchecked(entries: Iterable[Entry]) -> list[str]:
    """Labels of the equations that no check names."""
    return [entry.label for entry in entries if not entry.checks]


def _checks(cells: list[dict]) -> Iterable[tuple[list[str], Check]]:
    for cell in cells:
        for output in cell.get("outputs", []):
            html = "".join(output.get("data", {}).get("text/html", ""))
            for table in _TABLE.findall(html):
                for row in ElementTree.fromstring(table).iter("tr"):
                    if row.get("data-equation"):
                        yield row.get("data-equation").split(), Check(
                            row.findtext("th"), tuple(row.get("data-judges").split()),
                            row.get("data-error"),
                        )  # fmt: skip


def _size(error: str) -> float:
    return 0.0 if error == "exact" else float(error.removeprefix("≤ "))
