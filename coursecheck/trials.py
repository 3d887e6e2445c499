"""Trying an answer that is a class: a function, as text, that is run where the class is.

The text names what it is handed after the class, such as `def tried(Value, a, b)`, and returns
numbers and arrays. It holds no answer, so a learner's process may have it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache, partial
from types import CodeType, SimpleNamespace
from typing import Any


@cache
def compiled(trial: str) -> Callable:
    """The function that the text defines."""
    space: dict[str, object] = {}
    exec(compile(trial, "<trial>", "exec"), space)
    return next(value for name, value in space.items() if name != "__builtins__")  # type: ignore[return-value]


def tried(trial: str, answer: Any, v: SimpleNamespace) -> object:
    """What the class gives on a draw; one in a process of its own is tried there."""
    function = compiled(trial)
    _, *names = inspect.signature(function).parameters
    there = getattr(answer, "tried", None)
    asked = there(trial) if there else partial(function, answer)
    return asked(*(getattr(v, name) for name in names))


def code_of(answer: object) -> CodeType | None:
    """The code of a function; of a class, that of its first method: it says whose file it is."""
    if isinstance(answer, type):
        codes = (getattr(value, "__code__", None) for value in vars(answer).values())
        return next((code for code in codes if code is not None), None)
    return getattr(answer, "__code__", None)
