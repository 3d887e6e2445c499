"""What every test in a real browser needs: Chromium, and the site served as a strict host would.

from tests.browser import served, started

with served(folder) as address, started() as browser:
    browser.new_page().goto(address + "index.html")
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from book import serve
from book.browser import NoBrowser, browser

FIRST_PORT = 8500  # out of the way of a site that someone is reading


@contextmanager
def started() -> Iterator[Browser]:
    """Chromium, running; where there is none, the test fails with one sentence."""
    try:
        with browser() as running:
            yield running
    except NoBrowser as missing:
        pytest.fail(str(missing), pytrace=False)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of the folder, served with the headers that ``make site`` sends."""
    with serve.bind(folder, FIRST_PORT) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
