"""Exercises come from solutions: blanks, tags, titles, and messages that name what is stale."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from book.exercises import SyncError, blanked, exercise_of, texts
from tools.sync_exercises import main, stale

ROOT = Path(__file__).resolve().parents[2]
PYTHON = {"name": "python", "version": "3.11.7"}
EXERCISES = sorted(path.name for path in (ROOT / "solutions").glob("*.ipynb"))


@pytest.mark.parametrize(
    ("solution", "exercise"),
    [
        ("z = W1 @ x + b1  # SOLUTION", "z = ..."),
        ("    z = W1 @ x + b1  # (h, 1)  # SOLUTION", "    z = ...  # (h, 1)"),
        ("a = b = 1  # SOLUTION", "a = b = ..."),
        ("z = (W1 @ x) + b1  # SOLUTION", "z = ..."),
        ("Σ[0] = (1)  # SOLUTION", "Σ[0] = ..."),
        ("dW1, db1 = f(x)  # SOLUTION", "dW1, db1 = ..."),
        ("largest['∂J/∂z'] = '=' * 2  # SOLUTION", "largest['∂J/∂z'] = ..."),
        ("    return z, h  # SOLUTION", "    return ..."),
        ("print('# not a remark')  # SOLUTION", "..."),
        ("x = '# SOLUTION'\ny = 1  # SOLUTION", None),
        ("def f():\n    ### BEGIN SOLUTION\n    a = 1\n\n    b = 2\n    ### END SOLUTION\n"
         "    return b", "def f():\n    ...\n    return b"),
        ("### BEGIN SOLUTION\na = 1\n### END SOLUTION", "..."),
        ("a = 1  # a solution, but not marked", "a = 1  # a solution, but not marked"),
        ("", ""),
    ],
)  # fmt: skip
def test_blanks(solution, exercise):
    if exercise is None:
        with pytest.raises(SyncError):
            blanked(solution)
    else:
        assert blanked(solution) == exercise


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("### BEGIN SOLUTION\na = 1", "BEGIN SOLUTION without ### END"),
        ("a = 1\n### END SOLUTION", "line 2: ### END SOLUTION without"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION", "line 2: .* inside"),
        ("## BEGIN SOLUTION\na = 1\n## END SOLUTION", "a marker is neither"),
        ("a = (1 +  # SOLUTION", "line 1: # SOLUTION marks one whole statement"),
        ("def f():  # SOLUTION\n    pass", "line 1: # SOLUTION marks"),
        ("a = 1; b = 2  # SOLUTION", "line 1: # SOLUTION marks one whole statement"),
        ("import os  # SOLUTION", "line 1: # SOLUTION marks an assignment"),
        ("a += 1  # SOLUTION", "line 1: # SOLUTION marks an assignment"),
    ],
)
def test_unbalanced_and_misplaced_markers(source, message):
    with pytest.raises(SyncError, match=message):
        blanked(source)


def notebook(*cells):
    made = []
    for kind, identifier, source, tags in cells:
        new = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
        made.append(new(source, id=identifier, metadata={"tags": tags} if tags else {}))
        if kind == "code":
            made[-1].execution_count = 3
            made[-1].outputs = [nbformat.v4.new_output("stream", text="42\n")]
    return nbformat.v4.new_notebook(cells=made, metadata={"language_info": PYTHON})


SOLUTION = notebook(
    ("markdown", "title", "# Solution 7: A title\n\nText on Solution 7.", None),
    ("markdown", "why", "Because.", ["solution-only"]),
    ("markdown", "how", "Fill in.", ["exercise-only", "remove-cell"]),
    ("code", "answer", "a = 42  # SOLUTION\nprint(a)", ["wide"]),
)


def test_cells_tags_title_and_outputs():
    made = exercise_of(SOLUTION, "here")
    assert [cell.id for cell in made.cells] == ["title", "how", "answer"]
    assert made.cells[0].source == "# Exercise 7: A title\n\nText on Solution 7."
    assert made.cells[1].metadata == {}
    answer = made.cells[2]
    assert answer.source == "a = ...\nprint(a)"
    assert answer.metadata == {"tags": ["wide"]}
    assert (answer.outputs, answer.execution_count) == ([], None)
    assert "version" not in made.metadata["language_info"]
    nbformat.validate(made)


def test_a_solution_needs_its_title():
    with pytest.raises(SyncError, match="solutions/x.ipynb: no cell begins with the title"):
        exercise_of(notebook(("markdown", "title", "# Something", None)), "solutions/x.ipynb")


@pytest.fixture
def book(tmp_path):
    (tmp_path / "solutions").mkdir()
    nbformat.write(SOLUTION, tmp_path / "solutions" / "07_title.ipynb")
    return tmp_path


def test_writing_then_checking_and_what_makes_it_stale(book, capsys):
    assert main(["--check"], book) == 1
    assert "exercises/07_title.ipynb is missing" in capsys.readouterr().err
    assert main([], book) == 0
    assert main(["--check"], book) == 0
    exercise = book / "exercises" / "07_title.ipynb"
    before = exercise.read_bytes()
    assert main([], book) == 0
    assert exercise.read_bytes() == before, "the same every time"

    exercise.write_text(exercise.read_text("utf-8").replace("Fill in", "Fill"), "utf-8")
    capsys.readouterr()
    assert main(["--check"], book) == 1
    err = capsys.readouterr().err
    assert "exercises/07_title.ipynb is not what its solution makes" in err
    assert "exercises/07_title.ipynb holds work that no solution makes" in err
    exercise.unlink()
    assert main([], book) == 0

    nbformat.write(SOLUTION, book / "exercises" / "08_orphan.ipynb")
    assert main(["--check"], book) == 1
    assert "exercises/08_orphan.ipynb has no solution" in capsys.readouterr().err


def test_the_message_names_notebook_and_cell(book, capsys):
    broken = notebook(
        ("markdown", "title", "# Solution 8", None),
        ("code", "half-open", "### BEGIN SOLUTION\na = 1", None),
    )
    nbformat.write(broken, book / "solutions" / "08_broken.ipynb")
    assert main([], book) == 1
    err = capsys.readouterr().err
    assert err.startswith("solutions/08_broken.ipynb, cell half-open: ### BEGIN SOLUTION without")
    (book / "solutions" / "08_broken.ipynb").write_text("no json", "utf-8")
    assert main(["--check"], book) == 1
    assert "solutions/08_broken.ipynb: not a notebook" in capsys.readouterr().err


def test_the_books_own_exercises_are_up_to_date():
    assert stale(texts(ROOT / "solutions"), ROOT / "exercises") == []
    assert EXERCISES


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_runs_to_its_end_and_every_task_is_to_do(name):
    made = nbformat.read(ROOT / "exercises" / name, as_version=4)
    path = {"metadata": {"path": str(ROOT / "exercises")}}
    client = NotebookClient(made, kernel_name="python3", timeout=120, resources=path)
    client.execute(env=os.environ | {"PYTHONPATH": str(ROOT)})
    shown = [
        output["data"]["text/plain"]
        for cell in made.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "text/plain" in output.get("data", {})
    ]
    asked = [cell.source for cell in made.cells if "\nex.check(" in f"\n{cell.source}"]
    results = [text for text in shown if ": to do" in text]
    assert len(results) == len(asked) > 0
    assert not any("✓" in text or "✗" in text for text in shown)
