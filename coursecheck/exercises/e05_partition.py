"""Exercise 5: a graph on several devices, and a smaller minibatch on one.

What crosses a cut, what an all-reduce sends, how shards and micro-batches add up to the gradient of
the whole minibatch, how long a pipeline waits, and what a smaller minibatch can and cannot do.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from coursecheck.task import ExerciseTable, Formula, Output, Task, Term, Wrong

REASONS = {
    # the cut
    "elements_for_bytes": "{name}: this counts numbers. How many bytes has each?",
    "bits_for_bytes": "{name}: this counts bits. A byte has 8.",
    "one_example": "{name}: this is right for one example. There are n.",
    "input_sent": "{name}: this is X. It stays where it is; which variable does the next operator "
    "on the other GPU read?",
    "output_cut": "{name}: this is as large as O. O is computed from H and W2: on which GPU?",
    "parameters_sent": "{name}: these are parameters. They stay where they live; what flows along "
    "the edge that is cut?",
    "weight_gradient_sent": "{name}: this is the gradient of W2. Who needs it?",
    "sent_twice": "{name}: counted twice. However often a value is used on the other GPU, how "
    "often must it go there?",
    "bytes_other": "{name}: draw the frames around the two GPUs and look which edges cross.",
    # tensor parallelism
    "unsplit": "{name}: this is the whole O. One device has some of the hidden units only.",
    "output_divided": "{name}: the whole O divided by N. The parts add up, but no device could "
    "compute this from its own units.",
    "parts_mismatch": "{name}: the units' rows of W1 meet other units' columns of W2.",
    "other_part": "{name}: this is another device's part. Devices are counted from 0.",
    "bias_divided": "{name}: b1 is divided by N. Every unit has a bias of its own, whole.",
    "bias_forgotten": "{name}: b1 is missing from the units' input.",
    "activation_missing": "{name}: the activation function is missing.",
    "inputs_split": "{name}: the inputs were split, and φ of a part of the sum is not a part of "
    "φ of the sum. Along which axis does φ not mix anything?",
    # all-reduce
    "one_round": "{name}: this adds the pieces up, or hands the sums round. An all-reduce does "
    "both.",
    "everyone_to_everyone": "{name}: this sends every array to every other device. A ring needs "
    "less.",
    "each_for_total": "{name}: this is what one device sends. Asked for is all of them together.",
    "total_for_each": "{name}: this is what all devices send together.",
    "no_ring": "{name}: as if a device sent its whole array in every round. It sends one N-th.",
    "reduce_other": "{name}: in a ring of N there are N − 1 rounds of adding and N − 1 of handing "
    "round. What does a device send in each?",
    # shards
    "plain_mean": "{name}: the plain mean of the shards' gradients. A shard with few examples "
    "counts as much as one with many.",
    "plain_sum": "{name}: the shards' gradients are means, and here they are simply added.",
    "not_divided": "{name}: weighted by the sizes, but never divided by their sum.",
    "one_shard": "{name}: this is one shard's gradient.",
    # pipelines
    "ideal_time": "{name}: this is the waiting over the ideal time. The share of all the time "
    "is asked for.",
    "efficiency": "{name}: this is the share of the time in which the devices work.",
    "slots_miscounted": "{name}: one slot too many. If the first stage starts in slot 1, in which "
    "slot does the last one finish micro-batch M?",
    "roles_exchanged": "{name}: stages and micro-batches have changed places.",
    "slots_for_share": "{name}: this is the number of slots in which a device waits. A share of "
    "all slots is asked for.",
    "stages_for_micros": "{name}: this is the number of stages. GPipe runs all forwards before "
    "the first backward.",
    "all_stages": "{name}: this counts all stages together. One stage is asked about.",
    "not_fewer": "{name}: this is what GPipe keeps. 1F1B starts going backward as soon as it can.",
    "flight_limit": "{name}: the first stage cannot keep more micro-batches than there are.",
    "flight_other": "{name}: play it through for two stages and three micro-batches.",
    # a smaller minibatch
    "micros_forgotten": "{name}: M mean losses are added without dividing by M.",
    "last_only": "{name}: this is the last micro-batch's gradient alone. Is something overwritten "
    "that should be added up?",
    "decay_each_time": "{name}: {term} is added once for every micro-batch.",
    "decay_divided": "{name}: {term} is divided by M. The penalty is not part of the mean.",
    "batch_forgotten": "{name}: {term} does not depend on B as it should. What does averaging B "
    "independent draws do to a variance?",
    "batch_squared": "{name}: {term} is divided by B twice.",
    "unbiased": "{name}: {term} is estimated with n − 1. Here the n examples are all there are.",
    "deviation_for_variance": "{name}: standard deviations stand where variances belong.",
    "uncentred": "{name}: {term} is taken around zero. A variance is taken around the mean.",
    "states_forgotten": "{name}: the states take their place first, however few examples there "
    "are.",
    "states_per_example": "{name}: the states are counted for every example. They are there once.",
    "rounded_up": "{name}: rounded up. The last example does not fit.",
    "negative": "{name} is negative where the states alone do not fit. How many examples can then "
    "be processed?",
    "examples_other": "{name}: what is left when the states have their place, and how often does "
    "one example's share go into it?",
    # what shrinks
    "replicated": "{name}: does a device hold fewer parameters than before? Data parallelism gives "
    "every device a copy of the model.",
    "activations_only": "{name}: a smaller minibatch has fewer activations. Has it fewer "
    "parameters?",
    "partitioned": "{name}: this one does divide the parameters. Who holds W2 here?",
    "not_a_flag": "{name} is 1 if it shrinks the parameters of a device and 0 if it does not.",
}


# --- values --------------------------------------------------------------------------------------


def _sizes(rng, **sizes) -> SimpleNamespace:
    return SimpleNamespace(**sizes, itemsize=8)


def _units(rng, n, d, h, q, N, **others) -> SimpleNamespace:
    """A minibatch and the section's parameters, with h divisible by N; device k is asked about."""
    v = SimpleNamespace(n=n, d=d, h=h, q=q, N=N, k=1)
    v.X, v.W1 = rng.standard_normal((n, d)), rng.standard_normal((h, d)) / np.sqrt(d)
    v.b1, v.W2 = rng.standard_normal(h), rng.standard_normal((q, h)) / np.sqrt(h)
    return v


def _array(rng, N, p, **others) -> SimpleNamespace:
    return SimpleNamespace(N=N, S=10 * N * p)


def _shards(rng, K, p, **others) -> SimpleNamespace:
    """The gradients of K shards of different sizes, one a row."""
    sizes = rng.permutation(np.arange(2, 2 + K))
    return SimpleNamespace(K=K, p=p, gradients=rng.standard_normal((K, p)), sizes=sizes)


def _linear(rng, n, d, q, M, weight_decay, **others) -> SimpleNamespace:
    """A linear model with the squared loss, on a device that holds n/M examples at a time."""
    v = SimpleNamespace(n=n, d=d, q=q, M=M, weight_decay=weight_decay)
    v.X, v.Y = rng.standard_normal((n, d)), rng.standard_normal((n, q))
    v.W = rng.standard_normal((q, d))
    v.mean_gradient = lambda rows: (v.X[rows] @ v.W.T - v.Y[rows]).T @ v.X[rows] / len(v.X[rows])

    def gradient(X, Y, W):
        if len(X) > n // M:
            raise MemoryError(f"this device holds {n // M} examples at a time, not {len(X)}")
        return (X @ W.T - Y).T @ X / len(X)

    v.gradient = gradient
    return v


def _examples(rng, n, p, B, **others) -> SimpleNamespace:
    """The gradients of n examples, one a row."""
    v = SimpleNamespace(n=n, p=p, B=B, G=rng.standard_normal((n, p)) + 0.5)
    v.g = v.G.mean(axis=0)
    v.variances = v.G.var(axis=0)
    return v


def _memory(rng, spare, **others) -> SimpleNamespace:
    """Room for `spare` examples and a half, or less than none."""
    v = SimpleNamespace(kept=int(rng.integers(100, 200)), states=int(rng.integers(1000, 2000)))
    v.memory = v.states + spare * v.kept + v.kept // 2
    return v


# --- outputs -------------------------------------------------------------------------------------


def _wrong(**forms: Formula) -> tuple[Wrong, ...]:
    """Wrong forms, each named by its reason."""
    return tuple(Wrong((reason,), formula) for reason, formula in forms.items())


def _several(reason: str, *formulas: Formula) -> tuple[Wrong, ...]:
    """Wrong forms that share one reason."""
    return tuple(Wrong((reason,), formula) for formula in formulas)


def _count(key: str, name: str, right: Formula, wrong: tuple[Wrong, ...], otherwise: str) -> Output:
    term = Term("the number", right, wrong)
    return Output(key, name, (), (term,), kind="count", otherwise=otherwise)


def _sent(key: str, name: str, **wrong: Formula) -> Output:
    """Bytes that one GPU sends over the cut."""
    forms = _wrong(
        elements_for_bytes=lambda v: v.n * v.h,
        bits_for_bytes=lambda v: 8 * v.n * v.h * v.itemsize,
        one_example=lambda v: v.h * v.itemsize,
        output_cut=lambda v: v.n * v.q * v.itemsize,
        sent_twice=lambda v: 2 * v.n * v.h * v.itemsize,
        **wrong,
    )
    return _count(key, name, lambda v: v.n * v.h * v.itemsize, forms, "bytes_other")


def _shrinks(name: str, right: int, reason: str) -> Output:
    """Whether a way to train leaves a device fewer parameters: 1 or 0."""
    term = Term(name, lambda v: right, (Wrong((reason,), lambda v: 1 - right),))
    return Output(name, name, (), (term,), kind="count", otherwise="not_a_flag")


def _part(v, rows=None, columns=None, bias=1.0, phi=np.tanh):
    """Device k's part of O, or a wrong one: slices of units default to its own."""
    own = _own(v)
    rows, columns = rows or own, columns or own
    return phi(v.X @ v.W1[rows].T + bias * v.b1[rows]) @ v.W2[:, columns].T


def _own(v, shift: int = 0) -> slice:
    size = v.h // v.N
    return slice((v.k + shift) * size, (v.k + shift + 1) * size)


def _inputs_split(v):
    half = v.d // 2
    return np.tanh(v.X[:, :half] @ v.W1[:, :half].T + v.b1) @ v.W2.T


_ALL = slice(None)

TASKS = (
    Task(
        key="cut",
        title="A. What crosses the cut",
        args=("n", "d", "h", "q", "itemsize"),
        given=_sizes,
        outputs=(
            _sent(
                "up",
                "Bytes from GPU 0",
                input_sent=lambda v: v.n * v.d * v.itemsize,
                parameters_sent=lambda v: (v.h * v.d + v.h) * v.itemsize,
            ),
            _sent(
                "down",
                "Bytes from GPU 1",
                weight_gradient_sent=lambda v: v.q * v.h * v.itemsize,
            ),
        ),
        hints=(
            "Draw a frame around each GPU's variables. Which variable of GPU 0 is read by an "
            "operator of GPU 1? And which gradient of GPU 1 does GPU 0 wait for?",
            "Only H goes up, and only the gradient of H comes down. Both have a row for every "
            "example and a column for every hidden unit.",
        ),
        solution="""
def cut(n, d, h, q, itemsize):
    up = n * h * itemsize
    down = n * h * itemsize
    return up, down
""",
    ),
    Task(
        key="partial",
        title="A. One device's part of O",
        args=("X", "W1", "b1", "W2", "k", "N"),
        given=_units,
        outputs=(
            Output(
                "part",
                "O[k]",
                ("n", "q"),
                (
                    Term(
                        "the units' part",
                        _part,
                        _wrong(
                            unsplit=lambda v: _part(v, _ALL, _ALL),
                            output_divided=lambda v: _part(v, _ALL, _ALL) / v.N,
                            parts_mismatch=lambda v: _part(v, columns=_own(v, -1)),
                            bias_divided=lambda v: _part(v, bias=1 / v.N),
                            bias_forgotten=lambda v: _part(v, bias=0.0),
                            activation_missing=lambda v: _part(v, phi=lambda z: z),
                            inputs_split=_inputs_split,
                        )
                        + _several("other_part", lambda v: _part(v, _own(v, -1), _own(v, -1))),
                    ),
                ),
            ),
        ),
        hints=(
            "Device k has h/N hidden units. Which rows of W1 and b1 make them, and which columns "
            "of W2 do they meet?",
            "Its units are `slice(k * h // N, (k + 1) * h // N)`. Take these rows of W1 and b1 and "
            "these columns of W2, and do with them what the whole network does.",
        ),
        solution="""
def partial(X, W1, b1, W2, k, N):
    h = len(W1)
    part = slice(k * h // N, (k + 1) * h // N)
    H = np.tanh(X @ W1[part].T + b1[part])
    return H @ W2[:, part].T
""",
    ),
    Task(
        key="all_reduce",
        title="A. What an all-reduce sends",
        args=("S", "N"),
        given=_array,
        outputs=(
            _count(
                "total",
                "Sent by all",
                lambda v: 2 * (v.N - 1) * v.S,
                _wrong(
                    one_round=lambda v: (v.N - 1) * v.S,
                    everyone_to_everyone=lambda v: v.N * (v.N - 1) * v.S,
                    each_for_total=lambda v: 2 * (v.N - 1) * v.S // v.N,
                ),
                "reduce_other",
            ),
            _count(
                "each",
                "Sent by one",
                lambda v: 2 * (v.N - 1) * v.S // v.N,
                _wrong(
                    one_round=lambda v: (v.N - 1) * v.S // v.N,
                    total_for_each=lambda v: 2 * (v.N - 1) * v.S,
                    no_ring=lambda v: (v.N - 1) * v.S,
                ),
                "reduce_other",
            ),
        ),
        hints=(
            "The array is cut into N pieces. How many rounds does it take until every piece is "
            "summed somewhere, and how many more until everybody has every sum?",
            "N − 1 rounds and N − 1 rounds. In each of them every device sends one piece, S/N "
            "numbers, to its neighbour.",
        ),
        solution="""
def all_reduce(S, N):
    each = 2 * (N - 1) * S // N
    total = N * each
    return total, each
""",
    ),
    Task(
        key="combine",
        title="A. The gradient of unequal shards",
        args=("gradients", "sizes"),
        given=_shards,
        outputs=(
            Output(
                "gradient",
                "The gradient",
                ("p",),
                (
                    Term(
                        "the shards' gradients",
                        lambda v: v.sizes @ v.gradients / v.sizes.sum(),
                        _wrong(
                            plain_mean=lambda v: v.gradients.mean(axis=0),
                            plain_sum=lambda v: v.gradients.sum(axis=0),
                            not_divided=lambda v: v.sizes @ v.gradients,
                        )
                        + _several(
                            "one_shard", lambda v: v.gradients[0], lambda v: v.gradients[-1]
                        ),
                    ),
                ),
            ),
        ),
        hints=(
            "A shard's gradient is the mean over its examples. What do you multiply it with to "
            "get the sum over them?",
            "The sum over all examples is Σ size × gradient. The minibatch's mean divides that by "
            "the number of all examples.",
        ),
        solution="""
def combine(gradients, sizes):
    return sizes @ gradients / np.sum(sizes)
""",
    ),
    Task(
        key="bubble",
        title="A. How long a pipeline waits",
        args=("K", "M"),
        given=_sizes,
        outputs=(
            Output(
                "share",
                "The bubble",
                (),
                (
                    Term(
                        "the share",
                        lambda v: (v.K - 1) / (v.M + v.K - 1),
                        _wrong(
                            ideal_time=lambda v: (v.K - 1) / v.M,
                            efficiency=lambda v: v.M / (v.M + v.K - 1),
                            roles_exchanged=lambda v: (v.M - 1) / (v.M + v.K - 1),
                            slots_for_share=lambda v: float(v.K - 1),
                        )
                        + _several(
                            "slots_miscounted",
                            lambda v: (v.K - 1) / (v.M + v.K),
                            lambda v: v.K / (v.M + v.K),
                        ),
                    ),
                ),
            ),
        ),
        hints=(
            "In which slot does the last stage start, if a stage needs one slot for a "
            "micro-batch? And in which slot is it done with the last one?",
            "There are M + K − 1 slots, and every stage works in M of them. What is left, as a "
            "share of all?",
        ),
        solution="""
def bubble(K, M):
    return (K - 1) / (M + K - 1)
""",
    ),
    Task(
        key="in_flight",
        title="A. What the first stage keeps",
        args=("K", "M"),
        given=_sizes,
        outputs=(
            _count(
                "gpipe",
                "Kept by GPipe",
                lambda v: v.M,
                _wrong(stages_for_micros=lambda v: v.K, all_stages=lambda v: v.K * v.M),
                "flight_other",
            ),
            _count(
                "one_f_one_b",
                "Kept by 1F1B",
                lambda v: min(v.K, v.M),
                _wrong(not_fewer=lambda v: v.M)
                + _several("flight_limit", lambda v: v.K, lambda v: max(v.K, v.M)),
                "flight_other",
            ),
        ),
        hints=(
            "When does GPipe run its first backward? And in 1F1B, how many micro-batches has the "
            "first stage started by the time the first one comes back?",
            "GPipe has started all of them. In 1F1B the first one comes back after it has gone "
            "through all K stages; but there may be fewer than K micro-batches.",
        ),
        solution="""
def in_flight(K, M):
    return M, min(K, M)
""",
    ),
    Task(
        key="accumulate",
        title="B. The same gradient from micro-batches",
        args=("gradient", "X", "Y", "W", "weight_decay", "M"),
        given=_linear,
        outputs=(
            Output(
                "G",
                "∂J/∂W",
                ("q", "d"),
                (
                    Term(
                        "the part through the loss",
                        lambda v: v.mean_gradient(slice(None)),
                        _several(
                            "last_only",
                            lambda v: v.mean_gradient(slice(v.n - v.n // v.M, None)),
                            lambda v: v.mean_gradient(slice(v.n - v.n // v.M, None)) / v.M,
                        ),
                        factors=(("micros_forgotten", lambda v: v.M),),
                    ),
                    Term(
                        "λW",
                        lambda v: v.weight_decay * v.W,
                        factors=(
                            ("decay_each_time", lambda v: v.M),
                            ("decay_divided", lambda v: 1 / v.M),
                        ),
                    ),
                ),
            ),
        ),
        hints=(
            "`gradient` gives the mean over the examples it sees. What is the mean over all n, if "
            "M equal micro-batches give M means? And how often does the penalty enter J?",
            "Start from zero; for each micro-batch add its gradient divided by M; after the loop "
            "add λW, once.",
        ),
        solution="""
def accumulate(gradient, X, Y, W, weight_decay, M):
    G = np.zeros_like(W)
    for x, y in zip(np.split(X, M), np.split(Y, M)):
        G = G + gradient(x, y, W) / M
    return G + weight_decay * W
""",
    ),
    Task(
        key="noise",
        title="B. How noisy a small minibatch is",
        args=("G", "B"),
        given=_examples,
        outputs=(
            Output(
                "expected",
                "E‖g_B‖²",
                (),
                (
                    Term("‖g‖²", lambda v: v.g @ v.g),
                    Term(
                        "tr Σ / B",
                        lambda v: v.variances.sum() / v.B,
                        _wrong(
                            unbiased=lambda v: v.variances.sum() / v.B * v.n / (v.n - 1),
                            deviation_for_variance=lambda v: np.sqrt(v.variances).sum() / v.B,
                            uncentred=lambda v: (v.G**2).sum() / v.n / v.B,
                        ),
                        factors=(
                            ("batch_forgotten", lambda v: v.B),
                            ("batch_squared", lambda v: 1 / v.B),
                        ),
                    ),
                ),
            ),
        ),
        hints=(
            "g_B is g plus noise, and the noise is zero on average. What is left of "
            "E‖g + noise‖² when you multiply out?",
            "‖g‖² plus the noise's variance, added over the coordinates. The mean of B "
            "independent draws has one B-th of the variance of one draw; Σ is taken over the n "
            "rows of G, around their mean.",
        ),
        solution="""
def noise(G, B):
    g = G.mean(axis=0)
    trace = np.sum((G - g) ** 2) / len(G)
    return g @ g + trace / B
""",
    ),
    Task(
        key="fits",
        title="B. How small a minibatch must be",
        args=("memory", "states", "kept"),
        given=_memory,
        outputs=(
            _count(
                "examples",
                "Examples at a time",
                lambda v: max(0, (v.memory - v.states) // v.kept),
                _wrong(
                    states_forgotten=lambda v: v.memory // v.kept,
                    states_per_example=lambda v: v.memory // (v.states + v.kept),
                    rounded_up=lambda v: max(0, -((v.states - v.memory) // v.kept)),
                    negative=lambda v: (v.memory - v.states) // v.kept,
                ),
                "examples_other",
            ),
        ),
        hints=(
            "What takes its place whatever the minibatch is? And what if that is already too "
            "much?",
            "Take the states off the memory. See how often one example's share goes into the "
            "rest with `//`, and do not go below zero.",
        ),
        solution="""
def fits(memory, states, kept):
    return max(0, (memory - states) // kept)
""",
    ),
    Task(
        key="shrinks",
        title="A and B. What makes the model smaller",
        args=None,
        given=_sizes,
        outputs=(
            _shrinks("data", 0, "replicated"),
            _shrinks("sharded", 1, "partitioned"),
            _shrinks("tensor", 1, "partitioned"),
            _shrinks("pipeline", 1, "partitioned"),
            _shrinks("minibatch", 0, "activations_only"),
        ),
        hints=(
            "Take a single parameter, an entry of W2. On how many devices is it kept for good, in "
            "each of the five?",
            "Where every device keeps all of W2, nothing has shrunk. Two of the five leave W2 "
            "whole.",
        ),
        solution="shrinks = 0, 1, 1, 1, 0",
    ),
)

# All sizes differ in every draw. The last draw has another M, B and λ. In the first, K > M.
_SHARED = {"M": 3, "B": 4, "weight_decay": 0.1}
SIZES = (
    {**_SHARED, "n": 9, "d": 5, "h": 6, "q": 4, "N": 3, "K": 5, "p": 7, "spare": 7},
    {**_SHARED, "n": 6, "d": 5, "h": 8, "q": 3, "N": 4, "K": 2, "p": 5, "spare": -2},
    {**_SHARED, "n": 15, "d": 7, "h": 10, "q": 4, "N": 5, "K": 4, "p": 6, "spare": 3},
    {**_SHARED, "n": 12, "d": 4, "h": 9, "q": 5, "N": 3, "K": 6, "p": 4, "spare": -5},
    {**_SHARED, "n": 18, "d": 6, "h": 16, "q": 5, "N": 4, "K": 2, "p": 9, "spare": 11},
    {"M": 4, "B": 3, "weight_decay": 0.3, "n": 16, "d": 4, "h": 12, "q": 3, "N": 6, "K": 3,
     "p": 8, "spare": 4},
)  # fmt: skip

EXERCISE = ExerciseTable("Exercise 5", TASKS, SIZES, REASONS)
