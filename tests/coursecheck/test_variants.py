"""Variants: sound banks, notebooks that ask for them, the same draw for a seed and a name."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from book import hand_out
from book.translate.languages import EDITIONS
from coursecheck import CourseCheckError, exercise
from coursecheck.exercises import NAMES, load_open
from coursecheck.form import Slip
from coursecheck.grading.parent import report
from coursecheck.prove import faults
from coursecheck.texts import CHECKED
from coursecheck.variants import NoVariant, Option, chosen, drawn, names
from tools.hand_out import main

VARIANTS = [(name, variant) for name in NAMES for variant in names(load_open(name).options)]


def varied_tasks(name, variant):
    return [task for task in load_open(name, variant).tasks if task.edits]


@pytest.mark.proof
@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_the_bank_is_sound_in_every_variant(name, variant):
    for task in varied_tasks(name, variant):
        assert faults(load_open(name, variant).source(task.key)) == [], task.key


@pytest.mark.slow
@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_the_answer_changes_with_the_variant(name, variant):
    assert varied_tasks(name, variant)
    for task in varied_tasks(name, variant):
        book, other = load_open(name), load_open(name, variant)
        for one, another in ((book, other), (other, book)):
            source = one.source(task.key)
            assert not another.judge(task.key)(source.answer(source.text)), task.key


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_nothing_speaks_of_the_books_activation_as_the_one_asked_for(name, variant):
    axes = {option.axis for option in chosen(load_open(name).options, variant)}
    if "activation" not in axes:
        return
    for task in varied_tasks(name, variant):
        forms = load_open(name, variant).source(task.key).forms
        for sentence in [*task.hints, *(form.slip.says for form in forms)]:
            assert not re.search("Here φ is tanh|for tanh|np.tanh|of tanh can", sentence), sentence


@pytest.mark.parametrize("language", EDITIONS, ids=str)
@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_the_notebook_asks_for_the_variant_in_every_language(name, variant, language):
    notebook = hand_out.in_variant(
        hand_out.exercise(name, language), load_open(name).options, variant
    )
    text = "\n".join(cell.source for cell in notebook.cells)
    assert f'variant="{variant}")' in text
    for option in chosen(load_open(name).options, variant):
        for old, new in option.words:
            assert new in text and (old in new or old not in text)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_a_solved_variant_runs_to_its_end_and_agrees_with_torch(name, variant, monkeypatch):
    """The solution's cells, with the variant's answers: the comparisons at the end are its own."""
    monkeypatch.setenv("COURSECHECK_STRICT", "1")
    from book import sources

    notebook = sources.notebook(f"solutions/{name}.ipynb")
    notebook = hand_out.in_variant(notebook, load_open(name).options, variant)
    shown, table = [], load_open(name, variant)
    space = {"display": shown.append}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            source, asked = cell.source, CHECKED.search(cell.source)
            if asked and "SOLUTION" in source:
                source = f"{table.text(asked[1])}\nex.check('{asked[1]}', {asked[1]})"
            exec(compile(source, f"<{name}>", "exec"), space)
    assert space["ex"].board().complete
    assert any(type(each).__name__ == "Agreement" for each in shown)


def test_a_word_that_the_notebook_does_not_have_is_named():
    option = Option("odd", "activation", {}, words=(("no such word", "another"),))
    with pytest.raises(hand_out.Unsaid, match="no such word"):
        notebook = hand_out.exercise("02_hidden_bias", EDITIONS[0])
        hand_out.in_variant(notebook, (option,), "odd")


def test_a_book_slip_at_the_varied_place_is_dropped_moved_or_replaced():
    source = load_open("02_hidden_bias", "relu").source("dz")
    says = {form.slip.key: form.text for form in source.forms}
    assert "slope_of_sigmoid_at_z" not in says  # it speaks of tanh
    moved = says["upstream_summed"]
    assert "dh.mean()" in moved and "(z > 0)" in moved and "tanh" not in moved
    assert "np.tanh(z) ** 2" in says["slope_of_tanh"]  # the variant's own


def test_own_slips_are_marked():
    option = Option("x", "a", {}, {"dz": (Slip("k", "=> z", "said."),)})
    assert not option.slips["dz"][0].own
    assert any(slip.own for slip in load_open("02_hidden_bias", "relu").task("dz").slips)


def test_draws_are_fair_and_follow_from_seed_and_name():
    options = load_open("02_hidden_bias").options
    found = Counter(drawn(names(options), "autumn", f"student {n}") for n in range(600))
    assert set(found) == {"", *names(options)} and min(found.values()) > 60
    assert drawn(names(options), "autumn", "Ann") == drawn(names(options), "autumn", "Ann")
    assert any(
        drawn(names(options), s, "Ann") != drawn(names(options), "autumn", "Ann") for s in "abcdef"
    )


def test_an_unknown_variant_is_named_with_those_there_are():
    with pytest.raises(NoVariant):
        load_open("02_hidden_bias", "cubic")
    with pytest.raises(CourseCheckError, match="no variant 'cubic'. There are: whole, sigmoid"):
        exercise("02_hidden_bias", variant="cubic")
    with pytest.raises(CourseCheckError, match="There are: none"):
        exercise("03_memory", variant="relu")


# --- handed out, and collected ------------------------------------------------------------------


@pytest.fixture
def class_(tmp_path):
    (tmp_path / "names.txt").write_text("Ann\nBob\n陈\n", encoding="utf-8")
    arguments = ["02_hidden_bias", "--students", str(tmp_path / "names.txt"), "--seed", "s"]
    assert main([*arguments, "--to", str(tmp_path / "class")]) == 0
    return tmp_path, arguments


def test_what_is_handed_out_is_judged_as_the_variant_it_is(class_):
    folder = class_[0] / "class"
    for student in ("Ann", "Bob", "陈"):
        variant = drawn(load_open("02_hidden_bias").variants, "s", student)
        path = folder / student / "02_hidden_bias.ipynb"
        text = path.read_text(encoding="utf-8")
        right = (
            load_open("02_hidden_bias", variant).text("do").replace("\n", "\\n").replace('"', '\\"')
        )
        filled = text.replace("def do(o, y):\\n", right + "def unused(o, y):\\n")
        if right not in filled:  # sources are lists of lines
            filled = text.replace(
                '"def do(o, y):\\n",', '"' + right + '",\n    "def unused(o, y):\\n",'
            )
        path.write_text(filled, encoding="utf-8")
        found = report(str(path), seed="s")
        assert not any("variant" in remark for remark in found.remarks)
        assert {r.task: r.state for r in found.board.results}["do"] == "right"


def test_another_variant_than_the_one_handed_out_is_told(class_):
    path = class_[0] / "class" / "Ann" / "02_hidden_bias.ipynb"
    other = next(
        seed
        for seed in "abcdefgh"
        if drawn(load_open("02_hidden_bias").variants, seed, "Ann")
        != drawn(load_open("02_hidden_bias").variants, "s", "Ann")
    )
    assert "the one that was handed out" in report(str(path), seed=other).remarks[0]


def test_nothing_is_written_over_and_bad_lists_are_refused(class_, capsys):
    folder, arguments = class_
    path = folder / "class" / "Ann" / "02_hidden_bias.ipynb"
    path.write_text("mine", encoding="utf-8")
    assert main([*arguments, "--to", str(folder / "class")]) == 0
    assert path.read_text(encoding="utf-8") == "mine"
    assert "stays as it is" in capsys.readouterr().out
    for text, said in (
        ("", "no name in it"),
        ("Ann\nAnn\n", "stands there 2 times"),
        ("../up\n", "cannot be the name of a folder"),
    ):
        (folder / "names.txt").write_text(text, encoding="utf-8")
        assert main([*arguments, "--to", str(folder / "class")]) == 2
        assert said in capsys.readouterr().err
    (folder / "names.txt").write_bytes(b"\xff\xfe\x00")
    assert main([*arguments, "--to", str(folder / "class")]) == 2
    assert "UTF-8" in capsys.readouterr().err
    assert main(["03_memory", *arguments[1:], "--to", str(folder)]) == 2
    assert "03_memory has no variants; these have: 02" in capsys.readouterr().err
