"""Answers to exercise 5 as learners type them: right, right in another way, and wrong.

RIGHT has one right answer per task. A wrong answer is a task, the reason it must be met with (or
the reasons, if several things are wrong), and either the edits that make it from the right answer
or a text of its own. Nothing here is taken from coursecheck: the formulas are written again.
"""

EXERCISE = "05_partition"

PREAMBLE = """
import math
import numpy as np
"""

RIGHT = {
    "cut": """
def cut(n, d, h, q, itemsize):
    up = n * h * itemsize
    down = h * n * itemsize
    return up, down
""",
    "partial": """
def partial(X, W1, b1, W2, k, N):
    size = len(b1) // N
    first, last = k * size, (k + 1) * size
    Z = X @ W1[first:last].T + b1[first:last]
    H = np.tanh(Z)
    return H @ W2[:, first:last].T
""",
    "all_reduce": """
def all_reduce(S, N):
    total = 2 * (N - 1) * S
    each = 2 * (N - 1) * S // N
    return total, each
""",
    "combine": """
def combine(gradients, sizes):
    weights = sizes / sum(sizes)
    return sum(w * g for w, g in zip(weights, gradients))
""",
    "bubble": "def bubble(K, M):\n    return (K - 1) / (M + K - 1)",
    "in_flight": "def in_flight(K, M):\n    return M, min(K, M)",
    "accumulate": """
def accumulate(gradient, X, Y, W, weight_decay, M):
    size = len(X) // M
    G = 0
    for m in range(M):
        rows = slice(m * size, (m + 1) * size)
        G = G + gradient(X[rows], Y[rows], W) / M
    G = G + weight_decay * W
    return G
""",
    "noise": """
def noise(G, B):
    g = G.mean(axis=0)
    trace = G.var(axis=0).sum()
    return g @ g + trace / B
""",
    "fits": """
def fits(memory, states, kept):
    left = memory - states
    return max(left // kept, 0)
""",
    "shrinks": "shrinks = 0, 1, 1, 1, 0",
}

# The right answers once more, as other people write them.
RIGHT_OTHERWISE = [
    ("cut", {"up, down\n": "[up, up]\n"}),
    ("cut", {"h * n * itemsize": "np.zeros((n, h)).size * itemsize"}),
    ("partial", {"np.tanh(Z)": "1 - 2 / (np.exp(2 * Z) + 1)"}),
    (
        "partial",
        """
def partial(X, W1, b1, W2, k, N):
    w1, c, w2 = np.split(W1, N)[k], np.split(b1, N)[k], np.split(W2, N, axis=1)[k]
    return np.tanh(X @ w1.T + c) @ w2.T
""",
    ),
    ("all_reduce", {"2 * (N - 1) * S // N": "(S // N) * 2 * (N - 1)"}),
    ("combine", "def combine(g, s):\n    return np.average(g, axis=0, weights=s)"),
    ("bubble", "bubble = lambda K, M: 1 - M / (M + K - 1)"),
    ("in_flight", {"min(K, M)": "K if K < M else M"}),
    ("accumulate", {" / M": "", "weight_decay * W": "weight_decay * W * M",
                    "return G": "return G / M"}),
    ("noise", {"G.var(axis=0).sum()": "np.trace(np.cov(G.T, bias=True))"}),
    ("noise", {"g @ g": "np.linalg.norm(g) ** 2"}),
    ("fits", {"left // kept": "math.floor(left / kept)"}),
    ("shrinks", "shrinks = np.array([0, 1, 1, 1, 0])"),
]  # fmt: skip

WRONG = [
    # the cut
    ("cut", "elements_for_bytes", {"up = n * h * itemsize": "up = n * h",
                                   "h * n * itemsize": "n * h"}),
    ("cut", "bits_for_bytes", {"up = n * h * itemsize": "up = 8 * n * h * itemsize",
                               "h * n * itemsize": "8 * n * h * itemsize"}),
    ("cut", "one_example", {"up = n * h * itemsize": "up = h * itemsize",
                            "h * n * itemsize": "h * itemsize"}),
    ("cut", "input_sent", {"up = n * h * itemsize": "up = n * d * itemsize"}),
    ("cut", "output_cut", {"up = n * h * itemsize": "up = n * q * itemsize",
                           "h * n * itemsize": "n * q * itemsize"}),
    ("cut", "output_cut", {"h * n * itemsize": "n * q * itemsize"}),
    ("cut", "parameters_sent", {"up = n * h * itemsize": "up = (h * d + h) * itemsize"}),
    ("cut", "weight_gradient_sent", {"h * n * itemsize": "q * h * itemsize"}),
    ("cut", "sent_twice", {"up = n * h * itemsize": "up = 2 * n * h * itemsize"}),
    ("cut", "ignores_arguments", {"h * n * itemsize": "0"}),
    ("cut", "bytes_other", {"h * n * itemsize": "(n + h) * itemsize"}),
    ("cut", "count", {"up, down\n": "up + down\n"}),
    ("cut", "dtype_fraction", {"up = n * h * itemsize": "up = n * h * itemsize / 1"}),
    # tensor parallelism
    ("partial", "unsplit", {"size = len(b1) // N": "size = len(b1)",
                            "k * size, (k + 1) * size": "0, size"}),
    ("partial", "output_divided", {"size = len(b1) // N": "size = len(b1)",
                                   "k * size, (k + 1) * size": "0, size",
                                   "H @ W2[:, first:last].T": "H @ W2[:, first:last].T / N"}),
    ("partial", "parts_mismatch", {"W2[:, first:last]": "W2[:, :size]"}),
    ("partial", "index_fraction", {"size = len(b1) // N": "size = len(b1) / N"}),
    ("partial", "other_part", {"k * size, (k + 1) * size": "(k - 1) * size, k * size"}),
    ("partial", "bias_divided", {"b1[first:last]": "b1[first:last] / N"}),
    ("partial", "bias_forgotten", {" + b1[first:last]": ""}),
    ("partial", "activation_missing", {"np.tanh(Z)": "Z"}),
    (
        "partial",
        "inputs_split",
        """
def partial(X, W1, b1, W2, k, N):
    part = slice(0, X.shape[1] // 2)
    return np.tanh(X[:, part] @ W1[:, part].T + b1) @ W2.T
""",
    ),
    ("partial", "shape", {"H @ W2[:, first:last].T": "H"}),
    # all-reduce
    ("all_reduce", "one_round", {"total = 2 * ": "total = ", "each = 2 * ": "each = "}),
    ("all_reduce", "everyone_to_everyone", {"total = 2 * (N - 1)": "total = N * (N - 1)"}),
    ("all_reduce", "each_for_total", {"(N - 1) * S\n": "(N - 1) * S // N\n"}),
    ("all_reduce", "total_for_each", {" // N": ""}),
    ("all_reduce", "no_ring", {"each = 2 * (N - 1) * S // N": "each = (N - 1) * S"}),
    ("all_reduce", "reduce_other", {"each = 2 * (N - 1) * S // N": "each = S // N + 1"}),
    # shards
    ("combine", "plain_mean", "def combine(gradients, sizes):\n    return gradients.mean(axis=0)"),
    ("combine", "plain_sum", "def combine(gradients, sizes):\n    return sum(gradients)"),
    ("combine", "not_divided", {"sizes / sum(sizes)": "sizes"}),
    ("combine", "one_shard", {"sum(w * g for w, g in zip(weights, gradients))": "gradients[-1]"}),
    ("combine", "one_shard", {"sum(w * g for w, g in zip(weights, gradients))": "gradients[0]"}),
    ("combine", "unrelated", {"sizes / sum(sizes)": "sum(sizes) / sizes"}),
    # pipelines
    ("bubble", "ideal_time", {"(M + K - 1)": "M"}),
    ("bubble", "efficiency", {"(K - 1) / ": "M / "}),
    ("bubble", "slots_miscounted", {"(M + K - 1)": "(M + K)"}),
    ("bubble", "slots_miscounted", {"(K - 1) / (M + K - 1)": "K / (M + K)"}),
    ("bubble", "roles_exchanged", {"(K - 1) / ": "(M - 1) / "}),
    ("bubble", "slots_for_share", {"(K - 1) / (M + K - 1)": "float(K - 1)"}),
    ("in_flight", "stages_for_micros", {"M, min(": "K, min("}),
    ("in_flight", "all_stages", {"M, min(": "K * M, min("}),
    ("in_flight", "not_fewer", {"min(K, M)": "M"}),
    ("in_flight", "flight_limit", {"min(K, M)": "K"}),
    ("in_flight", "flight_limit", {"min(K, M)": "max(K, M)"}),
    ("in_flight", "ignores_arguments", {"min(K, M)": "1"}),
    ("in_flight", "flight_other", {"min(K, M)": "K + M"}),
    # a smaller minibatch
    ("accumulate", "micros_forgotten", {" / M": ""}),
    ("accumulate", "last_only", {"G = G + gradient": "G = gradient"}),
    ("accumulate", "last_only", {"G = G + gradient": "G = gradient", " / M": ""}),
    ("accumulate", "decay_each_time", {"W) / M": "W) / M + weight_decay * W",
                                       "    G = G + weight_decay * W\n": ""}),
    ("accumulate", "decay_divided", {"weight_decay * W": "weight_decay * W / M"}),
    ("accumulate", ("micros_forgotten", "decay_each_time"), {
        "W) / M": "W) + weight_decay * W", "    G = G + weight_decay * W\n": ""}),
    ("accumulate", "term_missing", {"    G = G + weight_decay * W\n": ""}),
    ("accumulate", "exception",
     "def accumulate(gradient, X, Y, W, weight_decay, M):\n"
     "    return gradient(X, Y, W) + weight_decay * W"),
    ("noise", "batch_forgotten", {"trace / B": "trace"}),
    ("noise", "batch_squared", {"trace / B": "trace / B**2"}),
    ("noise", "unbiased", {"G.var(axis=0)": "G.var(axis=0, ddof=1)"}),
    ("noise", "deviation_for_variance", {"G.var(axis=0)": "G.std(axis=0)"}),
    ("noise", "uncentred", {"G.var(axis=0).sum()": "(G**2).sum() / len(G)"}),
    ("noise", "term_missing", {"g @ g + ": ""}),
    ("noise", "term_negated", {"g @ g + trace": "g @ g - trace"}),
    ("fits", "states_forgotten", {"memory - states": "memory"}),
    ("fits", "states_per_example", {"left // kept": "memory // (states + kept)"}),
    ("fits", "rounded_up", {"left // kept": "math.ceil(left / kept)"}),
    ("fits", "negative", {"max(left // kept, 0)": "left // kept"}),
    ("fits", "examples_other", {"left // kept": "left"}),
    # what shrinks
    ("shrinks", "replicated", "shrinks = 1, 1, 1, 1, 0"),
    ("shrinks", "activations_only", "shrinks = 0, 1, 1, 1, 1"),
    ("shrinks", "partitioned", "shrinks = 0, 0, 1, 1, 0"),
    ("shrinks", "partitioned", "shrinks = 0, 1, 1, 0, 0"),
    ("shrinks", ("replicated", "partitioned"), "shrinks = 1, 1, 0, 1, 0"),
    ("shrinks", "not_a_flag", "shrinks = 0, 2, 1, 1, 0"),
]  # fmt: skip
