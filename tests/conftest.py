"""What tests of more than one folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from coverage import Coverage
from playwright.sync_api import Browser

from tests.browser import started


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests of a process: Playwright cannot be started twice in one."""
    with started() as running:
        yield running


def pytest_sessionfinish() -> None:
    """Keep what coverage has counted: a worker of xdist that takes long to end is killed."""
    if measured := Coverage.current():
        measured.save()
