"""What a type checker, and so an editor, knows of a graph; and what it refuses."""

from __future__ import annotations

import re

from mypy import api

from book import ROOT

START = """
import numpy as np
from compgraph import Node, draw, evaluate, grad, hessian, leaf, sum_
from compgraph.batch import BatchedProgram

x, W1, a = leaf("x", (3, 1)), leaf("W1", (2, 3)), np.ones((3, 1))
"""

RIGHT = """
z: Node = 2 * (W1 @ x) - x.T @ x / 2 + 1 - (-x) ** 2 * x + 1 / x
by_node, by_name = {x: a, W1: a}, {"x": a, "W1": a}
evaluate([z], by_node)
evaluate([z], by_name)
evaluate([z], {x: 1.0})
hessian(sum_(z), [W1], by_node)
hessian(sum_(z), [W1], by_name)
draw([z], feeds=by_node)
draw([z], feeds=by_name)
BatchedProgram([z], [x], by_name)
"""

WRONG = {
    'W1 @ "x"': "operator",
    "W1 @ a": "operator",
    "x.transposed": "attr-defined",
    "evaluate([x], {3: a})": "arg-type",
    "hessian(x, [x], [a])": "arg-type",
}


def complaints(source: str, folder) -> dict[str, str]:
    """The lines of a program that mypy objects to, each with the rule it breaks."""
    path = folder / "program.py"
    program = START + source
    path.write_text(program, encoding="utf-8")
    said, trouble, _ = api.run(["--config-file", str(ROOT / "pyproject.toml"), str(path)])
    assert not trouble
    lines = program.splitlines()
    found = re.findall(r"program\.py:(\d+): error: .*\[([\w-]+)\]", said)
    return {lines[int(number) - 1]: rule for number, rule in found}


def test_graphs_as_people_write_them_check(tmp_path):
    assert complaints(RIGHT, tmp_path) == {}


def test_slips_are_seen(tmp_path):
    assert complaints("\n".join(WRONG), tmp_path) == WRONG
