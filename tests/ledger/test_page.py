"""The ledger finds every numbered equation and its checks, and what has none."""

import json
from pathlib import Path

import pytest

from ledger import Agreement
from ledger.agreement import JUDGES, KINDS
from ledger.page import UnknownEquation, read, unchecked

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted([*ROOT.glob("chapters/*.ipynb"), *ROOT.glob("solutions/*.ipynb")])


def notebook(tmp_path, text, *tables):
    cells = [{"cell_type": "markdown", "source": text.splitlines(keepends=True)}]
    cells += [
        {"cell_type": "code", "source": "", "outputs": [{"data": {"text/html": t._repr_html_()}}]}
        for t in tables
    ]
    path = tmp_path / "chapter.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    return path


TWO = "$$\na = b\n$$ (eq-a)\n\ntext\n\n$$\nc = d\n$$ (eq-b)\n\n$$\nno = label\n$$\n"


def test_every_labelled_equation_is_found_in_order(tmp_path):
    assert [entry.label for entry in read(notebook(tmp_path, TWO))] == ["eq-a", "eq-b"]


def test_an_equation_without_a_check_is_named(tmp_path):
    table = Agreement("").add("a", "eq-a", 1.0, graph=1.0, torch=1.0)
    entries = read(notebook(tmp_path, TWO, table))
    assert unchecked(entries) == ["eq-b"]
    assert entries[0].judges == ["graph", "torch"]


def test_the_error_shown_is_the_greatest_of_all_checks(tmp_path):
    first = Agreement("").add("a", ("eq-a", "eq-b"), 1.0, difference=1.0 + 3e-9)
    second = Agreement("").add("a", "eq-a", 1.0, difference=1.0 + 2e-7)
    third = Agreement("").add("bytes", "eq-b", 7, counted=7)
    a, b = read(notebook(tmp_path, TWO, first, second, third))
    assert a.error == "2.0e-07"
    assert b.error == "3.0e-09"
    assert len(a.checks) == len(b.checks) == 2


def test_a_check_of_an_equation_that_is_not_there_is_refused(tmp_path):
    table = Agreement("").add("a", "eq-typo", 1.0, graph=1.0)
    with pytest.raises(UnknownEquation, match="'eq-typo'"):
        read(notebook(tmp_path, TWO, table))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_book_has_a_check_for_every_equation(path):
    assert unchecked(read(path)) == []


def test_the_chapters_have_equations():
    for path in ROOT.glob("chapters/*.ipynb"):
        assert len(read(path)) >= 5, path.name


def test_judges_of_one_kind_count_once(tmp_path):
    alike = Agreement("").add("a", "eq-a", 1.0, graph=1.0, torch=1.0)
    different = Agreement("").add("c", "eq-b", 1.0, torch=1.0, difference=1.0)
    a, b = read(notebook(tmp_path, TWO, alike, different))
    assert (len(a.kinds), len(b.kinds)) == (1, 2)


def test_every_judge_has_a_kind():
    assert KINDS.keys() == JUDGES.keys()
