"""Tests that cannot run on this machine: skipped, counted, and told in one sentence at the end.

With ``CI`` set, and where the machine lacks nothing but was set up wrongly, the run fails.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import pytest

LACK, MISTAKE = "cannot run here: ", "set up wrongly: "
NOTES = "BOOK_TEST_NOTES"  # names the file in which tools.check finds what could not run


def cannot_run(sentence: str, *, mistake: bool = False) -> NoReturn:
    """Skip the test for something that this machine lacks."""
    pytest.skip((MISTAKE if mistake else LACK) + sentence)


def lacks(reports: Iterable[pytest.TestReport]) -> Counter[str]:
    """Reason -> how many of the skipped tests give it; other skips do not count."""
    reasons = (report.longrepr[2].removeprefix("Skipped: ") for report in reports)
    return Counter(reason for reason in reasons if reason.startswith((LACK, MISTAKE)))


def told(found: Counter[str]) -> list[str]:
    """A sentence for each reason."""
    words = [(n, reason.removeprefix(LACK).removeprefix(MISTAKE)) for reason, n in found.items()]
    return [f"{n} test{'s' * (n > 1)} did not run: {sentence}" for n, sentence in words]


def is_failure(found: Counter[str]) -> bool:
    return bool(found and (os.environ.get("CI") or any(r.startswith(MISTAKE) for r in found)))


def note(found: Counter[str]) -> None:
    """Leave the counts where tools.check adds them up."""
    if found and (path := os.environ.get(NOTES)):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(found) + "\n")
