"""The set-up: faked commands where the real ones are slow, real ones where they are quick."""

from __future__ import annotations

import ast
import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import setup_environment as setup

ROOT = Path(setup.ROOT)
SOURCES = [ROOT / "tools" / name for name in ("setup_environment.py", "lock.py")]
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
posix = pytest.mark.skipif(os.name == "nt", reason="signals and make as on POSIX")

Rule = Callable[[str], "tuple[bool, str] | None"]


class Commands:
    """In the place of `run`: what was started and said, in order. Rules say what fails."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.there = [HERE, "pip", ""]
        self.rules: list[Rule] = []

    def run(self, *command: str, show: bool = True) -> tuple[bool, str]:
        line = " ".join(command)
        if setup.LOOK in command:
            return bool(self.there[0]), "\n".join(self.there) + "\n"
        self.events.append(line)
        for rule in self.rules:
            if (answer := rule(line)) is not None:
                return answer
        if "-m venv" in line:
            shutil.rmtree(setup.VENV, ignore_errors=True)
            os.makedirs(setup.BIN)
            Path(setup.PYTHON).touch()
        return True, ""

    def fail(self, *parts: str, output: str = "no such thing") -> None:
        self.rules.append(lambda line: (False, output) if all(p in line for p in parts) else None)

    def having(self, part: str) -> list[int]:
        return [number for number, event in enumerate(self.events) if part in event]

    def said(self) -> str:
        return "\n".join(event for event in self.events if str(setup.PYTHON) not in event)


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty copy of the book that is set up nowhere."""
    for name in setup.INPUTS:
        shutil.copy(ROOT / name, tmp_path)
    names = {"ROOT": ".", "VENV": ".venv", "BIN": ".venv/bin", "PYTHON": ".venv/bin/python"}
    names |= {"STAMP": ".venv/.set-up-complete", "LOCK": "_build/set-up.lock"}
    for name, path in names.items():
        monkeypatch.setattr(setup, name, str(tmp_path / path))
    return tmp_path


@pytest.fixture
def commands(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    commands = Commands()
    monkeypatch.setattr(setup, "run", commands.run)
    monkeypatch.setattr(setup, "say", commands.events.append)
    monkeypatch.setattr(setup, "answers", lambda url: False)
    monkeypatch.setattr(setup.platform, "system", lambda: "Linux")
    return commands


def existing(folder: Path, stamp: bytes | None = None) -> Path:
    """A .venv that somebody has made, with something of theirs in it."""
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/python").touch()
    (folder / ".venv/theirs").write_text("kept")
    if stamp is not None:
        Path(setup.STAMP).write_bytes(stamp)
    return folder / ".venv/theirs"


def stopped() -> str:
    """The one sentence with which the set-up stops."""
    with pytest.raises(SystemExit) as stop:
        setup.main_guarded(setup.main)
    sentence = str(stop.value)
    assert "\n" not in sentence
    assert sentence.startswith("set-up stopped: ")
    return sentence


# --- what is installed, and from where ------------------------------------------------------------


def test_uv_takes_the_systems_certificates_and_knows_the_flag(commands: Commands):
    setup.main()
    started = [commands.events[number] for number in commands.having("-m uv pip install")]
    assert started and all("--system-certs" in line for line in started), started
    help_text = subprocess.run(
        [sys.executable, "-m", "uv", "pip", "install", "--help"], text=True, capture_output=True
    ).stdout
    assert "--system-certs" in help_text, "the pinned uv does not know --system-certs"


def test_everything_is_installed_under_the_constraints(commands: Commands):
    commands.fail("+cpu")
    setup.main()
    installs = [line for line in commands.events if " install " in line]
    assert len(installs) == 4
    assert [line for line in installs if "-c constraints.txt" not in line] == []


def test_a_cuda_build_is_announced_before_it_begins(commands: Commands):
    commands.fail("+cpu")
    setup.main()
    (word,) = commands.having("PyTorch's CPU index cannot be reached")
    assert "2.7 GB to download" in commands.events[word]
    assert commands.having(setup.pinned("torch"))[-1] == word + 1


def test_the_word_says_when_the_index_answers_and_delivers_nothing(commands: Commands, monkeypatch):
    monkeypatch.setattr(setup, "answers", lambda url: True)
    commands.fail("+cpu")
    setup.main()
    assert "has no build for this machine" in commands.said()
    assert "cannot be reached" not in commands.said()


@pytest.mark.parametrize("system", ["Darwin", "Windows"])
def test_where_the_default_build_is_the_cpus_nothing_is_announced(
    commands: Commands, monkeypatch, system: str
):
    monkeypatch.setattr(setup.platform, "system", lambda: system)
    setup.main()
    assert not commands.having("CUDA") and not commands.having("+cpu")
    assert commands.having(setup.pinned("torch"))


def test_a_build_from_pips_own_sources_comes_first(commands: Commands):
    setup.main()
    (first,) = commands.having(setup.pinned("torch"))
    assert "-m pip" in commands.events[first] and "--index-url" not in commands.events[first]


def test_a_full_disk_leads_to_no_larger_download(commands: Commands):
    """pip's try of the CPU build fails for want of room, not for want of a build."""

    def full(line: str) -> None:
        if "+cpu" in line:
            raise OSError(errno.ENOSPC, "full")

    commands.rules.append(full)
    assert "the disk is full" in stopped()
    assert not commands.having("CUDA")
    assert Path(setup.STAMP).read_bytes() == setup.UNFINISHED


def test_pip_takes_over_with_a_word_where_uv_fails(commands: Commands):
    commands.fail("-m uv", "-r requirements.txt")
    setup.main()
    (word,) = commands.having("now pip tries, which is slower")
    assert "-m pip" in commands.events[word + 1] and "-r req" in commands.events[word + 1]


def test_pip_takes_the_systems_certificates_where_it_lacks_one(commands: Commands, monkeypatch):
    monkeypatch.setattr(setup.os, "environ", {"PATH": os.environ["PATH"]})
    commands.fail("-m pip", output="[SSL: CERTIFICATE_VERIFY_FAILED]")
    assert "could not install uv" in stopped()
    assert len(commands.having("-m pip")) == 2
    assert len(commands.having("with the system's certificates")) == 1
    assert {"PIP_CERT", "PIP_USE_FEATURE"} & set(setup.os.environ)


def test_a_version_changed_in_one_file_alone_stops_before_anything_is_touched(
    folder: Path, commands: Commands
):
    theirs = existing(folder, b"an older stamp")
    path = folder / "requirements.txt"
    path.write_text(path.read_text().replace("numpy==2", "numpy==1"))
    assert "requirements.txt asks for numpy==1." in stopped()
    assert commands.events == [] and theirs.exists()
    assert Path(setup.STAMP).read_bytes() == b"an older stamp"


def test_the_phases_are_numbered_and_the_last_line_is_clear(commands: Commands):
    setup.main()
    lines = [line for line in commands.events if line.startswith("set-up")]
    assert [line.split(":")[0][:10] for line in lines[:3]] == [f"set-up {n}/3" for n in (1, 2, 3)]
    assert "190 MB" in lines[1] or "120 MB" in lines[1]
    assert lines[3:] == [commands.events[-1]] and lines[3].endswith(".venv is ready.")
    before = len(commands.events)
    setup.main()
    assert len(commands.events) == before, "a complete set-up does nothing and says nothing"


# --- a .venv that is there ------------------------------------------------------------------------


@pytest.mark.parametrize("stamp", [None, b"", b"\xff\xfe\x00", b"of other requirements"])
def test_a_usable_venv_is_completed_and_not_emptied(folder: Path, commands: Commands, stamp):
    theirs = existing(folder, stamp)
    setup.main()
    assert theirs.exists(), commands.events
    assert not commands.having("-m venv") and not commands.having("ensurepip")
    assert commands.having("completing the .venv that is there")
    assert setup.is_complete()


def test_a_stamp_that_is_a_folder_is_healed(folder: Path, commands: Commands):
    theirs = existing(folder)
    os.mkdir(setup.STAMP)
    setup.main()
    assert setup.is_complete() and theirs.exists()


def test_a_pytorch_that_is_there_stays(folder: Path, commands: Commands):
    existing(folder)
    commands.there[2] = setup.pinned("torch").split("==")[1] + "+cu130"
    setup.main()
    assert not commands.having("torch==") and commands.having("+cu130 is there")


def test_a_venv_without_pip_gets_it(folder: Path, commands: Commands):
    theirs = existing(folder)
    commands.there[1] = ""
    setup.main()
    assert commands.having("ensurepip") and theirs.exists()


@pytest.mark.parametrize(
    ("there", "stamp", "reason"),
    [
        ([HERE, "pip", ""], setup.UNFINISHED, "did not come to its end"),
        (["3.10", "pip", ""], None, f"its Python is 3.10, and this one is {HERE}"),
        (["", "", ""], b"whatever", "no Python that starts"),
    ],
)
def test_what_cannot_be_completed_is_made_anew_and_says_why(
    folder: Path, commands: Commands, there: list[str], stamp: bytes | None, reason: str
):
    theirs = existing(folder, stamp)
    commands.there = there
    setup.main()
    (word,) = commands.having(reason)
    assert commands.having("--clear") == [word + 1] and not theirs.exists()


def test_a_venv_whose_python_is_gone_is_not_complete(folder: Path, commands: Commands):
    setup.main()
    os.remove(setup.PYTHON)
    assert not setup.is_complete()


def test_look_sees_this_python_and_no_other_program(monkeypatch):
    monkeypatch.setattr(setup, "PYTHON", sys.executable)
    assert setup.look()[0] == HERE and setup.look()[2].startswith("2.")
    monkeypatch.setattr(setup, "PYTHON", str(ROOT / "no-python"))
    assert setup.look() == ["", "", ""]


# --- bad input ------------------------------------------------------------------------------------


def test_a_venv_that_is_a_file_is_left_alone(folder: Path, commands: Commands):
    (folder / ".venv").write_text("mine")
    assert ".venv is no folder; move it away" in stopped()
    assert (folder / ".venv").read_text() == "mine"


def test_a_build_folder_that_is_a_file_is_named(folder: Path, commands: Commands):
    (folder / "_build").write_text("mine")
    assert "_build" in stopped()


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_folder_that_cannot_be_written_is_named(folder: Path, commands: Commands, number: int):
    def refuse(line: str) -> None:
        raise OSError(number, os.strerror(number), str(folder))

    commands.rules.append(refuse)
    assert f"cannot write {folder} ({os.strerror(number)})" in stopped()


def test_a_pin_that_is_missing_is_named(folder: Path, commands: Commands):
    (folder / "requirements.txt").write_text("numpy\n")
    assert "requirements.txt pins no version of" in stopped()


def test_a_set_up_that_gives_up_goes_on_where_it_was(folder: Path, commands: Commands):
    theirs = existing(folder, b"of other requirements")
    commands.fail("-r requirements.txt")
    assert "pip could not install requirements.txt" in stopped()
    commands.rules.clear()
    setup.main()
    assert theirs.exists() and setup.is_complete()


def test_an_interrupted_set_up_is_not_trusted(folder: Path, commands: Commands):
    def interrupt(line: str) -> None:
        if "-r requirements.txt" in line:
            raise KeyboardInterrupt

    commands.rules.append(interrupt)
    assert "interrupted; the same command starts it again" in stopped()
    assert Path(setup.STAMP).read_bytes() == setup.UNFINISHED and not setup.is_complete()


def test_a_command_that_finds_the_disk_full_says_so():
    with pytest.raises(OSError) as error:
        setup.run(sys.executable, "-c", "import sys; sys.exit('No space left on device')")
    assert "the disk is full" in setup.why(error.value)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_any_python_can_read_it_and_nothing_has_to_be_installed(path: Path):
    source = path.read_bytes()
    assert source.isascii(), "Python 2 reads only ASCII here"
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Nonlocal, ast.YieldFrom, ast.Match)
    old = set("contextlib errno hashlib os platform re shutil signal subprocess sys time".split())
    tree = ast.parse(source)
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        assert not isinstance(node, newer), f"line {line}: {type(node).__name__} is not in Python 2"
        assert not getattr(node, "annotation", None), f"line {line}: no type hints in Python 2"
        assert not getattr(node, "kwonlyargs", None), f"line {line}: keyword-only argument"
        assert not getattr(node, "cause", None), f"line {line}: raise from"
        if isinstance(node, ast.Import):
            names = {alias.name.split(".")[0] for alias in node.names}
            assert names <= sys.stdlib_module_names | {"setup_environment"}, f"line {line}"
    at_start = {a.name for node in tree.body if isinstance(node, ast.Import) for a in node.names}
    assert at_start <= old | {"setup_environment"}, at_start - old


def starts(python: str) -> bool:
    try:
        return not subprocess.run([python, "-c", ""], capture_output=True).returncode
    except OSError:
        return False


@pytest.mark.parametrize("name", ["python2", "python3.10"])
def test_a_python_that_is_too_old_says_one_sentence(name: str):
    if not starts(name):
        pytest.skip(f"no {name} here")
    for path in SOURCES:
        done = subprocess.run([name, str(path)], capture_output=True, text=True)
        assert done.returncode == 1 and done.stdout == ""
        assert done.stderr.count("\n") == 1 and "this book needs Python 3.11 to" in done.stderr


# --- real processes: order, Ctrl+C, one at a time -------------------------------------------------


def start(code: str, *arguments: object, **options) -> subprocess.Popen[str]:
    """A Python process in a group of its own that can import the set-up, and buffers its output."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    environment |= {"PYTHONPATH": str(ROOT / "tools")}
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT} | options
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=environment, text=True, start_new_session=True, **options,
    )  # fmt: skip


HOLD = """
import sys, time, setup_environment as setup
with setup.alone(sys.argv[1], "waiting"):
    print("in", flush=True)
    {then}
"""


def hold(path: Path, then: str = "sys.stdin.read()") -> subprocess.Popen[str]:
    return start(HOLD.format(then=then), path, stdin=subprocess.PIPE)


def test_the_output_is_in_order_in_a_log(tmp_path: Path):
    code = """
import sys, setup_environment as setup
setup.say("1")
setup.run(sys.executable, "-c", "import sys; print(2, flush=True); print(3, file=sys.stderr)")
setup.say("4")
setup.fail("5")
"""
    with open(tmp_path / "log", "w") as log:
        start(code, stdout=log).wait()
    lines = (tmp_path / "log").read_text().split("\n")
    assert lines == ["1", "2", "3", "4", "set-up stopped: 5", ""]


INTERRUPTED = """
import sys, setup_environment as setup
def command():
    setup.run(sys.executable, "-c", '''
import os, sys, time
print(os.getpid(), flush=True)
time.sleep(60)
''')
setup.main_guarded(command)
"""


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl+C", "kill"])
def test_an_interrupted_command_says_one_sentence_and_has_ended(number: int):
    process = start(INTERRUPTED)
    child = int(process.stdout.readline())
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # as the terminal does
    else:
        os.kill(process.pid, number)
    output = process.communicate(timeout=20)[0]
    assert output == "set-up stopped: interrupted; the same command starts it again.\n"
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


@posix
def test_ctrl_c_while_the_venv_is_made_says_one_sentence(tmp_path: Path):
    """The real set-up, ended in the middle of ensurepip."""
    (tmp_path / "tools").mkdir()
    for path in [*SOURCES[:1], *(ROOT / name for name in setup.INPUTS)]:
        shutil.copy(path, tmp_path / path.relative_to(ROOT))
    code = "import runpy; runpy.run_path('tools/setup_environment.py', run_name='__main__')"
    process = start(code, cwd=tmp_path)
    first = process.stdout.readline()
    stamp, end = tmp_path / ".venv/.set-up-complete", time.time() + 20
    while not [*tmp_path.glob(".venv/lib/*/site-packages/*")] and time.time() < end:
        time.sleep(0.01)  # until ensurepip writes its first files
    os.killpg(process.pid, signal.SIGINT)
    output = first + process.communicate(timeout=20)[0]
    assert output.splitlines() == [
        "set-up 1/3: making .venv with Python " + setup.platform.python_version(),
        "set-up stopped: interrupted; the same command starts it again.",
    ]
    assert stamp.read_bytes() == setup.UNFINISHED


def test_two_commands_wait_for_each_other_and_say_so_once(tmp_path: Path):
    path = tmp_path / "_build" / "lock"
    first = hold(path)
    assert first.stdout.readline() == "in\n"
    second = hold(path, then="pass")
    assert second.stdout.readline() == "waiting\n"
    time.sleep(2 * setup.POLL_SECONDS)
    assert second.poll() is None, "the second went in while the first was there"
    first.communicate("")
    assert second.communicate(timeout=10)[0] == "in\n"


def test_a_process_that_died_blocks_nobody(tmp_path: Path):
    first = hold(tmp_path / "lock")
    assert first.stdout.readline() == "in\n"
    first.kill()
    first.communicate()
    assert hold(tmp_path / "lock", then="pass").communicate("", timeout=10)[0] == "in\n"


@posix
def test_what_a_killed_set_up_has_started_is_waited_for(tmp_path: Path):
    code = "import sys; print('started', flush=True); sys.stdin.read()"
    then = f"import subprocess; subprocess.call([sys.executable, '-c', {code!r}], close_fds=False)"
    first = hold(tmp_path / "lock", then)
    assert first.stdout.readline() + first.stdout.readline() == "in\nstarted\n"
    first.kill()
    first.wait()
    second = hold(tmp_path / "lock", then="pass")
    assert second.stdout.readline() == "waiting\n"
    first.stdin.close()
    assert second.communicate(timeout=10)[0] == "in\n"


def test_commands_of_set_up_hold_its_lock_too(monkeypatch):
    kept = {}

    def popen(*arguments, **options):
        kept.update(options)
        raise OSError

    monkeypatch.setattr(setup.subprocess, "Popen", popen)
    with pytest.raises(OSError):
        setup.run("anything")
    assert kept["close_fds"] is False


@posix
def test_a_lock_on_a_file_that_make_clean_removes_is_none(tmp_path: Path, monkeypatch):
    path, taken, files = tmp_path / "lock", setup.taken, []

    def taken_too_late(file: int) -> bool:
        files.append(file)
        if len(files) == 1:
            path.unlink()
        return taken(file)

    monkeypatch.setattr(setup, "taken", taken_too_late)
    monkeypatch.setattr(setup, "POLL_SECONDS", 0.01)
    with setup.alone(str(path)):
        assert len(files) == 2, "took the lock of a file that is gone: another command gets in"
        other = hold(path, then="pass")
        assert other.stdout.readline() == "waiting\n"
    assert other.communicate(timeout=10)[0] == "in\n"


def test_a_file_system_without_locks_is_told_and_used(tmp_path: Path, monkeypatch, capsys):
    def without(file):
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(setup, "taken", without)
    with setup.alone(str(tmp_path / "lock")):
        assert "has no locks: run one command at a time" in capsys.readouterr().out


def test_a_command_that_has_waited_finds_the_work_done(
    folder: Path, commands: Commands, monkeypatch
):
    @setup.contextlib.contextmanager
    def waited():
        setup.set_up()  # by another command, meanwhile
        commands.events.clear()
        yield

    monkeypatch.setattr(setup, "alone", waited)
    setup.main()
    assert commands.events == []


def test_the_lock_lies_where_git_and_the_set_up_do_not_touch_it():
    assert Path(setup.LOCK).relative_to(ROOT).parts[0] == "_build"


# --- make -----------------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize(("user", "expected"), [("0", True), ("1000", False)])
def test_jupyterlab_is_told_when_root_is_meant(tmp_path: Path, user: str, expected: bool):
    if not shutil.which("make"):
        pytest.skip("no make here")
    (tmp_path / "id").write_text(f"#!/bin/sh\necho {user}\n")
    (tmp_path / "id").chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    command = ["make", "--dry-run", "lab", f"PYTHON={sys.executable}"]
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True)
    (lab,) = [line for line in done.stdout.splitlines() if "jupyter lab" in line]
    assert ("--allow-root" in lab) is expected
