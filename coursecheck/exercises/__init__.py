"""The exercises: a module `e02_hidden_bias` here is the exercise "02_hidden_bias"."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from coursecheck.task import ExerciseTable

NAMES = tuple(sorted(module.name[1:] for module in pkgutil.iter_modules(__path__)))


def load(name: str) -> ExerciseTable:
    """The table of the exercise `name`, one of NAMES."""
    return import_module(f"{__name__}.e{name}").EXERCISE
