"""The bank is sound, and what a checker must not do: accept, refuse, leak or misname."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import compgraph
from coursecheck import Exercise, match
from coursecheck.draws import unstated
from coursecheck.edits import BankError, Source
from coursecheck.exercises import NAMES, load_open
from coursecheck.form import Slip
from coursecheck.judge import FACTS, GENERAL
from coursecheck.messages import REASONS
from coursecheck.prove import faults, leaks

TASKS = {task.key: (name, task) for name in NAMES for task in load_open(name).tasks}
EVERY_TASK = [pytest.param(name, task, id=f"{name}-{key}") for key, (name, task) in TASKS.items()]
ANSWERS = json.loads(Path(__file__).with_name("wrong_answers.json").read_text(encoding="utf-8"))


def judge_of(key):
    return load_open(TASKS[key][0]).judge(key)


def source_of(key):
    return load_open(TASKS[key][0]).source(key)


def told(key, body, **names):
    """What the answer with this body is told; the argument list is the task's."""
    name, task = TASKS[key]
    text = f"{key} = {body}" if task.args is None else f"def {key}({', '.join(task.args)}):\n"
    if task.args is not None:
        text += "\n".join("    " + line for line in body.split("\n"))
    space = {"np": np, **names}
    exec(load_open(name).imports, space)
    exec(text, space)
    return judge_of(key)(space[key])


# --- the bank ----------------------------------------------------------------------------------


@pytest.mark.proof
@pytest.mark.parametrize(("name", "task"), EVERY_TASK)
def test_the_bank_is_sound(name, task):
    assert faults(load_open(name).source(task.key)) == []


@pytest.mark.parametrize(("name", "task"), EVERY_TASK)
def test_a_task_starts_unsolved_and_its_solution_passes(name, task):
    judge, source = load_open(name).judge(task.key), load_open(name).source(task.key)
    assert judge(...).state == "todo"
    assert judge(source.answer(source.text)).state == "right"


@pytest.mark.parametrize(("name", "task"), EVERY_TASK)
def test_a_task_has_hints_that_lead_to_the_solution_and_do_not_give_it(name, task):
    exercise, text = Exercise(name, load_open(name)), load_open(name).text(task.key)
    assert len(set(task.hints)) == len(task.hints) >= 2
    for level, hint in enumerate(task.hints, start=1):
        assert hint in exercise.hint(task.key, level).text
        lines = [line.strip() for line in text.splitlines() if "=" in line]
        assert not any(line in hint for line in lines)
    assert "?" in task.hints[0], "the first hint asks a question"
    assert text.strip() in exercise.solution(task.key).text


def test_a_slip_that_is_right_or_like_another_or_leaks_is_a_fault():
    """The proof itself, seen to fail."""
    name, task = TASKS["cut"]
    spoilt = replace(
        task,
        slips=(
            *task.slips,
            Slip("same", "n * h * itemsize => h * n * itemsize", "nothing is wrong.", "up"),
            Slip("twin", "n * h * itemsize => n * h", "another sentence.", "up down"),
            Slip(
                "leak", "n * h * itemsize => 3 * n * h * itemsize", "write n * h * itemsize.", "up"
            ),
        ),
        where="itemsize == 8",
        draw={"itemsize": "8..8"},
    )
    found = "\n".join(faults(Source(spoilt, load_open(name).text("cut"))))
    assert "same: a right answer" in found
    assert "elements_for_bytes and twin look alike" in found
    assert "gives 'n * h * itemsize' away" in found


def test_draws_that_fix_what_is_not_stated_are_a_fault():
    _, task = TASKS["cut"]
    draws = source_of("cut").draws
    assert unstated(task, draws) == set()
    fixed = [SimpleNamespace(**{**vars(v), "itemsize": 8}) for v in draws]
    assert "itemsize is 8" in unstated(task, fixed)
    assert "itemsize is 8" not in unstated(replace(task, where="itemsize == 8"), fixed)


# --- wrong answers written by hand ----------------------------------------------------------------


def judged(entry):
    exercise = load_open(entry["exercise"])
    space = {**vars(compgraph), "np": np}
    exec(exercise.imports, space)
    exec(entry["source"], space)
    return exercise.judge(entry["task"])(space[entry["task"]])


@pytest.mark.proof
def test_most_wrong_answers_are_named_and_none_is_right():
    results = [judged(entry) for entry in ANSWERS]
    assert [entry for entry, r in zip(ANSWERS, results, strict=True) if r] == []
    form = set(REASONS) | {"fraction", "inspected"}
    by_value = [r for r in results if not set(r.reasons) <= form]
    general = [r for r in by_value if r.general]
    print(f"{len(general)} of {len(by_value)} wrong answers meet a general sentence")
    assert len(general) <= 0.25 * len(by_value)


# --- what must not happen -------------------------------------------------------------------

PASS = "G = W * 0\nfor m in range(M):\n    G = G + gradient(X[m::M], Y[m::M], W) / M\nreturn "


@pytest.mark.parametrize(
    ("task", "body"),
    [
        # whatever k, itemsize and the order of sizes are
        (
            "partial",
            "p = slice(h := len(b1) // N, 2 * h)\nreturn np.tanh(X @ W1[p].T + b1[p]) @ W2[:, p].T",
        ),
        (
            "partial",
            "h = len(b1) // N\np = slice(k * h, 2 * k * h)\n"
            "return np.tanh(X @ W1[p].T + b1[p]) @ W2[:, p].T",
        ),
        ("cut", "return n * h * 8, n * h * 8"),
        (
            "gradients",
            "n = max(X.shape)\nH = np.tanh(X @ W1.T + b1)\nE = (H @ W2.T - Y) / n\n"
            "D = E @ W2 * (1 - H**2)\n"
            "return D.T @ X + weight_decay * W1, D.sum(0), E.T @ H + weight_decay * W2",
        ),
        ("accumulate", "return (X @ W.T - Y).T @ X / len(X) + weight_decay * W"),
        ("dO", "P = np.exp(O)\nreturn (P / P.sum(1, keepdims=True) - Y) / max(O.shape)"),
        (
            "d_softmax",
            "P = np.exp(X @ W.T)\nreturn (P / P.sum(1, keepdims=True) - Y).T @ X / max(X.shape)",
        ),
        *(
            ("chain_prediction", f"held = {whole}\nreturn (held + {peak}) * itemsize")
            for whole in (
                "sum(a * b for a, b in zip(widths, widths[1:])) + n * (widths[0] + widths[-1])",
            )
            for peak in (
                "n * max(a + b for a, b in zip(widths[1:], widths[2:]))",
                "n * (widths[2] + widths[-1])",
                "n * (widths[len(widths) // 2] + widths[-1])",
            )
        ),
    ],
)
def test_no_false_accept(task, body):
    assert told(task, body).state == "not_yet"


@pytest.mark.parametrize(
    ("task", "body"),
    [
        ("all_reduce", "return 2 * (N - 1) * S * 1.0, 2 * (N - 1) * S / N"),
        ("all_reduce", "return np.array([2 * (N - 1) * S, 2 * (N - 1) * S / N])"),
        ("shrinks", "False, True, True, True, False"),
        ("shrinks", "np.array([0, 1, 1, 1, 0], dtype=bool)"),
        ("bubble", "return (K - 1) / (M + K - 1) + 0j"),
        (
            "fits",
            "from fractions import Fraction\nreturn max(0, Fraction((memory - states) // kept))",
        ),
        ("accumulate", PASS + "G + weight_decay * W"),
    ],
)
def test_the_value_counts_not_how_it_is_stored(task, body):
    assert told(task, body), told(task, body)


def test_a_tensor_with_grad_passes():
    torch = pytest.importorskip("torch")
    body = "t = torch.tensor(do @ h.T + weight_decay * W2, requires_grad=True)\nreturn t * 1"
    assert told("dW2", body, torch=torch)


@pytest.mark.parametrize(
    ("task", "body", "reasons"),
    [
        # constants, exchanged outputs
        ("in_flight", "return M, 1", {"one_only"}),
        ("cut", "return n * h * itemsize, 0", {"nothing_back"}),
        ("bubble", "return 0.0", {"constant"}),
        ("bubble", "return 0.3", {"constant"}),
        ("fits", "return 0", {"never"}),
        ("combine", "return 1.0", {"shape_scalar"}),
        ("in_flight", "return min(K, M), M", {"order"}),
        ("all_reduce", "return 2 * (N - 1) * S // N, 2 * (N - 1) * S", {"order"}),
        # fractions as indices, blanks
        (
            "partial",
            "p = k * len(W1) / N\nreturn np.tanh(X @ W1[p].T + b1[p]) @ W2[:, p].T",
            {"index_fraction"},
        ),
        ("partial", "p = slice(k * len(W1) / N, len(W1))\nreturn X @ W1[p].T", {"index_fraction"}),
        ("noise", "raise ValueError('Ellipsis')", {"exception"}),
        # functions of one size are no factors
        ("bubble", "return 1 / (M + K - 1)", {"partly"}),
        ("bubble", "return (K - 1) / (M - 1 or 9)", {"partly"}),
        ("bubble", "return (K - 1) / (M + 1)", {"partly"}),
        ("noise", "g = G.mean(0)\nreturn g @ g + G.var(0).sum() / np.sqrt(B)", {"batch_root"}),
        ("noise", "return (G**2).sum() / len(G) / B", {"falls_with_batch"}),
        ("cut", "return n * h * 8, n * h * 8", {"number"}),
        ("all_reduce", "return 2 * N * (N - 1) * S, 2 * (N - 1) * S", {"each_is_total"}),
        # terms, by where they come from
        ("noise", "g = G.mean(0)\nreturn g @ g", {"noise_missing"}),
        ("dW2", "return do @ h.T", {"zero"}),
        ("dW2", "return -do @ h.T + 2 * weight_decay * W2", {"sign", "large"}),
        ("dW2", "return h @ do.T + weight_decay * W2", {"misfit"}),
        (
            "gradients",
            "H = np.maximum(X @ W1.T + b1, 0)\nE = (H @ W2.T - Y) / len(X)\n"
            "D = E @ W2 * (H > 0)\n"
            "return D.T @ X + weight_decay * W1, D.sum(0), E.T @ H + weight_decay * W2",
            {"activation_relu"},
        ),
        (
            "gradients",
            "Z = X @ W1.T + b1\nH = np.tanh(Z)\nE = (Z @ W2.T - Y) / len(X)\n"
            "D = E @ W2 * (1 - H**2)\n"
            "return D.T @ X + weight_decay * W1, D.sum(0), E.T @ H + weight_decay * W2",
            {"z_for_h"},
        ),
        # two slips in different lines
        (
            "gradients",
            "H = np.tanh(X @ W1.T)\nE = (H @ W2.T - Y) / len(X)\nD = E @ W2 * H\n"
            "return D.T @ X + weight_decay * W1, D.sum(0), E.T @ H + weight_decay * W2",
            {"bias_forgotten", "slope_is_phi"},
        ),
    ],
)
def test_what_is_named_was_done(task, body, reasons):
    assert set(told(task, body).reasons) == reasons, told(task, body).lines


def test_notebook_variables_are_named_only_where_they_are_read():
    assert told("fits", "return size", size=3).reasons == ("reads_notebook",)
    assert "size" in told("fits", "return size", size=3).lines[0]


def test_general_says_what_is_known():
    result = told("in_flight", "return M, K * K")
    assert result.general and result.state == "not_yet"
    assert "Right already: gpipe." in result.lines
    own = result.arguments["K"] ** 2
    assert str(own) in result.lines[0]
    assert not told("in_flight", "return M, K").general


def test_blank_is_to_do():
    assert told("fits", "...").state == "todo"
    assert told("fits", "left = ...\nreturn left // kept").state == "todo"


def test_a_leak_is_found_and_an_edit_must_apply_once():
    source = source_of("cut")
    assert leaks(source, "It is h × n × itemsize.") and leaks(source, "What of n*h?")
    assert not leaks(source, "There are n examples.")
    with pytest.raises(BankError):
        source.spans("n * h * itemsize => 0")


@pytest.mark.parametrize(("name", "task"), EVERY_TASK)
def test_common_sentences_hold_no_formula(name, task):
    source = load_open(name).source(task.key)
    for sentence in [*match.COMMON.values(), *match.WHOLE.values(), *FACTS.values()]:
        assert leaks(source, sentence) == []


def test_what_names_no_mistake_is_known_as_general():
    assert GENERAL <= FACTS.keys()


def test_a_mistake_is_told_by_where_it_comes_from_and_not_by_its_formula():
    lines = told("M", "return np.zeros((len(o), len(o)))").lines
    assert lines and not any(sign in line for line in lines for sign in ("diag", "ppᵀ", "λ"))


def test_only_the_first_output_that_nothing_explains_is_told():
    body = "z = np.sin(W1 @ x) + b1\nh = np.tanh(z)\no = W2 @ h\nr = o - y\nL = np.sum(r * r) / 2\n"
    body += "s = weight_decay / 2 * (np.sum(W1**2) + np.sum(W2**2))\nreturn z, h, o, L, s, L + s"
    result = told("forward", body)
    assert result.general and len(result.findings) == 1
    assert "Right already: s." in result.lines
