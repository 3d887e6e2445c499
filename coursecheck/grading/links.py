"""Starting children, talking to them, and ending them whatever they do."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import compgraph
import coursecheck
from coursecheck.grading import protocol
from coursecheck.grading.clean import cleaned
from coursecheck.messages import PIECES, say

#: how long a nursery may take for what it does at once
PATIENCE = 10.0


class Ended(Exception):
    """The child is gone: it died, or was killed because it was silent (`hung`) or senseless."""

    def __init__(self, how: str, hung: bool = False):
        super().__init__(how)
        self.how, self.hung = how, hung


@dataclass(frozen=True)
class Limits:
    """What one file may take: seconds in all and for a cell, megabytes of memory."""

    seconds: float = 60.0
    cell_seconds: float = 10.0
    megabytes: int = 2048

    def of_the_process(self) -> dict[str, int]:
        """By the names of `resource`. Memory counts addresses: importing torch takes 1 GB of it."""
        return {
            "CPU": int(self.seconds) + 5,
            "AS": self.megabytes * 2**20,
            "FSIZE": 32 * 2**20,
            "NOFILE": 128,
        } | _room_for_processes()


@cache
def _room_for_processes() -> dict[str, int]:
    """On Linux, 64 processes and threads more than this user has now."""
    count, tasks = 0, Path("/proc")
    for status in tasks.glob("[0-9]*/status") if sys.platform == "linux" else ():
        with contextlib.suppress(OSError, IndexError, ValueError):
            facts = dict(row.split(":", 1) for row in status.read_text().splitlines())
            if int(facts["Uid"].split()[0]) == os.getuid():
                count += int(facts["Threads"])
    return {"NPROC": count + 64} if count else {}


class Link(Protocol):
    """A connection to one child."""

    def send(self, message: dict, end: float) -> None: ...

    def receive(self, end: float) -> dict: ...

    def close(self) -> int | None:
        """End the child and all that it has started; its exit status, -9 if it had to be killed."""


def _clean(message: dict) -> dict:
    """A message of a child's, its texts fit to be shown."""
    try:
        return {str(key): cleaned(value) for key, value in message.items()}
    except RecursionError:
        raise protocol.Unreadable("a message that is nested too deeply") from None


def told(status: int | None) -> str:
    """How a process has ended, for a sentence."""
    if status is None:
        return say(PIECES["senseless"])
    if status < 0:
        with contextlib.suppress(ValueError):
            return say(PIECES["signal"], name=signal.Signals(-status).name)
    return say(PIECES["exit_code"], code=status)


# --- on Linux: children are forked from a process that has NumPy already --------------------------


def _command(way: str) -> list[str]:
    """Isolated: neither the environment nor the folder it is started in change what it imports."""
    package, engine = Path(coursecheck.__path__[0]), Path(compgraph.__path__[0])
    script = str(package / "grading" / "child.py")
    return [sys.executable, "-I", "-B", "-X", "utf8", script, str(package), str(engine.parent), way]


def _environment() -> dict[str, str]:
    """As little as Python and NumPy need; one thread each, for threads do not survive a fork."""
    kept = {n: os.environ[n] for n in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if n in os.environ}
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**kept, **threads, "LANG": "C.UTF-8", "MPLBACKEND": "Agg"}


class Nursery:
    """A process that forks children. One at a time is enough for one judge."""

    def __init__(self) -> None:
        self._control, other = socket.socketpair()
        with other:
            self._process = subprocess.Popen(
                _command(str(other.fileno())),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                pass_fds=[other.fileno()],
                start_new_session=True,
            )
        self._control.settimeout(PATIENCE)

    def child(self) -> tuple[socket.socket, int]:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [b"F"], [theirs.fileno()])
            return ours, int.from_bytes(self._answer(), "big")
        except OSError:
            ours.close()
            raise

    def end(self, process: int) -> int:
        self._control.sendall(b"W" + process.to_bytes(8, "big"))
        return int.from_bytes(self._answer(), "big", signed=True)

    def _answer(self) -> bytes:
        answer = self._control.recv(8)
        if len(answer) != 8:
            raise OSError("the nursery is gone")
        return answer

    def close(self) -> None:
        self._control.close()
        self._process.kill()
        self._process.wait()


_nursery: Nursery | None = None


def _started_nursery() -> Nursery:
    global _nursery
    if _nursery is None:
        _nursery = Nursery()
    return _nursery


def _close_nursery() -> None:
    global _nursery
    if _nursery is not None:
        _nursery.close()
    _nursery = None


atexit.register(_close_nursery)


class ForkedLink:
    """A child of the nursery, over a socket."""

    def __init__(self) -> None:
        try:
            self._channel, self._process = _started_nursery().child()
        except OSError:  # a child of before has ended the nursery: another one
            _close_nursery()
            self._channel, self._process = _started_nursery().child()

    def send(self, message: dict, end: float) -> None:
        self._channel.settimeout(max(end - time.monotonic(), 0.001))
        try:
            self._channel.sendall(protocol.frame(message))
        except TimeoutError:
            raise Ended("", hung=True) from None
        except OSError:
            raise Ended(told(self.close())) from None

    def receive(self, end: float) -> dict:
        try:
            return _clean(protocol.read_frame(lambda count: self._read(count, end)))
        except TimeoutError:
            self.close()
            raise Ended("", hung=True) from None
        except protocol.Unreadable:
            self.close()
            raise Ended(told(None)) from None
        except (EOFError, OSError):
            raise Ended(told(self.close())) from None

    def _read(self, count: int, end: float) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._channel.settimeout(left)
            part = self._channel.recv(min(count - len(parts), 2**20))
            if not part:
                raise EOFError
            parts += part
        return bytes(parts)

    def close(self) -> int:
        if self._process < 0:
            return -signal.SIGKILL
        self._channel.close()
        process, self._process = self._process, -1
        try:
            return _started_nursery().end(process)
        except OSError:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process, signal.SIGKILL)
            _close_nursery()
            return -signal.SIGKILL


# --- elsewhere: a process for each ----------------------------------------------------------------


class PipedLink:
    """A child over its standard input and output, which it takes away from the cells.

    Pipes cannot be waited for everywhere, so a timer kills the child that is silent too long.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            _command("alone"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,
        )

    def send(self, message: dict, end: float) -> None:
        assert self._process.stdin is not None
        with self._watched(end) as late:
            try:
                self._process.stdin.write(protocol.frame(message))
                self._process.stdin.flush()
            except OSError:
                raise self._gone(late) from None

    def receive(self, end: float) -> dict:
        with self._watched(end) as late:
            try:
                return _clean(protocol.read_frame(self._read))
            except protocol.Unreadable:
                self.close()
                raise Ended(told(None)) from None
            except (EOFError, OSError):
                raise self._gone(late) from None

    def _read(self, count: int) -> bytes:
        assert self._process.stdout is not None
        part = self._process.stdout.read(count)
        if len(part) < count:
            raise EOFError
        return part

    @contextlib.contextmanager
    def _watched(self, end: float):  # type: ignore[no-untyped-def]
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._kill()

        timer = threading.Timer(max(end - time.monotonic(), 0.001), stop)
        timer.daemon = True
        timer.start()
        try:
            yield late
        finally:
            timer.cancel()

    def _gone(self, late: threading.Event) -> Ended:
        return Ended("", hung=True) if late.is_set() else Ended(told(self.close()))

    def _kill(self) -> None:
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()

    def close(self) -> int:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.3)
        self._kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        return self._process.wait()


def connected() -> Link:
    """A new child."""
    return ForkedLink() if sys.platform == "linux" else PipedLink()
