"""Which slips explain an answer? Only what explains it on every draw, and nothing simpler does.

An explanation of an output is a set of findings with a cost: a slip of the bank, two in different
lines, a factor before a term, and what can be said of any formula. What explains all wrong outputs
together with the fewest findings is said. Of equally good ones, what they share is said; if they
share nothing, nothing is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, combinations, product

import numpy as np

from coursecheck.edits import Columns, Form, Source, Span
from coursecheck.form import Output
from coursecheck.values import TOLERANCE, alike, close

# Costs: the more general a sentence, the higher; one that spoils a right output, a little more.
SLIP, FACTOR, GENERIC, CONSTANT, SPOILT, NOTHING = 1.0, 1.1, 1.2, 1.3, 0.02, 100.0
ALL = ""  # the output as a whole, in the place of words for a term

#: what can be said of any output, and of any of its terms
COMMON = {
    "zero": "this is missing",
    "sign": "the sign is wrong",
    "large": "too large by the factor {factor}",
    "small": "too small by the factor {factor}",
    "often": "{factor} is in it once too often",
    "seldom": "{factor} is in it once too seldom",
    "factor": "right but for a factor that is the same number whatever the sizes and values are",
}
#: what can be said of an output alone
WHOLE = {
    "offset": "off by the same number whatever the sizes are.",
    "number": "{size} takes no part in it, or a fixed number in its place.",
    "turned": "right but transposed. Which factor comes first?",
}


@dataclass(frozen=True)
class Found:
    """A finding before it is a sentence: its key, its template, and the template's fields."""

    key: str
    template: str
    fields: tuple[tuple[str, str], ...] = ()
    # the output it is about; what else it spoils follows from it
    at: int | None = field(default=None, compare=False)
    spoils: frozenset[int] = field(default=frozenset(), compare=False)  # the outputs it changes


Explanation = tuple[float, frozenset[Found]]


@dataclass(frozen=True)
class Base:
    """An output in the right text or a slip's: its terms, and where a factor may be looked for."""

    found: frozenset[Found]
    words: Sequence[str]
    shapes: Sequence[tuple[int, ...]]
    terms: Sequence[np.ndarray]  # all draws in one
    free: Sequence[bool]


def _flat(column: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([a.ravel() for a in column])


def _common(key: str, **fields: str) -> Found:
    return Found(key, COMMON.get(key) or WHOLE[key], tuple(fields.items()))


def _multiple(answer: np.ndarray, term: np.ndarray, scale: float) -> bool:
    """Whether an answer is a constant number, and not 0, times a term."""
    ratio = answer @ term / (term @ term or 1.0)
    return abs(ratio) > 0.01 and bool((np.abs(answer - ratio * term) <= scale).all())


class Matcher:
    """Explains wrong outputs of one task."""

    def __init__(self, source: Source):
        self.source = source
        self._bases: dict[int, list[Base]] = {}

    def explain(self, wrong: dict[int, list], right: Sequence[int] = ()) -> dict[int, frozenset]:
        """Findings for the wrong outputs, by their numbers; an empty set where nothing explains."""
        options = {i: self._cheapest(self._options(i, a, right)) for i, a in wrong.items()}
        at = {f.at for i in options for _, found in options[i] for f in found if f.at == i}
        for i in options:  # what only follows from a slip in another line needs that slip
            options[i] = [o for o in options[i] if all(f.at in (None, i, *at) for f in o[1])]
            options[i].append((NOTHING, frozenset()))
        best: list[tuple[float, dict[int, frozenset[Found]]]] = []
        for choice in product(*options.values()):
            chosen = {i: found for i, (_, found) in zip(options, choice, strict=True)}
            if all(self._holds(i, chosen) for i in chosen):
                # A slip that explains three outputs counts once.
                every = set(chain.from_iterable(chosen.values()))
                best.append((len(every) + sum(cost for cost, _ in choice) / 10, chosen))
        least = min(cost for cost, _ in best) + 1e-9
        equal = [chosen for cost, chosen in best if cost < least]
        return {i: frozenset.intersection(*(chosen[i] for chosen in equal)) for i in wrong}

    @staticmethod
    def _holds(i: int, chosen: dict[int, frozenset[Found]]) -> bool:
        """Whether the outputs that two slips would spoil are explained by them, too."""
        return len(chosen[i]) < 2 or all(
            any(found.template == other.template for other in chosen.get(j, ()))
            for found in chosen[i]
            for j in found.spoils
        )

    @staticmethod
    def _cheapest(options: Iterator[Explanation]) -> list[Explanation]:
        found: dict[frozenset[Found], float] = {}
        for cost, reasons in options:
            found[reasons] = min(cost, found.get(reasons, cost))
        return [(c, f) for f, c in found.items() if c < min(found.values()) + 0.5]

    def _slip(self, form: Form) -> Found:
        return Found(form.slip.key, form.slip.says, at=form.at, spoils=form.spoils)

    def _options(self, i: int, column: list, right: Sequence[int]) -> Iterator[Explanation]:
        """Everything that explains one output, the simple first."""
        source, any_found = self.source, False
        for form in source.forms:
            if alike(column, form.columns[i]):
                # It would have spoilt outputs that are right: possible, but less likely.
                found = self._slip(form)
                spoilt = len(found.spoils & set(right)) + (form.at not in (None, i))
                any_found = True
                yield SLIP + SPOILT * spoilt, frozenset([found])
        if alike(column, [column[0]] * len(column)):  # always the same: no factor of anything
            return
        turned = [a.T for a in column]
        if column[0].ndim == 2 and alike(turned, source.right[i]):
            any_found = True
            yield GENERIC, frozenset([_common("turned")])
        for size, columns in source.fixed:
            if alike(column, columns[i]):
                any_found = True
                yield GENERIC, frozenset([_common("number", size=size)])
        for explanation in self._fitted(i, column, slips=False):
            any_found = True
            yield explanation
        if any_found:
            return
        yield from self._fitted(i, column, slips=True)
        for (one, other), text, value in source.pairs(i):
            if close(column[0], value):
                both = source.values(text)
                if both is not None and alike(column, both[i]):
                    yield 2 * SLIP, frozenset([self._slip(one), self._slip(other)])

    # --- factors before terms ---

    @cached_property
    def _factors(self) -> list[tuple[str, str, np.ndarray]]:
        """Key, name and value (one per draw) of the factors that can stand before a term."""
        draws, sizes = self.source.draws, self.source.sizes[0]
        ones = np.ones(len(draws))
        known = [("zero", "", 0 * ones), ("sign", "", -ones)]
        known += [("large", "2", 2 * ones), ("small", "2", ones / 2)]
        for name in sorted(n for n, value in vars(draws[0]).items() if np.isscalar(value)):
            values = np.array([float(getattr(v, name)) for v in draws])
            if (values > 0).all():  # a rate is below 1: without it a term is larger, not smaller
                more, less = ("large", "small") if name in sizes else ("often", "seldom")
                known += [(more, name, values), (less, name, 1 / values)]
        return known

    def _of(self, i: int) -> list[Base]:
        """The right text and every slip, with the output as a whole and in its terms."""
        if i not in self._bases:
            source, bases = self.source, []
            output: Output = source.task.outputs[i]
            own = source.lines([(*source.line(output.key, *output.terms), "")])
            texts: list[tuple[frozenset[Found], tuple[Span, ...], Columns]]
            texts = [(frozenset(), (), source.right)]
            texts += [(frozenset([self._slip(f)]), f.spans, f.columns) for f in source.forms]
            plain: dict[int, list[np.ndarray]] = {}
            for found, spans, columns in texts:
                versions = [([ALL], [columns[i]])]
                if output.terms and (parts := source.terms(spans, output)) is not None:
                    versions.append((list(output.terms.values()), parts))
                for words, parts in versions:
                    terms = [_flat(part) for part in parts]
                    right = plain.setdefault(len(words), terms)  # of the right text: it is first
                    apart = not own & source.lines(spans)
                    free = [self._free(*two, apart) for two in zip(terms, right, strict=True)]
                    bases.append(Base(found, words, [a.shape for a in columns[i]], terms, free))
            self._bases[i] = bases
        return self._bases[i]

    def _free(self, term: np.ndarray, right: np.ndarray, apart: bool) -> bool:
        """Whether a slip leaves room for a factor here: it is elsewhere and no factor itself.

        A slip and a factor at the same place may cancel, and then neither sentence is true.
        """
        if term.shape == right.shape and np.allclose(term, right, rtol=TOLERANCE):
            return True
        if not apart or term.shape != right.shape:
            return apart
        with np.errstate(all="ignore"):
            ratio = term / right
        different = np.unique(np.round(ratio[np.isfinite(ratio)], 6))
        return len(different) > len(self.source.draws)

    def _fitted(self, i: int, column: list[np.ndarray], slips: bool) -> Iterator[Explanation]:
        """Factors before one or two terms of the right text, or one of a slip's (`slips`)."""
        answer, shapes = _flat(column), [a.shape for a in column]
        scale = TOLERANCE * (np.max(np.abs(answer), initial=0.0) or 1.0)
        sizes = [a.size for a in column]
        factors = [(key, name, np.repeat(f, sizes)) for key, name, f in self._factors]
        for base in (b for b in self._of(i) if b.shapes == shapes and bool(b.found) == slips):
            whole = sum(base.terms)
            at = [number for number, free in enumerate(base.free) if free]
            for places in chain(*(combinations(at, count) for count in range(1, 3 - slips))):
                for chosen in product(factors, repeat=len(places)):
                    changed = zip(chosen, places, strict=True)
                    total = whole + sum((f - 1) * base.terms[t] for (*_, f), t in changed)
                    nothing = len(places) == len(base.terms) and all(
                        k == "zero" for k, *_ in chosen
                    )
                    if nothing or (np.abs(answer - total) > scale).any():
                        continue
                    found = frozenset(
                        _common(key, **({"factor": name} if name else {}), term=base.words[t])
                        for (key, name, _), t in zip(chosen, places, strict=True)
                    )
                    yield SLIP * slips + FACTOR * len(found), base.found | found
            for term, word in zip(base.terms, base.words, strict=True) if not slips else ():
                if _multiple(answer - sum(base.terms) + term, term, scale):
                    yield CONSTANT, frozenset([_common("factor", term=word)])
        right = _flat(self.source.right[i])
        if not slips and self.source.task.outputs[i].kind == "count" and len(right) == len(answer):
            if np.ptp(answer - right) == 0:
                yield CONSTANT, frozenset([_common("offset")])
