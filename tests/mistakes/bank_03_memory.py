"""Answers to exercise 3 as learners type them: right, right in another way, and wrong.

The form is that of `bank_02_hidden_bias`. Nothing here is taken from coursecheck.
"""

EXERCISE = "03_memory"

PREAMBLE = """
import numpy as np
"""

RIGHT = {
    "base": """
def base(d, h, q, n, itemsize):
    parameters = h * d + q * h
    data = n * d + n * q
    return (parameters + data) * itemsize
""",
    "prediction": """
def prediction(d, h, q, n, itemsize):
    while_H = 2 * n * h
    while_O = n * h + n * q
    return max(while_H, while_O) * itemsize
""",
    "in_place": """
def in_place(d, h, q, n, itemsize):
    return (n * h + n * q) * itemsize
""",
    "kept": "kept = 1, 0, 0, 1, 1, 1, 1",
    "while_dZ": """
def while_dZ(d, h, q, n, itemsize):
    hidden = 3 * n * h
    ready = q * h
    loss = n * q
    seed = 1
    return (hidden + ready + loss + seed) * itemsize
""",
    "while_dW1": """
def while_dW1(d, h, q, n, itemsize):
    hidden = n * h
    ready = q * h
    made = h * d
    loss = n * q
    seed = 1
    return (hidden + ready + made + loss + seed) * itemsize
""",
    "training": """
def training(d, h, q, n, itemsize):
    before = h * d + q * h + n * d + n * q
    dO = n * h + 3 * n * q + 1
    dH = 2 * n * h + 2 * n * q + q * h + 1
    dZ = 3 * n * h + n * q + q * h + 1
    dW1 = n * h + n * q + q * h + h * d + 1
    return itemsize * (before + max(dO, dH, dZ, dW1))
""",
    "per_parameter": "per_parameter = 2, 3, 4",
    "gelu": """
def gelu(d, h, q, n, itemsize):
    return (2 * n * h + 2 * n * q) * itemsize
""",
    "chain_prediction": """
def chain_prediction(widths, n, itemsize):
    hidden, output = widths[1:-1], widths[-1]
    return n * max(2 * max(hidden), hidden[-1] + output) * itemsize
""",
    "chain_training": """
def chain_training(widths, n, itemsize):
    hidden, output = widths[1:-1], widths[-1]
    return n * (sum(hidden) + 2 * output) * itemsize
""",
}

RIGHT_OTHERWISE = [
    ("base", """
def base(d, h, q, n, itemsize):
    shapes = {"W1": (h, d), "W2": (q, h), "X": (n, d), "Y": (n, q)}
    return sum(int(np.prod(shape)) for shape in shapes.values()) * itemsize
"""),
    ("base", {"return (parameters + data) * itemsize":
              "return np.int64(itemsize) * (parameters + data)"}),
    ("base", """
def base(d, h, q, n, itemsize):
    kind = {4: np.float32, 8: np.float64}[itemsize]
    return sum(np.zeros(s, kind).nbytes for s in [(h, d), (q, h), (n, d), (n, q)])
"""),
    ("prediction", {"max(while_H, while_O) * itemsize": "(n * h + n * max(h, q)) * itemsize"}),
    ("in_place", {"(n * h + n * q) * itemsize": "itemsize * n * (h + q)"}),
    ("kept", "kept = [1, 0, 0, 1, 1, 1, 1]"),
    ("kept", "kept = np.array([1, 0, 0, 1, 1, 1, 1])"),
    ("per_parameter", "per_parameter = [1 + 1, 1 + 1 + 1, 1 + 1 + 2]"),
    ("chain_prediction", """
def chain_prediction(widths, n, itemsize):
    peak = before = 0
    for i, width in enumerate(widths[1:], start=1):
        z = n * width
        peak = max(peak, before + z)
        if i < len(widths) - 1:
            peak = max(peak, z + z)
        before = z
    return peak * itemsize
"""),
    ("chain_training", """
def chain_training(widths, n, itemsize):
    total = 0
    for width in widths[1:]:
        total += n * width
    return itemsize * (total + n * widths[-1])
"""),
]  # fmt: skip

# task, reason or reasons, the answer: edits of the right one, or a text
WRONG = [
    # --- units ---
    ("base", "elements_for_bytes", {" * itemsize": ""}),
    ("base", "bits_for_bytes", {" * itemsize": " * itemsize * 8"}),
    ("base", "itemsize_twice", {" * itemsize": " * itemsize**2"}),
    ("base", "halved", {" * itemsize": " * itemsize // 2"}),
    ("base", "units_mixed", {"(parameters + data) * itemsize": "parameters + data * itemsize"}),
    ("training", "units_mixed", {"itemsize * (before + max(dO, dH, dZ, dW1))":
                                 "itemsize * before + max(dO, dH, dZ, dW1)"}),
    ("base", "type", {"(parameters + data) * itemsize": "f'{parameters + data} floats'"}),
    ("base", "shape_unsummed", {"(parameters + data) * itemsize":
                                "[parameters * itemsize, data * itemsize]"}),
    ("base", "count_other", {"parameters + data": "parameters * data"}),
    ("base", "itemsize_doubled", {" * itemsize": " * itemsize * 2"}),
    ("base", "kilobytes", {" * itemsize": " * itemsize // 1000"}),
    ("training", "kilobytes", {"return itemsize * (": "return itemsize * 1 * (",
                               "dZ, dW1))": "dZ, dW1)) // 1024"}),
    ("base", "dtype_fraction", {" * itemsize": " * itemsize / 1024"}),
    ("base", "fixed_number", {" * itemsize": " * 4"}),
    ("base", "ignores_arguments", "def base(d, h, q, n, itemsize):\n    return 28800"),
    ("training", "elements_for_bytes", {"itemsize * (": "("}),
    ("gelu", "bits_for_bytes", {" * itemsize": " * itemsize * 8"}),
    ("chain_training", "elements_for_bytes", {" * itemsize": ""}),
    # --- before the step ---
    ("base", "batch_on_parameters", {"h * d + q * h": "n * (h * d + q * h)"}),
    ("base", "inputs_forgotten", {"n * d + n * q": "n * q"}),
    ("base", "labels_forgotten", {"n * d + n * q": "n * d"}),
    ("base", "parameters_forgotten", {"(parameters + data)": "data"}),
    ("base", "data_forgotten", {"(parameters + data)": "parameters"}),
    ("base", "bias_counted", {"h * d + q * h": "h * d + h + q * h"}),
    ("base", "bias_counted", {"h * d + q * h": "h * d + h + q * h + q"}),
    ("base", "gradients_early", {"(parameters + data)": "(2 * parameters + data)"}),
    ("base", "one_example", {"n * d + n * q": "d + q"}),
    ("base", "sizes_added", {"h * d + q * h": "h + d + q + h", "n * d + n * q": "n + d + n + q"}),
    ("base", ("elements_for_bytes", "labels_forgotten"), {"n * d + n * q": "n * d",
                                                          " * itemsize": ""}),
    # --- prediction ---
    ("prediction", "never_together",
     {"max(while_H, while_O)": "(while_H + n * q)"}),
    ("prediction", "z_forgotten", {"max(while_H, while_O)": "while_O"}),
    ("prediction", "largest_only", {"max(while_H, while_O)": "max(n * h, n * q)"}),
    ("prediction", "output_forgotten", {"max(while_H, while_O)": "while_H"}),
    ("prediction", "one_example", {"2 * n * h": "2 * h", "n * h + n * q": "h + q"}),
    ("prediction", "inputs_again", {"max(while_H, while_O)": "(n * d + max(while_H, while_O))"}),
    ("prediction", "gradients_in_prediction",
     {"max(while_H, while_O)": "(h * d + q * h + max(while_H, while_O))"}),
    ("prediction", "output_alone", {"while_O = n * h + n * q": "while_O = n * q"}),
    ("prediction", "moments_added", {"max(while_H, while_O)": "(while_H + while_O)"}),
    ("prediction", "base_again", {"max(while_H, while_O)":
                                  "(h * d + q * h + n * d + max(while_H, while_O))"}),
    ("prediction", "base_again", {"max(while_H, while_O)":
                                  "((h + n) * (d + q) + max(while_H, while_O))"}),
    ("prediction", "count_other", {"max(while_H, while_O)": "2 * n * max(h, q)"}),
    ("prediction", ("bits_for_bytes", "largest_only"),
     {"max(while_H, while_O)": "8 * max(n * h, n * q)"}),
    ("in_place", "not_in_place", {"(n * h + n * q)": "max(2 * n * h, n * h + n * q)"}),
    ("in_place", "never_together", {"n * h + n * q": "2 * n * h + n * q"}),
    ("in_place", "inputs_again", {"n * h + n * q": "n * d + n * h + n * q"}),
    ("in_place", "base_again", {"n * h + n * q": "(h + n) * (d + q) + n * h + n * q"}),
    ("in_place", "output_forgotten", {"n * h + n * q": "n * h"}),
    ("in_place", "output_alone", {"n * h + n * q": "n * q"}),
    ("in_place", "largest_only", {"(n * h + n * q)": "max(n * h, n * q)"}),
    # --- what backward propagation reads ---
    ("kept", "w1_kept", "kept = 1, 1, 0, 1, 1, 1, 1"),
    ("kept", "z_kept", "kept = 1, 0, 1, 1, 1, 1, 1"),
    ("kept", "x_not_kept", "kept = 0, 0, 0, 1, 1, 1, 1"),
    ("kept", "h_not_kept", "kept = 1, 0, 0, 0, 1, 1, 1"),
    ("kept", "w2_not_kept", "kept = 1, 0, 0, 1, 0, 1, 1"),
    ("kept", "o_not_kept", "kept = 1, 0, 0, 1, 1, 0, 1"),
    ("kept", "y_not_kept", "kept = 1, 0, 0, 1, 1, 1, 0"),
    ("kept", ("z_kept", "h_not_kept"), "kept = 1, 0, 1, 0, 1, 1, 1"),
    ("kept", "not_a_flag", "kept = 1, 0, 0, 2, 1, 1, 1"),
    ("kept", "count", "kept = 1, 0, 0, 1"),
    ("kept", "count", "kept = 'X', 'H', 'W2', 'O', 'Y'"),
    ("kept", ("w1_kept", "z_kept"), "kept = 1, 1, 1, 1, 1, 1, 1"),
    # --- moments of backward propagation ---
    ("while_dZ", "z_still_there", {"3 * n * h": "4 * n * h"}),
    ("while_dZ", "operands_gone", {"3 * n * h": "2 * n * h"}),
    ("while_dZ", "operands_gone", {"3 * n * h": "n * h"}),
    ("while_dZ", "finished_forgotten", {"(hidden + ready": "(hidden"}),
    ("while_dZ", "too_many_outputs", {"loss = n * q": "loss = 2 * n * q"}),
    ("while_dZ", "too_many_outputs", {"loss = n * q": "loss = 3 * n * q"}),
    ("while_dZ", "loss_is_scalar", {"loss = n * q": "loss = 1"}),
    ("while_dZ", "seed_forgotten", {"seed = 1": "seed = 0"}),
    ("while_dZ", ("elements_for_bytes", "loss_is_scalar"), {"loss = n * q": "loss = 1",
                                                            " * itemsize": ""}),
    ("while_dZ", "loss_forgotten", {"loss = n * q": "loss = 0"}),
    ("while_dZ", "made_later", {"ready = q * h": "ready = q * h + h * d"}),
    ("while_dZ", "inputs_again", {"(hidden": "(n * d + hidden"}),
    ("while_dZ", "base_again", {"(hidden": "((h + n) * (d + q) + hidden"}),
    ("while_dZ", ("loss_forgotten", "seed_forgotten"), {" + loss + seed": ""}),
    ("while_dZ", ("operands_gone", "finished_forgotten"), {"3 * n * h": "2 * n * h",
                                                           "ready = q * h": "ready = 0"}),
    ("while_dZ", ("operands_gone", "loss_is_scalar"), {"3 * n * h": "2 * n * h",
                                                       "loss = n * q": "loss = 1"}),
    ("while_dZ", ("z_still_there", "too_many_outputs"), {"3 * n * h": "4 * n * h",
                                                         "loss = n * q": "loss = 2 * n * q"}),
    ("while_dZ", "count_other", {"ready = q * h": "ready = 5 * q * h"}),
    ("while_dW1", "loss_forgotten", {"loss = n * q": "loss = 0"}),
    ("while_dW1", "too_many_outputs", {"loss = n * q": "loss = 2 * n * q"}),
    ("while_dW1", "base_again", {"(hidden": "((h + n) * (d + q) + hidden"}),
    ("while_dW1", ("loss_forgotten", "seed_forgotten"), {" + loss + seed": ""}),
    ("while_dW1", ("hidden_still_there", "finished_forgotten"), {"hidden = n * h":
                                                                 "hidden = 2 * n * h",
                                                                 "ready = q * h": "ready = 0"}),
    ("while_dW1", "hidden_still_there", {"hidden = n * h": "hidden = 2 * n * h"}),
    ("while_dW1", "hidden_still_there", {"hidden = n * h": "hidden = 3 * n * h"}),
    ("while_dW1", "operands_gone", {"hidden = n * h": "hidden = 0"}),
    ("while_dW1", "finished_forgotten", {"ready = q * h": "ready = 0"}),
    ("while_dW1", "result_forgotten", {"made = h * d": "made = 0"}),
    ("while_dW1", "loss_is_scalar", {"loss = n * q": "loss = 1"}),
    ("while_dW1", "seed_forgotten", {"seed = 1": "seed = 0"}),
    ("while_dW1", "inputs_again", {"(hidden": "(n * d + hidden"}),
    # --- the peak ---
    ("training", "moments_added", {"max(dO, dH, dZ, dW1)": "dO + dH + dZ + dW1"}),
    ("training", "moment_missed", {"max(dO, dH, dZ, dW1)": "max(dO, dH, dZ)"}),
    ("training", "moment_missed", {"max(dO, dH, dZ, dW1)": "max(dZ, dW1)"}),
    ("training", "moment_missed", {"max(dO, dH, dZ, dW1)": "dW1"}),
    ("training", "base_forgotten", {"(before + max": "(max"}),
    ("training", "never_together",
     {"max(dO, dH, dZ, dW1)": "(4 * n * h + 3 * n * q + h * d + q * h + 1)"}),
    ("training", "never_together",
     {"max(dO, dH, dZ, dW1)": "(3 * n * h + 2 * n * q + h * d + q * h)"}),
    ("training", "seed_forgotten", {"max(dO, dH, dZ, dW1)": "max(dO, dH, dZ, dW1) - 1"}),
    ("training", "moment_missed", {"dZ = 3": "dZ = 2"}),
    ("training", "parameter_gradients_forgotten",
     {"before = h * d + q * h + n * d + n * q": "before = h * d + q * h",
      "max(dO, dH, dZ, dW1)": "2 * n * h + 2 * n * q"}),
    ("training", "parameter_gradients_forgotten",
     {"max(dO, dH, dZ, dW1)": "2 * n * h + 2 * n * q"}),
    ("training", ("elements_for_bytes", "base_forgotten"), {"itemsize * (before + max": "(max"}),
    ("training", "count_other", {"max(dO, dH, dZ, dW1)": "7 * max(dO, dH, dZ, dW1)"}),
    # --- optimizers ---
    ("per_parameter", "one_short", "per_parameter = 1, 2, 3"),
    ("per_parameter", "two_short", "per_parameter = 0, 1, 2"),
    ("per_parameter", "one_too_many", "per_parameter = 2, 4, 4"),
    ("per_parameter", ("one_short", "two_short"), "per_parameter = 2, 2, 2"),
    ("per_parameter", "bytes_for_numbers", "per_parameter = 8, 12, 16"),
    ("per_parameter", "per_parameter_other", "per_parameter = 2, 3, 9"),
    ("per_parameter", ("one_short", "one_too_many"), "per_parameter = 2, 4, 3"),
    # --- transfer ---
    ("gelu", "one_hidden_only", {"2 * n * h": "n * h"}),
    ("gelu", "loss_is_scalar", {"2 * n * q": "n * q + 1"}),
    ("gelu", "outputs_short", {"2 * n * q": "n * q"}),
    ("gelu", "halved", {"2 * n * h + 2 * n * q": "n * h + n * q"}),
    ("gelu", ("outputs_short", "inputs_again"), {"2 * n * q": "n * q + n * d"}),
    ("gelu", "seed_early", {"2 * n * q": "2 * n * q + 1"}),
    ("gelu", "base_again", {"(2 * n * h": "((h + n) * (d + q) + 2 * n * h"}),
    ("gelu", "inputs_again", {"(2 * n * h": "(n * d + 2 * n * h"}),
    ("chain_prediction", "all_layers", {"max(2 * max(hidden), hidden[-1] + output)":
                                        "(2 * sum(hidden) + output)"}),
    ("chain_prediction", "all_layers", {"max(2 * max(hidden), hidden[-1] + output)":
                                        "sum(widths[1:])"}),
    ("chain_prediction", "largest_only", {"max(2 * max(hidden), hidden[-1] + output)":
                                          "max(widths[1:])"}),
    ("chain_prediction", "z_and_h", {"max(2 * max(hidden), hidden[-1] + output)":
                                     "max(a + b for a, b in zip(widths[1:], widths[2:]))"}),
    ("chain_prediction", "input_counted", {"max(2 * max(hidden), hidden[-1] + output)":
                                           "max(a + b for a, b in zip(widths, widths[1:]))"}),
    ("chain_prediction", "output_forgotten", {"max(2 * max(hidden), hidden[-1] + output)":
                                              "2 * max(hidden)"}),
    ("chain_prediction", "output_alone", {"hidden[-1] + output": "output"}),
    ("chain_prediction", "output_activated", {"max(2 * max(hidden), hidden[-1] + output)":
                                              "2 * max(widths[1:])"}),
    ("chain_prediction", "not_the_last", {"hidden[-1] + output": "max(hidden) + output"}),
    ("chain_prediction", "one_layer_only", {"2 * max(hidden)": "2 * hidden[0]"}),
    ("chain_prediction", "one_layer_only", {"2 * max(hidden)": "2 * hidden[-1]"}),
    ("chain_prediction", "count_other", {"max(2 * max(hidden), hidden[-1] + output)": "1"}),
    ("chain_prediction", "one_example", {"n * max(2": "max(2"}),
    ("chain_training", "neighbours_only", {"(sum(hidden) + 2 * output)":
                                           "max(2 * max(hidden), hidden[-1] + output)"}),
    ("chain_training", "z_kept_too", {"sum(hidden)": "2 * sum(hidden)"}),
    ("chain_training", "loss_is_scalar", {"n * (sum(hidden) + 2 * output)":
                                          "(n * (sum(hidden) + output) + 1)"}),
    ("chain_training", "outputs_short", {" + 2 * output": ""}),
    ("chain_training", "outputs_short", {"2 * output": "output"}),
    ("chain_training", ("z_kept_too", "outputs_short"), {"sum(hidden) + 2 * output":
                                                         "2 * sum(hidden) + output"}),
    ("chain_training", "seed_early", {"n * (sum(hidden) + 2 * output)":
                                      "(n * (sum(hidden) + 2 * output) + 1)"}),
    ("chain_training", "base_again",
     {"n * (sum(hidden) + 2 * output)":
      "(n * (sum(hidden) + 2 * output) + n * (widths[0] + output)"
      " + sum(a * b for a, b in zip(widths, widths[1:])))"}),
    ("chain_training", "input_counted", {"sum(hidden)": "sum(widths[:-1])"}),
    ("chain_training", "one_example", {"n * (sum": "(sum"}),
]  # fmt: skip
