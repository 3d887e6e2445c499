"""Tests that cannot run: counted by pytest, told in the last lines of the check, failed by CI."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from book import ROOT
from tests import lacking
from tools import check

CONFTEST = "from tests.conftest import *\n"
TESTS = """
import pytest
from tests.lacking import cannot_run

@pytest.fixture(scope="session")
def browser():
    cannot_run("no browser was found: install one.", mistake={mistake})

def test_one(browser): ...
def test_two(browser): ...
def test_three(browser): ...
def test_other(): pytest.skip("for another reason")
def test_good(): ...
"""
SENTENCE = "3 tests did not run: no browser was found: install one."


@pytest.mark.parametrize(
    ("workers", "ci", "mistake", "code"),
    [((), "", False, 0), (("-n", "2"), "true", False, 1), ((), "", True, 1)],
)
def test_what_cannot_run_is_one_sentence(
    tmp_path: Path, workers, ci: str, mistake: bool, code: int
):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_x.py").write_text(TESTS.format(mistake=mistake))
    notes = tmp_path / "notes"
    environment = os.environ | {"CI": ci, lacking.NOTES: str(notes), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(tmp_path), *workers]
    result = subprocess.run(
        [*command, "-p", "no:cacheprovider", str(tmp_path)],
        text=True,
        capture_output=True,
        env=environment,
        cwd=tmp_path,
    )
    assert result.returncode == code, result.stdout
    assert result.stdout.count("no browser was found") == 1
    assert SENTENCE in result.stdout.splitlines()
    (reason,) = check.not_run(notes)
    assert check.not_run(notes)[reason] == 3


def test_the_last_lines_say_how_many_and_what_to_do():
    counts = Counter({"cannot run here: no browser: install one.": 151})
    words = check.last_words(12, [], counts, 61).splitlines()
    assert words == [
        "151 tests did not run: no browser: install one.",
        "all 12 steps passed, without those 151 (1 min 1 s)",
    ]
    assert check.last_words(12, ["lint"], Counter(), 5) == "FAILED: lint (0 min 5 s)"


def test_notes_of_several_steps_are_added_up(tmp_path: Path, monkeypatch):
    monkeypatch.setenv(lacking.NOTES, str(tmp_path / "notes"))
    assert check.not_run(tmp_path / "notes") == {}
    for n in (1, 2):
        lacking.note(Counter({"a": n}))
    assert check.not_run(tmp_path / "notes") == {"a": 3}


def test_ci_is_the_test_command_and_names_nothing_outside_the_checkout():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    commands = [line for line in lines if line and not line.startswith("#")]
    assert commands == [
        "set -euo pipefail",
        'cd "$(dirname "$0")/.."',
        "export CI=true",
        "exec make test",
    ]
