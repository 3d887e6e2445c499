"""How many points a task is worth, from a small file in TOML or JSON.

    ["02_hidden_bias"]
    graph = 3
    do = 0.5

A task that is not in the file counts one.
"""

from __future__ import annotations

import json
import math
import tomllib
from pathlib import Path

from coursecheck.exercises import NAMES, load
from coursecheck.grading.clean import line
from coursecheck.messages import NOTES, say
from coursecheck.notebook import shown
from coursecheck.result import CourseCheckError


def read_points(path: str) -> dict[str, dict[str, float]]:
    """Exercise -> task -> points. Raises CourseCheckError if the file says nothing of the kind."""

    def refused(error: str) -> CourseCheckError:
        return CourseCheckError(say(NOTES["no_points"], path=shown(path), error=line(error, 160)))

    try:
        text = Path(path).read_text(encoding="utf-8-sig")
        table = json.loads(text) if path.lower().endswith(".json") else tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise refused(getattr(error, "strerror", None) or str(error)) from None
    if not isinstance(table, dict):
        raise refused("exercise -> task -> points")
    for name, tasks in table.items():
        if name not in NAMES:
            raise refused(say(NOTES["unknown_exercise"], name=name, names=", ".join(NAMES)))
        keys = [task.key for task in load(name).tasks]
        if not isinstance(tasks, dict):
            raise refused(f"{name}: task -> points")
        for key, number in tasks.items():
            if key not in keys:
                raise refused(say(NOTES["unknown_task"], name=key, names=", ".join(keys)))
            is_number = isinstance(number, (int, float)) and not isinstance(number, bool)
            if not is_number or not 0 <= number < math.inf:
                raise refused(f"{name}, {key}: {number!r}")
    return {name: {k: float(n) for k, n in tasks.items()} for name, tasks in table.items()}
