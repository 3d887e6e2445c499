"""Draws that fix nothing which the task does not state.

What holds on thousands of draws is stated (or follows from what is). A fact that holds on all
chosen draws and is not stated would let an answer pass that relies on it: the draws are chosen
until no such fact is left.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import numpy as np

from coursecheck.form import Task

SIZE = "2..9"
AT_LEAST, AT_MOST, TRIED, SAMPLES = 8, 14, 100, 300


def _one(spec: str | Callable, rng: np.random.Generator, v: SimpleNamespace) -> Any:
    """One value as `Task.draw` describes it."""
    if callable(spec):
        return spec(rng, v)
    if ".." in spec:
        low, high = spec.split("..")
        if "." in low:
            return float(rng.uniform(float(low), float(high)))
        # "0..N" ends below the size N, "2..9" includes 9
        return int(rng.integers(int(low), int(high) + 1 if high.isdigit() else getattr(v, high)))
    return rng.standard_normal([int(a) if a.isdigit() else getattr(v, a) for a in spec.split()])


def sample(task: Task, rng: np.random.Generator) -> SimpleNamespace:
    """One draw: sizes first, until what the task states is true, then the rest."""
    given = "" if task.way else task.given or ""
    plain = [n for n in f"{task.sizes} {given}".split() if n not in task.draw]
    specs: dict[str, str | Callable] = {**dict.fromkeys(plain, SIZE), **task.draw}
    ranges = {n: s for n, s in specs.items() if isinstance(s, str) and ".." in s}
    while True:
        v = SimpleNamespace()
        for name, span in ranges.items():
            setattr(v, name, _one(span, rng, v))
        if eval(task.where, {}, vars(v)):
            break
    for name, spec in specs.items():
        if name not in ranges:
            setattr(v, name, _one(spec, rng, v))
    return v


def whole(v: SimpleNamespace) -> dict[str, int]:
    """The sizes in a draw."""
    return {name: value for name, value in vars(v).items() if isinstance(value, int)}


def facts(v: SimpleNamespace) -> set[str]:
    """What an answer could rely on in this draw."""
    sizes, found = whole(v), set()
    for name, value in vars(v).items():
        if isinstance(value, (int, float)):
            found.add(f"{name} is {value}")
        elif isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind == "i":
            found.add(f"the largest of {name} is number {value.argmax()}")
            found.add(f"the last of {name} is {'' if value[-1] == value.max() else 'not '}largest")
            found |= {f"{name} are equal"} if len(set(value)) == 1 else set()
    for a, value in sizes.items():
        found.add(f"{a} modulo 2 is {value % 2}")
    for a, b in permutations(sizes, 2):
        x, y = sizes[a], sizes[b]
        found |= {f"{a} <= {b}"} if x <= y else set()
        found |= {f"{a} divides {b}"} if x and y % x == 0 else set()
    return found


def unstated(task: Task, draws: list[SimpleNamespace]) -> set[str]:
    """The facts that hold on all draws though the task does not state them."""
    held = set.intersection(*map(facts, draws))
    rng = np.random.default_rng(1)
    samples = [facts(sample(task, rng)) for _ in range(SAMPLES)]
    return held.difference(set[str].intersection(*samples))


def choose(task: Task) -> list[SimpleNamespace]:
    """The draws a task is judged on, the same on every run; one for a plain value."""
    rng = np.random.default_rng(0)
    draws = [sample(task, rng)]
    if task.args is None and task.way is None:
        return draws
    left = facts(draws[0])
    while len(draws) < AT_LEAST or (len(draws) < AT_MOST and unstated(task, draws)):
        best = min((sample(task, rng) for _ in range(TRIED)), key=lambda v: len(left & facts(v)))
        draws.append(best)
        left &= facts(best)
    return sorted(draws, key=lambda v: sum(whole(v).values()))
