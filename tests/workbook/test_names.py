"""Which cells need which, from names alone."""

from __future__ import annotations

import pytest

from book.workbook.python.names import before, unable

CELLS = [
    ("setup", "import numpy as np\nfrom coursecheck import exercise\nex = exercise('x')"),
    ("f", "def f(x):\n    return np.sum(x)\nex.check('f', f)"),
    ("g", "def g(x):\n    inner = f(x)\n    return inner\nex.check('g', g)"),
    ("broken", "def ("),
    ("use", "g(1)"),
    ("again", "f = None"),
    ("board", "ex.board()"),
]


@pytest.mark.parametrize(
    ("target", "known", "ran", "expected"),
    [
        ("setup", (), (), []),
        ("f", (), (), ["setup"]),
        ("f", ("np", "ex"), (), []),
        ("g", (), (), ["setup", "f"]),
        ("use", (), (), ["setup", "f", "g"]),
        ("use", ("g",), (), []),
        ("use", (), ("again",), ["setup", "f", "g"]),  # what stands below is never run
        ("broken", (), (), []),
        ("board", (), (), ["setup"]),
        ("board", (), ("g",), ["setup", "f", "g"]),  # the board counts what was checked
        ("f", (), ("setup", "g"), ["setup"]),
    ],
)
def test_the_cells_that_run_before(target, known, ran, expected):
    upto = CELLS[: [cell for cell, _ in CELLS].index(target) + 1]
    assert before(upto, target, known, ran) == expected


def test_a_cell_that_was_stopped_is_not_run_on_the_way_to_another():
    assert before(CELLS, "use", (), never=["f"]) == ["setup", "g"]
    assert before(CELLS, "board", (), ran=["f"], never=["f"]) == ["setup"]


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (["import torch"], {"0": "torch"}),
        (["import torch.nn as nn"], {"0": "torch"}),
        (["from torch import nn", "nn.Linear"], {"0": "torch", "1": "torch"}),
        (["def f():\n    import torch"], {"0": "torch"}),
        (["import torch\nx = 1", "x"], {"0": "torch", "1": "torch"}),
        (["x = 0", "import torch\nx = 1", "x"], {"1": "torch"}),
        (["import torch\nx = 1", "x = 2", "x"], {"0": "torch"}),
        (["import numpy", "torch = 1"], {}),
        (["from parallel import launch", "1 +"], {"0": "parallel"}),
    ],
)
def test_the_cells_that_cannot_run_in_a_page(sources, expected):
    cells = [(str(number), source) for number, source in enumerate(sources)]
    assert dict(unable(cells, ("torch", "parallel"))) == expected
