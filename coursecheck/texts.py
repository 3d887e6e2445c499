"""The right answers' texts: once, in the solution notebooks, and read from there.

A package that is installed without the notebooks has them in `answers/NAME.json`, which the build
of the package writes (`setup.py`, and the page's wheel).
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOLUTIONS, ANSWERS = HERE.parent / "solutions", HERE / "answers"
CHECKED = re.compile(r'^ex\.check\("(\w+)", \1\)', re.M)


class NoAnswer(Exception):
    """A task that no cell of its solution notebook answers and checks."""


def in_notebook(notebook: Path) -> dict[str, str]:
    """Task -> the answer's text in a solution notebook, without marks and comments.

    It stands in the cell that hands it to the checker, above that line, between marks or before
    one.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    found = {}
    for cell in cells:
        text = "".join(cell["source"])
        asked = CHECKED.search(text)
        if cell["cell_type"] == "code" and asked and "SOLUTION" in text:
            text = text[: asked.start()].rstrip()
            text = re.sub(r"^ *### (BEGIN|END) SOLUTION\n", "", text, flags=re.M)
            found[asked[1]] = re.sub(r"  #.*$", "", text, flags=re.M) + "\n"
    return found


@cache
def of_exercise(name: str) -> dict[str, str]:
    """Task -> the text of its right answer, for an exercise such as "02_hidden_bias"."""
    notebook = SOLUTIONS / f"{name}.ipynb"
    if notebook.exists():
        return in_notebook(notebook)
    return json.loads((ANSWERS / f"{name}.json").read_text(encoding="utf-8"))


def packed() -> dict[str, str]:
    """File name -> JSON: what a package that leaves the notebooks behind brings along."""
    return {
        f"{notebook.stem}.json": json.dumps(in_notebook(notebook), ensure_ascii=False, indent=1)
        for notebook in sorted(SOLUTIONS.glob("*.ipynb"))
    }


def right_text(name: str, task: str) -> str:
    """The text of one right answer. Raises NoAnswer."""
    if task not in of_exercise(name):
        raise NoAnswer(f"solutions/{name}.ipynb: no cell answers and checks {task!r}")
    return of_exercise(name)[task]
