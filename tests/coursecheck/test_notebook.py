"""`python -m coursecheck FILE`: whatever the file holds, the rest of it is still judged."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coursecheck.__main__ import main
from coursecheck.exercises import NAMES
from coursecheck.grading.links import Limits
from coursecheck.grading.parent import report

ROOT = Path(__file__).resolve().parents[2]
SETUP = 'import numpy as np\nfrom coursecheck import exercise\nex = exercise("02_hidden_bias")'
RIGHT = "def do(o, y):\n    return o - y\n\nex.check('do', do)"


def write(folder, *cells, name="mine.ipynb"):
    path = folder / name
    cells = [{"cell_type": "code", "source": cell.splitlines(True)} for cell in (SETUP, *cells)]
    path.write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5}), "utf-8")
    return str(path)


def states(path, limits=None):
    found = report(path, limits)
    return {result.task: result.state for result in found.board.results}, found.remarks


@pytest.mark.parametrize("name", NAMES)
def test_an_exercise_starts_unsolved_and_its_solution_is_right(name, capsys):
    exercise = ROOT / "exercises" / f"{name}.ipynb"
    found, remarks = states(str(exercise))
    assert set(found.values()) == {"todo"}
    assert remarks == ()
    assert main([str(exercise)]) == 1
    assert main([str(ROOT / "solutions" / f"{name}.ipynb")]) == 0
    assert "not yet" not in capsys.readouterr().out


def test_wrong_answers_are_diagnosed_below_the_board(tmp_path, capsys):
    assert main([write(tmp_path, "def do(o, y):\n    return y - o")]) == 1
    out = capsys.readouterr().out
    assert "0 of 11 right" in out
    assert "✗ do: not yet\n  ∂J/∂o: the error has the wrong sign." in out


@pytest.mark.parametrize(
    ("cell", "remark"),
    [
        ("print（1)", "code cell 2: `（` in line 1, column 6, is not Python's. Type `(` instead. "
         "The cell was left out."),
        ("a = np.ones(3)\na[len(a) / 3]", "code cell 2 stopped with IndexError: only integers, "
         "slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays "
         "are valid indices (line 2: `a[len(a) / 3]`)"),
        ("open_here = ...\nb = 1 / 0", "code cell 2 stopped with ZeroDivisionError: division by "
         "zero (line 2: `b = 1 / 0`)"),
        ("raise BaseException('odd')", "code cell 2 stopped with BaseException: odd (line 1: "
         "`raise BaseException('odd')`)"),
        ("x = = 1", "code cell 2, line 1: invalid syntax. The cell was left out."),
        ("a = 1\nb = a / 0", "code cell 2 stopped with ZeroDivisionError: division by zero "
         "(line 2: `b = a / 0`)"),
        ("import nowhere_to_be_found", "code cell 2 stopped with ModuleNotFoundError: No module "
         "named 'nowhere_to_be_found' (line 1: `import nowhere_to_be_found`)"),
        ("raise SystemExit(3)", "code cell 2 stopped with SystemExit: 3 (line 1: "
         "`raise SystemExit(3)`)"),
        ("input()", "code cell 2 stopped with EOFError: EOF when reading a line (line 1: "
         "`input()`)"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_run_is_named_and_the_rest_is_judged(tmp_path, cell, remark):
    found, remarks = states(write(tmp_path, cell, RIGHT))
    assert found["do"] == "right"
    assert remarks == (remark,)


@pytest.mark.parametrize("cell", ["b = ...\n1 + b", "float(...)", "np.tanh(...)"])
def test_a_cell_that_meets_a_blank_is_passed_over(tmp_path, cell):
    found, remarks = states(write(tmp_path, cell, RIGHT))
    assert (found["do"], remarks) == ("right", ())


def test_a_line_that_is_timed_is_run(tmp_path):
    found, remarks = states(write(tmp_path, "%time do = lambda o, y: o - y"))
    assert (found["do"], remarks) == ("right", ())


def test_an_endless_cell_is_stopped(tmp_path):
    limits = Limits(cell_seconds=1.0)
    found, (remark,) = states(write(tmp_path, "while True: pass", RIGHT), limits)
    assert found["do"] == "right"
    assert remark.startswith("code cell 2 was stopped after 1 seconds (line ")


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline\na = 1",
        "!ls",
        "files = !ls",
        "np.tanh?",
        "?np",
        "for i in range(2):\n    %time i + 1",
        "def f():\n\tfiles = !ls\n\treturn 1",
    ],
)
def test_lines_of_ipython_are_passed_over(tmp_path, cell):
    found, remarks = states(write(tmp_path, cell, RIGHT))
    assert found["do"] == "right"
    assert remarks == ()


@pytest.mark.parametrize("magic", ["%%time", "%%capture out", "%%prun -q", "\n%%time"])
def test_a_cell_that_is_timed_or_captured_is_run(tmp_path, magic):
    found, remarks = states(write(tmp_path, f"{magic}\n{RIGHT}"))
    assert found["do"] == "right"
    assert remarks == ()


def test_a_cell_in_another_language_is_left_out_and_named(tmp_path):
    found, remarks = states(write(tmp_path, f"%%bash -e\n{RIGHT}"))
    assert found["do"] == "todo"
    assert remarks == ("code cell 2 starts with `%%bash` and was left out.",)


def test_a_mark_at_the_start_of_the_file_is_passed_over(tmp_path):
    path = Path(write(tmp_path, RIGHT))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert states(str(path))[0]["do"] == "right"


def test_cells_after_the_last_answer_are_not_run(tmp_path):
    never = "raise ValueError('ran')"
    assert states(write(tmp_path, RIGHT, never))[1] == ()
    assert states(write(tmp_path, never, RIGHT))[1] != (), "cells before it are"


def test_cells_read_what_lies_beside_the_notebook_and_write_elsewhere(tmp_path):
    (tmp_path / "helper.py").write_text("sign = 1")
    (tmp_path / "data.txt").write_text("data")
    cell = "import helper\nassert open('data.txt').read() == 'data'\nopen('data.txt', 'w').close()"
    found, remarks = states(write(tmp_path, cell, RIGHT))
    assert (found["do"], remarks) == ("right", ())
    assert (tmp_path / "data.txt").read_text() == "data"
    assert not list(tmp_path.glob("__pycache__"))


def test_an_answer_that_was_deleted_is_still_to_do(tmp_path):
    found = report(write(tmp_path, "1 + 1"))
    assert {result.state for result in found.board.results} == {"todo"}
    assert found.board.results[0].lines == ("The notebook defines no `graph`.",)


def test_a_later_answer_replaces_an_earlier_one(tmp_path):
    assert states(write(tmp_path, RIGHT, "do = lambda o, y: o"))[0]["do"] == "not_yet"
    assert states(write(tmp_path, "do = lambda o, y: o", RIGHT))[0]["do"] == "right"


def test_strict_mode_does_not_stop_the_notebook(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSECHECK_STRICT", "1")
    found, remarks = states(write(tmp_path, "def do(o, y): ...\nex.check('do', do)\n" + RIGHT))
    assert (found["do"], remarks) == ("right", ())
    assert os.environ["COURSECHECK_STRICT"] == "1"


def test_the_surroundings_are_put_back(tmp_path):
    before = os.getcwd(), sys.stdin, list(sys.path)
    states(write(tmp_path, RIGHT))
    assert (os.getcwd(), sys.stdin, sys.path) == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there is no such file"),
        ("", "not a Jupyter notebook"),
        ("print(1)", "not a Jupyter notebook"),
        ("[1, 2]", "not a Jupyter notebook"),
        ('{"cells": 3}', "not a Jupyter notebook"),
        ('{"cells": []}', "no exercise of this course. There are: "),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_files_that_are_no_notebooks_get_one_sentence(tmp_path, text, message, capsys):
    path = tmp_path / "what.ipynb"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert main([str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.startswith(str(path))
    assert len(err.splitlines()) == 1


def test_a_folder_is_no_notebook_and_the_other_files_are_still_judged(tmp_path, capsys):
    assert main([str(tmp_path), write(tmp_path, RIGHT)]) == 2
    out, err = capsys.readouterr()
    assert "1 of 11 right" in out
    assert err == f"{tmp_path}: cannot be read (Is a directory).\n"


def test_without_a_kernel_and_without_torch(tmp_path):
    """Seconds rather than minutes for a whole class: neither torch nor a kernel is loaded."""
    code = (
        "import sys; from coursecheck.__main__ import main; code = main(sys.argv[1:]); "
        "print(sorted({'torch', 'ipykernel', 'matplotlib'} & set(sys.modules))); sys.exit(code)"
    )
    solution = str(ROOT / "solutions" / "02_hidden_bias.ipynb")
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code, solution], cwd=ROOT, capture_output=True, text=True
    )
    print(f"judged in {time.monotonic() - started:.2f} s")
    assert done.stdout.splitlines()[-1] == "[]"
    assert done.returncode == 0


def test_the_module_is_a_command(tmp_path):
    command = [sys.executable, "-m", "coursecheck", write(tmp_path, RIGHT)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, env=os.environ | {"PYTHONIOENCODING": "ascii"}
    )
    assert done.returncode == 1
    assert "✓ right" in done.stdout.decode("utf-8")
