"""What a task may ask for besides arrays: a choice, a class, code that needs torch."""

from __future__ import annotations

import numpy as np
import pytest

from coursecheck import Exercise
from coursecheck.edits import BankError, Source
from coursecheck.exercises import Open
from coursecheck.form import Output, Slip, Task
from coursecheck.grading import parent
from coursecheck.judge import Judge
from coursecheck.notebook import Notebook
from coursecheck.prove import faults

CHOICE = Task(
    "schedule",
    "Which schedule?",
    None,
    (
        Output("first", "The first", "choice: GPipe, 1F1B, none"),
        Output("second", "The second", "choice: GPipe, 1F1B, none"),
    ),
    hints=("Which keeps all micro-batches?", "The first keeps them all."),
    slips=(
        Slip("exchanged", '"GPipe", "1F1B" => "1F1B", "GPipe"', "they have changed places."),
        Slip("none_at_all", '"GPipe", "1F1B" => "none", "1F1B"', "one of them does."),
    ),
    otherwise=('schedule = ["gpipe", " 1F1B "]',),
)
CHOICE_TEXT = 'schedule = "GPipe", "1F1B"\n'


def test_a_choice_is_answered_by_a_word():
    assert faults(Source(CHOICE, CHOICE_TEXT)) == []
    judge = Judge(Source(CHOICE, CHOICE_TEXT))
    assert judge(("GPipe", "1F1B"))
    assert judge(("1F1B", "GPipe")).reasons == ("exchanged",)
    assert judge((..., ...)).state == "todo"


def test_a_word_that_is_no_answer_is_told_with_those_that_are():
    judge = Judge(Source(CHOICE, CHOICE_TEXT))
    (line, *_) = judge(("zero bubble", "1F1B")).lines
    assert line == (
        "The first: 'zero bubble' was not among the answers: GPipe · 1F1B · none. Write one of "
        "them, in quotes."
    )
    assert "int was not among" in judge((3, "1F1B")).lines[0]
    assert judge(("x" * 10**6, "1F1B")).lines[0].count("x") == 40


def test_a_wrong_choice_that_no_slip_names_gives_nothing_away():
    result = Judge(Source(CHOICE, CHOICE_TEXT))(("GPipe", "none"))
    assert result.general and result.lines == (
        "The second: `none` is not right.",
        "Right already: first.",
    )


def test_a_slip_that_chooses_what_is_no_answer_is_a_fault_of_the_bank():
    slip = Slip("odd", 'schedule = => schedule = "else", "GPipe" #', "odd.")
    with pytest.raises(BankError, match="does not run"):
        _ = Source(Task(**{**vars(CHOICE), "slips": (slip,)}), CHOICE_TEXT).forms


# --- a class --------------------------------------------------------------------------------------


SUMMED = """
def summed(Counter, start, steps):
    found = Counter(start)
    for step in range(steps):
        found.add(step)
    return found.total
"""
CLASS = Task(
    "Counter",
    "Count",
    "start",
    (Output("total", "total", "count"),),
    sizes="start steps",
    trial=SUMMED,
    hints=("What is kept from call to call?", "The sum so far."),
    slips=(
        Slip("start_forgotten", "self.total = start => self.total = 0", "it begins at nothing."),
        Slip("overwritten", "+= => =", "only the last is left."),
    ),
)
CLASS_TEXT = """class Counter:
    def __init__(self, start):
        self.total = start
    def add(self, number):
        self.total += number
"""


def test_a_class_is_tried_and_its_mistakes_are_named():
    source = Source(CLASS, CLASS_TEXT)
    assert faults(source) == []
    judge = Judge(source)

    class Counter:
        def __init__(self, start):
            self.total = start

        def add(self, number):
            self.total = number

    assert judge(Counter).reasons == ("overwritten",)
    assert judge(3).reasons == ("not_a_function",)
    Counter.add = lambda self, number: 1 / 0
    assert judge(Counter).reasons == ("exception",)


def board_of(folder, monkeypatch, code):
    """What a notebook with this cell is told on the command line, where it is a process apart."""
    table = Open("06_counter", "Exercise 6", (CLASS,), (), "", (), "", ())
    object.__setattr__(table, "bank", lambda key: Source(CLASS, CLASS_TEXT))  # it has no notebook
    monkeypatch.setattr(parent, "read", lambda path: Notebook(path, [code], "x", "en"))
    monkeypatch.setattr(
        parent.learner, "exercise", lambda name, language, variant: Exercise(name, table)
    )
    monkeypatch.setattr(parent, "load", lambda name: table)
    path = folder / "x.ipynb"
    path.write_text("{}")
    return parent.report(str(path)).board.results[0]


@pytest.mark.parametrize(
    ("old", "new", "state", "reasons"),
    [
        ("=", "=", "right", ()),
        ("+=", "=", "not_yet", ("overwritten",)),
        ("+= number", "+= 1 / 0", "not_yet", ("exception",)),
        ("self.total += number", "while True: pass", "not_yet", ("endless",)),
        ("total", "sum", "not_yet", ("exception",)),
        ("class Counter", "class Counted", "todo", ()),
    ],
)
def test_a_class_is_tried_in_the_learners_process(old, new, state, reasons, tmp_path, monkeypatch):
    result = board_of(tmp_path, monkeypatch, CLASS_TEXT.replace(old, new))
    assert (result.state, result.reasons) == (state, reasons)


# --- torch ----------------------------------------------------------------------------------------

TORCH = Task(
    "slope",
    "By autograd",
    "x",
    (Output("g", "the gradient", axes="n"),),
    sizes="n",
    draw={"x": "n"},
    hints=("What does autograd need to know?", "That x takes part."),
    slips=(Slip("doubled", "t.grad => 2 * t.grad", "it is taken twice."),
           Slip("value", "t.grad => t.detach().cos()", "this is φ itself.")),
)  # fmt: skip
TORCH_TEXT = """def slope(x):
    t = torch.tensor(x, requires_grad=True)
    torch.sum(torch.cos(t)).backward()
    return t.grad
"""


def test_an_answer_may_use_torch_and_return_its_tensors():
    source = Source(TORCH, TORCH_TEXT, "import torch")
    assert faults(source) == []
    judge = Judge(source)
    assert judge(lambda x: -np.sin(x))
    assert judge(source.answer(TORCH_TEXT.replace("torch.cos", "torch.sin"))).reasons == ("value",)
