"""Fetching Python for the page: what is missing is said, what has the wrong hash ends the build."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from urllib.error import URLError

import pytest

from book import ROOT, build
from book.fetching import Unreachable, WrongHash
from book.workbook import runtime as workbook_runtime
from tests.lacking import cannot_run

CONTENT = b"a wheel"
KNOWN = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def offline(monkeypatch, tmp_path: Path):
    """No network, and no wheel of our own."""

    def unreachable(*_, **__):
        raise URLError("no network")

    monkeypatch.setattr(workbook_runtime.urllib.request, "urlopen", unreachable)
    monkeypatch.delenv(workbook_runtime.WHEELS, raising=False)
    monkeypatch.setattr(workbook_runtime, "OWN_WHEELS", ROOT / "_build" / "no-wheels")


def folder_with(content: bytes, folder: Path) -> Path:
    folder.mkdir()
    (folder / "n.whl").write_bytes(content)
    return folder


@pytest.mark.parametrize("where", ["named", "ours"])
def test_the_wheel_comes_from_a_folder(offline, monkeypatch, tmp_path: Path, where: str):
    folder = folder_with(CONTENT, tmp_path / where)
    if where == "named":
        monkeypatch.setenv(workbook_runtime.WHEELS, str(folder))
        monkeypatch.setattr(
            workbook_runtime, "OWN_WHEELS", folder_with(b"another", tmp_path / "ours")
        )
    else:
        monkeypatch.setattr(workbook_runtime, "OWN_WHEELS", folder)
    workbook_runtime.wheel(tmp_path / "n.whl", KNOWN, "1")
    assert (tmp_path / "n.whl").read_bytes() == CONTENT


def test_a_wheel_with_another_hash_is_refused(offline, monkeypatch, tmp_path: Path):
    folder = folder_with(CONTENT + b"!", tmp_path / "named")
    monkeypatch.setenv(workbook_runtime.WHEELS, str(folder))
    with pytest.raises(WrongHash, match=r"named/n.whl has not the sha256") as wrong:
        workbook_runtime.wheel(tmp_path / "n.whl", KNOWN, "1")
    assert "\n" not in str(wrong.value) and "git" not in str(wrong.value)


def test_a_damaged_wheel_of_ours_is_refused_with_what_brings_it_back(
    offline, monkeypatch, tmp_path: Path
):
    folder = ROOT / "_build" / "damaged-wheels"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "n.whl").write_bytes(CONTENT[:-1])
    monkeypatch.setattr(workbook_runtime, "OWN_WHEELS", folder)
    with pytest.raises(WrongHash) as wrong:
        workbook_runtime.wheel(tmp_path / "n.whl", KNOWN, "1")
    assert "\n" not in str(wrong.value)
    assert "git checkout -- _build/damaged-wheels brings it back" in str(wrong.value)


@pytest.mark.parametrize("folder", ["", "there"])
def test_a_wheel_that_is_nowhere_is_unreachable(offline, monkeypatch, tmp_path: Path, folder):
    monkeypatch.setenv(workbook_runtime.WHEELS, folder and str(tmp_path / folder))
    with pytest.raises(Unreachable, match="WORKBOOK_WHEELS"):
        workbook_runtime.wheel(tmp_path / "n.whl", KNOWN, "1")


def test_our_wheel_is_the_one_in_pyodide_s_lock_file():
    """The lock file that npm brought; and git must not touch the wheel's bytes."""
    (ours,) = workbook_runtime.OWN_WHEELS.glob("*.whl")
    if not (workbook_runtime.WORK / "runtime").exists():
        cannot_run(workbook_runtime.ensure())
    lock = json.loads((workbook_runtime.WORK / "runtime" / "pyodide-lock.json").read_text())
    numpy = lock["packages"]["numpy"]
    assert (ours.name, workbook_runtime.sha256(ours)) == (numpy["file_name"], numpy["sha256"])
    assert "*.whl binary" in (ROOT / ".gitattributes").read_text().splitlines()
    assert "NumPy is licensed" in (ours.parent / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def fetched(monkeypatch, tmp_path: Path) -> Path:
    """A runtime as `fetch` leaves it, of one file."""
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    (runtime / "a.wasm").write_bytes(CONTENT)
    stamp = {"pins": workbook_runtime.pins(), "files": {"a.wasm": KNOWN}}
    (runtime / "runtime.json").write_text(json.dumps(stamp))
    return tmp_path


def forbidden(*_: object) -> None:
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
    assert sentence == (
        "exercises do NOT run in the page of this build: npm answered nothing; "
        "python -m book.workbook.runtime tries again."
    )
    assert not (fetched / "runtime").exists()


def test_a_fetch_that_fails_halfway_leaves_its_reason_and_nothing_else(
    offline, monkeypatch, tmp_path: Path
):
    """After npm has done its part, and 240 MB lie there, the wheel is nowhere."""
    monkeypatch.setattr(workbook_runtime, "npm", lambda folder: folder.mkdir())
    monkeypatch.setattr(workbook_runtime, "npm_packages", modules_without_a_wheel)
    monkeypatch.setattr(workbook_runtime, "bundle", lambda modules, target: target.touch())
    sentence = workbook_runtime.ensure(tmp_path)
    assert "n.whl is not in" in sentence and "\n" not in sentence
    assert sorted(path.name for path in tmp_path.iterdir()) == ["failed.json", "lock"]


def modules_without_a_wheel(_: object, folder: Path) -> Path:
    files = dict.fromkeys(workbook_runtime.FROM_NPM.values(), "")
    numpy = {"file_name": "n.whl", "sha256": KNOWN}
    files["pyodide/pyodide-lock.json"] = json.dumps({"info": {}, "packages": {"numpy": numpy}})
    files["pyodide/package.json"] = '{"version": "1"}'
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_where_exercises_are_required_the_build_fails_and_tries_each_time(monkeypatch):
    tries = []

    def nowhere(*_: object) -> None:
        tries.append(1)
        raise Unreachable("npm answered ENOTFOUND")

    work = ROOT / "_build" / "required"
    monkeypatch.setattr(workbook_runtime.ensure, "__defaults__", (work,))
    monkeypatch.setattr(workbook_runtime, "fetch", nowhere)
    for _ in range(2):
        with pytest.raises(build.BookError) as error:
            build.build(require_workbook=True)
        assert str(error.value) == (
            "book not built: exercises would not run in the page: npm answered ENOTFOUND."
        )
    assert len(tries) == 2


def test_a_wrong_hash_ends_the_build(monkeypatch):
    def wrong(**_: object):
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
