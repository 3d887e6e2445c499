"""Fetching once: whole or not at all, one process at a time, and no long failure twice."""

from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from book import fetching
from book.fetching import Npm, Unreachable, WrongHash, once


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def fills(work: Path):
    """A fetch that makes ``work/made`` of two files."""

    def fetch(part: Path) -> None:
        (part / "made").mkdir()
        for name in ("a", "b"):
            (part / "made" / name).write_text(name)
        (part / "left over").touch()
        (part / "made").rename(work / "made")

    return fetch


def fails(error: Exception, tries: list[int]):
    def fetch(part: Path) -> None:
        tries.append(1)
        (part / "half").write_text("half")
        raise error

    return fetch


def test_what_is_fetched_is_there_whole_and_nothing_else(tmp_path: Path):
    work = tmp_path / "work"
    once(work, "1", (work / "made").exists, fills(work))
    assert names(work) == ["lock", "made"]
    once(work, "1", (work / "made").exists, fails(AssertionError("fetched twice"), []))


@pytest.mark.parametrize(
    "error",
    [Unreachable("no network"), WrongHash("wrong"), KeyboardInterrupt(), OSError(28, "full")],
)
def test_a_fetch_that_fails_leaves_nothing_but_its_reason(tmp_path: Path, error: Exception):
    raised = Unreachable if isinstance(error, OSError) else type(error)
    with pytest.raises(raised):
        once(tmp_path, "1", lambda: False, fails(error, []))
    assert set(names(tmp_path)) <= {"lock", "failed.json"}
    once(tmp_path, "2", (tmp_path / "made").exists, fills(tmp_path))
    assert names(tmp_path) == ["lock", "made"]


def test_what_an_earlier_process_left_half_is_removed(tmp_path: Path):
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "half").touch()
    once(tmp_path, "1", lambda: True, fills(tmp_path))
    assert names(tmp_path) == ["lock"]


def test_a_failure_is_remembered_for_an_hour_for_the_same_pins(tmp_path: Path, monkeypatch):
    tries: list[int] = []
    fetch = fails(Unreachable("no network"), tries)

    def again(pins: str = "1", **options: bool) -> str:
        with pytest.raises(Unreachable) as error:
            once(tmp_path, pins, lambda: False, fetch, **options)
        return str(error.value)

    assert again() == "no network" and len(tries) == 1
    assert again() == "no network" and len(tries) == 1  # the same words: they are counted by them
    assert again(again=True) == "no network" and len(tries) == 2
    assert again("2") == "no network" and len(tries) == 3
    now = time.time()
    monkeypatch.setattr(fetching.time, "time", lambda: now + 3700)
    assert again("2") == "no network" and len(tries) == 4
    (tmp_path / "failed.json").write_text("{")
    assert again("2") == "no network" and len(tries) == 5


def test_a_full_disk_is_told_and_the_next_run_heals(tmp_path: Path):
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "made")
    with pytest.raises(Unreachable, match=r"^nothing can be written to .*: No space left") as error:
        once(tmp_path, "1", lambda: False, fails(full, []))
    assert "\n" not in str(error.value)
    once(tmp_path, "1", (tmp_path / "made").exists, fills(tmp_path))
    assert names(tmp_path) == ["lock", "made"]


def test_a_file_in_the_folder_s_place_is_told(tmp_path: Path):
    (tmp_path / "work").touch()
    with pytest.raises(Unreachable, match="nothing can be written to"):
        once(tmp_path / "work", "1", lambda: False, fills(tmp_path))


def _slowly(work: Path) -> None:
    def fetch(part: Path) -> None:
        (work / f"fetched by {os.getpid()}").touch()
        time.sleep(0.5)
        (part / "made").mkdir()
        (part / "made").rename(work / "made")

    once(work, "1", (work / "made").exists, fetch)


def test_two_processes_fetch_once(tmp_path: Path):
    workers = [
        multiprocessing.get_context("spawn").Process(target=_slowly, args=(tmp_path,))
        for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len([name for name in names(tmp_path) if name.startswith("fetched")]) == 1


# --- npm -----------------------------------------------------------------------------------------

OFFLINE = """npm error code ENOTFOUND
npm error syscall getaddrinfo
npm error network request to https://here.invalid/x failed, reason: getaddrinfo ENOTFOUND
npm error network This is a problem related to network connectivity.
npm error A complete log of this run can be found in: x.log
"""


def says(text: str) -> Npm:
    """An npm that fails with these words."""
    command = (sys.executable, "-c", f"import sys; sys.stderr.write({text!r}); sys.exit(1)")
    return Npm(command, command)


@pytest.mark.parametrize(
    ("text", "raised", "words"),
    [
        ("npm error code EINTEGRITY", WrongHash, "has not the hash that is pinned"),
        (OFFLINE, Unreachable, "^npm answered ENOTFOUND: getaddrinfo ENOTFOUND$"),
        ("", Unreachable, "^npm answered an error, and no more$"),
        ("npm error code ENOSPC", OSError, "No space left on device"),
    ],
)
def test_what_npm_says_is_told_apart(tmp_path: Path, text: str, raised: type, words: str):
    with pytest.raises(raised, match=words):
        says(text).run("ci", folder=tmp_path)


@pytest.mark.parametrize(
    ("text", "raised", "words"),
    [
        ("ENOSPC\n", OSError, "No space left"),
        ("ERR_BAD\n", Unreachable, "not be unpacked: ERR_BAD"),
    ],
)
def test_what_node_says_is_told_apart(text: str, raised: type, words: str):
    with pytest.raises(raised, match=words):
        says(text).script("1")


def program(folder: Path, name: str, text: str = "#!/bin/sh\nexit 0\n") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    (folder / name).chmod(stat.S_IRWXU)
    return folder / name


@pytest.mark.skipif(os.name == "nt", reason="programs are told by their names there")
def test_this_machine_s_npm_comes_first_and_needs_its_node(monkeypatch, tmp_path: Path):
    path = tmp_path / "bin"
    own = program(path, "npm"), program(path, "node")
    monkeypatch.setenv("PATH", str(path))
    assert fetching.npm(tmp_path / "node") == Npm((str(own[0]),), (str(own[1]),))
    own[1].unlink()
    asked = []

    def run(command: list, **_: object):
        asked.append(command)
        return type("Result", (), {"returncode": 0})

    monkeypatch.setattr(fetching.subprocess, "run", run)
    client = fetching.npm(tmp_path / "node")
    assert fetching.NPM_FROM_PYPI in asked[0] and tmp_path / "node" in asked[0]
    assert "w.npm(" in client.npm[2] and "w.node(" in client.node[2]


def test_without_npm_and_without_pypi_it_is_unreachable(monkeypatch, tmp_path: Path):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(fetching, "NPM_FROM_PYPI", "/there/is/no.whl")
    with pytest.raises(Unreachable, match="this machine has no npm"):
        fetching.npm(tmp_path)


def test_both_ways_to_npm_trust_the_system_s_certificates(monkeypatch, tmp_path: Path):
    """uv's and Node.js's own lists lack a university's or company's."""
    ran = []

    def run(command: list, **options: object) -> subprocess.CompletedProcess:
        ran.append((list(map(str, command)), options.get("env") or {}))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(fetching.subprocess, "run", run)
    monkeypatch.setattr(fetching.shutil, "which", lambda program: None)
    fetching.npm(tmp_path).run("ci", folder=tmp_path)
    (uv, _), (_, environment) = ran
    assert "--system-certs" in uv
    assert environment["NODE_USE_SYSTEM_CA"] == "1"
    bundle = fetching.ssl.get_default_verify_paths().cafile
    assert environment.get("NODE_EXTRA_CA_CERTS", bundle) is not None or bundle is None
