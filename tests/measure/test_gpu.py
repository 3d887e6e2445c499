"""`measure.gpu`, on a CPU in the place of the device: its allocator is asked, in blocks of 512."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from functools import partial
from types import SimpleNamespace

import pytest
import torch

from book import ROOT
from compgraph.questions.memory import footprint
from measure.gpu import __main__ as command
from measure.gpu import blocks, curvature, device, report, training
from measure.mse_loss import mse_owns
from measure.section import prepare
from tests.measure.a_cpu import Cpu

SMALL = {"d": 7, "h": 9, "q": 13, "n": 20}
#: on a CPU: oneDNN repacks 16-bit matrices; step counters and literals lie there
ON_A_GPU_ONLY = ("16", "Adam")


def rows_of(lines: list[str]) -> dict[str, list[str]]:
    """The report's table: the first cell of a row -> the others."""
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return {first: rest for first, *rest in cells[2:]}


# --- blocks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "block"), [(1, 512), (512, 512), (513, 1024), (800, 1024)])
def test_a_block_is_a_multiple_of_512_bytes(size, block):
    assert blocks.block(size) == block


def test_the_chapter_s_peak_in_blocks():
    """W1, W2, X, Y; then H's slope, L, the seed and both gradients while ∂J/∂W1 is made."""
    f = footprint(**training.OURS, mse_owns="nq")
    assert blocks.peak(f) == f.total == 61_604
    held = 20_480 + 4_096 + 4_096 + 1_024
    assert blocks.peak(f, blocks.block) == held + 8_192 + 1_024 + 512 + 4_096 + 20_480


def test_segments_of_the_three_kinds():
    mib = 2**20
    f = footprint(d=1024, h=1024, q=1, n=1, dtype="float32", mode="prediction")  # W1: 4 MiB
    assert blocks.reserved(f) == 20 * mib + 2 * mib
    f = footprint(d=2048, h=2000, q=1, n=1, dtype="float32", mode="prediction")  # W1: 15.6 MiB
    assert blocks.reserved(f) == 16 * mib + 2 * mib


def test_what_is_alive_when_blocks_are_most():
    assert blocks.asked([100, 3000, -100, 2000, -3000, 50]) == Counter({3000: 1, 2000: 1})
    f = footprint(**training.OURS)
    assert sum(blocks.alive(f).elements()) == f.peak


def test_requests_beside_the_rows():
    f = footprint(**training.OURS, mode="prediction")
    rows = blocks.aligned(f, [8000, 24, 8000, -8000])
    assert rows == [("Z", 8000, 8000), (None, None, 24), ("H", 8000, 8000), ("O", 800, None)]


# --- chapter 3 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [s for s in training.STEPS if "16" not in s])
def test_formula_and_allocator_agree(step):
    f, account, row = training.compared(Cpu(), training.OURS | training.STEPS[step])
    assert row[0] == row[1] == f.total and row[2] == row[3] and row[4:] == [0, "equal"]


@pytest.mark.parametrize("name", [o for o in training.OPTIMIZERS if "Adam" not in o])
@pytest.mark.parametrize("variant", training.VARIANTS)
def test_so_they_do_with_an_optimizer(name, variant):
    options = {**training.OURS, **training.OPTIMIZERS[name], "variant": variant}
    assert training.compared(Cpu(), options)[2][4:] == [0, "equal"]


def test_a_difference_is_explained_by_what_was_asked_for():
    """At these sizes what `mse_loss` makes inside is more blocks than any row of the table."""
    f, account, row = training.compared(Cpu(), {**SMALL, "n": 21})
    assert row[4] > 0
    there, ours = blocks.asked(account.events), blocks.alive(f)
    assert there != ours and row[5].startswith("besides: ")
    assert blocks.in_blocks(there) == account.beyond.allocated

    wrong = footprint(**training.OURS, dtype="float64", mse_owns="nq")
    right, account, _ = training.compared(Cpu(), training.OURS)
    assert "not there" in training.why(wrong, account, (1, 1))
    held, beyond = account.held, account.beyond
    for more in (
        (device.Bytes(held.requested, held.allocated + 99), beyond),
        (held, device.Bytes(beyond.requested, beyond.allocated + 99)),
    ):
        told = training.why(right, device.Account(*more, 0, account.events), (0, 99))
        assert told == "left on blocks over 1 MiB: 99"


def test_step_counters_stay_on_the_cpu_unless_fused():
    def held(variant, where):
        as_there = SimpleNamespace(kind="cpu", variant=where.variant, counts=where.counts)
        return training.predicted(as_there, **SMALL, optimizer="adam", variant=variant).held

    cuda = device.Cuda
    assert held("fused", cuda) - held("loop", cuda) == 8
    assert held("default", cuda) == held("foreach", cuda)
    assert held("default", Cpu) == held("loop", Cpu) == held("fused", cuda)


def test_every_tensor_of_a_step_is_named():
    lines, facts = training.one_step(Cpu())
    named = [name for name in rows_of(lines) if "inside" not in name]
    assert named == [row.name for row in footprint(**training.OURS).rows]
    assert facts["formula"] == facts["requested"] and facts["blocks"] == facts["allocated"]


@pytest.mark.parametrize("sizes", [training.OURS, SMALL, {"d": 3, "h": 40, "q": 2, "n": 30}],
                         ids=str)  # fmt: skip
@pytest.mark.parametrize("name", [n for n, (_, formula) in training.LOOPS.items() if formula])
def test_loops_have_formulas(name, sizes):
    loop, formula = training.LOOPS[name]
    f = training.predicted(Cpu(), **sizes, optimizer="sgd", variant="default")
    for unit, weigh in ((1, lambda size: size), (blocks.BLOCK, blocks.block)):
        made = training.looping(loop, Cpu(), **sizes)
        assert formula(f, weigh) == training.counted(made, unit)


def test_the_loops_of_the_report(monkeypatch):
    lines, facts = training.loops(Cpu())
    rows = rows_of(lines)
    assert rows.keys() == training.LOOPS.keys() == facts["loops"].keys()
    for name, cells in rows.items():
        formula, counted, requested, *_, difference = cells
        assert formula in ("", counted)
        if "bfloat16" not in name:
            assert counted == requested and difference == "0"


def test_what_a_loss_owns_is_counted():
    lines, facts = training.scalars(Cpu())
    owns = {"nq": 200, "1": 1}[mse_owns()]
    assert facts["owns"]["mse_loss"] == owns and facts["owns"]["l1_loss"] == 1
    differences = {name: cells[2] for name, cells in rows_of(lines).items()}
    assert differences["`l1_loss`"] == "0"
    assert (differences["`mse_loss`"] == "0") == (owns == 200)


def test_workspaces_are_what_tensors_do_not_explain():
    lines, facts = training.workspaces(Cpu())
    assert facts["workspaces"] == [300, 200]
    assert [cells[2] for cells in rows_of(lines).values()] == ["0", "-100"]


# --- chapter 4 ------------------------------------------------------------------------------------


def test_torch_s_ways_and_the_columns_are_the_same_hessian():
    problem = curvature.Problem.of(Cpu(), 5, 4, 3, 7)
    P = problem.P
    parts = [w.numel() for w in problem.w]
    blocks_ = problem.hessian()
    whole = torch.cat([
        torch.cat([b.reshape(parts[i], parts[j]) for j, b in enumerate(row)], dim=1)
        for i, row in enumerate(blocks_)
    ])  # fmt: skip
    into = torch.full((P, P), 7.0)
    problem.columns(into, together=5)
    torch.testing.assert_close(into, whole, atol=1e-5, rtol=1e-4)
    v = torch.cat([each.flatten() for each in problem.v])
    for call, _ in list(curvature.WAYS.values())[1:]:
        product = call(problem)
        if len(product) == 2:  # J or its gradient comes with it
            product = product[1]
        flat = torch.cat([part.flatten() for part in product])
        torch.testing.assert_close(flat, whole @ v, atol=1e-4, rtol=1e-4)


def test_flops_of_the_ways_are_the_formulas():
    for d, h, q, n in ((5, 4, 3, 7), (10, 20, 30, 6)):
        problem = curvature.Problem.of(Cpu(), d, h, q, n)
        for call, units in curvature.WAYS.values():
            assert curvature.flops(partial(call, problem)) == 2 * n * h * units(d, q)


def test_the_trials_of_chapter_4(monkeypatch):
    monkeypatch.setattr(curvature, "SHAPES", ((5, 4, 3, 7),))
    monkeypatch.setattr(curvature, "WHOLE", ((5, 4, 3, 7), (2000, 50, 10, 7)))
    monkeypatch.setattr(curvature, "WALL", (8, 6, 2))
    monkeypatch.setattr(curvature, "EXAMPLES", (1, 50))
    text, facts, failed = command.section(Cpu(), curvature.TRIALS)
    assert not failed
    assert "not tried, too large here" in text
    assert facts["wall"]["P"] == 8 * 6 + 6 + 2 * 6 and facts["wall"]["bytes"] == 4 * 66**2
    assert {"ways", "whole", "wall", "times"} < facts.keys()
    json.dumps(facts)


def test_spans_are_said_as_people_do():
    said = [curvature._span(s) for s in (172_800, 5400, 90, 2, 0.0123)]
    assert said == ["2.0 d", "1.5 h", "1.5 min", "2.0 s", "12.3 ms"]


# --- the report -----------------------------------------------------------------------------------


def test_a_section_is_written_by_name_and_the_others_are_left_alone():
    text = "# Measured on a GPU\n\nWords.\n\n## NCCL\n\n| a |\n\n### part\n\nx\n"
    with_ours = report.with_section(text, "Bytes", "one")
    assert with_ours == text + "\n## Bytes\n\none\n"
    again = report.with_section(report.with_section(text, "Bytes", "one"), "Bytes", "two")
    assert again == text + "\n## Bytes\n\ntwo\n"
    first = report.with_section(again, "NCCL", "new")
    assert first == "# Measured on a GPU\n\nWords.\n\n## NCCL\n\nnew\n\n## Bytes\n\ntwo\n"
    assert report.with_section("", "Bytes", "one") == f"{report.TITLE}\n\n## Bytes\n\none\n"


def test_facts_of_other_sections_stay(tmp_path):
    path = tmp_path / "new" / "gpu.md"
    report.write(path, "A", "a", {"x": 1})
    report.write(path, "B", "b", {"y": 2})
    report.write(path, "A", "c", {"x": 3})
    assert json.loads(path.with_suffix(".json").read_text()) == {"A": {"x": 3}, "B": {"y": 2}}
    assert path.read_text() == f"{report.TITLE}\n\n## A\n\nc\n\n## B\n\nb\n"


def test_a_trial_that_fails_says_so_and_the_others_run(monkeypatch, tmp_path, capsys):
    def breaks(where):
        raise RuntimeError("out of memory")

    def works(where):
        return [f"on {where.name}"], {"n": 1}

    monkeypatch.setattr(command, "Cuda", Cpu)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(command, "TRIALS", {"One": breaks, "Two": works})
    out = tmp_path / "gpu.md"
    assert command.main(["--out", str(out)]) == command.FAILED
    assert "failed: One" in capsys.readouterr().out
    text = out.read_text()
    said = "### One\n\nThis trial failed: RuntimeError: out of memory\n\n### Two\n\non a CPU"
    assert said in text
    assert json.loads(out.with_suffix(".json").read_text())[command.SECTION]["works"] == {"n": 1}

    monkeypatch.setattr(command, "TRIALS", {"Two": works})
    assert command.main(["--out", str(out)]) == 0


def test_without_a_device_it_says_so_in_one_sentence(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    out = tmp_path / "gpu.md"
    assert command.main(["--out", str(out)]) == command.NO_DEVICE == 3
    said = capsys.readouterr()
    assert said.err == "measure.gpu needs a CUDA device, and torch finds none here.\n"
    assert not out.exists()


def test_it_needs_torch_and_numpy_alone():
    """On a machine that is lent there is nothing else."""
    code = (
        "import sys\n"
        "absent = 'graphviz pygraphviz matplotlib IPython ipykernel scipy nbformat sphinx yaml'\n"
        "sys.modules |= dict.fromkeys(absent.split())\n"
        "import measure.gpu.__main__\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_account_reads_cuda_s_own_numbers(monkeypatch):
    """`torch.cuda` is played: what is asked of it, and what is made of its answers."""
    stats = iter([
        {"requested_bytes.all.current": 10, "allocated_bytes.all.current": 1024,
         "reserved_bytes.all.current": 2000},
        {"requested_bytes.all.current": 110, "allocated_bytes.all.current": 2048},
        {"requested_bytes.all.peak": 160, "allocated_bytes.all.peak": 3072,
         "reserved_bytes.all.peak": 9000},
    ])  # fmt: skip
    traces = iter([
        [{"action": "alloc", "size": 1}],
        [{"action": "alloc", "size": 1}, {"action": "segment_alloc", "size": 2**21},
         {"action": "alloc", "size": 50}, {"action": "free_requested", "size": 50},
         {"action": "free_completed", "size": 50}],
    ])  # fmt: skip
    played = SimpleNamespace(
        synchronize=lambda: None, empty_cache=lambda: None, reset_peak_memory_stats=lambda: None,
        current_device=lambda: 0, memory_stats=lambda: next(stats),
        get_device_properties=lambda index: SimpleNamespace(
            name="NVIDIA H100 80GB HBM3", total_memory=80, major=9),
        memory=SimpleNamespace(
            _record_memory_history=lambda *a, **k: None,
            _snapshot=lambda: {"device_traces": [next(traces)]},
        ),
    )  # fmt: skip
    monkeypatch.setattr(torch, "cuda", played)
    cuda = device.Cuda()
    assert (cuda.name, cuda.workspace()) == ("NVIDIA H100", 32 * 2**20)
    account = cuda.account(lambda: prepare(**SMALL))
    assert account == device.Account(
        held=device.Bytes(100, 1024), beyond=device.Bytes(50, 1024), reserved=7000, events=(50, -50)
    )
    assert (account.requested, account.allocated) == (150, 2048)
    assert cuda.seconds(lambda: None) < 1
