"""Create .venv with everything the book needs. Standard library only; any Python 3 can start it.

    python tools/setup_environment.py

Does nothing when requirements.txt, constraints.txt and pyproject.toml are those of the last
complete set-up. PyTorch comes first: on Linux the default index serves a CUDA build of several
gigabytes, and this book computes on the CPU.
"""

import hashlib
import os
import platform
import re
import subprocess
import sys
import time
import urllib.request

OLDEST, NEWEST = (3, 11), (3, 14)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(BIN, "python")
STAMP = os.path.join(VENV, ".set-up-complete")
INPUTS = ("requirements.txt", "constraints.txt", "pyproject.toml")
CPU_INDEX = "https://download.pytorch.org/whl/cpu"  # PyTorch's documented index of CPU builds
PROBE_SECONDS = 5


def fail(sentence):
    sys.exit("set-up stopped: " + sentence)


def fingerprint():
    """Changes whenever the set-up would have something to do."""
    digest = hashlib.sha256(sys.version.encode())
    for name in INPUTS:
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def dotted(version):
    return ".".join(map(str, version))


def is_complete():
    try:
        with open(STAMP) as file:
            return file.read() == fingerprint()
    except OSError:
        return False


def pinned(package):
    """The line of requirements.txt that pins the package, such as ``torch==2.13.0``."""
    with open(os.path.join(ROOT, "requirements.txt")) as file:
        return re.search("^" + package + r"==\S+", file.read(), re.MULTILINE).group()


def run(*command, **options):
    return subprocess.call(command, cwd=ROOT, **options) == 0


def pip(*arguments, **options):
    return run(PYTHON, "-m", "pip", "--disable-pip-version-check", *arguments, **options)


def answers(url):
    """Whether the address can be reached soon; a machine without it must not wait."""
    try:
        urllib.request.urlopen(url, timeout=PROBE_SECONDS).close()
        return True
    except OSError:
        return False


def create_venv():
    if not run(sys.executable, "-m", "venv", "--clear", VENV):
        fail(
            "Python's venv module is incomplete; on Debian and Ubuntu install the package "
            f"python{sys.version_info[0]}.{sys.version_info[1]}-venv, then run make again."
        )


def install_torch():
    """Install the CPU build: from pip's sources, else PyTorch's CPU index, else the default."""
    torch = pinned("torch")
    if platform.system() == "Linux":
        cpu_build = torch + "+cpu"
        # A first try that may fail, on most machines, and should not look like a failure.
        silently = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        if pip("install", "--no-deps", cpu_build, **silently):
            return
        if answers(CPU_INDEX + "/torch/"):
            if pip("install", "--no-deps", "--index-url", CPU_INDEX, cpu_build):
                return
        print("PyTorch's CPU index cannot be reached: taking the default build, which is large.")
    if not pip("install", torch):
        fail(f"pip could not install {torch}; its last lines above say why.")


def install_the_rest():
    """uv is several times faster than pip; pip knows this machine's own configuration."""
    if pip("install", "--quiet", pinned("uv")):
        if run(PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON, "-r", "requirements.txt"):
            return
        print("uv could not install everything: trying again with pip.")
    if not pip("install", "-r", "requirements.txt"):
        fail("pip could not install requirements.txt; its last lines above say why.")


def main():
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        fail(
            f"this book needs Python {dotted(OLDEST)} to {dotted(NEWEST)}, and {sys.executable} is "
            f"{platform.python_version()}; name another one with make PYTHON=python3.12"
        )
    if is_complete():
        return
    started = time.time()
    print("set-up 1/3: .venv with Python " + platform.python_version(), flush=True)
    create_venv()
    print("set-up 2/3: PyTorch, CPU build (about 200 MB to download)", flush=True)
    install_torch()
    print("set-up 3/3: the other packages", flush=True)
    install_the_rest()
    with open(STAMP, "w") as file:
        file.write(fingerprint())
    print(f"set-up complete in {time.time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        fail("interrupted; the same command starts it again.")
