"""The pages' own promise: the tasks can be done in any order."""

from itertools import dropwhile
from pathlib import Path

import nbformat
import pytest

from coursecheck.exercises import NAMES

ROOT = Path(__file__).resolve().parents[2]


def code_cells(folder, name):
    notebook = nbformat.read(ROOT / folder / f"{name}.ipynb", as_version=4)
    return {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "code"}


@pytest.mark.parametrize("name", NAMES)
def test_tasks_solved_from_the_last_to_the_first_reach_the_comparison(name, monkeypatch):
    """Every cell once with its blanks; then the answers, backwards; then what follows the board.

    No other cell between the answers is run again.
    """
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.delenv("COURSECHECK_STRICT", raising=False)
    monkeypatch.chdir(ROOT / "exercises")
    blank, solved = code_cells("exercises", name), code_cells("solutions", name)
    shown = []
    names = {"__name__": "__main__", "display": lambda *objects, **_: shown.extend(objects)}
    for source in blank.values():
        exec(source, names)
    before = len(shown)
    tasks = [key for key in blank if solved[key] != blank[key]]
    for key in [*reversed(tasks), *reversed(tasks)]:  # an answer may call those of other tasks
        exec(solved[key], names)
    assert names["ex"].board().complete
    for source in dropwhile(lambda source: "ex.board()" not in source, solved.values()):
        exec(source, names)
    assert len(shown) > before, "the comparison shows something once all tasks are right"
