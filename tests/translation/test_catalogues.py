"""Catalogues follow the English text, and every fault in one is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from book.translate import __main__ as command
from book.translate import catalogues, pages
from book.translate.__main__ import sources
from book.translate.languages import LANGUAGES, Language


@pytest.fixture
def language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Language:
    """A language whose catalogues lie in a folder of their own."""
    monkeypatch.setattr("book.translate.languages.LOCALE", tmp_path)
    return Language("zh_CN", "zh-CN", "zh", "中文", re.compile(r"[\u4e00-\u9fff]"))


def write(language: Language, text: str, domain: str = "page") -> None:
    path = catalogues.path_of(domain, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def faults(language: Language, text: str, said: str, *, fuzzy: bool = False, comment: str = ""):
    message = Message(text, said, flags=["fuzzy"] if fuzzy else [], user_comments=[comment])
    return list(catalogues.faults(message, language))


# --- the book's own: a release has all of it, and work in progress may lack some -----------------


@pytest.mark.release
@pytest.mark.parametrize("code", LANGUAGES)
def test_everything_is_said_in_every_language(code: str):
    """No entry is missing, fuzzy, stale or English still; formulas, code and links are the same."""
    wanted = sources()
    assert sum(map(len, wanted.values())) > 1500
    found = [
        problem
        for domain, messages in wanted.items()
        for problem in catalogues.problems(domain, messages, LANGUAGES[code])
    ]
    assert found == []


@pytest.mark.release
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_same_sentence_is_said_in_the_same_way_on_every_page(code: str):
    said: dict[str, set[str]] = {}
    for domain in pages.names():
        known = catalogues.translations(domain, LANGUAGES[code])
        for text, translation in known.items():
            said.setdefault(text, set()).add(translation)
    assert {text: ways for text, ways in said.items() if len(ways) > 1} == {}


# --- each fault is seen --------------------------------------------------------------------------


def test_a_translation_that_is_right_is_left_alone(language: Language):
    assert faults(language, "the *size* of $a$ in `b`", "`b` 中 $a$ 的*大小*") == []
    assert faults(language, "**Right.** So", "**对**。所以") == []
    assert faults(language, "Adam", "Adam", comment="same") == []


@pytest.mark.parametrize(
    ("text", "said", "fault"),
    [
        ("a word", "", "not translated"),
        ("a word", "a word", "in English still"),
        ("a word", "another", "in English still"),
        ("so $x$", "所以 $y$", "another formula"),
        ("**Right.** So", "**对。**所以", "shows its asterisks"),
        ("so $x$ and $x$", "所以 $x$", "another formula"),
        ("run `make`", "运行 make", "another code"),
        ("see {eq}`a`", "见 {eq}`b`", "another role"),
        ("[this](a.md)", "[这个](b.md)", "another link"),
        ("{name}: wrong", "{names}：错了", "another field"),
    ],
)
def test_a_fault_is_told(language: Language, text: str, said: str, fault: str):
    (found,) = faults(language, text, said)
    assert found.startswith(fault)


def test_what_is_fuzzy_is_told(language: Language):
    assert faults(language, "a word", "一个词", fuzzy=True) == ["fuzzy, to be looked at"]


def test_what_is_missing_or_stale_is_told(language: Language):
    write(language, 'msgid "old words"\nmsgstr "旧词"\n')
    assert list(catalogues.problems("page", [("new words", "")], language)) == [
        "page: not in the catalogue: 'new words'",
        "page: stale, no page says it: 'old words'",
    ]


# --- keeping up ----------------------------------------------------------------------------------


def update(language: Language, messages: list[tuple[str, str]]) -> str:
    path = catalogues.path_of("page", language)
    catalogues.store(path, catalogues.updated("page", messages, language))
    return path.read_text(encoding="utf-8")


def test_a_new_sentence_comes_in_and_a_dropped_one_goes(language: Language):
    write(language, 'msgid "stays"\nmsgstr "留下"\n\nmsgid "goes away"\nmsgstr "走了"\n')
    text = update(language, [("stays", ""), ("something else entirely", "cell")])
    assert "goes away" not in text and "#. cell" in text
    assert catalogues.translations("page", language) == {"stays": "留下"}


def test_a_changed_sentence_keeps_its_translation_as_fuzzy(language: Language):
    write(language, 'msgid "the gradient has a shape"\nmsgstr "梯度有形状"\n')
    text = update(language, [("the gradient has one shape", "")])
    assert catalogues.translations("page", language) == {}
    (problem,) = catalogues.problems("page", [("the gradient has one shape", "")], language)
    assert "fuzzy" in problem and "梯度有形状" in text


OLD = "{name}: the square of a sum is not the sum of the squares."
REWORDED = "{name}: squaring a sum does not give the sum of the squares."


@pytest.mark.parametrize(("place", "kept"), [("02: square", True), ("02: another", False)])
def test_only_an_edit_in_place_may_change_much(language: Language, place: str, kept: bool):
    """A new reason is not given the translation of another one that happens to be like it."""
    write(language, f'#. 02: square\nmsgid "{OLD}"\nmsgstr "{{name}}：平方和"\n')
    assert ("平方和" in update(language, [(REWORDED, place)])) == kept


def test_a_translation_whose_english_is_still_there_is_given_to_no_other(language: Language):
    write(language, '#. cell\nmsgid "the first line is new"\nmsgstr "第一行是新的"\n')
    both = [("the first line is new", "cell"), ("the first line is now", "cell")]
    assert update(language, both).count("第一行是新的") == 1


def test_an_update_without_changes_writes_nothing(language: Language):
    update(language, [("one", "a"), ("two", "b")])
    path = catalogues.path_of("page", language)
    before = path.stat().st_mtime_ns
    update(language, [("one", "a"), ("two", "b")])
    assert path.stat().st_mtime_ns == before


# --- a catalogue that is not there, or is broken -------------------------------------------------

BROKEN = 'msgid "one"\nmsgstr "一"\n\nmsgid "two"\nmsgstr 二"\n'


def test_a_catalogue_that_is_not_there_is_told_in_one_sentence(language: Language):
    with pytest.raises(catalogues.NoCatalogue, match="python -m book.translate update"):
        catalogues.read("nowhere", language)


def test_a_broken_catalogue_is_told_with_its_line(language: Language):
    write(language, BROKEN)
    with pytest.raises(catalogues.BrokenCatalogue, match="page.po, line 5: not what"):
        catalogues.read("page", language)


@pytest.fixture
def two_pages(language: Language, monkeypatch: pytest.MonkeyPatch) -> Language:
    """A book of two pages, and one language besides English."""
    wanted = {"page": [("one", ""), ("two", "")], "other": [("three", "")]}
    monkeypatch.setattr(command, "sources", lambda: wanted)
    monkeypatch.setattr(command, "LANGUAGES", {"zh_CN": language})
    return language


def test_an_update_with_a_broken_catalogue_writes_nothing(two_pages: Language, capsys):
    write(two_pages, BROKEN)
    assert command.main(["update"]) == 1
    err = capsys.readouterr().err
    assert re.fullmatch(r".*page.po, line 5: .*Nothing was written.\n", err), err
    assert catalogues.path_of("page", two_pages).read_text(encoding="utf-8") == BROKEN
    assert not catalogues.path_of("other", two_pages).exists()


def test_the_check_reports_and_only_a_strict_one_fails(two_pages: Language, capsys):
    write(two_pages, 'msgid "one"\nmsgstr "一"\n')
    write(two_pages, 'msgid "gone"\nmsgstr "走了"\n', "left")
    assert command.main(["check"]) == 0
    said = capsys.readouterr().out
    assert "zh_CN/page: not in the catalogue: 'two'" in said
    assert "zh_CN/other: there is no catalogue, and 1 sentences are English" in said
    assert "zh_CN/left: this catalogue belongs to no page" in said
    assert "zh_CN: 3 sentences; 3 to be looked at" in said
    assert command.main(["check", "--strict"]) == 1

    assert command.main(["update"]) == 0
    catalogues.path_of("left", two_pages).unlink()
    for name, words in {"page": ("one", "two"), "other": ("three",)}.items():
        path = catalogues.path_of(name, two_pages)
        text = "".join(f'msgid "{word}"\nmsgstr "字"\n\n' for word in words)
        path.write_text(text, encoding="utf-8")
    assert command.main(["check", "--strict"]) == 0
    assert "every one is translated" in capsys.readouterr().out
