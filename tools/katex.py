"""KaTeX, which the repository holds so that the book is built without npm, and its pin.

python -m tools.katex            take the files from the package that the lock file names
python -m tools.katex --check    write nothing, only compare byte for byte (exit code 1)

The pin is book/theme/npm/package-lock.json: npm compares the package with the hash there. Beside
the script, katex.json says where every file comes from, with its sha256. To take a new version, run
npm install katex@VERSION --package-lock-only in book/theme/npm, and then this.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from book import ROOT

PINS = Path("book/theme/npm")
SCRIPT = Path("book/ext/vendor/katex.min.js")
STYLES = Path("book/theme/static/katex")
RECORD = SCRIPT.with_name("katex.json")
#: every browser that the book is for reads woff2, so the style sheet names no other font
OLDER_FONT = re.compile(r',url\(fonts/[\w-]+\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)')
SECONDS = 30  # of silence, before npm counts as out of reach


class Unreachable(Exception):
    """npm is missing, or answers nothing; the message says which."""


def installed(folder: Path, root: Path = ROOT) -> Path:
    """KaTeX as npm installs it into an empty folder, its hash compared with the lock file's."""
    npm = shutil.which("npm")
    if npm is None:
        raise Unreachable("this machine has no npm")
    shutil.copytree(root / PINS, folder, dirs_exist_ok=True)
    patience = ("--fetch-retries=1", f"--fetch-timeout={SECONDS * 1000}", "--prefer-offline")
    result = subprocess.run([npm, "ci", *patience], cwd=folder, text=True, capture_output=True)
    if "EINTEGRITY" in result.stderr:
        sys.exit(f"KaTeX from npm has not the hash that is pinned:\n{result.stderr}")
    if result.returncode:
        raise Unreachable(f"npm fetched nothing:\n{result.stderr.strip()}")
    return folder / "node_modules" / "katex"


def made_from(package: Path) -> dict[Path, bytes]:
    """The files that the repository should hold, from the package; the record is one of them."""
    css = (package / "dist" / "katex.min.css").read_text(encoding="utf-8")
    files = {
        SCRIPT: (package / "dist" / "katex.min.js").read_bytes(),
        STYLES / "katex.min.css": OLDER_FONT.sub("", css).encode(),
        STYLES / "LICENSE": (package / "LICENSE").read_bytes(),
    }
    for font in sorted((package / "dist" / "fonts").glob("*.woff2")):
        files[STYLES / "fonts" / font.name] = font.read_bytes()
    return files


def record(files: dict[Path, bytes], root: Path = ROOT) -> str:
    """Name, version, origin and hash of the package as pinned, and the hash of every file."""
    lock = json.loads((root / PINS / "package-lock.json").read_text(encoding="utf-8"))
    pinned = lock["packages"]["node_modules/katex"]
    facts = {
        "name": "katex",
        "version": pinned["version"],
        "origin": "npm",
        "licence": pinned["license"],
        "integrity": pinned["integrity"],
        "changed": "katex.min.css: only woff2 among the fonts",
        "sha256": {
            path.as_posix(): hashlib.sha256(content).hexdigest() for path, content in files.items()
        },
    }
    return json.dumps(facts, indent=1) + "\n"


def held(root: Path = ROOT) -> dict[Path, bytes]:
    """The files of KaTeX in the repository, in the order of the record."""
    known = json.loads((root / RECORD).read_text(encoding="utf-8"))["sha256"]
    there = {SCRIPT, *(p.relative_to(root) for p in (root / STYLES).rglob("*") if p.is_file())}
    order = [Path(name) for name in known if Path(name) in there]
    return {path: (root / path).read_bytes() for path in [*order, *sorted(there - {*order})]}


def stale(made: dict[Path, bytes], root: Path = ROOT) -> list[str]:
    """What the repository holds otherwise, one sentence for each file."""
    there = held(root)
    wrong = [f"{p} is missing" for p in made.keys() - there.keys()]
    wrong += [f"{p} is not in the package" for p in there.keys() - made.keys()]
    wrong += [
        f"{p} is not the package's" for p in made.keys() & there.keys() if made[p] != there[p]
    ]
    if (root / RECORD).read_text(encoding="utf-8") != record(made, root):
        wrong.append(f"{RECORD} is not what the lock file and the files say")
    return sorted(wrong)


def write(made: dict[Path, bytes], root: Path = ROOT) -> None:
    shutil.rmtree(root / STYLES, ignore_errors=True)
    for path, content in [*made.items(), (RECORD, record(made, root).encode())]:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.katex")
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args(arguments).check
    with tempfile.TemporaryDirectory() as folder:
        try:
            made = made_from(installed(Path(folder)))
        except Unreachable as reason:
            print(f"Nothing compared: {reason}.", file=sys.stderr)
            return 1
    if not check:
        write(made)
    wrong = stale(made)
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    if not wrong:
        print(f"{len(made)} files are those of the pinned package")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
