"""Slips of exercise 2: a bias in the hidden layer, its graph and its gradients."""

import numpy as np

from coursecheck.form import Output, Slip, Task
from coursecheck.instruments import DETACHED, connected, evaluated
from coursecheck.variants import Option

TITLE = "Exercise 2"
IMPORTS = (
    "from compgraph import cross_entropy, half_sqnorm, leaf, relu, sigmoid\n"
    "from compgraph import squared_loss, sum_, tanh"
)
LOSS, PENALTY = "the part through the loss", "the part of the penalty"
MODEL = "x y W1 b1 W2 weight_decay"
SINGLE = {"weight_decay": "0.1..0.6", "x": "d 1", "y": "q 1", "W1": "h d", "b1": "h 1",
          "W2": "q h"}  # fmt: skip

SENTENCES = (DETACHED,)


# --- families of slips ---


def _layers(np_):
    """The lines that the graph and the forward pass share; `np_` stands before tanh."""
    tanh = f"{np_}tanh(z)"
    relu = "np.maximum(z, 0)" if np_ else "relu(z)"
    sigmoid = "1 / (1 + np.exp(-z))" if np_ else "sigmoid(z)"
    return (
        Slip("bias_forgotten", "W1 @ x + b1 => W1 @ x",
             "b1 is missing from the hidden layer's input.", "z"),
        Slip("bias_forgotten", f"{tanh} => {np_}tanh(W1 @ x)",
             "b1 is missing from the hidden layer's input.", "h"),
        Slip("bias_sign", "W1 @ x + b1 => W1 @ x - b1", "the sign in front of b1 is wrong.", "z"),
        Slip("bias_multiplied_forward", "W1 @ x + b1 => W1 @ x * b1",
             "b1 multiplies the hidden layer's input. What does a bias do to it?", "z"),
        Slip("bias_twice", "W1 @ x + b1 => W1 @ x + 2 * b1", "b1 is in it twice.", "z"),
        Slip("bias_only", "W1 @ x + b1 => b1", "the example does not take part.", "z"),
        Slip("bias_after_activation",
             f"{tanh} => {np_}tanh(W1 @ x) + b1 | ~ + b1 | {np_}tanh(z - b1) + b1",
             "b1 is added after the activation. It belongs inside φ.", "h"),
        Slip("bias_after_activation", "W2 @ h => W2 @ (h + b1) | ~ + W2 @ b1",
             "b1 is added after the activation. It belongs inside φ.", "o"),
        Slip("activation_early", f"W1 @ x + b1 => {np_}tanh(~)",
             "φ is in z already. Where does z end and h begin?", "z"),
        Slip("activation_missing", f"{tanh} => z", "the activation function φ is missing.", "h"),
        Slip("activation_twice", f"{tanh} => {np_}tanh(~)", "φ is applied twice.", "h"),
        Slip("activation_relu", f"{tanh} => {relu}", "this is the ReLU. Here φ is tanh.", "h"),
        Slip("activation_sigmoid", f"{tanh} => {sigmoid}", "this is the sigmoid. Here φ is tanh.",
             "h"),
        Slip("slope_for_phi", f"{tanh} => 1 - ~ ** 2", "φ′ stands where φ belongs.", "h"),
        Slip("z_for_h", "W2 @ h => W2 @ z",
             "z stands where h belongs. What does the output layer receive?", "o"),
        Slip("output_activated",
             tuple(f"W2 @ h => {f}" for f in (f"{np_}tanh(W2 @ h)", relu.replace("z", "W2 @ h"),
                                              sigmoid.replace("z", "(W2 @ h)"))),
             "an activation acts on the output. Which layer has one?", "o"),
        Slip("penalty_missing", "L + s => L", "the penalty is missing.", "J"),
        Slip("loss_missing", "L + s => s", "the loss is missing.", "J"),
        Slip("penalty_sign", "L + s => L - s", "the sign of the penalty is wrong.", "J"),
        Slip("penalty_twice", "L + s => L + 2 * s", "the penalty is in it twice.", "J"),
        Slip("rate_for_penalty", "L + s => L + weight_decay",
             "the penalty's factor stands where the penalty belongs.", "J"),
        Slip("rate_twice", "L + s => L + weight_decay * s",
             "the penalty's factor is in it twice. Is it in s already?", "J"),
        Slip("multiplied", "L + s => L * s", "the loss and the penalty are multiplied.", "J"),
    )  # fmt: skip


def _errors(error, exp, label=(), square=()):
    """What goes wrong with the gradient of half a squared error."""
    o, y = error.strip("()").split(" - ")
    return (
        Slip("label_missing", (f"{error} => {o}", *label),
             "the label does not take part. The loss compares the prediction with it."),
        Slip("label_sign", f"{error} => ({o} + {y})", "the sign in front of the label is wrong."),
        Slip("error_unsigned", f"{error} => np.abs({o} - {y})", "the error lost its sign."),
        Slip("error_sign_only", f"{error} => np.sign({o} - {y})",
             "this belongs to the loss of absolute errors."),
        Slip("square_kept", (f"{error} => ({o} - {y}) ** 2", f"{error} => ({o} - {y}) ** 2 / 2",
                             f"{error} => 2 * ({o} - {y}) ** 2", *square),
             "the error is still squared. Differentiate the square."),
        Slip("other_loss", f"{error} => ({exp} - {y})",
             "this belongs to the other loss. Which one is asked for?"),
        Slip("error_of_sigmoid",
             f"{error} => ({o} - {y}) * {o} * (1 - {o}) | ({o} - {y}) * (1 - {o}**2)",
             "the slope of an activation takes part. Has the output layer one?"),
    )  # fmt: skip


def _slopes(up, slope, z, h, ways=()):
    """What goes wrong with the slope of tanh: `up` comes from above, `slope` is its text."""
    return (
        Slip("slope_missing", (f"* {slope} =>", *ways),
             "φ′(z) is missing on the way from h back to z."),
        Slip("slope_is_phi", f"{slope} => {h}", "φ stands where its derivative φ′ belongs."),
        Slip("slope_of_sigmoid_at_z", f"{slope} => ({z} * (1 - {z}))",
             "z(1 − z) is not the slope of tanh. Whose formula is it, and at which point is it "
             "to be taken?"),
        Slip("slope_of_sigmoid_at_h", f"{slope} => ({h} * (1 - {h}))",
             "h(1 − h) is the slope of the sigmoid. Here φ is tanh."),
        Slip("slope_of_sigmoid", f"{slope} => (1 / (2 + np.exp({z}) + np.exp(-{z})))",
             "this is the slope of the sigmoid at z. Here φ is tanh."),
        Slip("slope_of_relu", f"{slope} => ({z} > 0)",
             "this is the slope of the ReLU. Here φ is tanh."),
        Slip("slope_z_for_h", f"{slope} => (1 - {z}**2) | (1 - {z}) | (1 - {z}) ** 2",
             "the slope of tanh is written with z where h belongs."),
        Slip("slope_at_h", f"{slope} => (1 - np.tanh({h}) ** 2)",
             "φ′ is taken at h. It belongs at z, where φ was taken."),
        Slip("slope_not_squared", f"{slope} => (1 - {h})",
             "a square is missing in the slope of tanh."),
        Slip("slope_root", (f"* {slope} => / np.cosh({z})", f"{slope} => np.sqrt(1 - {h}**2)"),
             "this is the root of φ′(z)."),
        Slip("slope_outside_squared",
             f"{slope} => (1 - {h}) ** 2 | (1 - np.tanh({z}**2)) | (1 - np.tanh({h}**2))",
             "the square in the slope of tanh is in the wrong place."),
        Slip("slope_incomplete", f"{slope} => {h} ** 2", "a summand of the slope of tanh is lost."),
        Slip("slope_sign", f"{slope} => (1 + {h}**2)", "a sign is wrong in the slope of tanh."),
        Slip("slope_twice", f"{slope} => ~ ** 2", "φ′(z) is multiplied in twice."),
        Slip("parentheses", f"{up} * {slope} => {up} - {h} ** 2 | 1 - {h} ** 2 * {up}",
             "a pair of parentheses is missing around the slope of tanh."),
        Slip("added_not_multiplied", f"{up} * {slope} => {up} + 1 - {h}**2",
             "the two factors of the chain rule are added."),
    )  # fmt: skip


def _penalty(weight, at=""):
    """What goes wrong with the derivative of a penalty on `weight`."""
    right = f"weight_decay * {weight}"
    return (
        Slip("decay_squared", f"{right} => ~**2 | weight_decay / 2 * {weight}**2",
             "the square of the weights is added. Differentiate the penalty.", at),
        Slip("decay_constant", f"{right} => weight_decay | weight_decay / 2 | "
                               f"weight_decay * np.ones_like({weight})",
             "λ itself is added. What is the derivative of the penalty?", at),
        Slip("decay_undifferentiated", f"{right} => weight_decay / 2 * np.sum({weight}**2) | "
                                       f"weight_decay * np.sum({weight}**2)",
             "the penalty's value is added instead of its derivative.", at),
        Slip("decay_of_norm",
             f"{right} => ~ / np.linalg.norm({weight}) | weight_decay * np.linalg.norm({weight})",
             "the norm takes part in the derivative. The penalty squares it.", at),
        Slip("decay_of_sign",
             f"{right} => weight_decay * np.sign({weight}) | weight_decay * np.abs({weight})",
             "this belongs to a penalty on absolute values. This one is on squares.", at),
        Slip("decay_rate_squared", f"{right} => weight_decay**2 * {weight}",
             "the penalty's factor is squared.", at),
        Slip("decay_summed",
             f"{right} => weight_decay * np.sum({weight}) | weight_decay * np.mean({weight})",
             "one number for all weights stands in the penalty's part. Each entry has its own.",
             at),
        Slip("decay_of_rows", f"{right} => weight_decay * {weight}.sum(axis=0) | "
                              f"weight_decay * {weight}.sum(axis=1, keepdims=True)",
             "weights of a row or a column are added up in the penalty's part.", at),
        Slip("decay_fixed_rate", tuple(f"{right} => {n} * {weight}" for n in (2, 0.1, 0.01, 0.001)),
             "a fixed number stands where the penalty's factor belongs.", at),
        Slip("decay_averaged", f"{right} => ~ / {weight}.size",
             "averaged over the weights. A squared norm is a sum of squares, not a mean.", at),
        Slip("decay_sign_and_rate", f"{right} => (-{weight})",
             "the penalty's sign is wrong, and its factor is missing.", at),
        Slip("decay_divided", f"{right} => {weight} / weight_decay",
             "the penalty's factor divides here.", at),
        Slip("decay_negated_rate", f"{right} => (1 - weight_decay) * {weight}",
             "this is how weights shrink in a step. The gradient is asked for.", at),
    )  # fmt: skip


def _outer(up, inp, weight, later):
    """What goes wrong with the gradient of a matrix between what went in and what arrives."""
    right, decay = f"{up} @ {inp}.T", f"weight_decay * {weight}"
    whole = f"{right} + {decay}"
    return (
        Slip("order_of_product", f"{whole} => {inp} @ {up}.T + weight_decay * {weight}.T",
             "transposed. Which factor of the product has the rows?"),
        Slip("rate_before_all", f"{whole} => ({right} + {weight}) * weight_decay",
             "the penalty's factor stands before everything."),
        Slip("paths_multiplied", f"{whole} => ({right}) * weight_decay * {weight}",
             "the parts of the two paths are multiplied. How do paths combine?"),
        Slip("new_weights", f"{whole} => {weight} - (~) | {weight} - weight_decay * ({right})",
             "these are new weights. The gradient is asked for."),
        Slip("upstream_missing", f"{right} => {inp}.T | np.ones_like({up}) @ {inp}.T",
             "the gradient that arrives from above is missing. This is the local derivative "
             "alone."),
        Slip("upstream_summed", f"{right} => {up}.sum() * {inp}.T | {up}.mean() * {inp}.T",
             "what arrives from above is made one number. Every row has its own."),
        Slip("upstream_unsigned", f"{right} => np.abs({up}) @ {inp}.T | np.abs({up} @ {inp}.T)",
             "what arrives from above lost its sign."),
        Slip("upstream_squared", f"{right} => {up}**2 @ {inp}.T | np.sum({up}**2) * {inp}.T | "
                                 f"np.sum({up}) * {up} @ {inp}.T",
             "what arrives from above is squared."),
        Slip("input_missing", f"{right} => {up} | {up} * np.ones_like({inp}.T)",
             f"what went into the product is missing. By what was {weight} multiplied forward?"),
        Slip("input_summed", f"{right} => {up} * {inp}.sum() | {up} * {inp}.mean()",
             "what went into the product is made one number. Every column has its own."),
        Slip("input_squared", f"{right} => {up} @ {inp}.T**2",
             "what went into the product is squared."),
        Slip("weight_for_input", f"{right} => {up} * {weight}",
             f"{weight} itself stands where what went into the product belongs."),
        Slip("weight_too", f"{right} => (~) * {weight}", f"{weight} takes part in the part "
                                                         "through the loss. How does a product "
                                                         "change with its matrix?"),
        Slip("square_of_product", f"{right} => (~) ** 2", "the product is squared."),
        Slip("activation_between",
             f"{right} => {up} @ np.tanh({inp}).T | np.tanh({up}) @ {inp}.T | "
             f"{up} @ (1 - {inp}**2).T | {up} @ (1 - np.tanh({inp}) ** 2).T | "
             f"{up} @ ({inp} * (1 - {inp}**2)).T | ({up} * (1 - {up}**2)) @ {inp}.T | "
             f"({up} * (1 - np.tanh({up}) ** 2)) @ {inp}.T",
             f"φ or its slope takes part. Is it on the way from {weight} to {later}?"),
        Slip("sum_for_product", f"{right} => {up} + {inp}.T",
             "what arrives and what went in are added."),
        Slip("decay_of_input", f"{decay} => weight_decay * {inp}.T",
             "what went in stands in the penalty. What is in it?"),
        Slip("decay_of_upstream", f"{decay} => weight_decay * {up}",
             "what arrives from above stands in the penalty. What is in it?"),
        Slip("coarse", f"{right} => np.float64(np.float16({up}) @ np.float16({inp}.T)) | "
                       f"np.float64(np.float32({up}) @ np.float32({inp}.T))",
             "nearly right, but off by more than rounding. Compute with float64 throughout."),
    )  # fmt: skip


# The loss and the penalty in the text of `forward`.
L_, S_ = "np.sum((o - y) ** 2) / 2", "weight_decay / 2 * (np.sum(W1**2) + np.sum(W2**2))"
BOTH = "np.sum(W1**2) + np.sum(W2**2)"
SLOPE = "(1 - np.tanh(z) ** 2)"
EXP, NORMED = "np.exp(O - O.max(axis=1, keepdims=True))", "P / P.sum(axis=1, keepdims=True)"

TASKS = (
    Task(
        "graph",
        "A. The graph with b1",
        MODEL,
        (Output("z", "z", axes="h 1"), Output("h", "h", axes="h 1"), Output("o", "o", axes="q 1"),
         Output("L", "L"), Output("s", "s"), Output("J", "J")),
        sizes="d h q",
        draw=SINGLE,
        use=evaluated,
        inspect=connected,
        hints=(
            "Write the section's forward pass line by line. The nodes understand `+`, `*` and "
            "`@`. In which one of the six lines does a bias of the hidden layer belong?",
            "z is the only line that changes: the product of W1 and x gets one more summand. "
            "`squared_loss(o, y)` and `half_sqnorm(W)` already carry their ½.",
        ),
        on="squared_loss(o, y)",
        slips=(
            *_layers(""),
            Slip("half_forgotten", "=> sum_((o - y) * (o - y)) | 2 * ~",
                 "look at the ½ in front of the square. It is lost.", "L"),
            Slip("half_twice", "=> ~ / 2", "the ½ is in it twice.", "L"),
            Slip("mean_over_outputs", ("squared_loss(o, y) => squared_loss(o, y, y.shape[0])",
                                       "squared_loss(o, y) => 2 * squared_loss(o, y, y.shape[0])"),
                 "averaged over the q outputs. A squared norm is a sum of squares, not a mean.",
                 "L"),
            Slip("not_squared", "=> sum_(o - y) | sum_(o - y) / 2", "the error is not squared.",
                 "L"),
            Slip("label_missing", "=> half_sqnorm(o) | sum_(o * o)",
                 "the label does not take part. The loss compares the prediction with it.", "L"),
            Slip("label_sign", "=> half_sqnorm(o + y)",
                 "the sign in front of the label is wrong.", "L"),
            Slip("squares_for_error", "=> half_sqnorm(o) - half_sqnorm(y)",
                 "output and label are squared one by one.", "L"),
            Slip("fixed_rate", tuple(f"weight_decay * => {n} *" for n in (0.1, 0.01, 0.5)),
                 "a fixed number stands where the penalty's factor belongs.", "s"),
            Slip("other_loss", "=> cross_entropy(o, y)",
                 "this belongs to the other loss. Which one is asked for?", "L"),
            Slip("penalty_in_loss", "=> ~ + weight_decay * (half_sqnorm(W1) + half_sqnorm(W2))",
                 "the penalty is in it already. In which line does it come in?", "L"),
            Slip("rate_missing", "weight_decay * (half_sqnorm(W1) + half_sqnorm(W2)) => "
                                 "half_sqnorm(W1) + half_sqnorm(W2)",
                 "the penalty's factor is missing.", "s"),
            Slip("rate_squared", "weight_decay * => weight_decay**2 *",
                 "the penalty's factor is squared.", "s"),
            Slip("parentheses", "(half_sqnorm(W1) + half_sqnorm(W2)) => half_sqnorm(W1) + "
                                "half_sqnorm(W2) | half_sqnorm(W2) + half_sqnorm(W1)",
                 "the penalty's factor stands before one of the two matrices only.", "s"),
            Slip("half_forgotten_penalty", ("weight_decay * => 2 * ~",
                                            "half_sqnorm(W1) => sum_(W1 * W1) && "
                                            "half_sqnorm(W2) => sum_(W2 * W2)"),
                 "look at the ½ in front of the squares. It is lost.", "s"),
            Slip("half_twice", "weight_decay * => weight_decay / 2 *", "the ½ is in it twice.",
                 "s"),
            Slip("rate_and_half_missing", "weight_decay * (half_sqnorm(W1) + half_sqnorm(W2)) "
                                          "=> sum_(W1 * W1) + sum_(W2 * W2)",
                 "what stands in front of the squares is missing.", "s"),
            Slip("penalty_unsquared",
                 "half_sqnorm(W1) => sum_(W1) && half_sqnorm(W2) => sum_(W2)",
                 "the weights are added as they are. What does the penalty take of each?", "s"),
            Slip("weights_missing", ("half_sqnorm(W1) + => ", "+ half_sqnorm(W2) => "),
                 "one of the weight matrices is missing.", "s"),
            Slip("bias_penalised", ("half_sqnorm(W2) => ~ + half_sqnorm(b1)",
                                    "weight_decay * => weight_decay / 2 * && half_sqnorm(W2) => "
                                    "half_sqnorm(W2) + half_sqnorm(b1)",
                                    "half_sqnorm(W1) => half_sqnorm(W1 + b1)"),
                 "b1 takes part in the penalty. Only the weights are regularised.", "s"),
            Slip("norms_multiplied", "half_sqnorm(W1) + => half_sqnorm(W1) *",
                 "the two norms are multiplied.", "s"),
        ),
        otherwise=("tanh(z) => 2 * sigmoid(2 * z) - 1",
                   "squared_loss(o, y) => 0.5 * sum_((o - y) * (o - y))",
                   "W1 @ x + b1 => b1 + W1 @ x && L + s => s + L",
                   "half_sqnorm(W1) => sum_(W1 ** 2) / 2",
                   "squared_loss(o, y) => half_sqnorm(y - o)"),
    ),
    Task(
        "paths",
        "A. Paths from the parameters to J",
        None,
        tuple(Output(n, n, "count") for n in ("W1", "b1", "W2")),
        hints=(
            "Put a finger on the square of W1 in the drawing. At how many arrows can you start?",
            "A parameter has one path through the loss L. It has another one exactly if the "
            "penalty s contains it.",
        ),
        on="2, 1, 2",
        slips=(
            Slip("path_missed", "=> 1, 1, 2 | 2, 1, 1",
                 "one path is missing. In how many places does the graph use a weight matrix?"),
            Slip("path_through_penalty", "=> 2, 2, 2",
                 "one path too many. What does the penalty s contain?"),
            Slip("no_path", "=> 0, 1, 2 | 2, 0, 2 | 2, 1, 0",
                 "with no path, J would not depend on it."),
            Slip("paths", tuple(f"2, 1, 2 => {n}, {n}, {n}" for n in range(3, 21)),
                 "follow the arrows from the square to J and count the different ways."),
        ),
        otherwise=("paths = [2, 1, 2]", "paths = np.array([2, 1, 2])", "paths = 2.0, 1.0, 2.0"),
    ),
    Task(
        "forward",
        "B. Forward, one example",
        MODEL,
        (Output("z", "z", axes="h 1", terms={"W1 @ x": "the part of the example",
                                             "b1": "the part of the bias"}),
         Output("h", "h", axes="h 1"), Output("o", "o", axes="q 1"), Output("L", "L"),
         Output("s", "s"), Output("J", "J", terms={"L": "the loss", "s": "the penalty"})),
        sizes="d h q",
        draw=SINGLE,
        hints=(
            "These are the six lines of the graph again, now with arrays. "
            "How does NumPy write φ, and the squared norm ‖·‖²?",
            "`np.tanh` is φ; `np.sum(a**2)` is ‖a‖² and a plain number. Both ½ are now yours to "
            "write.",
        ),
        on=S_,
        slips=(
            *_layers("np."),
            Slip("activation_other", "np.tanh(z) => np.exp(z) / np.exp(z).sum() | np.sinh(z) | "
                                     "1 / ~ | np.arctan(z) | np.sin(z) | np.tan(z) | "
                                     "np.exp(z) | np.log(1 + np.exp(z)) | 1.0 * (z > 0) | "
                                     "np.where(z > 0, z, 0.01 * z) | ~ ** 2",
                 "this is another activation function. Here φ is tanh.", "h"),
            Slip("not_a_product", "W1 @ x => W1 * x.T", "entries are multiplied one by one and "
                                                        "never added. What does a matrix do to "
                                                        "a column?", "z"),
            Slip("half_forgotten", f"{L_} => np.sum((o - y) ** 2)",
                 "look at the ½ in front of the square. It is lost.", "L"),
            Slip("mean_over_outputs", (f"{L_} => np.mean((o - y) ** 2) / 2",
                                       f"{L_} => np.mean((o - y) ** 2)"),
                 "averaged over the q outputs. A squared norm is a sum of squares, not a mean.",
                 "L"),
            Slip("not_squared", tuple(f"{L_} => {f}{half}" for half in ("", " / 2") for f in (
                     "np.sum(np.abs(o - y))", "np.sum(o - y)", "abs(np.sum(o - y))",
                     "np.linalg.norm(o - y)",
                     "np.mean(np.abs(o - y))", "np.mean(o - y)")),
                 "the error is not squared.", "L"),
            Slip("squared_after_sum",
                 f"{L_} => np.sum(o - y) ** 2 / 2 | np.sum(o - y) ** 2 | np.mean(o - y) ** 2 / 2",
                 "the errors are added before they are squared.", "L"),
            Slip("squares_for_error",
                 f"{L_} => (np.sum(o**2) - np.sum(y**2)) / 2 | np.sum(o**2) - np.sum(y**2)",
                 "output and label are squared one by one.", "L"),
            Slip("label_missing", f"{L_} => np.sum(o**2) / 2 | np.sum(o**2)",
                 "the label does not take part. The loss compares the prediction with it.", "L"),
            Slip("label_sign", f"{L_} => np.sum((o + y) ** 2) / 2 | np.sum((o + y) ** 2)",
                 "the sign in front of the label is wrong.", "L"),
            Slip("other_loss", f"{L_} => -np.sum(y * (o - np.log(np.sum(np.exp(o)))))",
                 "this belongs to the other loss. Which one is asked for?", "L"),
            Slip("penalty_in_loss", f"{L_} => {L_} + {S_}",
                 "the penalty is in it already. In which line does it come in?", "L"),
            Slip("root_taken",
                 f"{L_} => np.sqrt(np.sum((o - y) ** 2) / 2) | np.sqrt(np.mean((o - y) ** 2))",
                 "a root is taken. Is the norm squared in the loss?", "L"),
            Slip("half_forgotten_penalty", f"=> weight_decay * ({BOTH})",
                 "look at the ½ in front of the squares. It is lost.", "s"),
            Slip("rate_missing", f"=> ({BOTH}) / 2", "the penalty's factor is missing.", "s"),
            Slip("rate_and_half_missing", f"=> {BOTH}",
                 "what stands in front of the squares is missing.", "s"),
            Slip("fixed_rate", tuple(f"{S_} => {n} * ({BOTH})" for n in (0.1, 0.05, 0.01, 0.005)),
                 "a fixed number stands where the penalty's factor belongs.", "s"),
            Slip("bias_turned", "W1 @ x + b1 => ~.T", "b1 is turned into a row.", "z"),
            Slip("rate_squared", f"=> weight_decay**2 / 2 * ({BOTH})",
                 "the penalty's factor is squared.", "s"),
            Slip("parentheses", tuple(f"{S_} => {rate} * np.sum({a}**2) + {other}np.sum({b}**2)"
                                      for rate, other in (("weight_decay / 2", ""),
                                                          ("weight_decay", ""),
                                                          ("weight_decay / 2", "1 / 2 * "))
                                      for a, b in (("W1", "W2"), ("W2", "W1"))),
                 "the penalty's factor stands before one of the two matrices only.", "s"),
            Slip("half_once", "=> weight_decay * (np.sum(W1**2) / 2 + np.sum(W2**2)) | "
                              "weight_decay * (np.sum(W1**2) + np.sum(W2**2) / 2)",
                 "the ½ stands before one of the two matrices only.", "s"),
            Slip("penalty_not_squared", tuple(
                     f"{S_} => {rate} * {norm}" for rate in ("weight_decay / 2", "weight_decay", 1)
                     for norm in ("(np.linalg.norm(W1) + np.linalg.norm(W2))",
                                  f"np.sqrt({BOTH})")),
                 "the norm is not squared.", "s"),
            Slip("penalty_absolute", "=> weight_decay / 2 * (np.abs(W1).sum() + "
                                     "np.abs(W2).sum()) | weight_decay * (np.abs(W1).sum() + "
                                     "np.abs(W2).sum())",
                 "this belongs to a penalty on absolute values. This one is on squares.", "s"),
            Slip("penalty_unsquared", "=> weight_decay / 2 * (np.sum(W1) + np.sum(W2)) | "
                                      "weight_decay * (np.sum(W1) + np.sum(W2))",
                 "the weights are added as they are. What does the penalty take of each?", "s"),
            Slip("penalty_squared_after_sum", tuple(
                     f"{S_} => {rate} * {term}" for rate in ("weight_decay / 2", "weight_decay")
                     for term in (
                         "(np.sum(W1) ** 2 + np.sum(W2) ** 2)", "(np.sum(W1) + np.sum(W2)) ** 2",
                         "(np.linalg.norm(W1) + np.linalg.norm(W2)) ** 2")),
                 "what is added was to be squared before.", "s"),
            Slip("penalty_mean", tuple(f"{S_} => {rate} * (np.mean(W1**2) + np.mean(W2**2))"
                                       for rate in ("weight_decay / 2", "weight_decay")),
                 "averaged over the weights. A squared norm is a sum of squares, not a mean.", "s"),
            Slip("other_norm", "=> weight_decay / 2 * (np.linalg.norm(W1, 2) ** 2 + "
                               "np.linalg.norm(W2, 2) ** 2) | weight_decay * "
                               "(np.linalg.norm(W1, 2) ** 2 + np.linalg.norm(W2, 2) ** 2)",
                 "this is another norm. Which one is meant by the F?", "s"),
            Slip("weights_missing", tuple(f"{S_} => {rate} * np.sum({W}**2)" for W in ("W1", "W2")
                                     for rate in ("weight_decay / 2", "weight_decay")),
                 "one of the weight matrices is missing.", "s"),
            Slip("bias_penalised", f"=> weight_decay / 2 * ({BOTH} + np.sum(b1**2)) | "
                                   f"weight_decay * ({BOTH} + np.sum(b1**2))",
                 "b1 takes part in the penalty. Only the weights are regularised.", "s"),
            Slip("norms_multiplied", "=> weight_decay / 2 * np.sum(W1**2) * np.sum(W2**2)",
                 "the two norms are multiplied.", "s"),
        ),
        otherwise=("W1 @ x => np.einsum('ij,jk->ik', W1, x)",
                   f"{L_} => 0.5 * ((o - y).T @ (o - y)).item()",
                   "np.sum(W1**2) => np.linalg.norm(W1) ** 2",
                   "np.sum(W1**2) => sum(w * w for row in W1 for w in row)",
                   "np.sum(W1**2) => np.trace(W1.T @ W1)",
                   "np.tanh(z) => (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))"),
    ),
    Task(
        "do",
        "B. ∂J/∂o",
        "o y",
        (Output("do", "∂J/∂o", axes="q 1"),),
        sizes="q",
        draw={"o": "q 1", "y": "q 1"},
        hints=(
            "J depends on o through L alone. What is the derivative of ½(o − y)² for numbers?",
            "The 2 of the square and the ½ cancel. What is left has the shape of o.",
        ),
        slips=(
            *_errors("o - y", "np.exp(o) / np.exp(o).sum()",
                     ("o - y => 2 * o", "o - y => o / 2", "o - y => o / len(o)"),
                     ("o - y => -((o - y) ** 2)", "o - y => (o - y) ** 2 / len(o)")),
            Slip("error_negated", "return y - o", "the error has the wrong sign."),
            Slip("squares_for_error", ("return o**2 - y**2", "return (o**2 - y**2) / 2"),
                 "output and label are squared one by one."),
            Slip("error_of_sigmoid", ("return (o - y) / (2 + np.exp(o) + np.exp(-o))",
                                      "return (o - y) * (1 - np.tanh(o) ** 2)"),
                 "the slope of an activation takes part. Has the output layer one?"),
            Slip("error_times", ("return (o - y) * o", "return (o - y) * y",
                                 "return (o - y) * np.sum(o - y)", "return (o - y) ** 3"),
                 "the error is multiplied once more."),
            Slip("error_relative", ("return (o - y) / y", "return (o - y) / o"),
                 "this is a relative error."),
            Slip("output_activated",
                 ("return np.tanh(o) - y", "return np.exp(o) - y", "return np.maximum(o, 0) - y"),
                 "an activation acts on the output. Which layer has one?"),
            Slip("parentheses", ("return 2 * o - y", "return o - y / 2", "return o / 2 - y",
                                 "return o - y / len(o)", "return o - 2 * y"),
                 "a factor stands before one of the two only."),
            Slip("output_times_label", ("return o * y", "return o / y"),
                 "output and label are not compared by a product or a quotient here."),
            Slip("cut_off", "return np.maximum(o - y, 0)", "negative errors are cut off."),
            Slip("average_for_each", ("return o - y.mean()", "return o.mean() - y",
                                      "return o - y.sum()", "return o - np.max(y)"),
                 "one number stands for the entries of a column. Each output has its own label."),
            Slip("rounded",
                 ("return np.trunc(o - y)", "return np.round(o - y)", "return np.floor(o - y)"),
                 "rounded to whole numbers. Nothing here asks for that."),
            Slip("wrong_order", ("return o.T - y", "return o - y.T"),
                 "every output meets every label. Is one of them turned?"),
            Slip("other_loss", "return 1 / (1 + np.exp(-o)) - y",
                 "this belongs to the other loss. Which one is asked for?"),
            Slip("half_forgotten", "return 2 * (o - y)",
                 "look at the ½ in front of the square. It is lost."),
            Slip("half_kept", "return (o - y) / 2",
                 "the ½ is still there. What becomes of it when the square is differentiated?"),
            Slip("mean_over_outputs", ("return (o - y) / len(o)", "return 2 * (o - y) / len(o)",
                                       "return (o - y) / len(o) / 2"),
                 "averaged over the q outputs. A squared norm is a sum of squares, not a mean."),
            Slip("loss_itself", ("return np.sum((o - y) ** 2) / 2", "return np.sum((o - y) ** 2)",
                                 "return np.sum((o - y) ** 2) / 2 + 0 * o",
                                 "return np.sum((o - y) ** 2) + 0 * o"),
                 "this is the loss, not its gradient."),
            Slip("summed_single", ("return np.sum(o - y)", "return np.sum(o - y) + 0 * o",
                                   "return np.mean(o - y)", "return np.mean(o - y) + 0 * o",
                                   "return np.linalg.norm(o - y)"),
                 "one number for all outputs. Each of them has its own error."),
            Slip("half_and_sign_of_label", "return 2 * (o + y)",
                 "the sign in front of the label is wrong, and the ½ is lost."),
            Slip("half_and_sign", "return 2 * (y - o)",
                 "the error has the wrong sign, and the ½ is lost."),
            Slip("mean_and_sign", ("return (y - o) / len(o)", "return 2 * (y - o) / len(o)"),
                 "the error has the wrong sign, and is averaged over the q outputs."),
            Slip("divided_by_norm", "return (o - y) / np.linalg.norm(o - y)",
                 "this is the derivative of the norm itself. Is it squared in the loss?"),
            Slip("prediction_missing", ("return y", "return -y"),
                 "the prediction does not take part. The loss compares it with the label."),
            Slip("own_derivative",
                 ("return 1.0", "return np.ones_like(o)", "return np.eye(len(o))"),
                 "this is how o changes with itself. How does J change with o?"),
            Slip("log_of_label", ("return -y / o", "return (o - y) / (o * (1 - o))"),
                 "this is the derivative of a loss with a logarithm. Which loss is asked for?"),
            Slip("row_for_column", "return (o - y).T", "a row stands where a column belongs."),
        ),
        otherwise=("return np.subtract(o, y)", "return [[a[0] - b[0]] for a, b in zip(o, y)]"),
    ),
    Task(
        "dW2",
        "B. ∂J/∂W2",
        "do h W2 weight_decay",
        (Output("dW2", "∂J/∂W2", axes="q hidden",
                terms={"do @ h.T": LOSS, "weight_decay * W2": PENALTY}),),
        sizes="q hidden",
        draw={"weight_decay": "0.1..0.6", "do": "q 1", "h": "hidden 1", "W2": "q hidden"},
        hints=(
            "W2 has two paths to J. What does each of them contribute?",
            "Through L: one entry for every pair of an output and a hidden unit, an outer product. "
            "Through s: the derivative of λ/2 ‖W2‖². Paths that join are added.",
        ),
        slips=(*_penalty("W2"), *_outer("do", "h", "W2", "o")),
        otherwise=("do @ h.T => np.outer(do, h)", "do @ h.T => do * h.T",
                   "do @ h.T => np.einsum('ki,ji->kj', do, h)", "do @ h.T => np.kron(do, h.T)"),
    ),
    Task(
        "dh",
        "B. ∂J/∂h",
        "do W2",
        (Output("dh", "∂J/∂h", axes="h 1"),),
        sizes="q h",
        draw={"do": "q 1", "W2": "q h"},
        hints=(
            "A hidden unit reaches every output. How much of each output's gradient comes back "
            "to it?",
            "Forward went through W2, from h entries to q. Backward goes from q entries to h: "
            "which matrix has that shape?",
        ),
        slips=(
            Slip("row_for_column", "return do.T @ W2",
                 "transposed. Which factor of the product has the rows?"),
            Slip("mean_over_outputs", "return W2.T @ do / len(do)",
                 "averaged over the q outputs. A squared norm is a sum of squares, not a mean."),
            Slip("upstream_missing", ("return W2.sum(axis=0)[:, None]", "return W2.T",
                                      "return W2", "return W2.sum(axis=0)",
                                      "return W2.mean(axis=0)[:, None]"),
                 "the gradient that arrives from above is missing. This is the local derivative "
                 "alone."),
            Slip("upstream_summed", ("return W2.sum(axis=0)[:, None] * do.sum()",
                                     "return W2.mean(axis=0)[:, None] * do.sum()",
                                     "return W2.sum(axis=0)[:, None] * do.mean()",
                                     "return W2.T * do.sum()", "return W2.T * do.mean()"),
                 "what arrives at the outputs is made one number. Each weight meets its own."),
            Slip("weights_missing", ("return do", "return do.sum() * np.ones_like(W2[:1].T)"),
                 "the weights do not take part. How strongly does h reach each output?"),
            Slip("paths_not_summed", ("return W2.T * do.T", "return W2 * do"),
                 "one number for every weight. A hidden unit reaches every output: how do its "
                 "paths combine?"),
            Slip("wrong_axis", ("return (W2 * do).sum(axis=1)",
                                "return (W2 * do).sum(axis=1, keepdims=True)",
                                "return (W2 * do).mean(axis=1, keepdims=True)"),
                 "summed along the wrong axis. Over what do the paths of one hidden unit differ?"),
            Slip("one_output", ("return W2[:1].T @ do[:1]", "return W2[-1:].T @ do[-1:]",
                                "return (W2 * do).max(axis=0)[:, None]"),
                 "one output alone takes part for each hidden unit. How many does it reach?"),
            Slip("inverted", "return np.linalg.pinv(W2) @ do",
                 "W2 is inverted. A gradient does not undo the forward pass."),
            Slip("activation_between", ("return np.tanh(W2.T @ do)", "return W2.T @ np.tanh(do)",
                                        "return W2.T @ (1 - do**2)",
                                        "return W2.T @ (do * (1 - do**2))",
                                        "return W2.T @ (do * (1 - np.tanh(do) ** 2))",
                                        "return (W2.T @ do) * (1 - (W2.T @ do) ** 2)",
                                        "return (W2.T @ do) * (1 - np.tanh(W2.T @ do) ** 2)",
                                        "return np.maximum(W2.T @ do, 0)"),
                 "φ or a slope takes part. Is it on the way from h to o?"),
            Slip("upstream_squared", ("return W2.T @ do**2", "return (W2.T @ do) ** 2",
                                      "return W2.T @ do**2 / 2", "return W2.T @ do * np.sum(do)"),
                 "a square is taken. Is one on the way from h to o?"),
            Slip("weights_squared", "return (W2**2).T @ do", "the weights are squared."),
            Slip("unsigned", ("return np.abs(W2).T @ do", "return W2.T @ np.abs(do)",
                              "return np.abs(W2.T @ do)", "return W2.T @ np.sign(do)"),
                 "a sign or a size is lost."),
            Slip("summed_single", ("return np.sum(W2.T @ do)", "return np.mean(W2.T @ do)",
                                   "return np.sum(W2.T @ do) * np.ones_like(W2[:1].T)"),
                 "one number for all hidden units. Each of them has its own gradient."),
            Slip("nothing", "return np.zeros_like(W2[:1].T)", "nothing arrives at h here."),
            Slip("weights_added", ("return W2.T @ do + W2.sum(axis=0)[:, None]",
                                   "return W2.T @ do - W2.sum(axis=0)[:, None]"),
                 "the weights take part once more, added up. Is h in the penalty?"),
            Slip("normalised", ("return W2.T @ do / np.linalg.norm(W2)",
                                "return W2.T @ do / W2.sum(axis=0)[:, None]",
                                "return W2.T @ do / np.linalg.norm(do)"),
                 "divided by more than the way from h to o has in it."),
        ),
        otherwise=("return (do.T @ W2).T",
                   "return np.array([[sum(W2[k, i] * do[k, 0] for k in range(len(do)))] "
                   "for i in range(W2.shape[1])])",
                   "return np.einsum('ki,kj->ij', W2, do)"),
    ),
    Task(
        "dz",
        "B. ∂J/∂z",
        "dh z",
        (Output("dz", "∂J/∂z", axes="h 1"),),
        sizes="h",
        draw={"dh": "h 1", "z": "h 1"},
        hints=(
            "φ acts on every hidden unit by itself. How does h change if z changes a little?",
            "Multiply entry by entry with φ′(z). The derivative of tanh can be written with tanh "
            "alone.",
        ),
        on=SLOPE,
        slips=(
            *_slopes("dh", SLOPE, "z", "np.tanh(z)"),
            Slip("slope_of_other", "=> np.cos(z) | (1 / (1 + z**2)) | (1 + np.tan(z) ** 2) | "
                                   "(1 / (1 + np.exp(-z))) | np.exp(z) | np.exp(-(z**2)) | "
                                   "np.cosh(z) | np.cos(z) ** 2 | -np.sin(z) | "
                                   "np.where(z > 0, 1, 0.01)",
                 "this is the slope of another function. Here φ is tanh."),
            Slip("slope_not_squared",
                 "=> 4 * np.exp(2 * z) / (np.exp(2 * z) + 1) | 4 / (np.exp(z) + np.exp(-z))",
                 "a square is missing in the slope of tanh."),
            Slip("slope_at_upstream", "=> (1 - np.tanh(dh) ** 2)",
                 "φ′ is taken at what arrives from above. At which point was φ taken?"),
            Slip("slope_of_upstream", (f"{SLOPE} => (1 - dh**2)",
                                       *(f"return {h} * (1 - {g}**2)" for h in ("z", "np.tanh(z)")
                                         for g in ("dh", "np.tanh(dh)"))),
                 "the slope is written with what arrives from above."),
            Slip("slope_inverted", f"* {SLOPE} => / {SLOPE}", "φ′(z) divides here."),
            Slip("upstream_inverted", f"return {SLOPE} / dh",
                 "what arrives from above divides here."),
            Slip("slope_is_phi", "=> (-np.tanh(z))", "φ stands where its derivative φ′ belongs."),
            Slip("slope_second", "=> (-2 * np.tanh(z) * (1 - np.tanh(z)**2)) | "
                                 "(-2 * np.tanh(z)) | (2 * np.tanh(z))",
                 "the slope of tanh is differentiated once too often."),
            Slip("phi_too", "=> np.tanh(z) * (1 - np.tanh(z) ** 2)",
                 "φ itself is multiplied in as well."),
            Slip("slope_averaged", "=> np.mean(1 - np.tanh(z)**2) | np.sum(1 - np.tanh(z)**2)",
                 "one slope stands for all units. Each unit has its own."),
            Slip("inside_the_square", (f"dh * {SLOPE} => 1 - (dh * np.tanh(z)) ** 2 | "
                                       "1 - np.tanh(dh * z) ** 2",
                                       "=> (1 - np.tanh(dh * z) ** 2)"),
                 "what arrives from above stands inside the square."),
            Slip("upstream_missing", f"dh * {SLOPE} => {SLOPE}",
                 "the gradient that arrives from above is missing. This is the local derivative "
                 "alone."),
            Slip("upstream_summed", f"dh * {SLOPE} => dh.sum() * {SLOPE} | dh.mean() * {SLOPE}",
                 "what arrives from above is made one number. Every unit has its own."),
            Slip("upstream_squared", f"dh * {SLOPE} => dh ** 2 * {SLOPE}",
                 "what arrives from above is squared."),
            Slip("upstream_unsigned", f"dh * {SLOPE} => np.abs(dh) * {SLOPE}",
                 "what arrives from above lost its sign."),
            Slip("matrix_for_elementwise", f"dh * {SLOPE} => dh @ {SLOPE}.T | {SLOPE} @ dh.T | "
                                           f"dh.T @ {SLOPE} | np.sum(~) | {SLOPE} * np.sum(~)",
                 "φ acts on every unit by itself, so the product is elementwise, not a matrix "
                 "product."),
            Slip("activation_forward", ("return np.tanh(z)", "return np.tanh(dh)",
                                        "return dh * np.tanh(dh)", "return np.tanh(dh * z)"),
                 "no slope takes part. This is φ, as in the forward pass."),
            Slip("argument_for_slope", "=> z", "z itself stands where the slope belongs."),
            Slip("difference_quotient", tuple(
                     f"{SLOPE} => (np.tanh(z + {a}) - np.tanh(z - {b})) / {a + b}"
                     for step in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
                     for a, b in ((step, step), (step, 0)) if a != b or step > 2e-5),
                 "nearly right, but off by more than rounding. Differentiate φ by hand."),
            Slip("row_for_column", f"dh * {SLOPE} => (~).T",
                 "a row stands where a column belongs."),
        ),
        otherwise=(f"* {SLOPE} => / np.cosh(z) ** 2",
                   f"dh * {SLOPE} => np.diag({SLOPE}[:, 0]) @ dh",
                   "return [[g * (1 - np.tanh(a) ** 2)] for g, a in zip(dh[:, 0], z[:, 0])]"),
    ),
    Task(
        "db1",
        "B. ∂J/∂b1",
        "dz b1 weight_decay",
        (Output("db1", "∂J/∂b1", axes="h 1"),),
        sizes="h",
        draw={"weight_decay": "0.1..0.6", "dz": "h 1", "b1": "h 1"},
        hints=(
            "z = W1 x + b1. If one entry of b1 grows by a little, what happens to z? "
            "And which of the arguments do you need?",
            "∂z/∂b1 is the identity, and b1 has a single path to J. So what arrives at z …",
        ),
        slips=(
            Slip("bias_decayed", tuple(
                     f"return {dz} {sign} {rate}b1"
                     for dz in ("dz", "2 * dz", "0 * dz", "1 + 0 * dz") for sign in "+-"
                     for rate in ("weight_decay * ", "", "2 * weight_decay * ",
                                  "3 * weight_decay * ", "weight_decay / 2 * ")),
                 "a multiple of b1 takes part. b1 is not in the penalty."),
            Slip("bias_decayed_otherwise",
                 ("return dz + weight_decay * b1**2", "return dz + b1**2",
                  "return dz + weight_decay / 2 * b1**2",
                  "return dz + weight_decay / 2 * np.sum(b1**2)", "return dz + weight_decay",
                  "return dz + weight_decay * np.sign(b1)", "return dz - weight_decay",
                  "return dz + weight_decay * np.sum(b1)"), "a penalty takes part. What is in it?"),
            Slip("step_for_gradient", ("return b1 - dz", "return b1 - weight_decay * dz"),
                 "this is a new bias, after a step. The gradient is asked for."),
            Slip("bias_multiplied", ("return dz * b1", "return dz * b1 + weight_decay * b1",
                                     "return dz.sum() * b1", "return dz * b1.sum()",
                                     "return dz * b1 + weight_decay",
                                     "return weight_decay * dz * b1", "return dz @ b1.T",
                                     "return b1 @ dz.T", "return dz.T @ b1"),
                 "multiplied by b1. How does z change if b1 changes a little?"),
            Slip("rate_multiplied", ("return weight_decay * dz", "return (1 + weight_decay) * dz",
                                     "return (1 - weight_decay) * dz", "return dz / weight_decay"),
                 "a λ stands before what arrives. Where does λ enter?"),
            Slip("upstream_missing",
                 ("return np.ones_like(dz)", "return np.eye(len(dz))", "return 1.0"),
                 "the gradient that arrives from above is missing. This is the local derivative "
                 "alone."),
            Slip("summed_single", ("return dz.sum()", "return dz.sum() * np.ones_like(b1)",
                                   "return dz.sum(axis=0)", "return dz.sum(axis=0, keepdims=True)"),
                 "summed to a single number. Every hidden unit has its own bias."),
            Slip("averaged_single", ("return dz.mean()", "return dz.mean() * np.ones_like(b1)",
                                     "return dz.mean(axis=0)",
                                     "return dz.mean(axis=0, keepdims=True)"),
                 "averaged to a single number. Every hidden unit has its own bias."),
            Slip("units_averaged", "return dz / len(dz)",
                 "divided by the number of hidden units. Is there a mean over them?"),
            Slip("bias_zero", ("return 0 * dz", "return 0.0"),
                 "nothing reaches b1 here. Through which step does it act on J?"),
            Slip("row_for_column", "return dz.T", "a row stands where a column belongs."),
            Slip("slope_twice", tuple(f"return dz * (1 - {f} ** 2)" for f in (
                     "dz", "np.tanh(dz)", "b1", "np.tanh(b1)")),
                 "a slope is multiplied in. Is φ on the way from b1 to z?"),
            Slip("activation_between",
                 ("return np.tanh(dz)", "return dz * np.tanh(b1)", "return dz * np.tanh(dz)"),
                 "φ takes part. Is it on the way from b1 to z?"),
            Slip("squared", ("return dz**2", "return dz @ dz.T", "return dz**2 / 2"),
                 "what arrives at z is multiplied by itself."),
            Slip("unsigned", ("return np.abs(dz)", "return np.sign(dz)"),
                 "a sign or a size is lost."),
        ),
        otherwise=("return dz.copy()", "return np.eye(len(dz)) @ dz", "return dz.tolist()"),
    ),
    Task(
        "dW1",
        "B. ∂J/∂W1",
        "dz x W1 weight_decay",
        (Output("dW1", "∂J/∂W1", axes="h d",
                terms={"dz @ x.T": LOSS, "weight_decay * W1": PENALTY}),),
        sizes="h d",
        draw={"weight_decay": "0.1..0.6", "dz": "h 1", "x": "d 1", "W1": "h d"},
        hints=(
            "W1 stands to x and z as W2 stands to h and o. What does that say about its gradient?",
            "An outer product of what arrives at z and what went into W1, and the derivative of "
            "the penalty.",
        ),
        slips=(*_penalty("W1"), *_outer("dz", "x", "W1", "z")),
        otherwise=("dz @ x.T => (x @ dz.T).T", "dz @ x.T => np.outer(dz, x)",
                   "dz @ x.T => np.array([[g * a for a in x[:, 0]] for g in dz[:, 0]])"),
    ),
    Task(
        "gradients",
        "C. A minibatch",
        "X Y W1 b1 W2 weight_decay",
        (Output("dW1", "∂J/∂W1", axes="h d",
                terms={"dZ.T @ X": LOSS, "weight_decay * W1": PENALTY}),
         Output("db1", "∂J/∂b1", axes="h"),
         Output("dW2", "∂J/∂W2", axes="q h",
                terms={"E.T @ H": LOSS, "weight_decay * W2": PENALTY})),
        sizes="n d h q",
        draw={"weight_decay": "0.1..0.6", "X": "n d", "Y": "n q", "W1": "h d", "b1": "h",
              "W2": "q h"},
        hints=(
            "Every line of the single example has a twin for rows: products change sides, and "
            "transposes move. Where does the mean over the n examples enter, and in how many rows "
            "does b1 occur?",
            "Let E = ∂J/∂O carry the 1/n once. A product such as EᵀH then sums over the batch by "
            "itself; for b1 you have to sum over the rows. λ never meets n.",
        ),
        on="dZ.sum(axis=0)",
        slips=(
            # forward
            Slip("bias_forgotten", "X @ W1.T + b1 => X @ W1.T",
                 "b1 is missing from the hidden layer's input."),
            Slip("bias_multiplied_forward", "X @ W1.T + b1 => X @ W1.T * b1",
                 "b1 multiplies the hidden layer's input. What does a bias do to it?"),
            Slip("bias_sign", "X @ W1.T + b1 => X @ W1.T - b1",
                 "the sign in front of b1 is wrong."),
            Slip("bias_after_activation",
                 ("X @ W1.T + b1 => X @ W1.T && np.tanh(Z) => np.tanh(Z) + b1",
                  "np.tanh(Z) => np.tanh(X @ W1.T) + b1", "X @ W1.T + b1 => X @ W1.T && "
                                                          "np.tanh(Z) => np.tanh(Z) + b1 && (1 "
                                                          "- H**2) => (1 - np.tanh(Z) ** 2)"),
                 "b1 is added after the activation. It belongs inside φ."),
            Slip("activation_missing", ("np.tanh(Z) => Z", "np.tanh(Z) => Z && (1 - H**2) => 1"),
                 "the activation function φ is missing."),
            Slip("activation_relu", ("np.tanh(Z) => np.maximum(Z, 0)",
                                     "np.tanh(Z) => np.maximum(Z, 0) && (1 - H**2) => (Z > 0)"),
                 "this is the ReLU. Here φ is tanh."),
            Slip("activation_sigmoid", ("np.tanh(Z) => 1 / (1 + np.exp(-Z))",
                                        "np.tanh(Z) => 1 / (1 + np.exp(-Z)) && (1 - H**2) => "
                                        "(H * (1 - H))"), "this is the sigmoid. Here φ is tanh."),
            Slip("activation_twice", "X @ W1.T + b1 => np.tanh(~)", "φ is applied twice."),
            Slip("z_for_h", ("H @ W2.T => Z @ W2.T", "E.T @ H => E.T @ Z | -E.T @ Z",
                             "H @ W2.T => Z @ W2.T && E.T @ H => E.T @ Z"),
                 "z stands where h belongs. What does the output layer receive?"),
            Slip("output_activated",
                 "H @ W2.T => np.tanh(~) | 1 / (1 + np.exp(-~)) | np.maximum(~, 0)",
                 "an activation acts on the output. Which layer has one?"),
            # the error
            *_errors("(O - Y)", "np.exp(O) / np.exp(O).sum(axis=1, keepdims=True)"),
            Slip("mean_forgotten", "(O - Y) / n => (O - Y)",
                 "not divided by the number of examples. L is a mean."),
            Slip("mean_and_label", "(O - Y) / n => O",
                 "the label does not take part, and L is a mean."),
            Slip("error_negated", "(O - Y) / n => (Y - O) / n",
                 "the part through the loss has the wrong sign."),
            Slip("mean_and_sign", "(O - Y) / n => (Y - O)",
                 "the error has the wrong sign, and L is a mean."),
            Slip("mean_and_half", "(O - Y) / n => 2 * (O - Y)",
                 "look at the ½ in front of the square, and at the mean in front of that."),
            Slip("mean_twice", "(O - Y) / n => ~ / n", "divided by n twice."),
            Slip("half_forgotten", "(O - Y) / n => 2 * ~",
                 "look at the ½ in front of the square. It is lost."),
            Slip("half_kept", "(O - Y) / n => ~ / 2",
                 "the ½ is still there. What becomes of it when the square is differentiated?"),
            Slip("wrong_count", "n = len(X) => n = X.shape[1] | n = Y.shape[1] | n = len(b1) | "
                                "n = max(X.shape) | n = X.size | ~ - 1 | n = np.sqrt(len(X))",
                 "divided by the wrong count. Which axis counts the examples?"),
            Slip("fixed_count", tuple(f"n = len(X) => n = {n}" for n in (2, 4, 5, 7)),
                 "divided by a number that is the same for every minibatch."),
            Slip("mean_over_outputs", "(O - Y) / n => (O - Y) / O.size | 2 * (O - Y) / O.size",
                 "averaged over the q outputs. A squared norm is a sum of squares, not a mean."),
            Slip("error_averaged", "(O - Y) / n => np.mean(O - Y, axis=0) * np.ones_like(O) | "
                                   "np.mean(O - Y, axis=0) * np.ones_like(O) / n",
                 "the error is averaged over the batch first. Every example has its own way back."),
            # the slope
            *_slopes("(E @ W2)", "(1 - H**2)", "Z", "H",
                     ("dZ.T @ X => (E @ W2).T @ X", "dZ.sum(axis=0) => (E @ W2).sum(axis=0)")),
            # the bias
            Slip("batch_not_summed", "=> dZ",
                 "one row per example. b1 enters every row: how do its paths combine?"),
            Slip("one_example", "=> dZ[0] | dZ[-1]",
                 "this is one example's row. b1 enters every row: how do its paths combine?"),
            Slip("batch_averaged", "dZ.sum(axis=0) => dZ.mean(axis=0)",
                 "averaged over the batch although the 1/n of the loss is in it already. b1 enters "
                 "every row: how do its paths combine?"),
            Slip("units_averaged", "=> ~ / len(b1) | dZ.mean(axis=0) / len(b1)",
                 "divided by the number of hidden units. Is there a mean over them?"),
            Slip("wrong_axis", "=> dZ.sum(axis=1) | dZ.mean(axis=1)",
                 "summed along the wrong axis. Which axis counts the examples?"),
            Slip("summed_single", "=> dZ.sum() | dZ.sum() * np.ones_like(b1)",
                 "summed to a single number. Every hidden unit has its own bias."),
            Slip("averaged_single", "=> dZ.mean()",
                 "averaged to a single number. Every hidden unit has its own bias."),
            Slip("column_kept", "=> dZ.sum(axis=0, keepdims=True) | ~[:, None]",
                 "a table of one row or column. b1 is a plain array, and so is its gradient."),
            Slip("error_for_bias", "=> E.sum() * np.ones_like(b1) | E.sum(axis=0) | E.sum()",
                 "this is the output layer's error. b1 is in the hidden layer."),
            Slip("bias_multiplied", "=> ~ * b1 | dZ.sum() * b1",
                 "multiplied by b1. How does z change if b1 changes a little?"),
            Slip("bias_decayed", "=> ~ + weight_decay * b1 | ~ - weight_decay * b1 | "
                                 "~ + 1 * b1 | ~ + weight_decay / n * b1 | "
                                 "dZ.mean(axis=0) + weight_decay * b1 | "
                                 "dZ.mean(axis=0) - weight_decay * b1",
                 "a multiple of b1 takes part. b1 is not in the penalty."),
            Slip("bias_zero", "=> np.zeros_like(b1)",
                 "nothing reaches b1 here. Through which step does it act on J?"),
            Slip("bias_local",
                 "=> np.ones_like(b1) | (1 - H**2).sum(axis=0) | (1 - H**2).mean(axis=0)",
                 "the gradient that arrives from above is missing. This is the local derivative "
                 "alone."),
            Slip("hidden_for_bias", "=> H.sum(axis=0) | H.mean(axis=0)",
                 "these are values of the forward pass. Where is the gradient that arrives?"),
            # the penalty, and the products
            *_penalty("W1", "dW1"),
            *_penalty("W2", "dW2"),
            Slip("other_weights", ("weight_decay * W1 => weight_decay * W2.sum()",
                                   "weight_decay * W2 => weight_decay * W1.sum()"),
                 "other weights take part in the penalty's part."),
            Slip("upstream_missing", "E.T @ H => np.ones_like(E).T @ H / n | "
                                     "H.sum(axis=0) / n | np.ones_like(E).T @ H",
                 "the gradient that arrives from above is missing. This is the local derivative "
                 "alone.", "dW2"),
            Slip("upstream_missing", "dZ.T @ X => np.ones_like(dZ).T @ X / n | "
                                     "(1 - H**2).T @ X / n | (1 - H**2).T @ X | "
                                     "np.ones_like(dZ).T @ X",
                 "the gradient that arrives from above is missing. This is the local derivative "
                 "alone.", "dW1"),
            Slip("one_example_weights", tuple(
                     f"dZ.T @ X => np.outer(dZ[{i}], X[{i}])" for i in (0, -1)),
                 "one example alone takes part. All use the same weights: how do their parts "
                 "combine?", "dW1"),
            Slip("one_example_weights", tuple(
                     f"E.T @ H => np.outer(E[{i}], H[{i}])" for i in (0, -1)),
                 "one example alone takes part. All use the same weights: how do their parts "
                 "combine?", "dW2"),
            Slip("product_of_sums", tuple(
                     f"dZ.T @ X => np.outer(dZ.{a}(axis=0), X.{b}(axis=0))"
                     for a, b in (("sum", "mean"), ("sum", "sum"))),
                 "the batch is added up before the product. Every example has its own.", "dW1"),
            Slip("product_of_sums", tuple(
                     f"E.T @ H => np.outer(E.{a}(axis=0), H.{b}(axis=0))"
                     for a, b in (("sum", "mean"), ("sum", "sum"))),
                 "the batch is added up before the product. Every example has its own.", "dW2"),
            Slip("step_for_gradient",
                 "dZ.T @ X + weight_decay * W1 => W1 - (~) | W1 - 0.1 * (~) | W1 - 0.01 * (~)",
                 "this is the parameter after a step. The gradient is asked for.", "dW1"),
            Slip("step_for_gradient",
                 "E.T @ H + weight_decay * W2 => W2 - (~) | W2 - 0.1 * (~) | W2 - 0.01 * (~)",
                 "this is the parameter after a step. The gradient is asked for.", "dW2"),
            Slip("step_for_gradient", "=> b1 - ~ | b1 - 0.1 * ~ | b1 - 0.01 * ~",
                 "this is the parameter after a step. The gradient is asked for.", "db1"),
            Slip("slope_at_output", "E.T @ H => E.T @ (H * (1 - H**2)) | E.T @ (1 - H**2)",
                 "φ′ takes part. Is φ on the way from W2 to O?", "dW2"),
        ),
        otherwise=(
            "dZ.T @ X => np.einsum('nh,nd->hd', dZ, X)", "dZ.sum(axis=0) => dZ.T @ np.ones(n)",
            "(1 - H**2) => (1 - np.tanh(Z) * H)",
            "(O - Y) / n => (O - Y) && dZ.T @ X => dZ.T @ X / n && E.T @ H => E.T @ H / n && "
            "dZ.sum(axis=0) => dZ.mean(axis=0)",
            "dZ.T @ X => sum(np.outer(g, row) for g, row in zip(dZ, X))",
        ),
    ),
    Task(
        "dO",
        "C. ∂L/∂O for cross-entropy",
        "O Y",
        (Output("dO", "∂L/∂O", axes="n q"),),
        sizes="n q",
        draw={"O": "n q", "Y": lambda rng, v: np.eye(v.q)[rng.integers(v.q, size=v.n)]},
        hints=(
            "Take one row: L = −Σ y log softmax(o). What does the logarithm of the sum of "
            "exponentials become when you differentiate it?",
            "The gradient of log Σ exp(o) is softmax(o), and y sums to one. Then remember the "
            "mean over n rows.",
        ),
        on="(P - Y) /",
        slips=(
            # the probabilities
            Slip("softmax_missing",
                 ("=> (O - Y) / | 2 * (O - Y) /", "(P - Y) / len(O) => (O - Y)"),
                 "the scores are compared with Y. Which probabilities do they stand for?"),
            Slip("softmax_axis", (f"{NORMED} => P / P.sum(axis=0)",
                                  f"{NORMED} => P / P.sum(axis=0) && {EXP} => np.exp(O)"),
                 "the softmax runs over the batch. It runs over the classes of each example."),
            Slip("softmax_everywhere", f"{EXP} => np.exp(O) && {NORMED} => P / P.sum()",
                 "a single softmax runs over all entries. Every example has its own."),
            Slip("softmax_unnormalised", f"{NORMED} => np.exp(O) | P | np.exp(O - O.max())",
                 "the exponentials are not divided by their sum."),
            Slip("softmax_divided_otherwise", f"{NORMED} => P / P.mean(axis=1, keepdims=True) | "
                                              "np.exp(O) / len(O) | np.exp(O) / O.shape[1] | "
                                              "P / np.linalg.norm(P, axis=1, keepdims=True)",
                 "what divides the exponentials does not make them add up to one."),
            Slip("exponential_missing", f"{NORMED} => O / O.sum(axis=1, keepdims=True) | "
                                        "np.abs(O) / np.abs(O).sum(axis=1, keepdims=True)",
                 "the scores are divided by their sum. Without exponentials they are no "
                 "probabilities."),
            Slip("scores_negated", f"{EXP} => np.exp(-O)",
                 "the higher a score, the less probable its class here."),
            Slip("other_base", f"{EXP} => 2**O | 10**O | O**2 | np.exp(O / 2) | np.exp(2 * O)",
                 "something else stands where the exponential of the score belongs."),
            Slip("softmax_twice", f"{EXP} => np.exp(P0 := np.exp(O)) && {NORMED} => "
                                  "np.exp(np.exp(O) / np.exp(O).sum(axis=1, keepdims=True)); P "
                                  "= P / P.sum(axis=1, keepdims=True)",
                 "the softmax is taken twice."),
            Slip("shifted_unevenly", f"{EXP} => np.exp(O - O.max(axis=0))",
                 "the scores of one row are shifted by different amounts."),
            Slip("sigmoid_for_softmax", f"{NORMED} => 1 / (1 + np.exp(-O))",
                 "a sigmoid stands where the softmax belongs."),
            Slip("tanh_for_softmax",
                 f"{NORMED} => np.tanh(O) | np.maximum(O, 0) | np.log(1 + np.exp(O))",
                 "another activation stands where the softmax belongs."),
            Slip("hard_prediction", f"{NORMED} => 1.0 * (P == P.max(axis=1, keepdims=True))",
                 "the winning class gets everything. What does the softmax give?"),
            Slip("log_kept", f"{NORMED} => np.log(P / P.sum(axis=1, keepdims=True)) | "
                             "-np.log(P / P.sum(axis=1, keepdims=True))",
                 "this is the logarithm of the softmax. Differentiate once more."),
            Slip("slope_of_softmax",
                 (f"{NORMED} => P / P.sum(axis=1, keepdims=True); P = P * (1 - P)",
                  "=> (P - Y) * P * (1 - P) / | P * (1 - P) / | P * (Y - P) / | (P - Y) * P /",
                  "(P - Y) / len(O) => (P - Y) * P * (1 - P) | P * (1 - P) | P * (P - Y)"),
                 "P is multiplied in once more. What cancels against it in this loss?"),
            Slip("squared_loss", "=> P * (P - Y - np.sum(P * (P - Y), axis=1, keepdims=True)) / "
                                 "| 2 * P * (P - Y - np.sum(P * (P - Y), axis=1, "
                                 "keepdims=True)) /",
                 "this belongs to the squared loss. Which one is asked for?"),
            # the label
            Slip("label_missing", ("=> P / | P / 2 /", "(P - Y) / len(O) => P | P / 2"),
                 "the label does not take part. The loss compares the prediction with it."),
            Slip("label_sign", ("=> (P + Y) /", "(P - Y) / len(O) => P + Y"),
                 "the sign in front of the label is wrong."),
            Slip("label_class_only", ("=> Y * (P - 1) / | Y * (1 - P) / | Y * P / | -Y * P /",
                                      "(P - Y) / len(O) => Y * (P - 1)"),
                 "only the class of the label takes part. On which scores does the loss depend?"),
            Slip("label_class_missing", "=> (1 - Y) * P /",
                 "the class of the label does not take part."),
            Slip("label_alone", "=> Y / | -Y /",
                 "the prediction does not take part. The loss compares it with the label."),
            Slip("label_number", ("=> (P - Y.argmax(axis=1)[:, None]) /",
                                  "(P - Y) / len(O) => P - Y.argmax(axis=1)[:, None]"),
                 "the number of the class is subtracted. What does a row of Y hold?"),
            Slip("label_everywhere", "=> (P - 1) / | (1 - P) /",
                 "every class is treated as if it were the label's."),
            Slip("error_unsigned", "=> np.abs~ | np.sign~", "a sign or a size is lost."),
            Slip("square_kept", "=> (P - Y) ** 2 / | (P - Y) ** 2 / 2 /",
                 "a squared error stands here. Which loss is asked for?"),
            Slip("error_negated", "=> (Y - P) /", "the error has the wrong sign."),
            # the loss, and the mean
            Slip("loss_itself", tuple(
                     f"(P - Y) / len(O) => -np.sum(Y * np.log(P){axis}){n}"
                     for axis in ("", ", axis=1", ", axis=1, keepdims=True")
                     for n in ("", " / len(O)"))
                 + tuple(f"(P - Y) / len(O) => {sign}Y * np.log(P){n}" for sign in ("-", "")
                         for n in ("", " / len(O)")),
                 "this is the loss, not its gradient."),
            Slip("through_probabilities", ("=> -Y / P / | Y / P /", "(P - Y) / len(O) => -Y / P"),
                 "this is the derivative by the probabilities, not by O. The softmax comes in "
                 "between."),
            Slip("binary", "=> ~ (P * (1 - P)) / | -(Y / P - (1 - Y) / (1 - P)) /",
                 "this is a derivative by the probabilities, and for yes or no. The softmax "
                 "comes in between."),
            Slip("mean_forgotten", "(P - Y) / len(O) => P - Y",
                 "not divided by the number of examples. L is a mean."),
            Slip("mean_and_sign", "(P - Y) / len(O) => Y - P",
                 "the error has the wrong sign, and L is a mean."),
            Slip("mean_twice", "/ len(O) => ~**2", "divided by n twice."),
            Slip("mean_over_classes",
                 ("/ len(O) => / O.size", "(P - Y) / len(O) => np.mean(P - Y)"),
                 "averaged over the classes, too. Over what is the loss a mean?"),
            Slip("wrong_count",
                 "/ len(O) => / O.shape[1] | / max(O.shape) | / (len(O) - 1) | / np.sqrt(len(O))",
                 "divided by the wrong count. Which axis counts the examples?"),
            Slip("fixed_count", tuple(f"/ len(O) => / {n}" for n in (2, 3, 4, 5, 7, 10)),
                 "divided by a number that is the same for every minibatch."),
            Slip("multiplied_by_count", "/ len(O) => * len(O)",
                 "multiplied by the number of examples."),
            Slip("half_squared", "=> 2 * ~",
                 "a factor is left over. Is there a square in this loss?"),
            Slip("batch_summed", "(P - Y) / len(O) => (P - Y).sum(axis=0) | (P - Y).mean(axis=0)",
                 "one row for the whole batch. Every example has its own scores."),
            Slip("error_averaged", ("(P - Y) / len(O) => np.tile((P - Y).mean(axis=0), (len(O), "
                                    "1)) | P - Y.mean(axis=0)", "=> (P - Y.mean(axis=0)) /"),
                 "something is averaged over the batch first. Every example has its own way back."),
            Slip("scores_times", ("=> (P - Y) * O /", "(P - Y) / len(O) => (P - Y) * O"),
                 "multiplied by the scores once more."),
            Slip("binary_loss", "(P - Y) / len(O) => -(Y * np.log(P) + (1 - Y) * np.log(1 - P)) "
                                "| -(Y * np.log(P) + (1 - Y) * np.log(1 - P)) / len(O)",
                 "this is a loss, not a gradient, and for yes or no."),
            Slip("classes_summed", "(P - Y) / len(O) => (P - Y).sum(axis=1) | "
                                   "(P - Y).sum(axis=1, keepdims=True) / len(O)",
                 "the classes of an example are added. Every score has its own gradient."),
        ),
        otherwise=(f"{EXP} => np.exp(O)",
                   "(P - Y) / len(O) => np.stack([(p - y) / len(O) for p, y in zip(P, Y)])",
                   "(P - Y) / len(O) => P / len(O) - Y / Y.sum()",
                   f"{NORMED} => np.exp(O - np.log(np.exp(O).sum(axis=1, keepdims=True)))"),
    ),
)  # fmt: skip


# --- variants -------------------------------------------------------------------------------------


def _activation(key, name, phi, slope, others, slopes, words, without="activation_other"):
    """Another activation, as texts: φ(z), and φ′ of z and h; others; rows of slips of the slope."""
    array, batch = phi.format(z="z"), phi.format(z="Z")

    def layer(old, node, np_=""):
        return (
            Slip("activation_missing", f"{old} => z", "the activation function φ is missing.", "h"),
            Slip("activation_tanh", f"{old} => {old}", f"this is tanh. Here φ is {name}.", "h"),
            Slip("activation_other", f"{old} => {' | '.join(others[np_])}",
                 f"this is another activation function. Here φ is {name}.", "h"),
        )  # fmt: skip

    def backward(old, z, h):
        return (
            Slip("slope_missing", f"* {old} =>",
                 "φ′(z) is missing on the way from h back to z."),
            Slip("slope_is_phi", f"{old} => {h}", "φ stands where its derivative φ′ belongs."),
            Slip("slope_of_tanh", f"{old} => {old}",
                 f"this is the slope of tanh. Here φ is {name}."),
            *(Slip(row, f"{old} => {new.format(z=z, h=h)}", says) for row, new, says in slopes),
        )  # fmt: skip

    return Option(
        key,
        "activation",
        answers={
            "graph": f"tanh(z) => {key}(z)",
            "forward": f"np.tanh(z) => {array}",
            "dz": f"{SLOPE} => {slope.format(z='z', h=f'({array})')}",
            "gradients": f"np.tanh(Z) => {batch} && (1 - H**2) => {slope.format(z='Z', h='H')}",
        },
        slips={
            "graph": layer("tanh(z)", f"{key}(z)"),
            "forward": layer("np.tanh(z)", array, "np."),
            "dz": backward(SLOPE, "z", f"({array})"),
            "gradients": (
                *backward("(1 - H**2)", "Z", "H"),
                Slip("activation_tanh", "np.tanh(Z) => np.tanh(Z)",
                     f"this is tanh. Here φ is {name}."),
            ),
        },
        without=frozenset(without.split()),
        hints={
            "forward": (
                "These are the six lines of the graph again, now with arrays. "
                "How does NumPy write φ, and the squared norm ‖·‖²?",
                "φ acts on each entry of z by itself; `np.sum(a**2)` is ‖a‖² and a plain number. "
                "The factors of loss and penalty are now yours to write.",
            ),
            "dz": (
                "φ acts on every hidden unit by itself. How does h change if z changes a little?",
                "Multiply entry by entry with φ′(z). Differentiate φ as it is defined above.",
            ),
        },
        words=words,
    )  # fmt: skip


OPTIONS = (
    _activation(
        "sigmoid", "the sigmoid", "1 / (1 + np.exp(-{z}))",
        "({h} * (1 - {h}))",
        {"": ("relu(z)",), "np.": ("np.maximum(z, 0)", "1 / (1 + np.exp(z))", "np.exp(z)")},
        (("slope_at_z", "({z} * (1 - {z}))",
          "z(1 − z) is not the slope. At which point is that formula to be taken?"),
         ("slope_of_relu", "({z} > 0)", "this is the slope of the ReLU. Here φ is the sigmoid.")),
        (("$\\tanh$", "$\\sigma(z) = 1/(1 + e^{-z})$"), ("`tanh(z)`", "`sigmoid(z)`"),
         ("`np.tanh`", "`np.exp`"), ("torch.tanh(", "torch.sigmoid("),
         ("leaf, squared_loss, tanh", "leaf, sigmoid, squared_loss")),
    ),
    _activation(
        "relu", "the ReLU", "np.maximum({z}, 0)", "(1.0 * ({z} > 0))",
        {"": ("sigmoid(z)",), "np.": ("1 / (1 + np.exp(-z))", "np.abs(z)", "np.minimum(z, 0)")},
        (("slope_of_sigmoid", "({h} * (1 - {h}))",
          "this is the slope of the sigmoid. Here φ is the ReLU."),
         ("slope_other_side", "({z} < 0)", "the gate lets through where it has to be shut.")),
        (("$\\tanh$", "$\\max(z, 0)$"), ("`tanh(z)`", "`relu(z)`"),
         ("`np.tanh`", "`np.maximum`"), ("torch.tanh(", "torch.relu("),
         ("leaf, squared_loss, tanh", "leaf, relu, squared_loss")),
        "activation_other slope_twice slope_root",
    ),
    Option(
        "whole",
        "loss",
        answers={
            "graph": "squared_loss(o, y) => 2 * squared_loss(o, y)",
            "forward": f"{L_} => np.sum((o - y) ** 2)",
            "do": "o - y => 2 * (o - y)",
            "gradients": "(O - Y) / n => 2 * (O - Y) / n",
        },
        slips={
            "graph": (Slip("half_added", "squared_loss(o, y) => squared_loss(o, y)",
                           "there is a ½ in it. Has this loss one?", "L"),),
            "forward": (Slip("half_added", f"{L_} => {L_}",
                             "there is a ½ in it. Has this loss one?", "L"),),
            "do": (Slip("square_forgotten", "o - y => o - y",
                        "a factor is lost. What becomes of a square when it is differentiated, "
                        "where no ½ stands before it?"),),
            "gradients": (Slip("square_forgotten", "(O - Y) / n => (O - Y) / n",
                               "a factor is lost in the error. What becomes of a square when it is "
                               "differentiated, where no ½ stands before it?"),),
        },
        without=frozenset("half_forgotten half_kept half_twice half_and_sign "
                          "half_and_sign_of_label".split()),
        hints={
            "do": (
                "J depends on o through L alone. What is the derivative of (o − y)² for numbers?",
                "The 2 of the square meets no ½ here. What is left has the shape of o.",
            ),
        },
        words=(("$\\tfrac12\\|\\mathbf{o}-\\mathbf{y}\\|^2$", "$\\|\\mathbf{o}-\\mathbf{y}\\|^2$"),
               (".square().sum() / 2 / 7", ".square().sum() / 7")),
    ),
)  # fmt: skip
