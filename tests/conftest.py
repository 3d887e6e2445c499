"""What tests of more than one folder share."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from coverage import Coverage
from playwright.sync_api import Browser

from tests import lacking
from tests.browser import started

# Where a shell starts the tests in the background, Ctrl+C is switched off for all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of a process: Playwright cannot be started twice in one."""
    with started() as running:
        yield running


#: what `make quick` leaves out: tests that start a browser, build a book, or start workers, kernels
#: or a set-up; and, by their mark, a few that take many seconds
SLOW_FIXTURES = {"chromium", "complaints", "site", "address", "bare_site", "configured", "built"}
SLOW_PLACES = (
    "tests/parallel",
    "tests/workbook",
    "tests/fetching",
    "tests/coursecheck/test_any_order.py",
    *(f"tests/tools/test_{name}.py" for name in ("check", "coverage_report", "katex", "lock")),
    *(f"tests/tools/test_{name}.py" for name in ("mutants", "setup", "sync_exercises")),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        slow = SLOW_FIXTURES.intersection(getattr(item, "fixturenames", ()))
        if slow or item.nodeid.startswith(SLOW_PLACES):
            item.add_marker("slow")
    # what takes longest begins first, so that two workers end together
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def found(config: pytest.Config) -> lacking.Counter[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return lacking.lacks(reporter.stats.get("skipped", ()) if reporter else ())


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """What could not run is a failure where everything should be there."""
    if measured := Coverage.current():  # now: a worker that takes long to end is killed
        measured.save()
    if hasattr(session.config, "workerinput"):  # a worker: the one that started it counts
        return
    lacking.note(found(session.config))
    if lacking.is_failure(found(session.config)) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for sentence in lacking.told(found(terminalreporter.config)):
        terminalreporter.write_line(sentence, red=True)
