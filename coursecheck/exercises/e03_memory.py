"""Exercise 3: bytes held by training and by prediction, tensor by tensor and at the peak.

Every answer but two is a number of bytes: a count of numbers times the bytes of one. So each wrong
form is a wrong count, and each count may besides be given in a wrong unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from types import SimpleNamespace

from coursecheck.task import ExerciseTable, Formula, Output, Task, Term, Wrong

REASONS = {
    # units
    "elements_for_bytes": "{name}: this counts numbers. How many bytes has each?",
    "bits_for_bytes": "{name}: this counts bits. A byte has 8.",
    "kilobytes": "{name}: bytes are asked for, and all of them.",
    "itemsize_doubled": "{name}: twice too large. `itemsize` is the bytes of one number already.",
    "itemsize_twice": "{name}: multiplied by `itemsize` once too often.",
    "halved": "{name}: exactly half of what it should be. What is there twice?",
    "units_mixed": "{name}: one part of the sum is in bytes, another in numbers.",
    # before the step
    "batch_on_parameters": "{name}: the parameters are multiplied by n. How many copies of W1 does "
    "a minibatch need?",
    "inputs_forgotten": "{name}: the examples X take memory, too.",
    "labels_forgotten": "{name}: the labels Y take memory, too.",
    "parameters_forgotten": "{name}: this is the data alone.",
    "data_forgotten": "{name}: these are the parameters alone.",
    "bias_counted": "{name}: a bias is counted. This model has none.",
    "gradients_early": "{name}: gradients are counted. None has been made yet.",
    "one_example": "{name}: this is right for one example. There are n.",
    "sizes_added": "{name}: sides of matrices are added. How many entries has an h×d matrix?",
    # prediction
    "never_together": "{name}: everything that is ever made is added up. Which of these tensors "
    "are there at the same time?",
    "z_forgotten": "{name}: while φ runs, what it reads and what it writes are both there.",
    "largest_only": "{name}: this is the largest tensor alone. An operator's argument is still "
    "there while its result is made.",
    "output_forgotten": "{name}: O is forgotten. With many outputs the peak is where it is made.",
    "inputs_again": "{name}: X has been counted before. Beyond parameters and data is asked for.",
    "base_again": "{name}: what was there before the step is counted, too. Beyond parameters and "
    "data is asked for.",
    "gradients_in_prediction": "{name}: prediction makes no gradients.",
    "not_in_place": "{name}: this is the peak of an ordinary φ. In place, H is written over Z.",
    "output_alone": "{name}: H is still read while O is made.",
    # what backward propagation reads
    "w1_kept": "{name}: it would be read for the gradient of X. Does anyone ask for that?",
    "z_kept": "{name}: φ′ of tanh can be had from something else that is kept anyway.",
    "x_not_kept": "{name}: what multiplies ∂J/∂Z to give ∂J/∂W1?",
    "h_not_kept": "{name}: it is read twice on the way back. By which two gradients?",
    "w2_not_kept": "{name}: how does the gradient get from O to H?",
    "o_not_kept": "{name}: ∂J/∂O is a difference. Of what?",
    "y_not_kept": "{name}: ∂J/∂O is a difference. Of what?",
    "not_a_flag": "{name} is 1 if it is read and 0 if it is not.",
    # moments of backward propagation
    "z_still_there": "{name}: one tensor of n·h too many. Z was given back before O was made.",
    "operands_gone": "{name}: something of n·h is missing. All that is read here is still "
    "there, next to what is made.",
    "finished_forgotten": "{name}: a gradient that is ready stays until the optimizer has used it.",
    "result_forgotten": "{name}: what is being made here is itself missing.",
    "too_many_outputs": "{name}: tensors of n·q are counted that nobody reads any more.",
    "loss_is_scalar": "{name}: L is taken for one number. How many does torch's L own?",
    "loss_forgotten": "{name}: L is held until the walk ends. How many numbers does it own?",
    "seed_forgotten": "{name}: one number short. Backward propagation starts from ∂J/∂J = 1.",
    "seed_early": "{name}: the seed is counted. It has not been made yet.",
    "made_later": "{name}: ∂J/∂W1 is counted. It has not been made yet.",
    "hidden_still_there": "{name}: tensors of n·h are counted that nobody reads any more. What "
    "does ∂J/∂W1 read?",
    # the peak
    "moments_added": "{name}: the moments follow each other. Their bytes do not add up.",
    "moment_missed": "{name}: right for some sizes. The peak is the largest of four moments.",
    "base_forgotten": "{name}: what was there before the step is there during it.",
    "parameter_gradients_forgotten": "{name}: the gradients of W1 and W2 are missing. They are as "
    "large as the parameters.",
    # optimizers
    "one_short": "{name}: one is missing. Count the parameter, its gradient, and each state.",
    "two_short": "{name}: two are missing. Count the parameter, its gradient, and each state.",
    "bytes_for_numbers": "{name}: these are bytes. Numbers are asked for here.",
    "one_too_many": "{name}: one too many. What does it remember from one step to the next?",
    "per_parameter_other": "{name}: count the parameter, its gradient, and each state.",
    # transfer
    "outputs_short": "{name}: O and L are both there at that moment, and torch's L owns as many "
    "numbers as O.",
    "not_the_last": "{name}: O is made from the last hidden layer. Is that the widest one?",
    "one_layer_only": "{name}: one hidden layer is looked at. Any of them can be the widest.",
    "output_activated": "{name}: the output layer has no activation. Is there a second tensor of "
    "its size?",
    "one_hidden_only": "{name}: one tensor of n·h is missing. GELU's slope is computed from Z. "
    "Who still reads H?",
    "all_layers": "{name}: all layers are added up. In prediction a layer needs its "
    "neighbour alone.",
    "neighbours_only": "{name}: this would do for prediction. What does backward propagation need?",
    "z_and_h": "{name}: inside a layer, what φ reads and what it writes are both there.",
    "input_counted": "{name}: the inputs, `widths[0]`, are data and were there before.",
    "z_kept_too": "{name}: two tensors a layer are counted. Which of Z and H does tanh keep?",
    # none of these
    "count_other": "{name}: list the tensors that are there at that moment, write the number of "
    "entries beside each, add up, and multiply by the bytes of one.",
}

# --- sizes ---------------------------------------------------------------------------------------


def _sizes(rng, **sizes) -> SimpleNamespace:
    return SimpleNamespace(**sizes)


# Each of the four moments of training is the peak in one of the draws; so is each in prediction.
_SHARED = {"itemsize": 4}
SIZES = (
    {**_SHARED, "d": 31, "h": 17, "q": 5, "n": 13, "widths": (31, 17, 11, 23, 5)},
    {**_SHARED, "d": 7, "h": 29, "q": 3, "n": 11, "widths": (7, 13, 19, 3)},
    {**_SHARED, "d": 11, "h": 5, "q": 37, "n": 19, "widths": (11, 5, 7, 37)},
    {**_SHARED, "d": 53, "h": 13, "q": 2, "n": 3, "widths": (53, 13, 6, 9, 2)},
    {**_SHARED, "d": 3, "h": 23, "q": 41, "n": 5, "widths": (3, 23, 8, 41)},
    {"itemsize": 8, "d": 19, "h": 7, "q": 6, "n": 9, "widths": (19, 7, 12, 10, 6)},
)

# --- counts of numbers ---------------------------------------------------------------------------


def _parameters(v):
    return v.h * (v.d + v.q)


def _data(v):
    return v.n * (v.d + v.q)


def _base(v):
    return _parameters(v) + _data(v)


def _prediction(v):
    return max(2 * v.n * v.h, v.n * v.h + v.n * v.q)


#: moment -> numbers beyond parameters and data while that gradient is made
_MOMENTS: dict[str, Formula] = {
    "∂J/∂O": lambda v: v.n * v.h + 3 * v.n * v.q + 1,
    "∂J/∂H": lambda v: 2 * v.n * v.h + 2 * v.n * v.q + v.q * v.h + 1,
    "∂J/∂Z": lambda v: 3 * v.n * v.h + v.n * v.q + v.q * v.h + 1,
    "∂J/∂W1": lambda v: v.n * v.h + v.n * v.q + v.q * v.h + v.h * v.d + 1,
}


def _peak(v, moments=tuple(_MOMENTS)):
    return max(_MOMENTS[moment](v) for moment in moments)


def _chain_base(v):
    weights = sum(below * above for below, above in pairwise(v.widths))
    return weights + v.n * (v.widths[0] + v.widths[-1])


def _chain_peak(v):
    *_, last, out = v.widths
    return v.n * max(2 * max(v.widths[1:-1]), last + out)


# --- wrong ways ----------------------------------------------------------------------------------

#: reason -> a number of bytes made of a right count, in a wrong unit
_UNITS: dict[str, Formula] = {
    "elements_for_bytes": lambda v, count: count,
    "bits_for_bytes": lambda v, count: 8 * v.itemsize * count,
    "itemsize_doubled": lambda v, count: 2 * v.itemsize * count,
    "itemsize_twice": lambda v, count: v.itemsize**2 * count,
    "halved": lambda v, count: v.itemsize * count // 2,
}

#: the units in which a wrong count is still recognised; twice as much could be many other things
_UNITS_OF_WRONG = ("elements_for_bytes", "bits_for_bytes")


def _pairs(count: Formula, slips: Mapping[str, Formula | list]) -> list[Wrong]:
    """Two slips of a sum at once: a slip is what a mistake adds to the right `count` of numbers."""
    single = [
        (reason, delta)
        for reason, deltas in slips.items()
        for delta in (deltas if isinstance(deltas, list) else [deltas])
    ]
    return [
        Wrong((one, other), lambda v, a=a, b=b: v.itemsize * (count(v) + a(v) + b(v)))
        for (one, a), (other, b) in combinations(single, 2)
        if one != other
    ]


def _sum(
    key: str, name: str, count: Formula, slips: Mapping[str, Formula | list], **more
) -> Output:
    """A sum of numbers, in bytes: `slips` names what each mistake adds to it, `more` wrong sums."""
    wrong = {
        reason: [
            lambda v, delta=delta: count(v) + delta(v)
            for delta in (deltas if isinstance(deltas, list) else [deltas])
        ]
        for reason, deltas in slips.items()
    }
    return _bytes(key, name, count, wrong | more, _pairs(count, slips))


def _bytes(
    key: str,
    name: str,
    count: Formula,
    wrong: Mapping[str, Formula | list],
    others: Sequence[Wrong] = (),
) -> Output:
    """An output of `count` numbers, in bytes.

    `wrong` names the wrong counts by their reasons; `others` are wrong numbers of bytes.
    """
    counts = [
        (reason, formula)
        for reason, formulas in wrong.items()
        for formula in (formulas if isinstance(formulas, list) else [formulas])
    ]
    forms = [Wrong((reason,), lambda v, c=c: v.itemsize * c(v)) for reason, c in counts]
    forms += [Wrong((unit,), lambda v, u=u: u(v, count(v))) for unit, u in _UNITS.items()]
    forms += [
        Wrong(("kilobytes",), lambda v, k=k: v.itemsize * count(v) // k) for k in (1000, 1024)
    ]
    forms += [
        Wrong((unit, reason), lambda v, u=u, c=c: u(v, c(v)))
        for unit, u in ((unit, _UNITS[unit]) for unit in _UNITS_OF_WRONG)
        for reason, c in counts
    ]
    forms += others
    factors = (("itemsize_doubled", lambda v: 2.0), ("halved", lambda v: 0.5))
    right = Term("the bytes", lambda v: v.itemsize * count(v), tuple(forms), factors)
    return Output(key, name, (), (right,), kind="count", otherwise="count_other")


def _flag(name: str, right: int, reason: str) -> Output:
    """Whether backward propagation reads a tensor: 1 or 0."""
    term = Term(name, lambda v: right, (Wrong((reason,), lambda v: 1 - right),))
    return Output(name, name, (), (term,), kind="count", otherwise="not_a_flag")


def _per_parameter(name: str, right: int) -> Output:
    """Numbers held for each parameter."""
    wrong = {
        "one_short": right - 1,
        "two_short": right - 2,
        "one_too_many": right + 1,
        "bytes_for_numbers": 4 * right,
    }
    forms = tuple(Wrong((reason,), lambda v, k=k: k) for reason, k in wrong.items())
    term = Term("the numbers", lambda v: right, forms)
    return Output(name, name, (), (term,), kind="count", otherwise="per_parameter_other")


#: what is missing from a moment of the walk back if L or the seed is not what torch makes of it
_TORCHS_OWN: dict[str, Formula] = {
    "loss_is_scalar": lambda v: 1 - v.n * v.q,
    "loss_forgotten": lambda v: -v.n * v.q,
    "seed_forgotten": lambda v: -1,
}

_STEP = ("d", "h", "q", "n", "itemsize")
_CHAIN = ("widths", "n", "itemsize")

# --- tasks ---------------------------------------------------------------------------------------

TASKS = (
    Task(
        key="base",
        title="A. Before the step",
        args=_STEP,
        given=_sizes,
        outputs=(
            _bytes(
                "base",
                "Before the step",
                _base,
                {
                    "batch_on_parameters": lambda v: v.n * (v.h * v.d + v.q * v.h + v.d + v.q),
                    "inputs_forgotten": lambda v: _base(v) - v.n * v.d,
                    "labels_forgotten": lambda v: _base(v) - v.n * v.q,
                    "parameters_forgotten": lambda v: v.n * (v.d + v.q),
                    "data_forgotten": lambda v: v.h * (v.d + v.q),
                    "bias_counted": [
                        lambda v: _base(v) + v.h,
                        lambda v: _base(v) + v.h + v.q,
                    ],
                    "gradients_early": lambda v: _base(v) + v.h * (v.d + v.q),
                    "one_example": lambda v: v.h * (v.d + v.q) + v.d + v.q,
                    "sizes_added": lambda v: v.h + v.d + v.q + v.h + v.n + v.d + v.n + v.q,
                },
                [
                    Wrong(("units_mixed",), lambda v: v.itemsize * _data(v) + _parameters(v)),
                    Wrong(("units_mixed",), lambda v: _data(v) + v.itemsize * _parameters(v)),
                ],
            ),
        ),
        hints=(
            "Four tensors are there before anything is computed. Which, and which of them grow "
            "with the minibatch?",
            "An h×d matrix has h·d entries. Two matrices of parameters, two of data; each entry "
            "takes `itemsize` bytes.",
        ),
        solution="""
def base(d, h, q, n, itemsize):
    parameters = h * d + q * h
    data = n * d + n * q
    return (parameters + data) * itemsize
""",
    ),
    Task(
        key="prediction",
        title="B. Prediction",
        args=_STEP,
        given=_sizes,
        outputs=(
            _bytes(
                "prediction",
                "The peak of prediction",
                _prediction,
                {
                    "never_together": lambda v: 2 * v.n * v.h + v.n * v.q,
                    "z_forgotten": lambda v: v.n * v.h + v.n * v.q,
                    "largest_only": lambda v: v.n * max(v.h, v.q),
                    "output_forgotten": lambda v: 2 * v.n * v.h,
                    "one_example": lambda v: max(2 * v.h, v.h + v.q),
                    "output_alone": lambda v: max(2 * v.n * v.h, v.n * v.q),
                    "moments_added": lambda v: 3 * v.n * v.h + v.n * v.q,
                    "inputs_again": lambda v: v.n * v.d + _prediction(v),
                    "gradients_in_prediction": lambda v: _parameters(v) + _prediction(v),
                    "base_again": [
                        lambda v: _base(v) + _prediction(v),
                        lambda v: _base(v) - v.n * v.q + _prediction(v),
                    ],
                },
            ),
        ),
        hints=(
            "Three steps: Z is made, then H from Z, then O from H. What is there during each?",
            "While H is made there are Z and H; while O is made there are H and O. The peak is "
            "the larger of the two.",
        ),
        solution="""
def prediction(d, h, q, n, itemsize):
    while_h = n * h + n * h  # Z and H
    while_o = n * h + n * q  # H and O
    return max(while_h, while_o) * itemsize
""",
    ),
    Task(
        key="in_place",
        title="B. Prediction, ReLU in place",
        args=_STEP,
        given=_sizes,
        outputs=(
            _bytes(
                "in_place",
                "The peak in place",
                lambda v: v.n * v.h + v.n * v.q,
                {
                    "not_in_place": _prediction,
                    "never_together": lambda v: 2 * v.n * v.h + v.n * v.q,
                    "inputs_again": lambda v: v.n * (v.d + v.h + v.q),
                    "base_again": [
                        lambda v: _base(v) + v.n * (v.h + v.q),
                        lambda v: _parameters(v) + v.n * (v.d + v.h + v.q),
                    ],
                    "output_alone": lambda v: v.n * v.q,
                    "largest_only": lambda v: v.n * max(v.h, v.q),
                    "output_forgotten": lambda v: v.n * v.h,
                },
            ),
        ),
        hints=(
            "H now takes the memory of Z. Which of the moments of the last task has changed?",
            "While H is made there is one tensor of n·h. While O is made there are two tensors, "
            "and that is never less.",
        ),
        solution="""
def in_place(d, h, q, n, itemsize):
    return (n * h + n * q) * itemsize
""",
    ),
    Task(
        key="kept",
        title="C. What backward propagation reads",
        args=None,
        given=_sizes,
        outputs=(
            _flag("X", 1, "x_not_kept"),
            _flag("W1", 0, "w1_kept"),
            _flag("Z", 0, "z_kept"),
            _flag("H", 1, "h_not_kept"),
            _flag("W2", 1, "w2_not_kept"),
            _flag("O", 1, "o_not_kept"),
            _flag("Y", 1, "y_not_kept"),
        ),
        hints=(
            "Write down the five formulas of backward propagation. Which letters stand on their "
            "right-hand sides?",
            "The slope of tanh is one minus the square of its output. And W1 stands in no "
            "formula at all, unless there is a penalty.",
        ),
        solution="kept = 1, 0, 0, 1, 1, 1, 1",
    ),
    Task(
        key="while_dZ",
        title="C. While ∂J/∂Z is made",
        args=_STEP,
        given=_sizes,
        outputs=(
            _sum(
                "while_dZ",
                "While ∂J/∂Z is made",
                _MOMENTS["∂J/∂Z"],
                {
                    "z_still_there": lambda v: v.n * v.h,
                    "operands_gone": [lambda v: -v.n * v.h, lambda v: -2 * v.n * v.h],
                    "finished_forgotten": lambda v: -v.q * v.h,
                    "made_later": lambda v: v.h * v.d,
                    "too_many_outputs": [lambda v: v.n * v.q, lambda v: 2 * v.n * v.q],
                    "inputs_again": lambda v: v.n * v.d,
                    "base_again": _base,
                    **_TORCHS_OWN,
                },
            ),
        ),
        hints=(
            "∂J/∂Z is made from ∂J/∂H and H. Which gradient is ready by then, and what does torch "
            "hold until backward propagation ends?",
            "Three tensors of n·h, the finished ∂J/∂W2, and torch's two: the n·q numbers of L, "
            "and the seed, a single one.",
        ),
        solution="""
def while_dZ(d, h, q, n, itemsize):
    hidden = 3 * n * h  # H and ∂J/∂H are read, ∂J/∂Z is made
    ready = q * h  # ∂J/∂W2
    torchs_own = n * q + 1  # L and the seed
    return (hidden + ready + torchs_own) * itemsize
""",
    ),
    Task(
        key="while_dW1",
        title="C. While ∂J/∂W1 is made",
        args=_STEP,
        given=_sizes,
        outputs=(
            _sum(
                "while_dW1",
                "While ∂J/∂W1 is made",
                _MOMENTS["∂J/∂W1"],
                {
                    "hidden_still_there": [lambda v: v.n * v.h, lambda v: 2 * v.n * v.h],
                    "operands_gone": lambda v: -v.n * v.h,
                    "finished_forgotten": lambda v: -v.q * v.h,
                    "result_forgotten": lambda v: -v.h * v.d,
                    "too_many_outputs": [lambda v: v.n * v.q, lambda v: 2 * v.n * v.q],
                    "inputs_again": lambda v: v.n * v.d,
                    "base_again": _base,
                    **_TORCHS_OWN,
                },
            ),
        ),
        hints=(
            "∂J/∂W1 is the product of ∂J/∂Z and X. X was there before the step. Who still reads H?",
            "One tensor of n·h, two gradients of parameters, and torch's two as before.",
        ),
        solution="""
def while_dW1(d, h, q, n, itemsize):
    gradients = q * h + h * d  # ∂J/∂W2 is ready, ∂J/∂W1 is made
    return (n * h + gradients + n * q + 1) * itemsize
""",
    ),
    Task(
        key="training",
        title="C. The peak of training",
        args=_STEP,
        given=_sizes,
        outputs=(
            _bytes(
                "training",
                "The peak of training",
                lambda v: _base(v) + _peak(v),
                {
                    "moments_added": lambda v: _base(v) + sum(m(v) for m in _MOMENTS.values()),
                    "moment_missed": [
                        lambda v, some=some: _base(v) + _peak(v, some)
                        for size in (3, 2, 1)
                        for some in combinations(_MOMENTS, size)
                    ],
                    "base_forgotten": _peak,
                    "never_together": [
                        lambda v, hidden=hidden, own=own, seed=seed: (
                            _base(v)
                            + _parameters(v)
                            + hidden * v.n * v.h
                            + 2 * v.n * v.q
                            + own(v)
                            + seed
                        )
                        for hidden in (3, 4)  # with Z or without
                        for own in (lambda v: 0, lambda v: 1, lambda v: v.n * v.q)  # L
                        for seed in (0, 1)
                    ],
                    "parameter_gradients_forgotten": [
                        lambda v: _parameters(v) + 2 * v.n * (v.h + v.q),
                        lambda v: _base(v) + 2 * v.n * (v.h + v.q),
                    ],
                    "seed_forgotten": lambda v: _base(v) + _peak(v) - 1,
                },
                [
                    Wrong(("units_mixed",), lambda v: _base(v) + v.itemsize * _peak(v)),
                    Wrong(("units_mixed",), lambda v: v.itemsize * _base(v) + _peak(v)),
                ],
            ),
        ),
        hints=(
            "You have two of the four moments, and the text above gives the other two. Do they "
            "happen together, or one after the other?",
            "The larger of all four, and to it what was there before the step. Your own functions "
            "from above may be called.",
        ),
        solution="""
def training(d, h, q, n, itemsize):
    while_dO = n * h + 3 * n * q + 1
    while_dH = 2 * n * h + 2 * n * q + q * h + 1
    while_dZ = 3 * n * h + n * q + q * h + 1
    while_dW1 = n * h + n * q + q * h + h * d + 1
    before = h * d + q * h + n * d + n * q
    return (before + max(while_dO, while_dH, while_dZ, while_dW1)) * itemsize
""",
    ),
    Task(
        key="per_parameter",
        title="D. Optimizers",
        args=None,
        given=_sizes,
        outputs=(
            _per_parameter("SGD", 2),
            _per_parameter("momentum", 3),
            _per_parameter("Adam", 4),
        ),
        hints=(
            "When the optimizer runs, each parameter has its gradient beside it. What else do "
            "momentum and Adam remember from one step to the next?",
            "Momentum remembers one running sum. Adam remembers a mean of gradients and a mean of "
            "their squares.",
        ),
        solution="per_parameter = 2, 3, 4",
    ),
    Task(
        key="gelu",
        title="E. Another activation",
        args=_STEP,
        given=_sizes,
        outputs=(
            _sum(
                "gelu",
                "When backward begins",
                lambda v: 2 * v.n * v.h + 2 * v.n * v.q,
                {
                    "one_hidden_only": lambda v: -v.n * v.h,
                    "loss_is_scalar": lambda v: 1 - v.n * v.q,
                    "outputs_short": lambda v: -v.n * v.q,
                    "seed_early": lambda v: 1,
                    "inputs_again": lambda v: v.n * v.d,
                    "base_again": _base,
                },
            ),
        ),
        hints=(
            "With tanh it was H, O and L. GELU's slope cannot be had from its output. What is it "
            "computed from, and is H still needed?",
            "∂J/∂W2 reads H whatever the activation is. So GELU keeps one tensor more than tanh.",
        ),
        solution="""
def gelu(d, h, q, n, itemsize):
    hidden = 2 * n * h  # Z for the slope, H for ∂J/∂W2
    outputs = 2 * n * q  # O, and the numbers of L
    return (hidden + outputs) * itemsize
""",
    ),
    Task(
        key="chain_prediction",
        title="E. A deep chain, prediction",
        args=_CHAIN,
        given=_sizes,
        outputs=(
            _bytes(
                "chain_prediction",
                "The peak of a chain's prediction",
                _chain_peak,
                {
                    "all_layers": [
                        lambda v: v.n * sum(v.widths[1:]),
                        lambda v: v.n * (2 * sum(v.widths[1:-1]) + v.widths[-1]),
                    ],
                    "largest_only": lambda v: v.n * max(v.widths[1:]),
                    "z_and_h": lambda v: v.n * max(map(sum, pairwise(v.widths[1:]))),
                    "input_counted": [
                        lambda v: v.n * max(map(sum, pairwise(v.widths))),
                        lambda v: max(v.n * max(map(sum, pairwise(v.widths))), _chain_peak(v)),
                        lambda v: v.n * 2 * max(v.widths[:-1]),
                    ],
                    "output_forgotten": lambda v: v.n * 2 * max(v.widths[1:-1]),
                    "output_alone": lambda v: v.n * max(2 * max(v.widths[1:-1]), v.widths[-1]),
                    "output_activated": lambda v: v.n * 2 * max(v.widths[1:]),
                    "not_the_last": lambda v: (
                        v.n * (max(v.widths[1:-1]) + max(*v.widths[1:-1], v.widths[-1]))
                    ),
                    "one_layer_only": [
                        lambda v, i=i: v.n * max(2 * v.widths[i], v.widths[-2] + v.widths[-1])
                        for i in (1, -2)
                    ],
                    "one_example": lambda v: _chain_peak(v) // v.n,
                },
            ),
        ),
        hints=(
            "Walk up the chain: Z1, H1, Z2, H2, … What is there at each step, and what has gone?",
            "A hidden layer of width w needs 2·n·w while its φ runs. The last product needs the "
            "last hidden layer and the output.",
        ),
        solution="""
def chain_prediction(widths, n, itemsize):
    hidden = widths[1:-1]
    return n * max(2 * max(hidden), hidden[-1] + widths[-1]) * itemsize
""",
    ),
    Task(
        key="chain_training",
        title="E. A deep chain, training",
        args=_CHAIN,
        given=_sizes,
        outputs=(
            _sum(
                "chain_training",
                "When a chain's backward begins",
                lambda v: v.n * (sum(v.widths[1:]) + v.widths[-1]),
                {
                    "z_kept_too": lambda v: v.n * sum(v.widths[1:-1]),
                    "loss_is_scalar": lambda v: 1 - v.n * v.widths[-1],
                    "outputs_short": [
                        lambda v: -v.n * v.widths[-1],
                        lambda v: -2 * v.n * v.widths[-1],
                    ],
                    "input_counted": lambda v: v.n * v.widths[0],
                    "seed_early": lambda v: 1,
                    "base_again": _chain_base,
                },
                neighbours_only=_chain_peak,
                one_example=lambda v: sum(v.widths[1:]) + v.widths[-1],
            ),
        ),
        hints=(
            "Each layer's H is read again on the way back. Which of them can be given back before "
            "backward propagation begins?",
            "None. So the hidden layers add up. To them come O, and the numbers that L owns.",
        ),
        solution="""
def chain_training(widths, n, itemsize):
    hidden = sum(widths[1:-1])
    output = 2 * widths[-1]  # O, and the numbers of L
    return n * (hidden + output) * itemsize
""",
    ),
)

EXERCISE = ExerciseTable("Exercise 3", TASKS, SIZES, REASONS)
