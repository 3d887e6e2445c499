"""A report in Markdown whose sections are written by name, and its facts beside it as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

TITLE = "# Measured on a GPU"


def number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """A Markdown table: the first column and texts to the left, numbers to the right."""
    rows = [list(row) for row in rows]
    right = [i > 0 and not any(isinstance(row[i], str) for row in rows) for i in range(len(head))]
    lines = [head, ["--:" if each else "---" for each in right]]
    lines += [[cell if isinstance(cell, str) else number(cell) for cell in row] for row in rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def with_section(text: str, name: str, body: str) -> str:
    """The report with this section in the place of the one of that name, or at its end.

    All other sections stay as they are.
    """
    parts = re.split(r"^(?=## )", text or TITLE + "\n\n", flags=re.MULTILINE)
    section = f"## {name}\n\n{body.strip()}\n"
    places = [i for i, part in enumerate(parts) if part.partition("\n")[0].strip() == f"## {name}"]
    for i in places:
        parts[i] = section + "\n" * (i + 1 < len(parts))
    if not places:
        parts[-1] = parts[-1].rstrip("\n") + "\n\n"
        parts.append(section)
    return "".join(parts)


def write(path: Path, name: str, body: str, facts: Mapping[str, Any]) -> None:
    """Put the section into the report, and its facts into the JSON file of the same name."""
    beside = path.with_suffix(".json")
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    known = json.loads(beside.read_text(encoding="utf-8")) if beside.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(with_section(old, name, body), encoding="utf-8", newline="\n")
    text = json.dumps(known | {name: facts}, indent=1, ensure_ascii=False, sort_keys=True)
    beside.write_text(text + "\n", encoding="utf-8", newline="\n")
