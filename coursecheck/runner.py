"""Calling a learner's function so that nothing it does can harm or stop the checker."""

from __future__ import annotations

import ast
import contextlib
import dis
import inspect
import io
import linecache
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

import numpy as np

from compgraph import InnerSizes, NotANode
from coursecheck.messages import PIECES, REASONS, say
from coursecheck.result import Finding
from coursecheck.source import at, entries, foreign, in_a_loop, own

SECONDS = 2.0


# What Python, NumPy and compgraph say of a common slip -> its reason. Named groups become fields.
_ONE, _OTHER = r"(?P<one>\([\d, ]*\))", r"(?P<other>\([\d, ]*\))"
KNOWN_ERRORS = tuple(
    (re.compile(pattern), reason)
    for pattern, reason in (
        (
            r"matmul: Input operand .*\(size (?P<right>\d+) is different from (?P<left>\d+)\)",
            "product_misfit",
        ),
        (r"not aligned: (?P<left>\d+) \(dim \d\) != (?P<right>\d+) \(dim \d\)", "product_misfit"),
        (rf"broadcast together with shapes {_ONE} (?:(?P=one) )*{_OTHER}", "misfit"),
        (rf"Mismatch is between arg \d with shape {_ONE} and arg \d with shape {_OTHER}", "misfit"),
        (rf"shapes {_ONE} and {_OTHER} do not broadcast", "misfit"),
        (r"operand 'Node' does not support ufuncs", "nodes_and_arrays"),
        (r"unsupported operand .*'numpy.ndarray' and 'Node'", "nodes_and_arrays"),
    )
)

# Of an index that is no whole number: NumPy and torch, slices, lists and tuples. NumPy says the
# same of any index that it cannot read.
_NO_INDEX = re.compile(r"only integers, slices|slice indices must be|indices must be integers")

# What Python says of a `...` that is asked to do what it cannot.
_ELLIPSIS = re.compile(r"'ellipsis'|\bellipsis object\b|\b(type|not|got) ellipsis\b")


class TimeUp(BaseException):
    """Raised inside code that runs too long. No Exception, so `except Exception` lets it pass.

    A bare `except:` does not, and Python stops tracing once a trace function has raised. So the
    error, when it is dropped, calls `dropped`, which sets the trace function again.

    Attributes
    ----------
    filename, line : where the learner's code was.
    loops : whether it goes round and round there, or waits for something that takes long.
    """

    def __init__(self, dropped: Callable[[], None], filename: str, line: int, loops: bool):
        self._dropped = dropped
        self.filename, self.line, self.loops = filename, line, loops

    def __del__(self) -> None:
        self._dropped()


@dataclass(frozen=True)
class Returned:
    """What a call gave back."""

    value: object


class deadline:  # noqa: N801 (used like contextlib's own)
    """Raise TimeUp in the learner's code if it still runs after `seconds`, until it ends.

    A trace function rather than a signal or a thread: it works in the page too, where there is
    neither. It follows the frames of the learner's files (`source.own`, and `filename`, the
    answer's own) line by line. Everything else runs unfollowed and is never interrupted, and the
    time that an import takes is not counted: nothing is left half made. So it cannot interrupt one
    long call into a library, only stop the learner's code once that has come back; nor a loop that
    catches everything and keeps the error.
    """

    def __init__(self, seconds: float, filename: str | None = None):
        self._seconds, self._filename = seconds, filename

    def __enter__(self) -> None:
        self._over = False
        self._before = sys.gettrace()
        sys.settrace(self._tracing(sys._getframe(1)))

    def __exit__(self, *_: object) -> None:
        self._over = True
        sys.settrace(self._before)

    def _tracing(self, outside: FrameType) -> Callable[..., Any]:
        now, filename = time.monotonic, self._filename
        last = now()
        end = last + self._seconds
        at, line = outside, 0  # where the learner's code was `last`
        importing = False

        def called(frame: FrameType, event: str, arg: object) -> Callable[..., Any] | None:
            nonlocal importing
            code = frame.f_code
            if importing:
                return None
            if code.co_name == "_find_and_load" and code.co_filename == _IMPORTER:
                importing, frame.f_trace_lines = True, False
                began = now()

                def imported(frame: FrameType, event: str, arg: object) -> Callable[..., Any]:
                    nonlocal importing, end, last
                    if event == "return":
                        took = now() - began
                        importing, end, last = False, end + took, last + took
                    return imported

                return imported
            if code.co_filename != filename and not own(code.co_filename):
                return None
            if _unseen(code):
                frame.f_trace_opcodes = True
            return step(frame, event, arg)

        def step(frame: FrameType, event: str, arg: object) -> Callable[..., Any]:
            nonlocal last, at, line
            time_now = now()
            if time_now > end:
                raise stopped(frame, time_now)
            last = time_now
            at = frame
            line = frame.f_lineno
            return step

        def stopped(frame: FrameType, time_now: float) -> TimeUp:
            def resume() -> None:
                if not self._over:
                    frame.f_trace, frame.f_trace_opcodes = step, True
                    sys.settrace(called)

            if time_now - last > self._seconds / 2 and at is not outside:  # in a single line
                return TimeUp(resume, at.f_code.co_filename, line, loops=False)
            places, around = [], frame
            while around is not None and around is not outside:
                name = around.f_code.co_filename
                if name == filename or own(name):
                    places.append((name, around.f_lineno))
                around = around.f_back  # type: ignore[assignment]
            for place in places:
                if in_a_loop(*place) is not False:  # where nobody knows, it is most likely one
                    return TimeUp(resume, *place, loops=True)
            return TimeUp(resume, *places[0], loops=False)

        return called


_IMPORTER = "<frozen importlib._bootstrap>"


@lru_cache(maxsize=4096)
def _unseen(code: CodeType) -> bool:
    """Whether there is a loop in which Python 3.11 sees no line begin, such as `while True: pass`.

    Its jump leads to itself. There every instruction has to be followed, which is slow.
    """
    return any(
        step.opcode in dis.hasjrel + dis.hasjabs and step.argval == step.offset
        for step in dis.get_instructions(code)
    )


@contextlib.contextmanager
def quiet() -> Iterator[io.StringIO]:
    """Catch what is printed, and silence warnings: their text holds paths and comes and goes."""
    with (
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield out


def brief(error: BaseException) -> str:
    """The first line of the error's message, without addresses, short enough for a sentence."""
    lines = _words(error).strip().splitlines() or [say(PIECES["no_message"])]
    text = re.sub(r"0x[0-9a-fA-F]+", "0x…", lines[0])
    return text if len(text) <= 160 else text[:159] + "…"


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # a learner's own exception may fail at that, too
        return ""


def described(error: BaseException, filename: str | None = None) -> tuple[str, dict[str, str]]:
    """The reason of an error and its fields: of a common slip, or in the error's own words."""
    if isinstance(error, NotANode) and issubclass(error.got, np.ndarray):
        return "nodes_and_arrays", {}
    if isinstance(error, InnerSizes):
        return "product_misfit", {"left": str(error.left), "right": str(error.right)}
    if isinstance(error, SyntaxError):
        source = "\n" * ((error.lineno or 1) - 1) + (error.text or "")
        said = foreign(error, source) or brief(error)
        return "exception", {"kind": type(error).__name__, "error": said}
    words = _words(error)
    if isinstance(error, IndexError | TypeError) and _NO_INDEX.search(words):
        if _by_a_fraction(error, filename):
            return "index_fraction", {}
    for pattern, reason in KNOWN_ERRORS:
        if match := pattern.search(words):
            shapes = {"one", "other"} & match.groupdict().keys()
            return reason, match.groupdict() | {n: _spaced(match[n]) for n in shapes}
    return "exception", {"kind": type(error).__name__, "error": brief(error)}


def _spaced(shape: str) -> str:
    """NumPy's `(5,4)` as Python writes it."""
    return re.sub(r",(?=\d)", ", ", shape)


def _theirs(error: BaseException, filename: str | None) -> list[tuple[FrameType, int]]:
    """The learner's frames that the error passed through, the innermost last, and their lines."""
    found, step = [], error.__traceback__
    while step is not None:
        name = step.tb_frame.f_code.co_filename
        if name == filename or own(name):
            found.append((step.tb_frame, step.tb_lineno))
        step = step.tb_next
    return found


def where(error: BaseException, filename: str | None) -> str:
    """The deepest line of the file that the error passed through, else of the learner's files."""
    theirs = _theirs(error, filename)
    inside = [place for place in theirs if place[0].f_code.co_filename == filename] or theirs
    if not inside:
        return ""
    frame, line = inside[-1]
    return spot(frame.f_code.co_filename, line)


def spot(filename: str, line: int) -> str:
    """A line, and what stands there, as a piece of a sentence."""
    source = linecache.getline(filename, line).strip()
    if not source:
        return say(PIECES["line"], line=line)
    return say(PIECES["line_source"], line=line, source=source)


_NOWHERE = object()


def _value(frame: FrameType, name: str) -> object:
    return frame.f_locals.get(name, frame.f_globals.get(name, _NOWHERE))


def _by_a_fraction(error: BaseException, filename: str | None) -> bool:
    """Whether a fraction was the index: whatever else, as far as the line tells, was none."""
    theirs = _theirs(error, filename)
    if not theirs:
        return False
    frame, line = theirs[-1]
    expressions = at(frame.f_code.co_filename, line)
    if not expressions:
        return "not str" not in _words(error)
    indices = [
        inner
        for expression in expressions
        for node in ast.walk(expression)
        if isinstance(node, ast.Subscript)
        for inner in ast.walk(node.slice)
    ]
    for node in indices:
        if isinstance(node, ast.Div) or (isinstance(node, ast.Constant) and _real(node.value)):
            return True
        if isinstance(node, ast.Name) and _real(_value(frame, node.id)):
            return True
    return not indices and "float" in _words(error)


def _real(value: object) -> bool:
    return isinstance(value, float | np.floating) or (
        isinstance(value, np.ndarray) and value.dtype.kind == "f"
    )


def met_a_blank(error: BaseException, filename: str | None = None) -> bool:
    """Whether the error comes from a `...` that is still open.

    It does if a variable of the learner's functions that the error passed through is `...`, or if
    the line names or holds one, or if Python's own words say so. What NumPy says of an index names
    the ellipsis, too, and is no blank.
    """
    if isinstance(error, NotANode) and issubclass(error.got, type(...)):
        return True
    if isinstance(error, TypeError) and _ELLIPSIS.search(_words(error)):
        return True
    return isinstance(error, Exception) and any(
        _is_open(*place) for place in _theirs(error, filename)
    )


def _is_open(frame: FrameType, line: int) -> bool:
    function = frame.f_code.co_name != "<module>"  # a cell's names are those of all cells
    if function and any(value is ... for value in frame.f_locals.values()):
        return True
    return any(
        (isinstance(node, ast.Constant) and node.value is ...)
        or (isinstance(node, ast.Name) and _value(frame, node.id) is ...)
        for node in entries(at(frame.f_code.co_filename, line))
    )


def _blank() -> None: ...


def _documented() -> None:
    """What a blank with a docstring compiles to differs from one without."""


_BLANKS = {function.__code__.co_code for function in (_blank, _documented)}


def is_blank(function: Callable) -> bool:
    """Whether the body is `...` (or `pass`, or a docstring) and nothing else."""
    return getattr(getattr(function, "__code__", None), "co_code", None) in _BLANKS


def fits(function: Callable, args: Sequence[str]) -> bool:
    """Whether `function` can be called with `args` in this order."""
    try:
        signature = inspect.signature(function)
        signature.bind(*args)
    except TypeError:
        return False
    except ValueError:  # a builtin without a signature: the call itself will tell
        return True
    names = list(signature.parameters)
    # The same names in another order would mix up the arguments without a word.
    return sorted(names) != sorted(args) or names == list(args)


def call(task: str, function: Callable, args: dict[str, object]) -> Returned | Finding | None:
    """Call the learner's `function` with copies of `args`.

    Returns what it returned, or what went wrong, or None if a blank `...` is still open.
    """
    copies = {name: np.copy(a) for name, a in args.items() if isinstance(a, np.ndarray)}
    filename = getattr(getattr(function, "__code__", None), "co_filename", None)

    def wrong(reason: str, **fields: object) -> Finding:
        return Finding(reason, REASONS[reason], {"task": task, **fields})

    with quiet() as out:
        try:
            with deadline(SECONDS, filename):
                value = function(*(args | copies).values())
        except TimeUp as stop:
            reason = "endless" if stop.loops else "busy"
            return wrong(reason, seconds=SECONDS, where=spot(stop.filename, stop.line))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if met_a_blank(error, filename):
                return None
            reason, fields = described(error, filename)
            return wrong(reason, where=where(error, filename), **fields)
    for name, after in copies.items():
        if after.tobytes() != np.asarray(args[name]).tobytes():
            return wrong("damaged", argument=name)
    if value is None and is_blank(function):
        return None
    if value is None:
        return wrong("printed" if out.getvalue() else "returns_none")
    return Returned(value)
