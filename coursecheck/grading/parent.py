"""One file, judged: its cells run in a child, its answers are judged here."""

from __future__ import annotations

import contextlib
import linecache
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from coursecheck import learner, runner
from coursecheck.exercises import Exercise, load
from coursecheck.form import Task
from coursecheck.grading import protocol
from coursecheck.grading.answers import Gone, answer_of
from coursecheck.grading.clean import clean, line
from coursecheck.grading.links import Ended, Limits, Link, connected, told
from coursecheck.grading.sources import filename_of
from coursecheck.messages import NOTES, REASONS, say, speak
from coursecheck.notebook import Notebook, Report, read
from coursecheck.result import Board, CourseCheckError, Finding, Result
from coursecheck.variants import drawn

# seconds for a child that stops a call, or a cell with its imports, by itself, and says so
GRACE, CELL_GRACE = 1.5, 5.0
STARTS = 4  # children for one file
WIDEST = 200  # letters of a line of theirs that is shown
MOST_BESIDE = 8 * 2**20  # bytes of the files beside a notebook that its cells can read


class Dialogue:
    """The children of one file, one after the other: each leaves out what ended the last."""

    def __init__(self, notebook: Notebook, keys: list[str], folder: str, limits: Limits):
        self.notebook, self.keys, self.folder, self.limits = notebook, keys, folder, limits
        self.remarks: list[str] = []
        self.answers: dict[str, dict] = {}
        self.trouble: Finding | None = None  # why the last call had no answer
        self.stopped = False  # whether a child had to be replaced
        self._skipped: list[int] = []
        self._link: Link | None = None
        self._starts = 0
        self._left_out: list[str] = []
        self._end = time.monotonic() + limits.seconds

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
        self._link = None

    def filename_of(self, cell: int) -> str:
        return filename_of(self.notebook.name, cell)

    # --- the cells ---

    def run(self) -> None:
        """Run the cells in a new child. Raises CourseCheckError if there is no way to."""
        while True:
            if self._starts == STARTS or time.monotonic() > self._end:
                raise CourseCheckError(say(NOTES["given_up"], path=self.notebook.shown))
            self._starts += 1
            self._link, at = connected(), [0]
            try:
                done = self._ran(self._link, at)
                remarks = [line(str(remark)) for remark in done["ran"]]
                self.answers = {str(key): dict(done["answers"][key]) for key in done["answers"]}
                self.remarks = remarks + self._left_out
                return
            except Ended as ended:
                self._leave_out(at[0], ended)
            except (KeyError, TypeError, ValueError, AttributeError):
                self._leave_out(at[0], Ended(told(None)))

    def _ran(self, link: Link, at: list[int]) -> dict:
        """What the child says when it has run the cells; `at` holds the one that it is at."""
        job = {
            "notebook": self.notebook.name,
            "cells": self.notebook.cells,
            "language": self.notebook.language,
            "keys": self.keys,
            "skipped": self._skipped,
            "folder": self.folder,
            "beside": [str(Path(self.notebook.path).resolve().parent)],
            "seconds": self.limits.cell_seconds,
            "limits": self.limits.of_the_process(),
        }
        link.send(job, self._until(self.limits.cell_seconds + CELL_GRACE))
        while True:
            message = link.receive(self._until(self.limits.cell_seconds + CELL_GRACE))
            if "ran" in message:
                return message
            if isinstance(message.get("begins"), int):
                at[0] = message["begins"]

    def _until(self, seconds: float) -> float:
        return min(self._end, time.monotonic() + seconds)

    def _leave_out(self, cell: int, ended: Ended) -> None:
        """The next child will not run the cell in which this one ended."""
        self.close()
        self.stopped = True
        if cell:
            self._skipped.append(cell)
        note = NOTES["cell_hung" if ended.hung else "cell_ended"]
        seconds = self.limits.cell_seconds
        self._left_out.append(say(note, cell=cell, how=ended.how, seconds=seconds))

    # --- the answers ---

    def call(self, task: str, args: tuple, trial: str = "") -> dict:
        """What a call gives, or the trial of a class.

        It is "value", with "changed" and "printed"; or "raised"; or "late".

        Raises Gone, and says in `trouble` why, if there is no answer.
        """
        if self._link is None:
            raise Gone  # in an earlier call of this task
        functions: list[Callable] = []

        def number(function: Callable) -> int:
            functions.append(function)
            return len(functions) - 1

        try:
            writer = protocol.Writer(number)
            seconds = runner.SECONDS
            asked = writer.message(call=task, args=writer.value(args), seconds=seconds, trial=trial)
            end = self._until(seconds + GRACE)
            self._link.send(asked, end)
            while "ask" in (reply := self._link.receive(end)):
                self._link.send(_given(reply, functions), end)
            return _understood(reply)
        except Ended as ended:
            reason, template = "ended", NOTES["ended"]
            if ended.hung:
                reason, template = "endless", REASONS["endless"]
            fields = {"task": task, "how": ended.how, "seconds": runner.SECONDS, "where": ""}
        except (protocol.Unreadable, KeyError, TypeError, ValueError, LookupError, AttributeError):
            reason, template, fields = "ended", NOTES["ended"], {"task": task, "how": told(None)}
        if time.monotonic() > self._end:
            reason, template = "out_of_time", NOTES["out_of_time"]
            fields["seconds"] = self.limits.seconds
        self.close()
        self.stopped, self.trouble = True, Finding(reason, template, fields)
        raise Gone

    def judged(self, exercise: Exercise, task: Task) -> Result:
        """The result of one task, whatever the child does."""
        self.trouble = None
        if self._link is None:
            try:
                self.run()
            except CourseCheckError:
                fields = {"task": task.key, "seconds": self.limits.seconds}
                late = time.monotonic() > self._end
                reason = "out_of_time" if late else "not_tried"
                return Result(task.key, "not_yet", (Finding(reason, NOTES[reason], fields),))
        if task.key not in self.answers:
            return Result(task.key, "todo", remarks=(say(NOTES["absent"], task=task.key),))
        try:
            result = exercise.judge(task.key)(self._answer(task.key))
        except Exception as error:  # what no learner's value should make the judge do
            fields = {"task": task.key, "kind": type(error).__name__}
            finding = Finding("unjudged", NOTES["unjudged"], fields)
            return Result(task.key, "not_yet", (finding,))
        return Result(task.key, "not_yet", (self.trouble,)) if self.trouble else result

    def _answer(self, key: str) -> object:
        described = self.answers[key]
        if "value" in described:
            return protocol.Reader(described).value(described["value"])
        return answer_of(described, lambda *asked: self.call(key, *asked), self.filename_of)


def _given(reply: dict, functions: list[Callable]) -> dict:
    """What one of our functions gives for the child's arguments, as a message."""
    function = functions[reply["ask"]]
    args = protocol.Reader(reply).value(reply["args"])
    writer = protocol.Writer()
    try:
        return writer.message(value=writer.value(function(*args)))
    except Exception as error:
        return {"raised": {"kind": type(error).__name__, "text": str(error)}}


def _understood(reply: dict) -> dict:
    """The child's reply with its values read."""
    if "value" in reply:
        reader = protocol.Reader(reply)
        changed = {int(place): reader.value(after) for place, after in reply["changed"].items()}
        value = reader.value(reply["value"])
        return {"value": value, "changed": changed, "printed": reply["printed"] is True}
    (kind,) = reply.keys() & {"raised", "late"}
    place = reply["raised"]["place"] if kind == "raised" else reply["late"]
    if place is not None:
        cell, at = place
        if not (isinstance(cell, int) and isinstance(at, int) and 0 < at < 2**24):
            raise protocol.Unreadable("a line that is none")
    return reply


# --- a file ---------------------------------------------------------------------------------------


def report(path: str, limits: Limits | None = None, seed: str | None = None) -> Report:
    """Judge the notebook at `path`. Raises CourseCheckError if it is none, or cannot be judged.

    With a seed the variant is the one that the student was given: the folder has the name.
    """
    notebook = read(path)
    speak(notebook.language)
    exercise, given = load(notebook.exercise), notebook.variant
    if seed is not None:
        given = drawn(exercise.variants, seed, Path(path).resolve().parent.name)
    exercise = learner.exercise(notebook.exercise, notebook.language, given).table
    keys = [task.key for task in exercise.tasks]
    _remember_lines(notebook)
    with _folder(notebook) as folder:
        dialogue = Dialogue(notebook, keys, folder, limits or Limits())
        try:
            dialogue.run()
            results = tuple(dialogue.judged(exercise, task) for task in exercise.tasks)
        finally:
            dialogue.close()
    titles = tuple(task.title for task in exercise.tasks)
    board = Board(say(exercise.title), results, titles, notebook.exercise)
    if given != notebook.variant:
        fields = {"asked": line(notebook.variant, 40) or '""', "given": given or '""'}
        dialogue.remarks.insert(0, say(NOTES["other_variant"], **fields))
    return Report(notebook.shown, tuple(dialogue.remarks), board, dialogue.stopped)


def _remember_lines(notebook: Notebook) -> None:
    """The cells' lines, as far as they can be shown, for sentences that name one."""
    for number, source in enumerate(notebook.cells, start=1):
        lines = [f"{clean(row)[:WIDEST]}\n" for row in source.splitlines()]
        name = filename_of(notebook.name, number)
        linecache.cache[name] = (len(source), None, lines, name)


@contextlib.contextmanager
def _folder(notebook: Notebook) -> Iterator[str]:
    """A folder to run in, with copies of the files beside the notebook: theirs stay as they are."""
    folder = tempfile.mkdtemp(prefix="coursecheck-")
    try:
        left = MOST_BESIDE
        with os.scandir(Path(notebook.path).resolve().parent) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    if entry.name.endswith(".ipynb") or not entry.is_file():
                        continue
                    size = entry.stat().st_size
                    if size <= left:
                        left -= size
                        shutil.copyfile(entry.path, os.path.join(folder, entry.name))
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
