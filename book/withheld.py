"""Solutions that are not out yet, by one setting: what is then left out, and what stands in for it.

In `_config.yml`, below `sphinx:` and `config:`, `withhold_solutions` is false, true (all of them)
or a list of exercises. What is then left out of the site, of the packages and of a copy of the
sources (`tools.withhold`): the solution's page, the text of the right answers, the edits that make
slips of it. What stands in for them is a sealed bank for the exercise and for each of its variants.
"""

from __future__ import annotations

import hashlib
import posixpath
import re

from book import sources
from coursecheck import sealed
from coursecheck.exercises import NAMES, load_open
from coursecheck.texts import ANSWERS

SETTING = "withhold_solutions"
BUILT = "_build/banks"
SOLUTIONS, TASKS = "solutions", "coursecheck/exercises"
LINK = re.compile(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?![a-z]+:|[#/])([^)\s#]+)[^)]*\)")


def names() -> list[str]:
    """The exercises whose solutions are withheld. Raises SourceError if the setting is wrong."""
    with sources.complete(sources.SETTINGS):
        asked = sources.mapping(sources.SETTINGS)["sphinx"]["config"].get(SETTING, False)
    if isinstance(asked, bool):
        return list(NAMES) if asked else []
    known = isinstance(asked, list) and set(map(str, asked)) <= set(NAMES)
    if not known:
        raise sources.SourceError(
            f"{sources.SETTINGS}: {SETTING} is {asked!r}; expected true, false, or a list of "
            f"exercises: {', '.join(NAMES)}."
        )
    return [name for name in NAMES if name in asked]


def is_out(page: str) -> bool:
    """Whether a page of the repository, such as `solutions/02_hidden_bias`, is to be seen."""
    folder, name = posixpath.split(page)
    if folder != SOLUTIONS:
        return True
    return name not in names() and sources.path(f"{page}.ipynb").exists()


def listed(toc: dict) -> dict:
    """The table of contents without pages that are not out, and without empty parts."""
    for part in toc["parts"]:
        part["chapters"] = [page for page in part["chapters"] if is_out(page["file"])]
    toc["parts"] = [part for part in toc["parts"] if part["chapters"]]
    return toc


def unlinked(text: str, name: str) -> str:
    """The text of a page without links to solutions that are not out: their words stay."""

    def kept(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), link[2]))
        return link[0] if is_out(target.removesuffix(".ipynb")) else link[1]

    return LINK.sub(kept, text) if f"{SOLUTIONS}/" in text else text


def left_out(withheld: list[str]) -> set[str]:
    """The files with answers in them, by their paths in the repository."""
    answers = ANSWERS.relative_to(sources.ROOT).as_posix()
    return {
        path
        for name in withheld
        for path in (
            f"{SOLUTIONS}/{name}.ipynb",
            f"{TASKS}/e{name}.py",
            f"{answers}/{name}.json",
        )
    }


def banks(withheld: list[str]) -> dict[str, bytes]:
    """What stands in for them: paths in the repository, and the files there.

    Sealing takes seconds an exercise, so banks are kept in `_build/banks` until a source changes.
    """
    found = {}
    for name in withheld:
        if not sources.path(f"{SOLUTIONS}/{name}.ipynb").exists():
            continue  # sealed already: these are the sources of the withheld book
        for variant in ("", *load_open(name).variants):
            file = sealed.file_of(name, variant)
            found[f"coursecheck/{sealed.FOLDER.name}/{file}"] = _sealed(name, variant, file)
    return found


def _sealed(name: str, variant: str, file: str) -> bytes:
    path = sources.path(BUILT) / f"{_made_from(name)}-{file}"
    if not path.exists():
        exercise = load_open(name, variant)
        bank = sealed.seal(
            exercise.title,
            exercise.sentences,
            [exercise.source(task.key) for task in exercise.tasks],
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bank)
    return path.read_bytes()


def _made_from(name: str) -> str:
    """A name for all that a bank is made from."""
    hashed = hashlib.sha256(sources.path(f"{SOLUTIONS}/{name}.ipynb").read_bytes())
    for package in ("compgraph", "coursecheck"):
        for path in sorted(sources.path(package).rglob("*.py")):
            hashed.update(path.read_bytes())
    return hashed.hexdigest()[:16]
