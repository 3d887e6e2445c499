"""A release has what work in progress may lack; each lack is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from book import ROOT
from tools import release


def test_the_version_is_the_same_everywhere(tmp_path: Path):
    assert release.versions() == []
    for name in release.VERSIONS:
        shutil.copy(ROOT / name, tmp_path)
    text = (tmp_path / "CITATION.cff").read_text(encoding="utf-8")
    (tmp_path / "CITATION.cff").write_text(text.replace("version: ", "version: 9."), "utf-8")
    (tmp_path / "index.md").write_text("# No version\n", encoding="utf-8")
    known = release.re.search(release.VERSIONS["CITATION.cff"], text)[1]
    assert release.versions(tmp_path) == [
        f"CITATION.cff has version 9.{known}, not {known}",
        f"index.md has version none, not {known}",
    ]


def test_a_book_without_python_in_its_pages_is_none_to_release(tmp_path: Path):
    assert release.exercises_in_the_page(tmp_path) == ["there is no book: run make book first"]
    (tmp_path / "index.html").touch()
    (sentence,) = release.exercises_in_the_page(tmp_path)
    assert sentence.startswith("exercises do not run in the page")
    (tmp_path / "workbook-1").mkdir()
    (tmp_path / "workbook-1" / "worker.mjs").touch()
    assert release.exercises_in_the_page(tmp_path) == []


@pytest.mark.parametrize("code", [0, 1])
def test_translations_are_checked_strictly(monkeypatch: pytest.MonkeyPatch, code: int):
    asked = []
    monkeypatch.setattr(release, "translate", lambda words: asked.append(words) or code)
    assert bool(release.translations()) == bool(code)
    assert asked == [["check", "--strict"]]


def test_what_is_missing_is_said_at_the_end(monkeypatch: pytest.MonkeyPatch, capsys):
    steps = (("a", lambda: ["this is missing"]), ("b", lambda: []), ("c", lambda: ["and that"]))
    monkeypatch.setattr(release, "STEPS", steps)
    assert release.main() == 1
    assert capsys.readouterr().out.endswith("no release yet: this is missing; and that\n")
    monkeypatch.setattr(release, "STEPS", steps[1:2])
    assert release.main() == 0
    assert capsys.readouterr().out.endswith("this can be released.\n")
