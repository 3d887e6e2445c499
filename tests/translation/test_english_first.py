"""Whatever is wrong with a translation, the English book is made; what is wrong with the English
sources is one sentence, and loses nothing. All on a small book made up for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import yaml

from book import build, jupyter_book, sources
from book.translate import catalogues, edition, words
from book.translate.languages import ENGLISH, LANGUAGES, Language
from book.workbook import runtime
from tools import book as command

TOC = {
    "root": "index",
    "parts": [
        {"caption": "Chapters", "chapters": [{"file": "chapters/01_one"}]},
        {"caption": "Exercises", "chapters": [{"file": "exercises/01_one"}]},
        {"caption": "Solutions", "chapters": [{"file": "solutions/01_one"}]},
        {"caption": "More", "chapters": [{"file": "pages/about"}]},
    ],
}
SAID = {
    "index": {"A first page": "首页", "Words of it.": "首页的话。"},
    "pages/about": {"About it": "关于"},
    "chapters/01_one": {"1: One": "1：一"},
    "solutions/01_one": {"Solution 1: One": "参考答案 1：一", "Find it.": "求它。"},
    "site": {"Chapters": "各章"},
}


def notebook(*cells: str) -> str:
    made = []
    for number, text in enumerate(cells):
        words = text.startswith(("# ", "Find"))
        new = nbformat.v4.new_markdown_cell if words else nbformat.v4.new_code_cell
        made.append(new(text, id=f"c{number}"))
    return nbformat.writes(nbformat.v4.new_notebook(cells=made)) + "\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book of five pages with a catalogue for each."""
    root, locale = tmp_path / "book", tmp_path / "locale"
    for name, text in {
        "index.md": "# A first page\n\nWords of it.\n",
        "pages/about.md": "# About it\n",
        "chapters/01_one.ipynb": notebook("# 1: One", "a = 1"),
        "solutions/01_one.ipynb": notebook("# Solution 1: One", "Find it.", "a = 1  # SOLUTION"),
        "_toc.yml": yaml.safe_dump(TOC),
        "_config.yml": (sources.ROOT / "_config.yml").read_text(encoding="utf-8"),
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr("book.translate.languages.LOCALE", locale)
    chinese = LANGUAGES["zh_CN"]
    for domain, entries in SAID.items():
        path = catalogues.path_of(domain, chinese)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(f'msgid "{here}"\nmsgstr "{there}"\n\n' for here, there in entries.items())
        path.write_text(text, encoding="utf-8")
    chinese.glossary.write_text('[book]\nexercise = "练习"\nsolution = "参考答案"\n', "utf-8")
    monkeypatch.setattr(sources, "ROOT", root)
    return root


def replace(root: Path, name: str, old: str, new: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    assert old in text
    (root / name).write_text(text.replace(old, new), encoding="utf-8")


def made(language: Language, tmp_path: Path) -> tuple[dict[str, str], list[str]]:
    """The edition's files, and what whoever builds it is told."""
    folder = tmp_path / "tree" / language.code
    said = edition.write(language, folder).remarks()
    files = [path for path in folder.rglob("*") if path.suffix != ".mo" and path.is_file()]
    return {p.relative_to(folder).as_posix(): p.read_text("utf-8") for p in files}, said


def title(text: str) -> str:
    return nbformat.reads(text, as_version=4).cells[0].source


def english_left(remarks: list[str]) -> int:
    (remark,) = [each for each in remarks if "in English still" in each]
    return int(re.search(r"(\d+) of", remark)[1])


# --- whatever is wrong with a translation --------------------------------------------------------


def test_the_small_book_is_translated(root: Path, tmp_path: Path):
    files, _ = made(LANGUAGES["zh_CN"], tmp_path)
    assert "首页的话。" in files["index.md"] and "关于" in files["about.md"]
    assert title(files["exercises/01_one.ipynb"]) == "# 练习 1：一"
    assert title(files["solutions/01_one.ipynb"]) == "# 参考答案 1：一"


@pytest.mark.parametrize(
    ("name", "old", "page", "shown"),
    [
        ("index.md", "# A first page", "index.md", "# A first page, again"),
        ("solutions/01_one.ipynb", "# Solution 1: One", "exercises/01_one.ipynb",
         "# Exercise 1: One, again"),
    ],
)  # fmt: skip
def test_a_changed_heading_is_english_in_both(root, tmp_path, name, old, page, shown):
    before = english_left(made(LANGUAGES["zh_CN"], tmp_path)[1])
    replace(root, name, old, f"{old}, again")
    for language in (ENGLISH, LANGUAGES["zh_CN"]):
        files, remarks = made(language, tmp_path)
        assert shown in files[page], language
    assert english_left(remarks) == before + 1


def test_a_new_page_is_english_in_both(root: Path, tmp_path: Path):
    (root / "pages" / "new.md").write_text("# A new page\n", encoding="utf-8")
    replace(root, "_toc.yml", "- file: pages/about", "- file: pages/about\n  - file: pages/new")
    for language in (ENGLISH, LANGUAGES["zh_CN"]):
        files, _ = made(language, tmp_path)
        assert files["new.md"] == "# A new page\n" and "- file: new" in files["_toc.yml"]


def test_without_a_catalogue_the_page_is_english_and_counted(root: Path, tmp_path: Path):
    before = english_left(made(LANGUAGES["zh_CN"], tmp_path)[1])
    for domain in ("index", "site"):
        catalogues.path_of(domain, LANGUAGES["zh_CN"]).unlink()
    files, remarks = made(LANGUAGES["zh_CN"], tmp_path)
    assert files["index.md"] == "# A first page\n\nWords of it.\n"
    assert "关于" in files["about.md"]
    assert english_left(remarks) == before + 3


def test_a_broken_catalogue_is_named_with_its_line_and_its_page_is_english(root, tmp_path):
    path = catalogues.path_of("index", LANGUAGES["zh_CN"])
    path.write_text(path.read_text("utf-8").replace('msgstr "首页"', "msgstr 首页"), "utf-8")
    files, remarks = made(LANGUAGES["zh_CN"], tmp_path)
    assert files["index.md"] == "# A first page\n\nWords of it.\n"
    (broken,) = [remark for remark in remarks if "line" in remark]
    assert re.fullmatch(
        r".*index\.po, line 2: not what a catalogue holds there: msgstr 首页\.", broken
    )
    assert made(ENGLISH, tmp_path)[1] == []


def test_what_is_fuzzy_is_english(root: Path, tmp_path: Path):
    path = catalogues.path_of("index", LANGUAGES["zh_CN"])
    path.write_text("#, fuzzy\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert made(LANGUAGES["zh_CN"], tmp_path)[0]["index.md"] == "# A first page\n\n首页的话。\n"


def test_a_page_without_sentences_to_find_is_english(root: Path, tmp_path: Path):
    replace(root, "pages/about.md", "# About", "---\nmyst: [\n---\n\n# About")
    files, remarks = made(LANGUAGES["zh_CN"], tmp_path)
    assert "# About it" in files["about.md"]
    assert any("pages/about stays English" in remark for remark in remarks)


# --- whatever is wrong with a source -------------------------------------------------------------


def remove(root: Path, name: str) -> None:
    (root / name).unlink()


def is_text(name: str, text: str | bytes) -> Callable[[Path], object]:
    content = text if isinstance(text, bytes) else text.encode()
    return lambda root: (root / name).write_bytes(content)


TWO_SOLUTIONS = notebook("# Solution 1", "### BEGIN SOLUTION\na = 1")
BROKEN = {
    "no json": (is_text("chapters/01_one.ipynb", "{"), r"chapters/01_one.ipynb: not a notebook \("),
    "no notebook": (is_text("chapters/01_one.ipynb", "[1]"), r"chapters/01_one.ipynb: not a note"),
    "no cells": (is_text("chapters/01_one.ipynb", '{"a": 1}'), "chapters/01_one.ipynb: not a note"),
    "not UTF-8": (is_text("chapters/01_one.ipynb", b"\xff"), r"chapters/01_one.ipynb: byte 0 is n"),
    "empty": (is_text("chapters/01_one.ipynb", ""), r"chapters/01_one.ipynb: not a notebook"),
    "missing page": (
        lambda root: replace(root, "_toc.yml", "pages/about", "pages/nowhere"),
        r"_toc.yml names pages/nowhere, and there is neither pages/nowhere.ipynb nor pages/nowhere",
    ),
    "missing solution": (
        lambda root: remove(root, "solutions/01_one.ipynb"),
        r"_toc.yml names exercises/01_one, and there is no solutions/01_one.ipynb to make it from",
    ),
    "unnamed solution": (
        lambda root: replace(root, "_toc.yml", "file: solutions/01_one", "file: pages/about"),
        r"_toc.yml names exercises/01_one, so it has to name solutions/01_one too",
    ),
    "no contents": (lambda root: remove(root, "_toc.yml"), r"_toc.yml is missing"),
    "contents no YAML": (is_text("_toc.yml", "root: index\nparts: [\n"), r"_toc.yml, line \d: "),
    "contents without parts": (is_text("_toc.yml", "root: index\n"), r"_toc.yml: expected 'root:'"),
    "contents a list": (is_text("_toc.yml", "- a\n"), r"_toc.yml: expected 'key: value' lines"),
    "no settings": (lambda root: remove(root, "_config.yml"), r"_config.yml is missing"),
    "settings no YAML": (is_text("_config.yml", "title: a\n b: :\n"), r"_config.yml, line 2: "),
    "settings, tabs": (is_text("_config.yml", "a: a\nhtml:\n\tb: 1\n"), "_config.yml, line 3: "),
    "settings empty": (is_text("_config.yml", ""), r"_config.yml: expected 'key: value' lines"),
    "settings lack one": (is_text("_config.yml", "title: a\n"), r"_config.yml has no author:"),
    "settings of a kind": (
        lambda root: replace(root, "_config.yml", "html:\n", "html: 3\nother:\n"),
        r"_config.yml is not as it has to be: ",
    ),
    "no title": (
        lambda root: replace(root, "solutions/01_one.ipynb", "# Solution 1", "# Answer 1"),
        r"solutions/01_one.ipynb: no cell begins with the title '# Solution N …'",
    ),
    "a marker": (
        is_text("solutions/01_one.ipynb", TWO_SOLUTIONS),
        r"solutions/01_one.ipynb, cell c1: ### BEGIN SOLUTION without ### END SOLUTION",
    ),
}  # fmt: skip


@pytest.fixture
def no_pages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The build as far as Jupyter Book, into a folder of its own."""
    folder = tmp_path / "_build"
    for name, path in {
        "BUILD": folder,
        "HTML": folder / "html",
        "LOG": folder / "book.log",
    }.items():
        monkeypatch.setattr(build, name, path)
    monkeypatch.setattr(runtime, "is_complete", lambda *_: True)
    monkeypatch.setattr(runtime, "ensure", lambda **_: "exercises run in the page.")
    monkeypatch.setattr(jupyter_book.JupyterBook, "run", lambda self: [])
    return folder


def bytes_of(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_fault_is_one_sentence_and_the_next_run_heals(root, no_pages, capsys, fault):
    damage, sentence = BROKEN[fault]
    assert command.main(["build"]) == 0
    capsys.readouterr()
    whole, tree = bytes_of(root), bytes_of(no_pages / "editions")

    damage(root)
    assert command.main(["build"]) == 1
    out, err = capsys.readouterr()
    assert re.match(f"book not built: {sentence}", err), err
    assert err.count("\n") == 1 and err.endswith(".\n") and "Traceback" not in out + err
    assert bytes_of(no_pages / "editions") == tree

    for path, content in whole.items():
        path.write_bytes(content)
    assert command.main(["build"]) == 0
    assert bytes_of(root) == whole
    assert capsys.readouterr().out.rstrip().split("\n")[-1].startswith("book built in ")


def test_the_settings_without_a_word_are_told_by_the_check_too(root: Path):
    replace(root, "_config.yml", "title: One", "name: One")
    with pytest.raises(sources.SourceError, match="_config.yml has no title:"):
        list(words.of_the_settings())
