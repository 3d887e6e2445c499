"""`ledger.printed`: what it reads, and what it says to what it cannot."""

from __future__ import annotations

import numpy as np
import pytest

from ledger.printed import Drawn, Misprint, Unknown, agree, equations, run, skipped, symbols

A = np.arange(6.0).reshape(2, 3)
B = np.array([[1.0, -2.0, 0.5], [2.0, 4.0, 1.0], [0.0, 3.0, -1.0]])
X = np.array([[1.0], [2.0], [-1.0]])
GIVEN = {"A": A, "B": B, "x": X, "n": 3, "k": 2, "f": lambda x: x**2, "φ": np.tanh}

READ = {
    r"\mathbf{C} = \mathbf{A}\mathbf{B}": {"C": A @ B},
    r"y = \mathbf{x}^\top\mathbf{B}\,\mathbf{x}": {"y": (X.T @ B @ X).item()},
    r"y = \tfrac12 n^k - 3 \cdot k": {"y": -1.5},
    r"y = \frac1n \sum_{i=1}^n x_i": {"y": 2 / 3},
    r"C_{ij} = A_{ji}": {"C": A.T},
    r"c_i = \sum_j A_{ij}": {"c": A.sum(1)},
    r"y = \max\{n, k\} - \min(n, k)": {"y": 1},
    r"\mathbf{y} = \phi(\mathbf{x}) \odot \mathbf{x}": {"y": np.tanh(X) * X},
    r"\mathbf{C} = \mathbf{x}\mathbf{x}^\top + k\,\mathbf{I}": {"C": X @ X.T + 2 * np.eye(3)},
    r"\mathbf{C} = \mathbf{A} \otimes \mathbf{x}^\top": {"C": np.kron(A, X.T)},
    r"\mathbf{C} = \mathbf{B}^{-1}": {"C": np.linalg.inv(B)},
    r"y = \langle \mathbf{A}, \mathbf{A} \rangle": {"y": 55},
    r"y = \|\mathbf{A}\|_F^2": {"y": 55},
    r"y = \|\mathbf{A}\|": {"y": np.linalg.norm(A, 2)},
    r"\mathbf{g} = \frac{\partial}{\partial \mathbf{x}} \|\mathbf{x}\|_F^2": {"g": 2 * X},
    r"y = \left.\frac{\mathrm{d}}{\mathrm{d}\mu} f(n + \mu)\right|_{\mu = 0}": {"y": 6},
    "n \\leftarrow n + 1": {"n": 4},
    "a = k \\\\ b = a^2": {"a": 2, "b": 4},
    "b = a^2 \\\\ a = k": {"a": 2, "b": 4},
    r"\text{twice}:\ 2n": {"twice": 6},
}  # fmt: skip


@pytest.mark.parametrize("latex", READ)
def test_it_is_computed_as_it_is_printed(latex):
    found = run(latex, GIVEN)
    assert found.keys() == READ[latex].keys()
    for name, value in READ[latex].items():
        assert agree(found[name], value, 1e-7), (name, found[name])


REFUSED = {
    "a = n +": "column 8: expected more, found the end",
    r"a = \frac{n}{k": "column 15: expected }, found the end",
    "a = )": "column 5: expected a name, found )",
    r"a = \alpha": r"column 5: expected a name, found \alpha",
    r"a = (n": "column 7: expected ), found the end",
    r"a = n ] k": "column 7: expected an operator, = or the end of the line, found ]",
    r"\frac{\partial^2 a}{\partial n} = 1": "column 1: expected ∂… over ∂…, or ∂²… over ∂…²",
    "": "expected an equation, found nothing",
    "a = m": "expected a value of a or m, found none",
    "b = m + n": "expected a value of m, found none",
    r"a = \operatorname{foo}(n)": "expected a function of the name foo, found none",
    r"\mathbf{C} = \mathbf{A}\mathbf{A}": "expected fitting factors, found (2, 3) times (2, 3)",
    r"\mathbf{C} = \mathbf{A} + \mathbf{B}": "(1): expected equal shapes, found (2, 3) and (3, 3)",
    r"\mathbf{C} = \mathbf{A} \odot \mathbf{B}": "(1): expected equal shapes",
    "a = A": "(1): expected a number under the letter A, found shape (2, 3)",
    r"a = \mathbf{n}^\top": "(1): expected a column under the letter n, found shape ()",
    r"a = \mathbf{C}": "expected a value of a or C, found none",
    r"c = \mathbf{A}": "(1): expected a number under the letter c, found shape (2, 3)",
    r"a = n^\top": "(1): expected a matrix or a column under ⊤, found a number",
    r"\mathbf{C} = \mathbf{A} / n \\ a = \frac{n}{\mathbf{A}}": "expected an operator",
    r"a = \frac{n}{\mathbf{A}}": "(1): expected a number as a divisor, found shape (2, 3)",
    r"a = n^{\mathbf{A}}": "(1): expected a number as an exponent, found shape (2, 3)",
    r"a = \sum_{i=1}^k x_i": "(1): expected i to run to 3, found 2",
    r"a = \sum_i A_{ii}": "(1): expected one length for the index i, found [2, 3]",
    "n = k": "(1): expected equal sides, found different values",
    "a = n = k": "(1): expected equal sides, found different values",
}


@pytest.mark.parametrize("latex", REFUSED)
def test_what_is_wrong_is_said_with_what_was_expected(latex):
    with pytest.raises(Misprint) as raised:
        run(latex, GIVEN)
    assert REFUSED[latex] in str(raised.value)


def test_a_name_without_a_value_is_a_misprint_of_its_own():
    with pytest.raises(Unknown):
        run("a = m", {})


def test_an_expectation_is_the_mean_of_what_can_be_drawn():
    drawn = Drawn([np.array([[1.0], [0.0]]), np.array([[3.0], [4.0]])])
    assert run(r"a = \mathbb{E}\,\|\mathbf{g}\|^2", {"g": drawn}) == {"a": 13}


def test_what_carries_no_value_is_listed():
    latex = r"a &= \underbrace{n}_{\text{rows}} \text{ bytes} && \text{as before}"
    assert skipped(latex, GIVEN) == [
        r"\text{as before}",
        "under a brace: rows",
        "bytes",
    ]


def test_every_name_is_found_where_it_stands():
    latex = (
        r"\frac{\partial J}{\partial \mathbf{W}_2}"
        r" = \dot{\mathbf{E}}\, \mathbf{h}^\top + \lambda \mathbf{W}_2"
    )
    found = [(name, latex[start:end]) for name, start, end in symbols(latex, {})]
    assert found == [
        ("∂J/∂W_2", r"\frac{\partial J}{\partial \mathbf{W}_2}"),
        ("Ė", r"\dot{\mathbf{E}}"),
        ("h", r"\mathbf{h}"),
        ("λ", r"\lambda"),
        ("W_2", r"\mathbf{W}_2"),
    ]


def test_the_equations_of_a_notebook_are_found_by_their_labels(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(
        r'{"cells": [{"cell_type": "markdown", "source": ["$$\n", "a = b\n", "$$ (eq-a)\n"]},'
        r' {"cell_type": "code", "source": "$$\nc\n$$ (eq-c)"}]}'
    )
    assert equations(path) == {"eq-a": "a = b"}
