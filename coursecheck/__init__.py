"""A learner's answer in, a kind and exact diagnosis out. NumPy and compgraph only.

In a notebook:

    from coursecheck import exercise
    ex = exercise("02_hidden_bias")
    ex.check("dW1", dW1)        # to do, right, or not yet, and what is wrong
    ex.hint("dW1", 1)           # hints go from a question to a nearly-there
    ex.solution("dW1")          # one way to write it
    ex.board()                  # every task with its state

In a shell, without a kernel: `python -m coursecheck exercises/02_hidden_bias.ipynb`.

To add an exercise, write one module `coursecheck/exercises/e05_partition.py` that assigns an
`ExerciseTable` (see `task`) to EXERCISE. It is found by its name; nothing else changes. It says

- how random values are drawn (`given`), and on which sizes, the last entry differing in what the
  others share,
- for every task its arguments, its outputs as sums of terms, two hints and a solution text,
- for every term the wrong forms learners write and the reason of each, and in `reasons` one
  template per reason: it names what is wrong and never the answer.

Then add `tests/mistakes/bank_05_partition.py`: right and wrong answers as learners would type them.
The tests there hold every exercise to the same: it starts unsolved, its solution passes, it has
hints, every reason has a wrong answer and every wrong answer meets its own reason.

The modules, from the bottom up: `catalogue` (reading a translation), `messages` (templates),
`result` (what is shown), `runner` (calling a function safely), `task` (the tables' form), `values`
(reading one output), `diagnosis` (naming a mistake), `judge` (from answer to result), `learner`
(what a notebook sees), `notebook` (an .ipynb as a file), `grading` (other people's files, each in a
process of its own).
"""

from coursecheck.learner import Exercise, exercise
from coursecheck.result import CheckFailed, CourseCheckError

__all__ = ["CheckFailed", "CourseCheckError", "Exercise", "exercise"]
