"""Is an exercise sound? What is wrong with it, for its tests and for whoever writes it.

Proved for every task: every edit applies exactly once and runs, no slip has the right value, no two
have the same, each is met with its own sentence and no other, no sentence holds a piece of the
right answer, right answers in other words pass, the draws fix nothing that is not stated.
"""

from __future__ import annotations

import ast
import re
from collections import Counter

from coursecheck.draws import unstated
from coursecheck.edits import BankError, Source, pieces
from coursecheck.judge import Judge
from coursecheck.values import alike

SAID = {"λ": "weight_decay", "ᵀ": ".T", "−": "-", "·": "*", "×": "*", "²": "**2"}


def _parts(text: str) -> Counter:
    """The names, numbers and operators of a formula, in any order."""
    return Counter(re.findall(r"\w+|\*\*|//|[-+*/@]", text))


def leaks(source: Source, sentence: str) -> list[str]:
    """The pieces of the right answer that a sentence contains, in any order of its factors."""
    for sign, word in SAID.items():
        sentence = sentence.replace(sign, word)
    said = re.findall(r"[\w.\[\]()]+(?:\s*(?:\*\*|//|[-+*/@])\s*[\w.\[\]()]+)+", sentence)
    said += re.findall(r"\w[\w.]*\([^()]*\)|\w+\[[^\]]*\]|\d(?:, \d)+", sentence)
    formulas = [_parts(formula) for formula in said]
    right = {ast.unparse(piece) for piece in pieces(source.text)}
    return [piece for piece in right if _parts(piece) in formulas]


def faults(source: Source) -> list[str]:
    """What is wrong with a task's part of the bank."""
    judge, task = Judge(source), source.task
    found = [f"the draws fix: {fact}" for fact in sorted(unstated(task, source.draws))]
    try:
        forms = source.forms
    except BankError as error:
        return [*found, str(error)]
    for i, form in enumerate(forms):
        if all(map(alike, form.columns, source.right)):
            found.append(f"{form.slip.key}: a right answer")
        for other in forms[:i]:
            if form.slip.says != other.slip.says and all(map(alike, form.columns, other.columns)):
                found.append(f"{other.slip.key} and {form.slip.key} look alike")
    words = [word for output in task.outputs for word in output.terms.values()]
    for sentence in [*(slip.says for slip in task.slips), *words]:
        found += [f"{sentence!r} gives {piece!r} away" for piece in leaks(source, sentence)]
    for form in forms:
        result = judge(source.answer(form.text))
        if set(result.reasons) != {form.slip.key}:
            found.append(f"{form.slip.key} is told {result.lines}")
    for edit in ("", *task.otherwise):
        text = source.edited(source.spans(edit)) if edit else source.text
        if text is not None and not (result := judge(source.answer(text))):
            found.append(f"refused though right: {edit!r}, {result.lines}")
    return found
