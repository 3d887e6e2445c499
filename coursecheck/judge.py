"""From a task and an answer to a result: call, read, compare, diagnose; the first trouble stops."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from types import SimpleNamespace

import numpy as np

from coursecheck.diagnosis import Diagnosis
from coursecheck.messages import NOTES, PIECES, REASONS, listed, say
from coursecheck.result import Finding, Result, merge
from coursecheck.runner import Returned, call, fits
from coursecheck.task import ExerciseTable, Output, Task
from coursecheck.values import close, misshapen, read, tolerance, wrong


class Trouble(Exception):
    """Ends the judging of a task with one finding."""

    def __init__(self, finding: Finding):
        self.finding = finding


class StillBlank(Exception):
    """Ends the judging of a task: nothing has been answered yet."""


def judge(exercise: ExerciseTable, task: Task, answer: object) -> Result:
    """The result of a learner's `answer` to `task`. Never raises, whatever the answer is."""
    try:
        vs = exercise.draws(task)
        raws = [_row(task, answer, v) for v in vs]
        rows = [_values(task, raw, v) for raw, v in zip(raws, vs, strict=True)]
        result = _compare(exercise, task, vs, rows)
        if result and task.inspect is not None and (found := task.inspect(raws[0], vs[0])):
            raise Trouble(found)
        return result
    except StillBlank:
        return Result(task.key, "todo", remarks=(say(NOTES["todo"], task=task.key),))
    except Trouble as trouble:
        return Result(task.key, "not_yet", (trouble.finding,))


def _trouble(task: Task, reason: str, **fields: object) -> Trouble:
    return Trouble(Finding(reason, REASONS[reason], {"task": task.key, **fields}))


def _row(task: Task, answer: object, v: SimpleNamespace) -> list[object]:
    """What the answer gives on the draw `v`: one entry per output, `...` where it is blank."""
    if answer is ...:
        raise StillBlank
    raw = answer if task.args is None else _called(task, answer, v)
    row = _split(task, raw)
    if all(entry is ... for entry in row):
        raise StillBlank
    return row


def _values(task: Task, row: list[object], v: SimpleNamespace) -> list[object]:
    """What came back as values to compare: itself, unless the task has to read it."""
    values = row if task.read is None else task.read(row, v)
    if isinstance(values, Finding):
        raise Trouble(values)
    return values


def _called(task: Task, answer: object, v: SimpleNamespace) -> object:
    if not callable(answer):
        raise _trouble(task, "not_a_function")
    if not fits(answer, task.args or ()):
        raise _trouble(task, "signature", args=", ".join(task.args or ()))
    came = call(task.key, answer, task.arguments(v))
    if isinstance(came, Finding):
        raise Trouble(came)
    if not isinstance(came, Returned):
        raise StillBlank
    return came.value


def _split(task: Task, raw: object) -> list[object]:
    """What came back as a list, one entry per output."""
    if len(task.outputs) == 1 or raw is ...:
        return [raw] * len(task.outputs)
    keys = [output.key for output in task.outputs]
    got: object = say(PIECES["one"], kind=type(raw).__name__)
    if isinstance(raw, tuple | list) or (isinstance(raw, np.ndarray) and raw.ndim == 1):
        if len(raw) == len(keys):
            return list(raw)
        got = len(raw)
    expected = say(PIECES["several"], count=len(keys))
    raise _trouble(task, "count", expected=expected, outputs=", ".join(keys), got=got)


def _compare(
    exercise: ExerciseTable, task: Task, vs: Sequence[SimpleNamespace], rows: list[list[object]]
) -> Result:
    """Judge every output on all draws; what is blank is neither right nor wrong."""
    findings: list[Finding] = []
    right: list[str] = []
    blank: list[str] = []
    for output, column in zip(task.outputs, zip(*rows, strict=True), strict=True):
        if any(raw is ... for raw in column):
            blank.append(output.key)
        elif found := _output(exercise, task, output, vs, column):
            findings += found
            if task.chained:
                break
        else:
            right.append(output.key)
    if findings and not blank and all(map(_shuffled, repeat(task), vs, rows)):
        keys = ", ".join(output.key for output in task.outputs)
        raise _trouble(task, "order", outputs=keys)
    remarks = []
    if right and (findings or blank):
        remarks.append(say(NOTES["right_some"], outputs=listed(right)))
    if blank:
        remarks.append(say(NOTES["todo_some"], outputs=listed(blank)))
    state = "not_yet" if findings else "todo" if blank else "right"
    return Result(task.key, state, tuple(merge(findings, "name")), tuple(remarks))


def _output(
    exercise: ExerciseTable,
    task: Task,
    output: Output,
    vs: Sequence[SimpleNamespace],
    column: Sequence[object],
) -> list[Finding]:
    """What is wrong with one output; nothing if it is right on every draw."""
    arrays: list[np.ndarray] = []
    for raw, v in zip(column, vs, strict=True):
        array = read(output, raw, v)
        if isinstance(array, Finding):
            return [array]
        arrays.append(array)
    tol = max(map(tolerance, arrays))
    rights = [output.right(v) for v in vs]
    good = [close(a, r, tol) for a, r in zip(arrays, rights, strict=True)]
    if all(good):
        return []
    if len(vs) > 1 and _same(arrays) and not _same(rights):
        return [wrong("ignores_arguments", output, task=task.key)]
    if len(vs) > 1 and all(good[:-1]):
        return [wrong("fixed_number", output, task=task.key)]
    # The last draw differs in what the others share; factors are constant on the others only.
    shared = slice(None, -1) if len(vs) > 1 else slice(None)
    diagnosis = Diagnosis(output, vs[shared], exercise.reasons)
    if found := diagnosis.exact(arrays[shared], tol):
        return found
    for array, v in zip(arrays, vs, strict=True):
        if finding := misshapen(output, array, v):
            return [finding]
    return (
        diagnosis.imprecise(arrays[shared])
        or diagnosis.fitted(arrays[shared], tol)
        or diagnosis.unexplained()
    )


def _same(arrays: Sequence[np.ndarray]) -> bool:
    return all(close(a, arrays[0], 1e-12) for a in arrays[1:])


def _shuffled(task: Task, v: SimpleNamespace, row: list[object]) -> bool:
    """Whether the right values came back, in another order.

    Counts are left out: among small whole numbers a wrong answer is easily a permutation.
    """
    if len(task.outputs) == 1 or any(output.kind != "real" for output in task.outputs):
        return False
    left = [read(output, raw, v) for output, raw in zip(task.outputs, row, strict=True)]
    for right in (output.right(v) for output in task.outputs):
        matches = [
            i
            for i, a in enumerate(left)
            if isinstance(a, np.ndarray) and close(a, right, tolerance(a))
        ]
        if not matches:
            return False
        del left[matches[0]]
    return True
