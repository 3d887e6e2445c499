"""Catalogues follow the English text, and every fault in one is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from book.translate import catalogues, edition, pages
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


# --- the book's own ------------------------------------------------------------------------------


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


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_same_sentence_is_said_in_the_same_way_on_every_page(code: str):
    said: dict[str, set[str]] = {}
    for domain in pages.names():
        for text, translation in catalogues.translations(domain, LANGUAGES[code]).items():
            said.setdefault(text, set()).add(translation)
    assert {text: ways for text, ways in said.items() if len(ways) > 1} == {}


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_catalogue_is_left_over(code: str):
    folder = LANGUAGES[code].catalogues
    there = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.po")}
    assert there == set(sources())


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_checker_has_what_its_catalogue_makes(code: str):
    language = LANGUAGES[code]
    path = edition.path_of_compiled(edition.CHECKER, language, edition.CHECKER_LOCALE)
    assert path.read_bytes() == edition.compiled(edition.CHECKER, language)


# --- each fault is seen --------------------------------------------------------------------------


def test_a_translation_that_is_right_is_left_alone(language: Language):
    assert faults(language, "the *size* of $a$ in `b`", "`b` 中 $a$ 的*大小*") == []
    assert faults(language, "Adam", "Adam", comment="same") == []


@pytest.mark.parametrize(
    ("text", "said", "fault"),
    [
        ("a word", "", "not translated"),
        ("a word", "a word", "in English still"),
        ("a word", "another", "in English still"),
        ("so $x$", "所以 $y$", "another formula"),
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


def test_a_new_sentence_comes_in_and_a_dropped_one_goes(language: Language):
    write(language, 'msgid "stays"\nmsgstr "留下"\n\nmsgid "goes away"\nmsgstr "走了"\n')
    catalogues.update("page", [("stays", ""), ("something else entirely", "cell")], language)
    text = catalogues.path_of("page", language).read_text(encoding="utf-8")
    assert "goes away" not in text and "#. cell" in text
    assert catalogues.translations("page", language) == {"stays": "留下"}


def test_a_changed_sentence_keeps_its_translation_as_fuzzy(language: Language):
    write(language, 'msgid "the gradient has a shape"\nmsgstr "梯度有形状"\n')
    catalogues.update("page", [("the gradient has one shape", "")], language)
    assert catalogues.translations("page", language) == {}
    (problem,) = catalogues.problems("page", [("the gradient has one shape", "")], language)
    assert "fuzzy" in problem
    assert "梯度有形状" in catalogues.path_of("page", language).read_text(encoding="utf-8")


def test_an_update_without_changes_writes_nothing(language: Language):
    catalogues.update("page", [("one", "a"), ("two", "b")], language)
    path = catalogues.path_of("page", language)
    before = path.stat().st_mtime_ns
    catalogues.update("page", [("one", "a"), ("two", "b")], language)
    assert path.stat().st_mtime_ns == before


def test_a_catalogue_that_is_not_there_is_told_in_one_sentence(language: Language):
    with pytest.raises(catalogues.NoCatalogue, match="python -m book.translate update"):
        catalogues.read("nowhere", language)
