"""Which browser is taken, and what is said where there is none or where it does not start."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from book import browser as browsers
from book import chromium_package
from book.browser import NoBrowser, WrongBrowser, candidates
from book.fetching import Unreachable, WrongHash

pytestmark = pytest.mark.skipif(os.name == "nt", reason="programs are told by their names there")

BROKEN = "#!/bin/sh\necho 'libnss3.so: cannot open shared object file' >&2\nexit 127\n"


def program(path: Path, text: str = "#!/bin/sh\nexit 0\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(stat.S_IRWXU)
    return path


@pytest.fixture
def bare(monkeypatch, tmp_path: Path) -> Path:
    """A machine without a browser and without a network; its PATH is the folder ``bin``."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("CHROMIUM", *browsers.WINDOWS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(browsers, "MACOS", (str(tmp_path / "Applications"), "~/Applications2"))
    monkeypatch.setattr(browsers, "_chosen", [])
    monkeypatch.setattr(browsers, "ADVICE", "ADVICE")

    def nothing(*_: object, again: bool = False) -> Path:
        raise Unreachable("npm is not reached")

    def no_download(*_: object, again: bool = False) -> Path:
        raise Unreachable("Playwright is not reached")

    monkeypatch.setattr(chromium_package, "runs_here", lambda: True)
    monkeypatch.setattr(chromium_package, "ensure", nothing)
    monkeypatch.setattr(browsers, "downloaded", no_download)
    return tmp_path


def test_the_order_in_which_browsers_are_tried(bare: Path, monkeypatch):
    apps = bare / "Applications"
    own = bare / "playwright" / "chrome"
    packaged = bare / "packaged"
    wanted = [
        program(bare / "bin" / "chromium"),
        program(bare / "bin" / "google-chrome"),
        program(bare / "bin" / "microsoft-edge"),
        program(bare / "files" / "Google/Chrome/Application/chrome.exe"),
        program(bare / "files" / "Microsoft/Edge/Application/msedge.exe"),
        program(apps / "Google Chrome.app/Contents/MacOS/Google Chrome"),
        program(bare / "Applications2/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"),
        program(own),
        packaged,
        bare / "downloaded",
    ]
    monkeypatch.setenv("PROGRAMFILES", str(bare / "files"))
    monkeypatch.setattr(chromium_package, "ensure", lambda again: packaged)
    monkeypatch.setattr(browsers, "downloaded", lambda own, again: bare / "downloaded")
    assert list(candidates(own, [])) == wanted
    own.unlink()
    monkeypatch.setattr(chromium_package, "runs_here", lambda: False)
    assert list(candidates(own, [])) == [*wanted[:7], bare / "downloaded"]
    monkeypatch.setenv("CHROMIUM", str(program(bare / "mine")))
    assert list(candidates(own, [])) == [bare / "mine"]


def test_nothing_is_fetched_where_a_browser_starts(bare: Path):
    first = program(bare / "bin" / "chromium")
    assert next(candidates(bare / "own", [])) == first


def test_chromium_may_be_named_by_a_name_on_the_path(bare: Path, monkeypatch):
    program(bare / "bin" / "other-browser")
    monkeypatch.setenv("CHROMIUM", "other-browser")
    assert next(candidates(bare / "own", [])) == bare / "bin" / "other-browser"


def test_a_program_that_is_missing_is_told_in_one_sentence(bare: Path, monkeypatch):
    program(bare / "bin" / "chromium")
    monkeypatch.setenv("CHROMIUM", "no-such-program")
    with pytest.raises(WrongBrowser) as missing:
        list(candidates(bare / "own", []))
    assert str(missing.value) == (
        "CHROMIUM names no-such-program, which is not a program on this machine."
    )


def test_where_there_is_none_all_reasons_stand_in_one_sentence(bare: Path):
    with browsers.playwright() as tool, pytest.raises(NoBrowser) as missing:
        browsers.start(Elsewhere(tool, bare))
    assert not isinstance(missing.value, WrongBrowser)
    assert str(missing.value) == (
        "no browser was found that starts (npm is not reached; Playwright is not reached): ADVICE."
    )


def test_a_wrong_hash_is_a_mistake_and_ends_the_search(bare: Path, monkeypatch):
    def wrong(again: bool) -> Path:
        raise WrongHash("x has not the sha512 that is pinned.")

    monkeypatch.setattr(chromium_package, "ensure", wrong)
    with pytest.raises(WrongBrowser, match=r"^x has not the sha512 that is pinned\.$"):
        list(candidates(bare / "own", []))


class Elsewhere:
    """Playwright, with a browser of its own that is not there."""

    def __init__(self, tool: object, folder: Path) -> None:
        self.chromium = type(
            "Kind",
            (),
            {"executable_path": str(folder / "own"), "launch": tool.chromium.launch},
        )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BROKEN, "libnss3.so: cannot open shared object file"),
        ("#!/bin/sh\nexit 3\n", "nothing (exitCode=3, signal=null)"),
    ],
)
def test_one_that_does_not_start_is_told_with_what_it_printed(bare, monkeypatch, text, words):
    path = program(bare / "broken", text)
    monkeypatch.setenv("CHROMIUM", str(path))
    with browsers.playwright() as tool, pytest.raises(WrongBrowser) as wrong:
        browsers.start(Elsewhere(tool, bare))
    assert str(wrong.value) == (
        f"CHROMIUM names a browser that cannot be used: {path} does not start and says: {words}."
    )


def test_after_one_that_does_not_start_the_next_is_tried(chromium, bare: Path, monkeypatch):
    """``chromium`` is there, so some browser starts: it stands behind a broken one here."""
    monkeypatch.undo()
    (works,) = browsers._chosen
    monkeypatch.setenv("PATH", f"{bare / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(browsers, "_chosen", [])
    broken = program(bare / "bin" / "chromium", BROKEN)
    monkeypatch.setattr(browsers, "installed", lambda: iter([broken, works]))
    with browsers.browser() as running:
        assert running.is_connected() and browsers._chosen == [works]


def test_two_browsers_at_once_share_one_playwright(chromium):
    with browsers.browser() as one:
        with browsers.browser() as other:
            assert other.is_connected() and other is not one
        assert not other.is_connected() and one.is_connected()


@pytest.mark.parametrize(
    ("environment", "code", "words"),
    [
        ({"CHROMIUM": "no-such-program"}, 1, "CHROMIUM names no-such-program"),
        ({"LACKS": "1"}, 0, "no browser was found that starts (here is none): install Chromium"),
        ({"LACKS": "1", "CI": "true"}, 1, "no browser was found that starts (here is none): inst"),
    ],
)
def test_the_command_says_one_sentence(environment: dict[str, str], code: int, words: str):
    source = (
        "import os, book.browser as b\n"
        "def none(own, complaints, **_): complaints.append('here is none'); return []\n"
        "if os.environ.get('LACKS'): b.candidates = none\n"
        "b.main()"
    )
    inherited = {
        name: value for name, value in os.environ.items() if name not in ("CI", "CHROMIUM")
    }
    result = subprocess.run(
        [sys.executable, "-c", source], text=True, capture_output=True, env=inherited | environment
    )
    said = (result.stdout + result.stderr).splitlines()
    assert result.returncode == code and len(said) == 1 and said[0].startswith(words)
