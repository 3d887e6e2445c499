"""Answers to exercise 2 as learners type them: right, right in another way, and wrong.

RIGHT has one right answer per task. A wrong answer is a task, the reason it must be met with (or
the reasons, if several things are wrong), and either the edits that make it from the right answer
or a text of its own. Nothing here is taken from coursecheck: the formulas are written again.
"""

EXERCISE = "02_hidden_bias"

PREAMBLE = """
import numpy as np
from compgraph import half_sqnorm, leaf, relu, sigmoid, squared_loss, sum_, tanh
"""

RIGHT = {
    "graph": """
def graph(x, y, W1, b1, W2, weight_decay):
    z = W1 @ x + b1
    h = tanh(z)
    o = W2 @ h
    L = squared_loss(o, y)
    s = weight_decay * (half_sqnorm(W1) + half_sqnorm(W2))
    J = L + s
    return z, h, o, L, s, J
""",
    "paths": "paths = 2, 1, 2",
    "forward": """
def forward(x, y, W1, b1, W2, weight_decay):
    z = W1 @ x + b1
    h = np.tanh(z)
    o = W2 @ h
    L = 0.5 * np.sum((o - y) ** 2)
    s = 0.5 * weight_decay * (np.sum(W1**2) + np.sum(W2**2))
    J = L + s
    return z, h, o, L, s, J
""",
    "do": "def do(o, y):\n    return o - y",
    "dW2": "def dW2(do, h, W2, weight_decay):\n    return do @ h.T + weight_decay * W2",
    "dh": "def dh(do, W2):\n    return W2.T @ do",
    "dz": "def dz(dh, z):\n    return dh * (1 - np.tanh(z) ** 2)",
    "db1": "def db1(dz, b1, weight_decay):\n    return dz",
    "dW1": "def dW1(dz, x, W1, weight_decay):\n    return dz @ x.T + weight_decay * W1",
    "gradients": """
def gradients(X, Y, W1, b1, W2, weight_decay):
    n = len(X)
    Z = X @ W1.T + b1
    H = np.tanh(Z)
    O = H @ W2.T
    E = (O - Y) / n
    dH = E @ W2
    dZ = dH * (1 - H**2)
    dW1 = dZ.T @ X + weight_decay * W1
    db1 = dZ.sum(axis=0)
    dW2 = E.T @ H + weight_decay * W2
    return dW1, db1, dW2
""",
    "dO": """
def dO(O, Y):
    P = np.exp(O)
    P = P / P.sum(axis=1, keepdims=True)
    E = (P - Y) / len(O)
    return E
""",
}

# The right answers once more, as other people write them.
RIGHT_OTHERWISE = [
    ("graph", {"tanh(z)": "2 * sigmoid(2 * z) - 1"}),
    ("graph", {"squared_loss(o, y)": "0.5 * sum_((o - y) * (o - y))"}),
    ("graph", {"W1 @ x + b1": "b1 + W1 @ x", "L + s": "s + L"}),
    ("graph", {"half_sqnorm(W1)": "sum_(W1 ** 2) / 2"}),
    ("paths", "paths = [2, 1, 2]"),
    ("paths", "paths = np.array([2, 1, 2])"),
    ("forward", {"W1 @ x": "np.einsum('ij,jk->ik', W1, x)"}),
    ("forward", {"np.sum((o - y) ** 2)": "((o - y).T @ (o - y)).item()"}),
    ("forward", {"np.sum(W1**2)": "np.linalg.norm(W1) ** 2"}),
    ("forward", {"np.sum(W1**2)": "sum(w * w for row in W1 for w in row)"}),
    ("forward", {"np.sum(W1**2)": "np.trace(W1.T @ W1)"}),
    ("forward", {"np.tanh(z)": "(np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))"}),
    ("do", "do = lambda o, y: o - y"),
    ("do", "do = np.subtract"),
    ("do", {"o - y": "[[a[0] - b[0]] for a, b in zip(o, y)]"}),
    ("dW2", {"do @ h.T": "np.outer(do, h)"}),
    ("dW2", {"do @ h.T": "do * h.T"}),
    ("dW2", {"do @ h.T": "np.einsum('ki,ji->kj', do, h)"}),
    ("dW2", {"do @ h.T": "np.kron(do, h.T)"}),
    ("dh", {"W2.T @ do": "(do.T @ W2).T"}),
    ("dh", {"W2.T @ do": "np.array([[sum(W2[k, i] * do[k, 0] for k in range(len(do)))] "
            "for i in range(W2.shape[1])])"}),
    ("dz", {"(1 - np.tanh(z) ** 2)": "/ np.cosh(z) ** 2", "dh *": "dh"}),
    ("dz", {"dh * (1 - np.tanh(z) ** 2)": "np.diag((1 - np.tanh(z) ** 2)[:, 0]) @ dh"}),
    ("db1", {"return dz": "return dz.copy()"}),
    ("db1", {"return dz": "return np.eye(len(dz)) @ dz"}),
    ("db1", {"b1, weight_decay": "b1=None, weight_decay=0.1"}),
    ("db1", {"dz, b1, weight_decay": "upstream, *rest", "return dz": "return upstream"}),
    ("dW1", {"dz @ x.T": "(x @ dz.T).T"}),
    ("gradients", {"dZ.T @ X": "np.einsum('nh,nd->hd', dZ, X)"}),
    ("gradients", {"dZ.T @ X": "sum(np.outer(g, row) for g, row in zip(dZ, X))"}),
    ("gradients", {"dZ.sum(axis=0)": "dZ.T @ np.ones(n)"}),
    ("gradients", {"dZ.sum(axis=0)": "np.einsum('nh->h', dZ)"}),
    ("gradients", {"(1 - H**2)": "(1 - np.tanh(Z) * H)"}),
    ("gradients", {"(O - Y) / n": "O - Y", "dZ.T @ X": "dZ.T @ X / n", "E.T @ H": "E.T @ H / n",
                   "dZ.sum(axis=0)": "dZ.mean(axis=0)"}),
    ("gradients", {"n = len(X)": "n = len(X); X, Y, W1, b1, W2 = "
                   "(a.astype('longdouble') for a in (X, Y, W1, b1, W2))"}),
    ("gradients", {"return dW1, db1, dW2": "return [dW1.tolist(), db1.tolist(), dW2.tolist()]"}),
    ("gradients", {"H = np.tanh(Z)": "print('Z', Z.shape)\n    H = np.tanh(Z)"}),
    ("dO", {"np.exp(O)": "np.exp(O - O.max(axis=1, keepdims=True))"}),
    ("dO", {"(P - Y) / len(O)": "np.stack([(p - y) / len(O) for p, y in zip(P, Y)])"}),
]  # fmt: skip

WRONG = [
    # --- calling it ---
    ("do", "not_a_function", "do = np.ones((3, 1))"),
    ("do", "signature", "def do(o):\n    return o"),
    ("do", "signature", "def do(y, o):\n    return o - y"),
    ("dW2", "product_misfit", {"h.T": "h"}),
    ("dh", "product_misfit", {"W2.T @ do": "W2 @ do"}),
    ("dh", "product_misfit", {"W2.T @ do": "np.dot(W2, do)"}),
    ("graph", "product_misfit", {"W1 @ x + b1": "x @ W1 + b1"}),
    ("graph", "nodes_and_arrays", {"tanh(z)": "np.tanh(z)"}),
    ("graph", "nodes_and_arrays", {"W2 @ h": "np.ones((3, 4)) @ h"}),
    ("graph", "nodes_and_arrays", {"W2 @ h": "W2 @ h + np.zeros((3, 1))"}),
    ("forward", "nodes_and_arrays", {"np.tanh(z)": "tanh(z)"}),
    ("forward", "nodes_and_arrays", {"0.5 * np.sum((o - y) ** 2)": "squared_loss(o, y)"}),
    ("dh", "exception", {"W2.T @ do": "W @ do"}),
    ("dh", "exception", "def dh(do, W2):\n    return dh(do, W2)"),
    ("dh", "exception", "def dh(do, W2):\n    raise SystemExit"),
    ("do", "endless", "def do(o, y):\n    while True:\n        o = o - y"),
    ("do", "endless", "def do(o, y):\n    while True: pass"),
    ("do", "busy", "def do(o, y):\n    import time\n    time.sleep(1.1)\n    return o - y"),
    ("do", "endless", "def do(o, y):\n    while True:\n        try:\n            o = o - y\n"
     "        except:\n            pass"),
    ("do", "endless", "def do(o, y):\n    while True:\n        try:\n            o = o - y\n"
     "        except Exception:\n            pass"),
    ("do", "printed", "def do(o, y):\n    print(o - y)"),
    ("do", "returns_none", "def do(o, y):\n    error = o - y"),
    ("do", "damaged", "def do(o, y):\n    o -= y\n    return o"),
    ("gradients", "damaged", {"dW1 = dZ.T": "W1 *= weight_decay; dW1 = dZ.T",
                              "weight_decay * W1": "W1"}),
    ("dh", "ignores_arguments", "A, B = np.ones((4, 3)), np.ones((3, 1))\n"
     "def dh(do, W2):\n    return A @ B"),
    ("gradients", "fixed_number", {"(O - Y) / n": "(O - Y) / 7"}),
    ("dW1", "fixed_number", {"weight_decay * W1": "0.1 * W1"}),
    # --- reading what came back ---
    ("gradients", "count", {"return dW1, db1, dW2": "return dW1, dW2"}),
    ("gradients", "count", {"return dW1, db1, dW2": "return dW1"}),
    ("forward", "count", {"return z, h, o, L, s, J": "return J"}),
    ("gradients", "order", {"return dW1, db1, dW2": "return dW1, dW2, db1"}),
    ("paths", "count", "paths = 2"),
    ("do", "type", "def do(o, y):\n    return 'o - y'"),
    ("do", "type", "def do(o, y):\n    return {'do': o - y}"),
    ("do", "type", "def do(o, y):\n    return do"),
    ("do", "ragged", "def do(o, y):\n    return [[1.0, 2.0], [3.0]]"),
    ("do", "dtype_integer", {"o - y": "(o - y).astype(int)"}),
    ("do", "dtype_coarse", {"o - y": "(o - y).astype('float16')"}),
    ("dW2", "dtype_coarse", {"return ": "return np.float32(", "* W2": "* W2)"}),
    ("do", "dtype_truth", {"o - y": "o > y"}),
    ("paths", "dtype_truth", "paths = np.array([True, True, True])"),
    ("do", "dtype_complex", {"o - y": "o - y + 0j"}),
    ("do", "dtype_object", {"o - y": "(o - y).astype(object)"}),
    ("paths", "dtype_fraction", "paths = 2.0, 1.0, 2.0"),
    ("do", "nan", {"o - y": "np.log(o - y)"}),
    ("do", "infinite", {"o - y": "(o - y) / 0"}),
    ("dW2", "shape_transposed", {"do @ h.T + weight_decay * W2": "h @ do.T + weight_decay * W2.T"}),
    ("dh", "shape_transposed", {"W2.T @ do": "do.T @ W2"}),
    ("gradients", "shape_transposed", {"dZ.T @ X + weight_decay * W1":
                                       "X.T @ dZ + weight_decay * W1.T"}),
    ("dh", "shape_flattened", {"W2.T @ do": "(W2.T @ do).ravel()"}),
    ("gradients", "shape_flattened", {"dZ.sum(axis=0)": "dZ.sum(axis=0, keepdims=True)"}),
    ("forward", "shape_boxed", {"np.sum((o - y) ** 2)": "(o - y).T @ (o - y)"}),
    ("dh", "shape_scalar", {"W2.T @ do": "np.sum(W2.T @ do)"}),
    ("do", "shape", {"o - y": "o - y.T"}),
    ("forward", "shape_unsummed", {"np.sum((o - y) ** 2)": "(o - y) ** 2"}),
    # --- factors ---
    ("dW2", "term_missing", {" + weight_decay * W2": ""}),
    ("dW2", "term_missing", {"do @ h.T + ": ""}),
    ("dW1", "term_doubled", {"weight_decay *": "2 * weight_decay *"}),
    ("dW1", "term_halved", {"weight_decay *": "weight_decay / 2 *"}),
    ("dW1", "term_negated", {"+ weight": "- weight"}),
    ("dW1", "term_factor", {"weight_decay *": "weight_decay**2 *"}),
    ("dh", "term_negated", {"W2.T @ do": "-W2.T @ do"}),
    ("dh", "term_missing", {"W2.T @ do": "np.zeros((W2.shape[1], 1))"}),
    ("dz", "imprecise", {"(1 - np.tanh(z) ** 2)":
                         "(np.tanh(z + 0.01) - np.tanh(z - 0.01)) / 0.02"}),
    ("dW1", "imprecise", {"dz @ x.T": "np.float64(np.float16(dz) @ np.float16(x.T))"}),
    ("dz", "unrelated", {"(1 - np.tanh(z) ** 2)": "np.cos(z)"}),
    ("gradients", "unrelated", {"(O - Y) / n": "np.sin(O - Y) / n"}),
    # --- the graph ---
    ("graph", "not_a_node", {"L = squared_loss(o, y)": "L = 0.5", "J = L + s": "J = s + 0.5"}),
    ("graph", "foreign_leaf", {"h = tanh(z)": "h = tanh(W1 @ x + leaf('b', (W1.shape[0], 1)))"}),
    ("graph", "detached", {"h = tanh(z)": "h = tanh(b1 + W1 @ x)"}),
    ("graph", "detached", {"J = L + s": "J = squared_loss(y, o) + s"}),
    ("graph", "term_missing", {" + b1": ""}),
    ("graph", "bias_penalised", {"half_sqnorm(W2)": "half_sqnorm(W2) + half_sqnorm(b1)"}),
    ("graph", "activation_other", {"tanh(z)": "relu(z)"}),
    ("graph", "bias_after_activation", {"tanh(z)": "tanh(W1 @ x) + b1"}),
    ("graph", "half_forgotten", {"squared_loss(o, y)": "sum_((o - y) * (o - y))"}),
    ("graph", "term_halved", {"weight_decay *": "weight_decay / 2 *"}),
    ("graph", "term_missing", {"J = L + s": "J = L"}),
    ("paths", "path_missed", "paths = 1, 1, 1"),
    ("paths", "path_through_penalty", "paths = 2, 2, 2"),
    ("paths", "paths", "paths = 3, 1, 2"),
    # --- forward ---
    ("forward", "term_missing", {" + b1": ""}),
    ("forward", "term_negated", {"+ b1": "- b1"}),
    ("forward", "activation_missing", {"np.tanh(z)": "z"}),
    ("forward", "activation_other", {"np.tanh(z)": "1 / (1 + np.exp(-z))"}),
    ("forward", "bias_forgotten", {"np.tanh(z)": "np.tanh(W1 @ x)"}),
    ("forward", "bias_after_activation", {"np.tanh(z)": "np.tanh(W1 @ x) + b1"}),
    ("forward", "z_for_h", {"W2 @ h": "W2 @ z"}),
    ("forward", "label_missing", {"(o - y) ** 2": "o ** 2"}),
    ("forward", "not_squared", {"(o - y) ** 2": "abs(o - y)"}),
    ("forward", "not_squared", {"(o - y) ** 2": "o - y"}),
    ("forward", "not_squared", {"np.sum((o - y) ** 2)": "np.linalg.norm(o - y)"}),
    ("forward", "half_forgotten", {"0.5 * np.sum((o": "np.sum((o"}),
    ("forward", "mean_over_outputs", {"np.sum((o": "np.mean((o"}),
    ("forward", "half_forgotten", {"0.5 * weight_decay": "weight_decay"}),
    ("forward", "bias_penalised", {"np.sum(W2**2))": "np.sum(W2**2) + np.sum(b1**2))"}),
    ("forward", "rate_missing", {"weight_decay * ": ""}),
    ("forward", "penalty_not_squared", {"np.sum(W1**2)": "np.linalg.norm(W1)",
                                        "np.sum(W2**2)": "np.linalg.norm(W2)"}),
    ("forward", "term_missing", {" + np.sum(W2**2)": ""}),
    ("forward", "term_missing", {"J = L + s": "J = L"}),
    ("forward", "term_negated", {"J = L + s": "J = L - s"}),
    ("forward", "term_doubled", {"J = L + s": "J = L + 2 * s"}),
    # --- backward, one example ---
    ("do", "term_negated", {"o - y": "y - o"}),
    ("do", "label_missing", {"o - y": "o"}),
    ("do", "label_sign", {"o - y": "o + y"}),
    ("do", ("label_sign", "half_forgotten"), {"o - y": "2 * (o + y)"}),
    ("do", "loss_itself", {"o - y": "np.sum((o - y) ** 2) / 2"}),
    ("do", "loss_itself", {"o - y": "np.sum((o - y) ** 2)"}),
    ("do", "square_kept", {"o - y": "(o - y) ** 2"}),
    ("do", "half_forgotten", {"o - y": "2 * (o - y)"}),
    ("do", "mean_over_outputs", {"o - y": "(o - y) / len(o)"}),
    ("do", "other_loss", {"o - y": "np.exp(o) / np.exp(o).sum() - y"}),
    ("dW2", "rate_missing", {"weight_decay * ": ""}),
    ("dW2", "decay_constant", {"weight_decay * W2": "weight_decay"}),
    ("dW2", "decay_squared", {"* W2": "* W2**2"}),
    ("dW2", "decay_undifferentiated", {"* W2": "/ 2 * np.sum(W2**2)"}),
    ("dW2", "decay_undifferentiated", {"* W2": "* np.sum(W2**2)"}),
    ("dh", "mean_over_outputs", {"W2.T @ do": "(W2 * do).mean(axis=0)[:, None]"}),
    ("dh", "upstream_missing", {"W2.T @ do": "W2.sum(axis=0)[:, None]"}),
    ("dz", "slope_missing", {" * (1 - np.tanh(z) ** 2)": ""}),
    ("dz", "slope_is_phi", {"(1 - np.tanh(z) ** 2)": "np.tanh(z)"}),
    ("dz", "slope_of_sigmoid_at_z", {"(1 - np.tanh(z) ** 2)": "z * (1 - z)"}),
    ("dz", "slope_of_sigmoid_at_h", {"(1 - np.tanh(z) ** 2)": "np.tanh(z) * (1 - np.tanh(z))"}),
    ("dz", "slope_of_sigmoid", {"(1 - np.tanh(z) ** 2)": "np.exp(-z) / (1 + np.exp(-z)) ** 2"}),
    ("dz", "slope_of_relu", {"(1 - np.tanh(z) ** 2)": "(z > 0)"}),
    ("dz", "slope_z_for_h", {"np.tanh(z)": "z"}),
    ("dz", "slope_at_h", {"np.tanh(z)": "np.tanh(np.tanh(z))"}),
    ("dz", "slope_not_squared", {" ** 2": ""}),
    ("dz", "slope_incomplete", {"(1 - np.tanh(z) ** 2)": "np.tanh(z) ** 2"}),
    ("dz", "slope_sign", {"1 -": "1 +"}),
    ("dz", "slope_twice", {"(1 - np.tanh(z) ** 2)": "(1 - np.tanh(z) ** 2) ** 2"}),
    ("dz", "upstream_missing", {"dh * ": ""}),
    ("dz", "added_not_multiplied", {"dh *": "dh +"}),
    ("dz", "matrix_for_elementwise", {"dh * (1 - np.tanh(z) ** 2)":
                                      "dh @ (1 - np.tanh(z) ** 2).T"}),
    ("db1", "bias_decayed", {"return dz": "return dz + weight_decay * b1"}),
    ("db1", "bias_decayed", {"return dz": "return dz + b1"}),
    ("db1", "bias_decayed", {"return dz": "return dz - weight_decay * b1"}),
    ("db1", "upstream_missing", {"return dz": "return np.ones_like(dz)"}),
    ("db1", "bias_multiplied", {"return dz": "return dz * b1"}),
    ("db1", "summed_single", {"return dz": "return dz.sum()"}),
    # --- a minibatch: the bias ---
    ("gradients", "batch_not_summed", {"dZ.sum(axis=0)": "dZ"}),
    ("gradients", "batch_averaged", {"dZ.sum(axis=0)": "dZ.mean(axis=0)"}),
    ("gradients", "wrong_axis", {"dZ.sum(axis=0)": "dZ.sum(axis=1)"}),
    ("gradients", "summed_single", {"dZ.sum(axis=0)": "dZ.sum()"}),
    ("gradients", "bias_decayed", {"dZ.sum(axis=0)": "dZ.sum(axis=0) + weight_decay * b1"}),
    ("gradients", "bias_multiplied", {"dZ.sum(axis=0)": "dZ.sum(axis=0) * b1"}),
    ("gradients", "slope_missing", {"dZ.sum(axis=0)": "dH.sum(axis=0)"}),
    ("gradients", "mean_forgotten", {"dZ.sum(axis=0)": "n * dZ.sum(axis=0)"}),
    # --- the hidden weights ---
    ("gradients", "term_missing", {" + weight_decay * W1": ""}),
    ("gradients", "term_doubled", {"weight_decay * W1": "2 * weight_decay * W1"}),
    ("gradients", "term_halved", {"weight_decay * W1": "weight_decay / 2 * W1"}),
    ("gradients", "decay_averaged", {"weight_decay * W1": "weight_decay / n * W1"}),
    ("gradients", "decay_repeated", {"weight_decay * W1": "sum(weight_decay * W1 for _ in X)"}),
    ("gradients", "rate_missing", {"weight_decay * W1": "W1"}),
    ("gradients", "term_negated", {"+ weight_decay * W1": "- weight_decay * W1"}),
    ("gradients", "decay_constant", {"weight_decay * W1": "weight_decay"}),
    ("gradients", "decay_squared", {"weight_decay * W1": "weight_decay * W1**2"}),
    ("gradients", "decay_undifferentiated", {"weight_decay * W1":
                                             "weight_decay / 2 * np.sum(W1**2)"}),
    ("gradients", "decay_undifferentiated", {"weight_decay * W1":
                                             "weight_decay * np.sum(W1**2)"}),
    ("gradients", "term_missing", {"dZ.T @ X + weight": "weight"}),
    ("gradients", "mean_twice", {"dZ.T @ X": "dZ.T @ X / n"}),
    ("gradients", "mean_forgotten", {"dZ.T @ X": "n * dZ.T @ X"}),
    ("gradients", "half_forgotten", {"dZ.T @ X": "2 * dZ.T @ X"}),
    ("gradients", "term_negated", {"dZ.T @ X": "-dZ.T @ X"}),
    ("gradients", "term_factor", {"dZ.T @ X": "3.3 * dZ.T @ X"}),
    ("gradients", "slope_missing", {"dZ.T @ X": "dH.T @ X"}),
    # --- the output weights ---
    ("gradients", "term_missing", {" + weight_decay * W2": ""}),
    ("gradients", "term_doubled", {"weight_decay * W2": "2 * weight_decay * W2"}),
    ("gradients", "term_halved", {"weight_decay * W2": "weight_decay / 2 * W2"}),
    ("gradients", "decay_averaged", {"weight_decay * W2": "weight_decay / n * W2"}),
    ("gradients", "z_for_h", {"E.T @ H": "E.T @ Z"}),
    ("gradients", "mean_twice", {"E.T @ H": "E.T @ H / n"}),
    ("gradients", "term_missing", {"E.T @ H + weight": "weight"}),
    ("gradients", "upstream_missing", {"E.T @ H": "np.ones_like(E).T @ H / n"}),
    # --- a step that all of them share ---
    ("gradients", "mean_forgotten", {"(O - Y) / n": "O - Y"}),
    ("gradients", "half_forgotten", {"(O - Y) / n": "2 * (O - Y) / n"}),
    ("gradients", "term_negated", {"(O - Y) / n": "(Y - O) / n"}),
    ("gradients", "label_missing", {"(O - Y) / n": "O / n"}),
    ("gradients", "label_sign", {"(O - Y) / n": "(O + Y) / n"}),
    ("gradients", "wrong_count", {"n = len(X)": "n = X.shape[1]"}),
    ("gradients", "wrong_count", {"n = len(X)": "n = Y.shape[1]"}),
    ("gradients", ("wrong_count", "slope_missing"), {"n = len(X)": "n = X.shape[1]",
                                                     "dH * (1 - H**2)": "dH"}),
    ("gradients", "mean_over_outputs", {"(O - Y) / n": "(O - Y) / O.size"}),
    ("gradients", "square_kept", {"(O - Y) / n": "(O - Y)**2 / n"}),
    ("gradients", "other_loss", {"(O - Y) / n":
                                 "(np.exp(O) / np.exp(O).sum(axis=1, keepdims=True) - Y) / n"}),
    ("gradients", "bias_forgotten", {"X @ W1.T + b1": "X @ W1.T"}),
    ("gradients", "bias_after_activation", {"X @ W1.T + b1": "X @ W1.T",
                                            "np.tanh(Z)": "np.tanh(Z) + b1"}),
    ("gradients", "activation_missing", {"np.tanh(Z)": "Z"}),
    ("gradients", "activation_other", {"np.tanh(Z)": "1 / (1 + np.exp(-Z))"}),
    ("gradients", "slope_missing", {"dH * (1 - H**2)": "dH"}),
    ("gradients", "slope_is_phi", {"(1 - H**2)": "H"}),
    ("gradients", "slope_of_sigmoid_at_z", {"(1 - H**2)": "Z * (1 - Z)"}),
    ("gradients", "slope_of_sigmoid_at_h", {"(1 - H**2)": "H * (1 - H)"}),
    ("gradients", "slope_of_sigmoid", {"(1 - H**2)": "np.exp(-Z) / (1 + np.exp(-Z)) ** 2"}),
    ("gradients", "slope_of_relu", {"(1 - H**2)": "(Z > 0)"}),
    ("gradients", "slope_z_for_h", {"(1 - H**2)": "(1 - Z**2)"}),
    ("gradients", "slope_at_h", {"(1 - H**2)": "(1 - np.tanh(H)**2)"}),
    ("gradients", "slope_not_squared", {"(1 - H**2)": "(1 - H)"}),
    ("gradients", "slope_incomplete", {"(1 - H**2)": "H**2"}),
    ("gradients", "slope_sign", {"(1 - H**2)": "(1 + H**2)"}),
    ("gradients", "slope_twice", {"(1 - H**2)": "(1 - H**2)**2"}),
    # --- the other loss ---
    ("dO", "softmax_missing", {"(P - Y)": "(O - Y)"}),
    ("dO", "softmax_axis", {"axis=1": "axis=0"}),
    ("dO", "softmax_everywhere", {"P.sum(axis=1, keepdims=True)": "P.sum()"}),
    ("dO", "softmax_unnormalised", {"P / P.sum(axis=1, keepdims=True)": "P"}),
    ("dO", "sigmoid_for_softmax", {"P / P.sum(axis=1, keepdims=True)": "P / (1 + P)"}),
    ("dO", "label_missing", {"P - Y": "P"}),
    ("dO", "label_sign", {"P - Y": "P + Y"}),
    ("dO", "label_class_only", {"P - Y": "Y * (P - 1)"}),
    ("dO", "loss_itself", {"(P - Y) / len(O)": "-np.sum(Y * np.log(P)) / len(O)"}),
    ("dO", "loss_itself", {"(P - Y) / len(O)": "-np.sum(Y * np.log(P))"}),
    ("dO", "loss_itself", {"(P - Y) / len(O)": "-np.sum(Y * np.log(P), axis=1)"}),
    ("dO", "wrong_count", {"len(O)": "O.shape[1]"}),
    ("dO", "log_kept", {"P - Y": "np.log(P) - Y"}),
    ("dO", "through_probabilities", {"P - Y": "-Y / P"}),
    ("dO", "mean_forgotten", {" / len(O)": ""}),
    ("dO", "mean_twice", {" / len(O)": " / len(O)**2"}),
    ("dO", "mean_over_classes", {"len(O)": "O.size"}),
    ("dO", "term_negated", {"P - Y": "Y - P"}),
    ("dO", "term_doubled", {"P - Y": "2 * (P - Y)"}),
    # --- several at once: named by least squares ---
    ("dW2", ("term_doubled", "term_missing"), {"do @ h.T + weight_decay * W2": "2 * do @ h.T"}),
    ("dW1", ("rate_missing", "term_negated"), {"dz @ x.T + weight_decay *": "-(dz @ x.T) +"}),
    ("db1", ("bias_decayed", "term_doubled"),
     {"return dz": "return 2 * dz + 3 * weight_decay * b1"}),
    ("gradients", ("mean_forgotten", "term_missing"),
     {"dZ.T @ X + weight_decay * W1": "n * dZ.T @ X"}),
    ("gradients", ("slope_missing", "decay_averaged"),
     {"dZ.T @ X + weight_decay * W1": "dH.T @ X + weight_decay / n * W1"}),
    ("gradients", ("z_for_h", "term_negated", "term_doubled"),
     {"E.T @ H + weight_decay * W2": "-E.T @ Z + 2 * weight_decay * W2"}),
    ("gradients", ("label_missing", "slope_missing", "mean_forgotten"),
     {"(O - Y) / n": "O", "dH * (1 - H**2)": "dH"}),
    ("gradients", ("bias_forgotten", "slope_is_phi"),
     {"X @ W1.T + b1": "X @ W1.T", "(1 - H**2)": "H"}),
    ("gradients", ("batch_averaged", "bias_decayed"),
     {"dZ.sum(axis=0)": "dZ.mean(axis=0) - weight_decay * b1"}),
    ("dO", ("mean_forgotten", "term_negated"), {"(P - Y) / len(O)": "Y - P"}),
    ("dO", ("label_missing", "term_halved"), {"P - Y": "P / 2"}),
    ("forward", ("half_forgotten", "term_negated"), {"0.5 * np.sum((o": "-np.sum((o"}),
    ("forward", ("half_forgotten", "rate_missing"), {"0.5 * weight_decay * ": ""}),
    ("paths", ("path_missed", "path_through_penalty"), "paths = 1, 2, 2"),
]  # fmt: skip
