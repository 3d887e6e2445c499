"""What a judge needs to know of a task: the right values, and those of its slips.

Two things know it: `edits.Source`, which has the right answer's text and edits it, and
`sealed.Sealed`, which has values alone and keeps the answer to itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Protocol

import numpy as np

from coursecheck.form import Slip, Task
from coursecheck.prints import Print

Columns = list[list[np.ndarray]]  # one column for each output: its values, one per draw
ALL = ""  # the output as a whole, in the place of words for a term


@dataclass(frozen=True, eq=False)
class Form:
    """One way to make a slip: the output whose line it is made in (None: any), and its values.

    `spoils` are the outputs that it changes; `prints` has one of each output's columns.
    """

    slip: Slip
    at: int | None
    spoils: frozenset[int]
    prints: Sequence[Print]


@dataclass(frozen=True, eq=False)
class Base:
    """An output of the right text or a form's, in its terms: where a factor may be looked for.

    words  where each term comes from; ALL for the whole
    free   whether a factor may stand before the term
    """

    form: Form | None
    words: Sequence[str]
    terms: Sequence[Print]
    free: Sequence[bool]


class Bank(Protocol):
    """What the judge and the matcher ask."""

    task: Task

    @property
    def draws(self) -> list[SimpleNamespace]: ...

    @property
    def sizes(self) -> list[dict[str, int]]: ...

    @property
    def right(self) -> Columns: ...

    @property
    def forms(self) -> Sequence[Form]: ...

    @property
    def fixed(self) -> Sequence[tuple[str, Sequence[Print]]]:
        """The right answer with a number in all places of a size: the size's name, the values."""

    def bases(self, i: int) -> Sequence[Base]: ...

    def paired(self, i: int, column: list[np.ndarray]) -> Iterator[tuple[Form, Form]]:
        """The pairs of slips that together give this column of an output."""
