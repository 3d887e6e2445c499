"""The learner's Python, in ordinary Python: what cells show, and what is said when they fail."""

from __future__ import annotations

import json
import sys

import pytest


@pytest.fixture
def run(session_module):
    """Run a cell; the events that came of it, as (kind, facts)."""
    events: list[tuple[str, dict]] = []
    session = session_module.Session(lambda kind, text: events.append((kind, json.loads(text))))

    def running(source: str, cell: str = "one") -> list[tuple[str, dict]]:
        events.clear()
        session.run(cell, source)
        return list(events)

    running.session = session
    return running


def test_what_is_printed_and_the_last_value_are_shown_in_order(run):
    assert run("print('a')\ndisplay(1)\n2") == [
        ("stream", {"text": "a"}),
        ("stream", {"text": "\n"}),
        ("display", {"mime": "text/plain", "data": "1"}),
        ("display", {"mime": "text/plain", "data": "2"}),
    ]


@pytest.mark.parametrize("source", ["2;", "x = 2", "None", "def f(): ...", ""])
def test_nothing_is_shown_where_a_notebook_shows_nothing(run, source):
    assert run(source) == []


def test_ipythons_lines_do_the_same_as_on_the_command_line(run):
    assert run("%matplotlib inline\n!ls\n%time x = 3") == []
    assert run("%%time\nx")[0][1]["data"] == "3"
    assert run("%time x + 1")[0][1]["data"] == "4"
    assert run("%time x + 1;") == []


def test_an_index_that_is_a_fraction_is_no_blank(run):
    ((_, facts),) = run("import numpy as np\na = np.ones(3)\na[len(a) / 3]")
    assert "A blank" not in facts["message"]


def test_the_page_speaks_its_language_before_an_exercise_does(session_module):
    events = []
    session = session_module.Session(lambda *event: events.append(event), "zh_CN")
    session.run("one", "print（1)")
    session_module.Session(lambda *event: None)
    assert "请改成 `(`" in events[0][1]


def test_names_stay_from_cell_to_cell(run):
    run("x = 3", "one")
    assert run("x", "two")[0][1]["data"] == "3"


def test_a_check_is_shown_as_html_and_told_as_a_state(run):
    run('from coursecheck import exercise\nex = exercise("02_hidden_bias")')
    (shown, told) = run('ex.check("paths", (2, 1, 2))')
    assert shown[0] == "display" and shown[1]["mime"] == "text/html"
    assert told == ("checked", {"exercise": "02_hidden_bias", "states": {"paths": "right"}})
    assert [kind for kind, _ in run("ex.board()")] == ["display"]  # judged nothing anew
    assert run('ex.check("paths", (1, 1, 1));')[-1][1]["states"] == {"paths": "not_yet"}
    assert run('ex.check("paths", ...);')[-1][1]["states"] == {"paths": "todo"}


# what goes wrong -> kind, a part of the message, and the places, innermost first
FAILURES = {
    "1 / 0": ("ZeroDivisionError", "division by zero", [("two", 1)]),
    "x = 1\nf(0)": ("ZeroDivisionError", "division", [("one", 2), ("two", 2)]),
    "x = (1,": ("SyntaxError", "never closed", [("two", 1)]),
    "if 1:\nx": ("IndentationError", "expected an indented block", [("two", 2)]),
    "a = 1 + ...": ("TypeError", "A blank `...`", [("two", 1)]),
    "import no_such": ("ModuleNotFoundError", "open it in Jupyter", [("two", 1)]),
    "raise MemoryError": ("MemoryError", "Restart Python", [("two", 1)]),
    "def g(): g()\ng()": ("RecursionError", "calls itself", [("two", 1), ("two", 2)]),
    "import json\njson.loads('x')": ("JSONDecodeError", "Expecting value", [("two", 2)]),
    "raise SystemExit": ("SystemExit", "", [("two", 1)]),
    "raise BaseException('odd')": ("BaseException", "odd", [("two", 1)]),
    "a = [1]\na[1 / 2]": ("TypeError", "`/` gives fractions", [("two", 2)]),
    "import numpy as np\nnp.ones(3)[3 / 2]": ("IndexError", "An index is a", [("two", 2)]),
    "x = 1\nprint（x)": ("SyntaxError", "Type `(` instead", [("two", 2)]),
    "%%bash\nls": ("Jupyter", "`%%bash` runs in Jupyter only", [("two", 1)]),
}


@pytest.mark.parametrize("source", FAILURES)
def test_an_error_names_the_learners_lines_and_no_others(run, source):
    kind, part, places = FAILURES[source]
    run("def f(x):\n    return 1 / x", "one")
    ((event, facts),) = run(source, "two")
    assert event == "error"
    assert facts["kind"] == kind
    assert part in facts["message"]
    assert [(place["cell"], place["line"]) for place in facts["places"]] == places


def test_a_drawing_waits_until_graphviz_is_there(run):
    drawn = run("from compgraph import draw, leaf\ndraw([leaf('x', (2,)) * 2])")
    assert drawn == []
    page_graphviz = sys.modules["pygraphviz"]
    assert page_graphviz.wanted
    asked = []
    empty = '<svg xmlns="http://www.w3.org/2000/svg"></svg>'
    page_graphviz.layout = lambda dot: asked.append(dot) or empty
    events = []
    run.session._emit = lambda kind, text: events.append((kind, json.loads(text)))
    run.session.show_waiting()
    ((kind, facts),) = events
    assert (kind, facts["mime"]) == ("display", "image/svg+xml")
    assert "digraph" in asked[0]
