"""A Chromium from npm, for a Linux machine that has no browser: no root, no other host.

The package is made for servers: a headless shell of 67 MB, which unpacks to 210 MB, with the
libraries that small systems lack and one font. It is pinned by its hash and kept in
``_build/browser``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import platform
import shutil
import tarfile
from pathlib import Path

from book import ROOT
from book.fetching import WrongHash, npm, once

PACKAGE = "@sparticuz/chromium@153.0.0"
INTEGRITY = (
    "sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO"
    "/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
)
WORK = ROOT / "_build" / "browser"
# what an archive may write; Python 3.11.3 and older do not know the word
SAFELY = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
SHELL, STARTER, STAMP = "chromium", "start", "unpacked.json"
BROTLI = """
const { createReadStream, createWriteStream } = require("fs");
const { pipeline } = require("stream");
const [from, to] = process.argv.slice(-2);
pipeline(createReadStream(from), require("zlib").createBrotliDecompress(), createWriteStream(to),
  (error) => { if (error) { console.error(error.code); process.exitCode = 1; } });
"""
# Its own libraries and font, beside the fonts of this machine, wherever the folder lies.
START = """#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/chromium" "$@"
"""
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


def runs_here() -> bool:
    """Whether the package has a program for this machine."""
    return (platform.system(), platform.machine()) == ("Linux", "x86_64")


def ensure(work: Path = WORK, *, again: bool = False) -> Path:
    """The program that starts this Chromium, fetched unless it is there.

    Raises Unreachable and WrongHash.
    """
    made = work / SHELL
    pins = hashlib.sha256("\0".join((INTEGRITY, BROTLI, START, FONTS)).encode()).hexdigest()

    def fill(part: Path) -> None:
        fetch(part, made, pins)

    once(work, pins, lambda: is_whole(made, pins), fill, again=again)
    return made / STARTER


def sizes(made: Path) -> dict[str, int]:
    files = (path for path in sorted(made.rglob("*")) if path.is_file() and path.name != STAMP)
    return {path.relative_to(made).as_posix(): path.stat().st_size for path in files}


def is_whole(made: Path, pins: str) -> bool:
    """Whether every file is there in its full size; otherwise none of them stays."""
    try:
        stamp = json.loads((made / STAMP).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        stamp = {}
    whole = stamp == {"pins": pins, "sizes": sizes(made)}
    if not whole:
        shutil.rmtree(made, ignore_errors=True)
    return whole


def fetch(part: Path, made: Path, pins: str) -> None:
    """Fetch the package, compare its hash, unpack it, and put it in its place."""
    client = npm(part / "node")
    client.run("pack", PACKAGE, "--ignore-scripts", folder=part)
    (package,) = part.glob("*.tgz")
    digest = hashlib.sha512(package.read_bytes()).digest()
    if f"sha512-{base64.b64encode(digest).decode()}" != INTEGRITY:
        raise WrongHash(f"{PACKAGE} from npm has not the sha512 that is pinned.")
    making = part / "made"
    making.mkdir()
    with tarfile.open(package) as archive:
        for name in ("chromium", "al2023.tar", "fonts.tar"):
            packed = part / f"{name}.br"
            with archive.extractfile(f"package/bin/{name}.br") as source, packed.open("wb") as to:
                shutil.copyfileobj(source, to)
            client.script(BROTLI, packed, making / name)
            packed.unlink()
    for name in ("al2023.tar", "fonts.tar"):  # lib/ and fonts/
        with tarfile.open(making / name) as archive:
            archive.extractall(making, **SAFELY)
        (making / name).unlink()
    for name, text in ((STARTER, START), ("fonts.conf", FONTS)):
        (making / name).write_text(text, encoding="utf-8")
    for name in (STARTER, SHELL):
        (making / name).chmod(0o755)
    stamp = {"pins": pins, "sizes": sizes(making)}
    (making / STAMP).write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    making.rename(made)
