"""Many files: some at a time, one result each, in the order of the files."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from coursecheck.exercises import load
from coursecheck.grading.clean import line
from coursecheck.grading.links import Limits
from coursecheck.grading.parent import report
from coursecheck.messages import NOTES, say
from coursecheck.notebook import Report, read, shown
from coursecheck.result import CourseCheckError, Result

#: files that are worth one more process
FILES_A_PROCESS = 4

#: exercise -> task -> points; a task that is not there counts one
Points = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class TaskOutcome:
    """What came of one task, in plain words and numbers."""

    task: str
    title: str
    state: str  # right, not_yet, todo
    reasons: tuple[str, ...]
    sentences: tuple[str, ...]
    points: float
    of: float


@dataclass(frozen=True)
class Outcome:
    """What came of one file. `problem` says why it was not judged; the rest is empty then."""

    file: str
    problem: str = ""
    exercise: str = ""
    title: str = ""
    remarks: tuple[str, ...] = ()
    tasks: tuple[TaskOutcome, ...] = ()
    complete: bool = False
    text: str = ""
    seconds: float = 0.0

    @property
    def code(self) -> int:
        """0: all right, 1: something is not, 2: not judged."""
        return 2 if self.problem else 0 if self.complete else 1

    @property
    def right(self) -> int:
        return sum(task.state == "right" for task in self.tasks)

    @property
    def points(self) -> float:
        return sum(task.points for task in self.tasks)

    @property
    def of(self) -> float:
        return sum(task.of for task in self.tasks)


def outcome(path: str, limits: Limits, points: Points, seed: str | None = None) -> Outcome:
    """What comes of one file. Raises nothing: what goes wrong here is told of the file."""
    began = time.monotonic()
    try:
        found = report(path, limits, seed)
    except CourseCheckError as error:
        return _unjudged(path, str(error), points)
    except Exception as error:
        kind = f"{type(error).__name__}: {line(str(error), 80)}"
        return _unjudged(path, say(NOTES["failed"], path=shown(path), error=kind), points)
    return Outcome(
        shown(path),
        exercise=found.board.exercise,
        title=found.board.title,
        remarks=found.remarks,
        tasks=_tasks(found, points),
        complete=found.complete,
        text=str(found),
        seconds=time.monotonic() - began,
    )


def _tasks(found: Report, points: Points) -> tuple[TaskOutcome, ...]:
    worth = points.get(found.board.exercise, {})

    def of(result: Result, title: str) -> TaskOutcome:
        full = worth.get(result.task, 1.0)
        lines = tuple(map(line, result.lines))
        got = full if result else 0.0
        return TaskOutcome(result.task, title, result.state, result.reasons, lines, got, full)

    board = found.board
    return tuple(of(r, say(t)) for r, t in zip(board.results, board.titles, strict=True))


def _unjudged(path: str, problem: str, points: Points) -> Outcome:
    """Of a file that was not judged; with its exercise, if it can be told."""
    with contextlib.suppress(Exception):
        name = read(path).exercise
        return Outcome(shown(path), problem, name, say(load(name).title))
    return Outcome(shown(path), problem)


def outcomes(
    paths: Sequence[str],
    limits: Limits,
    points: Points,
    jobs: int,
    done: Callable[[], None] = lambda: None,
    seed: str | None = None,
) -> Generator[Outcome, None, None]:
    """The outcomes in the order of the files; `done` is called when one more is there."""
    jobs = min(jobs, -(-len(paths) // FILES_A_PROCESS))
    if jobs <= 1:
        for path in paths:
            found = outcome(path, limits, points, seed)
            done()
            yield found
        return

    def counted(future: Future[Outcome]) -> None:
        if not future.cancelled() and future.exception() is None:
            done()

    rest = list(paths)
    while rest:
        with _pool(jobs) as pool:
            waiting: list[Future[Outcome]] = []
            for path in rest:
                waiting.append(pool.submit(outcome, path, limits, points, seed))
                waiting[-1].add_done_callback(counted)
            try:
                for future in waiting:
                    yield future.result()
                    rest.pop(0)
            except BrokenProcessPool:  # a judge was ended from outside, most likely by this file
                problem = say(NOTES["failed"], path=shown(rest[0]), error=type(pool).__name__)
                yield _unjudged(rest.pop(0), problem, points)
                done()


@contextlib.contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that judge, fresh ones: nothing that is running here is copied."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin)
    try:
        yield pool
        pool.shutdown()
    finally:  # at once, if something went wrong
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()


def _begin() -> None:
    """In a judging process: Ctrl+C is for the one that started it, and it ends with that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    starter = multiprocessing.parent_process()

    def follow() -> None:
        if starter is not None:
            starter.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
