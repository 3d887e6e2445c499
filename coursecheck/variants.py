"""The same exercise with another activation or loss: edits of its answers, slips and words.

An exercise's file lists its `OPTIONS`. Options of one axis exclude each other; a variant is one
choice along every axis, and its name joins theirs: "sigmoid+whole". The name of the exercise as the
book has it is "".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from coursecheck.form import Slip, Task

JOINT = "+"


class NoVariant(Exception):
    """An exercise that has no variant of this name."""


@dataclass(frozen=True)
class Option:
    """One thing that is otherwise, and all that changes with it.

    key      its name, "sigmoid"
    axis     what it is another one of: "activation"
    answers  task -> the edit of the right text, as in `Slip`
    slips    task -> slips of its own. They edit the right text of the book where the option does
    without  keys of the book's slips that are none here, or whose sentences are not true
    hints    task -> hints in place of the book's
    words    (old, new): what the notebook says otherwise, in formulas and code alone, so that it is
             the same in every language. Each old text stands in the notebook
    """

    key: str
    axis: str
    answers: Mapping[str, str]
    slips: Mapping[str, Sequence[Slip]] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    hints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Sequence[tuple[str, str]] = ()


def names(options: Sequence[Option]) -> list[str]:
    """The names of all variants, the book's own not among them."""
    axes: dict[str, list[str]] = {}
    for option in options:
        axes.setdefault(option.axis, [""]).append(option.key)
    found = [JOINT.join(filter(None, keys)) for keys in product(*axes.values())]
    return [name for name in found if name]


def chosen(options: Sequence[Option], name: str) -> list[Option]:
    """The options of the variant `name`. Raises NoVariant."""
    if name and name not in names(options):
        raise NoVariant(name)
    return [option for option in options if option.key in name.split(JOINT)]


def drawn(variants: Sequence[str], seed: str, student: str) -> str:
    """The variant of a student: always the same for a seed, and shared out evenly."""
    every = ["", *variants]
    number = hashlib.sha256(f"{seed}\n{student}".encode()).digest()
    return every[int.from_bytes(number[:8], "big") % len(every)]


def varied(task: Task, options: Sequence[Option]) -> Task:
    """The task with the options' slips beside its own, and their hints."""
    hints = [option.hints[task.key] for option in options if task.key in option.hints]
    more = [slip for option in options for slip in option.slips.get(task.key, ())]
    without = frozenset[str]().union(*(option.without for option in options))
    kept = (slip for slip in task.slips if slip.key not in without)
    slips = (*kept, *(replace(slip, own=True) for slip in more))
    edits = tuple(o.answers[task.key] for o in options if task.key in o.answers)
    return replace(task, slips=slips, hints=hints[-1] if hints else task.hints, edits=edits)
