"""What teachers take away: tables, points, a report on the class, in documented forms."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from coursecheck.__main__ import main
from coursecheck.exercises import load
from coursecheck.grading import class_report, formats
from coursecheck.grading.batch import Outcome, TaskOutcome
from coursecheck.grading.clean import clean, line
from coursecheck.messages import speak

RIGHT = TaskOutcome("do", "B. ∂J/∂o", "right", (), (), 2.0, 2.0)
WRONG = TaskOutcome("dh", "B. ∂J/∂h", "not_yet", ("sign", "count"), ("Sign <b>", "Two"), 0.0, 1.0)
TODO = TaskOutcome("dz", "B. ∂J/∂z", "todo", (), ("Replace it.",), 0.0, 1.0)
TASKS = (RIGHT, WRONG, TODO)
ANN = Outcome("ann.ipynb", "", "02_hidden_bias", "Exercise 2", ("cell 3 <stopped>",), TASKS)
DONE = TaskOutcome("dz", "B. ∂J/∂z", "right", (), (), 1.0, 1.0)
BOB = Outcome("=bob().ipynb", "", "02_hidden_bias", "Exercise 2", (), (RIGHT, WRONG, DONE))
LOST = Outcome("lost.ipynb", "lost.ipynb: there is no such file.")
CLASS = (ANN, BOB, LOST)


def notebook(folder, cell, name="02_hidden_bias.ipynb", language=""):
    asked = f'# exercise("02_hidden_bias"{language})\nimport numpy as np\n'
    cells = [{"cell_type": "code", "source": asked + cell}]
    (folder / name).write_text(json.dumps({"cells": cells}), "utf-8")
    return str(folder / name)


SIGN = "def do(o, y):\n    return y - o"


# --- for other programs ---------------------------------------------------------------------------


def test_json_holds_all(tmp_path, capsys):
    assert main([notebook(tmp_path, SIGN), str(tmp_path / "no.ipynb"), "--json"]) == 2
    mine, lost = json.loads(capsys.readouterr().out)["files"]
    do = next(task for task in mine["tasks"] if task["task"] == "do")
    assert do["state"] == "not_yet" and do["reasons"] and len(do["sentences"]) == 1
    assert (do["points"], do["max_points"]) == (0.0, 1.0)
    assert (mine["state"], mine["right"], mine["max_points"]) == ("judged", 0, 11)
    assert (lost["state"], lost["problem"][-22:]) == ("not_judged", "there is no such file.")


def test_machine_output_has_the_same_keys_in_chinese(tmp_path, capsys):
    both = [notebook(tmp_path, SIGN), notebook(tmp_path, SIGN, "zh.ipynb", ', "zh_CN"')]
    main([*both, "--json"])
    english, chinese = json.loads(capsys.readouterr().out)["files"]
    speak()

    def words(tasks, name):
        return [task[name] for task in tasks]

    for name in ("task", "state", "reasons"):
        assert words(english["tasks"], name) == words(chinese["tasks"], name)
    assert words(english["tasks"], "sentences") != words(chinese["tasks"], "sentences")


def test_csv_has_a_row_for_a_task_and_no_formulas():
    rows = list(csv.DictReader(io.StringIO(formats.to_csv(CLASS))))
    assert len(rows) == 7
    assert list(rows[0]) == formats.COLUMNS
    assert rows[1]["reasons"] == "sign;count"
    assert {row["file"] for row in rows} == {"ann.ipynb", "'=bob().ipynb", "lost.ipynb"}
    assert rows[6]["state"] == "not_judged"


def test_junit_has_the_documented_form():
    root = ElementTree.fromstring(formats.to_junit(CLASS).encode())
    assert root.tag == "testsuites"
    for suite in root:
        assert suite.tag == "testsuite"
        cases = suite.findall("testcase")
        for kind in ("failure", "error", "skipped"):
            plural = {"skipped": "skipped"}.get(kind, f"{kind}s")
            assert int(suite.get(plural)) == len(suite.findall(f"testcase/{kind}"))
        assert int(suite.get("tests")) == len(cases)
        assert all(case.get("name") and case.get("classname") for case in cases)
        assert float(suite.get("time")) >= 0
    failure = root.find("testsuite/testcase/failure")
    assert (failure.get("type"), failure.get("message")) == ("sign;count", "Sign <b>")
    assert root.find("testsuite[3]/testcase/error").get("message") == LOST.problem


GRADESCOPE = {
    "score", "execution_time", "output", "output_format", "test_output_format",
    "test_name_format", "visibility", "stdout_visibility", "extra_data", "tests", "leaderboard",
}  # fmt: skip
GRADESCOPE_TEST = {
    "score", "max_score", "status", "name", "name_format", "number", "output", "output_format",
    "tags", "visibility", "extra_data",
}  # fmt: skip


def test_gradescope_gets_what_its_specification_names():
    """A score on top, or one for each test; statuses, visibilities and formats that it knows."""
    good = json.loads(formats.to_gradescope(ANN))
    assert good.keys() <= GRADESCOPE
    assert [test["score"] for test in good["tests"]] == [2.0, 0.0, 0.0]
    for test in good["tests"]:
        assert test.keys() <= GRADESCOPE_TEST
        assert test["status"] in ("passed", "failed")
        assert test["visibility"] in ("hidden", "after_due_date", "after_published", "visible")
        assert test["output_format"] in ("text", "html", "simple_format", "md", "ansi")
    bad = json.loads(formats.to_gradescope(LOST))
    assert (bad["score"], bad["output"]) == (0.0, LOST.problem)


def test_gradescope_is_about_one_submission(tmp_path, capsys):
    path = notebook(tmp_path, SIGN)
    with pytest.raises(SystemExit) as stopped:
        main([path, path, "--gradescope", str(tmp_path / "results.json")])
    assert stopped.value.code == 2
    main([path, "--gradescope", str(tmp_path / "results.json"), "--junit", str(tmp_path / "j")])
    assert len(json.loads((tmp_path / "results.json").read_text("utf-8"))["tests"]) == 11
    assert main([path, "--junit", str(tmp_path / "no" / "j.xml")]) == 2
    assert capsys.readouterr().err.endswith("j.xml: No such file or directory\n")


# --- points ---------------------------------------------------------------------------------------


def test_points_are_those_of_the_file(tmp_path, capsys):
    table = tmp_path / "points.toml"
    table.write_text('["02_hidden_bias"]\ndo = 2.5\ndh = 0\n')
    main([notebook(tmp_path, "def do(o, y): return o - y"), "--json", "--points", str(table)])
    (mine,) = json.loads(capsys.readouterr().out)["files"]
    assert (mine["points"], mine["max_points"]) == (2.5, 11 - 2 + 2.5)
    table = tmp_path / "points.json"
    table.write_text('{"02_hidden_bias": {"do": 3}}')
    main([notebook(tmp_path, "def do(o, y): return o - y"), "--json", "--points", str(table)])
    assert json.loads(capsys.readouterr().out)["files"][0]["points"] == 3


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("do = ", "this is no table of points (Invalid value"),
        ("[five]\ndo = 1", "this is no table of points (There is no exercise 'five'"),
        ('["02_hidden_bias"]\nd0 = 1', "this is no table of points (There is no task 'd0'"),
        ('["02_hidden_bias"]\ndo = -1', "this is no table of points (02_hidden_bias, do: -1)"),
        ('["02_hidden_bias"]\ndo = nan', "this is no table of points (02_hidden_bias, do: nan)"),
        ('["02_hidden_bias"]\ndo = true', "this is no table of points (02_hidden_bias, do: True)"),
        ('"02_hidden_bias" = 3', "this is no table of points (02_hidden_bias: task -> points)"),
    ],
)
def test_what_is_no_table_of_points_is_refused(tmp_path, text, sentence, capsys):
    (tmp_path / "p.toml").write_text(text)
    assert main(["x.ipynb", "--points", str(tmp_path / "p.toml")]) == 2
    assert capsys.readouterr().err.startswith(f"{tmp_path / 'p.toml'}: {sentence}")


# --- the class ------------------------------------------------------------------------------------


def test_the_class_report_counts_mistakes_task_by_task():
    (report,) = class_report.collected(CLASS)
    assert [each.file for each in report.files] == [ANN.file, BOB.file]
    assert report.tasks["do"].states == {"right": 2}
    assert report.tasks["dh"].reasons == {"sign": 2, "count": 2}
    assert report.tasks["dz"].states == {"todo": 1, "right": 1}
    text = class_report.to_text(CLASS)
    assert "      2 × sign  Sign <b>" in text
    assert "    1/3  2/4  ann.ipynb" in text
    assert "  ! lost.ipynb: there is no such file." in text


class Page(HTMLParser):
    """What a page holds, and whether its elements are closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.facts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.facts += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_whole_accessible_and_alone():
    text = class_report.to_html(CLASS, "en")
    page = Page(text)
    assert not page.open
    assert ("lang", "en") in page.facts
    assert page.seen.count("caption") == page.seen.count("table") == 3
    assert not {"script", "img", "link", "iframe"} & set(page.seen)
    assert not re.search(r"https?:|url\(|\bon\w+=", text)
    assert "Sign &lt;b&gt;" in text and "Sign <b>" not in text
    assert "prefers-color-scheme: dark" in text
    assert page.facts.count(("scope", "row")) == 3 + 2 + 2


def _contrast(one, other):
    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_its_letters_have_contrast_in_both_themes():
    themes = re.findall(r":root \{(.*?)\}", class_report._STYLE, re.S)
    assert len(themes) == 2
    for theme in themes:
        colours = dict(re.findall(r"--(\w+): (#\w{6})", theme))
        for name in ("ink", "soft", "bad"):
            assert _contrast(colours[name], colours["paper"]) >= 4.5


def test_the_report_is_written_in_its_language(tmp_path, capsys):
    page = tmp_path / "class.html"
    main([notebook(tmp_path, SIGN), "--summary", "--report", str(page), "--language", "zh_CN"])
    speak()
    assert '<html lang="zh-CN">' in page.read_text("utf-8")
    assert "班级报告" in page.read_text("utf-8")
    assert "do" in capsys.readouterr().out


def test_texts_of_theirs_are_fit_to_be_shown():
    assert clean("a\x1b[2J\x00\u202eb\u2066\ud800\x9b\tc\n") == "a[2Jb\tc\n"
    assert clean("中文　é ∂J/∂W") == "中文　é ∂J/∂W"
    assert line("a\nb   c") == "a b c"
    assert len(line("x" * 10**6)) == 400


def test_every_task_can_have_points():
    assert all(task.key.isidentifier() for task in load("02_hidden_bias").tasks)


EXAMPLE = Path(__file__).resolve().parents[2] / "pages" / "teachers.md"


def test_the_page_shows_commands_that_exist(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    known = set(re.findall(r"--[a-z]+", capsys.readouterr().out))
    text = EXAMPLE.read_text("utf-8")
    blocks = re.findall(r"```\w+\n(.*?)```", text, re.S)
    lines = [row for block in blocks for row in block.splitlines() if "-m coursecheck" in row]
    shown = {o for row in lines for o in re.findall(r"--[a-z]+", row.partition("coursecheck")[2])}
    assert lines and shown <= known
    assert {"--json", "--csv", "--junit", "--gradescope", "--points", "--report"} <= set(
        re.findall(r"--[a-z]+", text)
    )
