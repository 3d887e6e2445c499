"""The site under test: brought up to date once, then one test per page of the table of contents."""

from __future__ import annotations

from pathlib import Path

import pytest
from site_checks import Page, every_page

from book import build


@pytest.fixture(scope="session")
def complaints() -> str:
    """What the build says against the book; one worker builds while the others wait."""
    try:
        build.build()
    except build.BookError as error:
        return str(error)
    return ""


@pytest.fixture(scope="session")
def site(complaints: str) -> Path:
    """The folder of the built book. Where there is none, one test fails and says why."""
    if complaints:
        pytest.skip("the book could not be built: see test_the_book_builds_without_a_warning")
    return build.HTML


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "page" in metafunc.fixturenames:
        metafunc.parametrize("page", every_page(), indirect=True)


@pytest.fixture
def page(site: Path, request: pytest.FixtureRequest) -> Page:
    return Page(site, request.param)
