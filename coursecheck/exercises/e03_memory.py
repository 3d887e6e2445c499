"""Slips of exercise 3: bytes held by training and by prediction, tensor by tensor, at the peak.

A unit is mistaken in the first line (`_first`), so that it meets every slip in the lines below it.
"""

from itertools import combinations, permutations
from operator import itemgetter

from coursecheck.form import Output, Slip, Task

TITLE = "Exercise 3"

STEP, CHAIN = "d h q n itemsize", "widths n itemsize"
PARAMETERS, DATA = "(h * d + q * h)", "(n * d + n * q)"
LAYERS = "zip(widths, widths[1:])"


def _itemsize(rng, v):
    return int(rng.choice([4, 8]))


def _first(*lines):
    """Edits that put a line before all others."""
    return tuple(f"itemsize): => itemsize):\n    {line}" for line in lines)


_UNITS = (
    Slip("elements_for_bytes", _first("itemsize = 1"),
         "this counts numbers. How many bytes has each?"),
    Slip("bits_for_bytes", _first("itemsize *= 8"), "this counts bits. A byte has 8."),
    Slip("kilobytes", _first("itemsize /= 1000", "itemsize /= 1024", "itemsize /= 1e6",
                             "itemsize /= 2**20", "itemsize /= 1e9", "itemsize /= 2**30"),
         "bytes are asked for, and all of them."),
    Slip("itemsize_twice", _first("itemsize **= 2"),
         "multiplied by `itemsize` once too often."),
    Slip("itemsize_fixed", _first("itemsize = 4", "itemsize = 8"),
         "a fixed number stands where `itemsize` belongs. What if a number takes more bytes, or "
         "fewer?"),
    Slip("bits_fixed", _first("itemsize = 32", "itemsize = 64"),
         "a fixed number stands where `itemsize` belongs. Does it count bits or bytes?"),
    Slip("itemsize_divides", _first("itemsize = 1 / itemsize"),
         "divided by `itemsize`. Does a number of more bytes take less memory?"),
    Slip("divided_by_eight", _first("itemsize /= 8"),
         "divided by 8. `itemsize` is in bytes already."),
    Slip("itemsize_added", ") * itemsize => ) + itemsize",
         "`itemsize` is added once. How many numbers take it?"),
    Slip("one_example", _first("n = 1"), "this is right for one example. There are n."),
)  # fmt: skip


def _rounded(whole):
    """Whole kilobytes of what is returned."""
    return Slip("kilobytes", f"{whole} => ~ // 1000 | ~ // 1024",
                "bytes are asked for, and all of them.")  # fmt: skip


def _again(whole, chain=False, alone=True):
    """What was there before the step is added to `whole`, a piece of the line that returns.

    `alone`: the data without the parameters, too.
    """
    inputs = "n * widths[0]" if chain else "n * d"
    data = "n * (widths[0] + widths[-1])" if chain else DATA
    weights = f"sum(a * b for a, b in {LAYERS})" if chain else PARAMETERS
    add = f"{whole} => ({whole} + {{}})".format
    return (
        Slip("input_counted", add(inputs),
             "the inputs, `widths[0]`, are data and were there before.") if chain else
        Slip("inputs_again", add(inputs),
             "X has been counted before. Beyond parameters and data is asked for."),
        Slip("base_again", (add(f"{data} + {weights}"), add(f"{inputs} + {weights}"),
                            *([add(data)] if alone else [])),
             "what was there before the step is counted, too. Beyond parameters and data is asked "
             "for."),
        Slip("parameters_again", add(weights),
             "as many numbers as there are parameters are counted too often. The parameters "
             "themselves were there before."),
    )  # fmt: skip


def _torchs_own(whole, at):
    """L and the seed are not what torch makes of them; `at` is a piece with both."""
    return (
        Slip("loss_is_scalar", f"{at} => 1 + 1",
             "L is taken for one number. How many does torch's L own?"),
        Slip("loss_per_example", f"{at} => n + 1",
             "L is counted with one number for each example. How many does torch's L own?"),
        Slip("loss_forgotten", f"{at} => 1",
             "L is held until the walk ends. How many numbers does it own?"),
        Slip("seed_forgotten", (f"{at} => n * q", f"{whole} => (~ - 1)"),
             "one number short. Backward propagation starts from ∂J/∂J = 1."),
        Slip("torchs_own_forgotten", (f"{at} => 0", f"{whole} => (~ - n * q - 1)"),
             "L and the seed are both missing. Until when are they held?"),
        Slip("seed_twice", f"{at} => n * q + 2", "one number too many. How many is the seed?"),
        Slip("seed_unit",
             (f"{at} => n * q + itemsize", f"{whole} * itemsize => ({whole} - 1) * itemsize + 1"),
             "the seed is a number like any other. How often is it multiplied by `itemsize`?"),
        Slip("too_many_outputs", f"{at} => 2 * n * q + 1 | 3 * n * q + 1 | 2 * n * q + 2",
             "tensors as large as O are counted that nobody reads any more."),
    )  # fmt: skip


# --- training: one sum where there should be the largest of several ---

_HELD = ("1 * n * h", "1 * n * h + 1 * n * q", "2 * n * h + 1 * n * q", "2 * n * h + 2 * n * q",
         "3 * n * h + 2 * n * q", "4 * n * h + 2 * n * q", "1 * n * h + 2 * n * q",
         "2 * n * h + 3 * n * q", "3 * n * h + 1 * n * q", "2 * n * h")  # fmt: skip
_FEW = (*_HELD[1:4], _HELD[5], _HELD[8], "0")
_GIVEN = ("0", "n * d", DATA)
_NAMED = {(DATA, held) for held in _HELD[4:6]}  # everything that is ever made


def _total(key, says, *sums):
    """One sum of numbers is returned; the peak takes no part, so no slip in its line does."""
    edit = "peak = max => peak = max && base(*sizes) + peak => ({}) * itemsize".format
    return Slip(key, tuple(map(edit, sums)), says)


MOMENTS = ("while_dO", "while_dH", "while_dZ(*sizes)", "while_dW1(*sizes)")
LARGEST = f"max({', '.join(MOMENTS)})"
FORWARD = "max(2 * n * h, n * h + n * q)"


def _some(least, most):
    """Choices of some of the four moments, as texts."""
    chosen = (c for k in range(least, most + 1) for c in combinations(MOMENTS, k))
    return [", ".join(c) for c in chosen]


def _both(*changes):
    """Both moments that the learner wrote are changed in the same way."""
    after = "while_dZ(*sizes) {0} * itemsize, while_dW1(*sizes) {0} * itemsize".format
    return tuple(f"{', '.join(MOMENTS[2:])} => {after(change)}" for change in changes)


def _wins(number, by=lambda v: 0):
    """A number drawn along: whether this moment is the peak, by so much. Each must be, once."""

    def draw(rng, v):
        n, h, q, d = v.n, v.h, v.q, v.d
        moments = (n * h + 3 * n * q, 2 * n * h + 2 * n * q + q * h,
                   3 * n * h + n * q + q * h, n * h + n * q + q * h + h * d)  # fmt: skip
        return float(all(moments[number] > other + by(v)
                         for i, other in enumerate(moments) if i != number))  # fmt: skip

    return draw


# --- chains ---


def _widths(rng, v):
    return tuple(int(width) for width in rng.integers(2, 10, rng.integers(3, 7)))


def _seen(fact):
    """A number drawn along: whether a chain is of a kind that must be among those tried."""
    return lambda rng, v: float(fact(v.widths[1:-1], v.widths[-1], v.widths[0]))


CHAIN_PEAK = "max(2 * max(hidden), hidden[-1] + widths[-1])"


def _instead(whole, rows):
    """Slips that put something else in place of `whole`: rows of key, sentence, and what."""
    return [Slip(key, tuple(f"{whole} => {new}" for new in news), says)
            for key, says, *news in rows]  # fmt: skip


LAYER = (max, min, *(itemgetter(i) for i in (0, -1)), lambda hidden: hidden[len(hidden) // 2],
         lambda hidden: hidden[min(1, len(hidden) - 1)])  # fmt: skip
_CHAINS = {
    "itemsize": _itemsize,
    "widths": _widths,
    "one_layer": _seen(lambda hidden, out, into: len(hidden) == 1),
    "deep_output": _seen(lambda hidden, out, into: len(hidden) == 3
                         and hidden[-1] + out > 2 * max(hidden) > 2 * hidden[-1]),
    "deeper_output": _seen(lambda hidden, out, into: len(hidden) == 4
                           and hidden[-1] + out > 2 * max(hidden) > 2 * hidden[-1]),
    "middle": _seen(lambda hidden, out, into: max(hidden) > max(out, hidden[0], hidden[-1])),
    "many_outputs": _seen(lambda hidden, out, into: out > 2 * max(hidden)),
    "few_outputs": _seen(lambda hidden, out, into: max(hidden) > min(hidden)
                         and 2 * min(hidden) > hidden[-1] + out),
    **{f"other_{i}": _seen(lambda hidden, out, into, one=one, other=other:
                           one(hidden) + out > 2 * max(hidden) and one(hidden) > other(hidden))
       for i, (one, other) in enumerate(permutations(LAYER, 2))},
    "wide_input": _seen(lambda hidden, out, into: into > max(*hidden, out)),
    "repeated": _seen(lambda hidden, out, into: len({*hidden}) < len(hidden)),
}  # fmt: skip


# --- plain values ---


def _read(key, flags, says):
    return Slip(key, f"1, 0, 0, 1, 1, 1, 1 => {flags}", says)


def _numbers(key, says, *triples):
    return Slip(key, tuple(f"2, 3, 4 => {triple}" for triple in triples), says)


TASKS = (
    Task(
        "base",
        "A. Before the step",
        STEP,
        (Output("base", "Before the step", "count"),),
        draw={"itemsize": _itemsize},
        hints=(
            "Four tensors are there before anything is computed. Which, and which of them grow "
            "with the minibatch?",
            "An h×d matrix has h·d entries. Two matrices of parameters, two of data; each entry "
            "takes `itemsize` bytes.",
        ),
        on="h * d + q * h",
        slips=(
            *_UNITS[:-1],
            Slip("one_example", "n * d + n * q => d + q",
                 "this is right for one example. There are n."),
            _rounded("(parameters + data) * itemsize"),
            Slip("units_mixed", "(parameters + data) * itemsize => parameters + data * itemsize "
                                "| parameters * itemsize + data",
                 "one part of the sum is in bytes, another in numbers."),
            Slip("batch_on_parameters", "=> n * (~) | n * ~ | h * d + n * q * h",
                 "the parameters are multiplied by n. How many copies of W1 does a minibatch "
                 "need?"),
            Slip("inputs_forgotten", "n * d + n * q => n * q", "the examples X take memory, too."),
            Slip("labels_forgotten", "n * d + n * q => n * d", "the labels Y take memory, too."),
            Slip("parameters_forgotten", "(parameters + data) => data", "this is the data alone."),
            Slip("data_forgotten", "(parameters + data) => parameters",
                 "these are the parameters alone."),
            Slip("one_tensor", "(parameters + data) => (n * d) | (n * q) | (h * d) | (q * h)",
                 "this is one tensor alone. Which others are there?"),
            Slip("w1_forgotten", "=> q * h", "W1 takes memory, too."),
            Slip("w2_forgotten", "=> h * d", "W2 takes memory, too."),
            Slip("bias_counted", "=> h * d + h + q * h | h * d + h + q * h + q | ~ + q",
                 "a bias is counted. This model has none."),
            Slip("gradients_early", "=> 2 * (~)", "gradients are counted. None has been made yet."),
            Slip("states_early", "=> 3 * (~) | 4 * (~)", "the parameters are counted several "
                                                         "times over. Neither gradients nor an "
                                                         "optimizer's states are there yet."),
            Slip("results_early", "n * d + n * q => ~ + n * h | ~ + 2 * n * h | ~ + n * q | "
                                  "~ + n * h + n * q | ~ + 2 * n * h + n * q | "
                                  "~ + 2 * n * h + 2 * n * q | ~ + 2 * n * h + n * q + 1 | ~ + ~",
                 "more is counted than is there. No operator has run yet."),
            Slip("more_than_there", ("=> 2 * ~ | h * d + 2 * q * h", "n * d + n * q => 2 * ~"),
                 "something is counted twice. Every tensor is there once, and no operator has "
                 "run yet."),
            Slip("label_indices", "n * d + n * q => n * d + n | n * d + 8 * n / itemsize",
                 "one number is counted for each label. How many columns has Y?"),
            Slip("first_layer_only", "h * d + q * h => h * d && n * d + n * q => n * d",
                 "W2 and Y take memory, too."),
            Slip("hidden_for_data", "n * d + n * q => n * h + n * q | n * d + n * h",
                 "a tensor as large as H is counted. Has an operator run yet?"),
            Slip("one_row", "n * d + n * q => d + n * q | n * d + q",
                 "one of the data tensors is counted for one example only. Both have a row for "
                 "every example."),
            Slip("sizes_added", ("=> h + d + q + h", "n * d + n * q => n + d + n + q",
                                 "h * d + q * h => h + d + q + h && n * d + n * q => n + d + n "
                                 "+ q", "(parameters + data) => (d + h + q) | (d + h + q + n)"),
                 "sides of matrices are added. How many entries has a matrix?"),
            Slip("sizes_multiplied", ("(parameters + data) => parameters * data",
                                      "=> h * d * q * h | h * d * q",
                                      "n * d + n * q => n * d * n * q"),
                 "two tensors' sizes are multiplied. Their entries add up."),
            Slip("wrong_sides", ("=> d * q + q * h | h * d + d * q | d * q | d * d + h * h | "
                                 "h * d + h * h + q * h | h * d + q * q",
                                 "(parameters + data) => (parameters + d * q)"),
                 "a matrix of weights gets sides it does not have. From which layer to which "
                 "does it lead?"),
        ),
        otherwise=(
            "sides = [(h, d), (q, h), (n, d), (n, q)]\n"
            "kind = {4: np.float32, 8: np.float64}[itemsize]\n"
            "return sum(np.zeros(side, kind).nbytes for side in sides)",
            "return np.int64(itemsize) * (n + h) * float(d + q)",
        ),
    ),
    Task(
        "prediction",
        "B. Prediction",
        STEP,
        (Output("prediction", "The peak of prediction", "count"),),
        draw={"itemsize": _itemsize, "many_outputs": lambda rng, v: float(v.q > 2 * v.h)},
        hints=(
            "Three steps: Z is made, then H from Z, then O from H. What is there during each?",
            "While H is made there are Z and H; while O is made there are H and O. The peak is "
            "the larger of the two.",
        ),
        on="max(while_h, while_o)",
        slips=(
            *_UNITS,
            *_again("max(while_h, while_o)"),
            Slip("inputs_again", ("n * h + n * h => n * d + n * h | n * d + ~",
                                  "=> max(n * d, n * h, n * q) | "
                                  "max(n * d + n * h, while_h, while_o)"),
                 "X has been counted before. Beyond parameters and data is asked for."),
            Slip("never_together", "=> (while_h + n * q)", "everything that is ever made is "
                                                           "added up. Which of these tensors are "
                                                           "there at the same time?"),
            Slip("moments_added", "=> (while_h + while_o)",
                 "the moments follow each other. Their bytes do not add up."),
            Slip("too_much_added", "=> (n * h + while_h + while_o) | (2 * while_o) | "
                                   "(2 * while_h + 2 * n * q) | (while_h + while_o + n * q)",
                 "more is added up than is there at any one moment."),
            Slip("z_forgotten", "n * h + n * h => n * h",
                 "while φ runs, what it reads and what it writes are both there."),
            Slip("largest_only", "n * h + n * h => n * h && n * h + n * q => n * q",
                 "this is the largest tensor alone. An operator's argument is still there while "
                 "its result is made."),
            Slip("one_tensor", "=> (n * h) | (n * q)", "this is one tensor alone. An operator's "
                                                       "argument is still there while its result "
                                                       "is made."),
            Slip("output_forgotten", "=> while_h",
                 "O is forgotten. With many outputs the peak is where it is made."),
            Slip("output_alone", "n * h + n * q => n * q", "H is still read while O is made."),
            Slip("output_activated", "n * h + n * q => n * q + n * q",
                 "the output layer has no activation. Is there a second tensor of its size?"),
            Slip("one_output_more",
                 ("n * h + n * q => n * h + 2 * n * q", "=> (n * h + 2 * n * q) | (~ + n * q)"),
                 "a tensor as large as O too many. Prediction has neither labels nor a loss."),
            Slip("hidden_too_many", ("=> (~ + n * h)", "n * h + n * h => 3 * n * h"),
                 "one tensor as large as H too many. Is Z still there when O is made?"),
            Slip("weights_again",
                 "=> max(n * d + h * d + n * h, 2 * n * h, n * h + q * h + n * q)",
                 "W1 and W2 have been counted before. Beyond parameters and data is asked for."),
            Slip("smaller_moment", "=> min(while_h, while_o)",
                 "this is the smaller moment. A footprint is the most that is ever held."),
            Slip("mean_moment", "=> ((while_h + while_o) / 2)",
                 "this is between the moments. A footprint is the most that is ever held."),
            Slip("parameters_alone", f"=> {PARAMETERS}",
                 "these are the parameters. Beyond them is asked for."),
            Slip("nothing", "=> 0", "no bytes at all. Where would Z, H and O be?"),
        ),
        otherwise=(
            "return n * (h + max(h, q)) * itemsize",
            "peak = before = 0\nfor width in (h, h, q):\n"
            "    peak, before = max(peak, before + n * width), n * width\n"
            "return float(peak * itemsize)",
        ),
    ),
    Task(
        "in_place",
        "B. Prediction, ReLU in place",
        STEP,
        (Output("in_place", "The peak in place", "count"),),
        draw={"itemsize": _itemsize, "many_outputs": lambda rng, v: float(v.q > 2 * v.h)},
        hints=(
            "H now takes the memory of Z. Which of the moments of the last task has changed?",
            "While H is made there is one tensor of n·h. While O is made there are two tensors, "
            "and that is never less.",
        ),
        on="(n * h + n * q)",
        slips=(
            *_UNITS,
            *_again("(n * h + n * q)"),
            Slip("inputs_again", "=> (n * d + n * h) | max(n * d + n * h, n * h + n * q)",
                 "X has been counted before. Beyond parameters and data is asked for."),
            Slip("weights_for_output", "=> (n * h + q * h)",
                 "something as large as W2 is counted, and O is not. What is being made?"),
            Slip("not_in_place", "=> max(n * h + n * h, n * h + n * q)",
                 "this is the peak of an ordinary φ. In place, H is written over Z."),
            Slip("never_together", "=> (2 * n * h + n * q)",
                 "everything that is ever made is added up. Which of these tensors are there at "
                 "the same time?"),
            Slip("moments_added", "=> (3 * n * h + n * q)", "more is added up than is there "
                                                            "together. H is written over Z, and "
                                                            "one moment follows the other."),
            Slip("hidden_only", "=> (2 * n * h)",
                 "Z and H are counted apart, and O is not counted. In place, H is written over Z."),
            Slip("output_alone", "=> (n * q) | max(2 * n * h, n * q)",
                 "H is still read while O is made."),
            Slip("output_forgotten", "=> (n * h)", "O is forgotten. The peak is where it is made."),
            Slip("largest_only", "=> max(n * h, n * q)", "this is the largest tensor alone. An "
                                                         "operator's argument is still there "
                                                         "while its result is made."),
            Slip("output_over_hidden", "=> min(n * h, n * q)",
                 "this is the smallest tensor alone. A footprint is the most that is ever held."),
            Slip("output_activated",
                 "=> (2 * n * max(h, q)) | max(n * h, 2 * n * q) | (2 * n * q)",
                 "the output layer has no activation. Is there a second tensor of its size?"),
            Slip("one_output_more", "=> (n * h + 2 * n * q)",
                 "a tensor as large as O too many. Prediction has neither labels nor a loss."),
            Slip("nothing", "=> 0", "no bytes at all. Where would H and O be?"),
        ),
        otherwise=(
            "return sum(n * width for width in [h, q]) * itemsize",
            "return float(np.zeros((n, h + q)).size * itemsize)",
        ),
    ),
    Task(
        "kept",
        "C. What backward propagation reads",
        None,
        tuple(Output(name, name, "flag") for name in "X W1 Z H W2 O Y".split()),
        hints=(
            "Write down the five formulas of backward propagation. Which letters stand on their "
            "right-hand sides?",
            "The slope of tanh is one minus the square of its output. And W1 stands in no "
            "formula at all, unless there is a penalty.",
        ),
        slips=(
            _read("x_not_kept", "0, 0, 0, 1, 1, 1, 1",
                  "what multiplies ∂J/∂Z to give ∂J/∂W1?"),
            _read("w1_kept", "1, 1, 0, 1, 1, 1, 1",
                  "it would be read for the gradient of X. Does anyone ask for that?"),
            _read("z_kept", "1, 0, 1, 1, 1, 1, 1",
                  "φ′ of tanh can be had from something else that is kept anyway."),
            _read("h_not_kept", "1, 0, 0, 0, 1, 1, 1",
                  "it is read twice on the way back. By which two gradients?"),
            _read("w2_not_kept", "1, 0, 0, 1, 0, 1, 1", "how does the gradient get from O to H?"),
            _read("o_not_kept", "1, 0, 0, 1, 1, 0, 1", "∂J/∂O is a difference. Of what?"),
            _read("y_not_kept", "1, 0, 0, 1, 1, 1, 0", "∂J/∂O is a difference. Of what?"),
        ),
        otherwise=("kept = True, False, False, True, True, True, True",
                   "kept = np.array([1, 0, 0, 1, 1, 1, 1], dtype=bool)",
                   "kept = [float(name not in ('W1', 'Z')) for name in "
                   "('X', 'W1', 'Z', 'H', 'W2', 'O', 'Y')]"),
    ),
    Task(
        "while_dZ",
        "C. While ∂J/∂Z is made",
        STEP,
        (Output("while_dZ", "While ∂J/∂Z is made", "count"),),
        draw={"itemsize": _itemsize},
        hints=(
            "∂J/∂Z is made from ∂J/∂H and H. Which gradient is ready by then, and what does torch "
            "hold until backward propagation ends?",
            "Three tensors of n·h, the finished ∂J/∂W2, and torch's two: the n·q numbers of L, "
            "and the seed, a single one.",
        ),
        on="3 * n * h",
        slips=(
            *_UNITS,
            *_again("(hidden + ready + torchs_own)"),
            *_torchs_own("(hidden + ready + torchs_own)", "n * q + 1"),
            Slip("z_still_there", "=> 4 * n * h",
                 "one tensor of n·h too many. Z was given back before O was made."),
            Slip("hidden_too_many", "=> 5 * n * h | 6 * n * h",
                 "several tensors as large as H too many. Which are read, and which is made?"),
            Slip("operands_gone", "=> 2 * n * h | n * h | 0",
                 "something of n·h is missing. All that is read here is still there, next to "
                 "what is made."),
            Slip("finished_forgotten", "ready = q * h => ready = 0",
                 "a gradient that is ready stays until the optimizer has used it."),
            Slip("made_later", "ready = q * h => ~ + h * d | ~ + 2 * h * d",
                 "something as large as W1 is counted. Its gradient has not been made yet, and "
                 "W1 itself was there before."),
            Slip("other_gradient", "ready = q * h => ready = h * d",
                 "something as large as W1 is counted, but nothing of W2. Whose gradient is "
                 "ready first?"),
            Slip("weights_again", "ready = q * h => ready = 2 * q * h",
                 "something as large as W2 too many. W2 itself was there before."),
            Slip("batch_on_gradients", "ready = q * h => ready = n * q * h",
                 "the gradient of W2 is multiplied by n. Is there one for every example?"),
            Slip("hidden_only", "(hidden + ready + torchs_own) => (n * h) | (2 * n * h)",
                 "only tensors as large as H are counted, and not all of them. What else is held?"),
            Slip("other_moment", "(hidden + ready + torchs_own) => (n * h + 3 * n * q + 1) | "
                                 "(2 * n * h + 2 * n * q + q * h + 1) | "
                                 "(n * h + n * q + q * h + h * d + 1)",
                 "this is another gradient's moment."),
        ),
        otherwise=(
            "alive = {'H': n * h, 'dH': n * h, 'dZ': n * h, 'dW2': q * h, 'L': n * q, 'seed': 1}\n"
            "return itemsize * sum(alive.values())",
            "return itemsize * float(1 + n * q + h * (3 * n + q))",
        ),
    ),
    Task(
        "while_dW1",
        "C. While ∂J/∂W1 is made",
        STEP,
        (Output("while_dW1", "While ∂J/∂W1 is made", "count"),),
        draw={"itemsize": _itemsize},
        hints=(
            "∂J/∂W1 is the product of ∂J/∂Z and X. X was there before the step. Who still reads H?",
            "One tensor of n·h, two gradients of parameters, and torch's two as before.",
        ),
        on="q * h + h * d",
        slips=(
            *_UNITS,
            *_again("(n * h + gradients + n * q + 1)"),
            *_torchs_own("(n * h + gradients + n * q + 1)", "n * q + 1"),
            Slip("seed_forgotten", "=> ~ - 1",
                 "one number short. Backward propagation starts from ∂J/∂J = 1."),
            Slip("operator_only",
                 "n * h + gradients + n * q + 1 => n * h + n * d + h * d | h * d",
                 "this is what one operator handles, no more. What else is held meanwhile?"),
            Slip("inputs_again", "=> ~ + n * d",
                 "X has been counted before. Beyond parameters and data is asked for."),
            Slip("hidden_still_there",
                 ("n * h + gradients => 2 * ~ | 3 * ~ | 4 * ~", "=> ~ + n * h | ~ + 2 * n * h"),
                 "tensors as large as H are counted that nobody reads any more. What does ∂J/∂W1 "
                 "read?"),
            Slip("operands_gone", ("n * h + gradients => gradients", "=> ~ - n * h"),
                 "something as large as H is missing. All that is read here is still there, next "
                 "to what is made."),
            Slip("finished_forgotten", ("=> h * d", "n * h + gradients => ~ - q * h"),
                 "a gradient that is ready stays until the optimizer has used it."),
            Slip("result_forgotten", ("=> q * h", "n * h + gradients => ~ - h * d"),
                 "what is being made here is itself missing."),
            Slip("weights_again", "=> q * h + 2 * h * d | 2 * ~",
                 "something as large as a matrix of weights too many. The weights themselves "
                 "were there before."),
            Slip("parameter_gradients_forgotten", "=> 0",
                 "the gradients of W1 and W2 are missing. They are as large as the parameters."),
            Slip("result_sides", "=> q * h + n * d | q * h + n * h",
                 "what is being made here is not there in its own size. Which shape has a "
                 "gradient of W1?"),
            Slip("batch_on_gradients", "=> q * h + n * h * d | n * q * h + n * h * d",
                 "a gradient of parameters is multiplied by n. Is there one for every example?"),
            Slip("other_moment", "n * h + gradients + n * q + 1 => n * h + 3 * n * q + 1 | "
                                 "2 * n * h + 2 * n * q + q * h + 1 | "
                                 "3 * n * h + n * q + q * h + 1",
                 "this is another gradient's moment."),
        ),
        otherwise=(
            "alive = {'dZ': n * h, 'dW1': h * d, 'dW2': q * h, 'L': n * q, 'seed': 1}\n"
            "return itemsize * sum(alive.values())",
            "return itemsize * float(1 + n * (h + q) + h * (d + q))",
        ),
    ),
    Task(
        "training",
        "C. The peak of training",
        STEP,
        (Output("training", "The peak of training", "count"),),
        after=("base", "while_dZ", "while_dW1"),
        draw={"itemsize": _itemsize, "at_dO": _wins(0), "at_dH": _wins(1), "at_dZ": _wins(2),
              "at_dW1": _wins(3, lambda v: max(v.n * v.h, v.n * v.q, v.q * v.h))},
        hints=(
            "You have two of the four moments, and the text above gives the other two. Do they "
            "happen together, or one after the other?",
            "The larger of all four, and to it what was there before the step. Your own functions "
            "from above may be called.",
        ),
        on="base(*sizes) + peak",
        slips=(
            *(slip for slip in _UNITS if slip.key in (
                "elements_for_bytes", "bits_for_bytes", "itemsize_fixed", "one_example")),
            Slip("kilobytes", "=> (~) // 1000 | (~) // 1024 | (~) / 1000 | (~) / 1024 | "
                              "(~) / 1e6 | (~) / 2**20 | (~) / 2**30",
                 "bytes are asked for, and all of them."),
            Slip("units_mixed", "=> ~ // itemsize | base(*sizes) // itemsize + peak",
                 "one part of the sum is in bytes, another in numbers."),
            # the moments
            Slip("moments_added", tuple(f"{LARGEST} => {some.replace(',', ' +')}"
                                        for some in _some(2, 4))
                 + (f"{LARGEST} => max({', '.join(MOMENTS[:3])}) + {MOMENTS[3]}",
                    f"{LARGEST} => max({', '.join(MOMENTS[:2])}) + max({', '.join(MOMENTS[2:])})"),
                 "the moments follow each other. Their bytes do not add up."),
            Slip("moment_missed", tuple(f"{LARGEST} => max(0, {some})" for some in _some(1, 3)
                                        if some != ", ".join(MOMENTS[2:])),
                 "right for some sizes. The peak is the largest of four moments."),
            Slip("moments_in_numbers", f"{LARGEST} => max({', '.join(MOMENTS[2:])})",
                 "right where the moment of ∂J/∂Z or ∂J/∂W1 is the largest. Do the other two "
                 "take part, and in bytes?"),
            Slip("smallest_moment", f"{LARGEST} => {LARGEST.replace('max', 'min')}",
                 "the smallest of the moments is taken. A footprint is the most that is ever "
                 "held."),
            Slip("mean_moment", f"{LARGEST} => np.mean([{', '.join(MOMENTS)}])",
                 "a mean of the moments is taken. A footprint is the most that is ever held."),
            Slip("dz_too_large", "while_dZ(*sizes) => ~ + n * h * itemsize | "
                                 "~ + n * q * itemsize | ~ + 2 * n * q * itemsize",
                 "right for some sizes. The moment of ∂J/∂Z is too large."),
            Slip("dz_too_small", "while_dZ(*sizes) => ~ - q * h * itemsize | "
                                 "~ - n * q * itemsize | ~ - (n * q - 1) * itemsize | "
                                 "~ - (n * q + 1) * itemsize",
                 "right for some sizes. The moment of ∂J/∂Z is too small."),
            Slip("dw1_too_large", "while_dW1(*sizes) => ~ + n * h * itemsize | "
                                  "~ + n * q * itemsize | ~ + n * d * itemsize",
                 "right for some sizes. The moment of ∂J/∂W1 is too large."),
            Slip("both_too_large", _both("+ n * h", "+ n * q", "+ n * d",
                                         f"+ ({PARAMETERS} + {DATA})"),
                 "right for some sizes. The moments of ∂J/∂Z and ∂J/∂W1 are too large."),
            Slip("both_too_small", _both("- n * h", "- n * q", "- (n * q - 1)", "- (n * q + 1)",
                                         "- 1", "- q * h"),
                 "right for some sizes. The moments of ∂J/∂Z and ∂J/∂W1 are too small."),
            Slip("dz_with_dw1", "while_dZ(*sizes) => ~ + h * d * itemsize",
                 "three tensors as large as H are counted together with the gradient of W1. Are "
                 "they there at the same time?"),
            Slip("dw1_too_small", "while_dW1(*sizes) => ~ - n * h * itemsize | "
                                  "~ - q * h * itemsize | ~ - n * q * itemsize",
                 "right for some sizes. The moment of ∂J/∂W1 is too small."),
            Slip("seed_forgotten", "+ peak => ~ - itemsize",
                 "one number short. Backward propagation starts from ∂J/∂J = 1."),
            Slip("seed_twice", "+ peak => ~ + itemsize",
                 "one number too many. How many is the seed?"),
            Slip("seed_unit", "+ peak => ~ - itemsize + 1 | ~ - itemsize + itemsize**2",
                 "the seed is a number like any other. How often is it multiplied by `itemsize`?"),
            Slip("loss_is_scalar", "+ peak => ~ - (n * q - 1) * itemsize",
                 "L is taken for one number. How many does torch's L own?"),
            Slip("outputs_short", "+ peak => ~ - n * q * itemsize",
                 "something as large as O is missing. Are the labels counted, and the numbers "
                 "that L owns?"),
            Slip("torchs_own_forgotten", "+ peak => ~ - (n * q + 1) * itemsize",
                 "L and the seed are both missing. Until when are they held?"),
            Slip("z_kept", "+ peak => ~ + n * h * itemsize",
                 "at every moment one tensor as large as H is counted too many. Which is given "
                 "back before the walk begins?"),
            Slip("gradients_throughout", "+ peak => + (max(n * h + 3 * n * q, 3 * n * h + n * "
                                         f"q) + 1) * itemsize + {PARAMETERS} * itemsize",
                 "the gradients of W1 and W2 are counted at every moment. When is each of them "
                 "made?"),
            Slip("gradients_again", f"+ peak => ~ + {PARAMETERS} * itemsize",
                 "as many numbers as there are parameters are counted too often. Which gradients "
                 "do the moments hold already?"),
            Slip("states_counted",
                 f"+ peak => ~ + 2 * {PARAMETERS} * itemsize | ~ + 3 * {PARAMETERS} * itemsize",
                 "what belongs to the parameters is counted several times too often. Are an "
                 "optimizer's states asked for here?"),
            # what was there before
            Slip("base_forgotten", "=> max(base(*sizes), peak) | peak",
                 "what was there before the step is there during it."),
            Slip("base_alone", "=> base(*sizes)",
                 "this is what was there before the step. What comes on top during it?"),
            Slip("base_twice",
                 ("=> 2 * ~", f"base(*sizes) => ~ + {DATA} * itemsize | ~ + n * d * itemsize"),
                 "something that was there before the step is counted twice."),
            Slip("data_forgotten", f"base(*sizes) => {PARAMETERS} * itemsize",
                 "X and Y take memory, too. They are there all the time."),
            Slip("parameters_forgotten", f"base(*sizes) => {DATA} * itemsize",
                 "W1 and W2 take memory, too. They are there all the time."),
            Slip("inputs_forgotten", "base(*sizes) => ~ - n * d * itemsize",
                 "the examples X take memory, too."),
            # one sum for all sizes
            Slip("inputs_side_only",
                 "=> 4 * d + 4 | 4 * d | (4 * d + 4) * itemsize | 4 * d * itemsize",
                 "only the number of inputs takes part. What do the hidden units, the outputs "
                 "and the examples take?"),
            _total("parameter_gradients_forgotten", "the gradients of W1 and W2 are missing. They "
                   "are as large as the parameters.",
                   *(f"{PARAMETERS} + {data} + {held}" for data in _GIVEN for held in _HELD)),
            _total("all_parameters_forgotten", "W1 and W2 take memory, too, and so do their "
                   "gradients.",
                   *(f"{data} + {held}" for data in _GIVEN for held in _HELD), "n * d", DATA),
            _total("inputs_missing", "the examples X take memory, too.",
                   *(f"2 * {PARAMETERS} + {held}" for held in (*_HELD, "0", "n * q"))),
            _total("never_together", "everything that is ever made is added up. Which of these "
                   "tensors are there at the same time?",
                   *(f"2 * {PARAMETERS} + {DATA} + {hidden} * n * h + 2 * n * q + {own}"
                     for hidden in (3, 4)
                     for own in ("0", "1", "2", "n * q", "n * q + 1"))),
            _total("one_sum", "this is one and the same sum for all sizes. Is one moment always "
                   "the largest?",
                   *(f"2 * {PARAMETERS} + {data} + {held}" for data in _GIVEN[1:]
                     for held in (*_HELD, "0") if (data, held) not in _NAMED)),
            _total("states_held", "what belongs to the parameters is counted more than twice. Are "
                   "an optimizer's states asked for here?",
                   *(f"{k} * {PARAMETERS} + {data} + {held}" for k in (3, 4) for data in _GIVEN
                     for held in _FEW)),
            _total("all_multiplied", "everything is multiplied, the data as well. What is there of "
                   "X more than once?",
                   *(f"{k} * ({PARAMETERS} + {data} + {held})" for k in (2, 3)
                     for data in _GIVEN[1:] for held in _FEW)),
            Slip("prediction_multiplied",
                 tuple(f"base(*sizes) + peak => {edit}" for edit in (
                     f"2 * (base(*sizes) + {FORWARD} * itemsize)",
                     f"3 * (base(*sizes) + {FORWARD} * itemsize)",
                     f"base(*sizes) + 2 * {FORWARD} * itemsize",
                     f"base(*sizes) + 3 * {FORWARD} * itemsize",
                     f"2 * {FORWARD} * itemsize", f"3 * {FORWARD} * itemsize")),
                 "prediction's memory is multiplied. Does training hold the same tensors, only "
                 "more often?"),
            Slip("prediction_only",
                 f"=> base(*sizes) + {FORWARD} * itemsize | {FORWARD} * itemsize",
                 "this would do for prediction. What does backward propagation need?"),
        ),
        otherwise=(
            "return itemsize * ((h + n) * (d + q) + n * h + n * q + 1 + "
            "max(2 * n * q, n * h + n * q + q * h, 2 * n * h + q * h, q * h + h * d))",
            "moments = [while_dZ(d, h, q, n, 1), while_dW1(d, h, q, n, 1),\n"
            "           n * h + 3 * n * q + 1, 2 * n * (h + q) + q * h + 1]\n"
            "return (base(d, h, q, n, 1) + sorted(moments)[-1]) * itemsize",
        ),
    ),
    Task(
        "per_parameter",
        "D. Optimizers",
        None,
        tuple(Output(name, name, "count") for name in ("SGD", "momentum", "Adam")),
        hints=(
            "When the optimizer runs, each parameter has its gradient beside it. What else do "
            "momentum and Adam remember from one step to the next?",
            "Momentum remembers one running sum. Adam remembers a mean of gradients and a mean of "
            "their squares.",
        ),
        slips=(
            _numbers("one_short",
                     "one is missing. Count the parameter, its gradient, and each state.",
                     "1, 3, 4", "2, 2, 4", "2, 3, 3"),
            _numbers("two_short",
                     "two are missing. Count the parameter, its gradient, and each state.",
                     "0, 3, 4", "2, 1, 4", "2, 3, 2"),
            _numbers("three_short",
                     "three or more are missing. Count the parameter, its gradient, and each "
                     "state.", "2, 0, 4", "2, 3, 1", "2, 3, 0"),
            _numbers("one_too_many",
                     "one too many. What does it remember from one step to the next?",
                     "3, 3, 4", "2, 4, 4", "2, 3, 5"),
            _numbers("too_many",
                     "too many. Count the parameter, its gradient, and each state.",
                     *(f"{k}, 3, 4" for k in (4, 5, 6)), *(f"2, {k}, 4" for k in (5, 6, 7, 8)),
                     *(f"2, 3, {k}" for k in (6, 7, 8, 9, 10, 12))),
            _numbers("bytes_for_numbers", "these are bytes. Numbers are asked for here.",
                     "8, 3, 4", "2, 12, 4", "2, 3, 16", "16, 3, 4", "2, 24, 4", "2, 3, 32"),
        ),
        otherwise=("per_parameter = [1 + 1 + states for states in range(3)]",
                   "per_parameter = 2., 3., 4."),
    ),
    Task(
        "gelu",
        "E. Another activation",
        STEP,
        (Output("gelu", "When backward begins", "count"),),
        draw={"itemsize": _itemsize},
        hints=(
            "With tanh it was H, O and L. GELU's slope cannot be had from its output. What is it "
            "computed from, and is H still needed?",
            "∂J/∂W2 reads H whatever the activation is. So GELU keeps one tensor more than tanh.",
        ),
        on="(hidden + outputs)",
        slips=(
            *_UNITS,
            *_again("(hidden + outputs)", alone=False),
            Slip("halved", "=> (n * h + n * q)",
                 "exactly half of what it should be. What is there twice?"),
            Slip("one_hidden_only", "2 * n * h => n * h", "one tensor of H's size is missing. "
                                                          "GELU's slope is computed from Z. Who "
                                                          "still reads H?"),
            Slip("hidden_forgotten", "2 * n * h => 0",
                 "nothing of the hidden layer is counted. What is read again on the way back?"),
            Slip("hidden_too_many", "2 * n * h => 3 * n * h | 4 * n * h",
                 "too many tensors as large as H. Has any gradient been made yet?"),
            Slip("loss_is_scalar", "2 * n * q => n * q + 1",
                 "L is taken for one number. How many does torch's L own?"),
            Slip("loss_per_example", "2 * n * q => n * q + n",
                 "L is counted with one number for each example. How many does torch's L own?"),
            Slip("maximum", "=> max(hidden, outputs) | max(n * h, n * q)",
                 "a maximum is taken. What is there at one and the same moment adds up."),
            Slip("outputs_short", "2 * n * q => n * q | 0 | 1",
                 "O and L are both there at that moment, and torch's L owns as many numbers as O."),
            Slip("outputs_too_many", "2 * n * q => 3 * n * q | 4 * n * q",
                 "too many tensors as large as O. The labels are data, and no gradient has been "
                 "made yet."),
            Slip("seed_early", ("2 * n * q => ~ + 1", "=> (hidden + outputs + 1)"),
                 "one number too many. Has the seed been made yet?"),
            Slip("gradients_early", "=> (hidden + outputs + q * h) | (hidden + outputs + h * d)",
                 "something as large as a matrix of weights is counted. No gradient has been "
                 "made yet."),
            Slip("neighbours_only", f"=> {FORWARD}",
                 "this would do for prediction. What does backward propagation need?"),
            Slip("later_moment", "=> (n * h + 3 * n * q + 1) | (2 * n * h + 3 * n * q + 1) | "
                                 "(2 * n * h + 2 * n * q + q * h + 1) | "
                                 "(3 * n * h + n * q + q * h + 1)",
                 "this is a moment of the walk back. Asked for is the one before its first step."),
        ),
        otherwise=(
            "return sum(n * width for width in [h, h, q, q]) * itemsize",
            "alive = {'Z': (n, h), 'H': (n, h), 'O': (n, q), 'L': (n, q)}\n"
            "return float(itemsize * sum(math.prod(shape) for shape in alive.values()))",
        ),
    ),
    Task(
        "chain_prediction",
        "E. A deep chain, prediction",
        CHAIN,
        (Output("chain_prediction", "The peak of a chain's prediction", "count"),),
        draw=_CHAINS,
        hints=(
            "Walk up the chain: Z1, H1, Z2, H2, … What is there at each step, and what has gone?",
            "A hidden layer of width w needs 2·n·w while its φ runs. The last product needs the "
            "last hidden layer and the output.",
        ),
        on="hidden[-1]",
        slips=(
            *_UNITS,
            *_again(f"n * {CHAIN_PEAK}", chain=True),
            *_instead(CHAIN_PEAK, (
                ("all_layers", "all layers are added up. In prediction a layer needs its neighbour "
                 "alone.",
                 "sum(widths[1:])", "(2 * sum(hidden) + widths[-1])", "sum(widths)",
                 "2 * sum(widths[1:])", "2 * sum(widths)", "sum(hidden)", "2 * sum(hidden)",
                 "sum(widths[:-1])"),
                ("moments_added", "the moments follow each other. Their bytes do not add up.",
                 "(2 * max(hidden) + hidden[-1] + widths[-1])"),
                ("largest_only", "this is the largest tensor alone. An operator's argument is "
                 "still there while its result is made.",
                 "max(widths[1:])"),
                ("hidden_only", "this is the widest hidden layer, and that once. An operator's "
                 "argument is still there while its result is made.", "max(hidden)"),
                ("z_and_h", "inside a layer, what φ reads and what it writes are both there.",
                 f"max(a + b for a, b in list({LAYERS})[1:])"),
                ("input_counted", "the inputs, `widths[0]`, are data and were there before.",
                 f"max(a + b for a, b in {LAYERS})", "2 * max(widths[:-1])", "max(widths)",
                 f"max(2 * max(hidden), *(a + b for a, b in {LAYERS}))", "2 * max(widths)",
                 "max(2 * max(widths[:-1]), hidden[-1] + widths[-1])", "3 * max(widths)",
                 "max(widths[:-1])", "2 * widths[0]"),
                ("output_forgotten", "O is forgotten. With many outputs the peak is where it is "
                 "made.", "2 * max(hidden)"),
                ("output_only", "the last moment alone is looked at. Is it always the largest?",
                 "(hidden[-1] + widths[-1])"),
                ("output_alone", "the last hidden layer is still read while the output is made.",
                 "max(2 * max(hidden), widths[-1])"),
                ("output_activated", "the output layer has no activation. Is there a second "
                 "tensor of its size?", "2 * max(widths[1:])", "2 * widths[-1]"),
                ("not_the_last", "O is made from the last hidden layer. Is that the widest one?",
                 "(max(hidden) + max(*hidden, widths[-1]))", "(max(hidden) + widths[-1])"),
                ("not_neighbours", "the widest layers need not be neighbours. Which are there "
                 "together?", "sum(sorted(widths[1:])[-2:])", "sum(sorted(widths)[-2:])"),
                ("one_layer_only", "one hidden layer is looked at. Any of them can be the widest.",
                 "max(2 * hidden[0], hidden[0] + widths[-1])", "2 * hidden[0]", "2 * hidden[-1]"),
                ("weights_for_layers", "products of neighbouring widths count weights. Which "
                 "tensors have a row for every example?",
                 f"max(a * b for a, b in {LAYERS})", f"sum(a * b for a, b in {LAYERS})"),
                ("output_added", "O is added to the two tensors of the widest layer. Are the three "
                 "there at the same time?", "(2 * max(hidden) + widths[-1])"),
                ("three_of_a_layer", "three tensors of a layer are counted. Which are there while "
                 "φ runs?", "3 * max(widths[1:])", "3 * max(hidden)",
                 "max(3 * max(hidden), hidden[-1] + widths[-1])"),
                ("smallest", "the smaller moment is taken. A footprint is the most that is ever "
                 "held.", "min(2 * max(hidden), hidden[-1] + widths[-1])"),
                ("training_kept", "this is what training keeps. In prediction nobody reads a layer "
                 "again.", "(sum(hidden) + 2 * widths[-1])"),
            )),
            Slip("other_layer", "=> hidden[0] | widths[2] | min(hidden) | "
                                "hidden[min(1, len(hidden) - 1)] | widths[len(widths) // 2]",
                 "O is made from the last hidden layer. Is that always the one you took?"),
            Slip("one_layer_only",
                 "2 * max(hidden) => 2 * hidden[0] | 2 * hidden[-1] | 2 * min(hidden)",
                 "one hidden layer is looked at. Any of them can be the widest."),
        ),
        otherwise=(
            "peak = before = 0\nfor i, width in enumerate(widths[1:], start=1):\n"
            "    peak = max(peak, before + n * width)\n"
            "    if i < len(widths) - 1:\n        peak = max(peak, 2 * n * width)\n"
            "    before = n * width\nreturn peak * itemsize",
            "moments = [2 * w for w in widths[1:-1]] + [widths[-2] + widths[-1]]\n"
            "return float(n * itemsize * max(moments))",
        ),
    ),
    Task(
        "chain_training",
        "E. A deep chain, training",
        CHAIN,
        (Output("chain_training", "When a chain's backward begins", "count"),),
        draw=_CHAINS,
        hints=(
            "Each layer's H is read again on the way back. Which of them can be given back before "
            "backward propagation begins?",
            "None. So the hidden layers add up. To them come O, and the numbers that L owns.",
        ),
        on="hidden = sum(widths[1:-1])",
        slips=(
            *_UNITS,
            *_again("n * (hidden + output)", chain=True, alone=False),
            Slip("z_kept_too", "=> hidden = 2 * sum(widths[1:-1])",
                 "two tensors a layer are counted. Which of Z and H does tanh keep?"),
            Slip("hidden_too_many",
                 "=> hidden = 3 * sum(widths[1:-1]) | hidden = 4 * sum(widths[1:-1])",
                 "each hidden layer is counted more than twice. Has any gradient been made yet?"),
            Slip("hidden_forgotten", "=> hidden = 0",
                 "no hidden layer is counted. What is read again on the way back?"),
            Slip("one_layer_only", tuple(f"sum(widths[1:-1]) => {one}" for one in (
                "widths[1]", "widths[-2]", "max(widths[1:-1])", "2 * max(widths[1:-1])",
                "2 * widths[-2]", "widths[1] + (widths[2] if len(widths) > 3 else 0)",
                "sum(widths[2:-1])", "sum(widths[1:-2])"))
                 + tuple(f"(hidden + output) => {most} * {some}" for most in (1, 2)
                         for some in ("max(widths[1:])", "max(widths)")),
                 "not all hidden layers are counted. Which of them are read again on the way "
                 "back?"),
            Slip("hidden_mean", "=> hidden = np.mean(widths[1:-1])",
                 "a mean is taken over the layers. How many of them are kept?"),
            Slip("input_counted", "sum(widths[1:-1]) => sum(widths[:-1]) | "
                                  "2 * sum(widths[:-1]) | 2 * ~ + widths[0]",
                 "the inputs, `widths[0]`, are data and were there before."),
            Slip("outputs_short", ("2 * widths[-1] => widths[-1] | 0",
                                   "n * (hidden + output) => (n * hidden + 1)"),
                 "O and L are both there at that moment, and torch's L owns as many numbers as O."),
            Slip("loss_is_scalar", "n * (hidden + output) => (n * (hidden + output // 2) + 1)",
                 "L is taken for one number. How many does torch's L own?"),
            Slip("loss_per_example", "2 * widths[-1] => widths[-1] + 1",
                 "L is counted with one number for each example. How many does torch's L own?"),
            Slip("loss_one_row",
                 "n * (hidden + output) => (n * (hidden + output // 2) + output // 2)",
                 "what the loss holds is counted for one example. How many rows have O and the "
                 "labels?"),
            Slip("outputs_too_many", "2 * widths[-1] => 3 * widths[-1] | 4 * widths[-1]",
                 "too many tensors as large as O. The labels are data, and no gradient has been "
                 "made yet."),
            Slip("seed_early", "n * (hidden + output) => (~ + 1)",
                 "one number too many. Has the seed been made yet?"),
            Slip("neighbours_only", tuple(f"(hidden + output) => {peak}" for peak in (
                CHAIN_PEAK.replace("hidden", "widths[1:-1]"), "2 * max(widths[1:-1])",
                "(widths[-2] + widths[-1])")),
                 "this would do for prediction. What does backward propagation need?"),
            Slip("widths_multiplied", "sum(widths[1:-1]) => math.prod(widths[1:-1])",
                 "the layers' widths are multiplied with each other. Their tensors add up."),
            Slip("weights_kept", f"=> hidden = sum(a * b for a, b in {LAYERS})",
                 "the weights' sizes are multiplied by n. Which tensors have a row for every "
                 "example?"),
        ),
        otherwise=(
            "total = 0\nfor width in widths[1:]:\n    total += n * width\n"
            "return itemsize * (total + n * widths[-1])",
            "return float(np.sum(widths[1:] + widths[-1:]) * n * itemsize)",
        ),
    ),
)  # fmt: skip
