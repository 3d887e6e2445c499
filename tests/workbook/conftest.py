"""The built site with Python in the page, a browser, and the notebooks that the tests play."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
from filelock import FileLock
from playwright.sync_api import Browser

from tests.browser import served
from tools import book

WORKBOOK = book.ROOT / "workbook"


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the book is served. Without Python in its pages, CI fails and others skip."""
    with FileLock(tmp_path_factory.getbasetemp().parent / "book.lock"):
        book.build()
    if not list(book.HTML.glob("workbook-*/worker.mjs")):
        sentence = "the book was built without Python in the page: python -m tools.workbook_runtime"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(sentence)
    with served(book.HTML) as at:
        yield at


@pytest.fixture(scope="session")
def browser(chromium: Browser) -> Browser:
    return chromium


@pytest.fixture
def session_module(monkeypatch: pytest.MonkeyPatch):
    """workbook_session as the page imports it: with the page's Graphviz in pygraphviz's place."""
    monkeypatch.setattr(
        sys, "path", [str(WORKBOOK / "standins"), str(WORKBOOK / "python"), *sys.path]
    )
    for name in ("pygraphviz", "workbook_session"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import workbook_session

    yield workbook_session
    for name in ("pygraphviz", "workbook_session"):
        sys.modules.pop(name, None)
