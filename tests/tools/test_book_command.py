"""`make book` says how far it is, ends with one clear line, and never with a traceback."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock

from book import ROOT, build, jupyter_book
from book.jupyter_book import JupyterBook, Progress, condensed
from book.translate import edition
from book.translate.languages import ENGLISH
from book.translate.translations import Translations
from book.workbook import runtime
from tools import book as command


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build of one edition, without pages, into a folder of its own."""
    folder = tmp_path / "_build"
    for name, path in {
        "BUILD": folder,
        "HTML": folder / "html",
        "LOG": folder / "book.log",
    }.items():
        monkeypatch.setattr(build, name, path)
    monkeypatch.setattr(build, "EDITIONS", (ENGLISH,))
    monkeypatch.setattr(edition, "write", lambda language, folder: Translations(language))
    monkeypatch.setattr(runtime, "is_complete", lambda *_: True)
    monkeypatch.setattr(runtime, "ensure", lambda **_: "exercises run in the page.")
    monkeypatch.setattr(JupyterBook, "run", lambda self: [])
    return folder


def fails(capsys: pytest.CaptureFixture, code: int = 1) -> str:
    """What the command says when it fails."""
    assert command.main(["build"]) == code
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return err


def raising(error: BaseException):
    def fail(*_, **__):
        raise error

    return fail


# --- what can go wrong ---------------------------------------------------------------------------


def test_a_build_ends_with_one_clear_line(folder: Path, capsys):
    assert command.main(["build"]) == 0
    *_, last = capsys.readouterr().out.splitlines()
    assert last.startswith("book built in ") and last.endswith("index.html")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "this disk can only be read"),
        (errno.EACCES, "you may not write there"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
@pytest.mark.parametrize("where", ["sources", "runtime", "site", "lock"])
def test_a_disk_that_does_not_take_it_is_one_sentence(
    folder, monkeypatch, capsys, number, words, where
):
    fail = raising(OSError(number, os.strerror(number), "/some/file"))
    places = {
        "sources": (edition, "write"),
        "runtime": (runtime, "ensure"),
        "site": (build, "mirror"),
        "lock": (build.FileLock, "acquire"),
    }
    monkeypatch.setattr(*places[where], fail)
    assert fails(capsys) == f"book not built: /some/file: {words}.\n"


def test_a_file_in_the_place_of_the_folder_is_one_sentence(folder: Path, capsys):
    folder.write_text("a file", encoding="utf-8")
    err = fails(capsys)
    assert err == f"book not built: {folder}: a file is there, and a folder has to be.\n"
    folder.unlink()
    assert command.main(["build"]) == 0


def test_a_program_that_fails_is_one_sentence(folder: Path, monkeypatch, capsys):
    error = subprocess.CalledProcessError(2, [Path("/somewhere/esbuild"), "x"])
    monkeypatch.setattr(runtime, "ensure", raising(error))
    assert fails(capsys) == "book not built: esbuild ended with 2.\n"


@pytest.mark.parametrize("where", [(edition, "write"), (JupyterBook, "run"), (build, "mirror")])
def test_an_interruption_is_one_sentence(folder: Path, monkeypatch, capsys, where):
    monkeypatch.setattr(*where, raising(KeyboardInterrupt()))
    err = fails(capsys, 130)
    assert err == "\nbuild interrupted; the same command starts it again.\n"


def test_a_mistake_of_ours_is_one_sentence_with_the_place_of_the_rest(folder, monkeypatch, capsys):
    monkeypatch.setattr(build, "mirror", raising(ZeroDivisionError("by\nzero")))
    log = folder / "mistake.log"
    err = fails(capsys)
    assert err.startswith("build stopped: ZeroDivisionError: by zero (a mistake of the book's own")
    assert err.count("\n") == 1 and str(log) in err
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_what_jupyter_book_says_comes_with_the_place_of_the_rest(folder, monkeypatch, capsys):
    monkeypatch.setattr(JupyterBook, "run", lambda self: ["index.md:3: WARNING: no such page"])
    warning, last = fails(capsys).splitlines()
    assert warning == "index.md:3: WARNING: no such page"
    assert last.startswith("book not built: the above counts as an error; all that was said is in ")
    assert not (folder / "html").exists()


@pytest.mark.parametrize("port", ["0", "99999"])
def test_a_port_that_is_none_is_one_sentence(folder: Path, capsys, port: str):
    with pytest.raises(SystemExit, match="2"):
        command.main(["serve", "--port", port])
    assert f"--port is a number from 1 to 65535, not {port}" in capsys.readouterr().err


# --- two at once ---------------------------------------------------------------------------------


def test_a_second_build_waits_for_the_first_and_says_so(folder: Path, capsys):
    folder.mkdir()
    first = FileLock(folder / "book.lock", is_singleton=False)
    first.acquire()
    codes: list[int] = []
    second = threading.Thread(target=lambda: codes.append(command.main(["build"])))
    second.start()
    second.join(0.5)
    assert second.is_alive() and codes == []
    first.release()
    second.join(30)
    assert codes == [0]
    said = capsys.readouterr().out
    assert said.startswith("another build runs in this folder: waiting for its end.\n")
    assert command.main(["build"]) == 0
    assert "waiting" not in capsys.readouterr().out


# --- Jupyter Book's words ------------------------------------------------------------------------

PROGRESS = """\
Running Jupyter-Book v1.0.4
updating environment: [new config] 6 added, 2 changed, 0 removed
reading sources... [ 12%] a
reading sources... [ 50%] d
reading sources... [ 75%] f
reading sources... [100%] h
writing output... [ 50%] a
writing output... [100%] b
dumping search index in English (code: en)... done
"""


def heard(text: str) -> list[str]:
    said: list[str] = []
    progress = Progress(said.append)
    for line in text.splitlines():
        progress.hear(line)
    return said


def test_many_lines_of_sphinx_become_a_few():
    assert heard(PROGRESS) == [
        "8 pages to read",
        "4 of 8 pages read",
        "8 of 8 pages read",
        "50 % of what changed is written",
        "100 % of what changed is written",
        "search and styles",
    ]
    assert heard("updating environment: 0 added, 0 changed, 0 removed") == ["no pages to read"]


FAILED = """\
Running Jupyter-Book v1.0.4
/b/index.md:3: WARNING: undefined label: 'x' [ref.ref]
/b/index.md:3: WARNING: undefined label: 'x' [ref.ref]
build finished with problems, 1 warning (with warnings treated as errors).
"""
CRASHED = """\
Traceback (most recent call last):
  File "sphinx.py", line 167, in build_sphinx
    app.build(force_all, filenames)
sphinx.errors.ExtensionError: Handler for event 'doctree-read' threw an exception (exception: x)

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "jupyter-book", line 8, in <module>
    sys.exit(main())
RuntimeError:
===============================================================================

There was an error in building your book. Look above for the cause.

===============================================================================
"""


def test_of_a_failure_only_the_complaints_are_left():
    (line,) = condensed(FAILED.splitlines())
    assert line == "/b/index.md:3: WARNING: undefined label: 'x' [ref.ref]"
    (line,) = condensed(CRASHED.splitlines())
    assert line.startswith("sphinx.errors.ExtensionError: Handler for event 'doctree-read'")
    assert condensed(["Killed"]) == ["Killed"]
    assert condensed([]) == ["Jupyter Book ended without a word."]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A stand-in for jupyter-book, and one build with it."""

    def made(script: str) -> JupyterBook:
        path = tmp_path / "jupyter-book"
        path.write_text(f"#!{sys.executable}\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        monkeypatch.setattr(jupyter_book.sys, "executable", str(tmp_path / "python"))
        out = tmp_path / "out"
        (out / "_build" / ".doctrees").mkdir(parents=True)
        return JupyterBook(tmp_path / "source", out, tmp_path / "book.log", lambda line: None)

    return made


@pytest.mark.skipif(os.name == "nt", reason="Windows starts no script by its first line")
def test_the_log_has_every_word_and_a_failure_is_read_afresh(program, tmp_path: Path):
    each = program(f"print({FAILED!r}); raise SystemExit(1)")
    assert each.run() == ["/b/index.md:3: WARNING: undefined label: 'x' [ref.ref]"]
    assert FAILED in (tmp_path / "book.log").read_text(encoding="utf-8")
    assert not (tmp_path / "out" / "_build" / ".doctrees").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows starts no script by its first line")
def test_a_build_that_is_well_keeps_what_it_read(program, tmp_path: Path):
    assert program("print('build succeeded.')").run() == []
    assert (tmp_path / "out" / "_build" / ".doctrees").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows starts no script by its first line")
def test_a_build_that_is_stopped_leaves_no_process(program):
    each = program("import time; print('begun', flush=True); time.sleep(60)")
    running = threading.Thread(target=each.run)
    running.start()
    while each.process is None:
        time.sleep(0.01)
    each.stop()
    running.join(20)
    assert not running.is_alive() and each.process.poll() is not None


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_ctrl_c_while_the_command_loads_is_one_sentence(tmp_path: Path):
    """At any time: here after a tenth of a second, and so mostly in an import."""
    script = (
        "import sys, signal, threading, os; from tools.book import main;"
        "threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start();"
        "sys.exit(main(['build', '--port', '1']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, text=True, capture_output=True, timeout=120
    )
    assert done.returncode == 130, done.stderr
    assert done.stderr == "\nbuild interrupted; the same command starts it again.\n"
