"""Pipeline schedules against the closed forms of their papers."""

from itertools import product

import pytest

from compgraph.questions import pipeline

CASES = list(product((1, 2, 3, 4, 8), (1, 2, 4, 7, 32)))


@pytest.mark.parametrize("name", pipeline.SCHEDULES)
@pytest.mark.parametrize("stages, micros", CASES)
def test_the_simulated_bubble_is_the_formula(name, stages, micros):
    timeline = pipeline.simulate(pipeline.SCHEDULES[name](stages, micros))
    assert timeline.makespan == 3 * (micros + stages - 1)
    assert timeline.bubble == pytest.approx(pipeline.bubble_fraction(stages, micros), abs=1e-12)


@pytest.mark.parametrize("stages, micros", CASES)
def test_1f1b_keeps_fewer_micro_batches(stages, micros):
    kept = [pipeline.max_in_flight(order) for order in pipeline.gpipe(stages, micros)]
    assert kept == [micros] * stages
    kept = [pipeline.max_in_flight(order) for order in pipeline.one_f_one_b(stages, micros)]
    assert kept == [min(stages - k, micros) for k in range(stages)]


def test_a_backward_frees_one_micro_batch():
    order = (("F", 0), ("B", 0), ("F", 1), ("F", 2), ("B", 1), ("B", 2))
    assert pipeline.max_in_flight(order) == 2


@pytest.mark.parametrize("make", list(pipeline.SCHEDULES.values()))
@pytest.mark.parametrize("stages, micros", CASES)
def test_every_stage_runs_everything_once_and_forward_first(make, stages, micros):
    for order in make(stages, micros):
        assert len(order) == len(set(order)) == 2 * micros
        assert all(order.index(("F", m)) < order.index(("B", m)) for m in range(micros))


def test_a_slow_link_lengthens_the_ramp():
    # 2 stages, 1 micro-batch: F, link, F, B, link, B
    assert pipeline.simulate(pipeline.gpipe(2, 1), 1, 2, link=10).makespan == 26


def test_events_of_a_stage_do_not_overlap():
    timeline = pipeline.simulate(pipeline.one_f_one_b(4, 6), 1, 2, link=0.5)
    assert [e.stage for e in timeline.events] == sorted(e.stage for e in timeline.events)
    for stage in range(4):
        mine = [e for e in timeline.events if e.stage == stage]
        assert all(a.end <= b.start for a, b in zip(mine, mine[1:], strict=False))


def test_a_schedule_in_which_stages_wait_for_one_another_is_named():
    orders = ((("B", 0), ("F", 0)), (("F", 0), ("B", 0)))
    with pytest.raises(ValueError, match="never ends; waiting: stage 0 for B0, stage 1 for F0"):
        pipeline.simulate(orders)


@pytest.mark.parametrize("stages, micros", [(0, 1), (1, 0), (2.5, 1)])
def test_bad_sizes(stages, micros):
    with pytest.raises(ValueError, match="expected a positive integer"):
        pipeline.gpipe(stages, micros)


def test_the_picture_has_a_box_per_action():
    svg = pipeline.simulate(pipeline.gpipe(3, 4))._repr_svg_()
    assert svg.count("<rect") == 3 * 4 * 2
    assert "33.3% idle" in svg
