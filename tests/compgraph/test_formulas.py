"""The formulas against the numbers that their papers print."""

import pytest

from compgraph.questions import formulas
from compgraph.questions.pipeline import bubble_fraction


@pytest.mark.parametrize("stage, gigabytes", [(0, 120), (1, 31.4), (2, 16.6), (3, 1.9)])
def test_zero_figure_1(stage, gigabytes):
    """arXiv:1910.02054, Figure 1: 7.5 billion parameters, 64 devices, K = 12."""
    assert round(formulas.zero(7.5e9, 64, stage) / 1e9, 1) == gigabytes


def test_zero_on_one_device_saves_nothing():
    assert {formulas.zero(10, 1, stage) for stage in range(4)} == {160}


def test_zero_knows_four_stages():
    with pytest.raises(ValueError, match="stages are 0, 1, 2 and 3; got 4"):
        formulas.zero(1, 1, 4)


@pytest.mark.parametrize("stages, speedup", [(2, 1.8), (4, 3.4), (8, 6.3)])
def test_gpipe_table_2_is_the_bubble_and_a_few_percent(stages, speedup):
    """arXiv:1811.06965, Table 2, Transformer at M = 32: throughput over one accelerator's."""
    ideal = stages * (1 - bubble_fraction(stages, 32))
    assert 0.9 * ideal < speedup < ideal


@pytest.mark.parametrize("stages", range(2, 65))
def test_gpipe_bubble_is_small_from_four_micro_batches_a_stage(stages):
    assert bubble_fraction(stages, 4 * stages) < 0.2


# arXiv:2205.05198: heads, hidden, layers, the attention's 5as/h (section 5); s = 2048, v = 51200
GPT3, MT_NLG = (96, 12288, 96), (128, 20480, 105)


@pytest.mark.parametrize("heads, hidden, layers, attention, saved, overhead", [
    (*GPT3, 80, 70, 2.7), (*MT_NLG, 64, 65, 1.6),
])  # fmt: skip
def test_selective_recomputation(heads, hidden, layers, attention, saved, overhead):
    sbh = 2048 * hidden
    layer = {
        recompute: formulas.transformer_activations(2048, 1, hidden, heads, recompute=recompute)
        for recompute in ("none", "selective", "full")
    }
    assert layer == {"none": sbh * (34 + attention), "selective": sbh * 34, "full": sbh * 2}
    assert round(100 * (1 - layer["selective"] / layer["none"])) == saved
    added = formulas.selective_overhead(2048, hidden, layers, 51200)
    assert round(100 * added, 1) == overhead


def test_activations_grow_with_the_micro_batch():
    assert formulas.transformer_activations(8, 3, 16, 2) == 3 * 8 * 16 * (34 + 5)


def test_the_overhead_is_the_ratio_of_the_papers_two_formulas():
    """Appendix A: the hardware's FLOPs with selective recomputation over the model's."""
    s, h, layers, v = 8, 16, 3, 4800
    output = v / (12 * h * layers)
    ratio = (1 + s / (3 * h) + output) / (1 + s / (6 * h) + output)
    assert formulas.selective_overhead(s, h, layers, v) == pytest.approx(ratio - 1, abs=1e-14)


@pytest.mark.parametrize("heads, hidden, layers", [GPT3, MT_NLG])
def test_both_techniques_save_a_factor_of_five(heads, hidden, layers):
    """The abstract: 5×, against tensor parallelism alone, t = 8."""
    before = formulas.transformer_activations(2048, 1, hidden, heads, tensor=8)
    after = formulas.transformer_activations(
        2048, 1, hidden, heads, tensor=8, sequence_parallel=True, recompute="selective"
    )
    assert round(before / after) == 5
    assert before == 2048 * hidden * (10 + 24 / 8 + 5 * heads * 2048 / hidden / 8)


def test_the_recomputation_is_one_of_three():
    with pytest.raises(ValueError, match="'none', 'selective', 'full'; got 'all'"):
        formulas.transformer_activations(1, 1, 1, 1, recompute="all")


@pytest.mark.parametrize("devices", [1, 2, 3, 8])
def test_an_all_reduce_is_a_reduce_scatter_and_an_all_gather(devices):
    assert formulas.all_reduce(30, devices) == 2 * formulas.all_gather(30, devices)
    assert formulas.all_gather(30, devices) == 30 * (devices - 1)
