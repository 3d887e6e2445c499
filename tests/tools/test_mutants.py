"""Mutants are what their rules say, and no survivor and no stale reason gets past the judge."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.mutants import CONFIG, Config, sample
from tools.mutations import RULES, mutants_of

ROOT = Path(__file__).resolve().parents[2]


# --- making them ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "was", "now"),
    [
        ("sign", "y = a + b", ["y = a - b"]),
        ("sign", "y = a - (b + c)", ["y = a + (b + c)", "y = a - (b - c)"]),
        ("sign", "y -= a", ["y += a"]),
        ("sign", "y = -a * b", ["y = a * b"]),
        ("sign", "y = -(a + b) * c", ["y = (a + b) * c", "y = -(a - b) * c"]),
        ("sign", "y = sub(a, b)", ["y = add(a, b)"]),
        ("sign", "y = scale(a, -1.0)", ["y = scale(a, 1.0)"]),
        ("sign", "y = scale(a, 1 / n)", ["y = scale(a, -(1 / n))"]),
        ("sign", "y = np.subtract", ["y = np.add"]),
        ("sign", "y = a * b", []),
        ("transpose", "y = a.T @ b", ["y = b @ a.T", "y = a @ b"]),
        ("transpose", "y = matmul(transpose(a), b)",
         ["y = matmul(b, transpose(a))", "y = matmul(a, b)"]),
        ("transpose", "y = a.swapaxes(-1, -2)", ["y = a"]),
        ("transpose", "y = np.transpose", ["y = np.positive"]),
        ("transpose", "Node.T = t", []),
        ("factor", "y = 2 * (a + b) * c", ["y = (a + b) * c", "y = 2 * (a + b)",
                                           "y = 4 * (a + b) * c"]),
        ("factor", "y = a - 2 * (b + c)", ["y = a - (b + c)", "y = a - 4 * (b + c)"]),
        ("factor", "y = 0.5", ["y = 1.0"]),
        ("factor", "y = 0", ["y = 1"]),
        ("factor", "y = True", []),
        ("factor", "y = a / n", ["y = a"]),
        ("factor", "y = a // n", ["y = a"]),
        ("factor", "y = a ** b", ["y = a"]),
        ("factor", "y = mul(a, b)", ["y = a"]),
        ("factor", "y = Tensor('H', 'nh', END)", ["y = Tensor('H', 'h', END)"]),
        ("factor", "y = Tensor('J', '', END)", []),
        ("index", "y = a[0]", ["y = a[1]"]),
        ("index", "y = a[2]", ["y = a[1]"]),
        ("index", "y = a[-1]", ["y = a[0]"]),
        ("index", "y = a[i, 1]", ["y = a[i, 0]"]),
        ("index", "y = a[i:-1]", ["y = a[i + 1:-1]", "y = a[i:0]"]),
        ("index", "y = f(a, axis=1)", ["y = f(a, axis=0)"]),
        ("index", "y = a <= b < c", ["y = a < b < c", "y = a <= b <= c"]),
        ("index", "y = max(a, b)", ["y = min(a, b)"]),
        ("index", "a, b, c = node.args", ["(a, c, b) = node.args"]),
        ("index", "f = lambda n, g: (g, mul(g, n))", ["f = lambda n, g: (mul(g, n), g)"]),
        ("index", "a, b = c, d", []),
    ],
)  # fmt: skip
def test_rules(kind, was, now):
    found = [m for m in mutants_of("m.py", was + "\n") if m.kind == kind]
    assert sorted(ast.dump(ast.parse(m.now)) for m in found) == sorted(
        ast.dump(ast.parse(text)) for text in now
    )


@pytest.mark.parametrize(
    "source",
    [
        '"""1 + 2"""',
        "def f(x: a[0]) -> tuple[1]: ...",
        "x: Literal[0]",
        "@cache(2)\ndef f(): ...",
        "raise ValueError(1 + 2)",
        "text = f'{1 + 2}'",
        "y = a.reshape(n, -1)",
        "def drawing(x):\n    return 2 * x",
        "_WIDTH = 640",
    ],
)
def test_what_computes_nothing_is_left_alone(source):
    assert mutants_of("m.py", source, skip=("drawing", "_WIDTH")) == []


def test_a_mutant_says_where_it_is_and_what_it_changes():
    source = "# λ\ndef f(a):\n    return g('é', (\n        a + 1\n    ))\n"
    first, second = mutants_of("pkg/m.py", source)
    assert str(first) == "pkg/m.py:4:9 sign, in f\n    - a + 1\n    + a - 1"
    assert (second.kind, second.line, second.column) == ("factor", 4, 13)
    assert first.source == source.replace("a + 1", "a - 1")
    (third,) = mutants_of("m.py", "y = g('é', 'λ') @ b\n")
    assert (third.within, third.column, third.now) == ("", 5, "y = b @ g('é', 'λ')")
    (fourth,) = mutants_of("m.py", "class A:\n    def f(a):\n        return -a\n")
    assert fourth.within == "A.f"


def test_one_line_in_two_functions_is_two_mutants():
    first, second = mutants_of("m.py", "def f(a):\n    return -a\ndef g(a):\n    return -a\n")
    assert first.key != second.key


def test_every_module_has_mutants_and_every_mutant_is_another_program():
    watches = Config.load(ROOT / CONFIG).watches.values()
    assert len(watches) > 10
    for watch in watches:
        source = (ROOT / watch.path).read_text(encoding="utf-8")
        mutants = mutants_of(watch.path, source, watch.skip)
        assert mutants, watch.path
        assert {m.kind for m in mutants} <= RULES.keys()
        assert len({m.source for m in mutants} | {source}) == len(mutants) + 1
        for mutant in mutants[:: max(1, len(mutants) // 10)]:
            ast.parse(mutant.source)


def test_a_sample_depends_on_the_mutants_alone():
    lines = [f"y{i} = a + b" for i in range(20)]
    mutants = mutants_of("m.py", "\n".join(lines))
    moved = mutants_of("m.py", "\n\n" + "\n".join(reversed(lines)))
    assert len({m.key for m in sample(mutants, 5)}) == 5
    assert [m.key for m in sample(mutants, 5)] == [m.key for m in sample(moved, 5)]
    assert sample(mutants, 5) == sample(mutants, 9)[:5] != mutants[:5]


# --- judging them, in a small project of their own ------------------------------------------------

NEEDS_FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="the judge forks")
FORMULA = "def mean(a, b):\n    return (a + b) / 2\n"
STRICT = "from formula import mean\n\ndef test_mean():\n    assert mean(1, 5) == 3\n"
WEAK = "from formula import mean\n\ndef test_mean():\n    assert mean(4, 0) == 2\n"  # b is lost
CONFIGURATION = 'grace = 1\n[modules."formula.py"]\ntests = ["test_formula.py"]\n'
EQUIVALENT = """
[[equivalent]]
module = "formula.py"
within = "mean"
was = "return (a + b) / 2"
now = [{now}]
why = "b is zero"
"""


def run(
    folder: Path, *arguments: str, formula: str = FORMULA, test: str = STRICT, explained: str = ""
) -> subprocess.CompletedProcess:
    (folder / "formula.py").write_text(formula)
    (folder / "test_formula.py").write_text(test)
    entry = EQUIVALENT.format(now=explained) if explained else ""
    (folder / "mutants.toml").write_text(CONFIGURATION + entry)
    return subprocess.run(
        [sys.executable, "-m", "tools.mutants", "--config", "mutants.toml", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
    )


@NEEDS_FORK
def test_all_killed(tmp_path):
    result = run(tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    # a − b, / 2 dropped, / 4
    assert result.stdout.splitlines()[1].split() == "formula.py 1/1 0/0 2/2 0/0 0 0".split()
    assert (tmp_path / "formula.py").read_text() == FORMULA


@NEEDS_FORK
def test_a_survivor_fails_and_is_shown(tmp_path):
    result = run(tmp_path, test=WEAK)
    assert result.returncode == 1
    shown = [
        "SURVIVED formula.py:2:13 sign, in mean",
        "- return (a + b) / 2",
        "+ return (a - b) / 2",
    ]
    assert [line.strip() for line in result.stdout.splitlines()[:3]] == shown
    assert result.stdout.count("SURVIVED") == 1


@NEEDS_FORK
def test_a_survivor_that_is_explained_is_reported_as_equivalent(tmp_path):
    result = run(tmp_path, test=WEAK, explained='"return (a - b) / 2"')
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.splitlines()[1].split() == "formula.py 0/1 0/0 2/2 0/0 1 0".split()


@NEEDS_FORK
def test_an_explanation_of_nothing_fails(tmp_path):
    result = run(tmp_path, test=WEAK, explained='"return (a - b) / 2", "return (a - b) / 3"')
    assert result.returncode == 1
    assert "STALE formula.py: an explanation fits no mutant\n" in result.stdout
    assert "+ return (a - b) / 3" in result.stdout


@NEEDS_FORK
def test_an_explanation_of_a_mutant_that_is_killed_fails(tmp_path):
    result = run(tmp_path, explained='"return (a - b) / 2"')
    assert result.returncode == 1
    assert "STALE formula.py: an explanation fits a mutant that a test kills" in result.stdout


@NEEDS_FORK
def test_tests_that_fail_by_themselves_prove_nothing(tmp_path):
    result = run(tmp_path, formula=FORMULA.replace("+", "-"))
    assert result.returncode == 1
    assert "formula.py: its tests fail without any mutant; see pytest" in result.stderr


@NEEDS_FORK
def test_an_endless_mutant_is_killed(tmp_path):
    loop = "def mean(a, b):\n    while a != b:\n        a += 1\n    return a\n"
    result = run(tmp_path, formula=loop, test=WEAK.replace("(4, 0) == 2", "(0, 3) == 3"))
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.splitlines()[1].split() == "formula.py 1/1 0/0 1/1 0/0 0 0".split()


@NEEDS_FORK
def test_a_sample_leaves_out_what_is_explained(tmp_path):
    result = run(tmp_path, "--sample", "2", test=WEAK, explained='"return (a - b) / 2"')
    assert result.returncode == 0, result.stdout + result.stderr
    assert "\n2 mutants in" in result.stdout


@NEEDS_FORK
def test_an_unknown_module_is_named(tmp_path):
    result = run(tmp_path, "formulas.py")
    assert result.returncode == 1
    assert "formulas.py is not in mutants.toml" in result.stderr
