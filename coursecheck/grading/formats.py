"""Outcomes for other programs. Keys and states are the same in every language."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from xml.etree import ElementTree

from coursecheck.grading.batch import Outcome, TaskOutcome

COLUMNS = "file exercise task state reasons sentences points max_points".split()


def to_json(found: Sequence[Outcome]) -> str:
    """One object: a version, and a list of files."""
    return json.dumps({"version": 1, "files": [_file(each) for each in found]}, indent=2) + "\n"


def _file(each: Outcome) -> dict:
    return {
        "file": each.file,
        "state": "not_judged" if each.problem else "judged",
        "problem": each.problem or None,
        "exercise": each.exercise or None,
        "complete": each.complete,
        "right": each.right,
        "points": each.points,
        "max_points": each.of,
        "seconds": round(each.seconds, 2),
        "remarks": list(each.remarks),
        "tasks": [_task(task) for task in each.tasks],
    }


def _task(task: TaskOutcome) -> dict:
    return {
        "task": task.task,
        "state": task.state,
        "reasons": list(task.reasons),
        "sentences": list(task.sentences),
        "points": task.points,
        "max_points": task.of,
    }


def to_csv(found: Sequence[Outcome]) -> str:
    """A row for a task, or for a file that was not judged."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each in found:
        for task in each.tasks:
            reasons, sentences = ";".join(task.reasons), " | ".join(task.sentences)
            row = [each.file, each.exercise, task.task, task.state, reasons, sentences]
            writer.writerow([*map(_inert, row), f"{task.points:g}", f"{task.of:g}"])
        if each.problem:
            row = [each.file, each.exercise, "", "not_judged", "", each.problem]
            writer.writerow([*map(_inert, row), "0", ""])
    return text.getvalue()


def _inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell


def to_junit(found: Sequence[Outcome]) -> str:
    """JUnit XML: a suite for a file, a case for a task; what is still to do has failed, too."""
    root = ElementTree.Element("testsuites")
    for each in found:
        failures = len(each.tasks) - each.right
        counts = {"tests": len(each.tasks), "failures": failures, "errors": 0, "skipped": 0}
        if each.problem:
            counts |= {"tests": 1, "errors": 1}
        facts = {name: str(count) for name, count in counts.items()}
        suite = ElementTree.SubElement(
            root, "testsuite", {"name": each.file, "time": f"{each.seconds:.2f}", **facts}
        )
        for task in each.tasks:
            case = ElementTree.SubElement(
                suite, "testcase", {"classname": each.exercise, "name": task.task, "time": "0"}
            )
            if task.state != "right":
                said = {"type": ";".join(task.reasons) or task.state}
                said["message"] = task.sentences[0] if task.sentences else task.state
                failure = ElementTree.SubElement(case, "failure", said)
                failure.text = "\n".join(task.sentences)
        if each.problem:
            facts = {"classname": each.exercise or "coursecheck", "name": "notebook", "time": "0"}
            case = ElementTree.SubElement(suite, "testcase", facts)
            said = {"type": "not_judged", "message": each.problem}
            ElementTree.SubElement(case, "error", said)
        if each.remarks:
            ElementTree.SubElement(suite, "system-out").text = "\n".join(each.remarks)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def to_gradescope(each: Outcome) -> str:
    """Gradescope's results.json, of one submission."""
    if each.problem:
        return json.dumps({"score": 0.0, "output": each.problem, "tests": []}, indent=2) + "\n"
    tests = [
        {
            "name": f"{task.task}: {task.title}",
            "score": task.points,
            "max_score": task.of,
            "status": "passed" if task.state == "right" else "failed",
            "output": "\n".join(task.sentences),
            "output_format": "text",
            "visibility": "visible",
        }
        for task in each.tasks
    ]
    facts = {"execution_time": round(each.seconds), "visibility": "visible"}
    output = "\n".join(each.remarks)
    return json.dumps({**facts, "output": output, "tests": tests}, indent=2) + "\n"
