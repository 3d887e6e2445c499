"""Shapes: judged by torch; the sizes of gradients by what torch would hold."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch.autograd.functional import jacobian
from torch.utils.flop_counter import FlopCounterMode

from .cases import Case, Cases, array, gradient, t


def cases() -> Cases:
    return {**_linear_maps(), **_functions(), **_descent()}


def _linear_maps() -> Cases:
    rng = np.random.default_rng(5)
    normal = rng.standard_normal
    n, m, p, q = 4, 3, 5, 2
    X, dX = normal((n, m)), normal((n, m))
    Y = np.eye(m)[rng.integers(m, size=n)]

    def loss(X):
        return F.cross_entropy(X, t(Y))

    G = gradient(loss, X)
    df = torch.func.jvp(loss, (t(X),), (t(dX),))[1].item()
    A, B, E = normal((p, n)), normal((m, q)), normal((p, q))
    whole = array(jacobian(lambda X: t(A) @ X @ t(B), t(X)))
    back = array(torch.func.vjp(lambda X: t(A) @ X @ t(B), t(X))[1](t(E))[0])
    pushed = torch.func.jvp(lambda X: t(A) @ X @ t(B), (t(X),), (t(dX),))[1]
    E1 = normal((n, q))
    W = normal((q, m))
    dW = array(torch.func.vjp(lambda W: t(X) @ W.T, t(W))[1](t(E1))[0])
    dK = array(torch.func.vjp(lambda K: t(X) @ K, t(W.T))[1](t(E1))[0])
    step = {"G": G, "dX": dX, "df": df}
    eta = 0.3
    against = torch.func.jvp(loss, (t(X),), (t(-eta * G),))[1].item()
    return {
        "eq-01-df": [
            Case({"n": n, "m": m, "df": df, "∂f/∂X": G, "dX": dX}, {"G": G, "(1)": df}),
        ],
        "eq-01-steepest": [Case({"G": G, "η": eta}, {"(1)": against})],
        "eq-01-numerator": [Case(step, {"(1)": df, "D": G.T})],
        "eq-01-vec": [Case(step, {"(1)": df})],
        "eq-01-move": [
            Case({"E": E, "A": A, "B": B, "dX": dX}, {"(1)": (t(E) * pushed).sum().item()}),
        ],
        "eq-01-jacobian": [Case({"A": A, "B": B}, {"∂Y/∂X": whole})],
        "eq-01-vjp": [Case({"A": A, "B": B, "E": E, "∂Y/∂X": whole}, {"∂L/∂X": back})],
        "eq-01-layer": [Case({"X": X, "E": E1}, {"∂L/∂W": dW, "∂L/∂K": dK})],
        "eq-01-jvp": [Case({"A": A, "B": B, "dX": dX}, {"dY": array(pushed)})],
        "eq-01-order": [Case({"m": 30, "p": 20, "q": 10}, _multiplications(30, 20, 10))],
        "eq-01-softmax": [Case({"n": n, "X": X, "Y": Y}, {"∂f/∂X": G})],
        "eq-01-bytes": [
            Case(
                {"n": 30, "q": 20, "m": 50, "b": 4},
                {
                    "Jacobian frac partial O partial W": _held(30, 20, 20, 50),
                    "gradient frac partial L partial W": _held(20, 50),
                },
            )
        ],
    }


def _held(*shape: int) -> int:
    """Bytes that torch would hold for it in float32."""
    return torch.empty(shape, device="meta").untyped_storage().nbytes()


def _multiplications(m: int, p: int, q: int) -> dict[str, int]:
    """Three Jacobians multiplied by torch, from either end, and counted."""
    first, second, third = torch.ones(p, m), torch.ones(q, p), torch.ones(1, q)
    found = {}
    for name, product in {
        "backward": lambda: (third @ second) @ first,
        "forward": lambda: third @ (second @ first),
    }.items():
        with FlopCounterMode(display=False) as counter:
            product()
        found[name] = counter.get_total_flops() // 2
    return found


def _functions() -> Cases:
    """The left-hand sides are differentiated as printed; torch differentiates our own program."""
    rng = np.random.default_rng(6)
    normal = rng.standard_normal
    n, m, p = 4, 3, 5
    X, A, P, B = normal((n, m)), normal((m, n)), normal((p, n)), normal((p, m))
    a, b, S, square = normal((n, 1)), normal((m, 1)), normal((n, n)), normal((n, n)) + 2 * np.eye(n)
    rows = {
        "trace": ({"A": A, "X": X}, lambda X: torch.trace(t(A) @ X)),
        "bilinear": ({"a": a, "b": b, "X": X}, lambda X: (t(a).T @ X @ t(b)).sum()),
        "frobenius": ({"P": P, "B": B, "X": X}, lambda X: (t(P) @ X - t(B)).square().sum() / 2),
        "quadratic": ({"S": S, "X": X}, lambda X: torch.trace(X.T @ t(S) @ X)),
        "logdet": ({"X": square}, lambda X: torch.linalg.slogdet(X)[1]),
    }
    found = {
        f"eq-01-{name}": [Case(values, {"(1)": gradient(function, values["X"])})]
        for name, (values, function) in rows.items()
    }
    c, x, e = 0.7, 0.9, 0.3  # of a cubic the rest of the series is empty

    def cubic(x):
        return c * x**3

    x_ = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(cubic(x_), x_, create_graph=True)
    (second,) = torch.autograd.grad(first, x_, create_graph=True)
    (third,) = torch.autograd.grad(second, x_)
    values = {"f": cubic, "x": x, "ε": e, "i": 1j, "f'": first.item(), "f'''": third.item()}
    series = {"central": 1, "complex": -1}
    for name, sign in series.items():
        sum_ = first.item() + sign * e**2 / 6 * third.item()
        found[f"eq-01-{name}"] = [Case(values, {"(1)": sum_})]
    return found


def _descent() -> Cases:
    """Gradient descent is run, with torch's gradients."""
    rng = np.random.default_rng(7)
    n, m, steps = 4, 3, 10
    A = rng.standard_normal((n, n)) / 4 + 2 * np.eye(n)
    rate = 1 / np.linalg.norm(A, 2) ** 2
    start = rng.standard_normal((n, n))
    X = start
    for _ in range(steps):
        X = X - rate * gradient(lambda X: (t(A) @ X - torch.eye(n)).square().sum() / 2, X)
    inverse = array(torch.linalg.inv(t(A)))
    values = {"k": steps, "X_k": X, "X_0": start, "X*": inverse, "η": rate, "A": A}
    unit = np.eye(n)
    columns = [unit[:, [i]] - rate * gradient(_energy(A), unit[:, [i]]) for i in range(n)]

    def distance(X):
        return (X.T @ X - torch.eye(m)).square().sum() / 4

    M = rng.standard_normal((n, m))
    M /= np.linalg.norm(M)
    slope = gradient(distance, M)
    singular = np.linalg.svd(M)[1][1], np.linalg.svd(M - slope / 2)[1][1]
    end = M
    for _ in range(60):
        end = end - gradient(distance, end) / 2
    U, _, V = np.linalg.svd(M, full_matrices=False)
    return {
        "eq-01-linear": [Case(values, {"T": np.hstack(columns), "(1)": X - inverse})],
        "eq-01-orthogonal": [Case({"X": M}, {"∂f/∂X": slope})],
        "eq-01-schulz": [Case({"σ": singular[0], "η": 0.5}, {"σ": singular[1]})],
        "eq-01-polar": [Case({"U": U, "V": V.T}, {"X_∞": end})],
    }


def _energy(A):
    return lambda v: (t(A) @ v).square().sum() / 2
