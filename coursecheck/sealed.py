"""A bank that keeps its answers to itself: values and prints, and no text of an answer.

`seal` makes one file of an exercise, `Sealed` judges from it. What is in it: draws, the right
values, hints, and of every slip its sentence and the prints of its values. What is not: the text of
a right answer, or an edit of one.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from coursecheck.bank import Base, Columns, Form
from coursecheck.draws import whole
from coursecheck.edits import Source
from coursecheck.form import Output, Slip, Task
from coursecheck.instruments import INSPECTIONS, INSTRUMENTS, USES
from coursecheck.prints import SUMS, TOLERANCE, Print, of_all

FOLDER = Path(__file__).resolve().parent / "banks"
SUFFIX, OF = ".npz", "--"


class Withheld(Exception):
    """The text of a right answer was asked for, where it is not."""


# --- writing --------------------------------------------------------------------------------------


class _Pool:
    """All numbers of a file, one after the other. What is there already is not written again."""

    def __init__(self) -> None:
        self.parts: list[np.ndarray] = []
        self._end, self._places = 0, dict[bytes, int]()

    def add(self, array: np.ndarray) -> int:
        """Where the array begins."""
        flat = np.asarray(array, dtype=float).ravel()
        key = flat.tobytes()
        if key not in self._places:
            self._places[key] = self._end
            self._end += flat.size
            self.parts.append(flat)
        return self._places[key]

    def array(self, array: np.ndarray) -> dict:
        return {"at": self.add(array), "shape": array.shape, "kind": array.dtype.kind}

    def value(self, value: Any) -> Any:
        """A drawn value as JSON. Raises TypeError if it is no number, array or instrument."""
        if isinstance(value, np.ndarray):
            return self.array(value)
        if is_dataclass(value) and type(value).__name__ in INSTRUMENTS:
            kept = {f.name: getattr(value, f.name) for f in fields(value) if f.init}
            made = {name: self.value(part) for name, part in kept.items()}
            return {"instrument": type(value).__name__, "of": made}
        if isinstance(value, tuple):
            return {"tuple": [self.value(each) for each in value]}
        if not isinstance(value, (int, float)):
            raise TypeError(f"a draw that cannot be sealed: {type(value).__name__}")
        return value

    def print_(self, each: Print) -> list:
        return [each.shapes, self.add(each.sums), self.add(each.scale)]


def seal(title: str, sentences: Sequence[str], tasks: Sequence[Source]) -> bytes:
    """An exercise as one file: its title, what its instruments say, and the banks of its tasks."""
    pool = _Pool()
    told = [_sealed(source, pool) for source in tasks]
    index = json.dumps({"title": title, "sentences": sentences, "tasks": told}, ensure_ascii=False)
    file = io.BytesIO()
    np.savez_compressed(
        file, index=np.frombuffer(index.encode(), np.uint8), numbers=np.concatenate(pool.parts)
    )
    return file.getvalue()


def _sealed(source: Source, pool: _Pool) -> dict:
    task = source.task
    numbers = {id(form): number for number, form in enumerate(source.forms)}
    return {
        "key": task.key,
        "title": task.title,
        "given": task.given,
        "outputs": [[o.key, o.name, o.kind, o.axes] for o in task.outputs],
        "hints": task.hints,
        "use": getattr(task.use, "__name__", None),
        "trial": task.trial,
        "inspect": getattr(task.inspect, "__name__", None),
        "draws": [{k: pool.value(value) for k, value in vars(v).items()} for v in source.draws],
        "right": [[pool.array(value) for value in column] for column in source.right],
        "forms": [
            [f.slip.key, f.slip.says, f.at, sorted(f.spoils), [pool.print_(p) for p in f.prints]]
            for f in source.forms
        ],
        "fixed": [[name, [pool.print_(p) for p in prints]] for name, prints in source.fixed],
        "bases": [
            [
                [
                    None if base.form is None else numbers[id(base.form)],
                    list(base.words),
                    [pool.print_(term) for term in base.terms],
                    [bool(free) for free in base.free],
                ]
                for base in source.bases(i)
            ]
            for i in range(len(task.outputs))
        ],
        "pairs": list(_pairs(source, numbers, pool)),
    }


def _pairs(source: Source, numbers: dict[int, int], pool: _Pool) -> Iterator[dict]:
    """For each output the pairs of slips that change it: their numbers, and prints of all draws."""
    known: dict[str, Columns | None] = {}
    for i in range(len(source.task.outputs)):
        rows = []
        for one, other, text in source.both(i):
            if text not in known:
                known[text] = source.values(text)
            if (columns := known[text]) is not None:
                both = of_all(columns[i])
                rows.append((numbers[id(one)], numbers[id(other)], *both.sums[0]))
        yield pool.array(np.array(rows, dtype=float).reshape(-1, 2 + SUMS))


# --- reading --------------------------------------------------------------------------------------


@dataclass
class _Kept:
    """The numbers of a file, and what stands where."""

    numbers: np.ndarray

    def part(self, at: int, shape: Sequence[int]) -> np.ndarray:
        return self.numbers[at : at + int(np.prod(shape, dtype=int))].reshape(shape)

    def array(self, told: dict) -> np.ndarray:
        found = self.part(told["at"], told["shape"])
        return found.astype({"i": int, "b": bool}.get(told["kind"], float))

    def value(self, told: Any) -> Any:
        if not isinstance(told, dict):
            return told
        if "instrument" in told:
            made = {name: self.value(part) for name, part in told["of"].items()}
            return INSTRUMENTS[told["instrument"]](**made)
        if "tuple" in told:
            return tuple(self.value(each) for each in told["tuple"])
        return self.array(told)

    def print_(self, told: list) -> Print:
        shapes, sums, scale = told
        count = len(shapes)
        every = tuple(map(tuple, shapes))
        return Print(every, self.part(sums, (count, SUMS)), self.part(scale, (count,)))


class Sealed:
    """The bank of one task, as a judge asks it."""

    def __init__(self, told: dict, kept: _Kept):
        self._told, self._kept = told, kept
        use: Callable | None = USES.get(told["use"])
        self.task = Task(
            told["key"],
            told["title"],
            told["given"],
            tuple(Output(*output) for output in told["outputs"]),
            tuple(told["hints"]),
            (),
            use=use,
            trial=told["trial"],
            inspect=INSPECTIONS.get(told["inspect"]),
        )

    @cached_property
    def draws(self) -> list[SimpleNamespace]:
        return [
            SimpleNamespace(**{name: self._kept.value(value) for name, value in v.items()})
            for v in self._told["draws"]
        ]

    @cached_property
    def sizes(self) -> list[dict[str, int]]:
        return [whole(v) for v in self.draws]

    @cached_property
    def right(self) -> Columns:
        return [[self._kept.array(value) for value in column] for column in self._told["right"]]

    @cached_property
    def forms(self) -> list[Form]:
        return [
            Form(Slip(key, "", says), at, frozenset(spoils), [*map(self._kept.print_, prints)])
            for key, says, at, spoils, prints in self._told["forms"]
        ]

    @cached_property
    def fixed(self) -> list[tuple[str, list[Print]]]:
        return [(name, [*map(self._kept.print_, prints)]) for name, prints in self._told["fixed"]]

    @cache  # noqa: B019  (banks are read once, and stay)
    def bases(self, i: int) -> list[Base]:
        return [
            Base(
                None if form is None else self.forms[form],
                words,
                [*map(self._kept.print_, terms)],
                free,
            )
            for form, words, terms, free in self._told["bases"][i]
        ]

    def paired(self, i: int, column: list[np.ndarray]) -> Iterator[tuple[Form, Form]]:
        """The pairs of slips that together give this column of an output."""
        rows = self._kept.array(self._told["pairs"][i])
        own = of_all(column)
        alike = (np.abs(rows[:, 2:] - own.sums) <= TOLERANCE * own.scale[0]).all(axis=1)
        for one, other in rows[alike, :2].astype(int):
            yield self.forms[one], self.forms[other]


def file_of(name: str, variant: str = "") -> str:
    """The file of an exercise, or of a variant of it."""
    return f"{name}{OF * bool(variant)}{variant}{SUFFIX}"


def variants(folder: Path = FOLDER) -> dict[str, list[str]]:
    """The exercises that are here sealed, and the names of their variants."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        name, _, variant = path.name.removesuffix(SUFFIX).partition(OF)
        found.setdefault(name, [])
        found[name] += [variant] if variant else []
    return found


def read(
    name: str, variant: str = "", folder: Path = FOLDER
) -> tuple[str, list[str], list[Sealed]]:
    """A sealed exercise: its title, its sentences, and its tasks in the notebook's order."""
    with np.load(folder / file_of(name, variant), allow_pickle=False) as file:
        told, kept = json.loads(file["index"].tobytes()), _Kept(file["numbers"])
    return told["title"], told["sentences"], [Sealed(task, kept) for task in told["tasks"]]
