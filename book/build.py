"""Build the book, in every language, into ``_build/html``: stored outputs, warnings are errors.

Every edition, English too, is built from a tree of sources below ``_build/editions`` that
`book.translate.edition` writes. So an exercise on the site is always what its solution makes, and
never what someone filled in here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from book import ROOT
from book.translate import edition
from book.translate.languages import EDITIONS, Language
from book.workbook import runtime

HTML = ROOT / "_build" / "html"


class BookError(Exception):
    """The book cannot be built; the message holds Jupyter Book's own words and one sentence."""


def build() -> None:
    """Bring ``_build/html`` up to date, in every language; raises BookError when that fails."""
    started = time.perf_counter()
    try:
        in_the_page = runtime.ensure()
    except runtime.WrongHash as wrong:
        raise BookError(f"book not built: {wrong}") from None
    for language in EDITIONS:
        edition.write(language, source_of(language))
    with ThreadPoolExecutor() as together:
        complaints = list(together.map(run_jupyter_book, EDITIONS))
    if any(complaints):
        said = "\n".join(filter(None, complaints))
        raise BookError(f"{said}\nbook not built: the warnings above count as errors.")
    mirror(((site_of(language), language.folder) for language in EDITIONS), HTML)
    print(f"book built in {time.perf_counter() - started:.0f} s: {HTML / 'index.html'}")
    print(in_the_page)


def folder_of(language: Language) -> Path:
    return ROOT / "_build" / "editions" / language.code


def source_of(language: Language) -> Path:
    return folder_of(language) / "source"


def site_of(language: Language) -> Path:
    return folder_of(language) / "_build" / "html"


def run_jupyter_book(language: Language) -> str:
    """Build one edition; what Jupyter Book says against it, or nothing."""
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    out = folder_of(language)
    options = ["-W", "--keep-going", "-q", "--path-output", out]
    result = subprocess.run(
        [jupyter_book, "build", *options, source_of(language)],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if not result.returncode:
        return ""
    # A page read with a warning is not read again, and the next build would call itself clean.
    shutil.rmtree(out / "_build" / ".doctrees", ignore_errors=True)
    return result.stdout


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
