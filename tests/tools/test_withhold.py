"""Solutions withheld by one setting: site, wheel, packages and a copy of the sources."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import zipfile
from copy import deepcopy

import pytest

from book import ROOT, sources, withheld
from book.ext import exercise_workbook
from book.translate import edition
from book.translate.languages import EDITIONS
from book.translate.translations import Translations
from coursecheck.exercises import NAMES, load_open
from tools.withhold import main

HELD = "05_partition"  # the one that is sealed in no time


def setting(monkeypatch, value):
    monkeypatch.undo()
    config = sources.mapping(sources.SETTINGS)
    config["sphinx"]["config"][withheld.SETTING] = value
    real = sources.mapping
    monkeypatch.setattr(
        sources,
        "mapping",
        lambda name: deepcopy(config) if name == sources.SETTINGS else real(name),
    )


def answers_in(text):
    """Lines of right answers that stand in a text."""
    exercise = load_open(HELD)
    lines = {
        line.strip()
        for task in exercise.tasks
        for line in exercise.text(task.key).splitlines()[1:]
        if len(line.strip()) > 25
    }
    assert lines
    return [line for line in lines if line in text]


@pytest.mark.parametrize(
    ("value", "expected"), [(False, []), (True, list(NAMES)), ([HELD], [HELD]), ([], [])]
)
def test_the_setting_names_exercises(value, expected, monkeypatch):
    setting(monkeypatch, value)
    assert withheld.names() == expected


@pytest.mark.parametrize("value", ["yes", ["99_none"], 3, {"a": 1}])
def test_another_setting_is_told(value, monkeypatch):
    setting(monkeypatch, value)
    with pytest.raises(sources.SourceError, match="expected true, false, or a list of exercises"):
        withheld.names()


@pytest.mark.parametrize("language", EDITIONS, ids=str)
def test_the_site_has_neither_the_page_nor_a_link_to_it(language, monkeypatch):
    setting(monkeypatch, [HELD])
    made = dict(edition.texts(Translations(language)))
    assert f"solutions/{HELD}.ipynb" not in made and f"exercises/{HELD}.ipynb" in made
    assert "solutions/02_hidden_bias.ipynb" in made
    for name, text in made.items():
        assert f"solutions/{HELD}" not in text, name
    assert not answers_in(made[f"exercises/{HELD}.ipynb"])


def test_where_all_are_withheld_their_part_is_gone(monkeypatch):
    setting(monkeypatch, True)
    contents = edition.contents(Translations(EDITIONS[0]))
    files = [page["file"] for part in contents["parts"] for page in part["chapters"]]
    assert not any(file.startswith("solutions/") for file in files)
    assert all(part["chapters"] for part in contents["parts"])


def test_words_of_a_link_stay(monkeypatch):
    setting(monkeypatch, [HELD])
    other = "[this](../solutions/03_memory.ipynb)"
    text = f"See [the *solution*](../solutions/{HELD}.ipynb) and {other}."
    assert withheld.unlinked(text, "chapters/05_partition") == f"See the *solution* and {other}."


def test_the_wheel_of_the_page_holds_a_bank_and_no_answer(monkeypatch):
    setting(monkeypatch, [HELD])
    _, content = exercise_workbook.wheel()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        assert f"coursecheck/banks/{HELD}.npz" in names
        assert f"coursecheck/banks/{HELD}--relu.npz" in names
        assert f"coursecheck/exercises/e{HELD}.py" not in names
        assert f"coursecheck/answers/{HELD}.json" not in names
        assert "coursecheck/answers/02_hidden_bias.json" in names
        for name in names:
            if name.endswith((".py", ".json", ".po")):
                assert not answers_in(archive.read(name).decode()), name


TRIED = f"""
from coursecheck import exercise
ex = exercise("{HELD}")
print(ex.check("bubble", lambda K, M: (K - 1) / (M + K - 1)))
print(ex.check("bubble", lambda K, M: K / (M + K - 1)))
print(ex.solution("bubble"))
from book.translate import edition
from book.translate.languages import EDITIONS
from book.translate.translations import Translations
words = Translations(EDITIONS[1])
made = dict(edition.texts(words))
print("solutions/{HELD}.ipynb" in made, "exercises/{HELD}.ipynb" in made)
print([text for domain, text in words.english if "{HELD}" in domain])
"""


@pytest.mark.slow
def test_a_copy_has_no_answer_and_checks_as_before(tmp_path, monkeypatch, capsys):
    setting(monkeypatch, [HELD])
    folder = tmp_path / "copy"
    assert main([str(folder)]) == 0
    assert f"without the solutions of {HELD}" in capsys.readouterr().out
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    assert not any(name.startswith(("tests/", ".ci/")) for name in files)
    for name, path in files.items():
        if path.suffix != ".npz" and not name.startswith("chapters/"):  # chapters teach
            assert not answers_in(path.read_text(encoding="utf-8", errors="ignore")), name
    assert f"solutions/{HELD}" not in files["_toc.yml"].read_text(encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8"}
    ran = subprocess.run(
        [sys.executable, "-c", TRIED],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0] == "✓ bubble: right" and lines[1].startswith("✗ bubble")
    assert "not out yet" in ran.stdout and lines[-2:] == ["False True", "[]"]


@pytest.mark.slow
def test_a_package_with_answers_in_it_is_not_made_while_they_are_withheld(tmp_path):
    pytest.importorskip("setuptools")
    for folder in ("compgraph", "coursecheck", "solutions"):
        shutil.copytree(ROOT / folder, tmp_path / "source" / folder)
    for name in ("pyproject.toml", "setup.py", "_config.yml"):
        shutil.copy(ROOT / name, tmp_path / "source")
    config = tmp_path / "source" / "_config.yml"
    text = config.read_text(encoding="utf-8")
    held = f"{withheld.SETTING}: [{HELD}]"
    assert f"{withheld.SETTING}: false" in text
    config.write_text(text.replace(f"{withheld.SETTING}: false", held), encoding="utf-8")
    options = "--quiet --no-deps --no-build-isolation --no-index --disable-pip-version-check"
    made = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options.split(), "-w", tmp_path, config.parent],
        text=True,
        capture_output=True,
    )
    assert made.returncode != 0 and not list(tmp_path.glob("*.whl"))
    assert "install from the copy that python -m tools.withhold writes" in made.stdout + made.stderr


def test_a_copy_is_refused_with_a_reason(tmp_path, monkeypatch, capsys):
    assert main([str(tmp_path / "copy")]) == 2
    assert "no solution is withheld" in capsys.readouterr().err
    setting(monkeypatch, [HELD])
    (tmp_path / "file").write_text("mine")
    assert main([str(tmp_path)]) == 2
    assert "is not empty" in capsys.readouterr().err


def test_the_book_as_it_is_withholds_nothing():
    assert withheld.names() == []
    assert (ROOT / "solutions" / f"{HELD}.ipynb").exists()
