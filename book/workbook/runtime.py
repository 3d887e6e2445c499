"""Fetch what runs exercises in the page: Pyodide, NumPy's wheel for it, an editor and Graphviz.

    python -m book.workbook.runtime        # fill _build/workbook/runtime; done once

What comes from npm is pinned with its hashes in npm/package-lock.json, and npm compares them.
NumPy's wheel lies in wheels/. The folder that WORKBOOK_WHEELS names comes before it, and Pyodide's
own release after it. Its sha256 is the one in Pyodide's lock file.

Two things can go wrong. What cannot be fetched leaves the site without Python in the page, and the
build goes on, unless exercises are required. What has the wrong hash ends the build.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

from book import ROOT
from book.fetching import SECONDS, Npm, Unreachable, WrongHash, npm, once

PINS = ROOT / "book" / "workbook" / "npm"
WORK = ROOT / "_build" / "workbook"
WHEELS = "WORKBOOK_WHEELS"
OWN_WHEELS = ROOT / "book" / "workbook" / "wheels"
RELEASE = "https://cdn.jsdelivr.net/pyodide/v{version}/full/{name}"  # where Pyodide releases wheels

# file of the runtime -> where npm puts it
FROM_NPM = {
    "pyodide.mjs": "pyodide/pyodide.mjs",
    "pyodide.asm.mjs": "pyodide/pyodide.asm.mjs",
    "pyodide.asm.wasm": "pyodide/pyodide.asm.wasm",
    "python_stdlib.zip": "pyodide/python_stdlib.zip",
    "graphviz.mjs": "@viz-js/viz/dist/viz.js",
}
RULE = "\n\n" + "-" * 80 + "\n\n"  # between two licences
NOT_SHIPPED = {"esbuild", "ws", "@types/emscripten"}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def ensure(work: Path = WORK, *, again: bool = False, required: bool = False) -> str:
    """Fetch the runtime unless it is there, and return one sentence on how the site stands.

    A fetch that failed within the hour is only tried ``again`` on demand. Raises WrongHash when
    what came is not what is pinned, and Unreachable where exercises are ``required``.
    """
    runtime = work / "runtime"

    def whole() -> bool:
        complete = is_complete(runtime)
        if not complete:
            shutil.rmtree(runtime, ignore_errors=True)
        return complete

    try:
        once(work, pins(), whole, lambda part: fetch(part, runtime), again=again or required)
    except Unreachable as reason:
        if required:
            raise Unreachable(f"exercises would not run in the page: {reason}") from None
        return (
            f"exercises do NOT run in the page of this build: {reason}; "
            "python -m book.workbook.runtime tries again."
        )
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
    except (FileNotFoundError, ValueError):
        return False
    files = stamp["files"].items()
    return stamp["pins"] == pins() and all(
        (runtime / name).exists() and sha256(runtime / name) == known for name, known in files
    )


def fetch(part: Path, runtime: Path) -> None:
    """Make ``runtime`` in the folder ``part``; a stamp with every file's hash is written last."""
    modules = npm_packages(npm(part / "node"), part / "npm")
    making = part / "runtime"
    making.mkdir()
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
    texts = licences(modules) + RULE + licences_of_wheel(making / numpy["file_name"])
    (making / "LICENSES.txt").write_text(texts, encoding="utf-8")
    files = {path.name: sha256(path) for path in sorted(making.iterdir())}
    stamp = {"pins": pins(), "pyodide": version, "files": files}
    (making / "runtime.json").write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    making.rename(runtime)


# --- npm -----------------------------------------------------------------------------------------


def npm_packages(client: Npm, folder: Path) -> Path:
    """The packages of the lock file, installed by npm: their ``node_modules``."""
    shutil.copytree(PINS, folder)
    client.run("ci", folder=folder)
    return folder / "node_modules"


def bundle(modules: Path, target: Path) -> None:
    """CodeMirror and our few lines around it as one module."""
    programs = [*modules.glob("@esbuild/*/bin/esbuild"), *modules.glob("@esbuild/*/esbuild.exe")]
    if not programs:
        raise Unreachable("esbuild has no build for this machine")
    options = ["--bundle", "--minify", "--format=esm", "--target=es2022", "--log-level=warning"]
    source = modules.parent / "editor.mjs"
    command = [programs[0], source, *options, f"--outfile={target}"]
    result = subprocess.run(command, text=True, capture_output=True)
    if result.returncode:
        said = [line.strip() for line in result.stderr.splitlines() if line.strip()]
        raise Unreachable(f"esbuild could not bundle the editor: {' '.join(said)[:300]}")


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
    return RULE.join(pieces)


# --- NumPy ---------------------------------------------------------------------------------------


def wheel(target: Path, known: str, version: str) -> None:
    """NumPy's wheel for this Pyodide: from the folder that is named, from ours, or the release."""
    named = os.environ.get(WHEELS, "")
    folders = (*([ROOT / named] if named else []), OWN_WHEELS)
    found = [folder / target.name for folder in folders if (folder / target.name).exists()]
    if found:
        shutil.copyfile(found[0], target)
    else:
        address = RELEASE.format(version=version, name=target.name)
        try:
            with urllib.request.urlopen(address, timeout=SECONDS) as answer:
                content = answer.read()
        except OSError:
            raise Unreachable(
                f"{target.name} is not in {OWN_WHEELS}, nor at Pyodide's release, nor in a folder "
                f"named by {WHEELS}"
            ) from None
        target.write_bytes(content)
    if sha256(target) != known:
        where, advice = (found or ["Pyodide's release"])[0], ""
        if found and found[0].parent == OWN_WHEELS:
            advice = f"; git checkout -- {OWN_WHEELS.relative_to(ROOT).as_posix()} brings it back"
        raise WrongHash(
            f"{where} has not the sha256 that Pyodide's lock file names for {target.name}{advice}."
        )


def licences_of_wheel(path: Path) -> str:
    """The name of a wheel, and the licences that it carries."""
    with zipfile.ZipFile(path) as archive:
        names = sorted(n for n in archive.namelist() if ".dist-info/licenses/" in n)
        texts = [archive.read(name).decode("utf-8") for name in names]
    return RULE.join([path.name, *texts]) + "\n"


if __name__ == "__main__":
    try:
        print(ensure(again=True))
    except WrongHash as wrong:
        sys.exit(str(wrong))
