"""How the calculators read what is typed, and how they write numbers: as Python does."""

from __future__ import annotations

from random import Random

import pytest

from compgraph.questions import memory, planner

SIZES = {"d": 50, "h": 100, "q": 10, "n": 20}
READ_WHOLE = "(text) => readWhole('d', text, 1000000)"


@pytest.mark.parametrize(
    ("typed", "given"),
    [("-3", -3), ("0", 0), ("2.5", 2.5), ("", ""), ("ten", "ten"), ("1,00", "1,00"),
     ("1e3", "1e3"), ("NaN", "NaN"), ("Infinity", "Infinity"), ("0x10", "0x10"), ("٣", "٣")],
)  # fmt: skip
def test_a_size_that_is_none_is_refused_in_python_s_words(javascript, typed: str, given: object):
    with pytest.raises(ValueError) as refused:
        memory.footprint(**SIZES | {"d": given})
    (answer,) = javascript("numbers.mjs", READ_WHOLE, [[typed]])
    assert answer == {"field": "d", "message": str(refused.value)}


@pytest.mark.parametrize(
    ("typed", "value"),
    [("1", 1), (" 42 ", 42), ("1,000", 1000), ("５０", 50), ("007", 7), ("1000000", 1e6)],
)
def test_a_size_is_read(javascript, typed: str, value: int):
    assert javascript("numbers.mjs", READ_WHOLE, [[typed]]) == [{"value": value}]


@pytest.mark.parametrize("typed", ["1000001", "9" * 400])
def test_a_size_that_is_too_large_is_refused(javascript, typed: str):
    (answer,) = javascript("numbers.mjs", READ_WHOLE, [[typed]])
    assert answer["message"] == f"size d: expected at most 1,000,000, got {typed}"


READ_NUMBER = "(text) => readNumber('link', text, 0.01, 900)"


@pytest.mark.parametrize("typed", ["0", "-1", "900.1", "", "fast", ".", "1e1", "1.2.3"])
def test_a_number_out_of_its_limits_is_refused(javascript, typed: str):
    (answer,) = javascript("numbers.mjs", READ_NUMBER, [[typed]])
    got = typed if typed in ("0", "-1", "900.1") else repr(typed)
    assert answer["message"] == f"link: expected a number from 0.01 to 900, got {got}"


@pytest.mark.parametrize(("typed", "value"), [(".5", 0.5), ("25", 25), ("0.01", 0.01), ("10.", 10)])
def test_a_number_is_read(javascript, typed: str, value: float):
    assert javascript("numbers.mjs", READ_NUMBER, [[typed]]) == [{"value": value}]


def test_long_wrong_input_is_cut_short(javascript):
    (answer,) = javascript("numbers.mjs", READ_WHOLE, [["x" * 500]])
    assert answer["message"].endswith(f"got '{'x' * 24}…'")


def numbers() -> list[float]:
    rng = Random(7)
    wide = [10 ** rng.uniform(-12, 20) for _ in range(500)]
    near = [rng.randint(990, 1010) * 10.0 ** rng.randint(-9, 15) / 10 for _ in range(200)]
    ties = [rng.randint(1, 8000) / 8 for _ in range(500)]  # 12.25 rounds to even: 12.2
    return [*wide, *near, *ties, 0.0, 999.5, 999.4999, 1e-4, 9.995e-5]


@pytest.mark.parametrize(
    ("function", "python"),
    [("threeDigits", lambda x: f"{x:.3g}"), ("size", planner._size), ("time", planner._time)],
)
def test_numbers_are_written_as_python_writes_them(javascript, function: str, python):
    found = javascript("numbers.mjs", function, [[x] for x in numbers()])
    assert [answer["value"] for answer in found] == [python(x) for x in numbers()]


def test_rounding_halves_up_would_be_noticed(javascript):
    found = javascript("numbers.mjs", "(x) => String(Number(x.toPrecision(3)))", [[12.25]])
    assert found[0]["value"] != f"{12.25:.3g}"


def test_thousands_are_grouped(javascript):
    counts = [0, 999, 1000, 140808, 10**15]
    found = javascript("numbers.mjs", "grouped", [[count] for count in counts])
    assert [answer["value"] for answer in found] == [f"{count:,}" for count in counts]
