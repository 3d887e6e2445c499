"""Read a gettext catalogue (.po) as translators write it, with the standard library alone.

So the text of a catalogue is its only copy: there is nothing to compile, neither when the package
is installed nor in the page. Plural forms and contexts, which the checker has no use for, are no
part of it.
"""

from __future__ import annotations

import re
from pathlib import Path

STRING = re.compile(r'(msgid|msgstr)?\s*"((?:[^"\\]|\\.)*)"')
ESCAPE = re.compile(r"\\(.)")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}


class Broken(Exception):
    """A catalogue that cannot be read; the message names the file, the line, and what is there."""


def read(path: Path) -> dict[str, str]:
    """English sentence -> its translation, for those that have one that is not fuzzy."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        raise Broken(f"{path} is missing") from None
    except OSError as error:
        raise Broken(f"{path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise Broken(f"{path} is not UTF-8 (byte {error.start})") from None
    return {
        entry["msgid"]: entry["msgstr"]
        for entry in _entries(lines, path)
        if entry["msgid"] and entry["msgstr"] and not entry["fuzzy"]
    }


def _entries(lines: list[str], path: Path) -> list[dict]:
    entries: list[dict] = []
    fuzzy, part = False, ""  # the mark for the entry to come; what the next string goes on with
    for number, line in enumerate(map(str.strip, lines), start=1):
        if not line or line.startswith("#"):
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in re.split(r"[#,\s]+", line))
            part = ""
            continue
        match = STRING.fullmatch(line)
        begins, text = match.groups() if match else ("", "")
        if begins == "msgid" and (not entries or "msgstr" in entries[-1]):
            entries.append({"msgid": "", "fuzzy": fuzzy})
            fuzzy, part = False, begins
        elif begins == "msgstr" and entries and "msgstr" not in entries[-1]:
            entries[-1]["msgstr"], part = "", begins
        elif match is None or begins or not part:
            raise Broken(f"{path}, line {number}: not what a catalogue holds there: {line[:60]}")
        entries[-1][part] += ESCAPE.sub(lambda mark: ESCAPES.get(mark[1], mark[0]), text)
    if entries and "msgstr" not in entries[-1]:
        raise Broken(f"{path}: its last entry has no msgstr")
    return entries
