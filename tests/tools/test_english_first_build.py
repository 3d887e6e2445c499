"""The whole build, in a copy of the book where four things are not translated, or broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from book import ROOT

LEFT_OUT = shutil.ignore_patterns(
    *(".git", ".venv", "_build", "tests", "reports", ".*_cache", ".hypothesis", "my", "zh")
)
CHINESE = "book/locale/zh_CN/LC_MESSAGES"
# Python for the page is not what this is about.
BUILD = """
import sys
from book.workbook import runtime
runtime.ensure = lambda **_: "exercises do NOT run in the page of this build: not asked for."
from tools.book import main
sys.exit(main(["build"]))
"""


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, path
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The copy, and what the build said."""
    root = tmp_path_factory.mktemp("first") / "book"
    shutil.copytree(ROOT, root, ignore=LEFT_OUT)
    replace(root / "solutions" / "01_gradient_shape.ipynb", '"# Solution 1', '"# Solution 1 anew')
    (root / "pages" / "new.md").write_text("# A new page\n\nNobody translated it.\n", "utf-8")
    replace(
        root / "_toc.yml",
        "      - file: pages/glossary",
        "      - file: pages/glossary\n      - file: pages/new",
    )
    (root / CHINESE / "chapters" / "03_memory.po").unlink()
    broken = (
        root / CHINESE / "index.po",
        root / "coursecheck/locale/zh_CN/LC_MESSAGES/coursecheck.po",
    )
    for path in broken:
        replace(path, 'msgstr "', "msgstr ")
    done = subprocess.run(
        [sys.executable, "-c", BUILD],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root), "PYTHONUTF8": "1"},
        text=True,
        encoding="utf-8",
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return root, done.stdout


def test_the_book_is_built_and_what_is_broken_is_named(built: tuple[Path, str]):
    root, said = built
    assert (root / "_build/html/index.html").exists() and (root / "_build/html/zh").is_dir()
    assert f"{CHINESE}/index.po, line " in said
    assert "coursecheck/locale/zh_CN/LC_MESSAGES/coursecheck.po, line " in said
    assert "sentences of the pages are in English still" in said
    assert "Traceback" not in said
    assert said.rstrip().splitlines()[-1].startswith("book built in ")


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("exercises/01_gradient_shape", "Exercise 1 anew"),
        ("solutions/01_gradient_shape", "Solution 1 anew"),
        ("new", "Nobody translated it."),
        ("chapters/03_memory", "Summary"),
    ],
)
def test_english_stands_in_both_editions(built: tuple[Path, str], page: str, words: str):
    site = built[0] / "_build" / "html"
    for folder in (site, site / "zh"):
        assert words in (folder / f"{page}.html").read_text(encoding="utf-8"), folder


def test_what_is_translated_is_still_there(built: tuple[Path, str]):
    page = built[0] / "_build" / "html" / "zh" / "chapters" / "02_hidden_bias.html"
    assert "隐藏" in page.read_text(encoding="utf-8")
