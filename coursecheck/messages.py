"""Every sentence the checker can say that belongs to no single exercise, in the reader's language.

A sentence is a template with named fields, looked up by its *reason*. Exercises bring their own
reasons in a table of the same form. `say` is the only place where a template becomes a sentence,
so a translation needs one gettext catalogue, `locale/LANGUAGE/LC_MESSAGES/coursecheck.po`, and no
change elsewhere. The catalogue is read as it is: what is not translated, or cannot be read, is
said in English.
"""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path

from coursecheck import catalogue

ENGLISH = "en"
LOCALE = Path(__file__).resolve().parent / "locale"

STATES = {
    "todo": "to do",
    "right": "right",
    "not_yet": "not yet",
}

NOTES = {
    "todo": "Replace the `...` in `{task}` with your answer.",
    "todo_some": "Still to do: {outputs}.",
    "right_some": "Right already: {outputs}.",
    "unknown_language": "There is no language {language!r}. There are: {languages}.",
    "unknown_exercise": "There is no exercise {name!r}. There are: {names}.",
    "unknown_variant": "{name} has no variant {variant!r}. There are: {variants}.",
    "other_variant": "this notebook asks for the variant {asked}; it is judged as {given}, the one "
    "that was handed out.",
    "withheld": "The solution of `{task}` is not out yet. `check` and `hint` work as ever.",
    "unknown_task": "There is no task {name!r} in this exercise. There are: {names}.",
    "unknown_hint": "There are {count} hints for `{task}`: ask for one by number, 1 to {count}.",
    "no_file": "{path}: there is no such file.",
    "unreadable": "{path}: cannot be read ({error}).",
    "not_a_notebook": "{path}: this is not a Jupyter notebook (.ipynb).",
    "old_notebook": "{path}: this is a notebook of an old format (nbformat {version}). Open it in "
    "Jupyter and save it again.",
    "no_regular_file": "{path}: this is a device or a pipe, not a file.",
    "too_large": "{path}: this is too large for a notebook of this course.",
    "no_exercise": "{path}: no exercise of this course. There are: {names}.",
    "cell_syntax": "code cell {cell}, line {line}: {error}. The cell was left out.",
    "cell_foreign": "code cell {cell}: {sentence} The cell was left out.",
    "cell_exception": "code cell {cell} stopped with {kind}: {error}{where}",
    "cell_endless": "code cell {cell} was stopped after {seconds:g} seconds{where}.",
    "cell_magic": "code cell {cell} starts with `{magic}` and was left out.",
    "nested": "nested too deeply",
    "cell_ended": "code cell {cell} ended the process that ran it ({how}) and was left out.",
    "cell_hung": "code cell {cell} was still busy after {seconds:g} seconds and was left out, with "
    "the process that ran it.",
    "ended": "{task}: the process that ran it ended ({how}), and nothing came back.",
    "out_of_time": "{task}: the {seconds:g} seconds for this notebook were over before it was "
    "judged.",
    "not_tried": "{task}: not judged, because too much before it ended the process.",
    "unjudged": "{task}: what came back could not be judged ({kind}).",
    "given_up": "{path}: could not be judged, its process ended or hung too often.",
    "failed": "{path}: could not be judged ({error}).",
    "no_points": "{path}: this is no table of points ({error}).",
    "report": "Class report",
    "report_files": "{exercise}, number of notebooks: {count}",
    "report_tasks": "Tasks",
    "report_task": "task",
    "report_mistakes": "Mistakes",
    "report_reason": "mistake",
    "report_count": "notebooks",
    "report_said": "what one of them was told",
    "report_progress": "Progress",
    "report_file": "notebook",
    "report_points": "points",
    "report_unjudged": "Not judged",
    "page_magic": "A cell that starts with `{magic}` runs in Jupyter only.",
    "absent": "The notebook defines no `{task}`.",
    "board": "{right} of {total} right",
    "hint": "hint {level} of {count}",
    "solution": "one way to write it",
}

# Things that go wrong with an answer of any kind.
REASONS = {
    # calling it
    "not_a_function": "Hand over the function itself, not what it returns: "
    '`ex.check("{task}", {task})`.',
    "signature": "Keep the first line as it was given: `def {task}({args}):`.",
    "exception": "{task} stopped with {kind}: {error}{where}",
    "product_misfit": "{task}: a matrix product does not fit, its inner sizes are {left} and "
    "{right}{where}. Is a factor to be transposed?",
    "misfit": "{task}: arrays of shapes {one} and {other} do not fit together, entry by "
    "entry{where}. Is one of them to be transposed, or an axis to be kept?",
    "index_fraction": "{task}: an index is a fraction{where}. `/` gives fractions; `//` gives "
    "whole numbers.",
    "nodes_and_arrays": "{task}: nodes and arrays do not mix{where}. For nodes use the functions "
    "of compgraph, such as `tanh`; for arrays NumPy's own, such as `np.tanh`.",
    "not_a_node": "{name}: a node was expected, not {got}. Build it from the nodes that {task} "
    "receives.",
    "foreign_leaf": "{name}: built on a leaf {leaf} that {task} did not receive. "
    "Build on the nodes it is given.",
    "endless": "{task} was still running after {seconds:g} seconds{where}. "
    "Look at what should end its loop.",
    "busy": "{task} was still busy after {seconds:g} seconds{where}. Is there a way that takes "
    "less time?",
    "printed": "{task} prints its answer and returns nothing. Hand the answer back with `return`.",
    "returns_none": "{task} returns None. Does every way through it end in a `return`?",
    "damaged": "{task} changes its argument {argument} in place. Make a new array instead: "
    "the caller still needs the old one.",
    # reading what came back
    "count": "{task} has to return {expected}, in this order: {outputs}. Yours returns {got}.",
    "order": "The values are right, their order is not. Return {outputs}.",
    "type": "{name}: the type is {got}. Numbers were expected.",
    "choice": "{name}: {got} was not among the answers: {expected}. Write one of them, in quotes.",
    "ragged": "{name}: the rows of the list differ in length. An array of shape {expected} was "
    "expected.",
    "dtype_truth": "{name}: numbers were expected, not True or False.",
    "dtype_coarse": "{name}: {got} is too coarse to be judged. Use float64.",
    "dtype_complex": "{name}: complex numbers ({got}). All quantities here are real.",
    "nan": "{name}: entries that are NaN: {count}. Look for 0/0, ∞ − ∞ or the logarithm of a "
    "negative number.",
    "infinite": "{name}: entries that are infinite: {count}. Look for a division by zero or an "
    "exponential of something large.",
    "shape_transposed": "{name}: the shape is {got}, the transpose of the expected {expected}. "
    "Which factor comes first, and which one is transposed?",
    "shape_flattened": "{name}: the number of entries is right, their shape {got} is not. "
    "The expected shape is {expected}.",
    "shape_boxed": "{name}: one number wrapped in an array of shape {got}. "
    "A plain number was expected.",
    "shape_unsummed": "{name}: an array of shape {got}. A plain number was expected: is a sum "
    "missing?",
    "shape_scalar": "{name}: a single number. An array of shape {expected} was expected. "
    "Was one sum too many taken?",
    "shape": "{name}: the shape is {got}. The expected shape is {expected}.",
}


# Sentences and pieces of sentences that stand in the code.
PIECES = {
    "of_all": "{name}: {fault}.",
    "of_a_term": "{name}: {fault}: {term}.",
    "comma": ", ",
    "colon": ": ",
    "and": "{first} and {last}",
    "one": "one {kind}",
    "several": "{count} values",
    "no_message": "no message",
    "none": "none",
    "utf16": "it is in UTF-16, and notebooks are in UTF-8",
    "no_utf8": "it is not in UTF-8",
    "exit_code": "exit code {code}",
    "signal": "signal {name}",
    "senseless": "it said what nobody understands",
    "wide_character": "`{got}` in line {line}, column {column}, is not Python's. Type `{typed}` "
    "instead.",
    "wide_space": "The space in line {line}, column {column}, is not Python's ({code}). Type an "
    "ordinary space instead.",
    "line": " (line {line})",
    "line_source": " (line {line}: `{source}`)",
}


def languages() -> list[str]:
    """The languages that the checker speaks."""
    return [ENGLISH, *sorted(path.name for path in LOCALE.iterdir() if path.is_dir())]


@cache
def _translations(path: Path) -> dict[str, str]:
    """What a catalogue says; nothing, and one warning, if it cannot be read."""
    try:
        return catalogue.read(path)
    except catalogue.Broken as broken:
        warnings.warn(f"coursecheck speaks English: {broken}", stacklevel=3)
        return {}


def path_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "coursecheck.po"


def speak(language: str = ENGLISH) -> None:
    """Say everything from now on in this language, one of `languages()`."""
    global _spoken
    _spoken = {} if language == ENGLISH else _translations(path_of(language))


_spoken: dict[str, str] = {}


def _(text: str) -> str:
    """A template or a name in the reader's language; itself if it is the same there."""
    return _spoken.get(text, text)


def say(template: str, **fields: object) -> str:
    """The sentence that `template` makes of `fields`, in the reader's language."""
    try:
        return _(template).format(**fields)
    except (LookupError, ValueError):  # a translation with a field that its English has not
        return template.format(**fields)


def headed(subject: str, rest: str) -> str:
    """What is talked about, and what is said of it: `dW1: right`."""
    return subject + _(PIECES["colon"]) + rest


def listed(words: object) -> str:
    """The words as a list for the eye: `a, b and c`."""
    *first, last = [str(word) for word in words]  # type: ignore[attr-defined]
    return say(PIECES["and"], first=_(PIECES["comma"]).join(first), last=last) if first else last
