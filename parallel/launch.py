"""Worker processes from one call: started, watched, and gone when it returns.

`launch` starts `size` processes, joins them in a process group, and returns what each worker
returns. Whatever happens, it ends within seconds of the trouble in *one* message that says which
worker, what, and where, and no process is left behind.
"""

from __future__ import annotations

import ctypes
import datetime
import faulthandler
import multiprocessing
import os
import pickle
import re
import signal
import socket
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import connection
from numbers import Integral, Real
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FunctionType
from typing import Any

import torch
import torch.distributed as dist

# Imported before the fork: a child that imports them at the same time as its sisters may hang.
import torch.distributed.fsdp
import torch.distributed.pipelining
import torch.distributed.tensor.parallel

#: the longest time-out, in seconds: eleven days, and still a number that every system can wait for
LONGEST = 1_000_000

#: characters of an exception's message in a message of ours; in `details` it stands in full
_ENOUGH = 2000

#: where Python's own modules lie
_PYTHON = os.path.dirname(os.__file__)

#: how long to listen for the other workers' troubles once one has shown up, to tell cause from
#: consequence
_GRACE = 0.5


class WorkerError(RuntimeError):
    """A worker was killed, raised, or did not answer in time. `details` holds all tracebacks."""

    def __init__(self, message: str, details: str = ""):
        super().__init__(message)
        self.details = details


def launch(
    worker: Callable[..., Any],
    size: int,
    *args: Any,
    timeout: float = 60.0,
    start: str | None = None,
) -> list[Any]:
    """Run ``worker(*args)`` on `size` processes in one process group; their results, by rank.

    Parameters
    ----------
    worker : called on every process when the group stands; `torch.distributed` tells it its rank.
    args : passed to every worker; to a new Python as a pickled copy.
    timeout : seconds until a worker that has not answered counts as hung.
    start : ``"fork"`` copies this process, so a function from a notebook cell will do; Linux.
        ``"spawn"`` starts a new Python, which must be able to import the worker; everywhere. By
        default fork where it is safe, else spawn.

    Raises
    ------
    WorkerError : if a worker cannot be started, dies, raises, or does not answer in time. All are
        stopped by then.
    ValueError : for a size below 1, a time-out that is not above 0 and at most `LONGEST`, or a
        worker or arguments that a new process could not get.
    OSError : if there is no folder for temporary files.
    """
    if not (isinstance(size, Integral) and size > 0):
        raise ValueError(f"launch: the number of workers is a positive integer, got {size!r}")
    if not (isinstance(timeout, Real) and 0 < timeout <= LONGEST):
        raise ValueError(
            f"launch: the time-out is a number of seconds above 0 and at most {LONGEST:,}, "
            f"got {timeout!r}"
        )
    start = start or _default_start()
    context = multiprocessing.get_context(start)
    call = (worker, args) if start == "fork" else _packed(worker, args)
    with _folder() as folder:
        processes, pipes = [], []
        try:
            for rank in range(size):
                try:
                    here, there = context.Pipe()
                    process = context.Process(
                        target=_child,
                        args=(call, rank, size, folder, timeout, there),
                        daemon=True,
                    )
                    with warnings.catch_warnings():
                        # Python warns of forking a process that has threads. The child touches
                        # none of theirs: it runs on one thread of its own.
                        warnings.simplefilter("ignore", DeprecationWarning)
                        process.start()
                except OSError as error:  # too many processes, open files, too little memory
                    raise WorkerError(
                        f"worker {rank} of {size} could not be started: {_said(error)}. "
                        "All were stopped; none is left."
                    ) from error
                there.close()  # now only the child holds it, and its death closes it
                processes.append(process)
                pipes.append(here)
            return _results(processes, pipes, timeout, folder)
        finally:
            for process in processes:
                process.kill()
            for process in processes:
                process.join()
            for pipe in pipes:
                pipe.close()


def _default_start() -> str:
    forks = sys.platform == "linux" and not torch.cuda.is_initialized()
    return "fork" if forks else "spawn"


@contextmanager
def _folder() -> Iterator[Path]:
    """A temporary folder for what the workers write: their rendezvous, and their stacks."""
    try:
        folder = TemporaryDirectory()
    except OSError as error:
        raise OSError(
            f"launch: there is no folder for temporary files ({_said(error)}); name one that can "
            "be written to in the variable TMPDIR (TEMP on Windows)"
        ) from error
    with folder:
        yield Path(folder.name)


def _packed(worker: Callable[..., Any], args: tuple) -> bytes:
    """The call for a new Python, pickled by value.

    multiprocessing would pickle it once for every worker, and send tensors as handles to memory
    that parent and workers then share.

    Raises
    ------
    ValueError : if the worker cannot be imported, or an argument cannot be pickled.
    """
    if not _importable(worker):
        raise ValueError(
            f"launch: a new process cannot import {worker.__name__!r}, which was defined here. "
            "Put it in a module, or on Linux use start='fork'."
        )
    try:
        return pickle.dumps((worker, args))
    except Exception as error:  # whatever an object's own __reduce__ may raise
        raise ValueError(
            f"launch: worker and arguments cannot be sent to a new process: {_said(error)}"
        ) from error


def _importable(worker: Callable[..., Any]) -> bool:
    """Would a new process find the function where its name says? Other callables go by value."""
    if not isinstance(worker, FunctionType):
        return True
    found = module = sys.modules.get(worker.__module__)
    for part in worker.__qualname__.split("."):
        found = getattr(found, part, None)
    # A new process runs a script, or a module after -m, once more; not a notebook or a prompt.
    again = getattr(module, "__spec__", None) or getattr(module, "__file__", None)
    return found is worker and bool(again)


# --- the child -----------------------------------------------------------------------------------


def _child(call, rank, size, folder: Path, timeout, pipe) -> None:
    torch.set_num_threads(1)  # first: the parent's thread pool did not survive the fork
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: do not outlive the parent
    try:
        pipe.send_bytes(pickle.dumps(("started",)))
        log = open(folder / f"stack{rank}", "w")
        if hasattr(faulthandler, "register"):  # not on Windows
            faulthandler.register(signal.SIGUSR1, file=log, all_threads=False)
        worker, args = pickle.loads(call) if isinstance(call, bytes) else call
        _join(rank, size, folder, timeout)
        pipe.send_bytes(pickle.dumps(("joined",)))
        message = ("result", worker(*args))
    except BaseException as error:  # SystemExit too: the parent must hear of it
        trail = traceback.extract_tb(error.__traceback__)
        frames = [(frame.filename, frame.lineno, frame.name) for frame in reversed(trail)]
        what = f"failed with {_said(error)}"
        message = ("error", what, _place(frames), traceback.format_exc())
    try:
        # pickled here, by value: multiprocessing would send tensors as handles to memory that
        # ends with this process
        parcel = pickle.dumps(message)
    except Exception as error:  # whatever an object's own __reduce__ may raise
        what = f"failed, for its result cannot be sent: {_said(error)}"
        parcel = pickle.dumps(("error", what, "", traceback.format_exc()))
    pipe.send_bytes(parcel)
    # Others may still be connecting to this process, or reading what it sent. The parent ends it.
    with suppress(EOFError, OSError):
        pipe.recv_bytes()


def _join(rank: int, size: int, folder: Path, timeout: float) -> None:
    loopback = next((name for _, name in socket.if_nameindex() if name in ("lo", "lo0")), None)
    if loopback:  # on this machine alone, whatever its host name resolves to
        os.environ["GLOO_SOCKET_IFNAME"] = loopback
    os.environ["LOCAL_RANK"] = str(rank)
    # A path and no file:// address: torch reads an address as it stands, so the %20 of an encoded
    # space would be part of the name. In bytes, since a path need not be text; on Windows torch
    # opens the file by its name in the system's code page.
    path = folder / "rendezvous"
    name = str(path).encode("mbcs") if sys.platform == "win32" else os.fsencode(path)
    dist.init_process_group(
        backend(size),
        store=dist.FileStore(name, size),
        rank=rank,
        world_size=size,
        # the parent's watchdog comes first, and says more
        timeout=datetime.timedelta(seconds=timeout + 10),
    )


def backend(local_size: int) -> str:
    """gloo for tensors in memory; NCCL for those on GPUs, where every worker has one."""
    if torch.cuda.is_available() and torch.cuda.device_count() >= local_size:
        return "cpu:gloo,cuda:nccl"
    return "gloo"


def _said(error: BaseException) -> str:
    """What an exception says, on one line: its type and the first paragraph of its message.

    Not the first line: torch ends lines in mid-sentence, and the answer may stand in the last of
    them. What torch's C++ was doing meanwhile is left to the traceback.
    """
    paragraph = re.split(r"\n\s*\n|\n\s*Exception raised from ", str(error).strip())[0]
    text = " ".join(paragraph.split())
    if len(text) > _ENOUGH:
        text = text[:_ENOUGH] + " …"
    name = type(error).__name__
    said = f"{name}: {text}" if text else name
    return said if error.__cause__ is None else f"{said} (because of {_said(error.__cause__)})"


def _place(frames) -> str:
    """Where the reader should look, from (file, line, function) with the innermost first.

    That is the innermost line that is neither torch's nor Python's, and if it is one of this
    package's tools, the line that called it.
    """
    own = [frame for frame in frames if not _foreign(frame[0])]
    called = [f for f in own if Path(f[0]).name not in ("wire.py", "launch.py")]
    if not own:
        return ""
    filename, line, function = (called or own)[0]
    where = "a notebook's cell" if "ipykernel" in filename else Path(filename).name
    place = f"line {line} of {where}, in {function}"
    return place if own[0] is (called or own)[0] else f"{own[0][2]}, called at {place}"


def _foreign(filename: str) -> bool:
    installed = any(part in filename for part in ("site-packages", "dist-packages", "<frozen"))
    return installed or filename.startswith(_PYTHON + os.sep)


# --- the parent ----------------------------------------------------------------------------------


def _results(processes, pipes, timeout: float, folder: Path) -> list[Any]:
    size = len(processes)
    deadline = time.monotonic() + timeout
    results: dict[int, Any] = {}
    troubles: dict[int, tuple[int, str, str]] = {}  # rank -> (how likely a cause, what, details)
    stages = ["starting"] * size
    open_ranks = dict(enumerate(pipes))
    while open_ranks:
        ready = connection.wait(open_ranks.values(), timeout=max(0.0, deadline - time.monotonic()))
        if not ready:
            break
        for rank in [r for r, pipe in open_ranks.items() if pipe in ready]:
            kind, *content = _heard(open_ranks[rank])
            if kind in ("started", "joined"):
                stages[rank] = kind
                continue
            del open_ranks[rank]
            if kind == "result":
                (results[rank],) = content
            elif kind == "error":
                troubles[rank] = _failure(*content)
            else:
                troubles[rank] = _death(processes[rank], stages[rank])
        if troubles:
            deadline = min(deadline, time.monotonic() + _GRACE)
    if troubles:
        # the likeliest cause; of equals the first to show up (a dict remembers)
        rank = max(troubles, key=lambda r: troubles[r][0])
        what = troubles[rank][1]
        details = "\n".join(f"worker {r}: {t[2] or t[1]}" for r, t in sorted(troubles.items()))
        others = "" if size == 1 else " The others were stopped; none is left."
        raise WorkerError(f"worker {rank} of {size} {what}.{others}", details)
    if open_ranks:
        busy = {r: (processes[r], folder / f"stack{r}") for r in open_ranks}
        raise WorkerError(
            f"no answer within {timeout:g} s{_hung(busy, stages, folder)} "
            "All were stopped; none is left."
        )
    return [results[rank] for rank in range(size)]


def _heard(pipe) -> tuple:
    """A worker's next message; ("ended",) if it has died."""
    try:
        parcel = pipe.recv_bytes()
    except (EOFError, OSError):
        return ("ended",)
    try:
        return pickle.loads(parcel)
    except Exception as error:  # whatever an object may raise when it is made again
        what = f"has a result that cannot be read here: {_said(error)}"
        return "error", what, "", traceback.format_exc()


def _death(process, stage: str) -> tuple[int, str, str]:
    process.join(1.0)
    code = process.exitcode
    if code is not None and code < 0:
        return 3, f"was killed ({signal.Signals(-code).name})", ""
    if stage == "starting":  # a new process that could not run its script again, say
        return 2, f"ended before it began (exit code {code}); what it printed says why", ""
    return 2, f"ended without an answer (exit code {code})", ""


def _failure(what: str, place: str, details: str) -> tuple[int, str, str]:
    # When a worker dies, its neighbours lose their connection. That is not the cause.
    lost = re.search(r"connection (closed|reset|refused)|broken pipe", what + details, re.I)
    return 0 if lost else 1, what + (f" ({place})" if place else ""), details


def _hung(busy, stages: list[str], folder: Path) -> str:
    """Why there is no answer: the likeliest reason, and where each worker is.

    Parameters
    ----------
    busy : rank -> (process, where it writes its stack).
    stages : by rank: "starting", "started" or "joined".
    """
    stopped = {rank for rank, (process, _) in busy.items() if _stopped(process)}
    if "joined" not in stages and not stopped:
        doing = {"starting": "is still starting", "started": "waits for the others"}
        states = "; ".join(f"worker {rank} {doing[stage]}" for rank, stage in enumerate(stages))
        return (
            f": the workers never met: {states}. Does a longer time-out help? If not, can "
            f"processes on this machine meet in a file in {folder.parent}, and talk to one another "
            "over its loopback interface?"
        )
    places = {rank: "" if rank in stopped else _asked(*busy[rank]) for rank in busy}
    waiting = "; ".join(
        f"worker {rank}" + (f" in {place}" if place else "") + " (stopped)" * (rank in stopped)
        for rank, place in places.items()
    )
    question = (
        "Whoever is stopped, by SIGSTOP or a debugger, keeps the others waiting."
        if stopped
        else "Does every send meet a receive, and does every worker call the same collectives in "
        "the same order?"
    )
    return f". Still busy of {len(stages)} workers: {waiting}. {question}"


def _stopped(process) -> bool:
    """Has a signal or a debugger halted the process? Known on Linux alone."""
    try:
        text = Path(f"/proc/{process.pid}/stat").read_text(errors="replace")
    except OSError:
        return False
    # pid (name) state …, and a name may hold anything
    return text.rpartition(")")[2].split()[0] in ("T", "t")


def _asked(process, log: Path) -> str:
    """Where the process is now: it writes its stack when asked by a signal."""
    if not hasattr(faulthandler, "register") or process.exitcode is not None:
        return ""
    if not log.exists():  # it does not listen yet
        return ""
    os.kill(process.pid, signal.SIGUSR1)
    deadline = time.monotonic() + 1.0
    seen = ""
    while time.monotonic() < deadline:
        time.sleep(0.02)
        # It may be writing still, and the line we look for come last.
        if (text := log.read_text(errors="replace")) == seen and (place := _place(_frames(text))):
            return place
        seen = text
    return ""


def _frames(stack: str) -> list[tuple[str, str, str]]:
    """(file, line, function), innermost first, from what faulthandler writes."""
    # It writes é as \xe9, and the like.
    escape = r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\U([0-9a-f]{8})"
    text = re.sub(escape, lambda m: chr(int(m[m.lastindex], 16)), stack)
    return re.findall(r'File "(.*)", line (\d+) in (.*)', text)
