"""Each number on the page about the first answer is computed again, and no other stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from book import ROOT
from book.translate import markdown
from book.translate.catalogues import translations
from book.translate.languages import LANGUAGES
from compgraph import grad, hvp, leaf, topological
from compgraph.questions import cost, mlp, pipeline, planner
from compgraph.questions.memory import END, footprint
from measure import mse_owns, section
from parallel import Problem

SIZES = {"d": 50, "h": 100, "q": 10, "n": 20}
D, H, Q, N = SIZES.values()
ITEM = 4


def listed(d, h, q, n):
    """The numbers in the answer's list: W1, W2, H, O and the gradients of the last two."""
    return h * d + q * h + 2 * n * h + 2 * n * q


def readings() -> int:
    """How many sizes give the list's total: q to 100, h and n to 1000, any whole d."""
    h, n = np.ogrid[1:1001, 1:1001]
    fits = 0
    for q in range(1, 101):
        left = listed(**SIZES) - listed(0, h, q, n)
        fits += np.count_nonzero((left > 0) & (left % h == 0))
    return fits


def alive_at_the_peak() -> dict[str, int]:
    """What training holds at its worst moment beyond parameters and data."""
    plan = footprint(**SIZES, mse_owns=mse_owns())
    names = [row.name for row in plan.rows]
    last = {name: i for i, name in enumerate(names)} | {END: len(names) - 1}
    at = plan.live.index(plan.peak)
    return {
        row.name: plan.bytes_of(row)
        for i, row in enumerate(plan.rows)
        if i <= at <= last[row.until]
    }


def memory() -> dict[str, int]:
    W1, W2, hidden, output = H * D, Q * H, N * H, N * Q
    training, counter = section.count(**SIZES, optimizer="sgd")
    penalised, with_penalty = section.count(**SIZES, optimizer="sgd", l2="graph")
    predicting, forward = section.count(**SIZES, mode="prediction")
    return {
        "parameters": ITEM * (W1 + W2),
        "H and O": ITEM * (hidden + output),
        "Z": ITEM * hidden,
        "X and Y": ITEM * (N * D + N * Q),
        "the list": ITEM * listed(**SIZES),
        "numbers in the list": listed(**SIZES),
        "readings": readings(),
        "number of parameters": H * D + H + Q * H,
        "prediction": predicting + forward.peak,
        "training": training + counter.peak,
        "peak beyond": counter.peak,
        "with the penalty": with_penalty.peak,
        "in all": penalised + with_penalty.peak,
        **alive_at_the_peak(),
    }


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


def percent(share: float) -> str:
    return f"{100 * share:.0f}"


def devices() -> dict[str, str]:
    cluster = planner.Cluster(devices=8, memory=16e9, speed=1e14, link=1e10)
    large = planner.recommend(planner.mlp_chain(layers=32, width=8192), batch=512, cluster=cluster)
    said = " ".join(large.reasons)
    pipelined = re.search(r"Take pipeline.*?([\d.]+) ms", said)
    return {
        "unequal shards": percent(plain_average()),
        "bubble on 4": percent(pipeline.bubble_fraction(4, 8)),
        "bubble on 2": percent(pipeline.bubble_fraction(2, 8)),
        "bubble on 8": percent(pipeline.bubble_fraction(8, 8)),
        "pipeline, ms": f"{float(pipelined[1]):.0f}",
        "sharded, ms": re.search(r"Not sharded on[^:]*: (\d+) ms", said)[1],
        "link, GB/s": f"{cluster.link / 1e9:.0f}",
        "float16 ends at": f"{torch.finfo(torch.float16).max:,.0f}",
    }


def computed() -> dict[str, str]:
    """What the page says, by code."""
    found = {what: f"{number:,}" for what, number in (memory() | nodes()).items()}
    return found | devices() | {"Hessian, GB": f"{203_264**2 * ITEM / 1e9:.0f}"}


# What the page sets down and nobody computes: sizes, bytes of a number, the network of chapter 4,
# the bounds of the search, minibatch, shards and grids, chapters and questions.
GIVEN = {
    *(str(size) for size in SIZES.values()), "100", "1000", "2,000", "203,264", "5,000",
    *"1 2 3 4 5 8 16 32 64".split(),
}  # fmt: skip
NO_PROSE = re.compile(
    r"^---.*?^---$|^#+ .*?$|\(starting-point-\d\)=|\{[\w-]+\}`[^`]*`|`[^`]*`|\]\([^)]*\)"
    r"|Of its \d+ claims.*?wrong|它的 \d+ 条说法.*?错"
    r"|\[[^\]]*\]\{[^}]*\}( — \*.*?\*$)?|\\t?frac\d\d|\\mathbf\{\w\}(_\d)?",
    re.MULTILINE | re.DOTALL,
)
NUMBER = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?![\d\w])")


def numbers(text: str) -> set[str]:
    """The numbers in a page's sentences, without its counts of verdicts."""
    return set(NUMBER.findall(NO_PROSE.sub(" ", text)))


def page(code: str) -> str:
    """The page in an edition; what is not translated is English there."""
    text = (ROOT / "pages" / "starting_point.md").read_text("utf-8")
    if code not in LANGUAGES:
        return text
    said = translations("pages/starting_point", LANGUAGES[code])
    return markdown.translated(text, lambda sentence: said.get(sentence) or sentence)


@pytest.mark.parametrize("code", ["en", *LANGUAGES])
def test_the_numbers_of_the_page_are_those_that_are_computed(code):
    expected, found = computed(), numbers(page(code))
    assert {what: number for what, number in expected.items() if number not in found} == {}
    assert found - set(expected.values()) - GIVEN == set()


def test_a_number_that_nobody_computes_is_noticed():
    assert numbers("It takes 12,345 bytes, {eq}`eq-03-base`, of [41.6 KB]{.language-zh-CN}.") == {
        "12,345"
    }


def sentences_without_numbers() -> Iterator[tuple[str, bool]]:
    """What the page says in words of what can be run."""
    many = {**SIZES, "n": 2000, "optimizer": "sgd"}
    fused = {"optimizer": "sgd", "l2": "weight_decay", "variant": "fused"}
    peak = {n: section.count(**SIZES | {"n": n}, optimizer="sgd")[1].peak for n in (N, 2000)}
    yield (
        "64 bits double it",
        (footprint(**SIZES, dtype="float64").total == 2 * footprint(**SIZES).total),
    )
    yield "many examples hide the penalty", section.count(**many, l2="graph")[1].peak <= peak[2000]
    for n, plain in peak.items():
        yield f"fused, n = {n}", section.count(**SIZES | {"n": n}, **fused)[1].peak == plain
    yield "five things are alive", len(alive_at_the_peak()) == 5
    yield "none of H, O and their gradients", not alive_at_the_peak().keys() & {
        "H", "O", "∂J/∂O", "∂J/∂H"
    }  # fmt: skip
    yield (
        "prediction's peak is Z beside H",
        (section.count(**SIZES, mode="prediction")[1].peak == 2 * ITEM * N * H),
    )
    cluster = planner.Cluster(devices=8, memory=16e9, speed=1e14, link=1e10)
    small = planner.recommend(planner.mlp_chain(layers=8, width=1024), batch=256, cluster=cluster)
    yield "one device for a small model", small.reasons[0].startswith("Take one device")
    yield "overflow", bool(torch.full((16,), 5000.0, dtype=torch.float16).sum().isinf())
    halves = (torch.full((16,), 5000.0, dtype=torch.float16) / 16).sum()
    yield "no overflow if divided first", halves.item() == 5000
    weights = torch.ones(3, requires_grad=True)
    weights.square().sum().backward()
    yield "backward changes no parameter", bool((weights == 1).all())


def test_what_it_says_in_words_holds():
    assert [what for what, holds in sentences_without_numbers() if not holds] == []


TALLY = {
    "en": (
        ("Right(?! in part)", "Right in part", "Wrong"),
        "Of its {} claims, {} are right, {} are right in part, and {} are wrong",
    ),
    "zh_CN": (("对", "部分对", "错"), "它的 {} 条说法里，{} 条对，{} 条部分对，{} 条错"),
}


@pytest.mark.parametrize("code", ["en", pytest.param("zh_CN", marks=pytest.mark.release)])
def test_the_verdicts_are_counted(code):
    text, (verdicts, tally) = page(code), TALLY[code]
    counts = [len(re.findall(rf"(?m)^\*\*{verdict}", text)) for verdict in verdicts]
    claims = len(re.findall(r"\]\{\.language-zh-CN\}", text))
    assert sum(counts) == claims
    assert tally.format(claims, *counts) in " ".join(text.split())
