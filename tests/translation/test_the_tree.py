"""An edition is the same book: the same cells, code, outputs and formulas, in other words."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

from book import ROOT
from book.translate import edition, pages
from book.translate.languages import LANGUAGES
from book.translate.translations import Translations
from coursecheck import exercise
from coursecheck.messages import speak

ASKED = re.compile(r', language="\w+"')


@pytest.fixture(autouse=True)
def english_again():
    yield
    speak()


@pytest.fixture(scope="module", params=LANGUAGES)
def made(request) -> dict[str, nbformat.NotebookNode]:
    return dict(edition.notebooks(Translations(LANGUAGES[request.param])))


def english(name: str) -> nbformat.NotebookNode:
    return nbformat.read(ROOT / name, as_version=4)


def checked(output: nbformat.NotebookNode) -> bool:
    return output.get("data", {}).get("text/html", "").startswith('<div class="coursecheck')


def test_it_has_every_notebook(made):
    folders = ("chapters", "exercises", "solutions")
    assert set(made) == {f"{f}/{p.name}" for f in folders for p in (ROOT / f).glob("*.ipynb")}


def test_cells_code_and_outputs_are_the_same(made):
    for name, notebook in made.items():
        for theirs, ours in zip(notebook.cells, english(name).cells, strict=True):
            assert (theirs.id, theirs.cell_type) == (ours.id, ours.cell_type)
            if ours.cell_type == "code":
                assert ASKED.sub("", theirs.source) == ours.source
                assert len(theirs.outputs) == len(ours.outputs)
                for there, here in zip(theirs.outputs, ours.outputs, strict=True):
                    if checked(here):
                        marks = [each.data["text/plain"].count("✓") for each in (there, here)]
                        assert marks[0] == marks[1] > 0
                    else:
                        assert there == here


@pytest.fixture
def english_exercise():
    return exercise("02_hidden_bias")


def shown(value: object) -> dict[str, str]:
    return {"text/html": value._repr_html_(), "text/plain": repr(value)}


@pytest.mark.parametrize(
    ("answer", "words"), [(lambda o, y: o - y, "✓ do：正确"), (None, "✗ do"), (..., "○ do")]
)
def test_a_state_is_said_again_a_sentence_stays(english_exercise, answer: object, words: str):
    before = shown(english_exercise.check("do", answer))
    after = pages.in_words(before, "zh_CN")
    assert after["text/plain"].startswith(words)
    assert (after == before) is (not words.endswith("正确"))  # the others hold a sentence
    box = ElementTree.fromstring(after["text/html"])
    assert box.get("data-exercise") == "02_hidden_bias" and box.get("data-task") == "do"


def test_a_board_is_said_again_with_every_state_as_it_was(english_exercise):
    english_exercise.check("do", lambda o, y: o - y)
    after = pages.in_words(shown(english_exercise.board()), "zh_CN")
    assert after == shown_in_chinese(english_exercise)
    assert after["text/plain"].count("✓ 正确") == 1 and "○ 待完成" in after["text/plain"]


def shown_in_chinese(asked) -> dict[str, str]:
    speak("zh_CN")
    return shown(asked.board())


def test_a_box_without_its_facts_stays_as_it_is():
    without = {
        "text/html": '<div class="coursecheck">✓ do: right</div>',
        "text/plain": "✓ do: right",
    }
    assert pages.in_words(without, "zh_CN") == without


@pytest.mark.parametrize("lost", ["02_hidden_bias", "dW2"])
def test_a_board_of_what_is_no_longer_there_stays_as_it_is(english_exercise, lost: str):
    stored = shown(english_exercise.board())
    stored["text/html"] = stored["text/html"].replace(f'"{lost}"', '"renamed"')
    assert pages.in_words(stored, "zh_CN") == stored


def test_formulas_in_blocks_and_labels_are_the_same(made):
    blocks = re.compile(r"(?s)\$\$.*?\$\$(?: *\([\w:.-]+\))?")
    count = 0
    for name, notebook in made.items():
        for theirs, ours in zip(notebook.cells, english(name).cells, strict=True):
            assert blocks.findall(theirs.source) == blocks.findall(ours.source), (name, ours.id)
            count += len(blocks.findall(ours.source))
    assert count > 50


def test_headings_stay_headings(made):
    def levels(notebook: nbformat.NotebookNode) -> list[str]:
        text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
        return re.findall(r"(?m)^#+(?= )", text)

    for name, notebook in made.items():
        assert levels(notebook) == levels(english(name)), name


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_the_search_knows_the_terms_as_words(language):
    words = dict(edition.texts(Translations(language)))["words.txt"].split()
    if language.code == "zh_CN":
        assert {"反向传播", "计算图", "激活函数", "黑塞矩阵"} <= set(words)
    assert len(words) > 50


def test_a_second_writing_changes_no_file(tmp_path: Path):
    for language in LANGUAGES.values():
        edition.write(language, tmp_path)
        before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.*") if p.suffix != ".mo"}
        (tmp_path / "chapters" / "99_gone.ipynb").write_text("{}")
        edition.write(language, tmp_path)
        after = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.*") if p.suffix != ".mo"}
        assert after == before


# --- the checker speaks it -----------------------------------------------------------------------


def test_the_checker_answers_in_the_language_it_was_asked_in():
    theirs = exercise("02_hidden_bias", language="zh_CN").check("do", ...)
    assert repr(theirs).startswith("○ do：待完成")
    ours = exercise("02_hidden_bias").check("do", ...)
    assert repr(ours).startswith("○ do: to do")


def test_an_unknown_language_is_told():
    with pytest.raises(Exception, match="There is no language 'xx'. There are: en, zh_CN."):
        exercise("02_hidden_bias", language="xx")
