"""From an answer to a result: call, read, compare, explain. What nothing explains stays general."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import permutations
from types import SimpleNamespace

import numpy as np

from coursecheck.bank import Bank
from coursecheck.draws import whole
from coursecheck.form import Output
from coursecheck.match import Found, Matcher
from coursecheck.messages import NOTES, PIECES, REASONS, _, listed, say
from coursecheck.result import Finding, Result
from coursecheck.runner import Returned, call, fits
from coursecheck.trials import code_of
from coursecheck.values import TOLERANCE, alike, close, misshapen, read, wrong

#: what is known of an output that nothing explains; the last five name no mistake
FACTS = {
    "reads_notebook": "{name}: the same comes out whatever the arguments are. {task} reads the "
    "notebook's {variable} instead of an argument.",
    "fraction": "{name}: a count is a whole number. Yours is {own} with {sizes}.",
    "flag": "{name}: write 1 for yes and 0 for no.",
    "constant": "{name}: {own} for all sizes and values that were tried.",
    "other_choice": "{name}: `{choice}` is not right.",
    "plain": "{name}: yours is {own}, which is not right.",
    "partly": "{name}: right with {good}, but not with {sizes}: there yours is {own}.",
    "scalar": "{name}: with {sizes} yours is {own}, which is not right.",
    "entries": "{name}: the shape is right. With {sizes} {count} of {all} entries are right; the "
    "first that is not is [{place}], yours is {own}.",
}
GENERAL = {"flag", "constant", "other_choice", "plain", "partly", "scalar", "entries"}


def _shown(raw: object) -> str:
    """A word as it was typed, or what stands in its place."""
    return repr(raw[:40]) if isinstance(raw, str) else type(raw).__name__


class Trouble(Exception):
    """Ends the judging of a task with one finding."""

    def __init__(self, finding: Finding):
        self.finding = finding


class StillBlank(Exception):
    """Ends the judging of a task: nothing has been answered yet."""


class _Used:
    """An answer as its task uses it: called in the answer's name, so that errors show its lines."""

    def __init__(self, way: Callable, answer: object, v: SimpleNamespace):
        self._call = partial(way, answer, v)
        if (code := code_of(answer)) is not None:
            self.__code__ = code

    def __call__(self) -> object:
        return self._call()


class Judge:
    """Judges answers to one task."""

    def __init__(self, bank: Bank):
        self.bank, self.task, self.matcher = bank, bank.task, Matcher(bank)

    def __call__(self, answer: object) -> Result:
        """The result of a learner's answer. Never raises, whatever the answer is."""
        key, inspect = self.task.key, self.task.inspect or (lambda v: None)
        remarks: set[str] = set()
        rows = []
        try:
            for v in self.bank.draws:
                inspect(v)  # forgets what was seen before
                rows.append(self._row(answer, v))
                remarks |= {remark for remark in [inspect(v)] if remark}
            return self._compare(
                answer, [list(column) for column in zip(*rows, strict=True)], remarks
            )
        except StillBlank:
            return Result(key, "todo", remarks=(say(NOTES["todo"], task=key),))
        except Trouble as trouble:
            return Result(key, "not_yet", (trouble.finding,))

    # --- what came back ---

    def _row(self, answer: object, v: SimpleNamespace) -> list[object]:
        """What the answer gives on the draw `v`: one entry per output, `...` where it is blank."""
        task = self.task
        if answer is ...:
            raise StillBlank
        asked = task.args is not None or task.way is not None
        raw = self._called(answer, v) if asked else answer
        row = self._split(raw)
        if all(entry is ... for entry in row):
            raise StillBlank
        return row

    def _called(self, answer: object, v: SimpleNamespace) -> object:
        task = self.task
        if task.args is not None:
            if not callable(answer):
                raise self._trouble("not_a_function")
            if not fits(answer, task.args):
                raise self._trouble("signature", args=", ".join(task.args))
        if (way := task.way) is None:
            came = call(task.key, answer, task.arguments(v))  # type: ignore[arg-type]
        else:
            came = call(task.key, _Used(way, answer, v), {})
        if isinstance(came, Returned) and isinstance(came.value, Finding):
            came = came.value
        if isinstance(came, Finding):
            raise Trouble(came)
        if not isinstance(came, Returned):
            raise StillBlank
        return came.value

    def _split(self, raw: object) -> list[object]:
        """What came back as a list, one entry per output."""
        keys = [output.key for output in self.task.outputs]
        if len(keys) == 1 or raw is ...:
            return [raw] * len(keys)
        several = isinstance(raw, (tuple, list)) or (isinstance(raw, np.ndarray) and raw.ndim == 1)
        if not several or len(raw) != len(keys):  # type: ignore[arg-type]
            got = len(raw) if several else say(PIECES["one"], kind=type(raw).__name__)  # type: ignore[arg-type]
            expected = say(PIECES["several"], count=len(keys))
            raise self._trouble("count", expected=expected, outputs=", ".join(keys), got=got)
        return list(raw)  # type: ignore[call-overload]

    def _trouble(self, reason: str, **fields: object) -> Trouble:
        return Trouble(Finding(reason, REASONS[reason], {"task": self.task.key, **fields}))

    # --- what it is worth ---

    def _compare(self, answer: object, raws: list[list], remarks: set[str]) -> Result:
        """Judge every output on all draws; what is blank is neither right nor wrong."""
        task, bank = self.task, self.bank
        findings: list[Finding] = []
        columns: dict[int, list[np.ndarray]] = {}
        blank = [i for i, column in enumerate(raws) if any(raw is ... for raw in column)]
        for i, (output, column) in enumerate(zip(task.outputs, raws, strict=True)):
            if i in blank:
                continue
            values = [read(raw, output) for raw in column]
            refused = [(n, value) for n, value in enumerate(values) if isinstance(value, str)]
            for n, reason in refused[:1]:
                findings.append(self._unread(output, column[n], reason, bank.draws[n]))
            if not refused:
                columns[i] = [value for value in values if not isinstance(value, str)]
        right = [i for i, column in columns.items() if alike(column, bank.right[i])]
        wrongs = {i: column for i, column in columns.items() if i not in right}
        if len(right) == len(raws):
            found = tuple(Finding("inspected", remark) for remark in remarks)
            return Result(task.key, "not_yet" if found else "right", found)
        if len(columns) == len(raws) and self._exchanged(columns):
            raise self._trouble("order", outputs=", ".join(output.key for output in task.outputs))
        findings += self._explained(answer, wrongs, right)
        fails = [self._good(i, column).index(False) for i, column in wrongs.items()]
        remarks_ = []
        if right:
            names = listed([task.outputs[i].key for i in right])
            remarks_.append(say(NOTES["right_some"], outputs=names))
        if blank:
            names = listed([task.outputs[i].key for i in blank])
            remarks_.append(say(NOTES["todo_some"], outputs=names))
        return Result(
            task.key,
            "not_yet" if findings else "todo",
            tuple(findings),
            tuple(remarks_),
            general=bool(findings) and all(finding.reason in GENERAL for finding in findings),
            arguments=task.arguments(bank.draws[min(fails, default=0)]),
        )

    def _explained(self, answer: object, wrongs: dict[int, list], right: list[int]) -> list:
        """Findings for the wrong outputs; where no mistake is known, a fact of the first."""
        outputs, groups = self.task.outputs, dict[Found, list[str]]()
        unexplained = []
        for i, found in self.matcher.explain(wrongs, right).items() if wrongs else ():
            for one in sorted(found, key=lambda each: each.key):
                names = groups.setdefault(one, [])
                names += [_(outputs[i].name)] if one.at in (None, i) else []
            unexplained += [] if found else [i]
        findings = [self._finding(one, names) for one, names in groups.items()]
        return findings or [self._fact(answer, i, wrongs[i]) for i in unexplained[:1]]

    @staticmethod
    def _finding(one: Found, names: list[str]) -> Finding:
        fields = dict(one.fields)
        if "term" not in fields:  # a sentence of a slip, or one about the whole output
            return Finding(one.key, one.template, {"name": listed(names), **fields})
        term = fields.pop("term")
        said = say(one.template, **fields)
        fields = {"name": listed(names), "fault": said, "term": _(term)}
        return Finding(one.key, PIECES["of_a_term" if term else "of_all"], fields)

    @staticmethod
    def _unread(output: Output, raw: object, reason: str, v: SimpleNamespace) -> Finding:
        count = int((~np.isfinite(np.asarray(raw, dtype=float))).sum()) if reason in (
            "nan", "infinite") else 0  # fmt: skip
        if output.choices:
            return wrong(reason, output, got=_shown(raw), expected=" · ".join(output.choices))
        got, expected = getattr(raw, "dtype", type(raw).__name__), output.expected(v)
        return wrong(reason, output, got=got, expected=expected, count=count)

    def _exchanged(self, columns: dict[int, list[np.ndarray]]) -> bool:
        """Whether all outputs, on all draws, are right in one and the same other order."""
        return len(columns) > 1 and self.task.args is not None and any(
            all(alike(columns[i], right) for i, right in zip(order, self.bank.right, strict=True))
            for order in permutations(columns)
        )  # fmt: skip

    def _good(self, i: int, column: list[np.ndarray]) -> list[bool]:
        """On which draws an output is right; the smallest draw comes first."""
        return [close(a, r) for a, r in zip(column, self.bank.right[i], strict=True)]

    # --- what is known of what nothing explains ---

    def _fact(self, answer: object, i: int, column: list[np.ndarray]) -> Finding:
        output, draws, good = self.task.outputs[i], self.bank.draws, self._good(i, column)
        shapes = (misshapen(output, a, v) for a, v in zip(column, draws, strict=True))
        if found := next(filter(None, shapes), None):
            return found
        bad = good.index(False)
        own, reason = column[bad], "scalar"
        fields: dict[str, object] = {"task": self.task.key, "name": _(output.name)}
        broken = [n for n, a in enumerate(column) if (a != np.round(a)).any()]
        if output.kind == "flag":
            reason = "flag"
        elif own.ndim:
            right = self.bank.right[i][bad]
            off = np.abs(own - right) > TOLERANCE * (np.abs(right).max() or 1.0)
            place = tuple(np.argwhere(off)[0])
            fields |= {"count": (~off).sum(), "all": off.size, "place": ", ".join(map(str, place))}
            reason, own = "entries", own[place]
        elif output.choices:
            reason, fields["choice"] = "other_choice", output.choices[int(own)]
        elif len(draws) == 1:
            reason = "plain"
        elif alike(column, [own] * len(column)):
            data = self._read_from_outside(answer)
            reason = "reads_notebook" if data else "constant"
            fields["variable"] = ", ".join(data)
        elif output.kind == "count" and broken:
            reason, bad, own = "fraction", broken[0], column[broken[0]]
        elif any(good):
            reason, fields["good"] = "partly", self._sizes(good.index(True))
        fields |= {"sizes": self._sizes(bad), "own": f"{float(own):.6g}"}
        return Finding(reason, FACTS[reason], fields)

    @staticmethod
    def _read_from_outside(answer: object) -> list[str]:
        """The notebook's numbers and arrays that an answer reads instead of its arguments."""
        space = getattr(answer, "__globals__", {})
        names = getattr(getattr(answer, "__code__", None), "co_names", ())
        kinds = (int, float, np.ndarray)
        return [name for name in names if name in space and isinstance(space[name], kinds)]

    def _sizes(self, draw: int) -> str:
        sizes = whole(self.bank.draws[draw])
        return _(PIECES["comma"]).join(f"{name} = {value}" for name, value in sizes.items())
