"""`python -m coursecheck`: whatever a notebook does, it fails alone, and in one line."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coursecheck import runner
from coursecheck.__main__ import main
from coursecheck.exercises import load
from coursecheck.grading import links
from coursecheck.grading.links import Limits, PipedLink
from coursecheck.grading.parent import report

ROOT = Path(__file__).resolve().parents[2]
SETUP = (
    "import os, sys, time\nimport numpy as np\n"
    'from coursecheck import exercise\nex = exercise("02_hidden_bias")'
)
DO = "def do(o, y):\n    return o - y\n\nex.check('do', do)"
DH = "def dh(do, W2):\n    return W2.T @ do"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits are Linux's")


def write(folder, *cells, name="mine.ipynb"):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    cells = [{"cell_type": "code", "source": cell} for cell in (SETUP, *cells)]
    path.write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5}), "utf-8")
    return str(path)


def command(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "coursecheck", *arguments],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", **options,
    )  # fmt: skip


@pytest.fixture
def impatient(monkeypatch):
    """Calls that never end are given up sooner than a learner's."""
    monkeypatch.setattr(runner, "SECONDS", 0.5)
    monkeypatch.setattr("coursecheck.grading.parent.GRACE", 1.0)
    monkeypatch.setattr("coursecheck.grading.parent.CELL_GRACE", 1.0)


def judged(path, **limits):
    found = report(path, Limits(**limits))
    return {result.task: result for result in found.board.results}, found


# --- what a cell can do ---------------------------------------------------------------------------

ENDED = "code cell 2 ended the process that ran it (exit code 0) and was left out."
SENSELESS = ENDED.replace("exit code 0", "it said what nobody understands")
STOPPED = "code cell 2 stopped with "
# A cell, and the remark on it, if there is one.
REMARKS = (
    ("os._exit(0)", ENDED),
    ("os.write(1, b'11 of 11 right\\n'); os._exit(0)", ENDED),
    ("sys.stdout.close(); sys.__stdout__.close(); sys.__stderr__.close()", ""),
    ("import coursecheck; coursecheck.judge = coursecheck.exercise = None", ""),
    ("import coursecheck.judge", STOPPED + "ModuleNotFoundError: No module named "
     "'coursecheck.judge'; 'coursecheck' is not a package (line 1: `import coursecheck.judge`)"),
    ("raise BaseException('x')", STOPPED + "BaseException: x (line 1: `raise BaseException('x')`)"),
    ("raise KeyboardInterrupt", STOPPED + "KeyboardInterrupt: no message (line 1: "
     "`raise KeyboardInterrupt`)"),
    ("class E(Exception):\n    def __str__(self): raise E\nraise E",
     STOPPED + "E: no message (line 3: `raise E`)"),
    ("-" * 100_000 + "1", "code cell 2, line 1: nested too deeply. The cell was left out."),
    ("import threading\nthreading.Thread(target=time.sleep, args=(999,)).start()", ""),
    ("os.fork()", ""),
    ("os.closerange(3, 99)", ENDED),
    ("for i in range(3, 20):\n    try: os.write(i, b'x' * 9)\n    except OSError: pass", SENSELESS),
    ("raise ValueError('\\x1b[2J\\u202egreen\\x07')",
     STOPPED + "ValueError: [2Jgreen (line 1: `raise ValueError('\\x1b[2J\\u202egreen\\x07')`)"),
    ("raise ValueError('\x1b[2J\u202egreen')",
     STOPPED + "ValueError: [2Jgreen (line 1: `raise ValueError('[2Jgreen')`)"),
)  # fmt: skip


@LINUX
@pytest.mark.parametrize(("cell", "remark"), REMARKS, ids=range(len(REMARKS)))
def test_a_cell_spoils_nothing_but_itself(tmp_path, cell, remark):
    found, whole = judged(write(tmp_path, cell, DO))
    assert found["do"].state == "right"
    assert found["dW1"].state == "todo"
    assert list(whole.remarks) == ([remark] if remark else [])
    assert whole.stopped == (remark in (ENDED, SENSELESS))
    assert not any(ord(letter) < 32 for line in str(whole).splitlines() for letter in line)


@LINUX
def test_what_hangs_or_eats_memory_is_stopped(tmp_path, impatient):
    hangs = ["import re; re.match('(a+)+$', 'a' * 40 + 'b')", "while True: print(end='')"]
    found, whole = judged(write(tmp_path, *hangs, DO), cell_seconds=3.0)
    assert found["do"].state == "right"
    loop, regular = whole.remarks
    assert loop.startswith("code cell 3 was stopped after 3 seconds")
    assert regular.startswith("code cell 2 was still busy after 3 seconds and was left out")
    assert not whole.complete

    # with time to spare: on a busy machine it takes a while to fill the memory
    hoards = "hoard = [bytearray(10**8) for _ in range(10**6)]"
    found, whole = judged(write(tmp_path, hoards, DO), cell_seconds=60.0, megabytes=600)
    assert found["do"].state == "right"
    (memory,) = whole.remarks
    assert memory.startswith("code cell 2 stopped with MemoryError")


def test_a_file_that_ends_one_process_after_the_other_is_given_up(tmp_path, capsys):
    path = write(tmp_path, *["os._exit(7)"] * 5, DO)
    assert main([path, write(tmp_path, DO, name="other.ipynb")]) == 2
    out, err = capsys.readouterr()
    assert err == f"{path}: could not be judged, its process ended or hung too often.\n"
    assert "1 of 11 right" in out


def test_an_exit_is_never_a_pass(tmp_path):
    """All answers right, and the process ended on the way: it does not pass for a whole success."""
    solution = json.loads((ROOT / "solutions" / "02_hidden_bias.ipynb").read_text("utf-8"))
    solution["cells"].insert(0, {"cell_type": "code", "source": "import os; os._exit(0)"})
    path = tmp_path / "02_hidden_bias.ipynb"
    path.write_text(json.dumps(solution), "utf-8")
    done = command(str(path))
    assert "11 of 11 right" in done.stdout
    assert "code cell 1 ended the process that ran it (exit code 0)" in done.stdout
    assert done.returncode == 1


# --- what an answer can do ------------------------------------------------------------------------

# An answer, its reason, and how the sentence begins.
BODIES = (
    ("os._exit(0)", "ended", "do: the process that ran it ended (exit code 0)"),
    ("raise BaseException('hm')", "exception",
     "do stopped with BaseException: hm (line 2: `raise BaseException('hm')`)"),
    ("return 9**9**9", "endless", "do was still running after 0.5 seconds."),
    ("time.sleep(99)", "endless", "do was still running after 0.5 seconds."),
    ("sys.settrace(None)\n    while True: pass", "endless", "do was still running after 0.5 se"),
    ("while True: pass", "endless",
     "do was still running after 0.5 seconds (line 2: `while True: pass`)."),
    ("return np.ones((10**6, 10**6))", "exception", "do stopped with MemoryError"),
    ("a = []\n    a.append(a)\n    return a", "type", "∂J/∂o: "),
    ("return [0] * 10**7", "type", "∂J/∂o: the type is list."),
    ("return type('A', (), {'__array__': sys.exit})()", "type", "∂J/∂o: the type is A."),
    ("o -= y\n    return o", "damaged", "do changes its argument o in place."),
    ("print(o - y)", "printed", "do prints its answer"),
    ("return o @ o", "product_misfit", "do: a matrix product does not fit"),
)  # fmt: skip
SAID = (
    *((f"def do(o, y):\n    {body}", *said) for body, *said in BODIES),
    ("def do(o):\n    return o", "signature", "Keep the first line"),
    ("do = 3", "not_a_function", "Hand over the function itself"),
)


@LINUX
@pytest.mark.parametrize(("cell", "reason", "sentence"), SAID, ids=range(len(SAID)))
def test_an_answer_fails_alone(tmp_path, impatient, cell, reason, sentence):
    found, _ = judged(write(tmp_path, cell, DH))
    assert found["do"].reasons == (reason,)
    assert str(found["do"].findings[0]).startswith(sentence)
    assert found["dh"].state == "right"


def test_an_answer_cannot_say_that_it_is_right(tmp_path):
    """Only values travel: what the child says of verdicts is no part of the protocol."""
    cell = (
        "import gc, json\n"
        "message = json.dumps({'value': True, 'state': 'right', 'changed': {}, 'printed': False})\n"
        "def do(o, y):\n"
        "    for i in range(3, 20):\n"
        "        try: os.write(i, len(message).to_bytes(4, 'big') + message.encode())\n"
        "        except OSError: pass\n"
    )
    found, _ = judged(write(tmp_path, cell))
    assert found["do"].state == "not_yet"


# Functions and graphs among the arguments: see `answers` and `protocol`.
@pytest.mark.parametrize(
    ("name", "task", "wrong"),
    [
        ("01_gradient_shape", "difference", ("plus[index] += step", "pass")),
        ("01_gradient_shape", "complex_step", (".imag", ".real")),
        ("04_second_derivatives", "whole", ("unit) for", "unit + unit) for")),
        ("05_partition", "accumulate", (" / M", "")),
        ("02_hidden_bias", "graph", ("+ b1", "")),
        ("02_hidden_bias", "graph", ("tanh(z)", "np.tanh(z)")),
        ("04_second_derivatives", "product", ("dot(g, v)", "dot(g, g)")),
    ],
)
def test_functions_and_graphs_go_there_and_back(tmp_path, name, task, wrong):
    table = load(name)
    cells = json.loads((ROOT / "solutions" / f"{name}.ipynb").read_text("utf-8"))["cells"]
    (solution,) = (t for c in cells if f"def {task}(" in (t := "".join(c["source"])))
    solution = solution.partition("\nex.check")[0].partition("\nAgreement")[0]
    start = f"# exercise('{name}')\nimport numpy as np\nfrom compgraph import *\n"
    assert wrong[0] in solution
    for text, state in ((solution, "right"), (solution.replace(*wrong), "not_yet")):
        path = tmp_path / "mine.ipynb"
        cell = {"cell_type": "code", "source": start + text}
        path.write_text(json.dumps({"cells": [cell]}), "utf-8")
        found, _ = judged(str(path))
        names: dict = {}
        exec(compile(start + text, "<mine.ipynb, code cell 1>", "exec"), names)
        here = table.judge(task)(names[task])
        assert (found[task].state, repr(found[task])) == (state, repr(here))


def test_elsewhere_than_on_linux_it_is_the_same(tmp_path, impatient, monkeypatch):
    """There a child is started afresh, over pipes, and a timer ends the one that is silent."""
    monkeypatch.setattr("coursecheck.grading.parent.connected", PipedLink)
    cells = (
        "os._exit(3)",
        DH,
        "def do(o, y):\n    time.sleep(99)",
        "def dW2(do, h, W2): os._exit(5)",
    )
    found, whole = judged(write(tmp_path, *cells))
    assert whole.remarks[0].startswith("code cell 2 ended the process that ran it (exit code 3)")
    assert found["dh"].state == "right"
    assert found["do"].reasons == ("endless",)


# --- between files --------------------------------------------------------------------------------


def test_a_helper_of_one_student_is_not_imported_for_another(tmp_path, capsys):
    good = "import helper\ndef do(o, y):\n    return helper.sign * (o - y)"
    for student, sign in (("a", -1), ("b", 1)):
        write(tmp_path, good, name=f"{student}/mine.ipynb")
        (tmp_path / student / "helper.py").write_text(f"sign = {sign}")
    assert main([str(tmp_path / s / "mine.ipynb") for s in "ab"]) == 1
    out = capsys.readouterr().out
    assert out.count("1 of 11 right") == 1
    assert out.index("0 of 11 right") < out.index("1 of 11 right")


def test_what_one_file_patches_stays_with_it(tmp_path, capsys):
    spoiled = write(tmp_path, "np.subtract = np.tanh = None\nsys.modules['numpy'] = None", DO)
    assert main([spoiled, write(tmp_path, DO, name="next.ipynb")]) == 1
    out = capsys.readouterr().out
    assert out.endswith("to do\n") and out.count("\nExercise 2") == 2
    assert "1 of 11 right" in out.split("next.ipynb")[1]


@LINUX
def test_a_child_that_ends_what_it_was_forked_from(tmp_path, capsys):
    killed = write(tmp_path, "import signal; os.kill(os.getppid(), signal.SIGKILL)", DO)
    assert main([killed, write(tmp_path, DO, name="next.ipynb")]) == 1
    assert capsys.readouterr().out.count("1 of 11 right") == 2


@LINUX
def test_nothing_stays_behind(tmp_path):
    mark = f"coursecheck-test-{os.getpid()}"
    cell = f"import subprocess; subprocess.Popen(['sleep', '77'], env={{'MARK': {mark!r}}})"
    judged(write(tmp_path, cell, DO))
    time.sleep(0.2)
    left = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            left += [environment] if mark.encode() in environment.read_bytes() else []
        except OSError:
            continue
    assert not left


def test_cells_see_an_almost_empty_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "x")
    cell = "assert 'SECRET_TOKEN' not in os.environ and os.environ['HOME'] == os.getcwd()"
    assert judged(write(tmp_path, cell, DO))[1].remarks == ()


def test_the_child_holds_neither_answers_nor_judge(tmp_path):
    cell = (
        "held = [n for n in sys.modules if n.startswith(('coursecheck', 'torch'))]\n"
        "assert held == ['coursecheck'] and not hasattr(sys.modules['coursecheck'], '__path__')\n"
        "import gc, types\n"
        "kinds = {type(each).__name__ for each in gc.get_objects()}\n"
        "assert not kinds & {'ExerciseTable', 'Task', 'Output', 'Term', 'Slip'}, kinds\n"
    )
    assert judged(write(tmp_path, cell, DO))[1].remarks == ()


# --- the command ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfe" + "{}".encode("utf-16-le"),
         "cannot be read (it is in UTF-16, and notebooks are in UTF-8)."),
        (b'{"cells": "\xe9"}', "cannot be read (it is not in UTF-8)."),
        (b'{"nbformat": 3, "worksheets": []}', "this is a notebook of an old format (nbformat 3). "
         "Open it in Jupyter and save it again."),
        (b"[" * 200_000, "this is not a Jupyter notebook (.ipynb)."),
        (b'{"cells": [{"cell_type": "code", "source": 5}]}',
         "this is not a Jupyter notebook (.ipynb)."),
        (b'{"cells": [{"cell_type": "code", "source": "exercise(\'x\'' + b" " * 10**5 + b'"}]}',
         "no exercise of this course. There are: "),
    ],
)  # fmt: skip
def test_what_is_no_notebook_of_this_course_gets_one_true_sentence(
    tmp_path, content, sentence, capsys
):
    path = tmp_path / "x.ipynb"
    path.write_bytes(content)
    assert main([str(path)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"{path}: {sentence}")


@LINUX
def test_devices_and_pipes_are_not_read(tmp_path, capsys):
    pipe = tmp_path / "pipe.ipynb"
    os.mkfifo(pipe)
    assert main(["/dev/zero", str(pipe)]) == 2
    err = capsys.readouterr().err
    assert err.splitlines() == [
        f"{path}: this is a device or a pipe, not a file." for path in ("/dev/zero", pipe)
    ]


def test_a_file_name_cannot_write_to_the_terminal(tmp_path, capsys):
    path = tmp_path / "\x1b[2Jall right\u202e.ipynb"
    path.write_text("{}")
    assert main([str(path)]) == 2
    assert capsys.readouterr().err.endswith("[2Jall right.ipynb: this is not a Jupyter notebook "
                                            "(.ipynb).\n")  # fmt: skip


def test_nobody_reads_on(tmp_path):
    paths = [write(tmp_path, DO, name=f"{n}.ipynb") for n in range(3)]
    process = subprocess.Popen(
        [sys.executable, "-m", "coursecheck", *paths],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 1


@pytest.mark.slow
def test_interrupted_in_the_middle(tmp_path):
    import signal

    paths = [write(tmp_path, "time.sleep(30)", DO, name=f"{n}.ipynb") for n in range(9)]
    process = subprocess.Popen(
        [sys.executable, "-m", "coursecheck", *paths],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, b"", b"interrupted: 0/9\n")


@pytest.mark.slow
def test_some_files_at_a_time_come_out_in_order(tmp_path):
    """And one that hangs does not hold up the others."""
    names = [f"{n}.ipynb" for n in range(24)]
    for name in names:
        write(tmp_path, "import time; time.sleep(1)" if name == "3.ipynb" else "", DO, name=name)
    done = command(*(str(tmp_path / name) for name in names), "--json", "--jobs", "2")
    files = json.loads(done.stdout)["files"]
    assert [Path(each["file"]).name for each in files] == names
    assert {each["right"] for each in files} == {1}
    assert done.stderr.splitlines()[-1] == "24/24"


def test_help_says_that_this_is_no_sandbox(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    out = capsys.readouterr().out
    assert "NO SANDBOX" in out and "docker run" in out and "130  interrupted" in out


@LINUX
def test_the_limits_are_those_of_the_process():
    assert Limits(seconds=7, megabytes=3).of_the_process()["AS"] == 3 * 2**20
    assert links._room_for_processes()["NPROC"] > 64
