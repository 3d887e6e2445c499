"""The site under test: brought up to date once, then one test per page of the table of contents."""

from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock
from site_checks import Page, toc_pages

from tools import book


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built book; one worker builds while the others wait."""
    with FileLock(tmp_path_factory.getbasetemp().parent / "book.lock"):
        book.build()
    return book.HTML


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "page" in metafunc.fixturenames:
        metafunc.parametrize("page", toc_pages(), indirect=True)


@pytest.fixture
def page(site: Path, request: pytest.FixtureRequest) -> Page:
    return Page(site, request.param)
