"""The calculators' JavaScript against compgraph: every count, byte, time and sentence the same."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from itertools import product
from random import Random

import pytest

from book.calculators.forms import DECADES, MEMORY, PARTITION
from book.translate.words import of_the_site
from compgraph.questions import memory, planner
from compgraph.questions.pipeline import bubble_fraction

# --- memory --------------------------------------------------------------------------------------

TABLES = json.loads(MEMORY.as_json())["tables"]
FOOTPRINT = "(tables, options) => footprint(tables, options)"
LOSS = ("L", "nq", 6)  # the scalar that owns n·q numbers, held for six more steps


def memory_cases() -> list[dict[str, object]]:
    """Every combination of choices, each with sizes of its own, small and as large as allowed."""
    rng = Random(4)
    cases = []
    for choices in product(*memory.CHOICES.values()):
        most = rng.choice((6, 300, DECADES[-1]))
        sizes = {letter: rng.randint(1, most) for letter in "dhqn"}
        cases.append(sizes | dict(zip(memory.CHOICES, choices, strict=True)))
    largest = {letter: DECADES[-1] for letter in "dhqn"}
    return [*cases, *(case | largest for case in cases[::97])]


def memory_in_python(case: dict[str, object]) -> dict[str, object]:
    try:
        f = memory.footprint(**case)
    except ValueError as error:
        return {"message": str(error)}
    return {
        "total": f.total,
        "peak": f.peak,
        "held": f.held,
        "step": f.peak_step,
        "roles": f.by_role(),
        "live": f.live,
    }


def memory_in_javascript(answer: dict) -> dict[str, object]:
    if "message" in answer:
        return {"message": answer["message"]}
    value = answer["value"]
    at_peak = value["steps"][int(value["at"])]
    return {
        "total": value["total"],
        "peak": value["peak"],
        "held": value["held"],
        "step": at_peak["name"],
        "roles": at_peak["roles"],
        "live": [step["total"] - value["held"] for step in value["steps"]],
    }


def memory_disagreements(javascript, cases, **options) -> int:
    answers = javascript("memory.mjs", FOOTPRINT, [(TABLES, case) for case in cases], **options)
    return sum(
        memory_in_javascript(answer) != memory_in_python(case)
        for case, answer in zip(cases, answers, strict=True)
    )


@pytest.mark.slow
def test_memory_is_python_s_to_the_byte(javascript):
    cases = memory_cases()
    assert len(cases) > 2000
    assert memory_disagreements(javascript, cases) == 0


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("now <= step + kept", "now < step + kept"),
        ("step <= now", "step < now"),
        ("kept = Infinity", "kept = 0"),
        ("values.indexOf(options[name])", "0"),
        ("row.dtype ?? options.dtype", "options.dtype"),
    ],
)
def test_a_wrong_memory_formula_is_noticed(javascript, right: str, wrong: str):
    def mutate(text: str) -> str:
        assert text.count(right) == 1
        return text.replace(right, wrong)

    assert memory_disagreements(javascript, memory_cases()[::7], mutate=mutate) > 0


@pytest.mark.parametrize(("value", "wrong"), [("axes", ""), ("kept", 0)])
def test_a_change_of_one_row_is_noticed(javascript, value: str, wrong: object):
    tables = json.loads(json.dumps(TABLES))
    loss = next(r for r in tables["rows"] if (r["name"], r["axes"], r.get("kept")) == LOSS)
    loss[value] = wrong
    case = next(case for case in memory_cases() if case["mse_owns"] == "nq")
    (answer,) = javascript("memory.mjs", FOOTPRINT, [(tables, case)])
    assert memory_in_javascript(answer) != memory_in_python(case)


def test_a_question_that_is_not_asked_makes_no_difference(javascript):
    """In prediction the page hides the loss, the optimizer and what follows from it."""
    asked = {"d": 3, "h": 5, "q": 2, "n": 7, "dtype": "float32"}
    asked |= {"mode": "prediction", "activation": "relu in place"}
    (answer,) = javascript("memory.mjs", FOOTPRINT, [(TABLES, asked)])
    assert memory_in_javascript(answer) == memory_in_python(asked)


def test_equal_plans_and_rows_are_written_once():
    rows, plans = TABLES["rows"], TABLES["plans"]
    assert len({json.dumps(row) for row in rows}) == len(rows) < 100
    assert len({json.dumps(plan) for plan in plans}) == len(plans) < 150
    text = MEMORY.as_json().encode()
    assert len(text) < 24_000 and len(gzip.compress(text)) < 2_600


# --- partition -----------------------------------------------------------------------------------

PLAN = "(model, sizes, batch, cluster, grid) => plan(CHAINS[model](sizes), batch, cluster, grid)"
RECOMMEND = "(model, sizes, batch, cluster) => recommend(CHAINS[model](sizes), batch, cluster)"
FIELDS = {field.name: field for group in PARTITION.groups.values() for field in group}


def largest(name: str) -> int:
    return FIELDS[name].stops[-1]


def random_question(rng: Random, batches: tuple[int, ...]) -> tuple:
    """A model, its sizes, a minibatch and a cluster; sizes as odd as a reader may type them."""
    model = rng.choice(("mlp", "transformer"))
    share = rng.choice((0.01, 1))
    sizes = {
        name: rng.randint(1, max(2, int(share * largest(name))))
        for name in ("layers", "width", "heads", "sequence")
    }
    if rng.random() < 0.9:
        sizes["layers"] = rng.choice((2, 8, 24, 96, largest("layers")))
    cluster = {
        "devices": rng.choice((1, 2, 3, 8, 64, largest("devices"))),
        "memory": rng.choice((1e9, 16e9, 80e9, 288e9)) * rng.choice((1, rng.random())),
        "speed": rng.uniform(1e12, 3e15),
        "link": 10 ** rng.uniform(7, 12),
        "latency": rng.choice((0, 2e-5, rng.random() / 1000)),
    }
    return model, sizes, rng.choice(batches), cluster


def chain_of(model: str, sizes: dict[str, int]) -> planner.Chain:
    if model == "mlp":
        return planner.mlp_chain(sizes["layers"], sizes["width"])
    return planner.transformer_chain(
        sizes["layers"], sizes["width"], sizes["heads"], sizes["sequence"]
    )


def plan_cases() -> list[tuple]:
    rng = Random(5)
    cases = []
    for _ in range(1500):
        question = random_question(rng, (24, 512, 15 * 2**12, largest("batch")))
        grid = {
            "data": rng.choice((1, 1, 2, 3, 8, 256)),
            "tensor": rng.choice((1, 1, 2, 3, 8, 256)),
            "stages": rng.choice((1, 1, 2, 3, 8)),
            "micros": rng.choice((1, 2, 3, 8, 64)),
            "sharded": rng.random() < 0.3,
            "checkpoint": rng.random() < 0.5,
        }
        cases.append((*question, grid))
    return cases


MEASURED = (
    "states activations compute bubble wire latency memory seconds devices family how".split()
)


def plan_in_python(model, sizes, batch, cluster, grid) -> dict[str, object]:
    try:
        chain = chain_of(model, sizes)
        plan = planner.plan(chain, batch, planner.Cluster(**cluster), **grid)
    except ValueError as error:
        return {"message": re.sub(r"^\w+: ", "", str(error))}
    one_byte_a_second = replace(planner.Cluster(**cluster), link=1.0)
    sent = planner.plan(chain, batch, one_byte_a_second, **grid).wire
    idle = bubble_fraction(grid["stages"], grid["micros"])
    return {name: getattr(plan, name) for name in MEASURED} | {"sent": sent, "idle": idle}


def plan_in_javascript(answer: dict) -> dict[str, object]:
    if "message" in answer:
        return {"message": answer["message"]}
    return {name: answer["value"][name] for name in (*MEASURED, "sent", "idle")}


def plan_disagreements(javascript, cases, **options) -> int:
    answers = javascript("planner.mjs", PLAN, cases, **options)
    return sum(
        plan_in_javascript(answer) != plan_in_python(*case)
        for case, answer in zip(cases, answers, strict=True)
    )


def test_plans_are_python_s_to_the_last_bit(javascript):
    cases = plan_cases()
    weighed = sum("message" not in plan_in_python(*case) for case in cases)
    assert weighed > 300 and len(cases) - weighed > 300  # both answers and refusals
    assert plan_disagreements(javascript, cases) == 0


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("(micros + stages - 1);\n\n", "micros;\n\n"),
        ("Math.min(stages, micros)", "stages"),
        ("2 * (devices - 1) * bytes", "(devices - 1) * bytes"),
        ("OPTIMIZER = 12", "OPTIMIZER = 8"),
        (".map(BigInt).reduce((a, b) => a * b)", ".reduce((a, b) => a * b)"),
        ("(2 * micros + 1) * blocks", "(2 * micros) * blocks"),
        ("reductions: 2", "reductions: 1"),
    ],
)
def test_a_wrong_plan_is_noticed(javascript, right: str, wrong: str):
    def mutate(text: str) -> str:
        assert text.count(right) == 1
        return text.replace(right, wrong)

    assert plan_disagreements(javascript, plan_cases(), mutate=mutate) > 0


def test_the_words_for_a_plan_are_in_the_site_s_catalogue():
    """Python asks for words that only the script marks; the page says both."""
    asked: set[str] = set()

    def say(text: str) -> str:
        asked.add(text)
        return f"<{text}>"

    chain, cluster = planner.mlp_chain(8, 4), planner.Cluster(16, 1e9)
    for plan in planner.plans(chain, 8, cluster):
        said = plan.in_words(say)
        assert plan.how == plan.in_words()
    assert said.startswith("<") and "<checkpointing>" in said
    assert {"one device", "data", "sharded", "tensor", "pipeline", ", "} <= asked
    assert asked <= {text for text, _ in of_the_site()}


def advice_cases() -> list[tuple]:
    rng = Random(6)
    return [random_question(rng, (1, 12, 64, 96, 512)) for _ in range(300)]


def advice_in_python(model, sizes, batch, cluster) -> list[str]:
    try:
        chain = chain_of(model, sizes)
    except ValueError as error:
        return [re.sub(r"^\w+: ", "", str(error))]
    return list(planner.recommend(chain, batch, planner.Cluster(**cluster)).reasons)


def advice_in_javascript(answer: dict) -> list[str]:
    if "message" in answer:
        return [answer["message"]]
    return [reason["text"] for reason in answer["value"]["reasons"]]


@pytest.mark.slow
def test_advice_is_python_s_word_for_word(javascript):
    cases = advice_cases()
    answers = javascript("planner.mjs", RECOMMEND, cases)
    expected = [advice_in_python(*case) for case in cases]
    beginnings = {reasons[0].partition(" ")[0] for reasons in expected}
    assert {"Take", "Nothing", "two"} <= beginnings
    assert [advice_in_javascript(answer) for answer in answers] == expected


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("1.01 *", "1.5 *"), ("p.devices,\n", ""), ("[p.memory, p.seconds]", "[p.seconds]"),
     ("chosen[part] - other[part]", "other[part] - chosen[part]")],
)  # fmt: skip
def test_a_wrong_choice_is_noticed(javascript, right: str, wrong: str):
    def mutate(text: str) -> str:
        assert text.count(right) == 1
        return text.replace(right, wrong)

    cases = advice_cases()[:60]
    answers = javascript("planner.mjs", RECOMMEND, cases, mutate=mutate)
    assert [advice_in_javascript(a) for a in answers] != [advice_in_python(*c) for c in cases]


def test_no_count_exceeds_what_a_double_holds():
    """The largest integers that planner.mjs multiplies without BigInt, at the forms' limits."""
    layers, width, sequence = largest("layers"), largest("width"), largest("sequence")
    devices = largest("devices")
    counts = [
        24 * sequence * width**2 + 4 * sequence**2 * width,
        layers * 12 * width**2 * 16,
        2 * 2 * layers * 2 * (devices - 1) * 2 * sequence * width,
    ]
    assert max(counts) < 2**53
    side = DECADES[-1] ** 2  # the largest product of two sizes
    rows = [r for name in "PARAMETERS INPUT BACKWARD PENALTY_FORWARD".split()
            for r in getattr(memory, name)]  # fmt: skip
    assert 10 * len(rows) * side * max(memory.ITEMSIZE.values()) < 2**53
