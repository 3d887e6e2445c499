"""The table of letters and the numbered equations say the same."""

from __future__ import annotations

import dataclasses

import pytest

from book import letters


def test_every_letter_has_its_row_and_every_row_its_equation():
    assert letters.problems() == []


@pytest.mark.parametrize("place", [0, 40, -1])
def test_a_letter_without_a_row_is_named(monkeypatch, place):
    rows = letters.rows()
    single = [row for row in rows if [other.tex for other in rows].count(row.tex) == 1]
    gone = single[place]
    monkeypatch.setattr(letters, "rows", lambda: tuple(row for row in rows if row != gone))
    assert any(f"{gone.tex} is not in notation.toml" in problem for problem in letters.problems())


def test_a_row_that_no_equation_uses_is_named(monkeypatch):
    rows = letters.rows()
    more = dataclasses.replace(rows[0], tex=r"\mathbf{Q}", means="nothing")
    monkeypatch.setattr(letters, "rows", lambda: (*rows, more))
    assert letters.problems() == [
        r"notation.toml: no numbered equation uses \mathbf{Q} for 'nothing'"
    ]


@pytest.mark.parametrize(
    ("tex", "used"),
    [
        (r"\mathbf{W}_1\mathbf{x}", [r"\mathbf{W}_1", r"\mathbf{x}"]),
        (r"x_{ij}", ["x", "i", "j"]),
        (r"\text{bytes of each} = b", ["b"]),
        (r"\|\mathbf{X}\|_F", [r"\mathbf{X}", r"\|_F"]),
    ],
)
def test_what_an_equation_uses(tex, used):
    assert [each for each in letters.used(tex, letters.known()) if each in used] == used
