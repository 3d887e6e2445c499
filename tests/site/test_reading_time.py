"""Reading times are counted from the page, by one rate."""

from __future__ import annotations

import re

import pytest
from docutils import nodes

from book.ext import reading_time
from book.ext.reading_time import EQUATION, FIGURE, LINE_OF_CODE, TABLE, Time


def page(*children: nodes.Node) -> nodes.document:
    from docutils.utils import new_document

    document = new_document("page")
    document += nodes.section("", nodes.title("", "One two"), *children, ids=["core"])
    return document


def test_words_and_characters_have_rates_of_their_own():
    assert reading_time.in_text("word " * 200) == pytest.approx(60)
    assert reading_time.in_text("字" * 300) == pytest.approx(60)


def test_what_a_notebook_prints_as_html():
    assert reading_time.in_html("<table></table><svg></svg>") == TABLE + FIGURE
    assert reading_time.in_html("<p>one two</p>") == pytest.approx(0.6)


def test_times_add_up():
    whole = Time(60, 30) + Time(0, 30, 90)
    assert (whole.core, whole.with_folds, whole.beyond) == (60, 120, 90)


def test_equations_and_lines_of_code_take_their_seconds():
    before = reading_time.of(page()).core
    equation = nodes.math_block("", "a = b")
    assert reading_time.of(page(equation)).core - before == EQUATION
    code = nodes.container("", nodes.literal_block("", "a = 1\n\nb = 2"), classes=["cell_input"])
    assert reading_time.of(page(code)).core - before == pytest.approx(2 * LINE_OF_CODE)


def test_each_chapter_says_its_time_in_both_editions(site):
    for folder, words in ((site, r"Core \d+ min, with folds \d+"), (site / "zh", r"核心 \d+ 分钟")):
        for chapter in sorted((folder / "chapters").glob("*.html")):
            text = chapter.read_text("utf-8")
            assert re.search(words, text), chapter
