"""Compute what was read, under the book's conventions.

A bold capital names a matrix, a bold small letter a column, any other letter a number. ⊙ and +
demand equal shapes, a product fitting ones. A derivative operator in front of an expression is a
difference of fourth order of that very expression. A 1×1 product is a number, so sizes of 1 prove
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from .reading import Misprint, Node, Parser, words_of

#: name -> value; where indices stand, name -> their places, counted from 0
Symbols = Mapping[str, Any]


class Unknown(Misprint):
    """A name that has no value."""


class Drawn(list):
    """The equally likely values of a random variable."""


class Identity:
    """𝐈, a multiple of it, of whatever size is needed."""

    def __init__(self, scale: float = 1.0):
        self.scale = scale

    def like(self, matrix: np.ndarray) -> np.ndarray:
        return self.scale * np.eye(len(matrix))


def matched(a, b):
    """Both, the identity in the other's size."""
    a = a.like(b) if isinstance(a, Identity) else a
    return a, b.like(a) if isinstance(b, Identity) else b


def _softmax(X: np.ndarray) -> np.ndarray:
    P = np.exp(X - X.max())
    return P / P.sum(axis=0 if X.shape[1] == 1 else 1, keepdims=True)


BUILT_IN: dict[str, Callable] = {
    "softmax": _softmax, "tr": np.trace, "det": np.linalg.det, "Im": np.imag, "diag": np.diagflat,
    "vec": lambda X: X.reshape(-1, 1, order="F"), "log": lambda a: np.log(np.abs(a)),
    "max": lambda *a: max(a), "min": lambda *a: min(a),
    "hstack": lambda *a: np.hstack([x for x in a if x is not None]),
}  # fmt: skip


def value(node: Node, env: Symbols, at: Mapping[str, int]) -> Any:
    """The value of what was read. `at` has the places of bound indices."""

    def of(part: Node) -> Any:
        return value(part, env, at)

    match node:
        case ("number", number):
            return number
        case ("rest",):
            return None
        case ("name", key, indices, font):
            return _look_up(key, indices, font, env, at)
        case ("index", inner, [i, j]):
            return of(inner)[at[i], at[j]].item()
        case ("index", inner, [i]):
            return of(inner)[at[i], 0]
        case ("negative", inner):
            return _times(-1, of(inner))
        case ("+" | "-", left, right):
            a, b = of(left), of(right)
            if b is None:  # … + …
                return a
            a, b = matched(a, _times(-1, b) if node[0] == "-" else b)
            return a + _same_shape(a, b)
        case (r"\cdot" | r"\times", left, right):
            return _times(of(left), of(right))
        case (r"\odot", left, right):
            a, b = of(left), of(right)
            return a * _same_shape(a, b)
        case (r"\otimes", left, right):
            return np.kron(of(left), of(right))
        case ("/", left, right):
            return of(left) / _number(of(right), "a divisor")
        case ("^", base, exponent):
            a, power = of(base), _number(of(exponent), "an exponent")
            return np.linalg.matrix_power(a, power) if np.ndim(a) else a**power
        case ("transpose", inner):
            if not np.ndim(a := of(inner)):
                raise Misprint("expected a matrix or a column under ⊤, found a number")
            return a.T
        case ("norm" | "F", inner):
            return np.linalg.norm(of(inner), "fro" if node[0] == "F" else 2)
        case ("inner", left, right):
            a, b = of(left), of(right)
            return np.sum(a * _same_shape(a, b))
        case ("tuple", *parts):
            return np.concatenate([np.ravel(of(part)) for part in parts])
        case ("call", name, arguments):
            if (function := env.get(name) or BUILT_IN.get(name)) is None:
                raise Unknown(f"expected a function of the name {name}, found none")
            return function(*map(of, arguments))
        case ("sum", letters, upper, body):
            if isinstance(things := env.get(letters[0]), list):
                return sum(value(body, {**env, letters[0]: thing}, at) for thing in things)
            spans = indices_run(body, letters, env, at)
            if upper is not None and (last := of(upper)) != len(spans[0]):
                raise Misprint(f"expected {letters[0]} to run to {len(spans[0])}, found {last}")
            places = (dict(zip(letters, place, strict=True)) for place in product(*spans))
            return sum(value(body, env, {**at, **place}) for place in places)
        case ("mean", body):
            drawn = {key: values for key, values in env.items() if isinstance(values, Drawn)}
            each = zip(*drawn.values(), strict=True)
            return np.mean(
                [value(body, {**env, **dict(zip(drawn, one, strict=True))}, at) for one in each]
            )
        case ("at", key, where, body):
            return value(body, {**env, key: of(where)}, at)
        case ("derivative", (_, key, _, font), body):
            here = printed_as(key, font, _known(key, env))
            return _derivative(lambda moved: value(body, {**env, key: moved}, at), here)
    raise Misprint(f"expected something that can be computed, found {node[0]}")


def _known(key: str, env: Symbols) -> Any:
    if key not in env:
        raise Unknown(f"expected a value of {key}, found none")
    return env[key]


def _look_up(key: str, indices: Sequence[str], font: str | None, env: Symbols, at) -> Any:
    whole = f"{key}_{''.join(indices)}" if indices else key
    if key == "I" and not indices:
        return Identity()
    if key == "δ":
        return float(at[indices[0]] == at[indices[1]])
    if indices and whole in env and not at.keys() & set(indices):
        return printed_as(key, font, env[whole])
    found = _known(whole if whole in env else key, env)
    for letter in indices:
        place = at[letter] if letter in at else _place(letter, env)
        try:
            found = found[place]
        except (IndexError, KeyError, TypeError) as error:
            raise Misprint(f"expected {key} to have a place {letter} = {place}") from error
    if font == "bold" and np.ndim(found) == 1:  # a row, of which the book makes a column
        found = found[:, None]
    if font == "plain" and indices and np.shape(found) == (1,):  # an entry of a column
        found = found[0]
    return printed_as(key, font, found)


def printed_as(key: str, font: str | None, found: Any) -> Any:
    """The value, if it is what the letter's font says that it is."""
    if isinstance(found, Identity) or font is None:
        return found
    small = key.lstrip("d")[:1].islower() and font == "bold"
    array = font in ("bold", "script")
    if np.ndim(found) != 2 * array or (small and found.shape[1] != 1):
        what = ("a column" if small else "a matrix") if array else "a number"
        raise Misprint(f"expected {what} under the letter {key}, found shape {np.shape(found)}")
    return found


def _place(text: str, env: Symbols) -> int:
    return value(Parser(words_of(" ".join(text))[0], env, []).expression(), env, {})


def indices_run(node: Any, letters: Sequence[str], env: Symbols, at) -> list[range]:
    """The places that each index runs over: those of all arrays that it is an index of."""
    found: dict[str, set[int]] = {letter: set() for letter in letters}

    def walk(node: Any) -> None:
        array, indices = None, []
        if node[:1] == ("name",) and node[2] and node[1] != "δ":
            whole, indices = f"{node[1]}_{''.join(node[2])}", node[2]
            array = _known(whole if whole in env else node[1], env)
        elif node[:1] == ("index",):
            array, indices = value(node[1], env, at), node[2]
        for axis, letter in enumerate(indices):
            if letter in found:
                found[letter].add(len(array) if axis == 0 else np.shape(array)[axis])
        for part in node:
            if isinstance(part, (tuple, list)):
                walk(part)

    walk(node)
    for letter, lengths in found.items():
        if len(lengths) != 1:
            raise Misprint(f"expected one length for the index {letter}, found {sorted(lengths)}")
    return [range(*found[letter]) for letter in letters]


def _number(found: Any, what: str) -> Any:
    if np.ndim(found):
        raise Misprint(f"expected a number as {what}, found shape {np.shape(found)}")
    return found


def _same_shape(a: Any, b: Any) -> Any:
    if np.shape(a) != np.shape(b):
        raise Misprint(f"expected equal shapes, found {np.shape(a)} and {np.shape(b)}")
    return b


def _times(a: Any, b: Any) -> Any:
    if isinstance(b, Identity):
        return Identity(a * b.scale)
    if not (np.ndim(a) and np.ndim(b)):
        return a * b
    if a.shape[1] != b.shape[0]:
        raise Misprint(f"expected fitting factors, found {a.shape} times {b.shape}")
    return (a @ b).item() if (a @ b).shape == (1, 1) else a @ b


def _derivative(function: Callable[[Any], Any], x: Any, step: float = 1e-4) -> Any:
    """By differences of fourth order; the gradient of a number has the shape of x."""
    if not np.ndim(x):
        a, b, c, d = (function(x + k * step) for k in (-2, -1, 1, 2))
        return (a - 8 * b + 8 * c - d) / (12 * step)
    result = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        unit = np.zeros(x.shape)
        unit[place] = 1
        result[place] = _derivative(lambda t, unit=unit: function(x + t * unit), 0.0, step)
    return result
