"""The process that runs a learner's cells. Started by `parent`, as a file, never imported by it.

It holds neither the judge nor the exercises: `coursecheck` itself is never imported, only what runs
cells. What the cells import under that name is a stand-in that judges nothing.
"""

from __future__ import annotations

import builtins
import contextlib
import inspect
import io
import os
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from coursecheck import trials
    from coursecheck.grading import protocol, sources
    from coursecheck.messages import speak
    from coursecheck.runner import TimeUp, deadline, is_blank, met_a_blank, quiet


def _load(package: str, root: str) -> None:
    """Import what runs cells, out of the package, but not the package itself."""
    global protocol, sources, trials, speak, TimeUp, deadline, is_blank, met_a_blank, quiet
    sys.path.append(root)
    bare = ModuleType("coursecheck")
    bare.__path__, bare.__file__ = [package], os.path.join(package, "__init__.py")
    sys.modules["coursecheck"] = bare
    from coursecheck import trials
    from coursecheck.grading import protocol, sources
    from coursecheck.messages import speak
    from coursecheck.runner import TimeUp, deadline, is_blank, met_a_blank, quiet


class Silent:
    """What `exercise(...)` gives here, and whatever it is asked for: nothing is judged.

    It is false, as the result of an answer that is not right: what a notebook shows of right ones,
    below `if ex.check(...):`, is not run.
    """

    def __getattr__(self, name: str) -> Silent:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: object, **__: object) -> Silent:
        return self

    def __iter__(self) -> Iterator[object]:
        return iter(())

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return ""


def _stand_in() -> None:
    """Put the stand-in where the cells find it."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "coursecheck"]:
        del sys.modules[name]
    found: Any = ModuleType("coursecheck")
    found.exercise = found.Exercise = Silent()
    found.CourseCheckError = type("CourseCheckError", (Exception,), {})
    found.CheckFailed = type("CheckFailed", (found.CourseCheckError,), {})
    sys.modules["coursecheck"] = found


def _limit(limits: dict[str, int]) -> None:
    """Limits of this process, as far as the system knows them."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for name, most in {**limits, "CORE": 0}.items():
        kind = getattr(resource, f"RLIMIT_{name}", None)
        if kind is None:
            continue
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(kind, (most, most))


class Child:
    """Runs the cells of one notebook, then calls what they defined, as long as it is asked to."""

    def __init__(self, read: Callable[[int], bytes], write: Callable[[bytes], object]):
        self._read, self._write = read, write
        self._process = os.getpid()
        self._names: dict[str, object] = {}
        self._cells: dict[str, int] = {}  # file name -> number

    def serve(self) -> NoReturn:
        with contextlib.suppress(EOFError, OSError):
            job = protocol.read_frame(self._read)
            _limit(job["limits"])
            self._run(job)
            while True:
                self._called(protocol.read_frame(self._read))
        os._exit(0)

    def _say(self, message: dict) -> None:
        if os.getpid() != self._process:
            os._exit(0)  # a copy that a cell has made with os.fork
        self._write(protocol.frame(message))

    # --- the cells ---

    def _run(self, job: dict) -> None:
        os.chdir(job["folder"])
        os.environ.update({"HOME": job["folder"], "TMPDIR": job["folder"]})
        sys.path[:0] = [job["folder"], *job["beside"]]
        sys.stdin = io.StringIO()
        speak(job["language"])
        name, cells = job["notebook"], job["cells"]
        self._cells = {sources.filename_of(name, n): n for n in range(1, len(cells) + 1)}
        _stand_in()
        self._names, remarks = sources.run_cells(
            name,
            cells,
            job["keys"],
            job["seconds"],
            skipped=job["skipped"],
            begins=lambda number: self._say({"begins": number}),
        )
        with quiet():
            self._say({"ran": remarks, "answers": self._answers(job["keys"])})

    def _answers(self, keys: Iterable[str]) -> dict[str, dict]:
        found = {}
        for key in keys:
            if key not in self._names:
                continue
            try:
                found[key] = self._answer(self._names[key])
            except BaseException:
                found[key] = {"value": {"other": type(self._names[key]).__name__}}
        return found

    def _answer(self, answer: object) -> dict:
        if not callable(answer):
            writer = protocol.Writer()
            return writer.message(value=writer.value(answer))
        code = trials.code_of(answer)
        return {
            "kind": type(answer).__name__,
            "parameters": _parameters(answer),
            "blank": is_blank(answer),
            "cell": self._cells.get(getattr(code, "co_filename", "")),
            "reads": _reads(answer),
        }

    # --- the answers, called ---

    def _called(self, message: dict) -> None:
        try:
            args = protocol.Reader(message, self._asking).value(message["args"])
        except protocol.Unreadable:
            os._exit(3)
        before = [a.tobytes() if hasattr(a, "tobytes") else None for a in args]
        with quiet() as out:
            reply = self._reply(self._names[message["call"]], message, args)
            if "value" in reply:
                writer, changed = protocol.Writer(), {}
                for place, (arg, bytes_) in enumerate(zip(args, before, strict=True)):
                    if bytes_ is not None and arg.tobytes() != bytes_:
                        changed[str(place)] = writer.value(arg)
                try:
                    value = writer.value(reply["value"])
                except BaseException:
                    value = {"other": type(reply["value"]).__name__}
                reply = writer.message(value=value, changed=changed, printed=bool(out.getvalue()))
        self._say(reply)

    def _reply(self, function: Any, message: dict, args: tuple) -> dict:
        try:
            asked = function
            if message["trial"]:
                asked = partial(trials.compiled(message["trial"]), function)
            with deadline(message["seconds"], _filename(function)):
                return {"value": asked(*args)}
        except TimeUp as stop:
            return {"late": self._place(stop)}
        except BaseException as error:
            return {"raised": self._told(sources.speakable(error), function)}

    def _told(self, error: BaseException, function: object) -> dict:
        filename = _filename(function)
        told: dict[str, object] = {
            "kind": type(error).__name__,
            "text": str(error)[:2000],
            "bases": [kind.__name__ for kind in type(error).__mro__ if _builtin(kind)],
            "place": self._place(error),
            "blank": met_a_blank(error, filename),
            "floats": self._floats(error),
        }
        if hasattr(error, "shapes"):  # compgraph.InnerSizes
            told["shapes"] = [list(map(int, shape)) for shape in error.shapes]
        if hasattr(error, "got") and hasattr(error, "expected"):  # compgraph.NotANode
            told |= {"expected": str(error.expected)[:200], "got": error.got.__name__}
        return told

    def _frames(self, error: BaseException) -> list[tuple[Any, int, int]]:
        """The frames of the cells that the error passed through: frame, cell and line."""
        found, step = [], error.__traceback__
        while step is not None:
            if cell := self._cells.get(step.tb_frame.f_code.co_filename):
                found.append((step.tb_frame, cell, step.tb_lineno))
            step = step.tb_next
        return found

    def _place(self, error: BaseException) -> list[int] | None:
        if cell := self._cells.get(getattr(error, "filename", None) or ""):
            return [cell, getattr(error, "line", 1)]
        frames = self._frames(error)
        return list(frames[-1][1:]) if frames else None

    def _floats(self, error: BaseException) -> list[str]:
        """The names that hold a fraction where the error came from."""
        frames = self._frames(error)
        space = frames[-1][0].f_locals if frames else {}
        return [name for name, value in list(space.items())[:100] if isinstance(value, float)]

    def _asking(self, number: int) -> Callable:
        """A function that stays with the parent: it is asked for every value."""

        def function(*args: object) -> object:
            before = sys.gettrace()
            sys.settrace(None)  # the learner's deadline must not cut a message in two
            try:
                writer = protocol.Writer()
                self._say(writer.message(ask=number, args=writer.value(args)))
                answer = protocol.read_frame(self._read)
                if "raised" in answer:
                    kind = getattr(builtins, answer["raised"]["kind"], ValueError)
                    error: Exception = kind(answer["raised"]["text"])
                else:
                    return protocol.Reader(answer).value(answer["value"])
            finally:
                sys.settrace(before)
            raise error

        return function


def _filename(function: object) -> str | None:
    return getattr(trials.code_of(function), "co_filename", None)


def _builtin(kind: type) -> bool:
    return getattr(builtins, kind.__name__, None) is kind


def _parameters(function: Any) -> list | None:
    """Name, kind and whether there is a default; None where Python does not know."""
    try:
        found = inspect.signature(function).parameters.values()
    except (ValueError, TypeError):
        return None
    return [[each.name, int(each.kind), each.default is not each.empty] for each in found]


def _reads(function: object) -> list[str]:
    """The numbers and arrays of the notebook that a function reads."""
    names = getattr(getattr(function, "__code__", None), "co_names", ())
    space = getattr(function, "__globals__", {})
    numbers = [n for n in names if isinstance(space.get(n), (int, float))]
    return numbers + [n for n in names if hasattr(space.get(n), "tobytes")]


# --- ways in --------------------------------------------------------------------------------------


def _exactly(receive: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """Reads as many bytes as it is asked for, or raises EOFError."""

    def read(count: int) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            part = receive(min(count - len(parts), 2**20))
            if not part:
                raise EOFError
            parts += part
        return bytes(parts)

    return read


def nursery(control: socket.socket) -> NoReturn:
    """Fork a child for every socket that comes in: it has NumPy already. Tells how each ended.

    b"F" and a socket: fork, its number comes back. b"W" and a number: wait for its end, and end it
    where it does not; its status comes back.
    """
    import signal
    import time

    living: set[int] = set()
    while True:
        order, sockets, *_ = socket.recv_fds(control, 9, 1)
        if order[:1] == b"F" and sockets:
            process = os.fork()
            if not process:
                control.close()
                os.setsid()
                with socket.socket(fileno=sockets[0]) as channel:
                    Child(_exactly(channel.recv), channel.sendall).serve()
            os.close(sockets[0])
            living.add(process)
            control.sendall(process.to_bytes(8, "big"))
        elif order[:1] == b"W":
            process = int.from_bytes(order[1:], "big")
            end = time.monotonic() + 0.3
            while not (done := os.waitpid(process, os.WNOHANG))[0] and time.monotonic() < end:
                time.sleep(0.002)
            for kill in (os.killpg, *(() if done[0] else (os.kill,))):  # it may have no group yet
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    kill(process, signal.SIGKILL)
            status = done[1] if done[0] else os.waitpid(process, 0)[1]
            living.discard(process)
            control.sendall(os.waitstatus_to_exitcode(status).to_bytes(8, "big", signed=True))
        else:  # the parent has gone
            for process in living:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process, signal.SIGKILL)
            os._exit(0)


def alone() -> NoReturn:
    """One child, over its own standard input and output, which the cells do not get."""
    incoming = os.fdopen(os.dup(0), "rb", buffering=0)
    outgoing = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)

    def write(text: bytes) -> None:
        view = memoryview(text)
        while view:
            view = view[outgoing.write(view) or 0 :]

    Child(_exactly(incoming.read), write).serve()


if __name__ == "__main__":
    _, package, root, way = sys.argv
    sys.argv[1:] = []
    _load(package, root)
    if way == "alone":
        alone()
    else:
        nursery(socket.socket(fileno=int(way)))
