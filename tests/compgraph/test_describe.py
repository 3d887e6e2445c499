"""What the page says of a node is what the graph says."""

import json
from xml.etree import ElementTree

import numpy as np
import pytest

from compgraph import (
    draw,
    evaluate,
    grad,
    gradient_names,
    inks_of,
    leaf,
    power,
    squared_loss,
    sum_,
    tanh,
)
from compgraph.questions import cost, mlp
from compgraph.show.describe import equation, pretty

MODEL = mlp.build(d=5, h=4, q=3, n=7, layout="row", weight_decay=0.1)
SWEEP = MODEL.backward()
NAMES = MODEL.names | gradient_names(MODEL.names, SWEEP)
OUTPUTS = [MODEL["J"], *(SWEEP.adjoint[w] for w in MODEL.weights)]
FEEDS = MODEL.feeds()
DRAWING = draw(OUTPUTS, names=NAMES, inks=inks_of(SWEEP), numbers={0.1: "λ", 7: "n"},
               sweep=SWEEP, feeds=FEEDS, prefix="p-")  # fmt: skip
FACTS = DRAWING.details["nodes"]
BY_NAME = {facts.get("name"): facts for facts in FACTS.values()}


@pytest.mark.parametrize(
    ("name", "expected"),
    {
        "Z": "Z = X W₁ᵀ + b₁",
        "s": "s = λ (½‖W₁‖² + ½‖W₂‖²)",
        "∂J/∂O": "∂J/∂O = (O − Y) / n",
        "∂J/∂W2": "∂J/∂W₂ = λ W₂ + (∂J/∂O)ᵀ H",
        "∂J/∂Z": "∂J/∂Z = ∂J/∂H ⊙ (1 − H²)",
        "∂J/∂b1": "∂J/∂b₁ = Σ (∂J/∂Z)",
    }.items(),
)
def test_an_equation_reads_as_the_chapter_writes_it(name, expected):
    assert BY_NAME[pretty(name)]["equation"] == expected


def test_brackets_stand_where_they_must_and_only_there():
    a, b = leaf("a", (2, 2)), leaf("b", (2, 2))
    assert equation((a + b) @ b, {}) == "(a + b) b"
    assert equation(a @ b + b, {}) == "a b + b"
    assert equation((a @ b).T, {}) == "(a b)ᵀ"
    assert equation(a - (b - a), {}) == "a − (b − a)"
    assert equation(power(a + b, 3), {}) == "(a + b)^3"
    assert equation(power(power(a, 2), 3), {}) == "(a^2)^3"
    assert equation(tanh(a + b), {}) == "tanh(a + b)"


def test_what_arrives_from_above_is_part_of_a_losss_gradient():
    o, y, s = leaf("o", (3, 1)), leaf("y", (3, 1)), leaf("s")
    assert equation(grad(squared_loss(o, y), [o])[0], {}) == "(o − y)"
    assert equation(grad(2 * squared_loss(o, y), [o])[0], {}) == "2 (o − y)"
    assert equation(grad(s * squared_loss(o, y), [o])[0], {}) == "s (o − y)"


def test_values_gradients_and_bytes_are_the_graphs():
    (loss,), (db1,) = evaluate([MODEL["L"]], FEEDS), evaluate([SWEEP.adjoint[MODEL["b1"]]], FEEDS)
    assert BY_NAME["L"]["value"] == f"{loss:.3g}"
    shown = np.array(json.loads(BY_NAME["b₁"]["gradientValue"].replace("−", "-")))
    np.testing.assert_allclose(shown, db1, rtol=6e-3)
    assert BY_NAME["Z"]["bytes"] == 7 * 4 * 8
    assert BY_NAME["Z"]["gradient"] == BY_NAME["∂J/∂Z"]["equation"]


def test_live_bytes_are_the_plans():
    plan = cost.schedule(OUTPUTS)
    live = [facts["live"] for facts in FACTS.values() if "live" in facts]
    assert max(live) == plan.peak
    assert DRAWING.details["base"] == plan.base
    assert all("live" not in facts for facts in FACTS.values() if not facts["reads"]
               and facts["name"] != "1")  # fmt: skip


def test_nodes_stand_in_the_order_of_execution_and_read_what_came_before():
    seen = set()
    for identity, facts in FACTS.items():
        assert set(facts["reads"]) <= seen, identity
        seen.add(identity)


def test_the_picture_carries_the_facts_under_the_ids_it_uses():
    root = ElementTree.fromstring(DRAWING.svg)
    data = json.loads(root.find("{http://www.w3.org/2000/svg}metadata").text)
    assert data == DRAWING.details
    drawn = {element.get("id") for element in root.iter()}
    assert all(f"n-{identity}" in drawn for identity in data["nodes"])


def test_without_feeds_no_value_is_told():
    found = draw([MODEL["J"]], names=MODEL.names).details
    assert not any("value" in facts for facts in found["nodes"].values())


def test_a_large_value_is_summed_up():
    x = leaf("x", (40, 2))
    drawing = draw([sum_(x)], feeds={x: np.full((40, 2), 0.5)})
    assert drawing.details["nodes"]["x"]["value"] == f"0.5 … 0.5, ‖·‖ = {np.sqrt(20):.3g}"
