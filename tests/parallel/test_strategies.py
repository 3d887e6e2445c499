"""Every way of sharing the work gives one process's gradient, and sends what was foretold."""

import numpy as np
import pytest

from compgraph import evaluate
from compgraph.questions import formulas, mlp, partition, pipeline
from parallel import Problem, WorkerError, by_graph, by_hand, by_torch, error, launch

SECTION = Problem()  # (d, h, q) = (5, 4, 3), n = 8
D, H, Q, N = *SECTION.sizes, SECTION.n
DEEP = Problem(sizes=(5, 8, 7, 6, 3), n=8)
WIDE = Problem(sizes=(64, 48, 32), n=96)  # where headers are small beside the payload
SMALL = 1e-12
GENEROUS = 120  # seconds: two busy cores may be slow, and no test waits for this to run out


def run(worker, size, problem, *args):
    reports = launch(worker, size, problem, *args, timeout=GENEROUS)
    assert error(problem, reports) < SMALL
    return reports


def total(reports, line=0):
    return sum(report.sent[line] for report in reports)


def parameters(problem):
    return sum(p.nbytes for p in problem.model().parameters())


# --- by hand -------------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", pipeline.SCHEDULES)
@pytest.mark.parametrize(
    "problem, stages, micros", [(SECTION, 2, 1), (SECTION, 2, 4), (DEEP, 4, 8)]
)
def test_pipeline(problem, stages, micros, schedule):
    reports = run(by_hand.pipeline, stages, problem, schedule, micros)
    linear = len(problem.sizes) - 1
    cuts = [problem.sizes[k * linear // stages] for k in range(1, stages)]
    assert total(reports) == sum(2 * problem.n * width * 8 for width in cuts)
    assert sum(r.parameters for r in reports) == parameters(problem)


def test_micro_batches_of_different_sizes():
    run(by_hand.pipeline, 2, SECTION, "1F1B", 3)


def test_1f1b_holds_less_than_gpipe():
    deep = Problem(sizes=(32, 32, 32, 32, 32), n=64)
    gpipe, alternating = (
        run(by_hand.pipeline, 4, deep, schedule, 16) for schedule in ("GPipe", "1F1B")
    )
    assert all(a.peak < g.peak for a, g in zip(alternating, gpipe, strict=True))


@pytest.mark.parametrize("size", [2, 3])
def test_tensor(size):
    reports = run(by_hand.tensor, size, SECTION)
    assert total(reports) == formulas.all_reduce(N * Q * 8, size)
    assert sum(r.parameters for r in reports) == parameters(SECTION)


@pytest.mark.parametrize("size", [2, 3])  # 8 examples over 3 workers: shards of 3, 3 and 2
def test_data(size):
    reports = run(by_hand.data, size, SECTION)
    assert total(reports) == formulas.all_reduce(parameters(SECTION), size)
    assert [r.parameters for r in reports] == [parameters(SECTION)] * size


@pytest.mark.parametrize("size", [2, 3])
def test_sharded(size):
    reports = run(by_hand.sharded, size, DEEP)
    assert total(reports) == 3 * formulas.all_gather(parameters(DEEP), size)
    assert sum(r.parameters for r in reports) == parameters(DEEP)
    assert sum(r.gradients for r in reports) == parameters(DEEP)


def test_data_tensor():
    reports = run(by_hand.data_tensor, 4, SECTION)
    halves = (N // 2) * Q * 8  # each row of the grid reduces the outputs of its own examples
    assert total(reports, 0) == 2 * formulas.all_reduce(halves, 2)
    assert total(reports, 1) == formulas.all_reduce(parameters(SECTION), 2)


def test_data_pipeline():
    reports = run(by_hand.data_pipeline, 4, SECTION)
    assert total(reports, 0) == 2 * N * H * 8
    assert total(reports, 1) == formulas.all_reduce(parameters(SECTION), 2)


def test_two_stages_line_by_line():
    x, y = SECTION.data()
    w1, b1, w2 = (p.detach() for p in SECTION.model().parameters())
    answers = launch(by_hand.two_stages, 2, x, y, w1, b1, w2, timeout=GENEROUS)
    assert [sent for _, sent in answers] == [N * H * 8] * 2
    expected = Problem(weight_decay=0.0).gradient()
    found = answers[0][0] | answers[1][0]
    for name, key in {"W1": "0.weight", "b1": "0.bias", "W2": "2.weight"}.items():
        assert np.abs(found[name].numpy() - expected[key]).max() < SMALL


# --- by torch ------------------------------------------------------------------------------------


def close(reports, payload):
    """The kernel saw the payload leave, and headers."""
    seen = [report.kernel for report in reports]
    if None not in seen:  # elsewhere than on Linux nobody counts
        assert payload < sum(seen) < 1.1 * payload


@pytest.mark.parametrize("size", [2, 3])
def test_torch_data(size):
    reports = run(by_torch.data, size, WIDE)
    close(reports, formulas.all_reduce(parameters(WIDE), size))


def test_torch_shards_of_different_sizes():
    run(by_torch.data, 3, SECTION)


def test_torch_sharded():
    reports = run(by_torch.sharded, 2, WIDE)
    held = parameters(WIDE)
    # two gathers and, in gloo, an all-reduce where a reduce-scatter would do
    close(reports, 2 * formulas.all_gather(held, 2) + formulas.all_reduce(held, 2))
    assert [r.parameters for r in reports] == [held / 2] * 2
    assert [r.gradients for r in reports] == [held / 2] * 2


def test_torch_tensor():
    reports = run(by_torch.tensor, 2, WIDE)
    close(reports, formulas.all_reduce(96 * 32 * 8, 2))
    assert sum(r.parameters for r in reports) == parameters(WIDE)


@pytest.mark.parametrize("schedule", by_torch.SCHEDULES)
def test_torch_pipeline(schedule):
    reports = run(by_torch.pipeline, 2, WIDE, schedule, 4)
    close(reports, 2 * 96 * 48 * 8)
    assert sum(r.parameters for r in reports) == parameters(WIDE)


def test_torch_pipeline_of_four_stages():
    run(by_torch.pipeline, 4, DEEP, "1F1B", 4)


@pytest.mark.parametrize(
    "name, size, n, options, examples",
    [
        ("pipeline", 2, 13, ("GPipe", 4), "13 examples"),
        ("pipeline", 2, 13, ("1F1B", 4), "13 examples"),
        ("pipeline", 2, 3, ("GPipe", 4), "3 examples"),
        ("data_pipeline", 4, 6, (2, "GPipe", 2), "shards of 3 examples"),
        ("data_pipeline", 4, 9, (), "shards of 4 and 5 examples"),  # one divides, one does not
    ],
)
def test_torch_refuses_unequal_micro_batches_before_it_starts(name, size, n, options, examples):
    problem = Problem(n=n)
    with pytest.raises(WorkerError) as raised:
        launch(getattr(by_torch, name), size, problem, *options, timeout=GENEROUS)
    message = str(raised.value)
    assert (
        f"ValueError: torch's schedules expect micro-batches of one size, and {examples}" in message
    )
    assert f"by_hand.{name} takes micro-batches of any size" in message
    # every worker says so, and none has to wait for its time-out
    assert raised.value.details.count("ValueError: torch's schedules") == size
    run(getattr(by_hand, name), size, problem, *options)


@pytest.mark.parametrize("by", [by_hand, by_torch])
@pytest.mark.parametrize("name, options", [("pipeline", ()), ("data_pipeline", (2,))])
@pytest.mark.parametrize(
    "schedule, micros, sentence",
    [
        ("gpipe", 2, "ValueError: no schedule 'gpipe'; there are GPipe, 1F1B"),
        ("GPipe", 0, "ValueError: a pipeline runs 1 or more micro-batches, got 0"),
    ],
)
def test_a_pipeline_that_cannot_be(by, name, options, schedule, micros, sentence):
    with pytest.raises(WorkerError, match=sentence):
        launch(getattr(by, name), 2, SECTION, *options, schedule, micros, timeout=GENEROUS)


@pytest.mark.parametrize("worker", [by_torch.data_tensor, by_torch.data_pipeline])
def test_torch_hybrids(worker):
    run(worker, 4, SECTION)


# --- the graph -----------------------------------------------------------------------------------


def compare(outputs, placement, feeds, expected, devices):
    shares = launch(by_graph.run, devices, outputs, placement, feeds, timeout=GENEROUS)
    found = {node: value for share in shares for node, value in share.values.items()}
    assert max(np.abs(found[node] - expected[node]).max() for node in outputs) < SMALL
    sent = {(k, to): count for k, share in enumerate(shares) for to, count in share.sent.items()}
    assert sent == partition.wire_bytes(partition.transfers(outputs, placement))
    peaks = {k: share.peak for k, share in enumerate(shares)}
    assert peaks == partition.peak_bytes(outputs, placement)


def values_of(outputs, feeds):
    return dict(zip(outputs, evaluate(outputs, feeds), strict=True))


@pytest.mark.parametrize("loss", ["squared", "cross_entropy"])
def test_the_graph_cut_into_a_pipeline(loss):
    model = mlp.build(n=N, d=D, h=H, q=Q, layout="row", loss=loss)
    sweep = model.backward()
    outputs = [model["J"], *(sweep.adjoint[w] for w in model.weights)]
    on = {"X": 0, "W1": 0, "b1": 0, "W2": 1, "Y": 1}
    placement = partition.place(outputs, {model[k]: v for k, v in on.items()}, sweep)
    feeds = model.feeds()
    compare(outputs, placement, feeds, values_of(outputs, feeds), 2)


def random_feeds(split):
    rng = np.random.default_rng(0)
    return {node: rng.standard_normal(node.shape) for node in split.leaves_on}


def test_the_graph_written_for_tensor_parallelism():
    split = partition.split_tensor(n=N, d=D, h=H, q=Q, devices=2)
    sweep = split.backward()
    outputs = [sweep.adjoint[split[name]] for name in split.parameters]
    feeds = random_feeds(split)
    placement = partition.place(outputs, split.leaves_on, sweep)
    compare(outputs, placement, feeds, values_of(outputs, feeds), 2)


def test_the_graph_written_for_data_parallelism():
    split = partition.split_data(shards=(3, 3, 2), d=D, h=H, q=Q)
    sweep = split.backward()
    nodes, on = partition.all_reduced(split, sweep, rate=0.1)
    outputs = list(nodes.values())
    feeds = random_feeds(split)
    placement = partition.place(outputs, split.leaves_on | on, sweep)
    compare(outputs, placement, feeds, values_of(outputs, feeds), 3)


# --- a wrong gradient does not pass --------------------------------------------------------------


def forgets_to_add_up(problem):
    """Data parallelism whose workers keep their gradients to themselves."""
    kept, by_hand._add_up = by_hand._add_up, lambda pieces, line: None
    try:
        return by_hand.data(problem)
    finally:
        by_hand._add_up = kept


def test_a_missing_all_reduce_is_seen():
    assert error(SECTION, launch(forgets_to_add_up, 2, SECTION, timeout=GENEROUS)) > 0.01


def test_a_missing_piece_is_seen():
    reports = launch(by_hand.tensor, 2, SECTION, timeout=GENEROUS)
    with pytest.raises(ValueError, match="no worker has all of the gradient of 0.weight, 0.bias"):
        error(SECTION, reports[:1])
