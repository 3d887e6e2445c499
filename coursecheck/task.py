"""What an exercise is made of: tables that an exercise module fills in.

An exercise has tasks, a task has outputs, and an output is a sum of terms. A term knows the wrong
forms that learners give it and the wrong factors they put before it, each with its reason.
All formulas take one argument `v`: the namespace of values that the task's `given` draws.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

#: a function of v; what else it takes, the table has bound as defaults
Formula = Callable[..., Any]


@dataclass(frozen=True)
class Wrong:
    """A wrong form of a term: the reasons it is wrong (mostly one) and its formula."""

    reasons: tuple[str, ...]
    formula: Formula


@dataclass(frozen=True)
class Term:
    """A term of an output: how messages call it, its right form, its wrong forms and factors.

    `factors` pairs a reason with the wrong factor it explains, a formula of v; factors that every
    term knows (0, -1, 2, 1/2) need no entry. `alien` is the reason why a term does not belong
    there at all; its right factor is then 0.
    """

    name: str
    formula: Formula
    wrong: tuple[Wrong, ...] = ()
    factors: tuple[tuple[str, Formula], ...] = ()
    alien: str | None = None


@dataclass(frozen=True)
class Output:
    """One value that a task asks for.

    `shape` names its axes ("h", "d"), looked up in v; () is a plain number. `kind` is "real"
    (floating point, compared up to rounding) or "count" (whole number, compared exactly).
    `otherwise` is the reason given when no known mistake explains a wrong value.
    """

    key: str
    name: str
    shape: tuple[str | int, ...]
    terms: tuple[Term, ...]
    kind: str = "real"
    otherwise: str = "unrelated"

    def right(self, v: SimpleNamespace) -> np.ndarray:
        """The right value: the sum of the terms that belong there."""
        return np.asarray(sum(term.formula(v) for term in self.terms if term.alien is None))

    def expected(self, v: SimpleNamespace) -> tuple[int, ...]:
        return tuple(axis if isinstance(axis, int) else getattr(v, axis) for axis in self.shape)


@dataclass(frozen=True)
class Task:
    """One question of an exercise.

    key       the name in the notebook and in `ex.check(key, ...)`
    args      the arguments of the function asked for, by their names in v; None if the answer is
              a value rather than a function
    given     draws one v: `given(rng, **sizes)`, with every argument and every axis in it
    outputs   in the order in which they are returned, and in the order in which data flows
    chained   later outputs are built on earlier ones: name only the first that is wrong
    prepare   turns v into the arguments, where they are not simply v's values
    read      turns what came back (a list, one entry per output) into values, or into a Finding
    inspect   looks at what came back once all values are right: a Finding if something else is not
    hints     from a question to a nearly-there, two or more
    solution  source text of one right answer
    """

    key: str
    title: str
    args: tuple[str, ...] | None
    given: Callable[..., SimpleNamespace]
    outputs: tuple[Output, ...]
    hints: tuple[str, ...]
    solution: str
    chained: bool = False
    prepare: Callable[[SimpleNamespace], dict[str, object]] | None = None
    read: Callable[[list, SimpleNamespace], Any] | None = None
    inspect: Callable[[list, SimpleNamespace], Any] | None = None

    def arguments(self, v: SimpleNamespace) -> dict[str, object]:
        if self.prepare is not None:
            return self.prepare(v)
        return {name: getattr(v, name) for name in self.args or ()}


@dataclass(frozen=True)
class ExerciseTable:
    """An exercise as data: what a module in `coursecheck.exercises` assigns to EXERCISE.

    `sizes` lists keyword arguments for `given`. The last entry differs in what the others share,
    so that an answer with a number written into it is right on all but the last.
    `reasons` are the templates that this exercise adds to the common ones.
    """

    title: str
    tasks: tuple[Task, ...]
    sizes: tuple[Mapping[str, Any], ...]
    reasons: Mapping[str, str] = field(default_factory=dict)

    def task(self, key: str) -> Task | None:
        return next((task for task in self.tasks if task.key == key), None)

    def draws(self, task: Task) -> list[SimpleNamespace]:
        """The values a task is judged on, the same on every run; one draw for a plain value."""
        return [
            task.given(np.random.default_rng(seed), **sizes)
            for seed, sizes in enumerate(self.sizes if task.args is not None else self.sizes[:1])
        ]
