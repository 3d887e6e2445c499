"""A learner's function can do nothing to the checker, and every way it fails has its own words."""

import gc
import os
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
    assert time.monotonic() - started < 20
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


def continuing(a):
    while True:
        continue


def in_a_helper(a):
    step = lambda a: a + 1  # noqa: E731
    while True:
        a = step(a)


def called_by_a_library(a):
    return np.vectorize(lambda entry: on_one_line(entry))(np.ones(3))


def in_a_generator(a):
    return sum(0 for _ in iter(int, 1))


@pytest.mark.parametrize(
    "endless",
    [
        on_one_line,
        continuing,
        catching_everything,
        catching_everything_twice,
        in_a_finally,
        in_a_helper,
        called_by_a_library,
        in_a_generator,
    ],
)
def test_a_stubborn_loop_is_stopped(endless):
    """In a process of its own: if the deadline does not stop it, nothing in this one would."""
    code = (
        "import sys; from tests.coursecheck import test_runner; from coursecheck import runner; "
        "before = sys.gettrace(); "
        f"runner.SECONDS = 1.0; found = runner.call('task', test_runner.{endless.__name__}, "
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


def test_time_is_up_in_the_loop_and_not_in_what_it_calls(monkeypatch):
    monkeypatch.setattr(runner, "SECONDS", 0.4)
    found = outcome(in_a_helper, a=1)
    assert found.reason == "endless"
    assert "while True:" in str(found) or "a = step(a)" in str(found)
    assert "lambda" not in str(found), "the helper is in no loop"


def sleeping(a):
    time.sleep(0.3)
    return a


def sleeping_in_the_last_line(a):
    return time.sleep(0.3) or a


def sleeping_in_a_helper(a):
    return sleeping(a)


def sleeping_after_a_loop(a):
    for _ in range(3):
        a = a + 1
    else:
        time.sleep(0.3)
    return a


@pytest.mark.parametrize(
    "slow",
    [sleeping, sleeping_in_the_last_line, sleeping_in_a_helper, sleeping_after_a_loop],
)
def test_what_takes_long_is_no_loop(slow, monkeypatch):
    monkeypatch.setattr(runner, "SECONDS", 0.1)
    found = outcome(slow, a=1)
    assert found.reason == "busy"
    assert "still busy after 0.1 seconds (line" in str(found)
    assert "time.sleep(0.3)" in str(found)
    assert "loop" not in str(found)


def test_a_function_that_calls_itself_too_often_is_no_loop(monkeypatch):
    monkeypatch.setattr(runner, "SECONDS", 0.1)

    def fibonacci(a):
        return a if a < 2 else fibonacci(a - 1) + fibonacci(a - 2)

    assert outcome(fibonacci, a=100).reason == "busy"


def test_lines_are_followed_and_not_every_instruction():
    """A loop of 10^6 rounds: 0.05 s alone, 0.3 s followed by lines, 1.2 s by instructions."""

    def followed(a):
        return sys._getframe().f_trace is not None, sys._getframe().f_trace_opcodes

    assert outcome(followed, a=1) == Returned((True, False))


def test_libraries_are_not_followed():
    def above(a):
        seen = []
        np.vectorize(lambda entry: seen.append(sys._getframe(1)))(np.ones(1))
        frames = [seen[0]]
        while frames[-1].f_code is not above.__code__:
            frames.append(frames[-1].f_back)
        return [frame.f_trace is None for frame in frames]

    came = outcome(above, a=1)
    assert came.value[-1] is False, "the learner's function itself is"
    assert set(came.value[:-1]) == {True}


ANSWER = """
def gradients(X, Y, W1, b1, W2, weight_decay):
    import matplotlib.pyplot as plt
    import torch
    X, Y, W1, b1, W2 = (torch.tensor(a, requires_grad=True) for a in (X, Y, W1, b1, W2))
    O = torch.tanh(X @ W1.T + b1) @ W2.T
    J = ((O - Y) ** 2).sum() / 2 / len(X) + weight_decay / 2 * ((W1**2).sum() + (W2**2).sum())
    J.backward()
    return W1.grad, b1.grad, W2.grad
"""
FRESH = """
import sys
from answer import gradients
from coursecheck import exercise, runner
runner.SECONDS = 1.0  # less than the imports take
assert not {"torch", "matplotlib"} & set(sys.modules)
print(exercise("02_hidden_bias").check("gradients", gradients))
import matplotlib.pyplot as plt
import torch
print(torch.ones(2).sum().item(), plt.figure() is not None)
"""


def test_an_import_is_neither_interrupted_nor_counted(tmp_path):
    (tmp_path / "answer.py").write_text(ANSWER)
    done = subprocess.run(
        [sys.executable, "-c", FRESH],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == "✓ gradients: right\n2.0 True\n", done.stdout + done.stderr


def test_an_import_that_fails_leaves_the_rest_followed(monkeypatch):
    monkeypatch.setattr(runner, "SECONDS", 0.2)

    def importing(a):
        try:
            import nowhere_to_be_found  # noqa: F401
        except ImportError:
            on_one_line(a)

    assert outcome(importing, a=1).reason == "endless"


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
    assert outcome(lambda a: tanh(...), a=1) is None, "compgraph says it in its own way"
    assert outcome(lambda a: a[..., 0] @ a @ a, a=np.ones((2, 3))).reason == "product_misfit"


open_everywhere = ...


def test_a_blank_of_another_cell_is_one_where_the_line_names_it():
    assert outcome(lambda a: a @ open_everywhere, a=np.ones((2, 2))) is None
    assert outcome(lambda a: a @ a, a=np.ones((2, 3))).reason == "product_misfit"


def by_name(a):
    part = len(a) / 2
    return a[part]


def in_place(a):
    return a[len(a) / 2]


def in_a_slice(a):
    part = len(a) / 2
    return a[:part]


def of_a_list(a):
    return list(a)[len(a) / 2]


@pytest.mark.parametrize("fraction", [by_name, in_place, in_a_slice, of_a_list])
def test_an_index_that_is_a_fraction_is_no_blank(fraction):
    found = outcome(fraction, a=np.ones(4))
    assert found.reason == "index_fraction"
    assert "an index is a fraction (line " in str(found)
    assert "`//` gives whole numbers" in str(found)


def test_an_index_of_another_kind_is_said_in_numpys_words():
    found = outcome(lambda a: a["all"], a=np.ones(4))
    assert found.reason == "exception"
    assert found.fields["error"].startswith("only integers, slices")


def test_an_error_that_speaks_of_the_ellipsis_is_no_blank():
    def speaking(a):
        raise ValueError("an Ellipsis (...) is not meant here")

    assert outcome(speaking, a=1).reason == "exception"


@pytest.mark.parametrize(
    "sum_of", [lambda a, b: a + b, np.broadcast_arrays, lambda a, b: np.where(a > 0, a, b)]
)
def test_arrays_that_do_not_fit_entry_by_entry_name_their_shapes(sum_of):
    found = outcome(lambda a, b: sum_of(a, b), a=np.ones((5, 4)), b=np.ones((4, 5)))
    assert found.reason == "misfit"
    assert "arrays of shapes (5, 4) and (4, 5) do not fit together" in str(found)


def test_nodes_that_do_not_fit_entry_by_entry_say_the_same():
    found = outcome(lambda a, b: a + b, a=leaf("a", (5, 4)), b=leaf("b", (4, 5)))
    assert "arrays of shapes (5, 4) and (4, 5) do not fit together" in str(found)


class Mute(Exception):
    def __str__(self):
        raise ValueError


@pytest.mark.parametrize(
    ("error", "words"), [(BaseException("odd"), "odd"), (Mute(), "no message")]
)
def test_whatever_is_raised_is_named(error, words):
    def raising(a):
        raise error

    found = outcome(raising, a=1)
    assert (found.reason, found.fields["error"]) == ("exception", words)


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
