"""Make .venv with everything the book needs, or complete it. Standard library only.

    python tools/setup_environment.py

Does nothing when requirements.txt, constraints.txt and pyproject.toml are those of the last
complete set-up. PyTorch comes first: on Linux the default index serves a CUDA build of several
gigabytes, and this book computes on the CPU.

Python 2 can read this file too, so that it can say which Python is needed.
"""
# ruff: noqa: UP031

import contextlib
import errno
import hashlib
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time

OLDEST, NEWEST = (3, 11), (3, 14)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(BIN, "python.exe" if os.name == "nt" else "python")
STAMP = os.path.join(VENV, ".set-up-complete")
LOCK = os.path.join(ROOT, "_build", "set-up.lock")
INPUTS = ("requirements.txt", "constraints.txt", "pyproject.toml")
CPU_INDEX = "https://download.pytorch.org/whl/cpu"  # PyTorch's documented index of CPU builds
TORCH_SIZE = "190 MB" if platform.system() == "Linux" else "120 MB"
CUDA_SIZE = "2.7 GB to download, and makes .venv 5.7 GB large instead of 1.7 GB"
OTHERS_SIZE = "270 MB"
PROBE_SECONDS = 5
POLL_SECONDS = 0.2
END_SECONDS = 10  # how long a command may take to clean up after Ctrl+C
UNFINISHED = b"a set-up has begun here and has not come to its end\n"
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
DISK_FULL = re.compile("No space left on device|Errno 28|os error (28|112)|not enough space on")
AGAIN = "then run the same command again."
LOOK = """
import importlib.metadata, importlib.util, sys
print("%d.%d" % sys.version_info[:2])
print("pip" if importlib.util.find_spec("pip") else "")
print(importlib.metadata.version("torch") if importlib.util.find_spec("torch") else "")
"""


class Ended(KeyboardInterrupt):
    """A signal to this process alone; Ctrl+C goes to what it has started as well."""


# --- what it says ---------------------------------------------------------------------------------


def say(line):
    """Print at once: what is started next prints into the same log."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def fail(sentence):
    sys.exit("set-up stopped: " + sentence)


def why(error):
    """An OSError as a sentence that says what to do."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return "the disk is full, this folder's or the temporary one's; make room, " + AGAIN
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "cannot write %s (%s); make its folder writable for you, %s" % (
            error.filename or ROOT, error.strerror, AGAIN,
        )  # fmt: skip
    return "%s: %s; move that away, %s" % (error.filename or ROOT, error.strerror, AGAIN)


def dotted(version):
    return ".".join(map(str, version))


def main_guarded(command, name="set-up"):
    """Run the command; whatever stops it is told in one sentence."""

    def end(number, frame):
        raise Ended

    signal.signal(signal.SIGTERM, end)
    try:
        command()
    except KeyboardInterrupt:
        sys.exit(name + " stopped: interrupted; the same command starts it again.")
    except OSError as error:
        sys.exit("%s stopped: %s" % (name, why(error)))


# --- one at a time --------------------------------------------------------------------------------


def taken(file):
    """Take the operating system's lock on an open file, and return whether it worked."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        raise
    return True


def is_still(file, path):
    """Whether an open file is the one under that name: `make clean` may have removed it."""
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except OSError:
        return False


@contextlib.contextmanager
def alone(path=None, waiting="another command is setting up this folder; waiting for its end ..."):
    """Let one process at a time into the block; the others say so once, and wait.

    The lock is the operating system's: it ends with the process that holds it and with the commands
    which that one has started, however they end. The file stays and says nothing. Meant for the
    set-up, where nothing is installed yet; the book's other tools have the package filelock.
    """
    path = path or LOCK
    if not os.path.isdir(os.path.dirname(path)):
        os.makedirs(os.path.dirname(path), exist_ok=True)
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if taken(file) and is_still(file, path):
                break
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
            say("this folder's file system has no locks: run one command at a time here.")
            break
        os.close(file)
        if waiting:
            say(waiting)
            waiting = ""
        time.sleep(POLL_SECONDS)
    os.set_inheritable(file, True)
    try:
        yield
    finally:
        if os.name != "nt":
            with contextlib.suppress(OSError):
                import fcntl

                fcntl.flock(file, fcntl.LOCK_UN)
        os.close(file)


# --- running commands -----------------------------------------------------------------------------


def relay(line):
    """Pass on a line of a command's complaints, but not uv's long list of what it installed."""
    if not line.startswith((" + ", " - ", " ~ ")):
        sys.stderr.write(line)
        sys.stderr.flush()


def run(*command, **options):
    """Run a command in this folder. Return whether it went well, and what it wrote.

    What it writes to stderr is shown line by line, and with ``show=False`` nothing is. After Ctrl+C
    its own last words are not shown: one sentence is enough.
    """
    show = options.pop("show", True)
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=None if show else subprocess.PIPE,
        stderr=subprocess.PIPE if show else subprocess.STDOUT,
        close_fds=False,  # it keeps the lock as long as it runs, even when this process is killed
        encoding="utf-8",
        errors="replace",
    )
    lines = []
    try:
        for line in child.stderr if show else child.stdout:
            lines.append(line)
            if show:
                relay(line)
        ok, output = child.wait() == 0, "".join(lines)
    except KeyboardInterrupt as stopped:
        if isinstance(stopped, Ended):
            child.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGINT)
        try:
            child.communicate(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
        raise
    if not ok and DISK_FULL.search(output):
        raise OSError(errno.ENOSPC, "a command found the disk full")
    return ok, output


def pip(*arguments, **options):
    """Run pip under the constraints, once more with the system's certificates where it needs them.

    A pip older than 24.2 trusts its own list alone, which lacks a university's or company's.
    """
    python = options.pop("python", PYTHON)
    constraints = options.pop("constraints", "constraints.txt")
    command = [python, "-m", "pip", "--disable-pip-version-check", "install"]
    command += (["-c", constraints] if constraints else []) + list(arguments)
    ok, output = run(*command, **options)
    if ok or "CERTIFICATE_VERIFY_FAILED" not in output or not trust_the_system():
        return ok, output
    say("pip does not know this network's certificate: once more with the system's certificates.")
    return run(*command, **options)


def trust_the_system():
    """Make pip take the system's certificates from now on; False where it has done so already."""
    import ssl

    bundle = ssl.get_default_verify_paths().cafile
    name, value = ("PIP_CERT", bundle) if bundle else ("PIP_USE_FEATURE", "truststore")
    if name in os.environ:
        return False
    os.environ[name] = value
    return True


def uv(*arguments):
    """Run uv with the system's certificates: its own list lacks a university's or company's."""
    command = [PYTHON, "-m", "uv", "pip", "install", "--system-certs", "--python", PYTHON]
    return run(*(command + ["-c", "constraints.txt"] + list(arguments)))


# --- what is there --------------------------------------------------------------------------------


def read(name):
    with open(os.path.join(ROOT, name), "rb") as file:
        return file.read()


def fingerprint():
    """Changes whenever the set-up would have something to do."""
    digest = hashlib.sha256(dotted(sys.version_info[:2]).encode())
    for name in INPUTS:
        digest.update(read(name))
    return digest.hexdigest()


def stamp():
    """What the last set-up left in .venv, or nothing."""
    try:
        with open(STAMP, "rb") as file:
            return file.read()
    except OSError:
        return b""


def write_stamp(content):
    if os.path.isdir(STAMP):
        shutil.rmtree(STAMP)
    with open(STAMP, "wb") as file:
        file.write(content)


def is_complete():
    return stamp() == fingerprint().encode() and os.path.exists(PYTHON)


def pins(name):
    """The exact versions a file names: {package: {version, ...}}."""
    found = {}
    for package, version in re.findall(r"^([\w.-]+)==([\w.+!]+)", read(name).decode(), re.M):
        found.setdefault(re.sub("[-_.]+", "-", package).lower(), set()).add(version)
    return found


def pinned(package):
    """The line of requirements.txt that pins the package, such as ``torch==2.13.0``."""
    versions = pins("requirements.txt").get(package)
    if not versions:
        fail("requirements.txt pins no version of %s (a line %s==...)." % (package, package))
    return package + "==" + versions.pop()


def check_python():
    if not OLDEST <= tuple(sys.version_info[:2]) <= NEWEST:
        fail(
            "this book needs Python %s to %s, and %s is %s; name another one with "
            "make PYTHON=python3.12"
            % (dotted(OLDEST), dotted(NEWEST), sys.executable, platform.python_version())
        )


def check_pins():
    """A version changed in requirements.txt alone cannot be installed: say so before anything."""
    held = pins("constraints.txt")
    for package, versions in sorted(pins("requirements.txt").items()):
        if package in held and not versions & held[package]:
            fail(
                "requirements.txt asks for %s==%s and constraints.txt holds %s; run make lock, %s"
                % (package, "".join(versions), " and ".join(sorted(held[package])), AGAIN)
            )


def answers(url):
    """Whether the address can be reached soon; a machine without it must not wait."""
    import urllib.request

    try:
        urllib.request.urlopen(url, timeout=PROBE_SECONDS).close()
        return True
    except OSError:
        return False


# --- the set-up -----------------------------------------------------------------------------------


def look():
    """What .venv holds: its Python's version, "pip" or nothing, torch's version or nothing."""
    with contextlib.suppress(OSError):
        ok, output = run(PYTHON, "-c", LOOK, show=False)
        if ok:
            return output.splitlines()[-3:]
    return ["", "", ""]


def unusable(version):
    """Why .venv has to be made anew, or nothing; what is usable is completed, never emptied."""
    if stamp() == UNFINISHED:
        return "the last set-up of it did not come to its end"
    if not version:
        return "it has no Python that starts"
    if version != dotted(sys.version_info[:2]):
        return "its Python is %s, and this one is %s" % (version, dotted(sys.version_info[:2]))
    return ""


def prepare_venv():
    """Make .venv, or leave what is there; return the version of PyTorch that it has."""
    phase = "set-up 1/3: "
    if os.path.lexists(VENV) and not os.path.isdir(VENV):
        fail("%s is no folder; move it away, %s" % (VENV, AGAIN))
    there = os.path.isdir(VENV) and bool(os.listdir(VENV))
    version, has_pip, torch = look() if there else ("", "", "")
    reason = unusable(version) if there else ""
    if there and not reason:
        say(phase + "completing the .venv that is there, Python " + version)
    else:
        say(phase + "making .venv with Python " + platform.python_version())
        if reason:
            say("the .venv that was there is removed: %s." % reason)
        base = getattr(sys, "_base_executable", None) or sys.executable
        ok, output = run(base, "-m", "venv", "--clear", "--without-pip", VENV, show=False)
        if not ok:
            fail("Python could not make .venv: " + last_line(output))
        has_pip = torch = ""
    write_stamp(UNFINISHED)
    if not has_pip:
        ok, output = run(PYTHON, "-Im", "ensurepip", "--upgrade", "--default-pip", show=False)
        if not ok:
            give_up(
                "Python's venv module is incomplete; on Debian and Ubuntu install the package "
                "python%s-venv, %s" % (dotted(sys.version_info[:2]), AGAIN)
            )
    return torch


def last_line(output):
    return (output.strip().splitlines() or ["it did not say why"])[-1]


def give_up(sentence):
    """End a set-up whose command has given up by itself: what is in .venv can be completed.

    After Ctrl+C or on a full disk nobody knows what is there, and the stamp goes on saying so.
    """
    os.remove(STAMP)
    fail(sentence)


def install(what, *arguments):
    """With uv, which is several times faster; else with pip, which knows the machine's settings."""
    if uv(*arguments)[0]:
        return
    say("uv could not install %s, as it says above; now pip tries, which is slower." % what)
    if not pip(*arguments)[0]:
        give_up("pip could not install %s; its last lines above say why." % what)


def install_uv():
    if not pip("--quiet", pinned("uv"))[0]:
        give_up("pip could not install uv; its last lines above say why.")


def install_torch():
    """Install the CPU build: from pip's sources, else PyTorch's CPU index, else the default."""
    torch = pinned("torch")
    if platform.system() == "Linux":
        # A first try that fails on most machines, and should not look like a failure.
        if pip("--no-deps", torch + "+cpu", show=False)[0]:
            return
        trouble = "cannot be reached"
        if answers(CPU_INDEX + "/torch/"):
            if pip("--no-deps", "--index-url", CPU_INDEX, torch + "+cpu")[0]:
                return
            trouble = "has no build for this machine, or did not deliver it"
        say(
            "PyTorch's CPU index %s, so the default build follows: with CUDA, which this book does "
            "not use, it is %s. Ctrl+C stops it." % (trouble, CUDA_SIZE)
        )
    install(torch, torch)


def set_up():
    started = time.time()
    complete = fingerprint().encode()
    torch = prepare_venv()
    install_uv()
    if torch.split("+")[0] == pinned("torch").split("==")[1]:
        say("set-up 2/3: PyTorch %s is there" % torch)
    else:
        say("set-up 2/3: PyTorch for the CPU (%s to download)" % TORCH_SIZE)
        install_torch()
    say("set-up 3/3: the other packages (up to %s to download)" % OTHERS_SIZE)
    install("requirements.txt", "-r", "requirements.txt")
    write_stamp(complete)
    say("set-up complete in %.0f s: .venv is ready." % (time.time() - started))


def main():
    check_python()
    if is_complete():
        return
    check_pins()
    with alone():
        if not is_complete():
            set_up()


if __name__ == "__main__":
    main_guarded(main)
