"""The built site with Python in the page, a browser, and the notebooks that the tests play."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from book import ROOT, build
from book.workbook import runtime
from tests.browser import served
from tests.lacking import cannot_run

WORKBOOK = ROOT / "book" / "workbook"
SESSION = "book.workbook.python.session"


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where the book is served; without Python in its pages the tests cannot run."""
    build.build()
    if not list(build.HTML.glob("workbook-*/worker.mjs")):
        cannot_run("the book was built without Python in the page: " + runtime.ensure())
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
