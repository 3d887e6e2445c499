"""Calling a learner's function so that nothing it does can harm or stop the checker."""

from __future__ import annotations

import contextlib
import inspect
import io
import linecache
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np

from compgraph import InnerSizes, NotANode
from coursecheck.messages import PIECES, REASONS, say
from coursecheck.result import Finding

SECONDS = 2.0


# What Python and NumPy say of a common slip -> its reason. Named groups become fields.
KNOWN_ERRORS = tuple(
    (re.compile(pattern), reason)
    for pattern, reason in (
        (
            r"matmul: Input operand .*\(size (?P<right>\d+) is different from (?P<left>\d+)\)",
            "product_misfit",
        ),
        (r"not aligned: (?P<left>\d+) \(dim \d\) != (?P<right>\d+) \(dim \d\)", "product_misfit"),
        (r"operand 'Node' does not support ufuncs", "nodes_and_arrays"),
        (r"unsupported operand .*'numpy.ndarray' and 'Node'", "nodes_and_arrays"),
    )
)


class TimeUp(BaseException):
    """Raised inside code that runs too long. No Exception, so `except Exception` lets it pass.

    A bare `except:` does not, and Python stops tracing once a trace function has raised. So the
    error, when it is dropped, calls `dropped`, which sets the trace function again.
    """

    def __init__(self, dropped: Callable[[], None]):
        self._dropped = dropped

    def __del__(self) -> None:
        self._dropped()


@dataclass(frozen=True)
class Returned:
    """What a call gave back."""

    value: object


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise TimeUp in code that still runs Python instructions after `seconds`, until it ends.

    A trace function rather than a signal or a thread: it works in the page too, where there is
    neither. It cannot interrupt one long call into C, nor a loop that catches everything and keeps
    the error.
    """
    end = time.monotonic() + seconds
    over = False

    def trace(frame: FrameType, event: str, arg: object) -> Callable[..., Any]:
        frame.f_trace_opcodes = True  # a loop on a single line never begins a new one
        if time.monotonic() > end:
            raise TimeUp(lambda: resume(frame))
        return trace

    def resume(frame: FrameType) -> None:
        if not over:
            frame.f_trace = trace
            sys.settrace(trace)

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        over = True
        sys.settrace(before)


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
    lines = str(error).strip().splitlines() or [say(PIECES["no_message"])]
    text = re.sub(r"0x[0-9a-fA-F]+", "0x…", lines[0])
    return text if len(text) <= 160 else text[:159] + "…"


def described(error: BaseException) -> tuple[str, dict[str, str]]:
    """The reason of an error and its fields: of a common slip, or in the error's own words."""
    if isinstance(error, NotANode) and issubclass(error.got, np.ndarray):
        return "nodes_and_arrays", {}
    if isinstance(error, InnerSizes):
        return "product_misfit", {"left": str(error.left), "right": str(error.right)}
    for pattern, reason in KNOWN_ERRORS:
        if match := pattern.search(str(error)):
            return reason, match.groupdict()
    return "exception", {"kind": type(error).__name__, "error": brief(error)}


def where(error: BaseException, filename: str | None) -> str:
    """The deepest line of the learner's own file that the error passed through."""
    found, step = None, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == filename:
            found = step.tb_lineno
        step = step.tb_next
    if found is None:
        return ""
    source = linecache.getline(filename or "", found).strip()
    if not source:
        return say(PIECES["line"], line=found)
    return say(PIECES["line_source"], line=found, source=source)


def met_a_blank(error: BaseException, filename: str | None = None) -> bool:
    """Whether the error comes from a `...` that is still open.

    Python's own messages name the ellipsis. NumPy's do not always: with `filename`, the variables
    of the learner's functions that the error passed through are looked at, too.
    """
    step = error.__traceback__
    while step is not None:
        own = filename is not None and step.tb_frame.f_code.co_filename == filename
        if own and any(value is ... for value in step.tb_frame.f_locals.values()):
            return True
        step = step.tb_next
    return "ellipsis" in str(error).lower()


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
            with deadline(SECONDS):
                value = function(*(args | copies).values())
        except TimeUp as stop:
            return wrong("endless", seconds=SECONDS, where=where(stop, filename))
        except (Exception, SystemExit) as error:
            if met_a_blank(error, filename):
                return None
            reason, fields = described(error)
            return wrong(reason, where=where(error, filename), **fields)
    for name, after in copies.items():
        if after.tobytes() != np.asarray(args[name]).tobytes():
            return wrong("damaged", argument=name)
    if value is None and is_blank(function):
        return None
    if value is None:
        return wrong("printed" if out.getvalue() else "returns_none")
    return Returned(value)
