"""A learner's answer in, a kind and exact diagnosis out. NumPy and compgraph only.

In a notebook:

    from coursecheck import exercise
    ex = exercise("02_hidden_bias")
    ex.check("dW1", dW1)        # to do, right, or not yet, and what is wrong
    ex.hint("dW1", 1)           # hints go from a question to a nearly-there
    ex.solution("dW1")          # one way to write it
    ex.board()                  # every task with its state

In a shell, without a kernel: `python -m coursecheck exercises/02_hidden_bias.ipynb`.

To add an exercise, write one module `coursecheck/exercises/e05_partition.py` that assigns TITLE and
TASKS (see `form`). It is found by its name; nothing else changes. The right answers are not in it:
they are read from the cells of the solution notebook, and a slip is an edit of such a text, with
the sentence that is said to it. A task says

- its arguments, how values for them are drawn, and what the notebook states of them,
- its outputs with their shapes, two hints, and right answers in other words,
- the slips: what is wrong is named, and never what is right.

`prove.faults` says what is wrong with a task: a slip that does not apply, is right, looks like
another, is told something else, or gives the answer away; a right answer that is refused; draws
that fix what the notebook does not state. `tests/coursecheck/test_bank.py` holds every task to it.

The modules, from the bottom up: `catalogue` (reading a translation), `messages` (templates),
`result` (what is shown), `source` (whose code it is and what stands there), `runner` (calling a
function safely), `cells` (reading and running a cell), `form` (what a task is), `draws` (values
that fix nothing unstated), `values` (reading an answer), `texts` and `edits` (the right answers,
edited), `match` (which slips explain an answer), `judge` (from answer to result), `learner` (what
a notebook sees), `notebook` (an .ipynb as a file), `prove` (is an exercise sound?),
`grading` (other people's notebooks, each in a process of its own).
"""

from coursecheck.learner import Exercise, exercise
from coursecheck.result import CheckFailed, CourseCheckError

__all__ = ["CheckFailed", "CourseCheckError", "Exercise", "exercise"]
