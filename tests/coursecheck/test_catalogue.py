"""The checker's catalogue is read as it is written; what is wrong with it leaves English."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from book.ext import exercise_workbook
from coursecheck import catalogue, exercise, messages

ROOT = Path(__file__).resolve().parents[2]
OWN = sorted(ROOT.glob("book/locale/*/LC_MESSAGES/**/*.po")) + sorted(
    ROOT.glob("coursecheck/locale/*/LC_MESSAGES/*.po")
)


@pytest.fixture(autouse=True)
def english_again():
    yield
    messages._translations.cache_clear()
    messages.speak()


def read(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "some.po"
    path.write_text(text, encoding="utf-8")
    return catalogue.read(path)


# --- reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('msgid "one"\nmsgstr "一"\n', {"one": "一"}),
        ('msgid "one"\nmsgstr "一"\nmsgid "two"\nmsgstr "二"', {"one": "一", "two": "二"}),
        ('msgid ""\n"on"\n"e"\nmsgstr ""\n"一"\n" 二"\n', {"one": "一 二"}),
        ('msgid ""\nmsgstr "Language: zh\\n"\n\nmsgid "a"\nmsgstr "b"\n', {"a": "b"}),
        (r'msgid "\"a\"\t\\n"' + "\n" + r'msgstr "b\nc"', {'"a"\t\\n': "b\nc"}),
        ('# same\n#. cell\n#: x.py:3\nmsgid "a"\nmsgstr "b"\n', {"a": "b"}),
        ('#, fuzzy\nmsgid "a"\nmsgstr "b"\n\nmsgid "c"\nmsgstr "d"\n', {"c": "d"}),
        ('#, python-brace-format, fuzzy\nmsgid "a"\nmsgstr "b"\n', {}),
        ('#, python-brace-format\nmsgid "a"\nmsgstr "b"\n', {"a": "b"}),
        ('msgid "a"\nmsgstr ""\n', {}),
        ('#~ msgid "gone"\n#~ msgstr "走了"\n', {}),
        ("", {}),
    ],
)
def test_what_a_catalogue_says(tmp_path: Path, text: str, said: dict):
    assert read(tmp_path, text) == said


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('msgid "a"\nmsgstr "b\n', "line 2"),
        ('msgid "a"\nmsgid "b"\nmsgstr "c"\n', "line 2"),
        ('msgstr "b"\n', "line 1"),
        ('"a"\n', "line 1"),
        ('msgid "a"\nmsgstr "b"\nmsgstr "c"\n', "line 3"),
        ('msgid "a"\n\n"more"\nmsgstr "b"\n', "line 3"),
        ('msgid "a"\nmsgid_plural "as"\nmsgstr[0] "b"\n', "line 2"),
        ('<<<<<<< HEAD\nmsgid "a"\nmsgstr "b"\n', "line 1"),
        ('msgid "a"\nmsgstr "say "b""\n', "line 2"),
        ('msgid "a"\n', "its last entry has no msgstr"),
    ],
)
def test_a_broken_one_is_told_with_its_line(tmp_path: Path, text: str, line: str):
    with pytest.raises(catalogue.Broken, match=rf"some\.po(,|:) {line}"):
        read(tmp_path, text)


def test_what_is_no_text_is_told(tmp_path: Path):
    (tmp_path / "some.po").write_bytes(b'msgid "a"\nmsgstr "\xff"\n')
    with pytest.raises(catalogue.Broken, match=r"some\.po is not UTF-8 \(byte 18\)"):
        catalogue.read(tmp_path / "some.po")
    with pytest.raises(catalogue.Broken, match="missing.po is missing"):
        catalogue.read(tmp_path / "missing.po")


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_babel_reads_the_same(path: Path):
    with path.open("rb") as file:
        theirs = {m.id: m.string for m in read_po(file) if m.id and m.string and not m.fuzzy}
    assert catalogue.read(path) == theirs


# --- speaking ------------------------------------------------------------------------------------


@pytest.fixture
def locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The checker's catalogue, elsewhere."""
    monkeypatch.setattr(messages, "LOCALE", tmp_path)
    messages._translations.cache_clear()
    path = messages.path_of("xx")
    path.parent.mkdir(parents=True)
    return path


def test_what_is_translated_is_said_and_the_rest_is_english(locale: Path):
    locale.write_text('msgid "to do"\nmsgstr "todo!"\n', encoding="utf-8")
    messages.speak("xx")
    assert (messages.say("to do"), messages.say("right")) == ("todo!", "right")


@pytest.mark.parametrize("damage", ["broken", "missing"])
def test_a_damaged_catalogue_means_english_and_one_warning(locale: Path, damage: str):
    if damage == "broken":
        locale.write_text('msgid "to do"\nmsgstr todo!\n', encoding="utf-8")
    sentence = {"broken": "coursecheck.po, line 2: ", "missing": "coursecheck.po is missing"}
    with pytest.warns(UserWarning, match=f"coursecheck speaks English: .*{sentence[damage]}"):
        asked = exercise("02_hidden_bias", language="xx")
    assert repr(asked.check("do", ...)).startswith("○ do: to do")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exercise("02_hidden_bias", language="xx")


def test_a_field_that_the_english_has_not_leaves_english(locale: Path):
    locale.write_text('msgid "{count} values"\nmsgstr "{n} values!"\n', encoding="utf-8")
    messages.speak("xx")
    assert messages.say("{count} values", count=3) == "3 values"


# --- as it is installed --------------------------------------------------------------------------

SPEAKS = """
import sys
import coursecheck
from coursecheck import exercise
assert coursecheck.__file__.startswith({folder!r}), coursecheck.__file__
assert "babel" not in sys.modules
print(repr(exercise("02_hidden_bias", language="zh_CN").check("do", ...)))
"""


def test_the_wheel_speaks_every_language(tmp_path: Path):
    """As pip installs it from git, in Colab for one."""
    pytest.importorskip("setuptools")
    source, unpacked = tmp_path / "source", tmp_path / "unpacked"
    for folder in ("compgraph", "coursecheck", "solutions"):
        shutil.copytree(ROOT / folder, source / folder)
    for name in ("pyproject.toml", "setup.py"):
        shutil.copy(ROOT / name, source)
    options = "--quiet --no-deps --no-build-isolation --no-index --disable-pip-version-check"
    made = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options.split(), "-w", tmp_path, source],
        text=True,
        capture_output=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    (wheel,) = tmp_path.glob("*.whl")
    shutil.unpack_archive(wheel, unpacked, "zip")
    speaks(unpacked)


def test_the_wheel_of_the_page_speaks_every_language(tmp_path: Path):
    """As Pyodide unpacks it: with NumPy, and without Babel and gettext's compiler."""
    name, content = exercise_workbook.wheel()
    (tmp_path / name).write_bytes(content)
    shutil.unpack_archive(tmp_path / name, tmp_path / "unpacked", "zip")
    speaks(tmp_path / "unpacked")


def speaks(folder: Path) -> None:
    assert not list(folder.rglob("*.mo"))
    said = subprocess.run(
        [sys.executable, "-c", SPEAKS.format(folder=str(folder))],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "PYTHONUTF8": "1"},
        text=True,
        encoding="utf-8",
        capture_output=True,
    )
    assert said.returncode == 0, said.stderr
    there = messages._translations(messages.path_of("zh_CN"))
    assert there["to do"] in said.stdout
