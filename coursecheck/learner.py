"""The object a notebook talks to: check, hint, solution, board."""

from __future__ import annotations

import os
from dataclasses import replace

from coursecheck.exercises import NAMES, load
from coursecheck.exercises import Exercise as Table
from coursecheck.form import Task
from coursecheck.messages import ENGLISH, NOTES, PIECES, headed, languages, say, speak
from coursecheck.result import Board, CheckFailed, CourseCheckError, Note, Result
from coursecheck.sealed import Withheld
from coursecheck.variants import NoVariant

STRICT = "COURSECHECK_STRICT"


class Exercise:
    """The tasks of one exercise, and how far the learner has come.

    Nothing here raises. In strict mode (environment variable COURSECHECK_STRICT=1), which is for
    tests of the notebooks, a check that does not come out right raises CheckFailed.
    """

    def __init__(self, name: str, table: Table):
        self.name, self.table = name, table
        self._results = {task.key: Result(task.key, "todo", exercise=name) for task in table.tasks}

    def check(self, task: str, answer: object) -> Result:
        """Judge `answer`, a function or a value as the task asks, and say what is wrong.

        The result is true if the answer is right.
        """
        found = self._find(task)
        if isinstance(found, Note):
            result = Result(str(task), "not_yet", remarks=(found.text,))
        else:
            result = replace(self.table.judge(task)(answer), exercise=self.name)
            self._results[task] = result
        if os.environ.get(STRICT) == "1" and not result:
            raise CheckFailed(repr(result))
        return result

    def hint(self, task: str, level: int = 1) -> Note:
        """Hint number `level`: the first asks a question, the last is nearly there."""
        found = self._find(task)
        if isinstance(found, Note):
            return found
        count = len(found.hints)
        if level not in range(1, count + 1):
            return Note("", say(NOTES["unknown_hint"], task=task, count=count))
        heading = say(NOTES["hint"], level=level, count=count)
        return Note(headed(task, heading), say(found.hints[level - 1]))

    def solution(self, task: str) -> Note:
        """One way to write the answer."""
        found = self._find(task)
        if isinstance(found, Note):
            return found
        try:
            text = self.table.text(task).strip("\n")
        except Withheld:
            return Note("", say(NOTES["withheld"], task=task))
        return Note(headed(task, say(NOTES["solution"])), text, code=True)

    def board(self) -> Board:
        """Every task with its state."""
        titles = tuple(task.title for task in self.table.tasks)
        return Board(say(self.table.title), tuple(self._results.values()), titles, self.name)

    def _find(self, task: str) -> Task | Note:
        keys = ", ".join(t.key for t in self.table.tasks)
        return self.table.task(task) or Note("", say(NOTES["unknown_task"], name=task, names=keys))


def exercise(name: str, language: str = ENGLISH, variant: str = "") -> Exercise:
    """The exercise called `name`, such as "02_hidden_bias", or a variant of it, such as "sigmoid".

    The checker speaks `language` from then on. Raises CourseCheckError if one of them is unknown.
    """
    if language not in languages():
        known = ", ".join(languages())
        raise CourseCheckError(say(NOTES["unknown_language"], language=language, languages=known))
    speak(language)
    if name not in NAMES:
        raise CourseCheckError(say(NOTES["unknown_exercise"], name=name, names=", ".join(NAMES)))
    try:
        return Exercise(name, load(name, variant))
    except NoVariant:
        known = ", ".join(load(name).variants) or say(PIECES["none"])
        fields = {"name": name, "variant": variant, "variants": known}
        raise CourseCheckError(say(NOTES["unknown_variant"], **fields)) from None
