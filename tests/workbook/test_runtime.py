"""Fetching Python for the page: what is missing is said, what has the wrong hash ends the build."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path
from urllib.error import URLError

import pytest

from book import build
from book.workbook import runtime as workbook_runtime
from book.workbook.runtime import Unreachable, WrongHash

CONTENT = b"a wheel"
KNOWN = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def offline(monkeypatch):
    def unreachable(*_, **__):
        raise URLError("no network")

    monkeypatch.setattr(workbook_runtime.urllib.request, "urlopen", unreachable)
    monkeypatch.delenv(workbook_runtime.WHEELS, raising=False)


def test_the_wheel_comes_from_the_named_folder(offline, monkeypatch, tmp_path: Path):
    (tmp_path / "n.whl").write_bytes(CONTENT)
    monkeypatch.setenv(workbook_runtime.WHEELS, str(tmp_path))
    target = tmp_path / "there" / "n.whl"
    target.parent.mkdir()
    workbook_runtime.wheel(target, KNOWN, "1")
    assert target.read_bytes() == CONTENT


def test_a_wheel_with_another_hash_is_refused(offline, monkeypatch, tmp_path: Path):
    (tmp_path / "n.whl").write_bytes(CONTENT + b"!")
    monkeypatch.setenv(workbook_runtime.WHEELS, str(tmp_path))
    (tmp_path / "there").mkdir()
    with pytest.raises(WrongHash, match="n.whl has not the sha256"):
        workbook_runtime.wheel(tmp_path / "there" / "n.whl", KNOWN, "1")


@pytest.mark.parametrize("folder", ["", "there"])
def test_a_wheel_that_is_nowhere_is_unreachable(offline, monkeypatch, tmp_path: Path, folder):
    monkeypatch.setenv(workbook_runtime.WHEELS, folder and str(tmp_path / folder))
    with pytest.raises(Unreachable, match="WORKBOOK_WHEELS"):
        workbook_runtime.wheel(tmp_path / "n.whl", KNOWN, "1")


@pytest.mark.parametrize(
    ("says", "raised"),
    [("npm error code EINTEGRITY", WrongHash), ("npm error code ENOTFOUND", Unreachable)],
)
def test_what_npm_says_is_told_apart(monkeypatch, tmp_path: Path, says, raised):
    script = f"import sys; sys.stderr.write({says!r}); sys.exit(1)"
    monkeypatch.setattr(workbook_runtime, "npm", lambda work: [sys.executable, "-c", script])
    with pytest.raises(raised, match=says.split()[-1]):
        workbook_runtime.npm_packages(tmp_path / "npm")


@pytest.fixture
def fetched(monkeypatch, tmp_path: Path) -> Path:
    """A runtime as `fetch` leaves it, of one file."""
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    (runtime / "a.wasm").write_bytes(CONTENT)
    stamp = {"pins": workbook_runtime.pins(), "files": {"a.wasm": KNOWN}}
    (runtime / "runtime.json").write_text(json.dumps(stamp))
    return tmp_path


def forbidden(work: Path) -> None:
    raise Unreachable("npm answered nothing")


def test_a_complete_runtime_is_not_fetched_again(monkeypatch, fetched: Path):
    monkeypatch.setattr(workbook_runtime, "fetch", forbidden)
    assert "exercises run in the page" in workbook_runtime.ensure(fetched)


@pytest.mark.parametrize("damage", ["changed", "missing", "other pins"])
def test_a_damaged_runtime_is_not_used(monkeypatch, fetched: Path, damage):
    monkeypatch.setattr(workbook_runtime, "fetch", forbidden)
    if damage == "changed":
        (fetched / "runtime" / "a.wasm").write_bytes(CONTENT + b"!")
    elif damage == "missing":
        (fetched / "runtime" / "a.wasm").unlink()
    else:
        monkeypatch.setattr(workbook_runtime, "pins", lambda: "others")
    sentence = workbook_runtime.ensure(fetched)
    assert sentence == "exercises do NOT run in the page of this build: npm answered nothing."
    assert not (fetched / "runtime").exists()


def test_a_wrong_hash_ends_the_build(monkeypatch):
    def wrong():
        raise WrongHash("n.whl has not the sha256 that is pinned.")

    monkeypatch.setattr(workbook_runtime, "ensure", wrong)
    with pytest.raises(build.BookError, match="book not built: n.whl has not the sha256"):
        build.build()


def test_every_npm_package_is_pinned_with_its_hash_and_names_no_host():
    wanted = json.loads((workbook_runtime.PINS / "package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"[\d.]+", version) for version in wanted.values())
    text = (workbook_runtime.PINS / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    assert packages.pop("")["dependencies"] == wanted
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert "://" not in text
