"""Files that are made from others, in a folder where people write, too.

What someone changed is never written over. To know it, the hashes of what was written last lie in
`.written.json` beside the files.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

RECORD = ".written.json"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def text_at(path: Path) -> str | None:
    """What stands there; None if nothing does. What is no text is somebody's."""
    try:
        return path.read_bytes().decode(errors="replace").replace("\r\n", "\n")
    except FileNotFoundError:
        return None


class Record:
    """What was written last into a folder, by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.hashes = dict(json.loads((folder / RECORD).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):  # then every file counts as somebody's
            self.hashes = {}

    def wrote(self, name: str, text: str) -> bool:
        """Whether this is the text that was written there last."""
        return self.hashes.get(name) == sha256(text)

    def write(self, name: str, text: str) -> None:
        store(self.folder / name, text)
        self.adopt(name, text)

    def adopt(self, name: str, text: str) -> None:
        """Count what stands there as written by us."""
        self.hashes[name] = sha256(text)

    def save(self) -> None:
        store(self.folder / RECORD, json.dumps(self.hashes, indent=1, sort_keys=True) + "\n")


def store(path: Path, text: str) -> None:
    """The whole text or, when that cannot be written, what was there before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8", newline="\n")
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
