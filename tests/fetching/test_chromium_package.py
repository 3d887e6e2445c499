"""The browser from npm: pinned, unpacked whole, and started from wherever it lies."""

from __future__ import annotations

import io
import re
import stat
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from book import chromium_package
from book.fetching import Npm, Unreachable, WrongHash

# "npm pack" leaves an archive; "unpacking" copies
PACK = "import shutil, sys; shutil.copy({!r}, 'package.tgz')"
COPY = "import shutil, sys; shutil.copy(*sys.argv[-2:])"
FULL = "import sys; sys.exit('ENOSPC')"
OFFLINE = "import sys; sys.exit('npm error code ENOTFOUND')"


def archive(files: dict[str, bytes], mode: str = "w") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return made.getvalue()


SAY = b'#!/bin/sh\necho "$1 $LD_LIBRARY_PATH $FONTCONFIG_FILE"\n'
PACKAGE = {
    "package/bin/chromium.br": SAY,
    "package/bin/al2023.tar.br": archive({"lib/libnss3.so": b"nss"}),
    "package/bin/fonts.tar.br": archive({"fonts.conf": b"theirs", "fonts/a.ttf": b"font"}),
}


@pytest.fixture
def packed(monkeypatch, tmp_path: Path):
    """Lets npm bring a small package, with these programs in npm's and Node's place."""

    def pack(node: str = COPY, npm: str = "", pinned: bool = True) -> None:
        path = tmp_path / "brought.tgz"
        path.write_bytes(archive(PACKAGE, "w:gz"))
        if pinned:
            digest = chromium_package.hashlib.sha512(path.read_bytes()).digest()
            known = "sha512-" + chromium_package.base64.b64encode(digest).decode()
            monkeypatch.setattr(chromium_package, "INTEGRITY", known)
        commands = (npm or PACK.format(str(path)), node)
        client = Npm(*((sys.executable, "-c", command) for command in commands))
        # "-e SOURCE" stands before the two names
        monkeypatch.setattr(chromium_package, "npm", lambda folder: client)

    return pack


def files(work: Path) -> list[str]:
    return sorted(path.relative_to(work).as_posix() for path in work.rglob("*") if path.is_file())


def test_it_is_unpacked_whole_and_kept(packed, tmp_path: Path, monkeypatch):
    packed()
    work = tmp_path / "work"
    start = chromium_package.ensure(work)
    assert files(work) == [
        *("chromium/chromium", "chromium/fonts.conf", "chromium/fonts/a.ttf"),
        *("chromium/lib/libnss3.so", "chromium/start", "chromium/unpacked.json", "lock"),
    ]
    assert start.stat().st_mode & stat.S_IXUSR
    packed(npm=OFFLINE, pinned=False)
    assert chromium_package.ensure(work) == start


@pytest.mark.skipif(sys.platform == "win32", reason="a script for sh")
def test_the_starter_brings_its_own_libraries_and_fonts_along(packed, tmp_path: Path):
    packed()
    chromium_package.ensure(tmp_path / "work")
    elsewhere = (tmp_path / "work").rename(tmp_path / "moved here")
    start = elsewhere / "chromium" / "start"
    environment = {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": "/mine"}
    said = subprocess.run([start, "--x"], text=True, capture_output=True, env=environment).stdout
    here = elsewhere / "chromium"
    assert said == f"--x {here}/lib:/mine {here}/fonts.conf\n"


@pytest.mark.parametrize("damage", ["shorter", "missing", "added", "no stamp"])
def test_a_damaged_one_is_fetched_again(packed, tmp_path: Path, damage: str):
    packed()
    made = chromium_package.ensure(tmp_path / "work").parent
    shell = made / "chromium"
    {
        "shorter": lambda: shell.write_bytes(SAY[:-1]),
        "missing": (made / "lib" / "libnss3.so").unlink,
        "added": (made / "half").touch,
        "no stamp": (made / "unpacked.json").unlink,
    }[damage]()
    before = files(tmp_path / "work")
    chromium_package.ensure(tmp_path / "work")
    assert files(tmp_path / "work") != before or shell.read_bytes() == SAY
    assert "chromium/half" not in files(tmp_path / "work")


def test_a_wrong_hash_is_refused_in_one_sentence(packed, tmp_path: Path):
    packed(pinned=False)
    with pytest.raises(WrongHash) as wrong:
        chromium_package.ensure(tmp_path / "work")
    assert str(wrong.value) == (
        f"{chromium_package.PACKAGE} from npm has not the sha512 that is pinned."
    )
    assert files(tmp_path / "work") == ["lock"]


@pytest.mark.parametrize(
    ("said", "words"), [({"node": FULL}, "No space left"), ({"npm": OFFLINE}, "npm answered ENOTF")]
)
def test_what_goes_wrong_leaves_nothing_and_the_next_run_heals(packed, tmp_path: Path, said, words):
    packed(**said)
    work = tmp_path / "work"
    with pytest.raises(Unreachable, match=words) as error:
        chromium_package.ensure(work)
    assert "\n" not in str(error.value)
    assert set(files(work)) <= {"lock", "failed.json"}
    packed()
    assert chromium_package.ensure(work, again=True).exists()


def test_it_is_pinned_exactly_and_names_no_host():
    assert re.fullmatch(r"@[\w/]+@[\d.]+", chromium_package.PACKAGE)
    assert re.fullmatch(r"sha512-[\w+/]{86}==", chromium_package.INTEGRITY)
    assert "://" not in Path(chromium_package.__file__).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("system", "machine", "here"),
    [
        ("Linux", "x86_64", True),
        ("Linux", "aarch64", False),
        ("Darwin", "x86_64", False),
        ("Windows", "AMD64", False),
    ],
)
def test_it_is_for_linux_on_one_kind_of_processor(monkeypatch, system, machine, here: bool):
    monkeypatch.setattr(chromium_package.platform, "system", lambda: system)
    monkeypatch.setattr(chromium_package.platform, "machine", lambda: machine)
    assert chromium_package.runs_here() is here
