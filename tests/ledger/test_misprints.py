"""A numbered equation that is printed wrong is noticed, whatever the mistake."""

from __future__ import annotations

import dataclasses

import pytest

from tests.ledger import misprints
from tests.ledger.printed.objections import PRINTED


@pytest.mark.proof
def test_every_misprint_of_the_book_is_noticed_or_explained(capsys):
    found = [m for label in PRINTED for m in misprints.misprints(label)]
    assert {m.label for m in found} == PRINTED.keys()
    assert misprints.complaints(*misprints.judged(found), everything=True) == []


def test_what_nobody_notices_is_said_and_what_is_noticed_after_all_too(monkeypatch, capsys):
    (survivor,) = [
        m for m in misprints.misprints("eq-01-trace") if m.kind == "factors swapped"
    ]  # fmt: skip
    known = misprints.explained()
    name = f"{survivor.label}: {survivor.where}"
    assert name in known
    monkeypatch.setattr(misprints, "explained", lambda: {"eq-x: y": "?"})
    said = misprints.complaints(*misprints.judged([survivor]), everything=True)
    assert said == [f"not noticed: {name}", "noticed after all: eq-x: y"]


def test_letters_are_held_to_their_share():
    right = misprints.Misprint("eq-02-dw2", misprints.ANOTHER, 0, 0, r"\,")  # changes nothing
    noticed = dataclasses.replace(right, by=r"\mathbf{z} + ")
    total, seen, survivors = misprints.judged([right, noticed])
    said = misprints.complaints(total, seen, survivors, everything=False)
    assert said == ["another letter: 50.0% noticed, expected 97%"]


def test_a_sample_has_every_kind_and_is_the_same_every_time():
    found = [m for label in PRINTED for m in misprints.misprints(label)]
    some = misprints.sample(found, 100)
    assert {m.kind for m in some} == {m.kind for m in found}
    assert some == misprints.sample(list(reversed(found)), 100)
