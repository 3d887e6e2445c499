"""Trying an answer that is a class: a function, as text, that is run where the class is.

The text names what it is handed after the class, such as `def tried(Value, a, b)`, and returns
numbers and arrays. It holds no answer, so a learner's process may have it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from types import CodeType, SimpleNamespace


@cache
def compiled(trial: str) -> Callable:
    """The function that the text defines."""
    space: dict[str, object] = {}
    exec(compile(trial, "<trial>", "exec"), space)
    return next(value for name, value in space.items() if name != "__builtins__")  # type: ignore[return-value]


def arguments(trial: str, v: SimpleNamespace) -> list[object]:
    """What the text asks for after the class."""
    _, *names = inspect.signature(compiled(trial)).parameters
    return [getattr(v, name) for name in names]


def code_of(answer: object) -> CodeType | None:
    """The code of a function; of a class, that of its first method: it says whose file it is."""
    if isinstance(answer, type):
        codes = (getattr(value, "__code__", None) for value in vars(answer).values())
        return next((code for code in codes if code is not None), None)
    return getattr(answer, "__code__", None)
