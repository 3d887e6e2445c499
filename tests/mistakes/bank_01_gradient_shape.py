"""Answers to exercise 1 as learners type them: right, right in another way, and wrong.

The form is that of `bank_02_hidden_bias`.
"""

EXERCISE = "01_gradient_shape"

PREAMBLE = """
import numpy as np
"""

RIGHT = {
    "gradient_shape": "def gradient_shape(n, m):\n    return n, m",
    "change": "def change(D, dX):\n    return np.trace(D @ dX)",
    "d_trace": "def d_trace(A, X):\n    return A.T",
    "d_bilinear": "def d_bilinear(a, b, X):\n    return a @ b.T",
    "d_quadratic": "def d_quadratic(A, X):\n    return (A + A.T) @ X",
    "d_logdet": "def d_logdet(X):\n    return np.linalg.inv(X).T",
    "d_softmax": """
def d_softmax(W, X, Y):
    O = X @ W.T
    P = np.exp(O)
    P = P / P.sum(axis=1, keepdims=True)
    E = (P - Y) / len(X)
    return E.T @ X
""",
    "difference": """
def difference(f, X, step):
    G = np.zeros(X.shape)
    for i in np.ndindex(X.shape):
        plus, minus = X.copy(), X.copy()
        plus[i] += step
        minus[i] -= step
        G[i] = (f(plus) - f(minus)) / (2 * step)
    return G
""",
    "complex_step": """
def complex_step(f, X, step):
    G = np.zeros(X.shape)
    for i in np.ndindex(X.shape):
        moved = X.astype(complex)
        moved[i] += 1j * step
        G[i] = f(moved).imag / step
    return G
""",
    "vjp": "def vjp(A, B, E):\n    return A.T @ E @ B.T",
    "bytes_needed": """
def bytes_needed(n, m, p, q, itemsize):
    jacobian = p * q * n * m * itemsize
    gradient = n * m * itemsize
    return jacobian, gradient
""",
    "descend": """
def descend(A, B, X, rate, steps):
    for _ in range(steps):
        R = A @ X - B
        G = A.T @ R
        X = X - rate * G
    return X
""",
}

MOVED_AND_LEFT = """
def difference(f, X, step):
    G = np.zeros(X.shape)
    X = X.copy()
    for i in np.ndindex(X.shape):
        X[i] += step
        above = f(X)
        X[i] -= 2 * step
        G[i] = (above - f(X)) / (2 * step)
    return G
"""

# The right answers once more, as other people write them.
RIGHT_OTHERWISE = [
    ("gradient_shape", {"return n, m": "return [n, m]"}),
    ("gradient_shape", {"return n, m": "return np.zeros((n, m)).shape"}),
    ("gradient_shape", {"return n, m": "return np.array([n, m])"}),
    ("change", {"np.trace(D @ dX)": "np.sum(D.T * dX)"}),
    ("change", {"np.trace(D @ dX)": "np.einsum('ji,ij->', D, dX)"}),
    ("change", {"np.trace(D @ dX)": "np.vdot(D.T, dX)"}),
    ("change", {"np.trace(D @ dX)": "np.trace(dX @ D)"}),
    ("change", {"np.trace(D @ dX)": "D.T.ravel() @ dX.ravel()"}),
    ("d_trace", {"A.T": "A.T.tolist()"}),
    ("d_trace", {"A.T": "A.T + 0 * X"}),
    ("d_trace", {"A.T": "np.array([[A[j, i] for j in range(X.shape[1])] for i in "
                 "range(X.shape[0])])"}),
    ("d_bilinear", {"a @ b.T": "np.outer(a, b)"}),
    ("d_bilinear", {"a @ b.T": "a * b.T"}),
    ("d_bilinear", {"a @ b.T": "np.longdouble(a @ b.T)"}),
    ("d_quadratic", {"(A + A.T) @ X": "A @ X + A.T @ X"}),
    ("d_quadratic", {"(A + A.T) @ X": "(X.T @ (A + A.T)).T"}),
    ("d_logdet", {"np.linalg.inv(X).T": "np.linalg.inv(X.T)"}),
    ("d_logdet", {"np.linalg.inv(X).T": "np.linalg.solve(X.T, np.eye(len(X)))"}),
    ("d_softmax", {"np.exp(O)": "np.exp(O - O.max(axis=1, keepdims=True))"}),
    ("d_softmax", {"E.T @ X": "sum(np.outer(e, x) for e, x in zip(E, X))"}),
    ("d_softmax", {" / len(X)": "", "E.T @ X": "np.einsum('nq,nm->qm', E, X) / X.shape[0]"}),
    ("difference", {"np.zeros(X.shape)": "np.zeros_like(X)"}),
    ("difference", {"plus, minus = X.copy(), X.copy()": "E = np.zeros(X.shape); E[i] = step",
                    "        plus[i] += step\n        minus[i] -= step\n": "",
                    "f(plus) - f(minus)": "f(X + E) - f(X - E)"}),
    ("difference", {"np.ndindex(X.shape)": "[(r, c) for r in range(X.shape[0]) "
                    "for c in range(X.shape[1])]"}),
    ("complex_step", {"X.astype(complex)": "X + 0j"}),
    ("complex_step", {"f(moved).imag": "np.imag(f(moved))"}),
    ("vjp", {"A.T @ E @ B.T": "(B @ E.T @ A).T"}),
    ("vjp", {"A.T @ E @ B.T": "np.einsum('ij,ik,lj->kl', E, A, B)"}),
    ("vjp", {"A.T @ E @ B.T": "(np.kron(A, B.T).T @ E.ravel()).reshape(A.shape[1], -1)"}),
    ("bytes_needed", {"n * m * itemsize\n    return": "jacobian // (p * q)\n    return"}),
    ("bytes_needed", {"return jacobian, gradient": "return [np.int64(jacobian), gradient]"}),
    ("descend", {"X = X - rate * G": "X = X - G * rate"}),
    ("descend", """
def descend(A, B, X, rate, steps):
    if steps == 0:
        return X
    return descend(A, B, X - rate * A.T @ (A @ X - B), rate, steps - 1)
"""),
    ("change", {"np.trace(D @ dX)": "np.tensordot(D, dX, axes=([1, 0], [0, 1]))"}),
    ("d_bilinear", {"a @ b.T": "np.kron(a, b.T)"}),
    ("d_trace", {"A.T": "np.matrix(A).T"}),
    ("complex_step", {"f(moved).imag / step": "(f(moved) / (1j * step)).real"}),
    ("difference", {"(2 * step)": "(plus[i] - minus[i])"}),
    ("descend", {"    for _": "    X = X.copy()\n    for _", "X = X - rate * G": "X -= rate * G"}),
]  # fmt: skip

WRONG = [
    # --- calling it, and reading what came back ---
    ("d_trace", "signature", "def d_trace(X, A):\n    return A.T"),
    ("d_trace", "returns_none", {"return A.T": "G = A.T"}),
    ("d_logdet", "printed", {"return np.linalg.inv(X).T": "print(np.linalg.inv(X).T)"}),
    ("change", "misfit", {"np.trace(D @ dX)": "np.sum(D * dX)"}),
    ("vjp", "product_misfit", {"A.T @ E @ B.T": "A @ E @ B"}),
    ("descend", "product_misfit", {"A.T @ R": "A @ R"}),
    ("difference", "damaged", {"plus, minus = X.copy(), X.copy()": "plus, minus = X, X.copy()"}),
    ("descend", "damaged", {"X = X - rate * G": "X -= rate * G"}),
    ("d_trace", "shape_flattened", {"A.T": "A.T.ravel()"}),
    ("d_bilinear", "shape_flattened", {"a @ b.T": "np.kron(a, b)"}),
    ("d_softmax", "shape_transposed", {"E.T @ X": "X.T @ E"}),
    ("bytes_needed", "dtype_fraction", {"n * m * itemsize\n    return":
                                        "n * m * itemsize / 1e9\n    return"}),
    ("bytes_needed", "fixed_number", {"p * q * n * m * itemsize": "p * q * n * m * 4"}),
    ("descend", "fixed_number", {"rate * G": "0.7 * G"}),
    ("descend", "fixed_number", {"range(steps)": "range(3)"}),
    # --- the shape ---
    ("gradient_shape", "numerator_layout", {"return n, m": "return m, n"}),
    ("gradient_shape", "shape_of_the_value", {"return n, m": "return ()"}),
    ("gradient_shape", "shape_of_the_value", {"return n, m": "return (1,)"}),
    ("gradient_shape", "vectorised", {"return n, m": "return (n * m,)"}),
    ("gradient_shape", "vectorised", {"return n, m": "return n * m, 1"}),
    ("gradient_shape", "vectorised", {"return n, m": "return 1, n * m"}),
    ("gradient_shape", "shape_of_hessian", {"return n, m": "return n, m, n, m"}),
    ("gradient_shape", "not_a_shape", {"return n, m": "return n * m"}),
    ("gradient_shape", "not_a_shape", {"return n, m": "return 'n x m'"}),
    ("gradient_shape", "not_a_shape", {"return n, m": "return {n, m}"}),
    ("gradient_shape", "not_a_shape", {"return n, m": "return {'rows': n, 'columns': m}"}),
    ("gradient_shape", "not_whole_lengths", {"return n, m": "return float(n), float(m)"}),
    ("gradient_shape", "not_whole_lengths", {"return n, m": "return (n, m), 1"}),
    ("gradient_shape", "not_whole_lengths", {"return n, m": "return np.zeros((n, m))"}),
    ("gradient_shape", "not_that_shape", {"return n, m": "return n, m, 0, 0"}),
    ("gradient_shape", "not_that_shape", {"return n, m": "return 10**30, m"}),
    ("gradient_shape", "not_that_shape", {"return n, m": "return n + m,"}),
    ("gradient_shape", "not_that_shape", {"return n, m": "return n, n"}),
    ("gradient_shape", "not_that_shape", {"return n, m": "return n, m, 1"}),
    ("gradient_shape", "not_that_shape", {"return n, m": "return n, m, 1, n, m"}),
    # --- df from numerator layout ---
    ("change", "trace_missing", {"np.trace(D @ dX)": "D @ dX"}),
    ("change", "trace_missing", {"np.trace(D @ dX)": "dX @ D"}),
    ("change", "all_summed", {"np.trace": "np.sum"}),
    ("change", "all_summed", {"np.trace(D @ dX)": "np.sum(dX @ D)"}),
    ("change", "reshaped_not_transposed", {"np.trace(D @ dX)":
                                           "np.sum(D.reshape(dX.shape) * dX)"}),
    ("change", "not_summed", {"np.trace(D @ dX)": "D.T * dX"}),
    ("change", "not_summed", {"np.trace": "np.diag"}),
    ("change", "term_negated", {"np.trace": "-np.trace"}),
    ("change", "averaged", {"np.trace(D @ dX)": "np.mean(D.T * dX)"}),
    ("change", "change_other", {"np.trace(D @ dX)": "np.linalg.norm(D @ dX)"}),
    ("change", "change_other", {"np.trace(D @ dX)": "np.sum(np.abs(D.T * dX))"}),
    ("change", "shape_boxed", {"np.trace(D @ dX)": "[np.trace(D @ dX)]"}),
    ("change", "type", {"np.trace(D @ dX)": "str(np.trace(D @ dX))"}),
    # --- linear functions ---
    ("d_trace", "numerator_layout", {"A.T": "A"}),
    ("d_trace", "matrix_missing", {"A.T": "np.eye(*X.shape)"}),
    ("d_trace", "argument_returned", {"A.T": "X"}),
    ("d_trace", "not_linear", {"A.T": "A.T * X"}),
    ("d_trace", "not_linear", {"A.T": "A @ X"}),
    ("d_trace", "value_returned", {"A.T": "np.trace(A @ X)"}),
    ("d_trace", "term_negated", {"A.T": "-A.T"}),
    ("d_trace", "term_doubled", {"A.T": "2 * A.T"}),
    ("d_trace", "gradient_other", {"A.T": "np.sin(A.T)"}),
    ("d_trace", "reshaped_not_transposed", {"A.T": "A.reshape(X.shape)"}),
    ("d_trace", "matrix_missing", {"A.T": "np.ones(X.shape)"}),
    ("d_trace", "term_factor", {"A.T": "A.T / len(X)"}),
    ("d_trace", "dtype_complex", {"A.T": "A.T + 0j"}),
    ("d_bilinear", "numerator_layout", {"a @ b.T": "b @ a.T"}),
    ("d_bilinear", "reshaped_not_transposed", {"a @ b.T": "(b @ a.T).reshape(X.shape)"}),
    ("d_bilinear", "gradient_other", {"a @ b.T": "np.tile(a, len(b))"}),
    ("d_bilinear", "outer_sum", {"a @ b.T": "a + b.T"}),
    ("d_bilinear", "not_linear", {"a @ b.T": "a * X * b.T"}),
    ("d_bilinear", "argument_returned", {"a @ b.T": "X"}),
    ("d_bilinear", "value_returned", {"a @ b.T": "a.T @ X @ b"}),
    ("d_bilinear", "value_returned", {"a @ b.T": "(a.T @ X @ b).item()"}),
    # --- X stands twice ---
    ("d_quadratic", "symmetric_assumed", {"(A + A.T) @ X": "2 * A @ X"}),
    ("d_quadratic", "symmetric_assumed", {"(A + A.T) @ X": "2 * A.T @ X"}),
    ("d_quadratic", "one_of_two", {"(A + A.T) @ X": "A @ X"}),
    ("d_quadratic", "one_of_two", {"(A + A.T) @ X": "A.T @ X"}),
    ("d_quadratic", "matrix_missing", {"(A + A.T) @ X": "2 * X"}),
    ("d_quadratic", "quadratic_for_gradient", {"(A + A.T) @ X": "X.T @ A @ X"}),
    ("d_quadratic", "numerator_layout", {"(A + A.T) @ X": "X.T @ (A + A.T)"}),
    ("d_quadratic", "value_returned", {"(A + A.T) @ X": "np.trace(X.T @ A @ X)"}),
    ("d_quadratic", "gradient_other", {"A + A.T": "A - A.T"}),
    ("d_quadratic", "gradient_other", {"(A + A.T) @ X": "3 * A @ X + A.T @ X"}),
    ("d_quadratic", "shape_transposed", {"(A + A.T) @ X": "2 * X.T @ A"}),
    ("d_quadratic", "term_halved", {"(A + A.T) @ X": "(A + A.T) @ X / 2"}),
    # --- the determinant ---
    ("d_logdet", "inverse_not_transposed", {".T": ""}),
    ("d_logdet", "elementwise_reciprocal", {"np.linalg.inv(X).T": "1 / X"}),
    ("d_logdet", "elementwise_reciprocal", {"np.linalg.inv(X).T": "(1 / X).T"}),
    ("d_logdet", "inverse_missing", {"np.linalg.inv(X).T": "X.T"}),
    ("d_logdet", "det_for_logdet", {"np.linalg": "np.linalg.det(X) * np.linalg"}),
    ("d_logdet", "det_divided", {"inv(X).T": "inv(X).T / np.linalg.det(X)"}),
    ("d_logdet", ("inverse_not_transposed", "det_for_logdet"),
     {"np.linalg.inv(X).T": "np.linalg.det(X) * np.linalg.inv(X)"}),
    ("d_logdet", ("inverse_not_transposed", "det_divided"),
     {"np.linalg.inv(X).T": "np.linalg.inv(X) / np.linalg.det(X)"}),
    ("d_logdet", "sign_of_det", {"inv(X).T": "inv(X).T * np.sign(np.linalg.det(X))"}),
    ("d_logdet", "sign_of_det", {"inv(X).T": "inv(X).T / abs(np.linalg.det(X))"}),
    ("d_logdet", "sign_of_det", {"inv(X).T": "inv(X).T * abs(np.linalg.det(X))"}),
    ("d_logdet", "gradient_other", {"np.linalg.inv(X).T": "np.eye(len(X))"}),
    ("d_logdet", "nan", {"np.linalg.inv(X).T": "np.log(X)"}),
    ("d_logdet", "chain_stopped", {"np.linalg.inv(X).T": "1 / np.linalg.det(X)"}),
    ("d_logdet", "value_returned", {"np.linalg.inv(X).T": "np.log(abs(np.linalg.det(X)))"}),
    # --- softmax ---
    ("d_softmax", "softmax_missing", {"P - Y": "O - Y"}),
    ("d_softmax", "softmax_axis", {"axis=1": "axis=0"}),
    ("d_softmax", "softmax_unnormalised", {"P / P.sum(axis=1, keepdims=True)": "P"}),
    ("d_softmax", "softmax_of_all", {"axis=1, keepdims=True": ""}),
    ("d_softmax", "sigmoid_for_softmax", {"P - Y": "1 / (1 + np.exp(-O)) - Y"}),
    ("d_softmax", "softmax_absent", {"P - Y": "-Y"}),
    ("d_softmax", "stopped_at_probabilities", {"P - Y": "-Y / P"}),
    ("d_softmax", "slope_once_more", {"(P - Y)": "(P - Y) * P * (1 - P)"}),
    ("d_softmax", "label_added", {"P - Y": "P + Y"}),
    ("d_softmax", "mean_over_others", {"len(X)": "Y.shape[1]"}),
    ("d_softmax", "mean_over_others", {"len(X)": "X.shape[1]"}),
    ("d_softmax", "mean_over_others", {"len(X)": "Y.size"}),
    ("d_softmax", "mean_over_others", {"len(X)": "X.size"}),
    ("d_softmax", "weights_other", {"P - Y": "np.log(P) - Y"}),
    ("d_softmax", "weights_other", {"E.T @ X": "E.T @ X + 0.1 * W"}),
    ("d_softmax", "label_missing", {"P - Y": "P"}),
    ("d_softmax", "mean_forgotten", {" / len(X)": ""}),
    ("d_softmax", "mean_twice", {"E.T @ X": "E.T @ X / len(X)"}),
    ("d_softmax", "stopped_at_scores", {"E.T @ X": "E"}),
    ("d_softmax", "term_negated", {"P - Y": "Y - P"}),
    ("d_softmax", ("label_missing", "mean_forgotten"), {"(P - Y) / len(X)": "P"}),
    # --- experiments ---
    ("difference", "one_sided", {"f(minus)": "f(X)", "(2 * step)": "step"}),
    ("difference", "one_sided", {"f(plus) - ": "f(X) - ", "(2 * step)": "step"}),
    ("difference", ("one_sided", "term_halved"), {"f(minus)": "f(X)"}),
    ("difference", "span_forgotten", {"(2 * step)": "step"}),
    ("difference", "step_not_divided", {" / (2 * step)": ""}),
    ("difference", "step_ignored", {"    G = np": "    step = 1e-5\n    G = np"}),
    ("difference", "all_at_once", {"plus[i]": "plus", "minus[i]": "minus"}),
    ("difference", "all_at_once",
     "def difference(f, X, step):\n    return (f(X + step) - f(X - step)) / (2 * step)"),
    ("difference", "not_put_back", MOVED_AND_LEFT),
    ("difference", "term_negated", {"f(plus) - f(minus)": "f(minus) - f(plus)"}),
    ("difference", "term_factor", {"2 * step": "2 + step"}),
    ("difference", "same_point", {"minus[i] -= step": "minus[i] += step"}),
    ("difference", "same_point", {"X.copy(), X.copy()": "[X.copy()] * 2"}),
    ("difference", "first_entry_only", {"    return G": "        return G"}),
    ("difference", "rows_moved", {"np.ndindex(X.shape)": "range(len(X))"}),
    ("difference", "points_too_close", {"plus[i] += step": "plus[i] += step / 2",
                                        "minus[i] -= step": "minus[i] -= step / 2",
                                        "(2 * step)": "step"}),
    ("difference", "step_ignored", {"    G = np": "    step = 0.01\n    G = np"}),
    ("difference", "step_multiplied", {"/ (2 * step)": "/ 2 * step"}),
    ("difference", "step_divided_twice", {"(2 * step)": "(2 * step**2)"}),
    ("difference", "dtype_integer", {"np.zeros(X.shape)": "np.zeros(X.shape, int)"}),
    ("difference", "difference_other", {"plus[i] += step": "plus[i] *= 1 + step",
                                        "minus[i] -= step": "minus[i] *= 1 - step"}),
    ("difference", "difference_other", {"f(plus) - f": "f(plus) + f"}),
    ("complex_step", "real_for_imag", {".imag": ".real"}),
    ("complex_step", "step_not_divided", {" / step": ""}),
    ("complex_step", "term_halved", {"/ step": "/ (2 * step)"}),
    ("complex_step", "step_ignored", {"    G = np": "    step = 1e-30\n    G = np"}),
    ("complex_step", "all_at_once", {"moved[i]": "moved"}),
    ("complex_step", "imaginary_lost", {"X.astype(complex)": "X.copy()"}),
    ("complex_step", "imaginary_lost", {"1j * step": "step"}),
    ("complex_step", "first_entry_only", {"    return G": "        return G"}),
    ("complex_step", "rows_moved", {"np.ndindex(X.shape)": "range(len(X))"}),
    ("complex_step", "step_multiplied", {"/ step": "* step"}),
    ("complex_step", "step_divided_twice", {"/ step": "/ step**2"}),
    ("complex_step", "term_negated", {"+= 1j": "-= 1j"}),
    ("complex_step", "dtype_complex", {"np.zeros(X.shape)": "np.zeros(X.shape, complex)"}),
    ("complex_step", "difference_other", {"+= 1j": "= 1j"}),
    ("complex_step", "difference_other", {"f(moved).imag": "abs(f(moved))"}),
    # --- the Jacobian ---
    ("vjp", "numerator_layout", {"A.T @ E @ B.T": "B @ E.T @ A"}),
    ("vjp", "upstream_missing", {"@ E": "@ np.ones(E.shape)"}),
    ("vjp", "factor_missing", {" @ B.T": ""}),
    ("vjp", "factor_missing", {"A.T @ ": ""}),
    ("vjp", "inverse_for_transpose",
     {"A.T @ E @ B.T": "np.linalg.pinv(A) @ E @ np.linalg.pinv(B)"}),
    ("vjp", "inverse_for_transpose", {"A.T": "np.linalg.pinv(A)"}),
    ("vjp", "reshaped_not_transposed",
     {"A.T @ E @ B.T": "(B @ E.T @ A).reshape(A.shape[1], len(B))"}),
    ("vjp", "vjp_other", {"A.T @ E": "A.T @ E**2"}),
    ("vjp", "shape", {"A.T @ E @ B.T": "np.einsum('ik,lj->ijkl', A, B)"}),
    ("vjp", "term_negated", {"A.T": "-A.T"}),
    ("bytes_needed", "elements_for_bytes", {"q * n * m * itemsize": "q * n * m"}),
    ("bytes_needed", "elements_for_bytes", {"n * m * itemsize\n    return": "n * m\n    return"}),
    ("bytes_needed", "bits_for_bytes", {"jacobian =": "itemsize *= 8; jacobian ="}),
    ("bytes_needed", "kilobytes", {"p * q * n * m * itemsize":
                                   "p * q * n * m * itemsize // 1000"}),
    ("bytes_needed", "itemsize_twice", {"return jacobian, gradient":
                                        "return jacobian * itemsize, gradient * itemsize"}),
    ("bytes_needed", "matrix_by_itself", {"p * q * n * m": "n * m * n * m"}),
    ("bytes_needed", "matrix_by_itself", {"p * q * n * m": "p * q * p * q"}),
    ("bytes_needed", "count", {"return jacobian, gradient": "return jacobian"}),
    ("bytes_needed", "sizes_added", {"p * q * n * m * itemsize": "(p * q + n * m) * itemsize"}),
    ("bytes_needed", "one_index_pair", {"p * q * n * m": "p * q"}),
    ("bytes_needed", "one_index_pair", {"p * q * n * m": "n * m"}),
    ("bytes_needed", "squared", {"p * q * n * m": "(p * q * n * m)**2"}),
    ("bytes_needed", "squared", {"n * m * itemsize\n    return":
                                 "(n * m)**2 * itemsize\n    return"}),
    ("bytes_needed", "shape_of_upstream", {"n * m * itemsize\n    return":
                                           "p * q * itemsize\n    return"}),
    ("bytes_needed", "jacobian_kept", {"n * m * itemsize\n    return": "jacobian\n    return"}),
    ("bytes_needed", ("one_index_pair", "jacobian_kept"),
     {"return jacobian, gradient": "return gradient, jacobian"}),
    ("bytes_needed", "bytes_other", {"p * q * n * m": "p * n"}),
    # --- descent ---
    ("descend", "ascent", {"X - rate": "X + rate"}),
    ("descend", "one_step", {"range(steps)": "range(1)"}),
    ("descend", "one_step", {"    return": "        return"}),
    ("descend", "step_too_many", {"range(steps)": "range(steps + 1)"}),
    ("descend", "step_too_few", {"range(steps)": "range(1, steps)"}),
    ("descend", "start_forgotten", {"    for _": "    X = np.zeros_like(X)\n    for _"}),
    ("descend", "target_missing", {"A @ X - B": "A @ X"}),
    ("descend", "target_added", {"A @ X - B": "A @ X + B"}),
    ("descend", "gradient_halved", {"rate * G": "rate / 2 * G"}),
    ("descend", "gradient_averaged", {"A.T @ R": "A.T @ R / len(X)"}),
    ("descend", "gradient_averaged", {"A.T @ R": "A.T @ R / len(A)"}),
    ("descend", "gradient_averaged", {"A.T @ R": "A.T @ R / R.size"}),
    ("descend", "gradient_normalised", {"rate * G": "rate * G / np.linalg.norm(G)"}),
    ("descend", "descend_other", {"rate * G": "rate * np.sign(G)"}),
    ("descend", "descend_other", {"X - rate * G": "rate * G"}),
    ("descend", "endless", {"for _ in range(steps)": "while True"}),
    ("descend", "residual_stale", {"    for _ in range(steps):\n        R = A @ X - B\n":
                                   "    R = A @ X - B\n    for _ in range(steps):\n"}),
    ("descend", "rate_missing", {"rate * ": ""}),
    ("descend", "gradient_doubled", {"A.T @ R": "2 * A.T @ R"}),
    ("descend", "gradient_returned", {"return X": "return G"}),
    ("descend", "closed_form", "def descend(A, B, X, rate, steps):\n"
     "    return np.linalg.lstsq(A, B, rcond=None)[0]"),
]  # fmt: skip
