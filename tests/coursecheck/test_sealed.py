"""Sealed banks: the same judgement of every slip and every wrong answer, and no answer inside."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

import compgraph
from coursecheck import Exercise, sealed
from coursecheck.exercises import NAMES, Shut, load_open
from coursecheck.judge import Judge
from coursecheck.prints import of_all, of_column

ANSWERS = json.loads(Path(__file__).with_name("wrong_answers.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """All exercises, sealed."""
    folder = tmp_path_factory.mktemp("banks")
    for name in NAMES:
        exercise = load_open(name)
        sources = [exercise.source(task.key) for task in exercise.tasks]
        bank = sealed.seal(exercise.title, exercise.sentences, sources)
        (folder / sealed.file_of(name)).write_bytes(bank)
    return folder


def banks(name, folder):
    return {bank.task.key: bank for bank in sealed.read(name, folder=folder)[2]}


def said(result):
    return result.state, result.reasons, result.lines, result.general


@pytest.mark.proof
@pytest.mark.parametrize("name", NAMES)
def test_every_slip_and_every_wrong_answer_is_told_the_same(name, folder):
    exercise, shut = load_open(name), banks(name, folder)
    for task in exercise.tasks:
        source, one, other = exercise.source(task.key), exercise.judge(task.key), shut[task.key]
        for answer in (source.answer(form.text) for form in source.forms):
            assert said(Judge(other)(answer)) == said(one(answer)), task.key
    answers = []
    for entry in ANSWERS:
        if entry["exercise"] == name:
            space = {**vars(compgraph), "np": np}
            exec(exercise.imports, space)
            exec(entry["source"], space)
            answers.append((entry["task"], space[entry["task"]]))
    for key, answer in answers:
        told = said(exercise.judge(key)(answer))
        if told == said(exercise.judge(key)(answer)):  # some answers are random
            assert said(Judge(shut[key])(answer)) == told, key


@pytest.mark.proof
def test_right_answers_are_right_and_blanks_to_do(folder):
    for name in NAMES:
        exercise = load_open(name)
        for key, bank in banks(name, folder).items():
            source = exercise.source(key)
            assert Judge(bank)(source.answer(source.text))
            assert Judge(bank)(...).state == "todo"


@pytest.mark.proof
def test_no_text_of_an_answer_is_in_it(folder):
    for name in NAMES:
        with np.load(folder / sealed.file_of(name)) as file:
            index = file["index"].tobytes().decode()
        for task in load_open(name).tasks:
            lines = load_open(name).text(task.key).splitlines()[1:]
            for line in (line.strip() for line in lines if len(line.strip()) > 12):
                assert line not in index, (task.key, line)
            for slip in task.slips:
                for edit, _ in slip.ways("ON"):
                    new = edit.split("=>")[-1].strip()
                    if re.search(r"[@*(]", new) and len(new) > 12:
                        assert json.dumps(new)[1:-1] not in index, slip.key


@pytest.mark.proof
def test_the_learner_is_told_that_the_solution_is_not_out(folder):
    title, sentences, every = sealed.read("05_partition", folder=folder)
    tasks = tuple(bank.task for bank in every)
    table = Shut("05_partition", title, tasks, tuple(sentences), "", (), tuple(every))
    exercise = Exercise("05_partition", table)
    assert "not out yet" in repr(exercise.solution("cut"))
    assert exercise.hint("cut").text and not exercise.board().complete
    assert exercise.check("cut", lambda n, d, h, q, itemsize: (n * h * itemsize,) * 2)


def test_a_draw_that_is_no_number_is_refused():
    source = load_open("05_partition").source("cut")
    source.draws[0].odd = object()
    try:
        with pytest.raises(TypeError, match="a draw that cannot be sealed: object"):
            sealed.seal("t", (), [source])
    finally:
        del source.draws[0].odd


def test_prints_add_up_and_tell_arrays_apart():
    rng = np.random.default_rng(3)
    a, b = ([rng.standard_normal((3, 4)), rng.standard_normal((2, 5))] for _ in range(2))
    both = of_column([2 * x - y for x, y in zip(a, b, strict=True)])
    assert np.allclose(both.sums, 2 * of_column(a).sums - of_column(b).sums, rtol=1e-12)
    assert of_column(a).is_like(of_column(a)) and not of_column(a).is_like(of_column(b))
    for changed in (a[0].T, a[0][::-1], a[0] + 1e-6, -a[0], np.abs(a[0])):
        assert not of_column([changed, a[1]]).is_like(of_column(a))
    assert of_column([np.array(7.0)]).sums.tolist() == [[7.0, 7.0]]
    assert of_all(a).shapes == ((22,),)


def test_files_name_exercise_and_variant(tmp_path):
    for file in ("02_x.npz", "02_x--relu+whole.npz", "03_y.npz"):
        (tmp_path / file).write_bytes(b"")
    assert sealed.variants(tmp_path) == {"02_x": ["relu+whole"], "03_y": []}
    assert sealed.file_of("02_x", "relu+whole") == "02_x--relu+whole.npz"
