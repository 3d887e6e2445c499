"""Where the sentences of a text stand, and what a translation has to keep of them."""

from __future__ import annotations

import pytest

from book.translate.markdown import has_words, parts, sentences, translated


def texts(source: str) -> list[str]:
    return [sentence.text for sentence in sentences(source)]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("# A title", ["A title"]),
        ("one line\nand another\n\nthen more", ["one line and another", "then more"]),
        ("- an item\n  of two lines\n- the next", ["an item of two lines", "the next"]),
        ("1. first\n2. second", ["first", "second"]),
        ("> quoted\n> twice", ["quoted twice"]),
        ("term\n: what it means", ["term", "what it means"]),
        ("| left | right |\n|---|---|\n| a cell | `code` |", ["left", "right", "a cell"]),
        (r"| one \| two | more |" + "\n|---|---|", [r"one | two", "more"]),
        ("before\n\n$$ x = 1 $$ (eq-x)\n\nafter", ["before", "after"]),
        ("before\n\n```python\nprint('no words')\n```", ["before"]),
        (":::{admonition} Guess\n:class: tip dropdown\nThe answer.\n:::", ["Guess", "The answer."]),
        ("```{live-graph}\n```", []),
        ("```{calculator} memory\n```", []),
        ("$x$ and `y`", ["$x$ and `y`"]),
        ("$x$", []),
        ('---\nmyst:\n  html_meta:\n    description: "In it."\n---\n\n# T it', ["In it.", "T it"]),
    ],
)
def test_the_sentences_of_a_text(source: str, found: list[str]):
    assert texts(source) == found


def test_only_the_sentences_change():
    source = "# Title\n\n- an item\n  goes on\n\n$$ y = \\text{k} $$\n\n|a cell|`x`|\n|---|---|\n"
    assert translated(source, lambda text: text.upper()) == (
        "# TITLE\n\n- AN ITEM GOES ON\n\n$$ y = \\text{k} $$\n\n|A CELL|`x`|\n|---|---|\n"
    )


def test_the_same_words_twice_are_two_sentences():
    numbers = iter("12")
    assert translated("again\n\nagain", lambda text: text + next(numbers)) == "again1\n\nagain2"


@pytest.mark.parametrize("text", ["", "$n \\times m$", "`a_name`", "{eq}`eq:02-z`", "∂J/∂b1", "3"])
def test_what_has_no_words(text: str):
    assert not has_words(text)


@pytest.mark.parametrize("text", ["a word", "$x$ grows", "[here](there.md)", "Adam"])
def test_what_has_words(text: str):
    assert has_words(text)


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("the $b$ of $a$", "formula", ["$a$", "$b$"]),
        ("see {eq}`eq:02-z`", "role", ["{eq}`eq:02-z`"]),
        ("run `make lab` and ``a `b` c``", "code", ["``a `b` c``", "`make lab`"]),
        ("[one](x.md) [two](https://d2l.ai/#a)", "link", ["https://d2l.ai/#a", "x.md"]),
        ("{name}: {count} of {{x}}", "field", ["{count}", "{name}", "{{", "}}"]),
    ],
)
def test_what_a_translation_has_to_keep(text: str, kind: str, found: list[str]):
    assert parts(text)[kind] == found
    assert sum(map(len, parts(text).values())) == len(found)
