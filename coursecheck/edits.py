"""Edits of the right answer's text, and what they give."""

from __future__ import annotations

import ast
import math
import re
import textwrap
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np

from coursecheck.bank import ALL, Base, Columns, Form
from coursecheck.draws import choose, whole
from coursecheck.form import Output, Task
from coursecheck.prints import TOLERANCE, Print, of_column
from coursecheck.values import alike, close, read

Span = tuple[int, int, str]  # from, to, what stands there instead; an insertion if from == to


class BankError(Exception):
    """A bank file that does not fit the solution it is about."""


@dataclass(frozen=True, eq=False)
class Edited(Form):
    """A form with the text it is made of: the edits, what comes of them, the values."""

    spans: tuple[Span, ...]
    text: str
    columns: Columns


class Source:
    """A task with the text of its right answer, its draws, and the values of edited texts."""

    def __init__(self, task: Task, text: str, before: str = ""):
        """`text` is the book's right answer, which a variant's edits change.

        `before` is what stands above an answer: imports, and the answers that it calls.
        """
        self.task, self._book, self.draws = task, text, choose(task)
        self._ends = [place for place, letter in enumerate(text) if letter == "\n"]
        self._changes = tuple(span for edit in task.edits for span in self.spans(edit))
        self.text = self.edited(()) or ""
        self._names: dict[str, object] = {"np": np, "math": math}
        exec(before, self._names)
        self._smallest: dict[str, Columns | None] = {}  # text -> values on the first draw
        self._pairs: dict[int, list] = {}
        self._bases: dict[int, list[Base]] = {}
        self.sizes = [whole(v) for v in self.draws]

    def spans(self, edit: str, at: str = "") -> tuple[Span, ...]:
        """An edit as spans of the book's text; every part of it must apply exactly once."""
        if "=>" not in edit:
            if self.task.args is None:
                return ((0, len(self._book), edit),)
            start = self._book.index("\n") + 1
            return ((start, len(self._book), textwrap.indent(edit, "    ") + "\n"),)
        found = []
        for part in edit.split(" && "):
            old, new = (side.strip() for side in part.split("=>"))
            start, end = self.line(at, old) if at else (0, len(self._book))
            if (times := self._book.count(old, start, end)) != 1:
                raise BankError(
                    f"{self.task.key}: {old!r} stands {times} times {at and 'in ' + at}"
                )
            start = self._book.index(old, start, end)
            found.append((start, start + len(old), new))
        return tuple(found)

    def line(self, output: str, *parts: str) -> tuple[int, int]:
        """The last line that sets an output, or the `return`, with each of the parts in it once."""
        for match in reversed(list(re.finditer(rf"^ *({output} =|return) .*$", self._book, re.M))):
            if all(match.group().count(part) == 1 for part in parts):
                return match.span()
        raise BankError(f"{self.task.key}: no line sets {output} and has once {parts}")

    def lines(self, spans: Sequence[Span]) -> set[int]:
        """The numbers of the lines that the spans touch."""
        found: set[int] = set()
        for start, end, _ in spans:
            first, last = (bisect_left(self._ends, at) for at in (start, max(end - 1, start)))
            found |= set(range(first, last + 1))
        return found

    def edited(self, spans: Sequence[Span], own: bool = False) -> str | None:
        """The text with these edits, and a variant's; None if two are about the same place."""
        varied = self._varied(spans, own)
        if varied is None:
            return None
        text, last = "", 0
        # At one place: what closes, what opens, what is replaced.
        for start, end, new in sorted(varied, key=lambda s: (s[0], s[1], not s[2].startswith(")"))):
            if start < last:
                return None
            text, last = text + self._book[last:start] + new, end
        return text + self._book[last:]

    def _varied(self, spans: Sequence[Span], own: bool) -> list[Span] | None:
        """The edits and the variant's; None where the variant changes what an edit is about.

        An edit that only moves what the variant changes moves the changed text. One of the
        variant's `own` slips takes its place.
        """
        found = list(spans)
        for change in self._changes:
            meeting = [n for n, span in enumerate(found[: len(spans)]) if _meet(change, span)]
            for n in meeting if not own else ():
                start, end, new = found[n]
                moved = _moved(new, self._book[change[0] : change[1]], change[2])
                if not (start <= change[0] and change[1] <= end and moved != new):
                    return None
                found[n] = (start, end, moved)
            if not meeting:
                found.append(change)
        return found

    def answer(self, text: str, **names: object) -> Any:
        """What the text defines under the task's key."""
        space = {**self._names, **names}
        exec(compile(text, f"<{self.task.key}>", "exec"), space)
        return space[self.task.key]

    def row(self, answer: Any, v: SimpleNamespace) -> list[np.ndarray]:
        """The answer's values on one draw."""
        if (way := self.task.way) is not None:
            answer = way(answer, v)
        elif self.task.args is not None:
            given = [getattr(v, name) for name in self.task.args]
            answer = answer(*(np.copy(a) if isinstance(a, np.ndarray) else a for a in given))
        several = answer if len(self.task.outputs) > 1 else [answer]
        return list(map(_as_numbers, several, self.task.outputs))

    def values(self, text: str, draws: Sequence[SimpleNamespace] | None = None) -> Columns | None:
        """The columns of a text; None if it does not run."""
        try:
            with np.errstate(all="ignore"):
                answer = self.answer(text)
                rows = [self.row(answer, v) for v in draws or self.draws]
        except Exception:
            return None
        if not all(np.isfinite(value).all() for row in rows for value in row):
            return None
        return [list(column) for column in zip(*rows, strict=True)]

    def terms(self, spans: Sequence[Span], output: Output) -> list[list[np.ndarray]] | None:
        """The columns of an output's terms in the edited text; None if an edit cuts through one."""
        marks, index = [], self.task.outputs.index(output)
        line = slice(*self.line(output.key, *output.terms))
        for number, term in enumerate(output.terms):
            start = line.start + self._book[line].index(term)
            end = start + len(term)
            marks += [(start, start, f"_t({number}, ("), (end, end, "))")]
        text = self.edited([*spans, *marks])
        if text is None:
            return None
        seen: dict[int, object] = {}
        answer = self.answer(text, _t=lambda number, value: seen.setdefault(number, value))
        rows = []
        for v in self.draws:
            seen.clear()
            try:
                value = self.row(answer, v)[index]
                parts = [
                    np.asarray(seen[number], dtype=float) for number in range(len(output.terms))
                ]
            except Exception:
                return None
            if any(part.shape != value.shape for part in parts):
                return None
            rows.append(parts)
        return [list(column) for column in zip(*rows, strict=True)]

    @cached_property
    def right(self) -> Columns:
        columns = self.values(self.text)
        if columns is None:
            raise BankError(f"{self.task.key}: the right answer does not run")
        return columns

    @cached_property
    def forms(self) -> list[Edited]:
        """Every way to make every slip, with its values."""
        found = []
        for slip in self.task.slips:
            for edit, at in slip.ways(self.task.on):
                spans = self.spans(edit, at)
                if (text := self.edited(spans, slip.own)) is None:
                    continue  # of the book's answer alone: a variant has changed that place
                if (columns := self.values(text)) is None:
                    if self._changes and not slip.own:
                        continue  # such as a division by the slope of the ReLU
                    raise BankError(f"{self.task.key}, {slip.key}: {edit!r} does not run")
                keys = [output.key for output in self.task.outputs]
                changed = frozenset(
                    i for i, right in enumerate(self.right) if not alike(columns[i], right)
                )
                place = keys.index(at) if at else None
                prints = [of_column(column) for column in columns]
                found.append(Edited(slip, place, changed, prints, spans, text, columns))
        # Of forms that are alike in one output, the one that changes fewest others comes first.
        return sorted(found, key=lambda form: len(form.spoils))

    # --- two slips at once ---

    @cached_property
    def _apart(self) -> list[tuple[Edited, Edited]]:
        """Two slips in different lines. In one line they may cancel; then neither is true."""
        lines = [self.lines(form.spans) for form in self.forms]
        return [
            (one, other)
            for (one, here), (other, there) in combinations(zip(self.forms, lines, strict=True), 2)
            if not here & there and one.slip.key != other.slip.key
        ]

    def paired(self, i: int, column: list[np.ndarray]) -> Iterator[tuple[Form, Form]]:
        """The pairs of slips that together give this column of an output."""
        for one, other, text, value in self.pairs(i):
            if close(column[0], value):
                both = self.values(text)
                if both is not None and alike(column, both[i]):
                    yield one, other

    def pairs(self, i: int) -> list[tuple[Edited, Edited, str, np.ndarray]]:
        """Two slips that both change an output: their text, and its value on the smallest draw."""
        if i not in self._pairs:
            self._pairs[i] = []
            for one, other, text in self.both(i):
                if text not in self._smallest:
                    self._smallest[text] = self.values(text, self.draws[:1])
                if (columns := self._smallest[text]) is not None:
                    self._pairs[i].append((one, other, text, columns[i][0]))
        return self._pairs[i]

    def both(self, i: int) -> Iterator[tuple[Edited, Edited, str]]:
        """Two slips that both change an output, and their text, whether it runs or not."""
        for one, other in self._apart:
            if i in one.spoils and i in other.spoils:
                yield one, other, self.edited([*one.spans, *other.spans]) or ""

    # --- factors, and fixed numbers ---

    def bases(self, i: int) -> list[Base]:
        """The right text and every form, with the output as a whole and in its terms."""
        if i not in self._bases:  # of a plain value nothing is a factor
            self._bases[i] = list(self._in_terms(i)) if len(self.draws) > 1 else []
        return self._bases[i]

    def _in_terms(self, i: int) -> Iterator[Base]:
        output: Output = self.task.outputs[i]
        own = self._own_lines(output)
        plain: dict[int, Columns] = {}  # the terms of the right text, by their number
        for form in (None, *self.forms):
            spans, columns = (form.spans, form.columns) if form else ((), self.right)
            versions = [([ALL], [columns[i]])]
            if output.terms and (parts := self.terms(spans, output)) is not None:
                versions.append((list(output.terms.values()), parts))
            for words, parts in versions:
                right = plain.setdefault(len(words), parts)
                apart = not own & self.lines(spans)
                free = [self._free(*two, apart) for two in zip(parts, right, strict=True)]
                yield Base(form, words, [of_column(part) for part in parts], free)

    def _own_lines(self, output: Output) -> set[int]:
        """The lines that make an output; all of them where none sets it, as in a class."""
        try:
            return self.lines([(*self.line(output.key, *output.terms), "")])
        except BankError:
            if output.terms:
                raise
            return self.lines([(0, len(self._book), "")])

    def _free(self, term: list[np.ndarray], right: list[np.ndarray], apart: bool) -> bool:
        """Whether a slip leaves room for a factor here: it is elsewhere and no factor itself.

        A slip and a factor at the same place may cancel, and then neither sentence is true.
        """
        one, other = (np.concatenate([a.ravel() for a in each]) for each in (term, right))
        if one.shape == other.shape and np.allclose(one, other, rtol=TOLERANCE):
            return True
        if not apart or one.shape != other.shape:
            return apart
        with np.errstate(all="ignore"):
            ratio = one / other
        different = np.unique(np.round(ratio[np.isfinite(ratio)], 6))
        return len(different) > len(self.draws)

    @cached_property
    def fixed(self) -> list[tuple[str, list[Print]]]:
        """The right answer with a number in all places of a size: its name, the values."""
        found, body = [], self.text.index("\n") + 1
        for name in [n for n in self.sizes[0] if n in (self.task.args or ())]:
            for number in (*range(11), 16, 32, 64):
                text = re.sub(rf"\b{name}\b", str(number), self.text[body:])
                if (columns := self.values(self.text[:body] + text)) is not None:
                    found.append((name, [of_column(column) for column in columns]))
        return found


def _as_numbers(value: object, output: Output) -> np.ndarray:
    """A value of an edited text; nothing is refused there but what no answer may be."""
    if not output.choices:
        return np.asarray(value, dtype=float)
    found = read(value, output)
    if isinstance(found, str):
        raise BankError(f"{output.key}: {value!r} is none of {', '.join(output.choices)}")
    return found


def _meet(one: Span, other: Span) -> bool:
    """Whether two edits are about the same letters; an insertion is about those around it."""
    return one[0] < other[1] and other[0] < one[1]


def _moved(text: str, old: str, new: str) -> str:
    """The text with `new` wherever `old` stands by itself in it: a call, or between brackets."""
    if old.endswith("("):
        return text.replace(old, new)
    single = re.fullmatch(r"[\w.]*\(.*\)", old)
    before, after = ("", "") if single else (r"(?:^|(?<=\()|(?<=return ))", r"(?=\)|$)")
    return re.sub(before + re.escape(old) + after, lambda _: f"({new})", text)


def pieces(text: str) -> list[ast.expr]:
    """The expressions of two or more parts in a text: what a sentence must not contain."""
    kinds = (ast.BinOp, ast.Call, ast.Subscript, ast.Tuple)
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)]
