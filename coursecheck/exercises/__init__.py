"""The exercises: a module `e02_hidden_bias` here is the exercise "02_hidden_bias".

It assigns TITLE and TASKS; IMPORTS where answers use more than NumPy; SENTENCES where its functions
say something themselves; OPTIONS where there are variants of it. Where solutions are withheld there
is a sealed bank in the module's place.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from coursecheck import sealed
from coursecheck.bank import Bank
from coursecheck.edits import Source
from coursecheck.form import Task
from coursecheck.judge import Judge
from coursecheck.texts import right_text
from coursecheck.variants import NoVariant, Option, chosen, names, varied

_MODULES = {module.name[1:] for module in pkgutil.iter_modules(__path__)}
_SEALED = sealed.variants()
NAMES = tuple(sorted(_MODULES | set(_SEALED)))


@dataclass(frozen=True, eq=False)
class Exercise:
    """One exercise: its tasks in the notebook's order, and a judge for each."""

    name: str
    title: str
    tasks: tuple[Task, ...]
    sentences: tuple[str, ...]
    variant: str
    variants: tuple[str, ...]

    def task(self, key: str) -> Task | None:
        return next((task for task in self.tasks if task.key == key), None)

    def text(self, key: str) -> str:
        """One right answer to a task, as the solution notebook writes it. Raises Withheld."""
        raise sealed.Withheld(f"{self.name}: {key}")

    def bank(self, key: str) -> Bank:
        """What a judge needs to know of a task."""
        raise NotImplementedError

    @cache  # noqa: B019  (exercises are made once, and stay)
    def judge(self, key: str) -> Judge:
        """The judge of a task, with the draws that it is judged on."""
        return Judge(self.bank(key))


@dataclass(frozen=True, eq=False)
class Open(Exercise):
    """An exercise whose answers are here."""

    imports: str
    options: tuple[Option, ...]

    def text(self, key: str) -> str:
        return self.source(key).text

    @cache  # noqa: B019
    def source(self, key: str) -> Source:
        """The bank of a task: the text of its right answer, and what is made of it."""
        task = next(task for task in self.tasks if task.key == key)
        before = [self.imports, *map(self.text, task.after)]
        return Source(task, right_text(self.name, key), "\n".join(before))

    bank = source


@dataclass(frozen=True, eq=False)
class Shut(Exercise):
    """An exercise that keeps its answers to itself."""

    banks: tuple[sealed.Sealed, ...]

    def bank(self, key: str) -> Bank:
        return next(bank for bank in self.banks if bank.task.key == key)


@cache
def load(name: str, variant: str = "") -> Exercise:
    """The exercise `name`, one of NAMES, or a variant of it. Raises NoVariant."""
    if name in _MODULES:
        return load_open(name, variant)
    if variant and variant not in _SEALED[name]:
        raise NoVariant(variant)
    title, sentences, banks = sealed.read(name, variant)
    tasks = tuple(bank.task for bank in banks)
    every = tuple(_SEALED[name])
    return Shut(name, title, tasks, tuple(sentences), variant, every, tuple(banks))


@cache
def load_open(name: str, variant: str = "") -> Open:
    """The same with its answers: for the book and its tests, which have them."""
    module = import_module(f"{__name__}.e{name}")
    options = getattr(module, "OPTIONS", ())
    tasks = tuple(varied(task, chosen(options, variant)) for task in module.TASKS)
    return Open(
        name,
        module.TITLE,
        tasks,
        getattr(module, "SENTENCES", ()),
        variant,
        tuple(names(options)),
        getattr(module, "IMPORTS", ""),
        options,
    )
