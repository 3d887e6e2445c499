"""Build the book, in every language, into ``_build/html``: stored outputs, warnings are errors.

Every edition, English too, is built from a tree of sources below ``_build/editions`` that
`book.translate.edition` writes. So an exercise on the site is always what its solution makes, and
never what someone filled in here.
"""

from __future__ import annotations

import errno
import os
import pickle
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path

from docutils import nodes
from filelock import FileLock, Timeout

from book import ROOT
from book.fetching import Unreachable, WrongHash
from book.jupyter_book import JupyterBook
from book.sources import SourceError
from book.translate import edition
from book.translate.languages import EDITIONS, Language
from book.workbook import runtime

BUILD = ROOT / "_build"
HTML, LOG = BUILD / "html", BUILD / "book.log"

#: what a system says -> what it means for the build; of anything else the system's own words
MEANS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk is full, or your share of it",
    errno.EROFS: "this disk can only be read",
    errno.EACCES: "you may not write there",
    errno.EPERM: "you may not write there",
    errno.EEXIST: "a file is there, and a folder has to be",
    errno.ENOTDIR: "a file is there, and a folder has to be",
    errno.EISDIR: "a folder is there, and a file has to be",
}


class BookError(Exception):
    """The book cannot be built; the message holds what is wrong and one sentence."""


def say(line: str) -> None:
    print(line, flush=True)


def build(*, require_workbook: bool = False) -> None:
    """Bring ``_build/html`` up to date, in every language; raises BookError when that fails.

    What was built before stays when the build fails. A second build in this folder waits.
    Exercises that would not run in the page are a failure only where they are required.
    """
    try:
        with alone():
            _build(require_workbook)
    except (SourceError, Unreachable, WrongHash) as error:
        raise BookError(f"book not built: {str(error).rstrip('.')}.") from None
    except OSError as error:
        raise BookError(f"book not built: {in_words(error)}.") from None
    except subprocess.CalledProcessError as error:
        program = Path(error.cmd[0]).name
        raise BookError(f"book not built: {program} ended with {error.returncode}.") from None


def in_words(error: OSError) -> str:
    """What the system has against a file, as one sentence without its full stop."""
    what = MEANS.get(error.errno or 0) or error.strerror or " ".join(str(error).split())[:200]
    return f"{error.filename}: {what}" if error.filename else what


@contextmanager
def alone() -> Iterator[None]:
    """No second build in this folder meanwhile: each would remove what the other writes."""
    BUILD.mkdir(exist_ok=True)
    lock = FileLock(BUILD / "book.lock")
    try:
        held = lock.acquire(timeout=0)
    except Timeout:
        say("another build runs in this folder: waiting for its end.")
        held = lock.acquire()
    except NotImplementedError:  # a file system without locks
        held = nullcontext()
    with held:
        yield


def _build(require_workbook: bool) -> None:
    started = time.perf_counter()
    # Sources first: what is wrong with them is told before anything is fetched.
    words = {language: edition.write(language, source_of(language)) for language in EDITIONS}
    say(f"sources: written in {len(words)} languages")
    remarks = [remark for each in words.values() for remark in each.remarks()]
    if not runtime.is_complete(runtime.WORK / "runtime"):
        say("Python for the pages: fetching it")
    in_the_page = runtime.ensure(required=require_workbook)
    if complaints := run_jupyter_book():
        last = f"book not built: the above counts as an error; all that was said is in {LOG}."
        raise BookError("\n".join([*complaints, last]))
    mirror(((site_of(language), language.folder) for language in EDITIONS), HTML)
    for remark in [*remarks, in_the_page]:
        say(remark)
    say(f"book built in {time.perf_counter() - started:.0f} s: {HTML / 'index.html'}")


def run_jupyter_book() -> list[str]:
    """Build every edition; what Jupyter Book says against them, or nothing."""
    builds = {
        language: JupyterBook(
            source_of(language),
            folder_of(language),
            folder_of(language) / "book.log",
            _from(language),
        )
        for language in EDITIONS
    }
    with ThreadPoolExecutor() as together:
        try:
            complaints = list(together.map(JupyterBook.run, builds.values()))
        except BaseException:  # Ctrl+C, most likely: none goes on alone
            for each in builds.values():
                each.stop()
            raise
        finally:
            logs = [each.log for each in builds.values() if each.log.exists()]
            LOG.write_text("\n".join(log.read_text("utf-8") for log in logs), encoding="utf-8")
    return list(dict.fromkeys(line for lines in complaints for line in lines))


def _from(language: Language) -> Callable[[str], None]:
    return lambda line: say(f"{language.name}: {line}")


def folder_of(language: Language) -> Path:
    return BUILD / "editions" / language.code


def source_of(language: Language) -> Path:
    return folder_of(language) / "source"


def doctree(language: Language, docname: str) -> nodes.document | None:
    """A page as it was read, before anything was made of it; None if it has not been built."""
    path = folder_of(language) / "_build" / ".doctrees" / f"{docname}.doctree"
    return pickle.loads(path.read_bytes()) if path.exists() else None


def site_of(language: Language) -> Path:
    return folder_of(language) / "_build" / "html"


def mirror(sources: Iterable[tuple[Path, str]], target: Path) -> None:
    """Give the files of each source second names in its folder of ``target``, and remove the rest.

    A file that is there already stays, so that whoever reads the site meanwhile misses nothing.
    """
    wanted = {
        target / folder / path.relative_to(source): path
        for source, folder in sources
        for path in source.rglob("*")
        if path.is_file()
    }
    for path, original in wanted.items():
        if path.exists() and path.samefile(original):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        fresh.unlink(missing_ok=True)
        try:
            os.link(original, fresh)
        except OSError:  # a file system without second names
            shutil.copyfile(original, fresh)
        fresh.replace(path)
    for path in target.rglob("*"):
        if path.is_file() and path not in wanted:
            path.unlink()
