"""What an exercise is made of: tasks, their outputs and slips. Strings, and few functions.

The right answer is not here: it is read from the solution notebook (`source`), and a slip is an
edit of that text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from coursecheck.result import Finding
from coursecheck.trials import tried


@dataclass(frozen=True)
class Slip:
    """A mistake: its key, the edit of the right text that makes it, and what is said to it.

    `edit` is "old => new"; several at once are joined by " && ". Without "=>" it is the function's
    whole body. Different ways to make the same mistake are a tuple, or "old => new | new". What
    stands before "=>" is `~` after it; where nothing does, it is what the task's `on` says. `at`
    names the outputs in whose lines (`name = …`) the edit is made: one slip for each of them. `own`
    slips are a variant's: they stand where it has edited the right text, others do not.
    """

    key: str
    edit: str | tuple[str, ...]
    says: str
    at: str = ""
    own: bool = False

    def ways(self, on: str = "") -> list[tuple[str, str]]:
        """Every single edit in full, and the line it is limited to (or "")."""
        edits = (self.edit,) if isinstance(self.edit, str) else self.edit
        return [
            (way, at)
            for edit in edits
            for way in _in_full(edit, on)
            for at in (self.at.split() or [""])
        ]


def _in_full(edit: str, on: str) -> list[str]:
    """The edits that a short one stands for."""
    if edit.count("=>") != 1 or " && " in edit:
        return [edit]
    old, news = (side.strip() for side in edit.split("=>"))
    old = old or on
    return [f"{old} => {new.strip().replace('~', old)}" for new in news.split(" | ")]


@dataclass(frozen=True)
class Output:
    """One value asked for. `kind`: real, count (a whole number), flag (1 or 0, True or False), or a
    choice, "choice: data, tensor, pipeline", which is answered by one of these words.

    `axes` are those of its shape, "h d". `terms` are the summands in the right text and, for each,
    where it comes from: words that never give its formula.
    """

    key: str
    name: str
    kind: str = "real"
    axes: str = ""
    terms: Mapping[str, str] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[str | int, ...]:
        return tuple(int(axis) if axis.isdigit() else axis for axis in self.axes.split())

    @property
    def choices(self) -> tuple[str, ...]:
        """The words of a choice."""
        kind, _, words = self.kind.partition(":")
        return tuple(word.strip() for word in words.split(",")) if kind == "choice" else ()

    def expected(self, v: Any) -> tuple[int, ...]:
        return tuple(axis if isinstance(axis, int) else getattr(v, axis) for axis in self.shape)


@dataclass(frozen=True)
class Task:
    """One question. `given` are its arguments as in the notebook; None if a value is asked for.

    draw       what an argument or a size is: "n d" (normal numbers), "0..N" (whole), "0.1..0.9"
               (real), a function of (rng, v) that gives numbers, arrays or an instrument.
               A name in `sizes` that has none is a size, and so is one in `given`, but for an
               answer that is used or tried otherwise
    on         the piece of the right text that its slips are about: an edit may leave it out
    where      what the task states of its sizes, an expression: "h % N == 0"
    use        (answer, v) -> what came back, where calling it with the drawn arguments will not do:
               nodes for arrays: one of `instruments.USES`. It may return
               a Finding. With `given` the signature is still checked
    trial      of an answer that is a class: a function as text, `def tried(Value, a, b)`, that
               returns what the class gives for what is drawn. It is run where the class is
    after      earlier tasks whose answers the right answer calls
    inspect    looks at v after a right answer: a sentence, or nothing; of `INSPECTIONS`
    otherwise  right answers in other words, as edits or whole bodies
    edits      of the right text: a variant's
    """

    key: str
    title: str
    given: str | None
    outputs: tuple[Output, ...]
    hints: tuple[str, ...]
    slips: tuple[Slip, ...]
    sizes: str = ""
    draw: Mapping[str, str | Callable] = field(default_factory=dict)
    on: str = ""
    where: str = "True"
    use: Callable[[Any, Any], Any | Finding] | None = None
    trial: str = ""
    after: tuple[str, ...] = ()
    inspect: Callable[[Any], str | None] | None = None
    otherwise: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()

    @property
    def way(self) -> Callable[[Any, Any], Any | Finding] | None:
        """(answer, v) -> what comes of it, where an answer is not called with its arguments."""
        return partial(tried, self.trial) if self.trial else self.use

    @property
    def args(self) -> tuple[str, ...] | None:
        return None if self.given is None else tuple(self.given.split())

    def arguments(self, v: Any) -> dict[str, object]:
        """What an answer is called with; where it is used otherwise, what is known of it."""
        return {name: getattr(v, name) for name in self.args or () if hasattr(v, name)}
