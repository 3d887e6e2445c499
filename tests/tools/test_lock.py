"""make lock, for real: it resolves with uv, from the package index."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import setup_environment as setup

ROOT = Path(setup.ROOT)
FILES = (*setup.INPUTS, "Makefile", "tools/setup_environment.py", "tools/lock.py")
UNREACHABLE = ("Failed to fetch", "error sending request", "No matching distribution found for uv")

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="no make here")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def bump(folder: Path, old: str, new: str) -> None:
    path = folder / "requirements.txt"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def with_uv(folder: Path) -> None:
    """A .venv that has uv in it, and of whose requirements nobody knows: it has no stamp."""
    python = folder / Path(setup.PYTHON).relative_to(setup.ROOT)
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)


def lock(folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["make", "--silent", "lock", f"PYTHON={sys.executable}"]
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True)
    if done.returncode and any(words in done.stderr for words in UNREACHABLE):
        pytest.skip("the package index cannot be reached")
    return done


def constraints(folder: Path) -> list[str]:
    return (folder / "constraints.txt").read_text().splitlines()


@pytest.mark.skipif(os.name == "nt", reason="the .venv of this test is a shell script")
def test_a_version_bump_changes_its_line_alone_and_leaves_venv_alone(folder: Path):
    with_uv(folder)
    held, there = constraints(folder), sorted(folder.glob(".venv/**/*"))
    bump(folder, "graphviz==0.21", "graphviz==0.20.3")
    done = lock(folder)
    assert done.returncode == 0, done.stderr
    changed = ["graphviz==0.20.3" if line == "graphviz==0.21" else line for line in held]
    assert constraints(folder) == changed
    assert "1 of them new" in done.stdout
    assert sorted(folder.glob(".venv/**/*")) == there
    assert not (folder / "_build/lock/bin").exists(), "uv was there already"


def test_without_a_venv_it_brings_its_own_uv_and_makes_none(folder: Path):
    bump(folder, "graphviz==0.21", "graphviz==0.20.3")
    done = lock(folder)
    assert done.returncode == 0, done.stderr
    assert "graphviz==0.20.3" in constraints(folder)
    assert "getting uv" in done.stdout and not (folder / ".venv").exists()


@pytest.mark.skipif(os.name == "nt", reason="the .venv of this test is a shell script")
def test_what_cannot_be_resolved_is_one_sentence_and_changes_nothing(folder: Path):
    with_uv(folder)
    held = constraints(folder)
    bump(folder, "graphviz==0.21", "graphviz==0.99")
    done = lock(folder)
    sentence, *of_make = done.stderr.splitlines()
    assert done.returncode and [line for line in of_make if not line.startswith("make")] == []
    assert sentence.startswith("lock stopped: ")
    assert "there is no version of graphviz==0.99" in sentence
    assert constraints(folder) == held
    assert not (folder / "constraints.txt.new").exists()
