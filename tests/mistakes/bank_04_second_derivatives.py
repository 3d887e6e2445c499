"""Answers to exercise 4 as learners type them: right, right in another way, and wrong.

RIGHT has one right answer per task. A wrong answer is a task, the reason it must be met with (or
the reasons, if several things are wrong), and either the edits that make it from the right answer
or a text of its own. Nothing here is taken from coursecheck: the formulas are written again.
"""

EXERCISE = "04_second_derivatives"

PREAMBLE = """
import numpy as np
from compgraph import dot, grad, half_sqnorm, leaf, sum_
"""

RIGHT = {
    "counts": """
def counts(d, h, q):
    P = h * d + h + q * h
    graphs = 1
    products = P
    size = 4 * P**2
    return P, graphs, products, size
""",
    "product": """
def product(J, w, v):
    (g,) = grad(J, [w])
    s = dot(g, v)
    (Hv,) = grad(s, [w])
    return Hv
""",
    "flops": """
def flops(n, d, h, q):
    first = 2 * n * h * d
    second = 2 * n * h * q
    gradient = 2 * first + 3 * second
    Hv = 3 * first + 8 * second
    return gradient, Hv
""",
    "slopes": """
def slopes(z):
    h = np.tanh(z)
    s = 1 / (1 + np.exp(-z))
    tanh2 = -2 * h * (1 - h**2)
    sigmoid2 = s * (1 - s) * (1 - 2 * s)
    relu2 = np.zeros_like(z)
    return tanh2, sigmoid2, relu2
""",
    "M": """
def M(o):
    p = np.exp(o)
    p = p / p.sum()
    return np.diag(p) - np.outer(p, p)
""",
    "H22": """
def H22(M, h, weight_decay):
    block = np.kron(M, np.outer(h, h))
    return block + weight_decay * np.eye(len(block))
""",
    "H11": """
def H11(M, e, W2, slope, slope2, x, weight_decay):
    D = np.diag(slope)
    A = D @ W2.T @ M @ W2 @ D
    B = np.diag(slope2 * (W2.T @ e))
    block = np.kron(A + B, np.outer(x, x))
    return block + weight_decay * np.eye(len(block))
""",
    "H21": """
def H21(M, e, W2, slope, h, x):
    D = np.diag(slope)
    A = np.kron(M @ W2 @ D, np.outer(h, x))
    B = np.kron(e[:, None], np.kron(D, x))
    return A + B
""",
    "hvp": """
def hvp(X, Y, W1, b1, W2, V1, v1, V2, weight_decay):
    n = len(X)
    H = np.tanh(X @ W1.T + b1)
    E = (H @ W2.T - Y) / n
    S = 1 - H**2
    dH = E @ W2
    RZ = X @ V1.T + v1
    RH = S * RZ
    RO = RH @ W2.T + H @ V2.T
    RE = RO / n
    RdH = RE @ W2 + E @ V2
    RdZ = RdH * S - 2 * H * RH * dH
    Hv1 = RdZ.T @ X + weight_decay * V1
    Hvb = RdZ.sum(axis=0)
    Hv2 = RE.T @ H + E.T @ RH + weight_decay * V2
    return Hv1, Hvb, Hv2
""",
    "whole": """
def whole(product, P):
    return np.stack([product(u) for u in np.eye(P)], axis=1)
""",
    "step": """
def step(g, H, damping):
    A = H + damping * np.eye(len(g))
    return -np.linalg.solve(A, g)
""",
}

# The right answers once more, as other people write them.
RIGHT_OTHERWISE = [
    ("counts", {"h * d + h + q * h": "(d + 1 + q) * h"}),
    ("counts", {"return P, graphs, products, size": "return [P, graphs, products, size]"}),
    ("product", {"dot(g, v)": "sum_(g * v)"}),
    ("product", {"dot(g, v)": "sum_(v * g)", "(Hv,) = grad(s, [w])": "Hv = grad(s, [w])[0]"}),
    ("flops", {"2 * n * h * d": "n * h * d * 2"}),
    ("slopes", {"-2 * h * (1 - h**2)": "-2 * np.tanh(z) / np.cosh(z) ** 2"}),
    ("slopes", {"s * (1 - s) * (1 - 2 * s)": "s - 3 * s**2 + 2 * s**3"}),
    ("slopes", {"np.zeros_like(z)": "0 * z"}),
    ("M", {"np.exp(o)": "np.exp(o - o.max())"}),
    ("M", {"np.diag(p) - np.outer(p, p)": "p[:, None] * (np.eye(len(p)) - p)"}),
    ("M", {"np.diag(p) - np.outer(p, p)":
           "np.array([[p[k] * ((k == l) - p[l]) for l in range(len(p))] for k in range(len(p))])"}),
    ("H22", {"np.kron(M, np.outer(h, h))":
             "np.einsum('kl,a,b->kalb', M, h, h).reshape(M.size * 0 + len(M) * len(h), -1)"}),
    ("H11", {"np.kron(A + B, np.outer(x, x))": "np.kron(B + A, x[:, None] @ x[None])"}),
    ("H11", {"D @ W2.T @ M @ W2 @ D": "(slope[:, None] * (W2.T @ M @ W2)) * slope"}),
    ("H21", {"np.kron(e[:, None], np.kron(D, x))":
             "np.einsum('k,ab,j->kabj', e, D, x).reshape(A.shape)"}),
    ("hvp", {"- 2 * H * RH * dH": "- 2 * H * S * RZ * dH"}),
    ("hvp", {"RdZ.sum(axis=0)": "np.ones(n) @ RdZ"}),
    ("whole", {"np.stack([product(u) for u in np.eye(P)], axis=1)":
               "np.array([product(u) for u in np.eye(P)])"}),
    ("whole", {"np.stack([product(u) for u in np.eye(P)], axis=1)":
               "np.apply_along_axis(product, 0, np.eye(P))"}),
    ("step", {"-np.linalg.solve(A, g)": "np.linalg.inv(A) @ -g"}),
]  # fmt: skip

WRONG = [
    # --- how much of everything ---
    ("counts", "bias_not_counted", {"h * d + h + q * h": "h * d + q * h"}),
    ("counts", "inputs_counted", {"return P,": "return P + d + q,"}),
    ("counts", "one_graph_each", {"graphs = 1": "graphs = P"}),
    ("counts", "graph_per_entry", {"graphs = 1": "graphs = P**2"}),
    ("counts", "product_per_entry", {"products = P": "products = P * P"}),
    ("counts", "only_a_vector", {"4 * P**2": "4 * P"}),
    ("counts", "cubed", {"4 * P**2": "4 * P**3"}),
    ("counts", "elements_for_bytes", {"4 * P**2": "P**2"}),
    ("counts", "double_precision", {"4 * P**2": "8 * P**2"}),
    ("counts", "half_of_it", {"4 * P**2": "4 * P * (P + 1) // 2"}),
    ("counts", ("one_graph_each", "cubed"), {"graphs = 1": "graphs = P", "4 * P**2": "4 * P**3"}),
    ("counts", "dtype_fraction", {"4 * P**2": "4 * P**2 / 1"}),
    # --- the graph of Hv ---
    ("product", "row_sums", {"dot(g, v)": "sum_(g)"}),
    ("product", "row_sums_scaled", {"dot(g, v)": "sum_(g)", "return Hv": "return Hv * v"}),
    ("product", "gradient_times_v", {"return Hv": "return g * v"}),
    ("product", "gradient_returned", {"return Hv": "return g"}),
    ("product", "gradient_returned", {"grad(s, [w])": "grad(s, [v])"}),
    ("product", "scalar_returned", {"return Hv": "return s"}),
    ("product", "squared_gradient", {"return Hv": "return g * s"}),
    ("product", "list_of_nodes", {"(Hv,) =": "Hv ="}),
    ("product", "not_a_node", {"return Hv": "return 2.0"}),
    ("product", "foreign_leaf", {"dot(g, v)": "dot(g, leaf('u', v.shape))"}),
    ("product", "foreign_leaf", {"dot(g, v)": "dot(g, leaf('v', (1, *v.shape[1:])) + 0 * v)"}),
    ("product", "term_doubled", {"return Hv": "return 2 * Hv"}),
    ("product", "exception", {"dot(g, v)": "g"}),
    # --- the cost of Hv ---
    ("flops", "multiply_add_as_one", {"first = 2 *": "first =", "second = 2 *": "second ="}),
    ("flops", "forward_alone", {"2 * first + 3": "first + 1"}),
    ("flops", "backward_alone", {"2 * first + 3": "first + 2"}),
    ("flops", "input_gradient_counted", {"2 * first + 3": "3 * first + 3"}),
    ("flops", "products_for_gradients_kept", {"3 * first + 8": "4 * first + 9"}),
    ("flops", "as_the_gradient", {"Hv = 3 * first + 8 * second": "Hv = gradient"}),
    ("flops", "twice_the_gradient", {"Hv = 3 * first + 8 * second": "Hv = 2 * gradient"}),
    ("flops", "one_per_parameter", {"Hv = 3 * first + 8 * second":
                                    "Hv = (h * d + h + q * h) * gradient"}),
    # --- φ″ ---
    ("slopes", "first_slope", {"-2 * h * (1 - h**2)": "1 - h**2"}),
    ("slopes", "first_slope", {"s * (1 - s) * (1 - 2 * s)": "s * (1 - s)"}),
    ("slopes", "value_for_slope", {"-2 * h * (1 - h**2)": "h"}),
    ("slopes", "value_for_slope", {"np.zeros_like(z)": "np.maximum(z, 0)"}),
    ("slopes", "slope_unfinished", {"-2 * h * (1 - h**2)": "-2 * h"}),
    ("slopes", "slope_unfinished", {"s * (1 - s) * (1 - 2 * s)": "1 - 2 * s"}),
    ("slopes", "z_for_h", {"-2 * h * (1 - h**2)": "-2 * z * (1 - z**2)"}),
    ("slopes", "term_negated", {"-2 * h": "2 * h"}),
    ("slopes", "term_halved", {"-2 * h": "-h"}),
    ("slopes", "term_negated", {"(1 - 2 * s)": "(2 * s - 1)"}),
    ("slopes", "kink", {"np.zeros_like(z)": "np.where(z > 0, 1.0, 0.0)"}),
    # --- M ---
    ("M", "product_missing", {"- np.outer(p, p)": ""}),
    ("M", "product_added", {"- np.outer": "+ np.outer"}),
    ("M", "off_diagonal_missing", {"np.diag(p) - np.outer(p, p)": "np.diag(p * (1 - p))"}),
    ("M", "diagonal_alone", {"np.diag(p) - np.outer(p, p)": "p * (1 - p)"}),
    ("M", "of_squared_loss", {"np.diag(p) - np.outer(p, p)": "np.eye(len(p))"}),
    ("M", "softmax_missing", {"np.exp(o)": "o", "p / p.sum()": "p"}),
    ("M", "softmax_unnormalised", {"p / p.sum()": "p"}),
    # --- H22 ---
    ("H22", "kron_order", {"M, np.outer(h, h)": "np.outer(h, h), M"}),
    ("H22", "m_missing", {"M, np": "np.eye(len(M)), np"}),
    ("H22", "outer_missing", {"np.outer(h, h)": "np.diag(h)"}),
    ("H22", "term_missing", {"block + weight_decay * np.eye(len(block))": "block"}),
    ("H22", "penalty_off_diagonal", {"weight_decay * np.eye(len(block))": "weight_decay"}),
    ("H22", "rate_missing", {"weight_decay * np.eye": "np.eye"}),
    ("H22", ("kron_order", "term_missing"), {"M, np.outer(h, h)": "np.outer(h, h), M",
                                             " + weight_decay * np.eye(len(block))": ""}),
    # --- H11 ---
    ("H11", "gauss_newton", {"A + B": "A"}),
    ("H11", "slope_once", {"W2 @ D": "W2"}),
    ("H11", "slope_missing", {"D @ W2.T @ M @ W2 @ D": "W2.T @ M @ W2"}),
    ("H11", "m_missing", {"M @ W2 @ D": "W2 @ D"}),
    ("H11", "kron_order", {"A + B, np.outer(x, x)": "np.outer(x, x), A + B"}),
    ("H11", "error_missing", {"slope2 * (W2.T @ e)": "slope2"}),
    ("H11", "first_for_second", {"slope2 * (": "slope * ("}),
    ("H11", "error_not_back", {"(W2.T @ e)": "e.sum()"}),
    ("H11", "not_diagonal", {"np.diag(slope2 * (W2.T @ e))":
                             "np.ones((len(slope2), 1)) * (slope2 * (W2.T @ e))"}),
    ("H11", "term_negated", {"A + B": "A - B"}),
    ("H11", "term_missing", {" + weight_decay * np.eye(len(block))": ""}),
    ("H11", ("gauss_newton", "term_missing"), {"A + B": "A",
                                               " + weight_decay * np.eye(len(block))": ""}),
    # --- H21 ---
    ("H21", "gauss_newton", {"A + B": "A"}),
    ("H21", "slope_missing", {"M @ W2 @ D": "M @ W2"}),
    ("H21", "slope_missing", {"np.kron(D, x)": "np.kron(np.eye(len(h)), x)"}),
    ("H21", "m_missing", {"M @ W2": "W2"}),
    ("H21", "delta_missing", {"np.kron(D, x)": "np.kron(slope[:, None] * np.ones(len(h)), x)"}),
    ("H21", "term_negated", {"A + B": "A - B"}),
    ("H21", "shape_transposed", {"A + B": "(A + B).T"}),
    ("H21", ("penalty_here", "gauss_newton"), {"A + B": "A + 0.1"}),
    ("H21", "penalty_here", {"A + B": "A + B + 0.2"}),
    # --- Hv by hand ---
    ("hvp", "tangent_of_bias", {" + v1": ""}),
    ("hvp", "tangent_of_activation", {"RH = S * RZ": "RH = RZ"}),
    ("hvp", "tangent_of_weights", {" + H @ V2.T": ""}),
    ("hvp", "label_again", {"RE = RO / n": "RE = (RO - Y) / n"}),
    ("hvp", "product_rule_missing", {" + E @ V2": ""}),
    ("hvp", "second_slope_missing", {" - 2 * H * RH * dH": ""}),
    ("hvp", "slope_missing", {"RdH * S": "RdH"}),
    ("hvp", "hidden_fixed", {" + E.T @ RH": ""}),
    ("hvp", "weights_for_direction", {"weight_decay * V1": "weight_decay * W1",
                                      "weight_decay * V2": "weight_decay * W2"}),
    ("hvp", "term_missing", {" + weight_decay * V1": ""}),
    ("hvp", "rate_missing", {"weight_decay * V2": "V2"}),
    ("hvp", "mean_forgotten", {"- Y) / n": "- Y)", "RO / n": "RO"}),
    ("hvp", "batch_not_summed", {"RdZ.sum(axis=0)": "RdZ"}),
    ("hvp", "bias_decayed", {"RdZ.sum(axis=0)": "RdZ.sum(axis=0) + weight_decay * v1"}),
    ("hvp", "order", {"return Hv1, Hvb, Hv2": "return Hv2, Hvb, Hv1"}),
    ("hvp", "fixed_number", {"n = len(X)": "n = 7"}),
    # --- the whole Hessian ---
    ("whole", "summed_columns", {"np.stack([product(u) for u in np.eye(P)], axis=1)":
                                 "product(np.ones(P))"}),
    ("whole", "diagonal_of_it", {"np.stack([product(u) for u in np.eye(P)], axis=1)":
                                 "np.array([product(u) @ u for u in np.eye(P)])"}),
    ("whole", "diagonal_of_it", {"np.stack([product(u) for u in np.eye(P)], axis=1)":
                                 "np.diag([product(u) @ u for u in np.eye(P)])"}),
    ("whole", "outer_of_product", {"np.stack([product(u) for u in np.eye(P)], axis=1)":
                                   "np.outer(product(np.ones(P)), product(np.ones(P)))"}),
    ("whole", "exception", {"np.stack([product(u) for u in np.eye(P)], axis=1)":
                            "product(np.eye(P))"}),
    # --- a step ---
    ("step", "uphill", {"-np.linalg": "np.linalg"}),
    ("step", "undamped", {"H + damping * np.eye(len(g))": "H"}),
    ("step", "damped_everywhere", {"damping * np.eye(len(g))": "damping"}),
    ("step", "multiplied_not_solved", {"-np.linalg.solve(A, g)": "-A @ g"}),
    ("step", "diagonal_only", {"-np.linalg.solve(A, g)": "-g / np.diag(A)"}),
    ("step", "gradient_step", {"-np.linalg.solve(A, g)": "-g"}),
    ("step", ("undamped", "uphill"), {"H + damping * np.eye(len(g))": "H",
                                      "-np.linalg": "np.linalg"}),
    ("step", "term_halved", {"-np.linalg": "-0.5 * np.linalg"}),
]  # fmt: skip
