"""Exercise 1: the gradient of a scalar function of an n×m matrix, its shape and its uses.

The gradient G has the shape of X, and to first order f changes by ⟨G, dX⟩, the sum of the products
of their entries. Numerator layout calls the m×n transpose D = Gᵀ the derivative.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np

from coursecheck.messages import _
from coursecheck.result import Finding
from coursecheck.task import ExerciseTable, Formula, Output, Task, Term, Wrong

REASONS = {
    # shapes
    "not_a_shape": "{name}: this is of type {got}. Write a tuple of whole numbers: `(2, 3)`.",
    "not_whole_lengths": "{name}: its lengths have to be whole numbers, as in `(2, 3)`.",
    "numerator_layout": "{name}: this is the transpose, the derivative in numerator layout. Here "
    "the gradient is asked for, which can be subtracted from X.",
    "shape_of_the_value": "{name}: this is the shape of f(X). How many numbers tell how f changes "
    "with each entry of X?",
    "vectorised": "{name}: this is the gradient after X has been written as one long vector. "
    "X is a matrix, and stays one.",
    "shape_of_hessian": "{name}: this is the shape of the second derivative.",
    "not_that_shape": "{name}: how many partial derivatives are there, and how would you lay them "
    "out so that each has the place of its own entry of X?",
    # the change of f
    "reshaped_not_transposed": "{name}: reshaped where it had to be transposed. Reshaping keeps "
    "the order in memory, so the entries land in the wrong places.",
    "trace_missing": "{name} is a matrix here. Which of its entries add up to df?",
    "all_summed": "{name}: all entries of the product are summed. Those off the diagonal pair "
    "entries that do not belong together.",
    "not_summed": "{name}: the contributions of the single entries still have to be added up.",
    "averaged": "{name}: the contributions of the single entries add up. Here they are averaged.",
    "change_other": "{name}: a number, but not the change of f. Try a dX that is zero except for "
    "a single 1: df must then be one entry of D. Which one?",
    # derivatives
    "gradient_other": "{name}: the shape is right, the entries are not. Move X[0, 1] by 1e-6 and "
    "divide the change of f by 1e-6: that has to be entry (0, 1).",
    "value_returned": "{name}: this is the value of f, not its gradient.",
    "matrix_missing": "{name}: {term} does not depend on A here. Should it?",
    "argument_returned": "{name}: X itself comes back. f is linear in X: can its gradient depend "
    "on X?",
    "not_linear": "{name}: X is still in it. f is linear in X: can its gradient depend on X?",
    "outer_sum": "{name}: the entries of a and b are added. In f they are multiplied.",
    "symmetric_assumed": "{name}: this is right for a symmetric A only. Here A is not symmetric.",
    "one_of_two": "{name}: X stands twice in f, so there are two paths. One of them is missing.",
    "quadratic_for_gradient": "{name}: X still stands twice in it. A derivative takes one away.",
    "inverse_not_transposed": "{name}: this is the inverse in numerator layout. Compare entry "
    "(0, 1) with a finite difference.",
    "elementwise_reciprocal": "{name}: the reciprocal of every entry is not the inverse matrix.",
    "inverse_missing": "{name}: X stands where its inverse belongs.",
    "det_for_logdet": "{name}: this is the gradient of det X. The logarithm is missing.",
    "det_divided": "{name}: divided by det X once too often. Does the inverse hold it already?",
    "sign_of_det": "{name}: the sign of det X, or its absolute value, has stayed in it. What is "
    "the derivative of log |x| for a negative x?",
    "chain_stopped": "{name}: this is the derivative of the logarithm at det X. How does det X "
    "change with X?",
    # softmax
    "weights_other": "{name}: the shape is right, the entries are not. Move W[0, 1] by 1e-6 and "
    "divide the change of f by 1e-6: that has to be entry (0, 1).",
    "softmax_missing": "{name}: the scores are compared with Y. Which probabilities do they stand "
    "for?",
    "softmax_axis": "{name}: the softmax runs over the examples. It runs over the classes of each "
    "example.",
    "softmax_unnormalised": "{name}: the exponentials are not divided by their sum.",
    "softmax_of_all": "{name}: the exponentials are divided by the sum over all examples. Each "
    "example has probabilities of its own, which sum to one.",
    "sigmoid_for_softmax": "{name}: a sigmoid takes each score by itself. In a softmax the classes "
    "of an example compete.",
    "softmax_absent": "{name}: Y alone is in it. What has the logarithm of the sum to say?",
    "stopped_at_probabilities": "{name}: −Y/P is the derivative by the probabilities. One step is "
    "left, from the probabilities to the scores.",
    "slope_once_more": "{name}: multiplied by P (1 − P). The slope of the softmax is in P − Y "
    "already.",
    "label_missing": "{name}: Y does not take part.",
    "label_added": "{name}: Y is added. Should a right class raise the gradient of its score or "
    "lower it?",
    "mean_forgotten": "{name}: summed over the examples without dividing by n. f is a mean.",
    "mean_twice": "{name}: divided by n twice.",
    "mean_over_others": "{name}: a mean is taken, but not over the examples. How many are there?",
    "stopped_at_scores": "{name}: this is the gradient with respect to the scores O. One step is "
    "left, from O to W.",
    # differences
    "same_point": "{name} is zero everywhere: f is taken at the same point twice.",
    "rows_moved": "{name}: whole rows are moved at once. An entry of a matrix has two indices: "
    "`np.ndindex(X.shape)` runs through them.",
    "first_entry_only": "{name}: only the first entry is computed. Where does the `return` stand?",
    "points_too_close": "{name}: the points are not a step away from X, on either side.",
    "one_sided": "{name}: this is a one-sided difference. Look on both sides of X.",
    "all_at_once": "{name}: all entries are moved at once. Move one, measure, put it back.",
    "not_put_back": "{name}: entries that were moved stay moved. Put each back before the next.",
    "step_ignored": "{name}: computed with another step than the one given. Here it is large on "
    "purpose, so that its error can be seen.",
    "step_not_divided": "{name}: the division by the step is missing.",
    "step_multiplied": "{name}: multiplied by the step. In Python `a / 2 * b` is `(a / 2) * b`.",
    "step_divided_twice": "{name}: divided by the step twice.",
    "span_forgotten": "{name}: how far apart are the two points at which f is taken?",
    "real_for_imag": "{name}: taken from the real part. Where does the complex step leave the "
    "derivative?",
    "imaginary_lost": "{name} is zero everywhere: nothing imaginary comes out of f. Can the copy "
    "hold a complex number, and is the step imaginary?",
    "difference_other": "{name}: the shape is right, the values are not those of the scheme. Try "
    "f(X) = X.sum(): every entry must be 1. If it is, compare the points at which you take f with "
    "those in the formula.",
    # the Jacobian
    "vjp_other": "{name}: the shape is right, the entries are not. Take L = np.sum(E * Y), whose "
    "gradient with respect to Y is E. Move X[0, 1] by 1e-6 and see how L changes.",
    "inverse_for_transpose": "{name}: an inverse undoes a product. A gradient goes back through it "
    "in another way.",
    "upstream_missing": "{name}: the gradient that arrives, E, is missing.",
    "factor_missing": "{name}: one of the factors A and B is missing on the way back.",
    "elements_for_bytes": "{name}: this counts numbers. How many bytes has each?",
    "bits_for_bytes": "{name}: this counts bits. A byte has 8.",
    "kilobytes": "{name}: bytes are asked for, and all of them.",
    "itemsize_twice": "{name}: multiplied by `itemsize` once too often.",
    "sizes_added": "{name}: every entry of Y has a derivative by every entry of X. How many pairs "
    "are there?",
    "one_index_pair": "{name}: this is the size of one matrix. How many indices has the "
    "derivative of a matrix by a matrix?",
    "matrix_by_itself": "{name}: this is a matrix differentiated by itself. Which matrix is "
    "differentiated, and by which?",
    "shape_of_upstream": "{name}: this is the size of Y's gradient. Which matrix is asked about?",
    "jacobian_kept": "{name}: this is the size of the Jacobian. Here L is a number.",
    "squared": "{name}: a square is one too many.",
    "bytes_other": "{name}: write down the object's indices, multiply the lengths they run over, "
    "then multiply by the bytes of one number.",
    # descent
    "ascent": "{name}: f grows from step to step. Which way does the gradient point?",
    "one_step": "{name}: one step only. `steps` of them are asked for.",
    "step_too_many": "{name}: one step too many.",
    "step_too_few": "{name}: one step too few.",
    "start_forgotten": "{name}: the walk does not start from the X that was given.",
    "target_missing": "{name}: B does not take part.",
    "target_added": "{name}: B is added. In f it is subtracted.",
    "gradient_averaged": "{name}: the gradient is divided by a size. f is a sum, not a mean.",
    "gradient_halved": "{name}: each step is half as long as it should be. What does the ½ in f "
    "cancel?",
    "gradient_normalised": "{name}: the gradient is divided by its norm, so every step is equally "
    "long. Descent takes it as it is.",
    "descend_other": "{name}: this is not where `steps` steps lead. Take `steps = 1`, and compare "
    "the change of X with a finite difference of f.",
    "residual_stale": "{name}: the gradient is computed once and used for all steps. It changes "
    "with X.",
    "rate_missing": "{name}: the steps are not scaled by the rate.",
    "gradient_returned": "{name}: the last gradient comes back. X was asked for.",
    "closed_form": "{name}: this is the minimum itself. Asked for is where descent stands after "
    "`steps` steps.",
    "gradient_doubled": "{name}: each step is twice too long. What does the ½ in f cancel?",
}


# --- values --------------------------------------------------------------------------------------


def _softmax(scores, axis=1):
    powers = np.exp(scores)
    return powers / powers.sum(axis=axis, keepdims=True)


def _sizes(rng, n, m, **others) -> SimpleNamespace:
    return SimpleNamespace(n=n, m=m, **others)


def _change(rng, n, m, **others) -> SimpleNamespace:
    return SimpleNamespace(n=n, m=m, D=rng.standard_normal((m, n)), dX=rng.standard_normal((n, m)))


def _linear(rng, n, m, **others) -> SimpleNamespace:
    """X with all that the linear and quadratic functions need; S is square, and not symmetric."""
    v = SimpleNamespace(n=n, m=m, X=rng.standard_normal((n, m)))
    v.A, v.S = rng.standard_normal((m, n)), rng.standard_normal((n, n))
    v.a, v.b = rng.standard_normal((n, 1)), rng.standard_normal((m, 1))
    return v


def _square(rng, n, m, **others) -> SimpleNamespace:
    """A square X, well away from singular."""
    return SimpleNamespace(m=m, X=rng.standard_normal((m, m)) + 2 * np.eye(m))


def _classify(rng, n, m, q, **others) -> SimpleNamespace:
    """n examples with m features in rows, one-hot labels of q classes, and weights."""
    v = SimpleNamespace(n=n, m=m, q=q, X=rng.standard_normal((n, m)), W=rng.standard_normal((q, m)))
    v.Y = np.eye(q)[rng.integers(q, size=n)]
    v.O = v.X @ v.W.T
    return v


def _probe(rng, n, m, step, **others) -> SimpleNamespace:
    """f(X) = ⟨C, X³⟩ + ½⟨D, X⟩², on which every scheme's error is known exactly.

    The second term ties the entries of X together, so one that is not put back is noticed.
    """
    v = SimpleNamespace(n=n, m=m, step=step, X=rng.standard_normal((n, m)))
    v.C, v.D = rng.standard_normal((n, m)), rng.standard_normal((n, m))
    v.f = lambda X: np.sum(v.C * X * X * X) + np.sum(v.D * X) ** 2 / 2
    v.exact = 3 * v.C * v.X**2 + np.sum(v.D * v.X) * v.D
    return v


def _product(rng, n, m, p, q, **others) -> SimpleNamespace:
    """Y = A X B, p×q, and the gradient E that arrives at it."""
    v = SimpleNamespace(n=n, m=m, p=p, q=q, **others)
    v.A, v.B = rng.standard_normal((p, n)), rng.standard_normal((m, q))
    v.E = rng.standard_normal((p, q))
    return v


def _descent(rng, n, m, p, rate, steps, **others) -> SimpleNamespace:
    """½‖AX − B‖² with A of norm 1, so that any rate below 2 descends."""
    v = SimpleNamespace(n=n, m=m, p=p, rate=rate, steps=steps)
    A = rng.standard_normal((p, n))
    v.A, v.B = A / np.linalg.norm(A, 2), rng.standard_normal((p, m))
    v.X = rng.standard_normal((n, m))
    return v


# --- a shape as an answer ------------------------------------------------------------------------


MOST_AXES = 4
LONGEST = 2**31  # far beyond any length asked for


def _lengths(*lengths: int) -> np.ndarray:
    """A shape as an array, filled up with zeros, so that shapes of any length can be compared."""
    return np.array([*lengths, *[0] * (MOST_AXES - len(lengths))], dtype=int)


def _as_shape(row: list, v) -> list | Finding:
    """The answer's lengths; () is the shape of a number."""
    (shape,) = row

    def wrong(reason: str) -> Finding:
        fields = {"name": _("Shape"), "got": type(shape).__name__}
        return Finding(reason, REASONS[reason], fields)

    if not isinstance(shape, (tuple, list, np.ndarray)):  # a set has no order
        return wrong("not_a_shape")
    try:
        lengths = [operator.index(length) for length in shape]
    except TypeError:
        return wrong("not_whole_lengths")
    if all(length == 1 for length in lengths):
        return wrong("shape_of_the_value")
    if len(lengths) > MOST_AXES or not all(0 < length < LONGEST for length in lengths):
        return wrong("not_that_shape")
    return [_lengths(*lengths)]


# --- wrong ways ----------------------------------------------------------------------------------


def _wrong(**forms: Formula) -> tuple[Wrong, ...]:
    """Wrong forms, each named by its reason."""
    return tuple(Wrong((reason,), formula) for reason, formula in forms.items())


def _several(reason: str, *formulas: Formula) -> tuple[Wrong, ...]:
    """Wrong forms that share one reason."""
    return tuple(Wrong((reason,), formula) for formula in formulas)


def _kilobytes(count: Formula) -> tuple[Wrong, ...]:
    """Bytes as whole kB, and as whole KiB."""
    return _several("kilobytes", lambda v: count(v) // 1000, lambda v: count(v) // 1024)


def _scores_gradient(v, P, label=1.0):
    return (P - label * v.Y).T @ v.X / v.n


def _mean_over_others(count: Formula) -> Formula:
    """The gradient of the softmax loss divided by `count` in place of n."""
    return lambda v: v.n / count(v) * _scores_gradient(v, _softmax(v.O))


def _central(v, half_step):
    """Central differences of `_probe`'s f over ± half_step."""
    return v.exact + v.C * half_step**2


def _first_only(right: Formula) -> Formula:
    """The answer of a loop that returns after its first round."""

    def first(v):
        G = np.zeros_like(v.X)
        G[0, 0] = right(v)[0, 0]
        return G

    return first


def _by_rows(scheme: Callable) -> Formula:
    """The answer of a loop over rows: `scheme(f at a row's step)` in all entries of the row."""

    def rows(v):
        G = np.empty_like(v.X)
        for i in range(v.n):
            step = np.zeros_like(v.X)
            step[i] = v.step
            G[i] = scheme(v, step)
        return G

    return rows


def _left_moved(v):
    """Central differences whose entries stay at X − step after they have been measured."""
    X, G = v.X.copy(), np.empty_like(v.X)
    for index in np.ndindex(X.shape):
        X[index] += v.step
        above = v.f(X)
        X[index] -= 2 * v.step
        G[index] = (above - v.f(X)) / (2 * v.step)
    return G


def _all_moved(v):
    return (v.f(v.X + v.step) - v.f(v.X - v.step)) / (2 * v.step)


def _all_moved_complex(v):
    return v.f(v.X + 1j * v.step).imag / v.step


def _real_part(v):
    """The complex step's loop with the real part taken at its end."""
    G = np.empty_like(v.X)
    for index in np.ndindex(v.X.shape):
        moved = v.X.astype(complex)
        moved[index] += 1j * v.step
        G[index] = v.f(moved).real / v.step
    return G


def _descended(v, steps=None, rate=None, sign=-1.0, stale=False, start=1.0, target=1.0):
    X = start * v.X
    R = v.A @ X - target * v.B
    for _ in range(v.steps if steps is None else steps):
        X = X + sign * (v.rate if rate is None else rate) * v.A.T @ R
        R = R if stale else v.A @ X - target * v.B
    return X


def _normalised(v):
    X = v.X
    for _ in range(v.steps):
        G = v.A.T @ (v.A @ X - v.B)
        X = X - v.rate * G / np.linalg.norm(G)
    return X


def _last_gradient(v):
    return v.A.T @ (v.A @ _descended(v, v.steps - 1) - v.B)


# --- tasks ---------------------------------------------------------------------------------------

TASKS = (
    Task(
        key="gradient_shape",
        title="A. The question",
        args=("n", "m"),
        given=_sizes,
        read=_as_shape,
        outputs=(
            Output(
                "shape",
                "Shape",
                (MOST_AXES,),
                (
                    Term(
                        "the shape",
                        lambda v: _lengths(v.n, v.m),
                        _wrong(
                            numerator_layout=lambda v: _lengths(v.m, v.n),
                            shape_of_hessian=lambda v: _lengths(v.n, v.m, v.n, v.m),
                        )
                        + _several(
                            "vectorised",
                            lambda v: _lengths(v.n * v.m),
                            lambda v: _lengths(v.n * v.m, 1),
                            lambda v: _lengths(1, v.n * v.m),
                        ),
                    ),
                ),
                kind="count",
                otherwise="not_that_shape",
            ),
        ),
        hints=(
            "Move one entry of X a little, and f changes a little. How many such experiments are "
            "there, and how would you lay out their results?",
            "Gradient descent computes `X - rate * G`. Which shape must G have for that line to "
            "mean anything, entry by entry?",
        ),
        solution="""
def gradient_shape(n, m):
    return n, m
""",
    ),
    Task(
        key="change",
        title="A. df from numerator layout",
        args=("D", "dX"),
        given=_change,
        outputs=(
            Output(
                "df",
                "df",
                (),
                (
                    Term(
                        "the change",
                        lambda v: np.trace(v.D @ v.dX),
                        _wrong(
                            reshaped_not_transposed=lambda v: v.D.ravel() @ v.dX.ravel(),
                            all_summed=lambda v: np.sum(v.D @ v.dX),
                            averaged=lambda v: np.trace(v.D @ v.dX) / v.dX.size,
                        )
                        + _several("trace_missing", lambda v: v.D @ v.dX, lambda v: v.dX @ v.D)
                        + _several(
                            "not_summed",
                            lambda v: v.D.T * v.dX,
                            lambda v: v.D * v.dX.T,
                            lambda v: np.diag(v.D @ v.dX),
                            lambda v: np.diag(v.dX @ v.D),
                        )
                        + _several("all_summed", lambda v: np.sum(v.dX @ v.D)),
                    ),
                ),
                otherwise="change_other",
            ),
        ),
        hints=(
            "df adds up, over all entries, the partial derivative by X[i, j] times dX[i, j]. "
            "Where in D does the partial derivative by X[i, j] stand?",
            "It stands in D[j, i]. Either bring D into the shape of dX first, or look at the "
            "diagonal of the product of the two.",
        ),
        solution="""
def change(D, dX):
    return np.sum(D.T * dX)        # or np.trace(D @ dX)
""",
    ),
    Task(
        key="d_trace",
        title="B. f = tr(AX)",
        args=("A", "X"),
        given=_linear,
        outputs=(
            Output(
                "G",
                "∂f/∂X",
                ("n", "m"),
                (
                    Term(
                        "the gradient",
                        lambda v: v.A.T,
                        _wrong(
                            numerator_layout=lambda v: v.A,
                            matrix_missing=lambda v: np.eye(v.n, v.m),
                            argument_returned=lambda v: v.X,
                            value_returned=lambda v: np.trace(v.A @ v.X),
                            reshaped_not_transposed=lambda v: v.A.reshape(v.n, v.m),
                        )
                        + _several("matrix_missing", lambda v: np.ones_like(v.X))
                        + _several("not_linear", lambda v: v.A.T * v.X, lambda v: v.A @ v.X),
                    ),
                ),
                otherwise="gradient_other",
            ),
        ),
        hints=(
            "Write the trace as a double sum. Which entry of A stands beside X[i, j]?",
            "The entry A[j, i]. So the gradient's entry (i, j) is A[j, i].",
        ),
        solution="""
def d_trace(A, X):
    return A.T
""",
    ),
    Task(
        key="d_bilinear",
        title="B. f = aᵀXb",
        args=("a", "b", "X"),
        given=_linear,
        outputs=(
            Output(
                "G",
                "∂f/∂X",
                ("n", "m"),
                (
                    Term(
                        "the gradient",
                        lambda v: v.a @ v.b.T,
                        _wrong(
                            numerator_layout=lambda v: v.b @ v.a.T,
                            outer_sum=lambda v: v.a + v.b.T,
                            reshaped_not_transposed=lambda v: (v.b @ v.a.T).reshape(v.n, v.m),
                            not_linear=lambda v: v.a * v.X * v.b.T,
                            argument_returned=lambda v: v.X,
                        )
                        + _several(
                            "value_returned",
                            lambda v: v.a.T @ v.X @ v.b,
                            lambda v: (v.a.T @ v.X @ v.b).item(),
                        ),
                    ),
                ),
                otherwise="gradient_other",
            ),
        ),
        hints=(
            "f is the sum of a[i] X[i, j] b[j] over i and j. What stands beside X[i, j]?",
            "One number for every pair (i, j): a product of columns that gives an n×m matrix.",
        ),
        solution="""
def d_bilinear(a, b, X):
    return a @ b.T
""",
    ),
    Task(
        key="d_quadratic",
        title="B. f = tr(XᵀAX)",
        args=("A", "X"),
        given=_linear,
        prepare=lambda v: {"A": v.S, "X": v.X},
        outputs=(
            Output(
                "G",
                "∂f/∂X",
                ("n", "m"),
                (
                    Term(
                        "the gradient",
                        lambda v: (v.S + v.S.T) @ v.X,
                        _several(
                            "symmetric_assumed",
                            lambda v: 2 * v.S @ v.X,
                            lambda v: 2 * v.S.T @ v.X,
                        )
                        + _several("one_of_two", lambda v: v.S @ v.X, lambda v: v.S.T @ v.X)
                        + _wrong(
                            matrix_missing=lambda v: 2 * v.X,
                            quadratic_for_gradient=lambda v: v.X.T @ v.S @ v.X,
                            value_returned=lambda v: np.trace(v.X.T @ v.S @ v.X),
                            numerator_layout=lambda v: v.X.T @ (v.S + v.S.T),
                        ),
                    ),
                ),
                otherwise="gradient_other",
            ),
        ),
        hints=(
            "Change X by dX and keep what is of first order. How many terms does the product rule "
            "give?",
            "tr(dXᵀAX) + tr(XᵀAdX). Bring both into the form ⟨G, dX⟩; a trace does not change when "
            "you transpose what is in it.",
        ),
        solution="""
def d_quadratic(A, X):
    return (A + A.T) @ X
""",
    ),
    Task(
        key="d_logdet",
        title="B. f = log |det X|",
        args=("X",),
        given=_square,
        outputs=(
            Output(
                "G",
                "∂f/∂X",
                ("m", "m"),
                (
                    Term(
                        "the gradient",
                        lambda v: np.linalg.inv(v.X).T,
                        _wrong(
                            inverse_not_transposed=lambda v: np.linalg.inv(v.X),
                            det_for_logdet=lambda v: np.linalg.det(v.X) * np.linalg.inv(v.X).T,
                            det_divided=lambda v: np.linalg.inv(v.X).T / np.linalg.det(v.X),
                            chain_stopped=lambda v: 1 / np.linalg.det(v.X),
                            value_returned=lambda v: np.linalg.slogdet(v.X)[1],
                        )
                        + _several("elementwise_reciprocal", lambda v: 1 / v.X, lambda v: 1 / v.X.T)
                        + _several("inverse_missing", lambda v: v.X, lambda v: v.X.T)
                        + _several(
                            "sign_of_det",
                            lambda v: np.linalg.inv(v.X).T * np.sign(np.linalg.det(v.X)),
                            lambda v: np.linalg.inv(v.X).T / abs(np.linalg.det(v.X)),
                            lambda v: np.linalg.inv(v.X).T * abs(np.linalg.det(v.X)),
                        )
                        + (
                            Wrong(
                                ("inverse_not_transposed", "det_for_logdet"),
                                lambda v: np.linalg.det(v.X) * np.linalg.inv(v.X),
                            ),
                            Wrong(
                                ("inverse_not_transposed", "det_divided"),
                                lambda v: np.linalg.inv(v.X) / np.linalg.det(v.X),
                            ),
                        ),
                    ),
                ),
                otherwise="gradient_other",
            ),
        ),
        hints=(
            "For a 1×1 matrix the answer is 1/x. What takes the place of 1/x for a matrix, and "
            "how can a square matrix hide a mistake in layout?",
            "det(X + dX) = det X · det(1 + X⁻¹dX), and det(1 + small) = 1 + tr(small). That gives "
            "df = tr(X⁻¹dX). Now read off G from df = ⟨G, dX⟩.",
        ),
        solution="""
def d_logdet(X):
    return np.linalg.inv(X).T
""",
    ),
    Task(
        key="d_softmax",
        title="B. Softmax loss of XWᵀ",
        args=("W", "X", "Y"),
        given=_classify,
        outputs=(
            Output(
                "G",
                "∂f/∂W",
                ("q", "m"),
                (
                    Term(
                        "the gradient",
                        lambda v: _scores_gradient(v, _softmax(v.O)),
                        _wrong(
                            softmax_missing=lambda v: _scores_gradient(v, v.O),
                            softmax_axis=lambda v: _scores_gradient(v, _softmax(v.O, axis=0)),
                            softmax_unnormalised=lambda v: _scores_gradient(v, np.exp(v.O)),
                            softmax_of_all=lambda v: _scores_gradient(v, _softmax(v.O, axis=None)),
                            sigmoid_for_softmax=lambda v: _scores_gradient(v, 1 / (1 + np.exp(-v.O))),
                            softmax_absent=lambda v: _scores_gradient(v, 0 * v.O),
                            stopped_at_probabilities=lambda v: (
                                -(v.Y / _softmax(v.O)).T @ v.X / v.n
                            ),
                            slope_once_more=lambda v: (
                                ((_softmax(v.O) - v.Y) * _softmax(v.O) * (1 - _softmax(v.O))).T
                                @ v.X
                                / v.n
                            ),
                            label_missing=lambda v: _scores_gradient(v, _softmax(v.O), label=0.0),
                            label_added=lambda v: _scores_gradient(v, _softmax(v.O), label=-1.0),
                        )
                        + _several(
                            "mean_over_others",
                            _mean_over_others(lambda v: v.q),
                            _mean_over_others(lambda v: v.m),
                            _mean_over_others(lambda v: v.n * v.q),
                            _mean_over_others(lambda v: v.n * v.m),
                        )
                        + _several(
                            "stopped_at_scores",
                            lambda v: (_softmax(v.O) - v.Y) / v.n,
                            lambda v: _softmax(v.O) - v.Y,
                        ),
                        factors=(
                            ("mean_forgotten", lambda v: v.n),
                            ("mean_twice", lambda v: 1 / v.n),
                        ),
                    ),
                ),
                otherwise="weights_other",
            ),
        ),
        hints=(
            "Go in two steps: from f to the scores O = XWᵀ, then from O to W. What shapes do the "
            "two gradients have?",
            "The first is (softmax(O) − Y)/n, n×q, rows summing to zero. The second has to be q×m: "
            "only one product of the first with X fits.",
        ),
        solution="""
def d_softmax(W, X, Y):
    P = np.exp(X @ W.T)
    P = P / P.sum(axis=1, keepdims=True)
    return (P - Y).T @ X / len(X)
""",
    ),
    Task(
        key="difference",
        title="C. Central difference",
        args=("f", "X", "step"),
        given=_probe,
        outputs=(
            Output(
                "G",
                "G",
                ("n", "m"),
                (
                    Term(
                        "the difference",
                        lambda v: _central(v, v.step),
                        _several(
                            "one_sided",
                            *(
                                lambda v, side=side: (
                                    _central(v, v.step)
                                    + side * v.step * (3 * v.C * v.X + v.D**2 / 2)
                                )
                                for side in (1, -1)
                            ),
                        )
                        + _several(
                            "all_at_once", _all_moved, lambda v: np.full_like(v.X, _all_moved(v))
                        )
                        + _wrong(
                            not_put_back=_left_moved,
                            same_point=lambda v: np.zeros_like(v.X),
                            first_entry_only=_first_only(lambda v: _central(v, v.step)),
                            rows_moved=_by_rows(
                                lambda v, step: (v.f(v.X + step) - v.f(v.X - step)) / (2 * v.step)
                            ),
                            points_too_close=lambda v: _central(v, v.step / 2),
                        )
                        + _several(
                            "step_ignored",
                            lambda v: v.exact,
                            *(lambda v, s=10.0**-k: _central(v, s) for k in (1, 2, 3, 4)),
                        ),
                        factors=(
                            ("step_multiplied", lambda v: v.step**2),
                            ("step_divided_twice", lambda v: 1 / v.step),
                            ("span_forgotten", lambda v: 2.0),
                            ("step_not_divided", lambda v: 2 * v.step),
                            ("step_not_divided", lambda v: v.step),
                        ),
                    ),
                ),
                otherwise="difference_other",
            ),
        ),
        hints=(
            "For one entry of X you need f at two points. What differs between the points, and how "
            "far are they apart?",
            "Loop over the entries (`np.ndindex(X.shape)`). Copy X twice, add `step` to the entry "
            "in one copy, subtract it in the other, and divide the difference of f by 2·step.",
        ),
        solution="""
def difference(f, X, step):
    G = np.zeros(X.shape)
    for index in np.ndindex(X.shape):
        plus, minus = X.copy(), X.copy()
        plus[index] += step
        minus[index] -= step
        G[index] = (f(plus) - f(minus)) / (2 * step)
    return G
""",
    ),
    Task(
        key="complex_step",
        title="C. Complex step",
        args=("f", "X", "step"),
        given=_probe,
        outputs=(
            Output(
                "G",
                "G",
                ("n", "m"),
                (
                    Term(
                        "the complex step",
                        lambda v: v.exact - v.C * v.step**2,
                        _wrong(
                            step_ignored=lambda v: v.exact,
                            real_for_imag=_real_part,
                            imaginary_lost=lambda v: np.zeros_like(v.X),
                            first_entry_only=_first_only(lambda v: v.exact - v.C * v.step**2),
                            rows_moved=_by_rows(
                                lambda v, step: v.f(v.X + 1j * step).imag / v.step
                            ),
                        )
                        + _several(
                            "all_at_once",
                            _all_moved_complex,
                            lambda v: np.full_like(v.X, _all_moved_complex(v)),
                        ),
                        factors=(
                            ("step_not_divided", lambda v: v.step),
                            ("step_multiplied", lambda v: v.step**2),
                            ("step_divided_twice", lambda v: 1 / v.step),
                        ),
                    ),
                ),
                otherwise="difference_other",
            ),
        ),
        hints=(
            "Move one entry of X by an imaginary amount. Which part of f then carries its "
            "derivative?",
            "`X.astype(complex)` gives a copy that can hold the step. Add `1j * step` to one "
            "entry, take `.imag` of f, and divide.",
        ),
        solution="""
def complex_step(f, X, step):
    G = np.zeros(X.shape)
    for index in np.ndindex(X.shape):
        moved = X.astype(complex)
        moved[index] += 1j * step
        G[index] = f(moved).imag / step
    return G
""",
    ),
    Task(
        key="vjp",
        title="D. Back through Y = AXB",
        args=("A", "B", "E"),
        given=_product,
        outputs=(
            Output(
                "G",
                "∂L/∂X",
                ("n", "m"),
                (
                    Term(
                        "the gradient",
                        lambda v: v.A.T @ v.E @ v.B.T,
                        _wrong(
                            numerator_layout=lambda v: v.B @ v.E.T @ v.A,
                            upstream_missing=lambda v: v.A.T @ np.ones_like(v.E) @ v.B.T,
                        )
                        + _several("factor_missing", lambda v: v.A.T @ v.E, lambda v: v.E @ v.B.T)
                        + _several(
                            "inverse_for_transpose",
                            lambda v: np.linalg.pinv(v.A) @ v.E @ np.linalg.pinv(v.B),
                            lambda v: np.linalg.pinv(v.A) @ v.E @ v.B.T,
                            lambda v: v.A.T @ v.E @ np.linalg.pinv(v.B),
                        )
                        + _several(
                            "reshaped_not_transposed",
                            lambda v: (v.B @ v.E.T @ v.A).reshape(v.n, v.m),
                        ),
                    ),
                ),
                otherwise="vjp_other",
            ),
        ),
        hints=(
            "dL = ⟨E, dY⟩ and dY = A dX B. Which G makes this ⟨G, dX⟩?",
            "What multiplies dX from the left moves to the other side of ⟨·,·⟩ transposed and "
            "stays on the left. The same on the right. Shapes: n×p, p×q, q×m.",
        ),
        solution="""
def vjp(A, B, E):
    return A.T @ E @ B.T
""",
    ),
    Task(
        key="bytes_needed",
        title="D. The Jacobian's bytes",
        args=("n", "m", "p", "q", "itemsize"),
        given=_product,
        outputs=(
            Output(
                "jacobian",
                "`jacobian`",
                (),
                (
                    Term(
                        "the bytes",
                        lambda v: v.n * v.m * v.p * v.q * v.itemsize,
                        _wrong(
                            elements_for_bytes=lambda v: v.n * v.m * v.p * v.q,
                            bits_for_bytes=lambda v: v.n * v.m * v.p * v.q * v.itemsize * 8,
                            sizes_added=lambda v: (v.n * v.m + v.p * v.q) * v.itemsize,
                            squared=lambda v: (v.n * v.m * v.p * v.q) ** 2 * v.itemsize,
                            itemsize_twice=lambda v: v.n * v.m * v.p * v.q * v.itemsize**2,
                        )
                        + _kilobytes(lambda v: v.n * v.m * v.p * v.q * v.itemsize)
                        + _several(
                            "matrix_by_itself",
                            lambda v: (v.n * v.m) ** 2 * v.itemsize,
                            lambda v: (v.p * v.q) ** 2 * v.itemsize,
                        )
                        + _several(
                            "one_index_pair",
                            lambda v: v.n * v.m * v.itemsize,
                            lambda v: v.p * v.q * v.itemsize,
                        ),
                    ),
                ),
                kind="count",
                otherwise="bytes_other",
            ),
            Output(
                "gradient",
                "`gradient`",
                (),
                (
                    Term(
                        "the bytes",
                        lambda v: v.n * v.m * v.itemsize,
                        _wrong(
                            elements_for_bytes=lambda v: v.n * v.m,
                            bits_for_bytes=lambda v: v.n * v.m * v.itemsize * 8,
                            shape_of_upstream=lambda v: v.p * v.q * v.itemsize,
                            jacobian_kept=lambda v: v.n * v.m * v.p * v.q * v.itemsize,
                            squared=lambda v: (v.n * v.m) ** 2 * v.itemsize,
                            itemsize_twice=lambda v: v.n * v.m * v.itemsize**2,
                        ),
                    ),
                ),
                kind="count",
                otherwise="bytes_other",
            ),
        ),
        hints=(
            "The derivative of Y[i, j] by X[k, l] is one number. How many choices of (i, j, k, l) "
            "are there?",
            "p·q entries of Y, each with n·m derivatives; `itemsize` bytes each. The gradient of a "
            "scalar has one number for every entry of X.",
        ),
        solution="""
def bytes_needed(n, m, p, q, itemsize):
    jacobian = p * q * n * m * itemsize
    gradient = n * m * itemsize
    return jacobian, gradient
""",
    ),
    Task(
        key="descend",
        title="E. Gradient descent on a matrix",
        args=("A", "B", "X", "rate", "steps"),
        given=_descent,
        outputs=(
            Output(
                "X",
                "X",
                ("n", "m"),
                (
                    Term(
                        "the result",
                        _descended,
                        _wrong(
                            ascent=lambda v: _descended(v, sign=1.0),
                            one_step=lambda v: _descended(v, steps=1),
                            step_too_many=lambda v: _descended(v, steps=v.steps + 1),
                            residual_stale=lambda v: _descended(v, stale=True),
                            rate_missing=lambda v: _descended(v, rate=1.0),
                            gradient_doubled=lambda v: _descended(v, rate=2 * v.rate),
                            closed_form=lambda v: np.linalg.lstsq(v.A, v.B, rcond=None)[0],
                            gradient_returned=_last_gradient,
                            step_too_few=lambda v: _descended(v, steps=v.steps - 1),
                            start_forgotten=lambda v: _descended(v, start=0.0),
                            target_missing=lambda v: _descended(v, target=0.0),
                            target_added=lambda v: _descended(v, target=-1.0),
                            gradient_halved=lambda v: _descended(v, rate=v.rate / 2),
                            gradient_normalised=_normalised,
                        )
                        + _several(
                            "gradient_averaged",
                            *(
                                lambda v, size=size: _descended(v, rate=v.rate / size(v))
                                for size in (
                                    lambda v: v.n,
                                    lambda v: v.m,
                                    lambda v: v.p,
                                    lambda v: v.n * v.m,
                                    lambda v: v.p * v.m,
                                )
                            ),
                        ),
                    ),
                ),
                otherwise="descend_other",
            ),
        ),
        hints=(
            "First the gradient of ½‖AX − B‖²: which matrix has the shape of X and vanishes where "
            "A X = B?",
            "With R = AX − B the gradient is AᵀR. Compute both anew in each step, and make a new X "
            "(`X = X - …`), since `X -= …` would change the caller's.",
        ),
        solution="""
def descend(A, B, X, rate, steps):
    for _ in range(steps):
        X = X - rate * A.T @ (A @ X - B)
    return X
""",
    ),
)

# All sizes differ in every draw. The last draw has another n, another step and other rates.
_SHARED = {"n": 7, "step": 0.3, "rate": 0.7, "steps": 3, "itemsize": 4}
SIZES = (
    {**_SHARED, "m": 5, "p": 8, "q": 3},
    {**_SHARED, "m": 3, "p": 9, "q": 4},
    {**_SHARED, "m": 4, "p": 10, "q": 2},
    {"n": 6, "step": 0.2, "rate": 0.4, "steps": 4, "itemsize": 8, "m": 4, "p": 9, "q": 5},
)

EXERCISE = ExerciseTable("Exercise 1", TASKS, SIZES, REASONS)
