"""The planner's formulas on cases that can be done in the head, and its choices."""

from dataclasses import replace

import pytest

from compgraph.planner import (
    Chain,
    Cluster,
    mlp_chain,
    plan,
    plans,
    recommend,
    transformer_chain,
)

# round numbers: 4 blocks of 1000 parameters, 10 bytes kept, 2 at a boundary, 100 FLOPs
CHAIN = Chain(blocks=4, parameters=1000, kept=10, boundary=2, flops=100)
CLUSTER = Cluster(devices=4, memory=1e6, speed=1.0, link=1.0, latency=0.0)


def test_one_device():
    p = plan(CHAIN, 8, CLUSTER)
    assert (p.states, p.activations) == (16 * 4000, 4 * 10 * 8)
    assert (p.compute, p.bubble, p.wire, p.latency) == (3 * 100 * 4 * 8, 0, 0, 0)


def test_micro_batches_divide_the_activations_and_checkpointing_adds_a_forward():
    p = plan(CHAIN, 8, CLUSTER, micros=4, checkpoint=True)
    assert p.activations == 2 * (4 * 2 + 10)
    assert p.compute == 4 * 100 * 4 * 8


def test_data_parallelism_sends_the_gradients():
    p = plan(CHAIN, 8, CLUSTER, data=4)
    assert p.states == 16 * 4000
    assert p.wire == 2 * 3 * (2 * 4000) / 4
    assert p.compute == 3 * 100 * 4 * 8 / 4


def test_sharding_divides_the_states_and_sends_half_as_much_again():
    p = plan(CHAIN, 8, CLUSTER, data=4, sharded=True)
    assert p.states == 16 * 4000 / 4 + 2 * 1000
    assert p.wire == 1.5 * plan(CHAIN, 8, CLUSTER, data=4).wire


def test_tensor_parallelism_sends_activations():
    p = plan(CHAIN, 8, CLUSTER, tensor=2)
    assert (p.states, p.activations) == (16 * 2000, 4 * 10 * 8 / 2)
    assert p.wire == 2 * 4 * (2 * 1 * 2) / 2 * 8  # forward and backward, 4 blocks, 8 examples


def test_a_pipeline_waits_and_keeps_what_is_in_flight():
    p = plan(CHAIN, 8, CLUSTER, stages=4, micros=8)
    assert (p.states, p.activations) == (16 * 1000, 10 * 1 * 4)
    assert p.wire == 2 * 2 * 8
    assert p.bubble == pytest.approx(p.compute * 3 / 8)


@pytest.mark.parametrize("settings, message", [
    ({"micros": 3}, "8 examples do not divide over 1 data ranks × 3 micro-batches"),
    ({"stages": 3}, "4 blocks do not divide over 3 stages"),
    ({"sharded": True}, "needs several data ranks"),
    ({"data": 0}, "data: a shape is a tuple of positive integers"),
])  # fmt: skip
def test_what_does_not_divide_is_said(settings, message):
    with pytest.raises(ValueError, match=message):
        plan(CHAIN, 8, CLUSTER, **settings)


# --- choices -------------------------------------------------------------------------------------

BIG = mlp_chain(32, 8192)  # 2.1 billion parameters: 34 GB of states


def test_what_is_small_stays_on_one_device():
    assert recommend(mlp_chain(8, 1024), 256, Cluster(8, 16e9)).plan.devices == 1


def test_what_does_not_fit_is_cut_and_a_smaller_batch_is_not_offered():
    advice = recommend(BIG, 512, Cluster(8, 16e9))
    assert advice.plan.family == "pipeline"
    assert any("one device" in line and "most of it states" in line for line in advice.reasons)


def test_a_slow_link_on_large_memory_ends_in_accumulation():
    cluster = Cluster(8, 40e9, link=1e6)
    chosen = recommend(BIG, 65536, cluster).plan
    assert (chosen.devices, chosen.micros > 1 or chosen.checkpoint) == (1, True)


def test_a_fast_link_makes_data_parallelism_worth_it():
    cluster = Cluster(8, 80e9, link=1e12, latency=0)
    assert recommend(mlp_chain(32, 4096), 2**16, cluster).plan.family == "data"


def test_nothing_fits_is_an_answer():
    advice = recommend(BIG, 512, Cluster(2, 1e9))
    assert advice.plan is None
    assert str(advice).startswith("Nothing fits: even")


@pytest.mark.parametrize("memory", [8e9, 16e9, 40e9, 80e9])
def test_the_choice_fits_and_nothing_that_fits_is_faster_by_more_than_a_hundredth(memory):
    cluster = Cluster(8, memory)
    chosen = recommend(BIG, 512, cluster).plan
    assert chosen.memory <= memory
    fitting = [p for p in plans(BIG, 512, cluster) if p.memory <= memory]
    assert chosen.seconds <= 1.02 * min(p.seconds for p in fitting)


def test_more_memory_is_never_slower():
    times = [recommend(BIG, 512, Cluster(8, m)).plan.seconds for m in (8e9, 16e9, 40e9, 80e9)]
    assert times == sorted(times, reverse=True)


def test_a_faster_link_is_never_slower():
    slow = Cluster(8, 16e9)
    times = [
        recommend(BIG, 512, replace(slow, link=link)).plan.seconds for link in (1e9, 1e10, 1e12)
    ]
    assert times == sorted(times, reverse=True)


def test_chains():
    with pytest.raises(ValueError, match="even number, got 3"):
        mlp_chain(3, 8)
    gpt3 = transformer_chain(96, 12288, 96, 2048)
    assert gpt3.blocks * gpt3.parameters == pytest.approx(174e9, rel=0.01)
