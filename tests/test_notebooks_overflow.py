"""What notebooks compute by hand stays finite for large scores: no exponential overflows."""

import ast
import json

import numpy as np
import pytest
import torch

from book import ROOT

SCORES = np.array([[800.0, 0.0, 1.0], [-800.0, 0.0, 800.0]])
LABELS = np.eye(3)[[1, 0]]


def defined(path, name, **names):
    """The notebook's function `name`, or what a table in it holds under `name`."""
    cells = json.loads((ROOT / path).read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if cell["cell_type"] != "code" or name not in (source := "".join(cell["source"])):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and node.name == name:
                exec(compile(ast.Module([node], []), path, "exec"), names)
                return names[name]
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == name:
                        return eval(compile(ast.Expression(value), path, "eval"), names)
    raise AssertionError(f"{path} has no {name}")


@pytest.fixture(autouse=True)
def overflow_is_an_error():
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        yield


def test_chapter_1():
    path = "chapters/01_gradient_shape.ipynb"
    assert np.allclose(defined(path, "softmax", np=np)(SCORES), [[1, 0, 0], [0, 0, 1]])
    loss = defined(path, "mean_cross_entropy", n=2)
    assert loss(np, SCORES, {"Y": LABELS}) == 1200
    assert loss(torch, torch.tensor(SCORES), {"Y": torch.tensor(LABELS)}) == 1200
    assert loss(np, SCORES + 1e-30j, {"Y": LABELS}).real == 1200, "the complex step is real's own"


@pytest.mark.parametrize("folder", ["exercises", "solutions"])
def test_the_comparison_of_exercise_1(folder):
    loss = defined(f"{folder}/01_gradient_shape.ipynb", "cross_entropy", n=2)
    assert loss(np, np.eye(3), SCORES, LABELS) == 1200


def test_chapter_2():
    path = "chapters/02_hidden_bias.ipynb"
    log_softmax = defined(path, "log_softmax", np=np)
    loss = defined(path, "cross_entropy", np=np, log_softmax=log_softmax)
    with np.errstate(under="ignore"):
        assert loss(SCORES, LABELS) == 1200


@pytest.mark.parametrize("path", ["02_hidden_bias", "04_second_derivatives"])
def test_the_sigmoid_of_chapters_2_and_4(path):
    phi, *_ = defined(f"chapters/{path}.ipynb", "sigmoid", np=np)
    assert phi(np.array([-800.0, 0.0, 800.0])) == pytest.approx([0, 0.5, 1])
    assert phi(np.array([-40.0])) == pytest.approx(np.exp(-40), rel=1e-12)
