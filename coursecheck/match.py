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

from coursecheck.bank import Bank, Base, Form
from coursecheck.prints import TOLERANCE, Print, of_column
from coursecheck.values import alike

# Costs: the more general a sentence, the higher; one that spoils a right output, a little more.
SLIP, FACTOR, GENERIC, CONSTANT, SPOILT, NOTHING = 1.0, 1.1, 1.2, 1.3, 0.02, 100.0

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


def _common(key: str, **fields: str) -> Found:
    return Found(key, COMMON.get(key) or WHOLE[key], tuple(fields.items()))


def _multiple(answer: np.ndarray, term: np.ndarray, scale: float) -> bool:
    """Whether an answer is a constant number, and not 0, times a term: both by their sums."""
    ratio = (answer * term).sum() / ((term * term).sum() or 1.0)
    return abs(ratio) > 0.01 and bool((np.abs(answer - ratio * term) <= scale).all())


class Matcher:
    """Explains wrong outputs of one task."""

    def __init__(self, bank: Bank):
        self.bank = bank

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
        bank, any_found, own = self.bank, False, of_column(column)
        for form in bank.forms:
            if own.is_like(form.prints[i]):
                # It would have spoilt outputs that are right: possible, but less likely.
                found = self._slip(form)
                spoilt = len(found.spoils & set(right)) + (form.at not in (None, i))
                any_found = True
                yield SLIP + SPOILT * spoilt, frozenset([found])
        if alike(column, [column[0]] * len(column)):  # always the same: no factor of anything
            return
        turned = [a.T for a in column]
        if column[0].ndim == 2 and alike(turned, bank.right[i]):
            any_found = True
            yield GENERIC, frozenset([_common("turned")])
        for size, prints in bank.fixed:
            if own.is_like(prints[i]):
                any_found = True
                yield GENERIC, frozenset([_common("number", size=size)])
        for explanation in self._fitted(i, own, slips=False):
            any_found = True
            yield explanation
        if any_found:
            return
        yield from self._fitted(i, own, slips=True)
        for one, other in bank.paired(i, column):
            yield 2 * SLIP, frozenset([self._slip(one), self._slip(other)])

    # --- factors before terms ---

    @cached_property
    def _factors(self) -> list[tuple[str, str, np.ndarray]]:
        """Key, name and value (one per draw) of the factors that can stand before a term."""
        draws, sizes = self.bank.draws, self.bank.sizes[0]
        ones = np.ones(len(draws))
        known = [("zero", "", 0 * ones), ("sign", "", -ones)]
        known += [("large", "2", 2 * ones), ("small", "2", ones / 2)]
        for name in sorted(n for n, value in vars(draws[0]).items() if np.isscalar(value)):
            values = np.array([float(getattr(v, name)) for v in draws])
            if (values > 0).all():  # a rate is below 1: without it a term is larger, not smaller
                more, less = ("large", "small") if name in sizes else ("often", "seldom")
                known += [(more, name, values), (less, name, 1 / values)]
        return known

    def _fitted(self, i: int, own: Print, slips: bool) -> Iterator[Explanation]:
        """Factors before one or two terms of the right text, or one of a slip's (`slips`)."""
        scale = TOLERANCE * own.scale.max()
        factors = [(key, name, f[:, None]) for key, name, f in self._factors]
        for base in self._bases(i, own, slips):
            sums = [term.sums for term in base.terms]
            whole, found_so_far = sum(sums), self._found(base)
            at = [number for number, free in enumerate(base.free) if free]
            for places in chain(*(combinations(at, count) for count in range(1, 3 - slips))):
                for chosen in product(factors, repeat=len(places)):
                    changed = zip(chosen, places, strict=True)
                    total = whole + sum((f - 1) * sums[t] for (*_, f), t in changed)
                    nothing = len(places) == len(sums) and all(k == "zero" for k, *_ in chosen)
                    if nothing or (np.abs(own.sums - total) > scale).any():
                        continue
                    found = frozenset(
                        _common(key, **({"factor": name} if name else {}), term=base.words[t])
                        for (key, name, _), t in zip(chosen, places, strict=True)
                    )
                    yield SLIP * slips + FACTOR * len(found), found_so_far | found
            for term, word in zip(sums, base.words, strict=True) if not slips else ():
                if _multiple(own.sums - whole + term, term, scale):
                    yield CONSTANT, frozenset([_common("factor", term=word)])
        if not slips and self.bank.task.outputs[i].kind == "count":
            right = of_column(self.bank.right[i])
            single = own.shapes == right.shapes and not right.shapes[0]
            if single and np.ptp(own.sums - right.sums) == 0:
                yield CONSTANT, frozenset([_common("offset")])

    def _bases(self, i: int, own: Print, slips: bool) -> Iterator[Base]:
        """The texts to which a factor may have been added, of the answer's shape."""
        for base in self.bank.bases(i):
            if base.terms[0].shapes == own.shapes and (base.form is not None) == slips:
                yield base

    def _found(self, base: Base) -> frozenset[Found]:
        return frozenset() if base.form is None else frozenset([self._slip(base.form)])
