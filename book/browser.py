"""Chromium on this machine: for the tests of the site, the audit and the PDF."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
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
_users: list[Playwright] = []  # first the one that runs, then once more for every user


class NoBrowser(Exception):
    """There is no Chromium here; the message says how to get one."""


def chromium_path(bundled: str = "") -> str:
    """The program named by CHROMIUM, else one on the PATH, else Playwright's own (``bundled``).

    Raises NoBrowser when there is none.
    """
    named = os.environ.get("CHROMIUM", "")
    if named and not shutil.which(named):
        raise NoBrowser(f"CHROMIUM names {named}, which is not a program on this machine.")
    found = [shutil.which(name) for name in (named, *PROGRAMS) if name]
    path = next(filter(None, found), bundled)
    if not path or not Path(path).exists():
        raise NoBrowser(
            "no Chromium was found: install it with your system's packages, or run "
            ".venv/bin/python -m playwright install --with-deps chromium, "
            "or name the program in the environment variable CHROMIUM."
        )
    return path


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


@contextmanager
def browser(**options: object) -> Iterator[Browser]:
    """Chromium without a window, closed at the end; raises NoBrowser when there is none."""
    with playwright() as tool:
        path = chromium_path(tool.chromium.executable_path)
        running = tool.chromium.launch(executable_path=path, args=list(ARGUMENTS), **options)
        try:
            yield running
        finally:
            running.close()
