"""A learner's function can do nothing to the checker, and every way it fails has its own words."""

import gc
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from compgraph import leaf, tanh
from coursecheck import runner
from coursecheck.runner import Returned, TimeUp, call, deadline, fits, is_blank

ROOT = Path(__file__).resolve().parents[2]


def outcome(function, **args):
    return call("task", function, args)


def test_what_is_returned_comes_back():
    assert outcome(lambda a: a + 1, a=2) == Returned(3)


def test_arguments_are_copies():
    given = np.ones(3)

    def spoil(a):
        a[0] = 7.0
        return a

    found = outcome(spoil, a=given)
    assert found.reason == "damaged"
    assert found.fields["argument"] == "a"
    assert (given == 1).all()


def test_nan_in_an_argument_is_not_taken_for_damage():
    assert isinstance(outcome(lambda a: a, a=np.array([np.nan, 1.0])), Returned)


def test_an_endless_loop_is_stopped_and_tracing_is_given_back(monkeypatch):
    monkeypatch.setattr(runner, "SECONDS", 0.1)

    def endless(a):
        while True:
            a = a + 1

    before, started = sys.gettrace(), time.monotonic()
    found = outcome(endless, a=1)
    assert found.reason == "endless"
    assert "while True" in str(found) or "a = a + 1" in str(found)
    assert time.monotonic() - started < 2
    assert sys.gettrace() is before


def on_one_line(a):
    while True: pass  # fmt: skip  # noqa: E701


def catching_everything(a):
    while True:
        try:
            a += 1
        except:  # noqa: E722
            pass


def catching_everything_twice(a):
    while True:
        try:
            catching_everything(a)
        except:  # noqa: E722
            continue


def in_a_finally(a):
    while True:
        try:
            a += 1
        finally:
            continue  # noqa: B012


@pytest.mark.parametrize(
    "endless", [on_one_line, catching_everything, catching_everything_twice, in_a_finally]
)
def test_a_stubborn_loop_is_stopped(endless):
    """In a process of its own: if the deadline does not stop it, nothing in this one would."""
    code = (
        "import sys; from tests.coursecheck import test_runner; from coursecheck import runner; "
        "before = sys.gettrace(); "
        f"runner.SECONDS = 0.1; found = runner.call('task', test_runner.{endless.__name__}, "
        "{'a': 1}); print(found.reason, sys.gettrace() is before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert done.stdout == "endless True\n", done.stderr


def test_an_error_that_is_dropped_later_does_not_trace_again():
    with pytest.raises(TimeUp) as raised, deadline(0.0):
        sum(i for i in range(1000))
    del raised
    gc.collect()
    assert sys.gettrace() is None or "coursecheck" not in repr(sys.gettrace())


def test_a_deadline_lets_fast_code_through():
    with deadline(5.0):
        total = sum(range(1000))
    assert total == 499500
    with pytest.raises(TimeUp), deadline(0.0):
        total = sum(i for i in range(1000))


def test_prints_and_warnings_are_kept_away(capfd):
    def noisy(a):
        print("looking at", a)
        print("and here", file=sys.stderr)
        warnings.warn("careful", stacklevel=1)
        return np.log(a)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(outcome(noisy, a=np.zeros(1)), Returned)
    assert capfd.readouterr() == ("", "")
    assert outcome(lambda a: print(a), a=1).reason == "printed"
    assert outcome(lambda a: [a].sort(), a=1).reason == "returns_none"


def test_an_interrupt_from_the_keyboard_passes():
    def interrupted(a):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outcome(interrupted, a=1)


def test_blanks():
    def dots(a, b): ...

    def documented(a):
        """What it does."""

    def loop(a):
        for _ in range(3):
            pass

    assert is_blank(dots)
    assert is_blank(documented)
    assert not is_blank(loop)
    assert not is_blank(print)
    assert outcome(dots, a=1, b=2) is None
    assert outcome(lambda a: np.tanh(...), a=1) is None

    def half_done(a):
        b = ...
        return a @ b

    assert outcome(half_done, a=np.ones((2, 2))) is None
    assert outcome(lambda a: a @ a, a=np.ones((2, 3))).reason == "product_misfit"


@pytest.mark.parametrize(
    "product", [lambda a, b: a @ b, lambda a, b: np.dot(a, b), lambda a, b: np.matmul(a, b)]
)
def test_a_product_that_does_not_fit_names_the_inner_sizes(product):
    found = outcome(product, a=np.ones((3, 4)), b=np.ones((5, 2)))
    assert found.reason == "product_misfit"
    assert (found.fields["left"], found.fields["right"]) == ("4", "5")
    assert "its inner sizes are 4 and 5" in str(found)


def test_a_graphs_product_that_does_not_fit_says_the_same():
    found = outcome(lambda a, b: a @ b, a=leaf("a", (3, 4)), b=leaf("b", (5, 2)))
    assert "its inner sizes are 4 and 5" in str(found)


@pytest.mark.parametrize(
    "mixed",
    [
        lambda node, array: np.tanh(node),
        lambda node, array: tanh(array),
        lambda node, array: node @ array,
        lambda node, array: array @ node,
        lambda node, array: node + array,
        lambda node, array: array * node,
        lambda node, array: node / array,
        lambda node, array: node**array,
    ],
)
def test_nodes_and_arrays_that_meet_are_told_apart(mixed):
    found = outcome(mixed, node=leaf("a", (2, 2)), array=np.ones((2, 2)))
    assert found.reason == "nodes_and_arrays"


def test_a_node_and_what_is_no_array_is_said_in_the_graphs_own_words():
    found = outcome(lambda node: node + "1", node=leaf("a", (2, 2)))
    assert found.reason == "exception"
    assert found.fields["error"].startswith("a graph is made of nodes and numbers, got str")


@pytest.mark.parametrize(
    ("function", "good"),
    [
        (lambda a, b: 0, True),
        (lambda first, second: 0, True),
        (lambda a, b, c=0: 0, True),
        (lambda *args: 0, True),
        (np.add, True),
        (lambda a: 0, False),
        (lambda a, b, c: 0, False),
        (lambda b, a: 0, False),
        (lambda a, *, b: 0, False),
    ],
)
def test_signatures(function, good):
    assert fits(function, ["a", "b"]) is good
