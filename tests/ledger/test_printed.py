"""Every numbered equation of the book is run as it is printed.

The Chinese edition has the same blocks of LaTeX: tests/translation/test_the_tree.py.
"""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from book import ROOT
from ledger.printed import run, skipped
from tests.ledger.printed.cases import all_cases
from tests.ledger.printed.objections import CHAPTERS, PRINTED, objection


def test_every_equation_has_cases_and_every_case_an_equation():
    assert all_cases().keys() == PRINTED.keys()


@pytest.mark.parametrize("label", PRINTED)
def test_as_printed(label):
    assert objection(PRINTED[label], all_cases()[label]) == ""


MISPRINTS = {
    "a transpose": (r"\mathbf{h}^\top", r"\mathbf{h}", "expected fitting factors"),
    "a sign": (r"+ \lambda", r"- \lambda", "∂J/∂W_2 is not what its judge says"),
    "another letter": (r"\mathbf{h}", r"\mathbf{z}", "∂J/∂W_2 is not what its judge says"),
    "another font": (r"\mathbf{h}", "h", "expected a number under the letter h"),
    "another name": (r"\partial J}{\partial \mathbf{W}_2}", r"\partial J}{\partial \mathbf{W}_3}",
                     "nobody compares ∂J/∂W_3"),
}  # fmt: skip


@pytest.mark.parametrize("misprint", MISPRINTS)
def test_a_misprint_is_seen(misprint):
    old, new, said = MISPRINTS[misprint]
    latex = PRINTED["eq-02-dw2"]
    assert old in latex
    assert said in objection(latex.replace(old, new), all_cases()["eq-02-dw2"])


def test_each_term_of_a_maximum_wins_somewhere():
    for label in ("eq-03-squared", "eq-03-cross-entropy", "eq-03-prediction"):
        terms = re.search(r"\\max\\\{(.*)\\\}", PRINTED[label], re.DOTALL)[1]
        terms = re.sub(r"&&[^\n]*", "", terms).replace(r"\\", " ").replace("&", " ").split(",")
        wins = set()
        for case in all_cases()[label]:
            values = [run(term, case.values)["(1)"] for term in terms]
            wins.add(int(np.argmax(values)))
        assert wins == set(range(len(terms))), label


#: displays with an "=" that carry no number, by their cell, and why
UNNUMBERED = {
    "chapters/03_memory/derive-kept": "chapter 2's gradients without the penalty",
    "solutions/03_memory/model": "the chapter's model, set out for the exercise",
    "solutions/03_memory/kept-task": "the chapter's list, set out for the exercise",
    "solutions/05_partition/the-model": "the chapter's model, set out for the exercise",
}


def unnumbered():
    for path in [*CHAPTERS, *sorted(ROOT.glob("solutions/*.ipynb"))]:
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            text = "".join(cell["source"]) if cell["cell_type"] == "markdown" else ""
            for display, after in re.findall(r"(?ms)^\$\$\n(.*?)^\$\$([^\n]*)", text):
                if "=" in display and "(eq" not in after:
                    yield f"{path.parent.name}/{path.stem}/{cell['id']}"


def test_an_equation_without_a_number_has_a_reason():
    assert sorted(unnumbered()) == sorted(UNNUMBERED)


#: words and notes that are read over, by their equation: all of them, so that none is new unseen
READ_OVER = {
    "eq-01-vjp": [r"\quad\text{that is}"],
    "eq-01-layer": [
        r"\text{for } \mathbf{O} = \mathbf{X}\mathbf{W}^\top",
        r"\text{for } \mathbf{O} = \mathbf{X}\mathbf{K}",
    ],
    "eq-01-bytes": ["bytes", "bytes"],
    "eq-03-kept": [
        f"under a brace: {under}" for under in (r"\mathbf { H }", r"\mathbf { O }", "L")
    ],
    **dict.fromkeys(
        ("eq-03-squared", "eq-03-cross-entropy"),
        [rf"\partial J/\partial\mathbf{{{v}}}" for v in "OHZ"]
        + [r"\partial J/\partial\mathbf{W}_1"],
    ),
    "eq-03-mixed": ["under a brace: weight, gradient", "under a brace: copy, m , v"],
    "eq-04-up": [r"n \times h", r"n \times h", r"n \times q", r"q \times 1"],
    "eq-04-damped": [r"\text{or}"],
    "eq-05-pipeline": [r"\quad\text{at a cut of width } h"],
    "eq-05-flight": ["(GPipe)", "(1F1B)"],
}  # fmt: skip


def test_nothing_else_is_read_over():
    found = {label: skipped(tex, all_cases()[label][0].values) for label, tex in PRINTED.items()}
    assert {label: words for label, words in found.items() if words} == READ_OVER
