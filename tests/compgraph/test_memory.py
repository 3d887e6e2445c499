"""The formulas for memory, without torch: their sums, their text, their errors."""

import re
from dataclasses import replace
from itertools import product
from random import Random

import numpy as np
import pytest

from compgraph.questions import mlp
from compgraph.questions.memory import (
    CHOICES,
    END,
    LAST,
    autograd_plan,
    chain,
    footprint,
)

SIZES = {"h": 100, "d": 50, "q": 10, "n": 20}


def random_sizes(count):
    rng = Random(3)
    return [{letter: rng.randint(1, 60) for letter in "dhqn"} for _ in range(count)]


#: at these sizes in float32 where `mse_loss` owns nq numbers: a step with its optimizer
PUBLISHED = [
    ({"optimizer": "sgd"}, 61_604),
    ({"optimizer": "sgd", "l2": "weight_decay"}, 72_800),
    ({"optimizer": "momentum"}, 85_604),
    ({"optimizer": "adam"}, 140_808),
    ({"optimizer": "adam", "variant": "foreach"}, 124_808),
    ({"optimizer": "adam", "variant": "fused"}, 109_612),
]


@pytest.mark.parametrize(("options", "total"), PUBLISHED)
def test_totals_at_the_chapter_s_sizes(options, total):
    assert footprint(**SIZES, **options, mse_owns="nq").total == total


def test_named_variables_cost_their_bytes():
    assert footprint(**SIZES, mse_owns="nq").peak == 32_804
    assert footprint(**SIZES, mse_owns="nq", named={"Z", "H", "O"}).peak == 49_604


def test_the_scalar_of_the_squared_loss_owns_one_number_unless_it_is_said():
    assert footprint(**SIZES).peak == 32_804 - 4 * (10 * 20 - 1)
    assert chain([50, 100, 10], n=20).peak == footprint(**SIZES).peak
    for owns in CHOICES["mse_owns"]:
        assert footprint(**SIZES, loss="cross_entropy", mse_owns=owns).peak == 32_008
        assert footprint(**SIZES, mode="prediction", mse_owns=owns).peak == 16_000


def test_bytes_by_role_add_up():
    f = footprint(**SIZES, optimizer="adam")
    assert sum(f.by_role().values()) == f.total
    assert f.by_role()["parameter"] == 24_000
    assert f.by_role()["optimizer"] == 48_008


def test_formulas_in_words():
    assert footprint(**SIZES, mode="prediction").formula() == "max{2nh, nh + nq}"
    in_place = footprint(**SIZES, mode="prediction", activation="relu in place")
    assert in_place.formula() == "nh + nq"
    assert footprint(**SIZES).formula() == (
        "max{nh + 2nq + 2, 2nh + nq + qh + 2, 3nh + qh + 2, hd + nh + qh + 2}"
    )
    assert footprint(**SIZES, mse_owns="nq").formula() == (
        "max{nh + 3nq + 1, 2nh + 2nq + qh + 1, 3nh + nq + qh + 1, hd + nh + nq + qh + 1}"
    )
    assert footprint(**SIZES, loss="cross_entropy").formula() == (  # nh + 2nq + 3 ≤ nh + 3nq + 2
        "max{nh + 3nq + 2, 2nh + nq + qh + 2, 3nh + qh + 2, hd + nh + qh + 2}"
    )


def test_numpy_sizes_do_not_overflow():
    large = 10**12
    sizes = {letter: np.int64(large) for letter in "dhqn"}
    assert (
        footprint(**sizes).total == footprint(**dict.fromkeys("dhqn", large)).total > 4 * large**2
    )
    assert chain([np.int64(large)] * 3, n=1).total == chain([large] * 3, n=1).total > 8 * large**2


@pytest.mark.parametrize("owns", CHOICES["mse_owns"])
@pytest.mark.parametrize("loss", CHOICES["loss"])
def test_the_formula_s_text_evaluates_to_the_peak(loss, owns):
    for d, h, q, n in product((1, 3, 40), repeat=4):
        f = footprint(d=d, h=h, q=q, n=n, loss=loss, mse_owns=owns)
        text = f.formula().replace("max{", "max(").replace("}", ")")
        text = re.sub(r"(\d*)(nh|nq|qh|hd)", lambda m: f"{m[1] or 1}*{'*'.join(m[2])}", text)
        value = eval(text, {"d": d, "h": h, "q": q, "n": n, "max": max})
        assert value * 4 == f.peak


def test_a_formula_needs_one_type():
    f = footprint(**SIZES)
    odd = replace(f, rows=(replace(f.rows[0], dtype="float64"), *f.rows[1:]))
    with pytest.raises(ValueError, match="different types"):
        odd.formula()


def test_every_row_ends_at_a_step_that_exists_and_comes_later():
    for loss, activation, optimizer, variant, l2 in product(
        *(CHOICES[name] for name in ("loss", "activation", "optimizer", "variant", "l2"))
    ):
        if l2 == "weight_decay" and optimizer is None:
            continue
        rows = footprint(**SIZES, loss=loss, activation=activation, optimizer=optimizer,
                         variant=variant, l2=l2).rows  # fmt: skip
        names = [row.name for row in rows]
        assert len(set(names)) == len(names)
        for i, row in enumerate(rows):
            assert row.until == END or names.index(row.until) >= i, row
        assert LAST in names


@pytest.mark.parametrize("loss", mlp.LOSSES)
@pytest.mark.parametrize("activation", mlp.ACTIVATIONS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_graph_s_plan_and_the_formula_agree(loss, activation, dtype):
    for sizes in random_sizes(100):
        options = {"loss": loss, "activation": activation, "dtype": dtype}
        model = mlp.build(**sizes, **options, layout="row", bias=False, weight_decay=0)
        for owns in CHOICES["mse_owns"]:
            planned = max(live for _, live in autograd_plan(model, mse_owns=owns))
            assert planned == footprint(**sizes, **options, mse_owns=owns).peak, sizes


def test_plan_and_formula_agree_on_named_variables():
    for sizes in random_sizes(100):
        model = mlp.build(**sizes, layout="row", bias=False, weight_decay=0, dtype="float32")
        planned = max(live for _, live in autograd_plan(model, named="ZHO"))
        assert planned == footprint(**sizes, named="ZHO").peak


def test_step_by_step_the_plan_is_the_formula_s():
    model = mlp.build(**SIZES, layout="row", bias=False, weight_decay=0, dtype="float32")
    planned = [live for node, live in autograd_plan(model) if node.op != "transpose"]
    formula = [live for row, live in zip(*_rows_and_live(SIZES), strict=True) if row != "∂J/∂J"]
    assert planned == formula


def _rows_and_live(sizes):
    f = footprint(**sizes)
    return [row.name for row in f.rows], f.live


def test_the_section_s_model_is_a_chain_of_two():
    for mode in CHOICES["mode"]:
        for sizes in random_sizes(50):
            widths = [sizes["d"], sizes["h"], sizes["q"]]
            deep, flat = chain(widths, n=sizes["n"], mode=mode), footprint(**sizes, mode=mode)
            assert (deep.held, deep.live) == (flat.held, flat.live)


@pytest.mark.parametrize("layers", [2, 5, 40])
def test_a_deep_chain_predicts_with_neighbours_and_trains_with_all(layers):
    n, w = 32, 8
    numbers = n * w
    predicted = chain([w] * (layers + 1), n=n, mode="prediction").peak // 4
    trained = chain([w] * (layers + 1), n=n).peak // 4
    assert predicted == 2 * numbers
    # all activations are held when the backward pass begins: H1 … and O, L; then ∂J/∂O and a seed
    assert trained >= (layers - 1) * numbers + 2 * numbers + 2
    owned = chain([w] * (layers + 1), n=n, mse_owns="nq").peak // 4
    assert owned - trained == numbers - 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"d": 0}, "size d: expected a positive integer, got 0"),
        ({"h": -3}, "size h: expected a positive integer, got -3"),
        ({"q": 2.0}, "size q: expected a positive integer, got 2.0"),
        ({"n": "20"}, "size n: expected a positive integer, got '20'"),
        ({"n": True}, "size n: expected a positive integer, got True"),
        ({"q": float("nan")}, "size q: expected a positive integer, got nan"),
        ({"named": {1, "Z"}}, "named: 1 is not made here; there are Z, H, O"),
        ({"dtype": np.dtype("float32")}, r"dtype is one of .* got dtype\('float32'\)"),
        ({"dtype": "float8"}, "dtype is one of 'float16', 'bfloat16', .* got 'float8'"),
        ({"mse_owns": 1}, "mse_owns is one of '1', 'nq'; got 1"),
        ({"loss": "hinge"}, "loss is one of 'squared', 'cross_entropy'; got 'hinge'"),
        ({"optimizer": "lion"}, "optimizer is one of None, 'sgd'"),
        ({"l2": "weight_decay"}, "weight_decay is the optimizer's"),
        ({"named": ["Q"]}, "named: Q is not made here; there are Z, H, O"),
        ({"mode": "prediction", "named": ["L"]}, "named: L is not made here"),
    ],
)
def test_bad_input_gets_one_clear_message(change, message):
    with pytest.raises(ValueError, match=message):
        footprint(**(SIZES | change))


@pytest.mark.parametrize(
    ("widths", "n", "message"),
    [
        ([3], 1, "at least two"),
        (5, 1, "at least two, not 5"),
        ([3, 0], 1, r"size widths\[1\]"),
        ([3, 3], 0, "size n"),
    ],
)
def test_a_chain_s_bad_input(widths, n, message):
    with pytest.raises(ValueError, match=message):
        chain(widths, n=n)
