"""The KaTeX in the repository: the pinned package's files, each with its hash."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import quickjs

from book import ROOT
from tools import katex


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A repository with nothing but KaTeX and its pin."""
    for folder in (katex.PINS, katex.STYLES, katex.SCRIPT.parent):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def test_every_file_has_the_hash_that_the_record_names():
    assert katex.stale(katex.held()) == []
    assert len(katex.held()) > 20


def test_the_script_and_the_styles_are_of_the_pinned_version():
    version = json.loads((ROOT / katex.RECORD).read_text("utf-8"))["version"]
    context = quickjs.Context()
    context.eval((ROOT / katex.SCRIPT).read_text("utf-8"))
    assert context.eval("katex.version") == version
    styles = (ROOT / katex.STYLES / "katex.min.css").read_text("utf-8")
    assert f'.katex-version:after{{content:"{version}"}}' in styles


def test_a_changed_a_missing_and_a_foreign_file_are_named(copy: Path):
    made = katex.held(copy)
    (copy / katex.STYLES / "LICENSE").write_text("mine")
    (copy / katex.STYLES / "katex.min.css").unlink()
    (copy / katex.STYLES / "katex.css").write_text("")
    assert katex.stale(made, copy) == [
        "book/theme/static/katex/LICENSE is not the package's",
        "book/theme/static/katex/katex.css is not in the package",
        "book/theme/static/katex/katex.min.css is missing",
    ]
    (record,) = katex.stale(katex.held(copy), copy)  # the hashes alone tell that, without npm
    assert record == "book/ext/vendor/katex.json is not what the lock file and the files say"
    katex.write(made, copy)
    assert katex.stale(made, copy) == []
    assert not (copy / katex.STYLES / "katex.css").exists()


def test_another_pin_is_noticed(copy: Path):
    lock = copy / katex.PINS / "package-lock.json"
    lock.write_text(lock.read_text().replace("0.19.1", "0.19.2"))
    (wrong,) = katex.stale(katex.held(copy), copy)
    assert wrong.startswith("book/ext/vendor/katex.json is not what")


def test_the_style_sheet_keeps_one_kind_of_font():
    face = 'src:url(fonts/A-B.woff2) format("woff2")'
    older = ',url(fonts/A-B.woff) format("woff"),url(fonts/A-B.ttf) format("truetype")'
    assert katex.OLDER_FONT.sub("", face + older + "}") == face + "}"


def test_without_npm_nothing_is_compared_and_it_says_so(monkeypatch, capsys):
    monkeypatch.setattr(katex.shutil, "which", lambda name: None)
    assert katex.main(["--check"]) == 1
    assert "Nothing compared: this machine has no npm." in capsys.readouterr().err


def test_they_are_the_files_of_the_package(tmp_path: Path):
    try:
        package = katex.installed(tmp_path)
    except katex.Unreachable as reason:
        pytest.skip(str(reason))
    assert katex.stale(katex.made_from(package)) == []


def test_a_package_with_another_hash_is_refused(tmp_path: Path, copy: Path):
    lock = copy / katex.PINS / "package-lock.json"
    pinned = json.loads(lock.read_text())["packages"]["node_modules/katex"]["integrity"]
    lock.write_text(lock.read_text().replace(pinned, pinned.replace("G8u", "G8v")))
    try:
        with pytest.raises(SystemExit, match="has not the hash that is pinned"):
            katex.installed(tmp_path / "npm", copy)
    except katex.Unreachable as reason:
        pytest.skip(str(reason))
