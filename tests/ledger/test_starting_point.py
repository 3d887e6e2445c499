"""Each number on the page about the first answer is computed again, and stands in both editions."""

from __future__ import annotations

import re

import pytest
import torch

from book import ROOT
from book.translate.catalogues import translations
from book.translate.languages import LANGUAGES
from compgraph import grad, hvp, leaf, topological
from compgraph.questions import cost, mlp, pipeline, planner
from compgraph.questions.memory import footprint
from measure import section
from parallel import Problem

SIZES = {"d": 50, "h": 100, "q": 10, "n": 20}
D, H, Q, N = SIZES.values()
ITEM = 4


def memory() -> dict[str, int]:
    W1, W2, hidden, output = H * D, Q * H, N * H, N * Q
    found = {
        "parameters": ITEM * (W1 + W2),
        "H and O": ITEM * (hidden + output),
        "X and Y": ITEM * (N * D + N * Q),
        "the list": ITEM * (W1 + W2 + 2 * hidden + 2 * output),
        "numbers in the list": W1 + W2 + 2 * hidden + 2 * output,
        "number of parameters": H * D + H + Q * H,
        "prediction": footprint(**SIZES, mode="prediction").total,
        "training": footprint(**SIZES).total,
        "peak beyond": footprint(**SIZES).peak,
    }
    held, counter = section.count(**SIZES, optimizer="sgd", l2="graph")
    found |= {"with the penalty": counter.peak, "in all": held + counter.peak}
    many = SIZES | {"n": 2000}
    plain = footprint(**many, optimizer="sgd").peak
    assert footprint(**many, optimizer="sgd", l2="graph").peak <= plain
    fused = footprint(**SIZES, optimizer="sgd", l2="weight_decay", variant="fused")
    assert fused.peak == found["peak beyond"]
    return found


def nodes() -> dict[str, int]:
    model = mlp.build(**SIZES, layout="row", weight_decay=0.1)
    wrt = [model[name] for name in ("W1", "b1", "W2")]
    directions = [leaf(f"v{i}", w.shape) for i, w in enumerate(wrt)]
    first = [model["J"], *grad(model["J"], wrt)]
    both = [*first, *hvp(model["J"], wrt, directions)]

    def computed(outputs):
        return sum(bool(node.args) and cost.nbytes(node) > 0 for node in topological(outputs))

    return {"gradient": computed(first), "product": computed(both)}


def plain_average() -> float:
    """How far the plain mean of unequal shards is from the gradient."""
    problem = Problem(sizes=(5, 4, 3), n=8, weight_decay=0)
    X, Y = problem.data()
    net = problem.model()

    def gradient(rows):
        net.zero_grad()
        (0.5 * (net(X[rows]) - Y[rows]).square().sum() / len(rows)).backward()
        return torch.cat([p.grad.ravel() for p in net.parameters()])

    whole = gradient(range(8))
    shards = [gradient(rows) for rows in (range(3), range(3, 6), range(6, 8))]
    return float((sum(shards) / 3 - whole).norm() / whole.norm())


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    english = (ROOT / "pages" / "starting_point.md").read_text("utf-8")
    texts = {"en": english}
    for language in LANGUAGES.values():
        texts[language.code] = "\n".join(translations("pages/starting_point", language).values())
    return {code: re.sub(r"\s+", " ", text) for code, text in texts.items()}


def test_numbers_of_memory_and_of_nodes(pages):
    for text in pages.values():
        for what, number in memory().items():
            assert f"{number:,}" in text, what
        assert re.search(rf"\b{nodes()['gradient']}\b.*\b{nodes()['product']}\b", text)
        assert f"{203_264**2 * 4 / 1e9:.0f} GB" in text


def test_numbers_of_devices(pages):
    bubbles = [f"{100 * pipeline.bubble_fraction(k, 8):.0f} %" for k in (4, 2, 8)]
    assert bubbles == ["27 %", "11 %", "47 %"]
    cluster = planner.Cluster(devices=8, memory=16e9, speed=1e14, link=1e10)
    large = planner.recommend(planner.mlp_chain(layers=32, width=8192), batch=512, cluster=cluster)
    small = planner.recommend(planner.mlp_chain(layers=8, width=1024), batch=256, cluster=cluster)
    assert "one device" in small.reasons[0]
    said = " ".join(large.reasons)
    for text in pages.values():
        for number in (*bubbles, f"{100 * plain_average():.0f} %", "17 ms", "987 ms"):
            assert number in text, number
    assert "987 ms" in said and "17" in said
    assert torch.full((16,), 5000.0, dtype=torch.float16).sum().isinf()


def test_the_verdicts_are_counted(pages):
    text = pages["en"]
    right, in_part, wrong = (
        len(re.findall(rf"\*\*{verdict}[.,*]", text))
        for verdict in ("Right", "Right in part", "Wrong")
    )
    right += text.count("**Right, as a sum.**") - text.count("**Right, as")
    claims = text.count("{.language-zh-CN} —")
    assert f"Of its {claims} claims, {right} are right, {in_part} are right in part" in text
    assert f"and {wrong} are wrong" in text
    assert right + in_part + wrong == claims
