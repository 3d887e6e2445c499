"""Arguments: what is taken, as what, and the one sentence for what is not."""

from __future__ import annotations

import numpy as np
import pytest

from compgraph import checks, leaf
from compgraph.questions import mlp, partition, pipeline, planner
from compgraph.questions.memory import footprint

NOT_SIZES = [0, -3, 2.0, np.float64(2), True, np.True_, "2", None, float("nan"), (2,)]


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3), np.int64(3)])
def test_a_size_is_an_integer_of_pythons_or_numpys_and_comes_back_as_pythons(value):
    found = [checks.size("n", value), checks.sizes(n=value)["n"], *checks.shape("s", (value,))]
    assert found == [3, 3, 3] and {type(n) for n in found} == {int}


@pytest.mark.parametrize("value", NOT_SIZES)
def test_nothing_else_is_a_size(value):
    with pytest.raises(ValueError, match="^n: expected a positive integer, got "):
        checks.size("n", value)
    with pytest.raises(ValueError, match="^size n: expected a positive integer, got "):
        checks.sizes(n=value)


@pytest.mark.parametrize(
    "make",
    [
        lambda value: leaf("a", (value, 2)),
        lambda value: mlp.build(d=value, h=3, q=2),
        lambda value: footprint(d=value, h=3, q=2, n=1),
        lambda value: partition.split_tensor(n=1, d=2, h=4, q=2, devices=value),
        lambda value: partition.split_data(shards=[value], d=2, h=3, q=2),
        lambda value: pipeline.gpipe(value, 4),
        lambda value: planner.mlp_chain(2, value),
        lambda value: planner.transformer_chain(value, 8, 2, 4),
        lambda value: planner.Cluster(value, 1e9),
        lambda value: planner.recommend(planner.mlp_chain(2, 8), value, planner.Cluster(2, 1e9)),
    ],
)
def test_all_who_ask_for_a_size_mean_the_same(make):
    assert make(np.int64(2)) is not None
    for value in NOT_SIZES[:-1]:
        with pytest.raises(ValueError, match="positive integer"):
            make(value)


def test_what_numpy_s_integers_make_is_what_python_s_make():
    two = np.int64(2)
    assert mlp.build(d=two, h=two, q=two)["J"] is mlp.build(d=2, h=2, q=2)["J"]
    assert planner.Cluster(two, 1e9) == planner.Cluster(2, 1e9)
    assert type(planner.Cluster(two, 1e9).devices) is int


def test_a_shape_is_a_tuple_of_sizes_or_one():
    assert checks.shape("s", [2, 3]) == (2, 3)
    assert checks.shape("s", 4) == (4,)
    assert checks.shape("s", ()) == ()
    with pytest.raises(ValueError, match=r"^s: a shape is a tuple of positive .*, got \(2, True\)"):
        checks.shape("s", (2, True))


@pytest.mark.parametrize("value", [1, 0.5, np.float32(0.5), np.int64(2)])
def test_a_number_is_positive_and_finite(value):
    assert checks.number("x", value) is value


@pytest.mark.parametrize("value", [0, -1.0, float("inf"), float("nan"), True, "1", None, 1j])
def test_nothing_else_is_such_a_number(value):
    with pytest.raises(ValueError, match="^x: expected a positive number, got "):
        checks.number("x", value)


def test_zero_is_a_number_where_it_is_allowed():
    assert checks.number("x", 0, or_zero=True) == 0
    for value in (-1e-9, False, float("nan")):
        with pytest.raises(ValueError, match="^x: expected a number ≥ 0, got "):
            checks.number("x", value, or_zero=True)


def test_a_choice_is_one_of_the_names():
    assert checks.choice("c", "a", {"a": 1, "b": 2}) == "a"
    assert checks.choice("c", None, (None, "a")) is None
    for value in ("z", None, ["a"], 1):
        with pytest.raises(ValueError, match="^c is one of 'a', 'b'; got "):
            checks.choice("c", value, {"a": 1, "b": 2})
