"""What every test in a real browser needs: one, and the site served as a strict host would.

Where there is none, such a test does not run, and tests/conftest.py says how many did not.

from tests.browser import served, started

with served(folder) as address, started() as browser:
    browser.new_page().goto(address + "index.html")
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from book import serve
from book.browser import NoBrowser, WrongBrowser, browser
from tests.lacking import cannot_run

FIRST_PORT = 8500  # out of the way of a site that someone is reading


@contextmanager
def started() -> Iterator[Browser]:
    """A browser, running; where there is none, the test is skipped."""
    try:
        with browser() as running:
            yield running
    except NoBrowser as missing:
        cannot_run(str(missing), mistake=isinstance(missing, WrongBrowser))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of the folder, served with the headers that ``make site`` sends."""
    with serve.bind(folder, FIRST_PORT) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
