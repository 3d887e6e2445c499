"""Every wrong answer is met with its own reason; every reason has a wrong answer; right ones pass.

A bank is a module `bank_NN_name.py` beside this file: EXERCISE, PREAMBLE, RIGHT, RIGHT_OTHERWISE,
WRONG. These tests run over all banks, so a new exercise needs a bank and no test.
"""

import re
import runpy
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from coursecheck import Exercise, messages, runner
from coursecheck.exercises import NAMES, load
from coursecheck.judge import judge

BANKS = {
    bank["EXERCISE"]: bank
    for path in sorted(Path(__file__).parent.glob("bank_*.py"))
    for bank in [runpy.run_path(str(path))]
}


# Reasons for the form of an answer: its numbers may well be those of another one.
FORM = {r for r in messages.REASONS if not r.startswith("term_") and r != "unrelated"}

# A name or a term in a sentence may stand for several, "W1 and W2": no verb may depend on it.
SINGULAR = re.compile(
    r"\{(name|term)\} (is|has|holds|was|does|comes|depends|takes|needs|enters|stands|belongs)\b"
    r"|\b(is|has|was|does) \{(name|term)\}"
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Endless loops are stopped sooner than a learner's: there are many answers to judge."""
    monkeypatch.setattr(runner, "SECONDS", 1.0)


def typed(bank, task, answer):
    """The text of an answer: its own, or the right one with its edits."""
    if isinstance(answer, str):
        return answer
    text = bank["RIGHT"][task]
    for old, new in answer.items():
        assert text.count(old) == 1, f"{task}: {old!r} stands {text.count(old)} times in {text}"
        text = text.replace(old, new)
    return text


def answer_of(bank, task, answer):
    """The function or value that the text defines, as a notebook would."""
    names = {}
    exec(bank["PREAMBLE"] + typed(bank, task, answer), names)
    return names[task]


def judged(bank, task, answer):
    exercise = load(bank["EXERCISE"])
    return judge(exercise, exercise.task(task), answer_of(bank, task, answer))


def cases(key):
    return [
        pytest.param(bank, *entry, id=f"{name}-{entry[0]}-{number}")
        for name, bank in BANKS.items()
        for number, entry in enumerate(bank[key])
    ]


@pytest.mark.parametrize(("bank", "task", "reasons", "answer"), cases("WRONG"))
def test_a_wrong_answer_meets_its_own_reason(bank, task, reasons, answer):
    result = judged(bank, task, answer)
    expected = {reasons} if isinstance(reasons, str) else set(reasons)
    assert result.state == "not_yet"
    assert set(result.reasons) == expected, result
    assert all(result.lines)
    several = [f for f in result.findings if any(" and " in str(v) for v in f.fields.values())]
    assert not any(SINGULAR.search(finding.template) for finding in several), result


@pytest.mark.parametrize(("bank", "task", "answer"), cases("RIGHT_OTHERWISE"))
def test_a_right_answer_written_otherwise_passes(bank, task, answer):
    assert judged(bank, task, answer), judged(bank, task, answer)


def every_task():
    return [
        pytest.param(name, task, id=f"{name}-{task.key}")
        for name in NAMES
        for task in load(name).tasks
    ]


@pytest.mark.parametrize(("name", "task"), every_task())
def test_a_task_starts_unsolved_and_its_solution_passes(name, task):
    assert judge(load(name), task, ...).state == "todo"
    solution = answer_of(BANKS[name], task.key, task.solution)
    assert judge(load(name), task, solution).state == "right"
    assert judged(BANKS[name], task.key, BANKS[name]["RIGHT"][task.key]).state == "right"


@pytest.mark.parametrize(("name", "task"), every_task())
def test_a_task_has_hints_that_lead_to_the_solution_and_do_not_give_it(name, task):
    exercise = Exercise(name, load(name))
    assert len(task.hints) >= 2
    assert len(set(task.hints)) == len(task.hints)
    for level, hint in enumerate(task.hints, start=1):
        assert hint in exercise.hint(task.key, level).text
        lines = [line.strip() for line in task.solution.splitlines() if "=" in line]
        assert not any(line in hint for line in lines)
    assert "?" in task.hints[0], "the first hint asks a question"
    assert task.solution.strip() in exercise.solution(task.key).text


@pytest.mark.parametrize("name", NAMES)
def test_every_reason_has_a_wrong_answer(name):
    met = _reasons(BANKS[name])
    assert set(load(name).reasons) - met == set()


def test_every_common_reason_has_a_wrong_answer():
    met = set().union(*(_reasons(bank) for bank in BANKS.values()))
    assert set(messages.REASONS) - met == set()


def test_common_sentences_suit_one_and_several():
    assert [r for r, text in messages.REASONS.items() if SINGULAR.search(text)] == []


def _reasons(bank):
    told = [reasons for _, reasons, _ in bank["WRONG"]]
    return {r for reasons in told for r in ([reasons] if isinstance(reasons, str) else reasons)}


@pytest.mark.parametrize("name", NAMES)
def test_no_two_mistakes_look_alike(name):
    """Answers with different reasons give different numbers: the draws tell all mistakes apart."""
    bank, exercise = BANKS[name], load(name)
    values = []
    for task, reasons, answer in bank["WRONG"]:
        if reasons in FORM:
            continue
        found = _numbers(exercise.task(task), answer_of(bank, task, answer), exercise)
        if found is not None:
            values.append((task, reasons, found))
    assert len(values) >= 15
    for (task, one, a), (other, two, b) in combinations(values, 2):
        if task == other and one != two:
            alike = a.shape == b.shape and np.allclose(a, b, rtol=1e-9, atol=1e-12)
            assert not alike, (task, one, two)


def _numbers(task, answer, exercise):
    """All numbers of an answer on all draws in one array, if it has any."""
    if task.args is None:
        return np.ravel(answer)
    if not callable(answer) or not runner.fits(answer, task.args):
        return None
    numbers = []
    for v in exercise.draws(task):
        came = runner.call(task.key, answer, task.arguments(v))
        if not isinstance(came, runner.Returned):
            return None
        row = came.value if len(task.outputs) > 1 else [came.value]
        try:
            if task.read is not None:
                row = task.read(list(row), v)
            arrays = [np.asarray(entry, dtype=float) for entry in row]
        except (TypeError, ValueError):
            return None
        numbers += [part for array in arrays for part in (array.shape, (-1,), array.ravel())]
    return np.concatenate(numbers)
