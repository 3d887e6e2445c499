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
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
import torch.distributed as dist

# Imported before the fork: a child that imports them at the same time as its sisters may hang.
import torch.distributed.fsdp
import torch.distributed.pipelining
import torch.distributed.tensor.parallel

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
    args : passed to every worker.
    timeout : seconds until a worker that has not answered counts as hung.
    start : ``"fork"`` copies this process, so a function from a notebook cell will do; Linux.
        ``"spawn"`` starts a new Python, which must be able to import the worker; everywhere. By
        default fork where it is safe, else spawn.

    Raises
    ------
    WorkerError : if a worker dies, raises, or does not answer in time. All are stopped by then.
    ValueError : for a size below 1, or a worker that a new process could not import.
    """
    if not (isinstance(size, int) and size > 0):
        raise ValueError(f"launch: the number of workers is a positive integer, got {size!r}")
    start = start or _default_start()
    if start == "spawn" and worker.__module__ == "__main__":
        raise ValueError(
            f"launch: a new process cannot import {worker.__name__!r}, which was defined here. "
            "Put it in a module, or on Linux use start='fork'."
        )
    context = multiprocessing.get_context(start)
    with TemporaryDirectory() as folder:
        processes, pipes = [], []
        try:
            for rank in range(size):
                here, there = context.Pipe()
                process = context.Process(
                    target=_child,
                    args=(worker, args, rank, size, Path(folder), timeout, there),
                    daemon=True,
                )
                with warnings.catch_warnings():
                    # Python warns of forking a process that has threads. The child touches
                    # none of theirs: it runs on one thread of its own.
                    warnings.simplefilter("ignore", DeprecationWarning)
                    process.start()
                there.close()  # now only the child holds it, and its death closes it
                processes.append(process)
                pipes.append(here)
            return _results(processes, pipes, timeout, Path(folder))
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


# --- the child -----------------------------------------------------------------------------------


def _child(worker, args, rank, size, folder: Path, timeout, pipe) -> None:
    torch.set_num_threads(1)  # first: the parent's thread pool did not survive the fork
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: do not outlive the parent
    log = open(folder / f"stack{rank}", "w")
    if hasattr(faulthandler, "register"):  # not on Windows
        faulthandler.register(signal.SIGUSR1, file=log, all_threads=False)
    try:
        _join(rank, size, (folder / "rendezvous").as_uri(), timeout)
        message = ("result", worker(*args))
    except BaseException as error:  # SystemExit too: the parent must hear of it
        trail = traceback.extract_tb(error.__traceback__)
        frames = [(frame.filename, frame.lineno, frame.name) for frame in reversed(trail)]
        message = ("error", _one_line(error), _place(frames), traceback.format_exc())
    try:
        # pickled here, by value: multiprocessing would send tensors as handles to memory that
        # ends with this process
        parcel = pickle.dumps(message)
    except (TypeError, AttributeError, pickle.PicklingError) as error:
        parcel = pickle.dumps(("error", f"its result cannot be sent: {error}", "", ""))
    pipe.send_bytes(parcel)
    # Others may still be connecting to this process, or reading what it sent. The parent ends it.
    with suppress(EOFError, OSError):
        pipe.recv_bytes()


def _join(rank: int, size: int, rendezvous: str, timeout: float) -> None:
    loopback = next((name for _, name in socket.if_nameindex() if name in ("lo", "lo0")), None)
    if loopback:  # on this machine alone, whatever its host name resolves to
        os.environ["GLOO_SOCKET_IFNAME"] = loopback
    os.environ["LOCAL_RANK"] = str(rank)
    dist.init_process_group(
        backend(size),
        init_method=rendezvous,
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


def _one_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__


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
    return any(part in filename for part in ("site-packages", "multiprocessing", "<frozen"))


# --- the parent ----------------------------------------------------------------------------------


def _results(processes, pipes, timeout: float, folder: Path) -> list[Any]:
    size = len(processes)
    deadline = time.monotonic() + timeout
    results: dict[int, Any] = {}
    troubles: dict[int, tuple[int, str, str]] = {}  # rank -> (how likely a cause, what, details)
    open_ranks = dict(enumerate(pipes))
    while open_ranks:
        ready = connection.wait(open_ranks.values(), timeout=max(0.0, deadline - time.monotonic()))
        if not ready:
            break
        for rank in [r for r, pipe in open_ranks.items() if pipe in ready]:
            try:
                kind, *content = pickle.loads(open_ranks.pop(rank).recv_bytes())
            except EOFError:
                troubles[rank] = _death(processes[rank])
            else:
                if kind == "result":
                    (results[rank],) = content
                else:
                    troubles[rank] = _failure(*content)
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
        places = {rank: _asked(processes[rank], folder / f"stack{rank}") for rank in open_ranks}
        waiting = "; ".join(f"worker {r}" + (f" in {p}" if p else "") for r, p in places.items())
        raise WorkerError(
            f"no answer within {timeout:g} s. Still busy of {size} workers: {waiting}. "
            "Does every send meet a receive, and does every worker call the same collectives in "
            "the same order? All were stopped; none is left."
        )
    return [results[rank] for rank in range(size)]


def _death(process) -> tuple[int, str, str]:
    process.join(1.0)
    code = process.exitcode
    if code is not None and code < 0:
        return 3, f"was killed ({signal.Signals(-code).name})", ""
    return 2, f"ended without an answer (exit code {code})", ""


def _failure(what: str, place: str, details: str) -> tuple[int, str, str]:
    # When a worker dies, its neighbours lose their connection. That is not the cause.
    lost = re.search(r"connection (closed|reset|refused)|broken pipe", what + details, re.I)
    return 0 if lost else 1, f"failed with {what}" + (f" ({place})" if place else ""), details


def _asked(process, log: Path) -> str:
    """Where the process is now: it writes its stack when asked by a signal."""
    if not hasattr(faulthandler, "register") or process.exitcode is not None:
        return ""
    os.kill(process.pid, signal.SIGUSR1)
    pattern = re.compile(r'File "(.*)", line (\d+) in (.*)')
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline:
        if place := _place(pattern.findall(log.read_text())):
            return place
        time.sleep(0.02)
    return ""
