"""Exercise pages as they are built: their cells, hints, borrowed outputs and files."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from book import ROOT
from book.ext import exercise_workbook
from coursecheck.exercises import NAMES, load

CONF = """
extensions = ["myst_nb", "book.ext.exercise_workbook"]
exclude_patterns = ["out"]
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath"]
html_sourcelink_suffix = ""
"""
FILES = {"pyodide.mjs": b"export {}", "python_stdlib.zip": b"zip"}


@pytest.fixture(scope="module")
def runtime(tmp_path_factory) -> Path:
    """A runtime of a few bytes, as book/workbook/runtime.py would leave it."""
    folder = tmp_path_factory.mktemp("runtime")
    lock = json.dumps({"info": {}, "packages": {"numpy": {}}}).encode()
    files = FILES | {"pyodide-lock.json": lock}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "runtime.json").write_text(json.dumps({"files": dict.fromkeys(files, "")}))
    return folder


def built(folder: Path) -> Path:
    """Build the exercises and a page with the board; the folder of the site."""
    (folder / "conf.py").write_text(CONF)
    listed = "\n".join(f"exercises/{name}" for name in NAMES)
    text = f"# Board\n\n```{{exercise-board}}\n```\n\n```{{toctree}}\n{listed}\n```\n"
    (folder / "index.md").write_text(text)
    for notebooks in ("exercises", "solutions"):
        shutil.copytree(ROOT / notebooks, folder / notebooks)
    with patch_docutils(), docutils_namespace():
        folders = (folder, folder, folder / "out", folder / "out" / ".doctrees")
        Sphinx(*folders, "html", status=None, warning=io.StringIO()).build()
    return folder / "out"


@pytest.fixture(scope="module")
def site(tmp_path_factory, runtime: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exercise_workbook, "RUNTIME", runtime)
        return built(tmp_path_factory.mktemp("with"))


@pytest.fixture(scope="module")
def bare_site(tmp_path_factory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exercise_workbook, "RUNTIME", Path("nowhere"))
        return built(tmp_path_factory.mktemp("without"))


def page(site: Path, name: str) -> BeautifulSoup:
    return BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def data_of(soup: BeautifulSoup) -> dict:
    return json.loads(soup.find(id="workbook-data").string)


@pytest.mark.parametrize("name", NAMES)
def test_every_code_cell_is_a_workbook_cell_or_help_or_runs_elsewhere(site: Path, name: str):
    soup = page(site, f"exercises/{name}")
    notebook = nbformat.read(ROOT / "exercises" / f"{name}.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    data = data_of(soup)
    runs = {cell["id"]: cell["source"] for cell in data["cells"]}
    assert runs == {c.id: c.source for c in code if c.id in runs}
    assert [box["data-cell"] for box in soup.select(".workbook-cell")] == list(runs)
    away = [box["data-cell"] for box in soup.select(".workbook-elsewhere")]
    helps = [cell.id for cell in code if cell.source.startswith("# ex.hint")]
    assert len(soup.select(".workbook-help")) == len(helps)
    assert sorted([*runs, *away, *helps]) == sorted(cell.id for cell in code)
    assert sorted(data["elsewhere"]) == sorted([*away, *helps])
    # every task can be done here
    assert data["tasks"] == [task.key for task in load(name).tasks]
    assert all(any(f'ex.check("{t}"' in text for text in runs.values()) for t in data["tasks"])


@pytest.mark.parametrize("name", NAMES)
def test_hints_and_solutions_stand_behind_a_click(site: Path, name: str):
    soup = page(site, f"exercises/{name}")
    tasks = load(name).tasks
    assert len(soup.select("details.workbook-hint:not([open])")) == sum(len(t.hints) for t in tasks)
    hints = Counter(hint["data-task"] for hint in soup.select("details.workbook-hint"))
    assert hints == {task.key: len(task.hints) for task in tasks}
    solutions = soup.select("details.workbook-solution:not([open]) pre")
    texts = [load(name).text(task.key).strip() for task in tasks]
    assert [s.get_text().strip() for s in solutions] == texts


def test_cells_that_need_torch_say_so_and_show_what_the_solution_has_stored(site: Path):
    shown = 0
    for name in NAMES:
        solution = nbformat.read(ROOT / "solutions" / f"{name}.ipynb", as_version=4)
        stored = {cell.id: cell.get("outputs") for cell in solution.cells}
        for box in page(site, f"exercises/{name}").select(".workbook-elsewhere"):
            (why,) = box.select(".workbook-why")
            needs = {text for text in exercise_workbook.ABSENT.values() if text in why.text}
            assert len(needs) == 1
            has_outputs = bool(stored[box["data-cell"]])
            assert bool(box.select(".cell_output")) is has_outputs
            assert (exercise_workbook.STORED in why.text) is has_outputs
            shown += has_outputs
    assert shown > 0


def test_the_board_has_every_exercise_and_its_tasks(site: Path):
    rows = page(site, "index").select(".workbook-board [data-exercise]")
    assert {row["data-exercise"]: row["data-tasks"].split() for row in rows} == {
        name: [task.key for task in load(name).tasks] for name in NAMES
    }
    assert all((site / row.a["href"]).exists() for row in rows)


def test_the_files_that_a_page_names_are_there_and_the_lock_holds_our_wheel(site: Path):
    soup = page(site, f"exercises/{NAMES[0]}")
    data = data_of(soup)
    folder = (site / "exercises" / data["base"]).resolve()
    assert {path.name for path in folder.iterdir()} == {*data["sizes"], "worker.mjs"}
    assert all((folder / name).stat().st_size == size for name, size in data["sizes"].items())
    assert (site / "exercises" / data["notebook"]).exists()
    assert (site / "offline.js").exists()
    lock = json.loads((folder / "pyodide-lock.json").read_text())["packages"]
    entry = lock[exercise_workbook.WHEEL]
    assert hashlib.sha256((folder / entry["file_name"]).read_bytes()).hexdigest() == entry["sha256"]
    scripts = [tag["src"] for tag in soup.select("script[type=module]")]
    assert [src.split("/")[-1].split("?")[0] for src in scripts] == ["workbook.mjs"]


def test_the_wheel_is_whole_and_always_the_same():
    name, content = exercise_workbook.wheel()
    assert (name, content) == exercise_workbook.wheel()
    archive = zipfile.ZipFile(io.BytesIO(content))
    record = next(n for n in archive.namelist() if n.endswith("/RECORD"))
    listed = {line.split(",")[0] for line in archive.read(record).decode().splitlines()}
    assert listed == set(archive.namelist())
    modules = {n for n in listed if n.endswith(".py")}
    expected = {"compgraph/show/draw.py", "coursecheck/judge.py", "ledger/agreement.py"}
    expected |= {"graphviz/__init__.py", "pygraphviz.py", "book/workbook/python/session.py"}
    assert expected <= modules
    assert not any("import torch" in archive.read(n).decode() for n in modules)


def test_without_the_runtime_the_page_says_where_else_to_work(bare_site: Path):
    soup = page(bare_site, f"exercises/{NAMES[0]}")
    assert "Exercises do not run in this copy of the book" in soup.select_one(".workbook-bar").text
    assert "make lab" in soup.select_one(".workbook-bar").text
    assert not soup.select("script[type=module]")
    assert soup.select("details.workbook-hint")
    assert not list(bare_site.glob("workbook-*/*.mjs"))


@pytest.mark.parametrize(
    "source", ["x = 1", "", '# ex.hint("dO", 1)\nx = 1', "# a remark", '# ex.check("dO", dO)']
)
def test_only_lines_of_hints_become_help(source: str):
    assert exercise_workbook.help_markup("02_hidden_bias", source) is None
