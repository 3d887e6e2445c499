"""Naming the mistake in a value that has the right shape or the shape of a known mistake.

An output is a sum of terms. First every combination of right and wrong forms of the terms is
compared with the answer as it stands. Then each combination is fitted to the answer by least
squares: a combination that leaves no residual explains it, and the fitted factors name what is
wrong with each term. Fewest mistakes win. If every combination leaves a residual, the answer is
unrelated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, product
from types import SimpleNamespace

import numpy as np

from coursecheck.messages import REASONS, _
from coursecheck.result import Finding, merge
from coursecheck.task import Formula, Output, Term
from coursecheck.values import close

# Factors that every term knows.
FACTORS: tuple[tuple[str, Callable[[SimpleNamespace], float]], ...] = (
    ("term_missing", lambda v: 0.0),
    ("term_negated", lambda v: -1.0),
    ("term_doubled", lambda v: 2.0),
    ("term_halved", lambda v: 0.5),
)

# Half precision and finite differences are off by less than this, mistakes by more.
NEARLY = 1e-3

Form = tuple[Term, tuple[str, ...], Formula]  # a term, why this form of it is wrong, its formula


def _combinations(terms: Sequence[Term]) -> list[tuple[Form, ...]]:
    """One form of every term, in all combinations, the least wrong first."""
    forms = [
        [(term, (), term.formula), *((term, w.reasons, w.formula) for w in term.wrong)]
        for term in terms
    ]
    return sorted(product(*forms), key=lambda chosen: sum(len(why) for _, why, _ in chosen))


class _Bank:
    """The values of every form of every term on the draws, computed once."""

    def __init__(self, vs: Sequence[SimpleNamespace]):
        self._vs = vs
        self._values: dict[Formula, list[np.ndarray]] = {}

    def __getitem__(self, formula: Formula) -> list[np.ndarray]:
        if formula not in self._values:
            self._values[formula] = [np.asarray(formula(v), dtype=float) for v in self._vs]
        return self._values[formula]


def _name_factor(term: Term, factor: float, v: SimpleNamespace, tol: float) -> tuple[str, ...]:
    """The reasons why `factor` is wrong before `term`, one or two; none if it is right."""
    right = 0.0 if term.alien else 1.0
    if abs(factor - right) <= tol:
        return ()
    if term.alien:
        return (term.alien,)
    known = [(reason, formula(v)) for reason, formula in (*term.factors, *FACTORS)]
    single = [((reason,), value) for reason, value in known]
    pairs = [((a, b), x * y) for (a, x), (b, y) in combinations(known, 2)]
    for reasons, value in single + pairs:
        if abs(factor - value) <= tol * max(1.0, abs(value)):
            return reasons
    return ("term_factor",)


def _cost(findings: Sequence[Finding]) -> tuple[int, int]:
    return sum(finding.reason == "term_factor" for finding in findings), len(findings)


class Diagnosis:
    """Names what is wrong with an output, given the answer's values on several draws."""

    def __init__(self, output: Output, vs: Sequence[SimpleNamespace], reasons: Mapping[str, str]):
        self.output, self.vs = output, vs
        self._templates = {**REASONS, **reasons}
        self._bank = _Bank(vs)

    def _finding(self, reason: str, term: str = "") -> Finding:
        fields = {"name": _(self.output.name), **({"term": _(term)} if term else {})}
        return Finding(reason, self._templates[reason], fields)

    def _belonging(self) -> list[Term]:
        return [term for term in self.output.terms if term.alien is None]

    def exact(self, answers: Sequence[np.ndarray], tol: float) -> list[Finding] | None:
        """The findings if the answer *is* a combination of forms, whatever its shape."""
        for combination in _combinations(self._belonging()):
            reasons = [(term, reason) for term, why, _ in combination for reason in why]
            if not reasons:
                continue
            values = [self._bank[formula] for *_, formula in combination]
            try:
                sums = [sum(parts) for parts in zip(*values, strict=True)]
            except ValueError:  # forms whose shapes cannot be added
                continue
            if all(close(a, np.asarray(s), tol) for a, s in zip(answers, sums, strict=True)):
                return [self._finding(reason, term.name) for term, reason in reasons]
        return None

    def fitted(self, answers: Sequence[np.ndarray], tol: float) -> list[Finding] | None:
        """The findings of the combination of forms, times factors, with the fewest mistakes.

        A factor without a name counts for more than any number of mistakes with one.
        """
        answer = np.concatenate([a.ravel() for a in answers]).astype(float)
        found = [
            findings
            for columns, combination in self._columns(answers)
            if (findings := self._fit(answer, columns, combination, tol)) is not None
        ]
        return min(found, key=_cost, default=None)

    def _columns(
        self, answers: Sequence[np.ndarray]
    ) -> Iterator[tuple[np.ndarray, tuple[Form, ...]]]:
        """The combinations whose forms have the answer's shape, as columns of a matrix."""
        belonging = self._belonging()
        chosen = _combinations(belonging)
        if len(belonging) < len(self.output.terms):
            chosen += _combinations(self.output.terms)
        for combination in chosen:
            values = [self._bank[formula] for *_, formula in combination]
            if all([v.shape for v in value] == [a.shape for a in answers] for value in values):
                columns = [np.concatenate([c.ravel() for c in column]) for column in values]
                yield np.stack(columns, axis=1), combination

    def _fit(
        self, answer: np.ndarray, columns: np.ndarray, forms: tuple[Form, ...], tol: float
    ) -> list[Finding] | None:
        equations, unknowns = columns.shape
        sizes = np.linalg.norm(columns, axis=0)
        if equations <= unknowns or not sizes.all():
            return None
        factors, _, rank, _ = np.linalg.lstsq(columns / sizes, answer, rcond=1e-10)
        residual = columns / sizes @ factors - answer
        if rank < unknowns or np.linalg.norm(residual) > 10 * tol * np.linalg.norm(answer):
            return None
        findings = []
        for (term, why, _), factor in zip(forms, factors / sizes, strict=True):
            reasons = (*why, *_name_factor(term, factor, self.vs[0], 100 * tol))
            findings += [self._finding(reason, term.name) for reason in reasons]
        return merge(findings, "term")

    def imprecise(self, answers: Sequence[np.ndarray]) -> list[Finding] | None:
        """The finding if real numbers are right but for more than rounding."""
        rights = map(self.output.right, self.vs)
        near = all(close(a, r, NEARLY) for a, r in zip(answers, rights, strict=True))
        return [self._finding("imprecise")] if near and self.output.kind == "real" else None

    def unexplained(self) -> list[Finding]:
        """What is left to say if nothing known explains the answer."""
        return [self._finding(self.output.otherwise)]
