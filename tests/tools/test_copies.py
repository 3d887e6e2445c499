"""Nobody's work is erased: copies to work in, and exercises that someone filled in."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from book import ROOT, copies, exercise_files, written
from book.translate import edition
from book.translate.languages import EDITIONS, ENGLISH
from coursecheck.__main__ import main as judge
from coursecheck.messages import speak
from tools import copies as command

NAME = "exercises/02_hidden_bias.ipynb"


@pytest.fixture(autouse=True)
def english_again():
    yield
    speak()


# --- the machinery, with two small notebooks -----------------------------------------------------


def notebook(text: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text, id="a")])


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> dict[str, nbformat.NotebookNode]:
    """The notebooks of a book, to be changed by the test."""
    made = {"chapters/1.ipynb": notebook("One."), "exercises/1.ipynb": notebook("Two.")}
    monkeypatch.setattr(edition, "notebooks", lambda words: list(made.items()))
    return made


def write(root: Path) -> list[str]:
    return list(copies.write(ENGLISH, root))


def test_what_is_missing_is_written_and_what_is_there_is_left(book, tmp_path: Path):
    assert write(tmp_path) == [
        "my/chapters/1.ipynb: written",
        "my/exercises/1.ipynb: written",
        "my/: 2 notebooks to work in (2 written)",
    ]
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.ipynb")}
    assert write(tmp_path) == ["my/: 2 notebooks to work in (2 unchanged)"]
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_work_is_kept_and_what_nobody_touched_follows_the_book(book, tmp_path: Path):
    write(tmp_path)
    mine = tmp_path / "my" / "exercises" / "1.ipynb"
    mine.write_text("MY WORK", encoding="utf-8")
    assert write(tmp_path)[0] == "my/exercises/1.ipynb: kept, for you changed it"
    for name in book:
        book[name] = notebook("Another text.")
    said = write(tmp_path)
    assert said[0] == "my/chapters/1.ipynb: refreshed, for the book's own has changed"
    assert "kept, for you changed it; the book's own has changed since" in said[1]
    assert said[2] == "my/: 2 notebooks to work in (1 kept, older, 1 refreshed)"
    assert mine.read_text(encoding="utf-8") == "MY WORK"
    assert "Another text." in (tmp_path / "my/chapters/1.ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize("record", [None, "no json", "[1]", '{"exercises/1.ipynb": 3}'])
def test_without_a_record_everything_that_differs_is_somebodys(book, tmp_path: Path, record):
    write(tmp_path)
    mine = tmp_path / "my" / "exercises" / "1.ipynb"
    mine.write_text("MY WORK", encoding="utf-8")
    lost = tmp_path / "my" / written.RECORD
    lost.unlink() if record is None else lost.write_text(record, encoding="utf-8")
    write(tmp_path)
    assert mine.read_text(encoding="utf-8") == "MY WORK"


def test_a_copy_that_cannot_be_written_leaves_the_one_there(book, tmp_path: Path, monkeypatch):
    write(tmp_path)
    before = (tmp_path / "my/chapters/1.ipynb").read_bytes()
    book["chapters/1.ipynb"] = notebook("New.")

    def full(*_):
        raise OSError(28, "No space left on device", "my")

    monkeypatch.setattr(written.os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write(tmp_path)
    assert (tmp_path / "my/chapters/1.ipynb").read_bytes() == before
    assert not list(tmp_path.rglob("*.new"))


def test_a_folder_that_cannot_be_used_is_told_in_one_sentence(book, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("book.sources.ROOT", tmp_path)
    (tmp_path / "my").write_text("a file", encoding="utf-8")
    assert command.main([]) == 1
    err = capsys.readouterr().err
    assert err.startswith("not every notebook was copied: ") and err.count("\n") == 1


# --- the book's own ------------------------------------------------------------------------------

LINK = re.compile(r"\]\((?![a-z]+:|[#/])([^)\s#]+)")


@pytest.mark.parametrize("language", EDITIONS, ids=lambda each: each.code)
def test_every_link_in_a_copy_leads_somewhere(language):
    made = dict(copies.texts(language))
    folder = copies.folder_of(language)
    there = {os.path.normpath(f"{folder}/{name}") for name in made}
    count = 0
    for name, text in made.items():
        cells = nbformat.reads(text, as_version=4).cells
        for cell in (cell for cell in cells if cell.cell_type == "markdown"):
            for link in LINK.findall(cell.source):
                target = os.path.normpath(os.path.join(folder, os.path.dirname(name), link))
                assert target in there or (ROOT / target).exists(), (name, link)
                count += 1
    assert count > 30


@pytest.mark.parametrize("language", EDITIONS, ids=lambda each: each.code)
def test_the_exercises_are_there_to_do_and_the_solutions_right(language, tmp_path, capsys):
    list(copies.write(language, tmp_path))
    folder = tmp_path / copies.folder_of(language)
    assert {path.parent.name for path in folder.rglob("*.ipynb")} == {
        "chapters", "exercises", "solutions"
    }  # fmt: skip
    assert judge([str(folder / NAME)]) == 1
    assert judge([str(folder / NAME.replace("exercises", "solutions"))]) == 0
    if language is not ENGLISH:
        assert language.letters.search(capsys.readouterr().out)


def test_a_copy_runs_where_it_lies(tmp_path: Path):
    """In its own folder, with nothing but what is installed."""
    list(copies.write(ENGLISH, tmp_path))
    path = tmp_path / "my" / NAME
    made = nbformat.read(path, as_version=4)
    made.cells = [cell for cell in made.cells if cell.cell_type == "code"][:2]
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(made, kernel_name="python3", timeout=120, resources=resources).execute()


def test_git_sees_no_copy_and_no_record():
    for name in ("my/exercises/1.ipynb", "zh/exercises/1.ipynb", "exercises/.written.json"):
        answer = subprocess.run(["git", "-C", ROOT, "check-ignore", "-q", name])
        if answer.returncode == 128:
            pytest.skip("this is no git repository")
        assert answer.returncode == 0, name


# --- the site ------------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The book's sources in a folder of their own, with someone's answers in three places."""
    for name in ("_config.yml", "_toc.yml", "index.md", "chapters", "solutions", "pages"):
        (tmp_path / name).symlink_to(ROOT / name)
    answered = nbformat.read(ROOT / NAME, as_version=4)
    answered.cells[0].source += "\n\nMY WORK"
    for name in (NAME, f"my/{NAME}", f"zh/{NAME}"):
        (tmp_path / name).parent.mkdir(parents=True)
        nbformat.write(answered, tmp_path / name)
    monkeypatch.setattr("book.sources.ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize("language", EDITIONS, ids=lambda each: each.code)
def test_no_answer_of_anyone_gets_into_the_site(small: Path, language):
    """The site is made of this tree and of nothing else."""
    edition.write(language, small / "tree")
    files = [path for path in (small / "tree").rglob("*") if path.is_file()]
    assert [path for path in files if "MY WORK" in path.read_text("utf-8", "replace")] == []
    made = small / "tree" / NAME
    assert "ex.check" in made.read_text(encoding="utf-8")
    assert not {path.relative_to(small / "tree").parts[0] for path in files} & {"my", "zh"}


def test_answers_in_a_solution_s_place_would_be_seen(small: Path):
    """The test above has eyes: what stands in a source stands in the tree."""
    (small / "index.md").unlink()
    (small / "index.md").write_text("# A title\n\nMY WORK\n", encoding="utf-8")
    edition.write(ENGLISH, small / "tree")
    assert "MY WORK" in (small / "tree" / "index.md").read_text(encoding="utf-8")


# --- the folder exercises/ -----------------------------------------------------------------------


def solution(answer: str = "42") -> str:
    cells = [
        nbformat.v4.new_markdown_cell("# Solution 7: A title", id="title"),
        nbformat.v4.new_code_cell(f"a = {answer}  # SOLUTION\nprint({answer})", id="answer"),
    ]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)) + "\n"


def git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", root, *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with one solution and the exercise made from it, both committed."""
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "07.ipynb").write_text(solution(), encoding="utf-8")
    (tmp_path / "_config.yml").write_text('repository:\n  url: ""\n', encoding="utf-8")
    sync(tmp_path)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "solutions", "exercises/07.ipynb", "_config.yml")
    git(tmp_path, "commit", "-qm", "A book")
    (tmp_path / "exercises" / written.RECORD).unlink()
    return tmp_path


def sync(root: Path) -> int:
    from tools.sync_exercises import main

    return main([], root)


def configure(root: Path) -> int:
    from tools.repository import main

    return main(["https://github.com/Owner/book"], root)


def fill_in(root: Path) -> str:
    path = root / "exercises" / "07.ipynb"
    text = path.read_text(encoding="utf-8").replace("a = ...", "a = 6 * 7  # MY WORK")
    path.write_text(text, encoding="utf-8")
    assert "MY WORK" in text
    return text


by_each_command = pytest.mark.parametrize("command", [sync, configure])


def refused(command, root: Path, capsys) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert command(root) == 1
    err = capsys.readouterr().err
    assert err == (
        "exercises/07.ipynb holds work that no solution makes, so it stays as it is: move it to "
        "my/exercises/, where make lab keeps your own copies, then run this again.\n"
    )
    assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file()} == before


@by_each_command
def test_a_filled_in_exercise_is_not_written_over(checkout: Path, capsys, command):
    fill_in(checkout)
    refused(command, checkout, capsys)


@by_each_command
def test_nor_is_one_that_its_owner_committed(checkout: Path, capsys, command):
    fill_in(checkout)
    git(checkout, "commit", "-qam", "My answers")
    refused(command, checkout, capsys)


@by_each_command
def test_nor_where_there_is_no_git(checkout: Path, capsys, monkeypatch, command):
    fill_in(checkout)
    monkeypatch.setattr(exercise_files, "_git", lambda *_: "")
    refused(command, checkout, capsys)


def test_nor_one_that_is_no_notebook_any_more(checkout: Path, capsys):
    (checkout / "exercises" / "07.ipynb").write_bytes(b"\xff my notes")
    refused(sync, checkout, capsys)


@by_each_command
def test_one_that_a_solution_made_is_written(checkout: Path, command):
    assert command(checkout) == 0
    (checkout / "solutions" / "07.ipynb").write_text(solution("43"), encoding="utf-8")
    if command is sync:  # twice: the second time the exercise is neither HEAD's nor today's
        assert command(checkout) == 0
        (checkout / "solutions" / "07.ipynb").write_text(solution("44"), encoding="utf-8")
    else:
        assert sync(checkout) == 0
    assert command(checkout) == 0
    assert (checkout / "exercises" / written.RECORD).exists()


def test_one_that_was_committed_before_its_solution_changed_is_written(checkout: Path):
    """A maintainer who forgot to run it before committing is not taken for a learner."""
    (checkout / "solutions" / "07.ipynb").write_text(solution("43"), encoding="utf-8")
    git(checkout, "commit", "-qam", "Only the solution")
    (checkout / "solutions" / "07.ipynb").write_text(solution("44"), encoding="utf-8")
    assert sync(checkout) == 0
    assert "print(44)" in (checkout / "exercises" / "07.ipynb").read_text(encoding="utf-8")


def test_one_that_was_written_last_time_is_written_without_git(checkout: Path, monkeypatch):
    monkeypatch.setattr(exercise_files, "_git", lambda *_: "")
    assert sync(checkout) == 0
    (checkout / "solutions" / "07.ipynb").write_text(solution("43"), encoding="utf-8")
    assert sync(checkout) == 0


def test_the_advice_of_a_check_loses_nothing(checkout: Path, capsys):
    from tools.sync_exercises import main

    (checkout / "solutions" / "07.ipynb").write_text(solution("43"), encoding="utf-8")
    assert main(["--check"], checkout) == 1
    assert "python -m tools.sync_exercises" in capsys.readouterr().err
    fill_in(checkout)
    assert main(["--check"], checkout) == 1
    err = capsys.readouterr().err
    assert "move it to my/exercises/" in err and "python -m tools.sync_exercises" not in err


def test_the_record_holds_hashes_by_name(checkout: Path):
    sync(checkout)
    record = json.loads((checkout / "exercises" / written.RECORD).read_text(encoding="utf-8"))
    text = (checkout / "exercises" / "07.ipynb").read_text(encoding="utf-8")
    assert record == {"07.ipynb": written.sha256(text)}
