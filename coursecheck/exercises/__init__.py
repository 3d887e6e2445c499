"""The exercises: a module `e02_hidden_bias` here is the exercise "02_hidden_bias".

It assigns TITLE and TASKS; IMPORTS where answers use more than NumPy; SENTENCES where its functions
say something themselves; OPTIONS where there are variants of it.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from coursecheck.form import Task
from coursecheck.judge import Judge
from coursecheck.edits import Source
from coursecheck.texts import right_text
from coursecheck.variants import Option, chosen, varied

NAMES = tuple(sorted(module.name[1:] for module in pkgutil.iter_modules(__path__)))


@dataclass(frozen=True, eq=False)
class Exercise:
    """One exercise: its tasks in the notebook's order, and a judge for each."""

    name: str
    title: str
    tasks: tuple[Task, ...]
    imports: str = ""
    sentences: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    variant: str = ""

    def task(self, key: str) -> Task | None:
        return next((task for task in self.tasks if task.key == key), None)

    def text(self, key: str) -> str:
        """One right answer to a task, as the solution notebook writes it."""
        return self.judge(key).source.text

    @cache  # noqa: B019  (exercises are made once, and stay)
    def judge(self, key: str) -> Judge:
        """The judge of a task, with the draws that it is judged on."""
        task = next(task for task in self.tasks if task.key == key)
        before = [self.imports, *map(self.text, task.after)]
        return Judge(Source(task, right_text(self.name, key), "\n".join(before)))


@cache
def load(name: str, variant: str = "") -> Exercise:
    """The exercise `name`, one of NAMES, or a variant of it. Raises NoVariant."""
    module = import_module(f"{__name__}.e{name}")
    imports, sentences = getattr(module, "IMPORTS", ""), getattr(module, "SENTENCES", ())
    options = getattr(module, "OPTIONS", ())
    tasks = tuple(varied(task, chosen(options, variant)) for task in module.TASKS)
    return Exercise(name, module.TITLE, tasks, imports, sentences, options, variant)
