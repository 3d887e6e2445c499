"""`python -m tools.exercise`: an exercise is begun that works, and says what its slips are told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from book import ROOT
from tools import exercise

RIGHT = "def cut(n, d, h, q, itemsize):\n    return n * h * itemsize, n * h * itemsize\n"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A copy of what an exercise is written into, and of what judges it."""
    for name in ("solutions", "exercises", "coursecheck", "compgraph", "book", "tools"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("_toc.yml", "_config.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def test_a_new_exercise_works_from_the_first_moment(book, capsys):
    assert exercise.main(["new", "08_dropout", "--title", "Dropout"], book) == 0
    written = capsys.readouterr().out.split()
    assert written == [
        "solutions/08_dropout.ipynb", "coursecheck/exercises/e08_dropout.py",
        "exercises/08_dropout.ipynb", "_toc.yml",
    ]  # fmt: skip
    contents = (book / "_toc.yml").read_text("utf-8")
    assert "- file: exercises/08_dropout\n" in contents
    assert "- file: solutions/08_dropout\n" in contents
    assert contents.index("exercises/08") > contents.index("exercises/05")
    text = (book / "exercises" / "08_dropout.ipynb").read_text("utf-8")
    assert "# Exercise 8: Dropout" in text and "return ..." in text
    # judged by a process that knows the copy alone, as whoever has begun it would
    done = subprocess.run(
        [sys.executable, "-m", "tools.exercise", "try", "08_dropout"],
        cwd=book, env=os.environ | {"PYTHONPATH": str(book)}, text=True, capture_output=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "this is right for one example" in done.stdout
    assert done.stdout.endswith("2 told its own sentence\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["new", "Dropout"], "expected two digits, _ and small letters"),
        (["new", "05_devices"], "exercise 5 is there already, as 05_partition"),
        (["try", "09_nothing"], "09_nothing: no such exercise; there are 01_gradient_shape"),
        (["try", "05_partition", "slice"], "has no task slice; its tasks are cut"),
        (["try", "05_partition", "--answer", "a.py"], "expected a task beside the exercise"),
        (["try", "05_partition", "cut", "--answer", "none.py"], "expected a Python file"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(arguments, said, capsys):
    assert exercise.main(arguments) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (RIGHT, 0, "right"),
        (RIGHT.replace(" * itemsize", ""), 1, "How many bytes has each?"),
        ("def cut(", 2, "expected Python, line 1"),
        ("x = 1", 2, "expected it to define cut"),
        ("1 / 0", 2, "running it stopped with ZeroDivisionError"),
    ],
)
def test_an_answer_in_a_file(tmp_path, capsys, text, code, said):
    path = tmp_path / "mine.py"
    path.write_text(text)
    assert exercise.main(["try", "05_partition", "cut", "--answer", str(path)]) == code
    out, error = capsys.readouterr()
    assert said in (error if code == 2 else out)


def test_every_slip_of_a_task_is_shown_with_its_sentence(capsys):
    assert exercise.main(["try", "05_partition", "cut"]) == 0
    out = capsys.readouterr().out
    assert "✓ bits_for_bytes" in out and "A byte has 8." in out
