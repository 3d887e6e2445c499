"""The planner's formulas on cases that can be done in the head, and its choices."""

from dataclasses import replace

import pytest

from compgraph.questions.planner import (
    Chain,
    Cluster,
    _why_not,
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


def test_sharding_gathers_a_block_of_the_rank_s_own_weights():
    p = plan(CHAIN, 8, CLUSTER, data=2, tensor=2, sharded=True)
    assert p.states == 16 * 2000 / 2 + 2 * 1000 / 2


def test_checkpointing_keeps_inputs_for_what_is_in_flight_and_one_block_split_over_the_ranks():
    p = plan(CHAIN, 8, CLUSTER, tensor=2, stages=2, micros=4, checkpoint=True)
    assert p.activations == 2 * (2 * 2 * 2 + 10 / 2)


@pytest.mark.parametrize("settings, message", [
    ({"micros": 3}, "8 examples do not divide over 1 data ranks × 3 micro-batches"),
    ({"stages": 3}, "4 blocks do not divide over 3 stages"),
    ({"sharded": True}, "needs several data ranks"),
    ({"sharded": True, "data": 2, "stages": 2}, "needs several data ranks and no pipeline"),
    ({"data": 0}, "data: expected a positive integer, got 0"),
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
    least = min(plans(BIG, 512, Cluster(2, 1e9)), key=lambda p: p.memory)
    assert str(advice).startswith(f"Nothing fits: even {least.how} needs")


def test_what_fits_to_the_byte_fits():
    """One device with two micro-batches and two devices with one need the same memory."""
    exact = plan(CHAIN, 8, CLUSTER, micros=2).memory
    assert exact == plan(CHAIN, 8, CLUSTER, data=2).memory
    advice = recommend(CHAIN, 8, Cluster(2, exact, speed=1.0, link=1e-6, latency=0.0))
    assert (advice.plan.devices, advice.plan.micros) == (1, 2)
    (data,) = (line for line in advice.reasons if line.startswith("Not data on 2 devices:"))
    assert data.endswith("times as long, by the wire.")


def test_fewer_devices_are_simpler_then_fewer_axes_then_fewer_switches_then_fewer_micros():
    def simplicity(**settings):
        return plan(CHAIN, 8, CLUSTER, **settings)._simplicity

    assert simplicity(data=2, micros=4) < simplicity(data=4)
    assert simplicity(data=4, micros=2) < simplicity(data=2, tensor=2)
    assert simplicity(micros=4) < simplicity(micros=2, checkpoint=True)
    assert simplicity(micros=2) < simplicity(micros=4)


@pytest.mark.parametrize("part, words", [
    ("compute", "compute"), ("bubble", "the bubble"), ("wire", "the wire"), ("latency", "latency"),
])  # fmt: skip
def test_the_reason_is_what_a_plan_has_more_of(part, words):
    chosen = replace(plan(CHAIN, 8, CLUSTER), compute=10, bubble=10, wire=10, latency=10)
    other = replace(chosen, **{part: 15})
    assert _why_not(other, chosen, CLUSTER).endswith(f"1.12 times as long, by {words}.")


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


def test_a_device_is_an_accelerator_on_a_good_network_unless_told_otherwise():
    assert Cluster(8, 1e9) == Cluster(8, 1e9, speed=1e14, link=1e10, latency=2e-5)


def test_chains():
    with pytest.raises(ValueError, match="even number, got 3"):
        mlp_chain(3, 8)
    gpt3 = transformer_chain(96, 12288, 96, 2048)
    assert gpt3.blocks * gpt3.parameters == pytest.approx(174e9, rel=0.01)


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings, family, how", [
    ({}, "one device", "one device"),
    ({"micros": 2, "checkpoint": True}, "one device",
     "one device, 2 micro-batches, checkpointing"),
    ({"data": 2}, "data", "data on 2 devices"),
    ({"data": 2, "sharded": True}, "sharded", "sharded on 2 devices"),
    ({"tensor": 2}, "tensor", "tensor on 2 devices"),
    ({"stages": 2, "micros": 4}, "pipeline", "pipeline on 2 devices, 4 micro-batches"),
    ({"data": 2, "tensor": 2}, "data × tensor", "data × tensor on 4 devices (2 × 2)"),
    ({"data": 2, "tensor": 4, "stages": 2}, "data × tensor × pipeline",
     "data × tensor × pipeline on 16 devices (2 × 4 × 2)"),
])  # fmt: skip
def test_a_plan_in_words(settings, family, how):
    each = plan(CHAIN, 8, CLUSTER, **settings)
    assert (each.family, each.how) == (family, how)


def test_latency_counts_steps_and_messages():
    slow = replace(CLUSTER, latency=1.0)
    assert plan(CHAIN, 8, slow).latency == 3 * 4
    assert plan(CHAIN, 8, slow, checkpoint=True).latency == 4 * 4
    assert plan(CHAIN, 8, slow, data=4).latency == 3 * 4 + 2 * 3
    assert plan(CHAIN, 8, slow, tensor=3, micros=2).latency == 3 * 4 * 2 + 2 * 4 * 2 * 2 * 2
    assert plan(CHAIN, 8, slow, stages=2, micros=4).latency == 3 * 2 * 5 + 2 * 5
    assert plan(CHAIN, 8, slow, data=4, sharded=True, micros=2).latency == 3 * 4 * 2 + 5 * 4 * 3


def test_sharding_gathers_for_every_micro_batch():
    p = plan(CHAIN, 8, CLUSTER, data=4, sharded=True, micros=2)
    assert p.wire == (2 * 2 * 2 + 2) * 4000 * 3 / 4


def test_two_reductions_a_block_send_twice_as_much():
    twice = replace(CHAIN, reductions=2)
    assert plan(twice, 8, CLUSTER, tensor=4).wire == 2 * plan(CHAIN, 8, CLUSTER, tensor=4).wire


def test_seconds_are_the_sum_of_the_parts():
    p = plan(CHAIN, 8, replace(CLUSTER, latency=1.0), data=2, stages=2, micros=2)
    assert p.seconds == p.compute + p.bubble + p.wire + p.latency
    assert p.memory == p.states + p.activations


def test_a_simple_plan_is_preferred_to_one_that_is_hardly_faster():
    # a link and a latency so good that two devices are twice as fast, and four four times
    free = Cluster(4, 1e12, speed=1e14, link=1e18, latency=0.0)
    chosen = recommend(mlp_chain(8, 1024), 4096, free).plan
    assert (chosen.family, chosen.devices, chosen.micros) == ("data", 4, 1)
    assert not chosen.sharded and not chosen.checkpoint


def test_the_reasons_word_for_word():
    assert str(recommend(BIG, 512, Cluster(8, 16e9, speed=1e14, link=1e10, latency=2e-5))) == (
        "Take pipeline on 8 devices, 16 micro-batches: 4.31 GB of 16 GB a device, 17.2 ms a "
        "minibatch.\n"
        "Not one device, 512 micro-batches, checkpointing: it needs 34.4 GB a device, most of it "
        "states.\n"
        "Not tensor on 4 devices: 61.6 ms, 3.58 times as long, by the wire.\n"
        "Not tensor × pipeline on 8 devices (2 × 4), 8 micro-batches: 25.4 ms, 1.47 times as "
        "long, by the wire.\n"
        "Not data on 2 devices, 256 micro-batches, checkpointing: it needs 34.4 GB a device, most "
        "of it states.\n"
        "Not sharded on 4 devices: 987 ms, 57.3 times as long, by the wire.\n"
        "Not data × pipeline on 8 devices (2 × 4), 8 micro-batches: 123 ms, 7.13 times as long, "
        "by the wire.\n"
        "Not data × tensor on 8 devices (2 × 4): 141 ms, 8.17 times as long, by the wire.\n"
        "Not sharded × tensor on 8 devices (2 × 4): 195 ms, 11.3 times as long, by the wire.\n"
        "Not data × tensor × pipeline on 8 devices (2 × 2 × 2), 2 micro-batches: 130 ms, 7.56 "
        "times as long, by the wire."
    )


def test_the_chains_formulas():
    assert mlp_chain(6, 10) == Chain(3, 220, 40, 20, 400)
    assert transformer_chain(2, 8, 2, 4) == Chain(
        2, 768, 4 * 8 * (34 + 5), 64, 24 * 4 * 64 + 4 * 16 * 8, reductions=2
    )


@pytest.mark.parametrize("change, message", [
    ({"devices": 0}, "devices: expected a positive integer, got 0"),
    ({"devices": 2.0}, "devices: expected a positive integer, got 2.0"),
    ({"memory": -1.0}, "memory: expected a positive number, got -1.0"),
    ({"speed": 0}, "speed: expected a positive number, got 0"),
    ({"link": float("nan")}, "link: expected a positive number, got nan"),
    ({"link": float("inf")}, "link: expected a positive number, got inf"),
    ({"latency": float("inf")}, "latency: expected a number ≥ 0, got inf"),
    ({"latency": -1e-6}, "latency: expected a number ≥ 0, got -1e-06"),
])  # fmt: skip
def test_devices_that_cannot_be_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        Cluster(**{"devices": 1, "memory": 1.0} | change)
