"""The built site with Python in the page, a browser, and the notebooks that the tests play."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator

import pytest
from filelock import FileLock
from playwright.sync_api import Browser

from book import ROOT, build
from tests.browser import served

WORKBOOK = ROOT / "book" / "workbook"
SESSION = "book.workbook.python.session"


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the book is served. Without Python in its pages, CI fails and others skip."""
    with FileLock(tmp_path_factory.getbasetemp().parent / "book.lock"):
        build.build()
    if not list(build.HTML.glob("workbook-*/worker.mjs")):
        sentence = "the book was built without Python in the page: python -m book.workbook.runtime"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(sentence)
    with served(build.HTML) as at:
        yield at


@pytest.fixture(scope="session")
def browser(chromium: Browser) -> Browser:
    return chromium


@pytest.fixture
def session_module(monkeypatch: pytest.MonkeyPatch):
    """The session as the page imports it: with the page's Graphviz in pygraphviz's place."""
    monkeypatch.setattr(sys, "path", [str(WORKBOOK / "standins"), *sys.path])
    for name in ("pygraphviz", SESSION):
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield importlib.import_module(SESSION)
    for name in ("pygraphviz", SESSION):
        sys.modules.pop(name, None)
