"""The house rules: imports run one way, one ROOT, no `sys.path`, one version.

Read from the sources, so that an import in a function counts like one at the top. What is listed
as an exception has its reason beside it, and has to be needed.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from book import ROOT

#: the parts of the house, from the ground up: each may import those of the rows above it, and
#: itself; those of one row do not import each other
ROWS = (
    ("the engine",),  # compgraph's own modules
    ("compgraph.questions",),
    ("compgraph.show",),
    ("compgraph",),  # its front door, which hands out what is inside
    ("coursecheck", "ledger", "measure", "parallel"),
    ("book",),
    ("tools",),
    ("tests",),
)

#: what a part may import besides Python's own library; the others may import what they need
OUTSIDE = {
    "the engine": {"numpy"},
    "compgraph.questions": {"numpy"},
    "compgraph.show": {"numpy", "graphviz", "pygraphviz"},
    "compgraph": set(),
    "coursecheck": {"numpy"},  # no torch: it works in the page, too
    "ledger": {"numpy"},
}

#: those that know their neighbour all the same
SIDEWAYS = {
    ("parallel.by_hand", "measure"): "a worker counts the bytes of its own step",
}

#: modules of one part that import each other all the same
CIRCLES = {
    ("compgraph.graph", "compgraph.ops"): "a node's operators call ops, which makes nodes",
}

#: where `sys.path` is named
SYS_PATH = {
    "book/fetching.py": "starts npm from a folder that pip has filled for it",
    "coursecheck/grading/child.py": "finds the packages, and what lies beside a notebook",
}

#: where the checkout's folder is worked out
ROOTS = {
    "book/__init__.py": "all others import it from there",
    "tools/setup_environment.py": "runs before anything can be imported",
}

PACKAGES = ("compgraph", "coursecheck", "ledger", "measure", "parallel", "book", "tools")


# --- what the sources say -------------------------------------------------------------------------


def _sources() -> dict[str, Path]:
    """Module name -> file, tests left out: they may import all."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


SOURCES = _sources()


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(module: str, path: Path) -> Iterator[tuple[str, int]]:
    """Every module that this one imports, with the line: of ours as far down as it goes."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(above if node.level else ()), *filter(None, [node.module])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield (inner if inner in SOURCES else base), node.lineno


def part_of(module: str) -> str | None:
    """The part of the house that a module belongs to; None if it is not ours."""
    package, _, inner = module.partition(".")
    if package != "compgraph":
        return package if package in (*PACKAGES, "tests") else None
    if not inner:
        return "compgraph"
    folder = f"compgraph.{inner.partition('.')[0]}"
    return folder if folder in ("compgraph.questions", "compgraph.show") else "the engine"


HEIGHT = {part: row for row, parts in enumerate(ROWS) for part in parts}


def objection(module: str, imported: str) -> str | None:
    """Why the one may not import the other; None if it may."""
    if (module, imported) in SIDEWAYS:
        return None
    here, there = part_of(module), part_of(imported)
    assert here is not None
    if there is None:
        allowed, package = OUTSIDE.get(here), imported.partition(".")[0]
        if allowed is None or package in allowed or package in sys.stdlib_module_names:
            return None
        return f"{here} imports {', '.join(sorted(allowed)) or 'nothing'} besides Python's library"
    if here == there or HEIGHT[there] < HEIGHT[here]:
        return None
    if HEIGHT[there] == HEIGHT[here]:
        return f"{here} and {there} stand side by side and do not know each other"
    return f"{there} stands above {here}; imports run down"


def _at(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT).as_posix()}:{line}"


def house() -> str:
    """The rule, as people read it."""
    rows = "\n".join(f"    {', '.join(parts)}" for parts in reversed(ROWS))
    return f"From the roof to the ground, and imports only run down:\n{rows}"


# --- the rules ------------------------------------------------------------------------------------


def test_imports_run_one_way():
    wrong = [
        f"{_at(path, line)} imports {imported}: {why}"
        for module, path in SOURCES.items()
        for imported, line in imports(module, path)
        if (why := objection(module, imported))
    ]
    assert not wrong, "\n".join([*wrong, house()])


@pytest.mark.parametrize(
    ("module", "imported", "why"),
    [
        ("compgraph.ops", "compgraph.questions.mlp", "compgraph.questions stands above the engine"),
        ("compgraph.questions.cost", "compgraph.show.draw", "compgraph.show stands above"),
        ("compgraph.show.draw", "compgraph", "compgraph stands above compgraph.show"),
        ("compgraph.batch", "torch", "the engine imports numpy besides"),
        ("compgraph.questions.mlp", "graphviz", "compgraph.questions imports numpy besides"),
        ("coursecheck.runner", "torch", "coursecheck imports numpy besides"),
        ("coursecheck.judge", "ledger.page", "side by side"),
        ("measure.section", "book", "book stands above measure"),
        ("book.build", "tools.check", "tools stands above book"),
        ("tools.check", "tests.browser", "tests stands above tools"),
    ],
)
def test_the_rule_sees_an_import_that_runs_up(module, imported, why):
    assert why in objection(module, imported)


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("compgraph.questions.mlp", "compgraph.graph"),
        ("compgraph.show.draw", "graphviz"),
        ("compgraph", "compgraph.show.draw"),
        ("coursecheck.runner", "compgraph"),
        ("measure.section", "torch"),
        ("book.ext.calculators", "compgraph.questions.memory"),
        ("tools.check", "book"),
    ],
)
def test_and_lets_pass_what_runs_down(module, imported):
    assert objection(module, imported) is None


def test_imports_are_read_wherever_they_stand(tmp_path):
    path = tmp_path / "questions.py"
    path.write_text(
        "import numpy.typing\n"
        "from ..graph import Node\n"
        "from .. import ops\n"
        "from . import cost, mlp\n"
        "def late():\n"
        "    from book.ext import calculators\n"
    )
    assert [name for name, _ in imports("compgraph.questions.questions", path)] == [
        "numpy.typing", "compgraph.graph", "compgraph.ops", "compgraph.questions.cost",
        "compgraph.questions.mlp", "book.ext.calculators",
    ]  # fmt: skip


def test_neighbours_are_listed_only_while_they_know_each_other():
    known = {(m, imported) for m, path in SOURCES.items() for imported, _ in imports(m, path)}
    assert SIDEWAYS.keys() <= known


def test_no_two_modules_import_each_other():
    """But those of `CIRCLES`; nor do more of them in a round."""
    known = {module: {i for i, _ in imports(module, path)} for module, path in SOURCES.items()}
    for module, imported in CIRCLES:
        assert imported in known[module], f"{module} no longer imports {imported}: take it out"
        known[module].discard(imported)
    done: set[str] = set()

    def follow(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " imports ".join([*trail[trail.index(module) :], module])
        if module not in done:
            for imported in sorted(known[module] & known.keys() - {module}):
                follow(imported, (*trail, module))
            done.add(module)

    for module in known:
        follow(module, ())


def test_the_front_door_names_every_module():
    """In the order in which they are to be read."""
    said = ast.get_docstring(_tree(ROOT / "compgraph" / "__init__.py")) or ""
    inside = {name.rpartition(".")[2] for name in SOURCES if name.startswith("compgraph.")}
    assert not [name for name in sorted(inside) if f"`{name}`" not in said]


def test_sys_path_is_left_alone():
    found = {}
    for path in SOURCES.values():
        for node in ast.walk(_tree(path)):
            is_it = isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.path"
            in_text = isinstance(node, ast.Constant) and "sys.path." in str(node.value)
            if is_it or in_text:
                found[path.relative_to(ROOT).as_posix()] = _at(path, node.lineno)
    new = [line for path, line in found.items() if path not in SYS_PATH]
    assert not new, f"sys.path is changed at {', '.join(new)}; import packages from the checkout"
    assert found.keys() == SYS_PATH.keys()


def test_the_checkouts_folder_is_worked_out_once():
    found = {}
    for path in SOURCES.values():
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Assign):
                text = ast.unparse(node.value)
                climbs = text.count(".parent") + text.count("dirname") + 2 * text.count("parents[")
                if "__file__" in text and climbs > 1:
                    found[path.relative_to(ROOT).as_posix()] = _at(path, node.lineno)
    new = [line for path, line in found.items() if path not in ROOTS]
    assert not new, f"{', '.join(new)}: write `from book import ROOT` instead"
    assert found.keys() == ROOTS.keys()


def test_set_up_needs_nothing_that_is_not_there_yet():
    path = ROOT / "tools" / "setup_environment.py"
    needed = {name.partition(".")[0] for name, _ in imports("tools.setup_environment", path)}
    assert needed <= sys.stdlib_module_names


def test_all_places_that_tell_the_version_tell_the_same():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = project["version"]
    cited = {"CITATION.cff": f"\nversion: {version}\n"}
    cited |= dict.fromkeys(("README.md", "index.md"), f"{{Version {version}}}")
    wrong = [name for name, text in cited.items() if text not in (ROOT / name).read_text("utf-8")]
    assert not wrong, f"{', '.join(wrong)}: pyproject.toml says version {version}"
