"""Values are judged by their numbers: what counts as equal, and how mixtures are named.

A small exercise made up here shows that the machinery knows nothing about exercise 2.
"""

from types import SimpleNamespace

import numpy as np
import pytest

from coursecheck.judge import judge
from coursecheck.task import ExerciseTable, Output, Task, Term, Wrong


def draw(rng, n, rate):
    v = SimpleNamespace(n=n, rate=rate, a=rng.standard_normal((n, 2)))
    v.b = rng.standard_normal((n, 2))
    return v


SUM = Output(
    "sum",
    "S",
    ("n", 2),
    (
        Term(
            "a",
            lambda v: v.a,
            (
                Wrong(("squared",), lambda v: v.a**2),
                Wrong(("tripled",), lambda v: 3 * v.a),
                Wrong(("minus_half",), lambda v: -0.5 * v.a),
                Wrong(("b_for_a",), lambda v: v.rate * v.b),
            ),
        ),
        Term(
            "rate·b",
            lambda v: v.rate * v.b,
            (Wrong(("rate_alone",), lambda v: v.rate * np.ones_like(v.b)),),
            factors=(("no_rate", lambda v: 1 / v.rate),),
        ),
        Term("1", lambda v: np.ones_like(v.a), alien="one_added"),
    ),
)
REASONS = {
    reason: f"{{name}}: {reason}"
    for reason in "squared tripled minus_half b_for_a rate_alone no_rate one_added".split()
}
BYTES = Output("bytes", "bytes", (), (Term("bytes", lambda v: 16 * v.n),), kind="count")
EXERCISE = ExerciseTable(
    "Toy",
    (
        Task("add", "add", ("a", "b", "rate"), draw, (SUM,), ("?", "!"), ""),
        Task("bytes", "bytes", ("n",), draw, (BYTES,), ("?", "!"), ""),
        Task("size", "size", None, draw, (BYTES,), ("?", "!"), ""),
    ),
    ({"n": 5, "rate": 0.1}, {"n": 5, "rate": 0.1}, {"n": 4, "rate": 0.2}),
    REASONS,
)


def reasons(task, answer):
    result = judge(EXERCISE, EXERCISE.task(task), answer)
    assert (result.state == "right") == (not result.reasons)
    return result.reasons


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda a, b, rate: a + rate * b, ()),
        (lambda a, b, rate: a, ("term_missing",)),
        (lambda a, b, rate: a - 2 * rate * b, ("term_negated", "term_doubled")),
        (lambda a, b, rate: a + b, ("no_rate",)),
        (lambda a, b, rate: a**2 + rate * b, ("squared",)),
        (lambda a, b, rate: 2 * a**2 + rate * b, ("squared", "term_doubled")),
        (lambda a, b, rate: -(a**2) + 3 + b, ("squared", "term_negated", "no_rate", "one_added")),
        (lambda a, b, rate: a + 0.37 * rate * b, ("term_factor",)),
        (lambda a, b, rate: 2 * a + 2 * rate * b, ("term_doubled",)),
        (lambda a, b, rate: a + rate * b + 0.01, ("one_added",)),
        # a known form with a known factor says more than an unknown factor
        (lambda a, b, rate: 6 * a + rate * b, ("tripled", "term_doubled")),
        # of two explanations, the shorter
        (lambda a, b, rate: -0.5 * a + 2 * rate * b, ("minus_half", "term_doubled")),
        # a form that is also another term: the factors of the two are not determined
        (lambda a, b, rate: 2 * rate * b, ("b_for_a",)),
        (lambda a, b, rate: 4 * rate * b, ("term_missing", "term_factor")),
        # a form that looks like an alien term
        (lambda a, b, rate: 2 * a + rate, ("term_doubled", "rate_alone")),
        (lambda a, b, rate: np.sin(a) + rate * b, ("unrelated",)),
        (lambda a, b, rate: np.zeros_like(a), ("term_missing",)),
        (lambda a, b, rate: a + rate * b if len(a) == 5 else a, ("fixed_number",)),
    ],
)
def test_mixtures_are_named(answer, expected):
    assert reasons("add", answer) == expected


def test_terms_with_the_same_mistake_share_a_sentence():
    result = judge(EXERCISE, EXERCISE.task("add"), lambda a, b, rate: 2 * (a + rate * b))
    assert result.lines == ("Taken twice in S: a and rate·b.",)


def test_rounding_is_forgiven_and_errors_are_not():
    def off_by(error):
        return lambda a, b, rate: (a + rate * b) * (1 + error)

    assert reasons("add", off_by(1e-12)) == ()
    assert reasons("add", off_by(1e-7)) == ("imprecise",)
    assert reasons("add", off_by(1e-2)) == ("term_factor",)
    assert reasons("add", lambda a, b, rate: np.longdouble(a + rate * b)) == ()
    assert reasons("add", lambda a, b, rate: np.float64(np.float32(a + rate * b))) == ("imprecise",)
    assert reasons("add", lambda a, b, rate: np.zeros_like(a) + 1e-300) == ("term_missing",)


def test_single_precision_is_refused():
    """Right to 1e-7, it would stop the cells that compare with other judges to 1e-12."""
    assert reasons("add", lambda a, b, rate: np.float32(a + rate * b)) == ("dtype_coarse",)


def test_counts_are_exact():
    assert reasons("bytes", lambda n: 16 * n) == ()
    assert reasons("bytes", lambda n: np.int64(16 * n)) == ()
    assert reasons("bytes", lambda n: 16 * n + 1) == ("unrelated",)
    assert reasons("bytes", lambda n: 8 * n) == ("term_halved",)
    assert reasons("bytes", lambda n: 16.0 * n) == ("dtype_fraction",)
    assert reasons("bytes", lambda n: n > 0) == ("dtype_truth",)
    assert reasons("bytes", lambda n: [16 * n, 0]) == ("shape_unsummed",)
    assert reasons("size", 80) == ()
    assert reasons("size", 81) == ("unrelated",)


def test_least_squares_recovers_random_factors():
    """Whatever the two factors are, both are told apart from 1 and from the named ones."""
    rng = np.random.default_rng(0)
    for p, r in rng.uniform(3, 9, size=(20, 2)):
        found = reasons("add", lambda a, b, rate, p=p, r=r: p * a + r * rate * b)
        assert found == ("term_factor",)
        assert reasons("add", lambda a, b, rate, p=p: p * a + rate * b) == ("term_factor",)
