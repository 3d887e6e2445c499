"""Slips of exercise 1: the gradient of a scalar function of a matrix, its shape and its uses."""

import numpy as np

from coursecheck.form import Output, Slip, Task
from coursecheck.instruments import PLACES, Smooth, as_lengths, seen

TITLE = "Exercise 1"


# --- a shape as an answer ------------------------------------------------------------------------

NUMBERS = (2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 32, 64)

SHAPES = tuple(
    Slip(key, tuple(f"return n, m => return {shape}" for shape in shapes), says)
    for key, says, shapes in (
        ("numerator_layout",
         "this is the transpose, the derivative in numerator layout. Here the gradient is asked "
         "for, which can be subtracted from X.",
         ("m, n",)),
        ("shape_of_the_value",
         "this is the shape of f(X). How many numbers tell how f changes with each entry of X?",
         ("()", "1", "(1,)", "1, 1")),
        ("vectorised",
         "this is the gradient after X has been written as one long vector. X is a matrix, and "
         "stays one.",
         ("(n * m,)", "n * m, 1", "1, n * m")),
        ("number_of_entries",
         "this counts the partial derivatives. How are they laid out?", ("n * m",)),
        ("lengths_added",
         "the lengths of X are added. How many entries has it?",
         ("n + m", "(n + m,)", "n + m, 1", "1, n + m", "n + m, n + m")),
        ("one_length",
         "only one of the two lengths of X takes part.",
         ("n", "m", "(n,)", "(m,)", "n, n", "m, m", "n, 1", "1, n", "m, 1", "1, m", "n, n, n, n",
          "m, m, m, m", *(f"n, {k}" for k in NUMBERS), *(f"{k}, m" for k in NUMBERS))),
        ("shape_of_hessian",
         "this is the shape of the second derivative.", ("n, m, n, m",)),
        ("every_pair",
         "there is a place for every pair of entries of X here. f is a single number: how many "
         "derivatives has it?",
         ("n * m, n * m", "m, n, m, n", "n, m, m, n", "m, n, n, m", "n, n, m, m", "n * m * n * m",
          "(n * m * n * m,)")),
        ("an_axis_more",
         "there is an axis of length 1 more than X has. What does it count?",
         ("n, m, 1", "1, n, m", "n, 1, m", "n, m, 1, 1", "1, 1, n, m", "m, n, 1", "1, m, n")),
        ("axes_counted",
         "this has a length more than X has. What does it count?",
         ("n, m, 2", "2, n, m", "n, m, n", "n, m, m", "n, n, m", "m, n, m", "n, m, n * m",
          "n * m, n, m")),
        ("one_off",
         "off by one in a length, or in both.",
         ("n - 1, m - 1", "n + 1, m + 1", "n - 1, m", "n, m - 1", "n + 1, m", "n, m + 1")),
        ("ordered_by_size",
         "the lengths are ordered by their size. What orders them in X?",
         ("max(n, m), min(n, m)", "min(n, m), max(n, m)")),
        ("not_a_shape",
         "this is no shape. Write a tuple of whole numbers: `(2, 3)`.",
         ("'n x m'", "{n, m}", "{'rows': n, 'columns': m}", "(n, m), 1")),
        ("an_array",
         "this is an array or a nested list. A shape is a tuple of whole numbers: `(2, 3)`.",
         ("np.zeros((n, m))", "[[n, m]]")),
        ("number_of_axes", "this counts axes. How long is each?", ("2", "(2,)")),
        ("fixed_shape", "the same comes out whatever n and m are.", ("2, 3",)),
        ("not_that_shape",
         "how many partial derivatives are there, and how would you lay them out so that each has "
         "the place of its own entry of X?",
         ("7 * n + m, n", "n, m, 0, 0")),
    )
)  # fmt: skip


KNOWN = {seen(lambda n, m: (n, m))} | {
    seen(eval(f"lambda n, m: ({edit.split('return ')[2]})"))
    for slip in SHAPES if slip.key not in ("fixed_shape", "not_that_shape")
    for edit, _ in slip.ways()
}  # fmt: skip


# --- what goes wrong with any gradient -----------------------------------------------------------


def _any(f="f"):
    """What goes wrong with a gradient, whatever its formula. The task's `on` is the whole of it."""
    return (
        Slip("zero_gradient", "=> 0 * (~)",
             f"zero everywhere. Does {f} stay the same when an entry of X changes?"),
        Slip("summed_single", "=> np.sum(~) | np.mean(~) | np.linalg.norm(~) | 0 * (~) + np.sum(~) "
                              "| 0 * (~) + np.mean(~)",
             f"made into one number. Does {f} change alike with every entry of X?"),
        Slip("unsigned", "=> np.abs(~)", "the signs are lost."),
        Slip("sign_only", "=> np.sign(~)", "the signs alone are left."),
        Slip("squared_entries", "=> (~) ** 2", "the entries are squared."),
        Slip("normalised", "=> (~) / np.linalg.norm(~)",
             "divided by its own norm. A gradient is taken as it is."),
        Slip("averaged_gradient", "=> (~) / (~).size",
             f"divided by the number of entries. Is a mean taken in {f}?"),
        Slip("summed_along", "=> (~).sum(axis=0) | (~).sum(axis=1) | (~).sum(axis=0) + 0 * (~) | "
                             "(~).sum(axis=1, keepdims=True) + 0 * (~) | (~).mean(axis=0) | "
                             "(~).mean(axis=1) | (~).mean(axis=0) + 0 * (~) | "
                             "(~).mean(axis=1, keepdims=True) + 0 * (~)",
             f"summed or averaged along rows or columns. Which entries of X act on {f} alike?"),
        Slip("triangle_kept", "=> np.tril(~) | np.triu(~)", "only a triangle of it is kept."),
        Slip("diagonal_kept", "=> (~) * np.eye(*(~).shape)", "only the diagonal is kept."),
        Slip("numerator_and_factor", "=> -1 * (~).T | 2 * (~).T | 0.5 * (~).T",
             "this is in numerator layout, and its sign or a factor is wrong as well."),
        Slip("turned_round", "=> (~)[::-1] | (~)[:, ::-1] | (~)[::-1, ::-1]",
             "the rows or the columns stand in reverse order. Was something turned round that had "
             "to be transposed?"),
    )  # fmt: skip


def _of_x(value):
    """What goes wrong with a gradient where X is given, and so the value of f."""
    return (
        *_any(),
        Slip("value_returned", f"=> {value} | 0 * X + {value}", VALUE),
        Slip("value_in_it", f"=> ({value}) * (~) | 2 * ({value}) * (~) | (~) / ({value})",
             "the value of f takes part in it. Is f squared, or inside another function?"),
        Slip("step_for_gradient", "=> X - (~) | X + (~)",
             "X is in it, as after a step of descent. The gradient alone is asked for."),
    )  # fmt: skip


RESHAPED = (
    "reshaped where it had to be transposed. Reshaping keeps the order in memory, so the entries "
    "land in the wrong places."
)
NUMERATOR = (
    "this is the transpose, the derivative in numerator layout. Here the gradient is asked for, "
    "which can be subtracted from X."
)
VALUE = "this is the value of f, not its gradient."
NOT_LINEAR = "X is still in it. f is linear in X: can its gradient depend on X?"
X_ITSELF = "X itself comes back. f is linear in X: can its gradient depend on X?"
NO_MATRIX = "A takes no part. Should the gradient not depend on it?"


# --- the two experiments -------------------------------------------------------------------------


def smooth(rng, v):
    return Smooth(*rng.standard_normal((2, v.n, v.m)))


def _loop(line, quotient, to="G[index]", over="index in np.ndindex(X.shape)"):
    """A body with a loop: what moves in it, and what G is set to."""
    return (
        f"G = np.zeros(X.shape)\nfor {over}:\n    P, Q = X + 0j, X + 0j\n    {line}\n"
        f"    {to} = ({quotient}).real\nreturn G"
    )


def _experiment(step):
    """What goes wrong with an experiment that ends in a division by `step`."""
    return (
        Slip("first_entry_only", f"/ {step} => ~; return G",
             "only the first entry is computed. Where does the `return` stand?"),
        Slip("last_entry_only", "G[index] = => G = | G[:] =",
             "only the last entry's derivative comes back. Is something overwritten?"),
        Slip("added_up", "G[index] = => G += | ~ G.sum() +",
             "the derivatives of several entries are added up. Each has its own place."),
        Slip("first_row_or_column",
             "index in np.ndindex(X.shape) => index in [(i, 0) for i in range(len(X))] | "
             "index in [(0, j) for j in range(X.shape[1])] | "
             "index in list(np.ndindex(X.shape))[1:] | index in list(np.ndindex(X.shape))[:-1]",
             "not all entries are visited."),
        Slip("truncated", "np.zeros(X.shape) => np.zeros(X.shape, int)",
             "the fractions are cut off. What can an array of whole numbers hold?"),
        Slip("sign_wrong", "return G => return -G", "the sign is wrong."),
        Slip("unsigned", "return G => return np.abs(G)", "the signs are lost."),
        Slip("summed_single", "return G => ~.sum() | ~.mean()",
             "made into one number. One derivative for each entry of X is asked for."),
        Slip("f_not_asked", ("return 3 * X**2", "return 2 * X", "return X", "return X**2",
                             "return np.cos(X)", "return np.exp(X)", "return np.ones_like(X)"),
             "this is right for one f at most. f is an argument: what does it tell you?"),
        Slip("f_itself", ("return f(X)", "return 0 * X + f(X)", "return f(X) / step",
                          "return 0 * X + f(X) / step"),
             "this is f at X, where nothing has been moved."),
        Slip("step_of_descent", "return G => return X - step * G | return X - G",
             "this is X after a step of descent. The derivatives are asked for."),
        Slip("step_divided_twice", f"/ {step} => ~ / step | ~ ** 2", "divided by the step twice."),
    )  # fmt: skip


ROWS = "whole rows or columns are moved at once. An entry of a matrix has two indices."
ALL_MOVED = "all entries are moved at once. Move one, measure, put it back."
NOT_BACK = "entries that were moved stay moved. Put each back before the next."
OTHER_STEP = (
    "computed with another step than the one given. Here it is large on purpose, so that its error "
    "can be seen."
)
RELATIVE = "how far an entry moves depends on the entries here. It moves by the step."
TWO_REAL = "both points have real entries. Which scheme is asked for here?"


# --- bytes, and descent --------------------------------------------------------------------------


def _unit(key, sizes, says):
    """Another size of a number: in one of the two lines, or in both."""
    each = tuple(f"* itemsize => * ({size})" for size in sizes)
    both = tuple(f"jacobian = p => itemsize = {size}; jacobian = p" for size in sizes)
    return Slip(key, each, says, "jacobian gradient"), Slip(key, both, says, "jacobian")


def contracting(rng, v):
    """A matrix of norm 1.1 at most, so that any rate up to 1.5 descends."""
    A = rng.standard_normal((v.p, v.n))
    return rng.uniform(0.5, 1.1) * A / np.linalg.norm(A, 2)


def invertible(rng, v):
    """A square matrix well away from singular, whose determinant has either sign."""
    X = rng.standard_normal((v.m, v.m)) + 2 * np.eye(v.m)
    X[0] *= rng.choice([-1, 1])
    return X


INV, DET = "np.linalg.inv(X).T", "np.linalg.det(X)"
EXP = "np.exp(O - O.max(axis=1, keepdims=True))"
SUM = "P / P.sum(axis=1, keepdims=True)"
MEAN = "(P - Y) / len(X)"
STEP = "rate * A.T @ (A @ X - B)"
DESCENT = "for _ in range(steps):\n    "


TASKS = (
    Task(
        "gradient_shape",
        "A. The question",
        "n m",
        (Output("shape", "Shape", "count", axes=str(PLACES)),),
        sizes="n m",
        draw={"known": lambda rng, v: tuple(KNOWN)},
        use=as_lengths,
        hints=(
            "Move one entry of X a little, and f changes a little. How many such experiments are "
            "there, and how would you lay out their results?",
            "Gradient descent computes `X - rate * G`. Which shape must G have for that line to "
            "mean anything, entry by entry?",
        ),
        slips=SHAPES,
        otherwise=("return [n, m]", "return np.zeros((n, m)).shape", "return np.array([n, m])",
                   "return float(n), float(m)", "return np.ones(n)[:, None].repeat(m, 1).shape"),
    ),
    Task(
        "change",
        "A. df from numerator layout",
        "D dX",
        (Output("df", "df"),),
        sizes="n m",
        draw={"D": "m n", "dX": "n m"},
        hints=(
            "df adds up, over all entries, the partial derivative by X[i, j] times dX[i, j]. "
            "Where in D does the partial derivative by X[i, j] stand?",
            "It stands in D[j, i]. Either bring D into the shape of dX first, or look at the "
            "diagonal of the product of the two.",
        ),
        on="np.trace(D @ dX)",
        slips=(
            Slip("trace_missing", "=> D @ dX | dX @ D",
                 "{name} is a matrix here. Which of its entries add up to df?"),
            Slip("all_summed", "=> np.sum(D @ dX) | np.sum(dX @ D) | np.mean(D @ dX) | "
                               "np.mean(dX @ D) | np.sum(D @ dX) / dX.size | "
                               "np.sum(dX @ D) / dX.size", "all entries of the product are "
                                                           "summed. Those off the diagonal pair "
                                                           "entries that do not belong together."),
            Slip("reshaped_not_transposed",
                 "=> D.ravel() @ dX.ravel() | D.reshape(dX.shape) * dX", RESHAPED),
            Slip("not_summed", "=> D.T * dX | D * dX.T | np.diag(D @ dX) | np.diag(dX @ D) | "
                               "np.sum(D.T * dX, axis=0) | np.sum(D.T * dX, axis=1)",
                 "the contributions of the single entries still have to be added up."),
            Slip("averaged", "=> np.mean(D.T * dX)",
                 "the contributions of the single entries add up. Here they are averaged."),
            Slip("sums_multiplied", tuple(
                f"np.trace(D @ dX) => np.{one}(D) * np.{other}(dX)"
                for one in ("sum", "mean", "trace") for other in ("sum", "mean", "trace")),
                 "each matrix is summed by itself before the two meet. Does every entry of dX meet "
                 "the same derivative?"),
            Slip("added",
                 "=> np.sum(D.T + dX) | D.T + dX | np.trace(D) + np.trace(dX) | np.sum(dX - D.T)",
                 "derivatives and changes are added or subtracted here. How does a change act "
                 "through a derivative?"),
            Slip("never_negative",
                 "=> np.linalg.norm(D @ dX) | np.linalg.norm(D @ dX, 2) | "
                 "np.linalg.norm(dX @ D) | np.sum(np.abs(D @ dX)) | np.trace(np.abs(D @ dX)) | "
                 "np.linalg.norm(D.T * dX) | np.sum(np.abs(D.T * dX)) | "
                 "np.sum((D.T * dX) ** 2) | np.abs(~) | ~ ** 2 | "
                 "np.linalg.norm(D) * np.linalg.norm(dX) | np.linalg.norm(D) | "
                 "np.linalg.norm(dX)", "this is never negative. Can f not become smaller?"),
            Slip("one_of_two",
                 "=> np.sum(D) | np.sum(dX) | np.trace(D) | D.T | np.trace(dX) | dX | D",
                 "only one of D and dX takes part. What does f change with, and by how much?"),
            Slip("determinant", "=> np.linalg.det(D @ dX) | np.linalg.det(dX @ D)",
                 "this is a determinant. Changes of single entries add up."),
            Slip("divided_by_norm", "=> ~ / np.linalg.norm(D) | ~ / np.linalg.norm(dX) | "
                                    "~ / np.linalg.norm(D) / np.linalg.norm(dX)",
                 "divided by a norm, as for a direction or an angle. The change itself is asked "
                 "for."),
            Slip("diagonals_only", "=> np.sum(np.diag(D) * np.diag(dX))",
                 "only the diagonals of D and dX take part. Does f depend on no other entry?"),
            Slip("multiplied", "=> np.prod(np.diag(D @ dX)) | np.prod(D.T * dX)",
                 "the contributions are multiplied. They add up."),
            Slip("first_only", "=> (D @ dX)[0, 0] | (dX @ D)[0, 0] | D[0, 0] * dX[0, 0]",
                 "only one place is looked at. The contributions of all entries add up."),
            Slip("largest_only", "=> np.max(D.T * dX) | np.max(D @ dX)",
                 "this is a largest entry. The contributions of all entries add up."),
        ),
        otherwise=("return np.sum(D.T * dX)", "return np.einsum('ji,ij->', D, dX)",
                   "return np.vdot(D.T, dX)", "return np.trace(dX @ D)",
                   "return D.T.ravel() @ dX.ravel()",
                   "return np.tensordot(D, dX, ([1, 0], [0, 1]))",
                   "return sum(D[j, i] * dX[i, j] for i, j in np.ndindex(dX.shape))"),
    ),
    Task(
        "d_trace",
        "B. f = tr(AX)",
        "A X",
        (Output("G", "∂f/∂X", axes="n m"),),
        sizes="n m",
        draw={"A": "m n", "X": "n m"},
        hints=(
            "Write the trace as a double sum. Which entry of A stands beside X[i, j]?",
            "The entry A[j, i]. So the gradient's entry (i, j) is A[j, i].",
        ),
        on="A.T",
        slips=(
            *_of_x("np.trace(A @ X)"),
            Slip("numerator_layout", "=> A", NUMERATOR),
            Slip("reshaped_not_transposed", "=> A.reshape(X.shape)", RESHAPED),
            Slip("matrix_missing", "=> np.eye(*X.shape) | np.ones(X.shape)", NO_MATRIX),
            Slip("argument_returned", "=> X | X.T", X_ITSELF),
            Slip("not_linear", "=> A.T * X | A @ X | X @ A | A.T @ A @ X | X @ A @ X | "
                               "np.diag(A @ X) | A.T + A.T * X | np.eye(len(X)) @ X @ A @ X | "
                               "(A @ X).T", NOT_LINEAR),
            Slip("trace_of_factor", "=> np.trace(A) | 0 * X + np.trace(A) | "
                                    "np.trace(A) * np.eye(*X.shape) | np.trace(A) * X",
                 "this has the trace of A in it. Do all entries of X meet the same number in f?"),
            Slip("product_of_factor", "=> A.T @ A | A @ A.T | A.T @ A @ A.T",
                 "A is multiplied by itself. How often does it stand in f?"),
            Slip("inverse_for_transpose", "=> np.linalg.pinv(A)",
                 "this is an inverse. Is a factor inverted when it moves to the other side?"),
            Slip("diagonal_of_factor", "=> np.diag(A) | np.diag(np.diag(A))",
                 "this is the diagonal of A. Does f depend on no other entry of it?"),
        ),
        otherwise=("return A.T.tolist()", "return A.T + 0 * X",
                   "return np.array([[A[j, i] for j in range(len(A))] for i in range(len(X))])",
                   "return np.einsum('ji->ij', A)", "return np.matrix(A).T"),
    ),
    Task(
        "d_bilinear",
        "B. f = aᵀXb",
        "a b X",
        (Output("G", "∂f/∂X", axes="n m"),),
        sizes="n m",
        draw={"a": "n 1", "b": "m 1", "X": "n m"},
        hints=(
            "f is the sum of a[i] X[i, j] b[j] over i and j. What stands beside X[i, j]?",
            "One number for every pair (i, j): a product of columns that gives an n×m matrix.",
        ),
        on="a @ b.T",
        slips=(
            *_of_x("(a.T @ X @ b).item()"),
            Slip("numerator_layout", "=> b @ a.T", NUMERATOR),
            Slip("reshaped_not_transposed", "=> (b @ a.T).reshape(X.shape)", RESHAPED),
            Slip("outer_sum", "=> a + b.T | a - b.T | (a + b.T) / 2",
                 "the entries of a and b are added. In f they are multiplied."),
            Slip("divided", "=> a / b.T | b.T / a",
                 "the entries of a and b are divided. In f they are multiplied."),
            Slip("not_linear", "=> a * X * b.T | a.T @ X | X @ b | (a.T @ X).T | (X @ b).T | "
                               "a * X | X * b.T | X @ b + (a.T @ X)", NOT_LINEAR),
            Slip("argument_returned", "=> X | X.T", X_ITSELF),
            Slip("value_returned", "=> a.T @ X @ b", VALUE),
            Slip("one_vector", "=> a | b | a.T | b.T | a + 0 * X | b.T + 0 * X | a @ a.T | "
                               "b @ b.T | a.ravel() | b.ravel()",
                 "only one of a and b takes part."),
            Slip("matrix_missing", "=> np.ones_like(X) | np.eye(*X.shape)",
                 "neither a nor b takes part. Should the gradient not depend on them?"),
            Slip("inverse_for_transpose", "=> np.linalg.pinv(b @ a.T) | "
                                          "np.linalg.pinv(a).T @ np.linalg.pinv(b) | "
                                          "a @ np.linalg.pinv(b) | np.linalg.pinv(a).T @ b.T",
                 "there is an inverse in it. Does f divide by anything?"),
        ),
        otherwise=("return np.outer(a, b)", "return a * b.T", "return np.kron(a, b.T)",
                   "return np.einsum('ik,jk->ij', a, b)",
                   "return [[float(s) * float(t) for t in b[:, 0]] for s in a[:, 0]]"),
    ),
    Task(
        "d_quadratic",
        "B. f = tr(XᵀAX)",
        "A X",
        (Output("G", "∂f/∂X", axes="n m"),),
        sizes="n m",
        draw={"A": "n n", "X": "n m"},
        hints=(
            "Change X by dX and keep what is of first order. How many terms does the product rule "
            "give?",
            "tr(dXᵀAX) + tr(XᵀAdX). Bring both into the form ⟨G, dX⟩; a trace does not change when "
            "you transpose what is in it.",
        ),
        on="(A + A.T) @ X",
        slips=(
            *_of_x("np.trace(X.T @ A @ X)"),
            Slip("symmetric_assumed", "=> 2 * A @ X | 2 * A.T @ X",
                 "this is right for a symmetric A only. Here A is not symmetric."),
            Slip("one_of_two", "=> A @ X | A.T @ X",
                 "X stands twice in f, so there are two paths. One of them is missing."),
            Slip("paths_subtracted", "=> (A - A.T) @ X | (A.T - A) @ X",
                 "one path is subtracted from the other. Paths that join are added."),
            Slip("paths_multiplied", "=> A @ A.T @ X | A.T @ A @ X | A @ A @ X | "
                                     "2 * A @ A.T @ X | 2 * A.T @ A @ X | (A * A.T) @ X",
                 "A stands in a product with itself. In each path it occurs once."),
            Slip("paths_unequal",
                 tuple(f"(A + A.T) @ X => ({c} * A + {d} * A.T) @ X"
                       for c, d in ((3, 1), (2, 1), (0.5, 1), (1, 0.5), (1, 2), (1, 3))),
                 "the two paths do not count alike. Is one taken too often, or not wholly?"),
            Slip("path_without_matrix", "=> A @ X + X | A.T @ X + X",
                 "there are two paths here. One of them lacks a factor."),
            Slip("matrix_missing", "=> 2 * X | X | np.ones_like(X)", NO_MATRIX),
            Slip("argument_missing", "=> A | A.T | A + A.T | 2 * A | A @ np.ones_like(X) | "
                                     "(A + A.T) @ np.ones_like(X)",
                 "X takes no part. Is f linear in it?"),
            Slip("quadratic_for_gradient", "=> X.T @ A @ X | X.T @ ~ | 2 * X.T @ A @ X | "
                                           "X * (A @ X) | 2 * X * (A @ X) | X * (~)",
                 "X still stands twice in it. A derivative takes one away."),
            Slip("numerator_layout", "=> X.T @ (A + A.T)", NUMERATOR),
            Slip("numerator_and_one", "=> X.T @ A | X.T @ A.T",
                 "this is one path of two, and in numerator layout."),
            Slip("numerator_and_symmetric", "=> 2 * X.T @ A | 2 * X.T @ A.T",
                 "this is for a symmetric A, and in numerator layout."),
            Slip("trace_of_factor", "=> np.trace(A) * X | 2 * np.trace(A) * X",
                 "this has the trace of A in it. In f, A is multiplied first."),
            Slip("diagonal_of_factor", "=> 2 * np.diag(np.diag(A)) @ X | "
                                       "np.diag(np.diag(A)) @ X | "
                                       "(A + A.T - np.diag(np.diag(A))) @ X",
                 "the diagonal of A is treated in another way than the rest."),
            Slip("inverse_for_transpose", "=> (A + np.linalg.inv(A)) @ X | np.linalg.inv(A) @ X",
                 "there is an inverse in it. Does f divide by anything?"),
        ),
        otherwise=("return A @ X + A.T @ X", "return (X.T @ (A + A.T)).T",
                   "return np.einsum('ij,jk->ik', A, X) + np.einsum('ji,jk->ik', A, X)",
                   "return np.array([A @ x + x @ A for x in X.T]).T"),
    ),
    Task(
        "d_logdet",
        "B. f = log |det X|",
        "X",
        (Output("G", "∂f/∂X", axes="m m"),),
        sizes="m",
        draw={"X": invertible},
        hints=(
            "For a 1×1 matrix the answer is 1/x. What takes the place of 1/x for a matrix, and "
            "how can a square matrix hide a mistake in layout?",
            "det(X + dX) = det X · det(1 + X⁻¹dX), and det(1 + small) = 1 + tr(small). That gives "
            "df = tr(X⁻¹dX). Now read off G from df = ⟨G, dX⟩.",
        ),
        on=INV,
        slips=(
            *_of_x(f"np.log(abs({DET}))"),
            Slip("inverse_not_transposed", "=> np.linalg.inv(X)",
                 "this is the inverse in numerator layout. Compare entry (0, 1) with a finite "
                 "difference."),
            Slip("elementwise_reciprocal",
                 f"=> 1 / X | 1 / X.T | 1 / abs(X) | -1 / X**2 | np.sign({DET}) / X",
                 "the reciprocal of every entry is not the inverse matrix."),
            Slip("inverse_missing",
                 f"=> X | X.T | X / {DET} | X.T / {DET} | {DET} * X.T | {DET} * X",
                 "X stands where its inverse belongs."),
            Slip("det_for_logdet", f"=> {DET} * ~",
                 "this is the gradient of det X. The logarithm is missing."),
            Slip("det_in_numerator_layout", f"=> {DET} * np.linalg.inv(X)",
                 "this is the derivative of det X, and in numerator layout. The logarithm is "
                 "missing."),
            Slip("det_divided", f"=> ~ / {DET}",
                 "divided by det X once too often. Does the inverse hold it already?"),
            Slip("divided_in_numerator_layout", f"=> np.linalg.inv(X) / {DET}",
                 "divided by det X once too often, and in numerator layout."),
            Slip("sign_of_det", f"=> ~ * np.sign({DET}) | ~ / abs({DET}) | ~ * abs({DET}) | "
                                f"np.linalg.inv(X) * np.sign({DET}) | "
                                f"np.linalg.inv(X) / abs({DET}) | np.linalg.inv(X) * abs({DET})",
                 "the sign of det X, or its absolute value, has stayed in it. What is the "
                 "derivative of log |x| for a negative x?"),
            Slip("chain_stopped", f"=> 1 / {DET} | 1 / abs({DET}) | np.ones_like(X) / {DET} | "
                                  f"np.ones_like(X) / abs({DET}) | np.eye(len(X)) / {DET}",
                 "this is the derivative of the logarithm at det X. How does det X change with X?"),
            Slip("det_returned",
                 f"=> {DET} | abs({DET}) | 0 * X + {DET} | {DET} * np.eye(len(X))",
                 "this is a determinant and no derivative of one."),
            Slip("value_in_numerator_layout", f"=> np.linalg.inv(X) / np.log(abs({DET}))",
                 "the value of f takes part in it, and the layout is the numerator's."),
            Slip("traced", "=> np.trace(np.linalg.inv(X)) | np.trace(X) | 1 / np.trace(X)",
                 "a diagonal is added up to one number. Does f change alike with every entry?"),
            Slip("inverse_twice", "=> np.linalg.inv(X @ X) | np.linalg.inv(X @ X).T | "
                                  "-np.linalg.inv(X @ X) | -np.linalg.inv(X @ X).T | "
                                  "np.linalg.inv(X.T @ X) | np.linalg.inv(X @ X.T)",
                 "the inverse is multiplied by another one, as in the derivative of the inverse."),
            Slip("entrywise_log", "=> np.log(np.abs(X)) | np.log(np.abs(np.linalg.inv(X))) | "
                                  "np.log(np.abs(~)) | np.linalg.inv(np.log(np.abs(X))) | "
                                  "np.linalg.inv(np.log(np.abs(X))).T",
                 "the logarithm of every entry is taken. Of what does f take it?"),
            Slip("symmetric_formula",
                 "=> 2 * ~ - np.diag(np.diag(~)) | 2 * np.linalg.inv(X) - np.diag(np.diag(~))",
                 "this is for a symmetric X, whose entries come in pairs. Here X need not be "
                 "symmetric."),
            Slip("both_layouts", "=> ~ + np.linalg.inv(X) | (~ + np.linalg.inv(X)) / 2",
                 "the two layouts are mixed: an entry and its mirror image come together."),
            Slip("argument_missing", "=> np.eye(len(X)) | np.ones_like(X)",
                 "the same for any X. Is f linear in it?"),
            Slip("diagonal_reciprocal", "=> np.diag(1 / np.diag(X))",
                 "the reciprocals of the diagonal are not the inverse matrix."),
            Slip("inverse_times_argument", "=> ~ @ X | X.T @ np.linalg.inv(X) | ~ * X | "
                                           "np.linalg.inv(X) * X | np.linalg.inv(X).T * X.T",
                 "X is multiplied in beside an inverse. What is left of X in the derivative?"),
        ),
        otherwise=("return np.linalg.inv(X.T)", "return np.linalg.solve(X.T, np.eye(len(X)))",
                   "U, s, V = np.linalg.svd(X)\nreturn U / s @ V",
                   "return np.linalg.pinv(X).T"),
    ),
    Task(
        "d_softmax",
        "B. Softmax loss of XWᵀ",
        "W X Y",
        (Output("G", "∂f/∂W", axes="q m"),),
        sizes="n m q",
        draw={"W": "q m", "X": "n m",
              "Y": lambda rng, v: np.eye(v.q)[rng.integers(v.q, size=v.n)]},
        hints=(
            "Go in two steps: from f to the scores O = XWᵀ, then from O to W. What shapes do the "
            "two gradients have?",
            "The first is (softmax(O) − Y)/n, n×q, rows summing to zero. The second has to be q×m: "
            "only one product of the first with X fits.",
        ),
        on="(P - Y)",
        slips=(
            # the probabilities
            Slip("softmax_missing", "=> (O - Y)",
                 "the scores are compared with Y. Which probabilities do they stand for?"),
            Slip("softmax_axis", (f"{EXP} => np.exp(O) && {SUM} => P / P.sum(axis=0, "
                                  "keepdims=True)", f"{SUM} => P / P.sum(axis=0, keepdims=True)"),
                 "the softmax runs over the examples. It runs over the classes of each example."),
            Slip("softmax_unnormalised", (f"{SUM} => P | P / P.mean(axis=1, keepdims=True) | "
                                          "P / np.linalg.norm(P, axis=1, keepdims=True)",
                                          f"{EXP} => np.exp(O) && {SUM} => P"),
                 "the exponentials are not divided by their sum."),
            Slip("softmax_of_all",
                 (f"{EXP} => np.exp(O) && {SUM} => P / P.sum()", f"{SUM} => P / P.sum()"),
                 "the exponentials are divided by the sum over all examples. Each example has "
                 "probabilities of its own, which sum to one."),
            Slip("sigmoid_for_softmax",
                 ("=> (1 / (1 + np.exp(-O)) - Y)", f"{EXP} => 1 / (1 + np.exp(-O))"),
                 "a sigmoid takes each score by itself. In a softmax the classes of an example "
                 "compete."),
            Slip("exponential_missing",
                 f"{EXP} => O | np.abs(O) | O**2 | O - O.max(axis=1, keepdims=True)",
                 "the scores are not made positive in the way of a softmax."),
            Slip("other_activation", "=> (np.tanh(O) - Y) | (np.maximum(O, 0) - Y)",
                 "another function of the scores stands in place of the softmax."),
            Slip("scores_negated", f"{EXP} => np.exp(-O)", "the scores' sign is wrong."),
            Slip("scores_scaled",
                 "X @ W.T => ~ / np.sqrt(X.shape[1]) | ~ / X.shape[1] | ~ / len(X) | 2 * ~",
                 "the scores are divided or multiplied by something. Is there such a factor in f?"),
            Slip("other_base", f"{EXP} => 2.0**O | 10.0**O", "the powers have another base."),
            Slip("softmax_twice",
                 f"{SUM} => np.exp({SUM}) && E = => P = P / P.sum(axis=1, keepdims=True); E =",
                 "the softmax is taken twice."),
            Slip("largest_takes_all", "=> ((O == O.max(axis=1, keepdims=True)) - Y)",
                 "the largest score counts as certain here. What probability does it stand for?"),
            Slip("log_for_probability",
                 "=> (np.log(P) - Y) | (-np.log(P) - Y) | (-np.log(P) * Y) | np.log(P) | "
                 "-np.log(P) | Y * np.log(P)", "the logarithm of the probabilities is still in "
                                               "it. What becomes of it when f is differentiated?"),
            # the error
            Slip("softmax_absent", "=> -Y | Y",
                 "Y alone is in it. What has the logarithm of the sum to say?"),
            Slip("stopped_at_probabilities", "=> (-Y / P) | (Y / P)",
                 "this stops at the derivative by the probabilities. One step is left, from the "
                 "probabilities to the scores."),
            Slip("binary", "=> (~ / (P * (1 - P))) | ((1 - Y) / (1 - P) - Y / P)",
                 "this is the derivative by the probability of a yes or no. Here the classes of "
                 "an example compete."),
            Slip("slope_once_more", "=> ~ * P * (1 - P) | P * (1 - P) | ~ * P | "
                                    "P * (P - Y - (~ * P).sum(axis=1, keepdims=True))",
                 "the slope of the softmax is multiplied in, or stands alone. Is it in the error "
                 "already?"),
            Slip("label_class_only", "=> (P - 1) * Y | P * Y | Y * (1 - P) | -P * Y",
                 "only the class that is right takes part. What do the other classes' scores do "
                 "to f?"),
            Slip("label_class_left_out", "=> P * (1 - Y)",
                 "the class that is right takes no part. Does its score not change f?"),
            Slip("label_missing", "=> P", "Y does not take part."),
            Slip("label_added", "=> (P + Y)",
                 "Y is added. Should a right class raise the gradient of its score or lower it?"),
            Slip("label_averaged", "=> (P - 1 / Y.shape[1]) | (P - Y.mean(axis=0)) | (P - 1)",
                 "every example is compared with the same numbers. Which class is its own?"),
            Slip("square_kept", "=> ~ ** 2",
                 "the error is squared. Where would a square come from?"),
            Slip("error_unsigned", "=> np.abs~", "the error lost its sign."),
            Slip("error_sign_only", "=> np.sign~", "only the sign of the error is left."),
            # the mean
            Slip("mean_forgotten", f"{MEAN} => (P - Y)",
                 "not divided by the number of examples. f is a mean."),
            Slip("mean_of_part", f"{MEAN} => P - Y / len(X) | P / len(X) - Y",
                 "only a part of the error is divided. Where do the brackets end?"),
            Slip("mean_twice", f"{MEAN} => ~ / len(X)", "divided by n twice."),
            Slip("mean_multiplied", f"{MEAN} => (P - Y) * len(X)",
                 "multiplied by n. How does a mean depend on it?"),
            Slip("mean_over_others", "len(X) => Y.shape[1] | X.shape[1] | Y.size | X.size | "
                                     "W.size | (~ - 1) | (~ * W.size)",
                 "a mean is taken, but not over the examples. How many are there?"),
            Slip("longest_axis",
                 "len(X) => max(X.shape) | max(Y.shape) | max(W.shape) | max(*X.shape, *W.shape)",
                 "divided by whichever length is larger. Which axis counts the examples?"),
            Slip("mean_first", ("E.T @ X => np.outer(E.sum(axis=0), X.mean(axis=0)) | "
                                "np.outer(E.sum(axis=0), X.sum(axis=0)) | "
                                "np.outer(E.mean(axis=0), X.mean(axis=0))",
                                "(P - Y) / len(X) => np.mean(P - Y, axis=0) * np.ones_like(P) | "
                                "np.mean(P - Y, axis=0) * np.ones_like(P) / len(X)"),
                 "the errors are summed over the examples before they meet the inputs. Every "
                 "example has its own way back."),
            # what comes back
            Slip("stopped_at_scores", "E.T @ X => E | (P - Y) | E.T | (P - Y).T",
                 "this is the gradient with respect to the scores O. One step is left, from O to "
                 "W."),
            Slip("gradient_of_inputs", "E.T @ X => E @ W | (P - Y) @ W",
                 "this is the gradient with respect to the inputs. Which matrix is asked about?"),
            Slip("upstream_missing",
                 "E.T @ X => np.ones_like(E).T @ X | np.ones_like(E).T @ X / len(X) | X",
                 "the gradient that arrives from the scores is missing."),
            Slip("input_missing",
                 "E.T @ X => E.sum(axis=0) | E.sum(axis=0)[:, None] * np.ones_like(W) | "
                 "(P - Y).sum(axis=0)", "what was multiplied by W forward is missing."),
            Slip("weights_for_inputs", "E.T @ X => E.sum(axis=0)[:, None] * W",
                 "W stands where the other factor of the scores belongs."),
            Slip("value_returned", "E.T @ X => -(Y * np.log(P)).sum() / len(X)", VALUE),
            Slip("losses_returned", "E.T @ X => -(Y * np.log(P)).sum() | "
                                    "-(Y * np.log(P)).sum(axis=1) | -(Y * np.log(P)) | "
                                    "-(Y * np.log(P)).mean()", "these are losses and no gradient."),
            Slip("probabilities_returned", "E.T @ X => P | P.T", "these are the probabilities."),
            Slip("penalty_added", tuple(f"E.T @ X => E.T @ X + {c} * W"
                                        for c in (
                1, 0.5, 0.1, 0.01, 0.001, 2, 0.2, 1e-4, "1 / len(X)", "0.1 / len(X)")),
                 "a multiple of W is added. Is there a penalty in f?"),
            Slip("step_for_gradient", "E.T @ X => W - ~ | W - (P - Y).T @ X",
                 "these are new weights. The gradient is asked for."),
            Slip("summed_single", "return E.T @ X => return np.sum(E.T @ X) | "
                                  "return np.mean(E.T @ X) | return np.mean((P - Y).T @ X)",
                 "made into one number. Does f change alike with every weight?"),
            Slip("sign_wrong", "E.T @ X => -~",
                 "the sign is wrong. Does f fall or rise when the score of the right class rises?"),
            Slip("unsigned", "E.T @ X => np.abs(~)", "the signs are lost."),
            Slip("sign_only", "E.T @ X => np.sign(~)", "the signs alone are left."),
            Slip("zero_gradient", "E.T @ X => 0 * W",
                 "zero everywhere. Does f stay the same when a weight changes?"),
        ),
        otherwise=(f"{EXP} => np.exp(O)", "E.T @ X => sum(np.outer(e, x) for e, x in zip(E, X))",
                   f"{MEAN} => (P - Y) && E.T @ X => np.einsum('nq,nm->qm', E, X) / len(X)",
                   f"{EXP} => np.exp(O) && E.T @ X => (X.T @ E).T",
                   "G = np.zeros_like(W)\nfor x, y in zip(X, Y):\n    p = np.exp(W @ x)\n"
                   "    G += np.outer(p / p.sum() - y, x)\nreturn G / len(X)"),
    ),
    Task(
        "difference",
        "C. Central difference",
        "f X step",
        (Output("G", "G", axes="n m"),),
        sizes="n m",
        draw={"f": smooth, "X": "n m", "step": "0.1..0.6"},
        hints=(
            "For one entry of X you need f at two points. What differs between the points, and how "
            "far are they apart?",
            "Loop over the entries (`np.ndindex(X.shape)`). Copy X twice, add `step` to the entry "
            "in one copy, subtract it in the other, and divide the difference of f by 2·step.",
        ),
        on="/ (2 * step)",
        slips=(
            *_experiment("(2 * step)"),
            Slip("one_sided", ("(f(plus) - f(minus)) / (2 * step) => (f(plus) - f(X)) / step",
                               "(f(plus) - f(minus)) / (2 * step) => (f(X) - f(minus)) / step",
                               "f(minus) => f(X)", "f(plus) => f(X)",
                               "(f(plus) - f(minus)) / (2 * step) => f(plus) - f(X)",
                               "(f(plus) - f(minus)) / (2 * step) => f(X) - f(minus)",
                               _loop("P[index] += step; Q[index] += 2 * step",
                                     "(-f(Q) + 4 * f(P) - 3 * f(X)) / (2 * step)"),
                               _loop("P[index] += step; Q[index] += 2 * step",
                                     "(f(Q) - f(X)) / (2 * step)")),
                 "this is a one-sided difference. Look on both sides of X."),
            Slip("span_forgotten", "=> / step | / (2 + step) | / (4 * step) | / (3 * step)",
                 "how far apart are the two points at which f is taken?"),
            Slip("step_not_divided", "=> / 2 | * 1", "the division by the step is missing."),
            Slip("step_multiplied", "=> / 2 * step | * step | * 2 * step",
                 "multiplied by the step. In Python `a / 2 * b` is `(a / 2) * b`."),
            Slip("step_squared", "=> / step**2",
                 "divided by the square of the step, as for a second derivative."),
            Slip("second_difference", "(f(plus) - f(minus)) / (2 * step) => (f(plus) - 2 * f(X) "
                                      "+ f(minus)) / step**2 | (f(plus) - 2 * f(X) + f(minus)) "
                                      "/ (2 * step) | (f(plus) - 2 * f(X) + f(minus)) / step",
                 "this is the difference for a second derivative."),
            Slip("values_added", "f(plus) - f(minus) => f(plus) + f(minus) | f(plus) + f(X)",
                 "the values of f are added. Which way does f change?"),
            Slip("one_value", "f(plus) - f(minus) => f(plus) | f(minus)",
                 "f is taken at one point only. What is its change?"),
            Slip("more_points",
                 (_loop("P[index] += 2 * step; Q[index] -= 2 * step; R, S = X.copy(), X.copy(); "
                        "R[index] += step; S[index] -= step",
                        "(f(Q) - 8 * f(S) + 8 * f(R) - f(P)) / (12 * step)"),
                  _loop("P[index] += step; Q[index] -= step; R, S = X.copy(), X.copy(); "
                        "R[index] += step / 2; S[index] -= step / 2",
                        "(8 * (f(R) - f(S)) - (f(P) - f(Q))) / (6 * step)")),
                 "f is taken at more points than the formula has."),
            Slip("points_too_close",
                 tuple(f"plus[index] += step => plus[index] += {step} && "
                       f"minus[index] -= step => minus[index] -= {step} && (2 * step) => {span}"
                       for step, span in (("step / 2", "step"), ("step / 2", "(2 * step)"),
                                          ("2 * step", "(4 * step)"), ("2 * step", "(2 * step)"),
                                          ("2 * step", "step"), ("step**2", "(2 * step)"),
                                          ("step**2", "(2 * step**2)"), ("1", "(2 * step)"))),
                 "the points are not a step away from X, on either side."),
            Slip("one_point_misplaced",
                 ("minus[index] -= step => minus[index] -= 2 * step",
                  "plus[index] += step => plus[index] += 2 * step",
                  "minus[index] -= step => minus[index] -= 2 * step && (2 * step) => (3 * step)",
                  "plus[index] += step => plus[index] += 2 * step && (2 * step) => (3 * step)"),
                 "the two points are not equally far from X."),
            Slip("relative_step",
                 tuple(f"plus[index] += step => plus[index] *= 1 + step && minus[index] -= step => "
                       f"minus[index] *= 1 - step && (2 * step) => {span}"
                       for span in ("(2 * step)", "(2 * step * X[index])",
                                    "(2 * step * abs(X[index]))", "(plus[index] - minus[index])"))
                 + tuple(_loop(f"h = step * {size}; P[index] += h; Q[index] -= h",
                               "(f(P) - f(Q)) / (2 * h)") for size in (
                     "abs(X).max()", "max(1, abs(X[index]))", "(1 + abs(X[index]))",
                     "np.linalg.norm(X)")), RELATIVE),
            Slip("entry_replaced", ("plus[index] += step => plus[index] = step && minus[index] "
                                    "-= step => minus[index] = -step",
                                    "plus[index] += step => plus[index] *= step && "
                                    "minus[index] -= step => minus[index] *= -step"),
                 "the entry is replaced or multiplied. It has to be moved from where it is."),
            Slip("same_point", "return 0 * X",
                 "{name} is zero everywhere: f is taken at the same point twice."),
            Slip("rows_moved",
                 ("np.ndindex(X.shape) => range(len(X))",
                  _loop("P[:, j] += step; Q[:, j] -= step", "(f(P) - f(Q)) / (2 * step)",
                        "G[:, j]", "j in range(X.shape[1])"),
                  "return np.array([(f(X + step * (np.arange(len(X)) == i)[:, None]) - "
                  "f(X - step * (np.arange(len(X)) == i)[:, None])) / (2 * step) "
                  "for i in range(len(X))])"), ROWS),
            Slip("all_at_once", ("plus[index] => plus && minus[index] => minus",
                                 "return (f(X + step) - f(X - step)) / (2 * step)",
                                 "return (f(X + step) - f(X)) / step",
                                 "return 0 * X + (f(X + step) - f(X)) / step",
                                 "return (f(X + step) - f(X - step)) / step"), ALL_MOVED),
            Slip("not_put_back",
                 ("G = np.zeros(X.shape) => G = np.zeros(X.shape); plus, minus = X.copy(), "
                  "X.copy() && plus, minus = X.copy(), X.copy()\n => plus = plus\n",
                  "G, X = np.zeros(X.shape), X.copy()\nfor i in np.ndindex(X.shape):\n    X[i] "
                  "+= step\n    a = f(X)\n    X[i] -= 2 * step\n    G[i] = (a - f(X)) / (2 * "
                  "step)\nreturn G", "G, X = np.zeros(X.shape), X.copy()\nfor i in "
                                     "np.ndindex(X.shape):\n    a = f(X)\n    X[i] += step\n    "
                                     "G[i] = (f(X) - a) / step\nreturn G",
                  "G, P = np.zeros(X.shape), X.copy()\nfor i in np.ndindex(X.shape):\n    P[i] "
                  "+= step\n    G[i] = (f(P) - f(X)) / step\nreturn G",
                  "G, X = np.zeros(X.shape), X.copy()\nfor i in np.ndindex(X.shape):\n    X[i] "
                  "+= step\n    a = f(X)\n    X[i] -= step\n    b = f(X)\n    X[i] -= "
                  "step\n    G[i] = (a - b) / step\nreturn G"), NOT_BACK),
            Slip("step_ignored",
                 (*(f"G = np.zeros(X.shape) => step = {s}; G = np.zeros(X.shape)"
                    for s in (0.1, 0.01, 1e-3, 1e-4, 1e-5)),
                  *(_loop(f"P[index] += {s}; Q[index] -= {s}", f"(f(P) - f(Q)) / (2 * {s})")
                    for s in (1, 1e-6, 1e-7, 1e-8)),
                  *(_loop(f"P[index] += {s}", f"(f(P) - f(X)) / {s}")
                    for s in (1, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8))), OTHER_STEP),
            Slip("complex_for_difference",
                 _loop("P[index] += 1j * step", "f(P).imag / step"),
                 "this is the complex step. Which scheme is asked for here?"),
            Slip("diagonal_kept",
                 "np.ndindex(X.shape) => zip(range(min(X.shape)), range(min(X.shape)))",
                 "only the diagonal is computed."),
        ),
        otherwise=(
            "plus, minus = X.copy(), X.copy() => plus, minus = X + 0, X + 0",
            "(2 * step) => (plus[index] - minus[index])",
            "E = np.eye(X.size).reshape(X.size, *X.shape) * step\n"
            "return np.reshape([(f(X + e) - f(X - e)) / 2 / step for e in E], X.shape)",
            "return [[(f(X + step * np.outer(r, c)) - f(X - step * np.outer(r, c))) / (2 * step) "
            "for c in np.eye(X.shape[1])] for r in np.eye(len(X))]",
        ),
    ),
    Task(
        "complex_step",
        "C. Complex step",
        "f X step",
        (Output("G", "G", axes="n m"),),
        sizes="n m",
        draw={"f": smooth, "X": "n m", "step": "0.1..0.6"},
        hints=(
            "Move one entry of X by an imaginary amount. Which part of f then carries its "
            "derivative?",
            "`X.astype(complex)` gives a copy that can hold the step. Add `1j * step` to one "
            "entry, take `.imag` of f, and divide.",
        ),
        on="1j * step",
        slips=(
            *_experiment("step"),
            Slip("real_for_imag", (".imag / step => .real / step",
                                   "f(moved).imag / step => (f(moved).real - f(X)) / step"),
                 "taken from the real part. Where does the complex step leave the derivative?"),
            Slip("modulus_for_imag", "f(moved).imag => abs(f(moved)) | abs(f(moved) - f(X))",
                 "the absolute value mixes two parts of f. Where does the complex step leave the "
                 "derivative?"),
            Slip("value_subtracted", "f(moved).imag => (~ - f(X))",
                 "f at X is subtracted. Of which part of a complex number is it?"),
            Slip("angle_for_imag", "f(moved).imag => np.angle(f(moved))",
                 "an angle is taken. Where does the complex step leave the derivative?"),
            Slip("step_not_divided", ".imag / step => .imag",
                 "the division by the step is missing."),
            Slip("step_multiplied", ".imag / step => .imag * step", "multiplied by the step."),
            Slip("span_of_two_points", ".imag / step => .imag / (2 * step)",
                 "divided as if f was taken at two points. At how many is it?"),
            Slip("step_ignored", tuple(
                f"G = np.zeros(X.shape) => step = {s}; G = np.zeros(X.shape)"
                for s in (0.1, 0.01, 1e-3, 1e-4, 1e-30)), OTHER_STEP),
            Slip("imaginary_lost", "return 0 * X", "{name} is zero everywhere: nothing imaginary "
                                                   "comes out of f. Can the copy hold a complex "
                                                   "number, and is the step imaginary?"),
            Slip("both_parts_moved", "=> (1 + 1j) * step | (1 - 1j) * step",
                 "the entry moves along the real axis as well."),
            Slip("entry_replaced", "+= 1j * step => = 1j * step | *= 1j * step",
                 "the entry is replaced or multiplied. It has to be moved from where it is."),
            Slip("relative_step", ("+= 1j * step => *= 1 + 1j * step | *= np.exp(1j * step)",
                                   "+= 1j * step => *= 1 + 1j * step && / step => / step / "
                                   "X[index]"), RELATIVE),
            Slip("points_too_far", ("=> 2j * step | 0.5j * step | 1j | ~**2",
                                    "1j * step => 2j * step && / step => / (2 * step)",
                                    "1j * step => 0.5j * step && / step => / (step / 2)",
                                    "1j * step => 1j && / step => / 1"),
                 "the point is not a step away from X."),
            Slip("rows_moved",
                 ("np.ndindex(X.shape) => range(len(X))",
                  _loop("P[:, j] += 1j * step", "f(P).imag / step", "G[:, j]",
                        "j in range(X.shape[1])"),
                  "return np.array([f(X + 1j * step * (np.arange(len(X)) == i)[:, None]).imag "
                  "/ step for i in range(len(X))])"), ROWS),
            Slip("all_at_once", ("moved[index] => moved", "return f(X + 1j * step).imag / step"),
                 ALL_MOVED),
            Slip("not_put_back", "G = np.zeros(X.shape) => G = np.zeros(X.shape); moved = "
                                 "X.astype(complex) && moved = X.astype(complex)\n => moved = "
                                 "moved\n", NOT_BACK),
            Slip("real_difference",
                 (_loop("P[index] += step; Q[index] -= step", "(f(P) - f(Q)) / (2 * step)"),
                  _loop("P[index] += step", "(f(P) - f(X)) / step"),
                  _loop("Q[index] -= step", "(f(X) - f(Q)) / step")), TWO_REAL),
            Slip("diagonal_kept",
                 "np.ndindex(X.shape) => zip(range(min(X.shape)), range(min(X.shape)))",
                 "only the diagonal is computed."),
        ),
        otherwise=("X.astype(complex) => X + 0j",
                   "f(moved).imag / step => np.imag(f(moved)) / step",
                   "f(moved).imag / step => (f(moved) / (1j * step)).real",
                   "E = np.eye(X.size).reshape(X.size, *X.shape) * 1j * step\n"
                   "return np.reshape([f(X + e).imag for e in E], X.shape) / step",
                   _loop("P[index] += 1j * step; Q[index] -= 1j * step",
                         "(f(P) - f(Q)).imag / (2 * step)")),
    ),
    Task(
        "vjp",
        "D. Back through Y = AXB",
        "A B E",
        (Output("G", "∂L/∂X", axes="n m"),),
        sizes="n m p q",
        draw={"A": "p n", "B": "m q", "E": "p q"},
        hints=(
            "dL = ⟨E, dY⟩ and dY = A dX B. Which G makes this ⟨G, dX⟩?",
            "What multiplies dX from the left moves to the other side of ⟨·,·⟩ transposed and "
            "stays on the left. The same on the right. Shapes: n×p, p×q, q×m.",
        ),
        on="A.T @ E @ B.T",
        slips=(
            *_any("L"),
            Slip("numerator_layout", "=> B @ E.T @ A", NUMERATOR),
            Slip("upstream_missing",
                 "=> A.T @ np.ones_like(E) @ B.T | A.sum(axis=0) | B.sum(axis=1)",
                 "the gradient that arrives, E, is missing."),
            Slip("upstream_summed", "=> E.sum() * A.T @ np.ones_like(E) @ B.T | "
                                    "E.mean() * A.T @ np.ones_like(E) @ B.T",
                 "what arrives at Y is made one number. Every entry of Y has its own."),
            Slip("factor_missing", "=> A.T @ E | E @ B.T | (A.T @ E).T | (E @ B.T).T",
                 "one of the factors A and B is missing on the way back."),
            Slip("factors_missing", "=> E | E.T",
                 "E itself comes back. What lies between X and Y?"),
            Slip("averaged_upstream", "=> ~ / E.size | ~ / A.size | ~ / B.size",
                 "divided by the number of a matrix's entries. Where would a mean come from?"),
            Slip("factor_summed", ("@ E @ => @ (0 * E + E.mean(axis=1, keepdims=True)) @ | "
                                   "@ (0 * E + E.mean(axis=0)) @ | "
                                   "@ (0 * E + E.sum(axis=1, keepdims=True)) @ | "
                                   "@ (0 * E + E.sum(axis=0)) @",
                                   "=> A.T @ E.sum(axis=1, keepdims=True) * np.ones(len(B)) | "
                                   "np.ones((A.shape[1], 1)) * (E.sum(axis=0) @ B.T)"),
                 "E is summed or averaged along an axis. Every entry of Y has its own."),
            Slip("inverse_for_transpose",
                 "=> np.linalg.pinv(A) @ E @ np.linalg.pinv(B) | np.linalg.pinv(A) @ E @ B.T | "
                 "A.T @ E @ np.linalg.pinv(B) | np.linalg.lstsq(A, E, rcond=None)[0] @ B.T | "
                 "np.linalg.pinv(A) @ E | E @ np.linalg.pinv(B) | "
                 "(np.linalg.pinv(A) @ E @ np.linalg.pinv(B)).T",
                 "an inverse undoes a product. A gradient goes back through it in another way."),
            Slip("reshaped_not_transposed",
                 "=> (B @ E.T @ A).reshape(A.shape[1], len(B)) | "
                 "A.reshape(A.T.shape) @ E @ B.T | A.T @ E @ B.reshape(B.T.shape) | "
                 "A.reshape(A.T.shape) @ E @ B.reshape(B.T.shape)", RESHAPED),
            Slip("vectors_mixed", "=> (np.kron(B.T, A).T @ E.ravel()).reshape(A.shape[1], "
                                  "len(B)) | (np.kron(A, B.T).T @ "
                                  "E.T.ravel()).reshape(A.shape[1], len(B)) | (np.kron(A, "
                                  "B.T).T @ E.ravel()).reshape(len(B), A.shape[1]).T",
                 "matrices were written as vectors, and not always in the same order, by rows or "
                 "by columns."),
            Slip("jacobian_returned",
                 "=> np.kron(A, B.T) | np.kron(B.T, A) | np.kron(A, B.T).T | "
                 "np.kron(B.T, A).T | np.kron(A.T, B) | np.kron(B, A.T) | "
                 "np.einsum('ik,lj->ijkl', A, B) | np.einsum('ik,lj->klij', A, B)",
                 "this is the derivative of every entry of Y. What arrives at Y has not met it "
                 "yet."),
            Slip("upstream_squared", "@ E @ => @ E**2 @ | @ np.abs(E) @ | @ np.sign(E) @",
                 "E is changed before it goes back. It is the derivative by Y already."),
        ),
        otherwise=("return (B @ E.T @ A).T", "return np.einsum('ij,ik,lj->kl', E, A, B)",
                   "return (np.kron(A, B.T).T @ E.ravel()).reshape(A.shape[1], -1)",
                   "return sum(E[i, j] * np.outer(A[i], B[:, j]) for i, j in np.ndindex(E.shape))"),
    ),
    Task(
        "bytes_needed",
        "D. The Jacobian's bytes",
        "n m p q itemsize",
        (Output("jacobian", "`jacobian`", "count"), Output("gradient", "`gradient`", "count")),
        hints=(
            "The derivative of Y[i, j] by X[k, l] is one number. How many choices of (i, j, k, l) "
            "are there?",
            "p·q entries of Y, each with n·m derivatives; `itemsize` bytes each. The gradient of a "
            "scalar has one number for every entry of X.",
        ),
        on="p * q * n * m",
        slips=(
            *_unit("elements_for_bytes", ("1",), "this counts numbers. How many bytes has each?"),
            *_unit("bits_for_bytes", ("itemsize * 8",), "this counts bits. A byte has 8."),
            *_unit("bits_per_byte", ("itemsize / 8",), "divided by 8. `itemsize` counts bytes."),
            *_unit("kilobytes", ("itemsize / 1000", "itemsize / 1024", "itemsize / 10**6",
                                 "itemsize / 2**20", "itemsize / 10**9", "itemsize / 2**30"),
                   "bytes are asked for, and all of them."),
            *_unit("itemsize_twice", ("itemsize**2",),
                   "multiplied by `itemsize` once too often."),
            Slip("kilobytes", "* itemsize => ~ // 1000 | ~ // 1024",
                 "bytes are asked for, and all of them.", "jacobian"),
            Slip("bits_per_byte", "* itemsize => ~ // 8",
                 "divided by 8. `itemsize` counts bytes.", "jacobian gradient"),
            Slip("itemsize_added", "* itemsize => + itemsize",
                 "`itemsize` is added. Every number takes that many bytes.", "jacobian gradient"),
            Slip("itemsize_divides", "* itemsize => // itemsize",
                 "divided by `itemsize`. Every number takes that many bytes.",
                 "jacobian gradient"),
            Slip("itemsize_twice", "* itemsize => ~**2",
                 "multiplied by `itemsize` once too often.", "jacobian gradient"),
            Slip("sizes_added", "=> (p * q + n * m) | (n + m + p + q) | ((n + m) * (p + q)) | "
                                "(p * n + m * q) | (p * n + n * m + m * q) | "
                                "(p * n + n * m + m * q + p * q) | (p * n + m * q + p * q) | "
                                "(n * m * (p + q)) | (p * q * (n + m))",
                 "every entry of Y has a derivative by every entry of X. How many pairs are "
                 "there?", "jacobian"),
            Slip("more_than_asked", "=> (~ + n * m) | (~ + p * q) | (~ + n * m + p * q)",
                 "more is counted than the derivatives of Y by X.", "jacobian"),
            Slip("one_index_pair", "=> n * m | p * q | p * n | m * q | p * m | n * q",
                 "this is the size of one matrix. How many indices has the derivative of a "
                 "matrix by a matrix?", "jacobian"),
            Slip("one_index_missing", "=> n * m * p | n * m * q | p * q * n | p * q * m",
                 "one of the lengths takes no part. How many indices has the derivative of a "
                 "matrix by a matrix?", "jacobian"),
            Slip("matrix_by_itself", "=> n * m * n * m | p * q * p * q",
                 "this is a matrix differentiated by itself. Which matrix is differentiated, "
                 "and by which?", "jacobian"),
            Slip("squared",
                 "p * q * n * m * itemsize => (p * q * n * m) ** 2 * itemsize | (~) ** 2",
                 "a square is one too many.", "jacobian"),
            Slip("squared", "n * m * itemsize => (n * m) ** 2 * itemsize | (~) ** 2",
                 "a square is one too many.", "gradient"),
            Slip("shape_of_upstream", "= n * m => = p * q",
                 "this is the size of Y's gradient. Which matrix is asked about?", "gradient"),
            Slip("upstream_too", "= n * m => = (n * m + p * q) | = (n * m + p * n + m * q) | "
                                 "= (p * n + m * q) | = (n * m + p * n + m * q + p * q)",
                 "several matrices are counted here. Which one is asked about?", "gradient"),
            Slip("other_matrix", "= n * m => = p * n | = m * q",
                 "this is as large as one of the factors. Which matrix is asked about?",
                 "gradient"),
            Slip("product_half_way", "= n * m => = p * m | = n * q",
                 "this is as large as a product half way. Which matrix is asked about?",
                 "gradient"),
            Slip("lengths_added", "= n * m => = (n + m)",
                 "the lengths are added. How many entries has a matrix?", "gradient"),
            Slip("one_length", "= n * m => = n | = m", "only one of the lengths of X takes part.",
                 "gradient"),
            Slip("single_number", ("= n * m => = 1", "= n * m * itemsize => = 1"),
                 "this is one number. L is one; are its derivatives one as well?", "gradient"),
            Slip("jacobian_kept", "= n * m => = p * q * n * m",
                 "this is the size of the Jacobian. Here L is a number.", "gradient"),
            Slip("three_lengths", "= n * m => ~ * p | ~ * q",
                 "a length of Y takes part. Here L is a number.", "gradient"),
            Slip("no_bytes", "= n * m * itemsize => = 0 | ~ // 1000 | ~ // 1024",
                 "0 bytes at all sizes that were tried. Is there nothing to keep?", "gradient"),
        ),
        otherwise=("gradient = n * m * itemsize => gradient = jacobian // (p * q)",
                   "return [np.int64(n * m * p * q * itemsize), n * m * itemsize]",
                   "return float(n * m) * p * q * itemsize, n * m * itemsize * 1.0",
                   "size = np.zeros((n, m)).size\nreturn itemsize * size * p * q, itemsize * size"),
    ),
    Task(
        "descend",
        "E. Gradient descent on a matrix",
        "A B X rate steps",
        (Output("X", "X", axes="n m"),),
        sizes="n m p",
        draw={"steps": "1..6", "rate": "0.1..1.5", "A": contracting, "B": "p m", "X": "n m"},
        hints=(
            "First the gradient of ½‖AX − B‖²: which matrix has the shape of X and vanishes where "
            "A X = B?",
            "With R = AX − B the gradient is AᵀR. Compute both anew in each step, and make a new X "
            "(`X = X - …`), since `X -= …` would change the caller's.",
        ),
        on="rate *",
        slips=(
            Slip("ascent", "X - rate => X + rate",
                 "f grows from step to step. Which way does the gradient point?"),
            # how many steps
            Slip("one_step", ("range(steps) => range(1)", "(A @ X - B) => ~; return X"),
                 "one step only. `steps` of them are asked for."),
            Slip("step_too_many", "range(steps) => range(steps + 1)", "one step too many."),
            Slip("step_too_few", "range(steps) => range(steps - 1)", "one step too few."),
            Slip("not_moved", "return X", "this is the X that was given. Nothing has moved it."),
            Slip("steps_fixed", tuple(
                f"for _ in range({k}):\n    X = X - {STEP}\nreturn X" for k in (20, 50, 100, 1000)),
                 "another number of steps than the one given."),
            Slip("steps_by_rows", tuple(
                f"for _ in range({k} * steps):\n    X = X - {STEP}\nreturn X"
                for k in ("len(A)", "len(X)", "X.size", "2")),
                 "there are several times as many steps here as asked for."),
            Slip("residual_stale", ("for _ in range(steps): => G = A.T @ (A @ X - B)\n    for _ "
                                    "in range(steps): && A.T @ (A @ X - B) => G",
                                    "range(steps) => range(1) && rate * => steps * rate *"),
                 "the gradient is computed once and used for all steps. It changes with X."),
            Slip("start_forgotten", ("for _ in => X = 0 * X\n    for _ in",
                                     "for _ in => X = 0 * X + 1\n    for _ in",
                                     "for _ in => X = A.T @ B\n    for _ in"),
                 "the walk does not start from the X that was given."),
            # the gradient
            Slip("target_missing", "(A @ X - B) => (A @ X)", "B does not take part."),
            Slip("target_added", "(A @ X - B) => (A @ X + B)",
                 "B is added. In f it is subtracted."),
            Slip("product_missing", "(A @ X - B) => -B | B",
                 "A X takes no part in the gradient, so it is the same at every X."),
            Slip("gradient_doubled", "=> 2 * ~",
                 "each step is twice too long. What does the ½ in f cancel?"),
            Slip("gradient_halved", "=> rate / 2 *",
                 "each step is half as long as it should be. What does the ½ in f cancel?"),
            Slip("gradient_averaged", tuple(f"rate * => rate / {size} *" for size in (
                "len(A)", "len(X)", "X.shape[1]", "X.size", "B.size", "A.size", "np.sqrt(X.size)")),
                 "the gradient is divided by a size. f is a sum, not a mean."),
            Slip("gradient_averaged_doubled", "=> 2 * rate / len(A) * | 2 * rate / B.size * | "
                                              "2 * rate / len(X) * | 2 * rate / X.size *",
                 "this is the gradient of a mean of squares. f is half of a sum."),
            Slip("gradient_normalised", f"X - {STEP} => ~ / np.linalg.norm(A.T @ (A @ X - B))",
                 "the gradient is divided by its norm, so every step is equally long. Descent "
                 "takes it as it is."),
            Slip("divided_by_factor",
                 "=> rate / np.linalg.norm(A) * | rate / np.linalg.norm(A) ** 2 * | "
                 "rate / np.linalg.norm(A, 2) * | rate / np.linalg.norm(A, 2) ** 2 *",
                 "each step is divided by a norm of A. Does the walk ask for that?"),
            Slip("norm_not_squared", f"X - {STEP} => ~ / np.linalg.norm(A @ X - B)",
                 "this is the gradient of the norm. f squares it."),
            Slip("sign_only", ("A.T @ (A @ X - B) => np.sign(~)", "(A @ X - B) => np.sign~"),
                 "only signs are left of something. Descent takes the gradient as it is."),
            Slip("residual_changed", "(A @ X - B) => np.abs~ | ~ ** 2",
                 "the differences lose their sign before they go back."),
            Slip("inverse_for_transpose", "A.T @ => np.linalg.pinv(A) @",
                 "an inverse undoes a product. A gradient goes back through it in another way."),
            Slip("numerator_reshaped", "A.T @ => A.reshape(A.T.shape) @", RESHAPED),
            # the step
            Slip("rate_missing", "=> ", "the steps are not scaled by the rate."),
            Slip("rate_squared", "=> rate**2 *", "the rate is multiplied in twice."),
            Slip("rate_divided", "=> 1 / ~", "divided by the rate."),
            Slip("rate_fixed", tuple(f"rate * => {r} *" for r in (
                0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 1e-3, 1e-4)),
                 "another rate than the one given."),
            Slip("rate_changes",
                 tuple(f"for _ in => for k in && rate * => {rate} *" for rate in (
                     "rate / (k + 1)", "rate / (k + 1) ** 0.5", "rate / (k + 2)", "rate * (k + 1)",
                     "rate * 0.9**k", "rate * 0.99**k", "rate / (k + 1) ** 2",
                     "rate * (1 - k / steps)", "rate**(k + 1)", "rate**k", "rate / 2**k",
                     "rate * k")),
                 "the rate changes from step to step. Here it stays."),
            Slip("rate_of_part", f"X - {STEP} => X - rate * A.T @ A @ X + A.T @ B | "
                                 "X - rate * A.T @ A @ X - A.T @ B",
                 "the rate scales only a part of the gradient. Where do the brackets end?"),
            Slip("rate_of_x",
                 f"X - {STEP} => rate * X - A.T @ (A @ X - B) | rate * (X - A.T @ (A @ X - B))",
                 "the rate scales X. What does it scale in a step of descent?"),
            Slip("target_once", ("(A @ X - B) => (A @ X) && return X => return X + rate * A.T @ B",
                                 "(A @ X - B) => (A @ X) && return X => return X - rate * A.T @ B",
                                 "(A @ X - B) => (A @ X) && return X => return X + A.T @ B",
                                 "(A @ X - B) => (A @ X) && return X => return X - A.T @ B"),
                 "B takes part once, not in every step. Where does the loop end?"),
            Slip("rate_shared_out", "=> rate / steps * | ~ steps *",
                 "the number of steps scales each step. Is it in the rate?"),
            Slip("rate_of_all",
                 f"X - {STEP} => (1 - rate) * ~ | X - rate * (A.T @ (A @ X - B) + X)",
                 "X itself shrinks in every step, as with weight decay. Is there a penalty in f?"),
            Slip("step_for_x", f"X - {STEP} => {STEP} | -{STEP}",
                 "the step takes the place of X. Where does each step start?"),
            Slip("momentum",
                 tuple(f"V = 0 * X\n{DESCENT}V = {v}\n    X = X - {x}\nreturn X" for v, x in (
                     ("0.9 * V + A.T @ (A @ X - B)", "rate * V"),
                     ("0.9 * V + rate * A.T @ (A @ X - B)", "V"),
                     ("0.9 * V + 0.1 * A.T @ (A @ X - B)", "rate * V"),
                     ("0.5 * V + A.T @ (A @ X - B)", "rate * V"),
                     ("0.5 * V + 0.5 * A.T @ (A @ X - B)", "rate * V"),
                     ("0.99 * V + A.T @ (A @ X - B)", "rate * V"),
                     ("rate * V + A.T @ (A @ X - B)", "rate * V"),
                     ("V + A.T @ (A @ X - B)", "rate * V"))),
                 "gradients of earlier steps take part again. Descent forgets them."),
            Slip("row_by_row", (f"{DESCENT}for a, b in zip(A, B):\n        X = X - rate * "
                                "np.outer(a, a @ X - b)\nreturn X",
                                "for k in range(steps):\n    a, b = A[k % len(A)], B[k % "
                                "len(A)]\n    X = X - rate * np.outer(a, a @ X - b)\nreturn X"),
                 "one row of A is used at a time. f has all of them."),
            # what comes back
            Slip("gradient_returned", ("return X => return A.T @ (A @ X - B)",
                                       f"X = X - {STEP} => G = A.T @ (A @ X - B); X = X - rate "
                                       "* G && return X => return G"),
                 "the last gradient comes back. X was asked for."),
            Slip("residual_returned", "return X => return A @ X - B | return A @ X",
                 "this has the shape of B. Where you stand was asked for."),
            Slip("value_returned", "return X => return np.sum((A @ X - B) ** 2) / 2 | "
                                   "return np.sum((A @ X - B) ** 2) | "
                                   "return np.linalg.norm(A @ X - B)",
                 "this tells how far A X is from B. X was asked for."),
            Slip("moved_by", "return X => return X - Z && for _ in => Z = X\n    for _ in",
                 "this is how far X has moved. Where it stands was asked for."),
            Slip("mean_of_walk",
                 f"Z = 0 * X\n{DESCENT}X = X - {STEP}\n    Z = Z + X / steps\nreturn Z",
                 "this is the mean of all places on the way. The last one was asked for."),
            Slip("closed_form", "return np.linalg.pinv(A) @ B",
                 "this is the minimum itself. Asked for is where descent stands after `steps` "
                 "steps."),
        ),
        otherwise=(f"X - {STEP} => X - (A.T @ (A @ X - B)) * rate",
                   "return X if steps == 0 else "
                   "descend(A, B, X - rate * A.T @ (A @ X - B), rate, steps - 1)",
                   "M, C = rate * A.T @ A, rate * A.T @ B\nX = X.copy()\n"
                   "for _ in range(steps):\n    X -= M @ X - C\nreturn X",
                   "P, D = np.linalg.pinv(A), np.eye(len(X)) - rate * A.T @ A\n"
                   "return np.linalg.matrix_power(D, steps) @ (X - P @ B) + P @ B"),
    ),
)  # fmt: skip
