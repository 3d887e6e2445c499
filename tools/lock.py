"""Resolve constraints.txt again after a change to requirements.txt. Standard library only.

    python tools/lock.py

Changes as little as the new requirements allow, or nothing at all when they cannot be resolved.
It needs uv, and no set-up: it takes the one in .venv, else one of its own in _build/lock.
"""
# ruff: noqa: UP031

import os
import re
import sys

import setup_environment as setup

FOLDER = os.path.join(setup.ROOT, "_build", "lock")
OWN_PYTHON = os.path.join(FOLDER, os.path.relpath(setup.PYTHON, setup.VENV))
TARGET = os.path.join(setup.ROOT, "constraints.txt")


def fail(sentence):
    sys.exit("lock stopped: " + sentence)


def has_uv(python):
    return os.path.exists(python) and setup.run(python, "-m", "uv", "--version", show=False)[0]


def python_with_uv():
    """The Python of .venv where uv is there, else the one of a small environment for uv alone."""
    for python in (setup.PYTHON, OWN_PYTHON):
        if has_uv(python):
            return python
    setup.say("lock: getting uv (18 MB to download)")
    base = getattr(sys, "_base_executable", None) or sys.executable
    if not setup.run(base, "-m", "venv", "--clear", FOLDER, show=False)[0]:
        fail("Python could not make the folder %s for uv." % FOLDER)
    uv = setup.pinned("uv")  # and no constraints: they are what has to be changed
    ok, output = setup.pip("--quiet", uv, python=OWN_PYTHON, constraints=None, show=False)
    if not ok:
        fail("pip could not install %s (%s)" % (uv, setup.last_line(output)))
    return OWN_PYTHON


def in_one_line(output):
    """What uv says on several lines, with a frame around them, as one."""
    text = re.sub("[^\\x20-\\x7e]", " ", output).replace("error: ", "", 1)
    return " ".join(re.sub("\\s+cause: ", ": ", text).split())


def lock():
    python = python_with_uv()
    os.makedirs(FOLDER, exist_ok=True)
    wanted, result = os.path.join(FOLDER, "wanted.txt"), TARGET + ".new"
    lines = setup.read("requirements.txt").decode("utf-8").splitlines(True)
    with open(wanted, "w", encoding="utf-8") as file:
        file.writelines(line for line in lines if not line.startswith("-"))
    before = setup.read("constraints.txt") if os.path.exists(TARGET) else b""
    try:
        with open(result, "wb") as file:
            file.write(before)  # uv keeps the versions it finds there, as far as it can
        command = [python, "-m", "uv", "pip", "compile", "--quiet", "--system-certs", "--universal"]
        command += ["--python-version", setup.dotted(setup.OLDEST), "--no-annotate", "--no-header"]
        ok, output = setup.run(*(command + ["--output-file", result, wanted]), show=False)
        if not ok:
            fail("%s (constraints.txt is as it was)" % in_one_line(output))
        os.replace(result, TARGET)
    finally:
        if os.path.exists(result):
            os.remove(result)
    after = setup.read("constraints.txt")
    packages = after.splitlines()
    changed = len(set(packages) - set(before.splitlines()))
    setup.say(
        "lock: constraints.txt has %d lines, %d of them new; the next make sets them up."
        % (len(packages), changed)
    )


def main():
    setup.check_python()
    with setup.alone():
        lock()


if __name__ == "__main__":
    setup.main_guarded(main, "lock")
