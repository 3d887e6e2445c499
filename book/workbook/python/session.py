"""A learner's Python in the page: runs cells, shows what they display, explains what went wrong.

The worker makes one `Session` and calls it from JavaScript. What happens in a cell is told to the
`emit` it was given, as a kind and a JSON text, in the order in which it happened:

    stream   {"text"}                           printed
    display  {"mime", "data"}                   shown: text/html, image/svg+xml or text/plain
    error    {"kind", "message", "places"}      each place: {"cell", "line", "source"}
    checked  {"exercise", "states"}             the state of each task that was judged

Nothing here knows of browsers, so the tests run it in ordinary Python.
"""

from __future__ import annotations

import contextlib
import io
import json
import linecache
from collections.abc import Callable

from pygraphviz import NotLoaded

from coursecheck import Exercise
from coursecheck.cells import LeftOut, Unreadable, parse
from coursecheck.messages import ENGLISH, NOTES, PIECES, languages, say, speak
from coursecheck.runner import brief, described, met_a_blank

#: how an object is asked for the way it wants to be shown, the best way first
SHOWN_AS = {"_repr_html_": "text/html", "_repr_svg_": "image/svg+xml"}


def N_(text: str) -> str:  # noqa: N802 (gettext's name for it)
    """Mark words that the page translates when it shows them."""
    return text


#: exceptions that deserve a sentence of our own
ADVICE = {
    MemoryError: N_(
        "That is more memory than the page can have. Make it smaller; Restart Python, in "
        "the menu Notebook, frees what is held. Or export your work and run it in Jupyter."
    ),
    RecursionError: N_("A function calls itself without an end."),
    ModuleNotFoundError: N_(
        "The page has NumPy, compgraph and coursecheck. For anything else, export "
        "your work and open it in Jupyter."
    ),
    NameError: N_("This name has no value yet. Has the cell run that gives it one?"),
    EOFError: N_("Nobody can be asked here: write the value into the cell instead of input()."),
}
BLANK = N_("A blank `...` on the way here is still open.")
FRACTION = N_("An index is a fraction: `/` gives fractions, `//` whole numbers.")


class _Stream(io.TextIOBase):
    def __init__(self, write: Callable[[str], None]):
        self._write = write

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._write(text)
        return len(text)


class Session:
    """The variables of one page, and the cells that ran.

    What the checker says is said in the page's `language` from the first cell on.
    """

    def __init__(self, emit: Callable[[str, str], None], language: str = ENGLISH):
        speak(language if language in languages() else ENGLISH)
        self._emit = emit
        self._waiting: list[object] = []
        self.names: dict[str, object] = {"__name__": "__main__", "display": self.display}
        self._results: dict[tuple[str, str], object] = {}

    # --- running -----------------------------------------------------------------------------

    def run(self, cell: str, source: str) -> bool:
        """Run a cell; whether it came to its end."""
        stream = _Stream(lambda text: self._tell("stream", text=text))
        with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
            try:
                parse(source, _file(cell)).run(self.names, self.display)
            except BaseException as error:  # the worker would take it for Python's own end
                self._tell("error", **explained(error, cell))
                return False
            finally:
                self._tell_checks()
        return True

    # --- showing -----------------------------------------------------------------------------

    def display(self, *values: object, **_: object) -> None:
        """Show values, each in the best way it knows."""
        for value in values:
            try:
                self._tell("display", **shown(value))
            except NotLoaded:
                self._waiting.append(value)

    def show_waiting(self) -> None:
        """Show the drawings that were displayed before Graphviz was there."""
        waiting, self._waiting = self._waiting, []
        self.display(*waiting)

    def _tell(self, kind: str, /, **facts: object) -> None:
        self._emit(kind, json.dumps(facts, ensure_ascii=False))

    def _tell_checks(self) -> None:
        """Tell of the tasks that have been judged since the last time."""
        exercises = {
            value.name: value for value in list(self.names.values()) if isinstance(value, Exercise)
        }
        for name, exercise in exercises.items():
            states = {}
            for result in exercise.board().results:
                judged = result.state != "todo" or result.remarks
                if judged and self._results.get((name, result.task)) is not result:
                    self._results[name, result.task] = result
                    states[result.task] = result.state
            if states:
                self._tell("checked", exercise=name, states=states)


def shown(value: object) -> dict[str, str]:
    """A value as the page shows it."""
    for method, mime in SHOWN_AS.items():
        represent = getattr(value, method, None)
        if callable(represent) and not isinstance(value, type):
            if (data := represent()) is not None:
                return {"mime": mime, "data": data}
    return {"mime": "text/plain", "data": repr(value)}


# --- what went wrong -----------------------------------------------------------------------------


def explained(error: BaseException, cell: str) -> dict[str, object]:
    """An exception in a few words: its kind, its message, and where in the learner's cells.

    The innermost place comes first. What happens inside libraries is left out.
    """
    if isinstance(error, LeftOut):
        place = {"cell": cell, "line": 1, "source": error.magic}
        message = say(NOTES["page_magic"], magic=error.magic)
        return {"kind": "Jupyter", "message": message, "places": [place]}
    if isinstance(error, Unreadable):
        source = linecache.getline(_file(cell), error.line).rstrip()
        place = {"cell": cell, "line": error.line, "source": source}
        said = getattr(error.error, "msg", None) or brief(error.error)
        kind = type(error.error).__name__
        return {"kind": kind, "message": error.sentence or said, "places": [place]}
    places: list[dict[str, object]] = []
    step = error.__traceback__
    while step is not None:
        filename = step.tb_frame.f_code.co_filename
        if (where := _cell(filename)) is not None:
            source = linecache.getline(filename, step.tb_lineno).strip()
            places.insert(0, {"cell": where, "line": step.tb_lineno, "source": source})
        step = step.tb_next
    message = brief(error)
    if message == say(PIECES["no_message"]):
        message = ""
    advice = next((text for kind, text in ADVICE.items() if isinstance(error, kind)), "")
    if met_a_blank(error):
        advice = BLANK
    elif described(error)[0] == "index_fraction":
        advice = FRACTION
    name = type(error).__name__.lstrip("_")
    return {"kind": name, "message": f"{message}\n{advice}".strip(), "places": _few(places)}


def _few(places: list[dict[str, object]], most: int = 4) -> list[dict[str, object]]:
    """Without repetitions, as in endless recursion, and not too many."""
    different = [p for i, p in enumerate(places) if p not in places[:i]]
    return different[:most]


def _file(cell: str) -> str:
    return f"<cell {cell}>"


def _cell(filename: str) -> str | None:
    is_cell = filename.startswith("<cell ") and filename.endswith(">")
    return filename[len("<cell ") : -1] if is_cell else None
