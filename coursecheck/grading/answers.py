"""A learner's function as the judge sees it: called here, run in the child.

What the child tells of a call happens here as if the function were here: it returns the value,
changes its arguments, prints, or stops with an error of the same name and words, from the same line
of the same cell. So the judge needs to know nothing of children.
"""

from __future__ import annotations

import builtins
import inspect
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from compgraph import InnerSizes, NotANode
from coursecheck import runner
from coursecheck.grading import protocol


def _blank() -> None: ...


def _filled(*args: object) -> object:
    return args


class Gone(Exception):
    """The child is gone. Whoever called the judge knows it, and does not use what it says."""


class Answer:
    """Stands for a function, or anything else that can be called.

    It has what is looked at in a function before it is called: its parameters, the file that it
    stands in, whether its body is `...`, and the names of the notebook's data that it reads.
    """

    __code__: Any

    def __init__(
        self,
        described: dict,
        call: Callable[[tuple, str], dict],
        filename_of: Callable[[int], str],
    ):
        self._call, self._filename_of, self._trial = call, filename_of, ""
        names = [str(name) for name in described.get("reads") or []]
        self.__globals__ = dict.fromkeys(names, 0.0)
        if isinstance(described.get("cell"), int):
            code = (
                _blank if described.get("blank") is True else _filled
            ).__code__  # looked at, and never run
            filename = filename_of(described["cell"])
            self.__code__ = code.replace(co_filename=filename, co_names=tuple(names))
        if (parameters := described.get("parameters")) is not None:
            self.__signature__ = _signature(parameters)

    def tried(self, trial: str) -> Answer:
        """The same, where a call is a trial of the learner's class."""
        self._trial = trial
        return self

    def __call__(self, *args: object) -> object:
        trace = sys.gettrace()
        sys.settrace(None)  # the judge's deadline must not cut a message in two
        reply = self._call(args, self._trial)
        if "value" not in reply:
            return self._as_if_here(reply, trace)
        for place, after in reply["changed"].items():
            arg = args[place]
            if isinstance(arg, np.ndarray) and after.dtype == arg.dtype and arg.flags.writeable:
                arg[...] = after if after.shape == arg.shape else after.reshape(arg.shape)
        sys.settrace(trace)
        if reply["printed"]:
            print("…")
        return reply["value"]

    def _as_if_here(self, reply: dict, trace: Any) -> object:
        """Stop at the learner's line, with the error or at the judge's deadline."""
        inside: dict[str, object] = {}
        if "raised" in reply:
            told = reply["raised"]
            place, error = told.get("place"), error_of(told)
            inside = dict.fromkeys(map(str, told.get("floats") or []), 0.5)
            inside |= {"blank": ...} if told.get("blank") is True else {}
        else:
            place, error = reply["late"], TimeoutError(f"{runner.SECONDS:g} s")
        cell, line = place or (None, 1)
        filename = "<unknown>" if cell is None else self._filename_of(cell)
        code = compile("stop()", filename, "exec")

        def stop() -> None:
            sys.settrace(trace)
            end = time.monotonic() + 1.0
            while "late" in reply and trace is not None and time.monotonic() < end:
                trace(sys._getframe(1), "call", None)  # raises when the time is up, and it is
            raise error

        exec(code.replace(co_firstlineno=line, co_name="answer"), {"stop": stop}, inside)
        raise error


def answer_of(described: dict, call: Any, filename_of: Callable[[int], str]) -> Answer:
    """The answer, as an object whose type has the name that the learner's has."""
    kind = str(described.get("kind"))[:80] or "function"
    return type(kind.replace("\0", ""), (Answer,), {})(described, call, filename_of)


def _signature(parameters: list) -> inspect.Signature:
    """Raises Unreadable if these are no parameters."""
    try:
        return inspect.Signature(
            [
                inspect.Parameter(
                    name, inspect._ParameterKind(kind), **({"default": None} if default else {})
                )
                for name, kind, default in parameters
            ]
        )
    except (ValueError, TypeError):
        raise protocol.Unreadable("a function whose parameters are none") from None


def error_of(told: dict) -> Exception:
    """An error with the name, the words and the built-in kind of the learner's."""
    text, kind = str(told.get("text", "")), str(told.get("kind", ""))[:80].replace("\0", "")
    try:
        if "shapes" in told:
            a, b = (tuple(int(n) for n in shape) for shape in told["shapes"])
            return InnerSizes(a, b)
        if "got" in told:
            known: dict[str, type] = {"ndarray": np.ndarray, "ellipsis": type(...)}
            got = str(told["got"])[:80]
            return NotANode(str(told["expected"]), known.get(got) or type(got, (), {}))
    except (ValueError, TypeError, LookupError):
        pass
    bases = (getattr(builtins, str(name), None) for name in told.get("bases") or [])
    base = next((b for b in bases if isinstance(b, type) and issubclass(b, Exception)), Exception)
    made: Any = type(kind or "Exception", (base,), {"__str__": lambda self: text})
    return made.__new__(made)  # without __init__, which may ask for more
