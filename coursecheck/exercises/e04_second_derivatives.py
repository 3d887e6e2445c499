"""Slips of exercise 4: the graph of second derivatives, the blocks of a Hessian, and a step."""

import numpy as np
from coursecheck.form import Output, Slip, Task
from coursecheck.instruments import Product, product_evaluated
from coursecheck.variants import Option

TITLE = "Exercise 4"
IMPORTS = "from compgraph import dot, grad, half_sqnorm, leaf, sum_, transpose"
LOSS, PENALTY = "the part through the loss", "the part of the penalty"


# --- what is drawn ---


def _curvature(rng, v):
    """M: symmetric, with positive eigenvalues."""
    half = rng.standard_normal((v.q, v.q))
    return half @ half.T + np.eye(v.q)


def _symmetric(rng, v):
    half = rng.standard_normal((v.P, v.P))
    return half + half.T


def _slope(rng, v):
    return rng.uniform(0.2, 1, len(v.slope2))


def _enough(rng, v):
    """A damping with which the quadratic has a lowest point."""
    return float(max(0, -np.linalg.eigvalsh(v.H)[0]) + rng.uniform(0.3, 1.5))


# --- families of slips ---


def _to(old, *news):
    """Edits of one place."""
    return tuple(f"{old} => {new}" for new in news)


def _mixes(key, pairs, says, at):
    """Other numbers of products with d and with q."""
    right = {"gradient": "2 * first + 3 * second", "Hv": "3 * first + 8 * second"}[at]
    return Slip(key, tuple(f"{right} => {a} * first + {b} * second" for a, b in pairs), says, at)


def _decay(*factors):
    """What goes wrong with λ on the diagonal of a block."""
    right = "weight_decay * np.eye(len(block))"
    return (
        Slip("penalty_off_diagonal", f"{right} => weight_decay",
             "λ is added to every entry. Which second derivatives has the penalty?"),
        Slip("rate_missing", "weight_decay * np.eye => np.eye",
             "the penalty enters without its factor λ."),
        Slip("rate_before_all", f"block + {right} => weight_decay * (block + np.eye(len(block)))",
             "the penalty's factor stands before everything."),
        Slip("penalty_of_block",
             (f"{right} => ~ * block", f"block + {right} => (1 + weight_decay) * block"),
             "the penalty's part is multiplied by the part through the loss. How do they join?"),
        Slip("penalty_in_product",
             tuple(f"{factor} => {factor} + weight_decay * np.eye(len({name})) && block + {right} "
                   "=> block" for name, factor in factors),
             "λ is inside the Kronecker product. By what is it multiplied there?"),
    )  # fmt: skip


def _bend(*news):
    """The part of C with φ″ written otherwise: in its own line, or where C is used.

    In the second place it goes together with a slip in the term with M.
    """
    right = "np.diag(slope2 * (W2.T @ e))"
    return tuple(way for new in news for way in (
        f"+ {right} => + {new}", f"np.kron(C, => np.kron(C - {right} + {new},"))  # fmt: skip


def _same_input(x):
    """What goes wrong with the outer product of the input that two parameters of a layer share."""
    right = f"np.outer({x}, {x})"
    return (
        Slip("outer_missing", (f"{right} => np.diag({x}) | np.outer({x}, np.ones_like({x})) | "
                               f"np.outer(np.ones_like({x}), {x})",
                               f"{right} => {x} && block + weight_decay * np.eye(len(block)) => "
                               "block", f"{right} => {x}[:, None] && block + weight_decay * "
                                        "np.eye(len(block)) => block"),
             "both parameters bring the input they multiply. One of them is missing."),
        Slip("inputs_missing", f"{right} => np.eye(len({x})) | np.ones((len({x}), len({x})))",
             f"{x} has no part in it. How far does the layer's product move with an entry of its "
             "matrix?"),
        Slip("inputs_diagonal", f"{right} => np.diag({x} * {x}) | "
                                f"np.ones_like({x})[:, None] * {x}**2 | "
                                f"np.outer({x}**2, np.ones_like({x}))",
             f"an entry of {x} meets only itself. The two parameters may read different ones."),
        Slip("input_inner", f"{right} => {x} @ {x} * np.eye(len({x})) | "
                            f"np.full((len({x}), len({x})), {x} @ {x}) | {x} @ {x}",
             f"{x} is summed up to a single number. Every pair of its entries has a place of its "
             "own."),
        Slip("inputs_squared", f"{right} => np.outer({x}**2, {x}**2)",
             f"{x} is squared before the products are taken."),
    )  # fmt: skip


def _undirected(line, *edits):
    """A parameter that stands where its direction belongs."""
    return Slip(f"parameter_in_{line}", edits,
                f"in {line} a parameter itself stands where its direction belongs.")  # fmt: skip


def _decayed(weight, direction, output):
    """What goes wrong with the penalty's part of Hv."""
    right = f"weight_decay * {direction}"
    return (
        Slip("weights_for_direction", f"{right} => weight_decay * {weight}",
             "the penalty's part holds the weights themselves. Is it linear in v?", output),
        Slip("rate_missing", f"{right} => {direction}",
             "the penalty enters without its factor λ.", output),
        Slip("decay_constant",
             f"{right} => weight_decay | weight_decay * np.ones_like({direction})",
             "λ itself is added. Where does the direction come in?", output),
        Slip("decay_of_weights",
             f"{right} => ~ * {weight} | ~**2 | weight_decay * ({weight} + {direction})",
             "more than the direction stands behind λ. The penalty is quadratic: what is its "
             "Hessian?", output),
    )  # fmt: skip


TASKS = (
    Task(
        "counts",
        "A. How much of everything",
        "d h q",
        (Output("P", "the number of parameters", "count"),
         Output("graphs", "the number of graphs", "count"),
         Output("products", "the number of products", "count"),
         Output("size", "the Hessian's bytes", "count")),
        draw={"d": "2..8"},
        hints=(
            "The graph of Hv has v as an input. What has to be done again for another v, and what "
            "has not?",
            "P is hd + h + qh. The same graph is evaluated once for each unit vector, and every "
            "time it gives one column of P numbers with 4 bytes each.",
        ),
        on="4 * P**2",
        slips=(
            # parameters
            Slip("bias_not_counted", "h * d + h + q * h => h * d + q * h",
                 "the biases are parameters too. How many are there?"),
            Slip("bias_length",
                 "h * d + h + q * h => h * d + d + q * h | h * d + q + q * h | h * d + 1 + q * h",
                 "the bias has the wrong length. To what is it added?"),
            Slip("output_bias", "h * d + h + q * h => ~ + q",
                 "a bias of the output layer is counted. Has this model one?"),
            Slip("more_counted", "h * d + h + q * h => ~ + 1 | ~ + 2 | ~ + h",
                 "more is counted than W1, b1 and W2 hold. Which parameters has the model?"),
            Slip("inputs_counted", "h * d + h + q * h => ~ + d + q | ~ + d",
                 "x and y are data. Only what is trained counts."),
            Slip("units_counted", "h * d + h + q * h => d + h + q | h + q",
                 "these are units. How many numbers does a matrix between two layers hold?"),
            Slip("sizes_multiplied", "h * d + h + q * h => h * d * q | h * d * h * q | "
                                     "h * d * q + h | (h * d + h) * q * h | (h * d + h) * q | "
                                     "(d + 1) * (h + 1) * q",
                 "the two layers are multiplied with each other. How do their parameters join?"),
            Slip("layer_forgotten",
                 "h * d + h + q * h => h * d + h | h * d | h + q * h | q * h | h",
                 "not all of W1, b1 and W2 are counted."),
            Slip("past_hidden", "h * d + h + q * h => h * d + h + q * d | h * d + q * d | "
                                "h * d + h + h * h | q * d",
                 "a matrix has the wrong shape. Which two layers does it join?"),
            # graphs
            Slip("one_graph_each", "graphs = 1 => graphs = P | graphs = P + 1 | graphs = 2 * P",
                 "one new graph per parameter is not needed. Does the graph of ∇⟨∇J, v⟩ change "
                 "when v does?"),
            Slip("graph_per_entry", "graphs = 1 => graphs = P**2 | graphs = P * (P + 1) // 2 | "
                                    "graphs = P * (P - 1) // 2",
                 "one per entry of the Hessian is too many. What does a single v give?"),
            Slip("graph_per_array", "graphs = 1 => graphs = 3",
                 "this is as if each parameter array had its own. Can a scalar be differentiated "
                 "by several arrays at once?"),
            Slip("graph_per_block", "graphs = 1 => graphs = 6 | graphs = 9 | graphs = 4",
                 "this is as if each block had its own. Can a scalar be differentiated by "
                 "several arrays at once?"),
            Slip("graph_of_gradient", "graphs = 1 => graphs = 2",
                 "two are counted. Is one of them a part of the other?"),
            Slip("no_graph", "graphs = 1 => graphs = 0",
                 "none is counted. The gradient's graph alone gives no second derivative."),
            Slip("graph_per_unit", "graphs = 1 => graphs = q | graphs = h | graphs = d | "
                                   "graphs = h + q | graphs = d + h + q",
                 "this is one per unit of a layer. How many numbers is J?"),
            Slip("graph_per_weight",
                 "graphs = 1 => graphs = h * d | graphs = q * h | graphs = h * d + q * h",
                 "this is one per weight. Does the graph change with the weight you look at?"),
            Slip("exponential", (*_to("4 * P**2", "4 * 2**P", "2**P", "4 * 2**(2 * P)"),
                                 "graphs = 1 => graphs = 2**P", "products = P => products = 2**P"),
                 "this doubles, or more, with every single parameter. What would have to be done "
                 "again for each set of them?"),
            # products
            Slip("product_per_entry", "products = P => ~**2 | ~ * (P + 1) // 2 | "
                                      "~ * (P - 1) // 2 | ~ * (P - 1) | ~**2 // 2",
                 "one product per entry is too many. How many entries does a single product give?"),
            Slip("few_products", "products = P => products = 1 | products = 2 | products = 3",
                 "the same few for every network. How many entries does a single product give?"),
            Slip("half_the_products", "products = P => ~ // 2 | ~ / 2 | products = (P + 1) // 2",
                 "half of what it takes. The Hessian is symmetric, but does that give you whole "
                 "columns?"),
            Slip("products_twice", "products = P => products = 2 * P | products = 2 * P + 1",
                 "twice what it takes, or more. How many directions are there, and how often is "
                 "each one used?"),
            Slip("product_left_out", "products = P => ~ - 1",
                 "one is left out. Which column is known without a product?"),
            Slip("product_too_many", "products = P => ~ + 1",
                 "one too many. Which part of the Hessian does the last one give?"),
            Slip("some_directions", "products = P => products = h * d | products = q * h | "
                                    "products = h * d + q * h | products = h * d + h | "
                                    "products = q | products = d | products = h | "
                                    "products = d + h + q",
                 "this does not reach all columns. How many has the Hessian?"),
            Slip("product_cubed", "products = P => ~**3",
                 "this grows with P³. How many entries has the Hessian at all?"),
            # bytes
            Slip("only_a_vector", "=> 4 * P | 8 * P | P", "this is the size of a gradient. The "
                                                          "Hessian has an entry for every pair "
                                                          "of parameters."),
            Slip("cubed", "=> 4 * P**3 | P**3 | 8 * P**3",
                 "this grows with P³. An entry belongs to a pair of parameters, not to three."),
            Slip("elements_for_bytes", "=> P**2",
                 "this is the number of entries. How many bytes has each?"),
            Slip("double_precision", "=> 8 * P**2", "this is for float64. A float32 has 4 bytes."),
            Slip("half_as_much", "=> 2 * P**2", "half as much as it takes. Look at the bytes of "
                                                "one number, and at the entries of a symmetric "
                                                "matrix that is stored whole."),
            Slip("bits_for_bytes", "=> 32 * P**2 | 6~", "this counts bits. A byte has 8."),
            Slip("bytes_16", "=> 16 * P**2",
                 "sixteen bytes for a number. How many bits has a float32?"),
            Slip("half_of_it",
                 "=> 2 * P * (P + 1) | 2 * P * (P - 1) | P * (P + 1) // 2 | P * (P - 1) // 2",
                 "only one triangle is counted. A stored P × P matrix has both."),
            Slip("blocks_only", "=> 4 * ((h * d)**2 + h**2 + (q * h)**2) | "
                                "4 * ((h * d)**2 + (q * h)**2) | "
                                "4 * ((h * d + h)**2 + (q * h)**2)",
                 "pairs of parameters from different arrays are left out. Have they no second "
                 "derivative?"),
            Slip("one_block", "=> 4 * (h * d)**2 | 4 * (q * h)**2 | 4 * h * d * q * h | "
                              "4 * P * h * d | 4 * P * q * h",
                 "this is a part of the Hessian. Which parameters make its rows, and which its "
                 "columns?"),
            Slip("gradient_too", "=> ~ + 4 * P | ~ + 8 * P | 4 * (P**2 + P + 1)",
                 "more than the Hessian is counted. Are vectors in it?"),
            Slip("no_diagonal", "=> 4 * (P**2 - P)", "the diagonal is left out. Is it not stored?"),
            Slip("fourth_power", "=> 4 * P**4 | P**4", "this grows with the fourth power of P. "
                                                       "How many parameters does an entry belong "
                                                       "to?"),
            Slip("larger_unit",
                 "=> ~ / 1000 | ~ / 1024 | ~ / 1e6 | ~ / 2**20 | ~ / 1e9 | ~ / 2**30",
                 "this is a larger unit. Bytes are asked for."),
        ),
        otherwise=("P = (d + 1 + q) * h\nreturn [P, 1, P, 4 * P * P]",
                   "P = np.zeros((h, d)).size + h + np.zeros((q, h)).size\n"
                   "return float(P), 1.0, float(P), np.zeros((P, P), np.float32).nbytes"),
    ),
    Task(
        "product",
        "A. The graph of Hv",
        "J w v",
        (Output("Hv", "Hv", axes="h d"),),
        sizes="d h q",
        draw={"x": "d 1", "y": "q 1", "W2": "q h", "W": "h d", "V": "h d",
              "rate": "0.1..0.6"},
        use=product_evaluated,
        hints=(
            "`grad` takes a scalar. The gradient is a matrix: which scalar can you make of it and "
            "v so that its own gradient is Hv?",
            "⟨∇J, v⟩ is a number, linear in v. Differentiate it by w.",
        ),
        on="dot(g, v)",
        slips=(
            Slip("row_sums", "=> sum_(g)",
                 "these are the sums of the Hessian's rows. Where does v come in?"),
            Slip("row_sums_scaled",
                 ("dot(g, v) => sum_(g) && return Hv => return Hv * v", "=> sum_(g) * sum_(v)"),
                 "the rows of the Hessian are summed, and v is multiplied in too late."),
            Slip("gradient_times_v", "return Hv => return g * v",
                 "this is the gradient times v, entry by entry. Nothing has been differentiated "
                 "twice."),
            Slip("gradient_returned",
                 ("return Hv => return g | return [g]", "dot(g, v), [w] => dot(g, v), [v]"),
                 "this is the gradient. Differentiate once more, by w."),
            Slip("direction_returned", "return Hv => return v",
                 "this is v as it came. J has no part in it."),
            Slip("parameter_returned", "return Hv => return w",
                 "this is w as it came. J has no part in it."),
            Slip("objective_returned", "return Hv => return J",
                 "this is J itself. Nothing has been differentiated."),
            Slip("scalar_returned", "return Hv => return dot(g, v)",
                 "this is ⟨∇J, v⟩, a single number. Take its gradient."),
            Slip("curvature_returned", "return Hv => return dot(Hv, v)",
                 "this is a single number. Hv has the shape of w."),
            Slip("squared_gradient",
                 "return Hv => return g * dot(g, v) | return g * g | return g * g * v",
                 "a product of gradients is no second derivative."),
            Slip("gradient_for_direction", "=> half_sqnorm(g) | dot(g, g)",
                 "this is the Hessian times the gradient, or a multiple. Where does v come in?"),
            Slip("parameter_for_direction", "=> dot(g, w)",
                 "this is the Hessian times w. Which direction is asked for?"),
            Slip("square_differentiated", "=> ~ * ~ | ~ * ~ / 2",
                 "the square of ⟨∇J, v⟩ is differentiated. Is the result still linear in v?"),
            Slip("norms_differentiated", "=> half_sqnorm(g * v) | dot(g * g, v)",
                 "squares of the gradient are differentiated. What is left where that is zero?"),
            Slip("normalised", "return Hv => ~ / dot(v, v)", "v's own length is divided out."),
            Slip("v_twice", "return Hv => ~ * v", "v is multiplied in once more at the end."),
            Slip("late_square", "=> J * sum_(v) | J * dot(w, v) | J * ~ | J * J",
                 "J itself is a factor of what is differentiated. Is every term a second "
                 "derivative?"),
            Slip("gradient_added", ("return Hv => ~ + g", "=> ~ + J"),
                 "the gradient is added. Which derivative is asked for?"),
            Slip("direction_added", ("return Hv => ~ + v", "=> dot(g + w, v)"),
                 "v is added as it came."),
            Slip("parameter_as_factor",
                 "=> sum_(g) * dot(w, v) | dot(g * w, v) | dot(g, w * v) | ~ * sum_(w)",
                 "w is a factor of what is differentiated. What does the product rule add?"),
            Slip("third_derivative", "return Hv => return grad(dot(Hv, v), [w])[0]",
                 "differentiated once too often."),
            Slip("twice_applied", "return Hv => return grad(dot(g, Hv), [w])[0]",
                 "multiplied by the Hessian twice."),
            Slip("list_of_nodes", ("(Hv,) => Hv", "return Hv => ~, g"),
                 "{name} is a list: `grad` returns one node per variable. Unpack it."),
        ),
        otherwise=("dot(g, v) => sum_(v * g)", "return grad(sum_(grad(J, [w])[0] * v), [w])[0]",
                   "from compgraph import hvp\nreturn hvp(J, [w], [v])[0]"),
    ),
    Task(
        "flops",
        "A. The cost of Hv",
        "n d h q",
        (Output("gradient", "the gradient's FLOPs", "count",
                terms={"2 * first": "the products with d", "3 * second": "the products with q"}),
         Output("Hv", "the FLOPs of Hv", "count",
                terms={"3 * first": "the products with d", "8 * second": "the products with q"})),
        hints=(
            "Write down the products: X W1ᵀ, H W2ᵀ, then those of the backward pass. In which of "
            "them do both factors move when the parameters move along v?",
            "A product whose factors both move brings two new products, one with a fixed factor "
            "brings one. X is fixed. The products that give ∂J/∂W1 and ∂J/∂W2 themselves are not "
            "read by Hv.",
        ),
        on="3 * first + 8 * second",
        slips=(
            Slip("multiply_add_as_one",
                 ("2 * first + 3 * second => first + 3 * second // 2", "=> (~) // 2"),
                 "a multiplication and an addition are two operations."),
            _mixes("forward_alone", [(1, 1)], "this is the forward pass alone.", "gradient"),
            _mixes("backward_alone", [(1, 2)],
                   "the backward pass alone. It needs the forward pass first.", "gradient"),
            _mixes("input_gradient_counted", [(3, 3)], "∂J/∂X is counted. Nobody asks for it.",
                   "gradient"),
            _mixes("product_forgotten", [(2, 2)],
                   "a product with q is missing. Through which of them does the way back to the "
                   "hidden layer lead, and which one gives ∂J/∂W2?", "gradient"),
            _mixes("weights_alone", [(1, 3)],
                   "a product with d is missing. Which one gives ∂J/∂W1, and which one Z?",
                   "gradient"),
            _mixes("as_the_gradient", [(2, 3)], "this is the cost of a gradient.", "Hv"),
            _mixes("as_the_gradient_with_x", [(3, 3), (2, 2)],
                   "no more than a pass forward and back. Hv has to move along v as well.", "Hv"),
            _mixes("twice_the_gradient", [(4, 6)],
                   "just twice the gradient. Count which products have one moving factor, and "
                   "which two.", "Hv"),
            _mixes("multiple_of_gradient", [(6, 9), (8, 12), (10, 15)],
                   "this is a multiple of the gradient. Count which products have one moving "
                   "factor, and which two.", "Hv"),
            _mixes("layers_alike", [(6, 6), (9, 9), (4, 4), (5, 5), (8, 8), (12, 12)],
                   "as many products with d as with q. Which factor of a product never moves, and "
                   "in which layer?", "Hv"),
            _mixes("products_for_gradients_kept", [(4, 9)],
                   "the two products that give ∂J/∂W1 and ∂J/∂W2 are counted. Does Hv read the "
                   "gradient's values?", "Hv"),
            _mixes("new_products_alone", [(2, 6)],
                   "only the new products are counted. Some of the old ones are read as well.",
                   "Hv"),
            _mixes("one_product_each", [(3, 5), (4, 5)],
                   "in the products with q, two factors can move. What does the product rule make "
                   "of them?", "Hv"),
            _mixes("input_moves", [(4, 8), (5, 8), (6, 8)],
                   "too many products with d. Does X move along v?", "Hv"),
            _mixes("gradient_again", [(5, 11)],
                   "the gradient is counted as well. Hv reads some of its products, and some "
                   "it has already.", "Hv"),
            _mixes("neither", [(a, b) for a in range(1, 9) for b in range(1, 13)
                               if a != 3 and b != 8 and a != b and 3 * a != 2 * b and (a, b) not in
                               ((4, 9), (2, 6), (4, 5), (5, 11))],
                   "neither the products with d nor those with q are right in number.", "Hv"),
            Slip("one_per_parameter", "=> (h * d + h + q * h) * gradient | "
                                      "2 * (h * d + h + q * h) * gradient | "
                                      "(h * d + q * h) * gradient | (h * d + h + q * h) * (~)",
                 "multiplied by P. One product with one vector was asked for."),
            Slip("gradient_squared", "=> gradient**2", "the gradient's cost is squared. How much "
                                                       "longer is the graph of a derivative than "
                                                       "its own?"),
            Slip("hessian_stored", "=> 2 * (h * d + h + q * h)**2 | "
                                   "2 * n * (h * d + h + q * h)**2 | (h * d + h + q * h)**2 | "
                                   "gradient + 2 * (h * d + h + q * h)**2",
                 "this grows with P². Has the Hessian to be there for a product with it?"),
            Slip("products_and_sums", ("2 * first + 3 * second => ~ + n * h | ~ + 2 * n * h",
                                       "=> ~ + n * h | ~ + 2 * n * h"),
                 "operations outside of matrix products are counted, too."),
        ),
        otherwise=("return n * h * (4 * d + 6 * q), n * h * (6 * d + 16 * q)",
                   "def cost(A, B):\n    return 2 * A.shape[0] * A.shape[1] * B.shape[1]\n"
                   "X, H, E = np.ones((n, d)), np.ones((n, h)), np.ones((n, q))\n"
                   "a, b = cost(X, np.ones((d, h))), cost(E.T, H)\n"
                   "return a + b + b + b + a, 3.0 * a + 8.0 * b"),
    ),
    Task(
        "slopes",
        "B. φ″ of three activations",
        "z",
        (Output("tanh2", "φ″ of tanh", axes="h d"),
         Output("sigmoid2", "φ″ of the sigmoid", axes="h d"),
         Output("relu2", "φ″ of ReLU", axes="h d")),
        sizes="h d",
        draw={"z": "h d"},
        hints=(
            "Write φ′ with h = φ(z), and differentiate by z: what is h′?",
            "(1 − h²)′ = −2h h′, and (h − h²)′ = h′ − 2h h′. ReLU has straight pieces.",
        ),
        on="s * (1 - s) * (1 - 2 * s)",
        slips=(
            Slip("first_slope", ("-2 * h * (1 - h**2) => 1 - h**2", "=> s * (1 - s)"),
                 "this is φ′. Differentiate once more."),
            Slip("value_for_slope",
                 ("-2 * h * (1 - h**2) => h", "=> s", "np.zeros_like(z) => np.maximum(z, 0)"),
                 "this is φ itself."),
            Slip("slope_unfinished", ("-2 * h * (1 - h**2) => -2 * h", "=> 1 - 2 * s"),
                 "the chain rule is not finished: h itself moves with z. Which factor does that "
                 "bring?"),
            Slip("z_for_h", ("-2 * h * (1 - h**2) => -2 * z * (1 - z**2) | "
                             "-2 * z * (1 - h**2) | -2 * h * (1 - z**2)",
                             "=> z * (1 - z) * (1 - 2 * z) | s * (1 - s) * (1 - 2 * z)"),
                 "written with z where h = φ(z) belongs."),
            Slip("taken_at_h", ("h * (1 - h**2) => np.tanh(h) * (1 - np.tanh(h)**2)",
                                "=> (t := 1 / (1 + np.exp(-s))) * (1 - t) * (1 - 2 * t)"),
                 "φ″ is taken at h. It belongs at z."),
            Slip("chain_with_z", ("-2 * h * (1 - h**2) => ~ * z", "(1 - 2 * s) => ~ * z"),
                 "multiplied by z. How fast does z change with z?"),
            Slip("square_lost", "(1 - h**2) => (1 - h) | np.sqrt~", "a square is missing."),
            Slip("term_lost", ("-2 * h * (1 - h**2) => 2 * h**3 | -2 * h**3",
                               "=> s - 3 * s**2 | s + 2 * s**3"),
                 "a term is lost. How many are there, multiplied out?"),
            Slip("square_misplaced", "(1 - h**2) => (1 - h)**2", "a square is in the wrong place."),
            Slip("square_kept", "(1 - 2 * s) => (1 - s**2)",
                 "the square in φ′ is still a square. Differentiate it."),
            Slip("slope_cut", "=> s * (1 - 2 * s) | (1 - s) * (1 - 2 * s)",
                 "a factor is missing. What is φ′ of the sigmoid as a whole?"),
            Slip("square_forgotten", "-2 * h * (1 - h**2) => -2 * (1 - h**2)",
                 "something of the square is lost. What does x² leave when it is differentiated?"),
            Slip("slope_twice", ("(1 - h**2) => ~**2", "=> (s * (1 - s))**2 * (1 - 2 * s)"),
                 "φ′ is multiplied in twice."),
            Slip("slope_squared", ("-2 * h * (1 - h**2) => (1 - h**2)**2 | 2 * (1 - h**2) | "
                                   "-(1 - h**2)**2", "=> (s * (1 - s))**2"),
                 "this is made of φ′ alone. How fast does φ′ itself change?"),
            Slip("factor_too_often", ("-2 * h * (1 - h**2) => -2 * h**2 * (1 - h**2) | "
                                      "-h**2 * (1 - h**2)", "=> s**2 * (1 - s) * (1 - 2 * s) | "
                                                            "s * (1 - s)**2 * (1 - 2 * s)"),
                 "a factor is in it once too often."),
            Slip("only_squares_part", "=> -2 * s * s * (1 - s)",
                 "one of two terms is missing. How many has φ′ of the sigmoid, multiplied out?"),
            Slip("halves_of_product", "=> s * (1 - s) * (1 - s) | -s * s * (1 - s) | "
                                      "-(s * (1 - s))**2 | -2 * s * (1 - s) | -s * (1 - s)",
                 "φ′ is a product of two factors, and both move with z."),
            Slip("constant_kept", ("-2 * h * (1 - h**2) => 1 - 2 * h * (1 - h**2) | 1 - 2 * h",
                                   "=> 1 - 2 * s * s * (1 - s)"),
                 "a constant is kept. What is its derivative?"),
            Slip("inner_sign", ("(1 - h**2) => (1 + h**2) | (h**2 + 1) * -1",
                                "(1 - 2 * s) => (1 + 2 * s)", "=> s * (1 + s) * (1 - 2 * s)"),
                 "a sign inside a bracket is wrong."),
            Slip("once_too_often",
                 ("-2 * h * (1 - h**2) => 6 * h**2 - 2 | (6 * h**2 - 2) * (1 - h**2)",
                  "=> 1 - 6 * s + 6 * s**2 | s * (1 - s) * (1 - 6 * s + 6 * s**2)"),
                 "differentiated once too often."),
            Slip("others_formula",
                 ("-2 * h * (1 - h**2) => h * (1 - h) * (1 - 2 * h)", "=> -2 * s * (1 - s**2)"),
                 "this is the formula of the other curved activation."),
            Slip("others_value",
                 ("-2 * h * (1 - h**2) => s * (1 - s) * (1 - 2 * s)", "=> -2 * h * (1 - h**2)"),
                 "this is φ″ of the other curved activation."),
            Slip("kink", "np.zeros_like(z) => 1.0 * (z > 0) | np.sign(z)",
                 "φ′ is a step. What is its slope on either side?"),
            Slip("relu_ones", "np.zeros_like(z) => 0.5 * np.ones_like(z) | "
                              "0.01 * np.ones_like(z) | np.ones_like(z) | -1.0 * (z < 0) | "
                              "1.0 * (z < 0)",
                 "where the ReLU is straight, how fast can its slope change?"),
            Slip("relu_bent", "np.zeros_like(z) => z * (z > 0)**2 * 2 | z",
                 "this grows with z. What is the slope of the ReLU, and does it grow?"),
        ),
        otherwise=("-2 * h * (1 - h**2) => -2 * np.tanh(z) / np.cosh(z)**2",
                   "np.zeros_like(z) => 0 * (z > 0)",
                   "np.zeros_like(z) => np.zeros(z.shape, int) && "
                   "s * (1 - s) * (1 - 2 * s) => s - 3 * s**2 + 2 * s**3",
                   "t = np.tanh(z / 2)\nreturn (2 * np.tanh(z)**3 - 2 * np.tanh(z), "
                   "(-t * (1 - t**2) / 4).tolist(), 0 * z)"),
    ),
    Task(
        "M",
        "B. M of the cross-entropy",
        "o",
        (Output("M", "M", axes="q q"),),
        sizes="q",
        draw={"o": "q"},
        hints=(
            "The gradient is p − y. How does p_k move when o_l moves, for l = k and for l ≠ k?",
            "∂p_k/∂o_l = p_k (δ_kl − p_l): a diagonal, less an outer product.",
        ),
        on="np.diag(p) - np.outer(p, p)",
        slips=(
            Slip("product_missing", "- np.outer(p, p) => ",
                 "p_k falls when another score grows. That part is missing."),
            Slip("product_added", ("=> np.diag(p * (1 - p)) + np.outer(p, p) | "
                                   "np.diag(p * (1 - 2 * p)) + np.outer(p, p)",
                                   "- np.outer => + np.outer"),
                 "p_k falls when another score grows. Check the sign of that part."),
            Slip("own_score_missing", "=> -np.outer(p, p) | np.outer(p, p)",
                 "p_k grows with its own score. That part is missing."),
            Slip("off_diagonal_missing", "=> np.diag(p * (1 - p))",
                 "the entries off the diagonal are missing. The softmax ties all outputs "
                 "together."),
            Slip("off_diagonal_only", "=> np.diag(p * p) - np.outer(p, p)",
                 "the diagonal is empty. What becomes of p_k when its own score grows?"),
            Slip("diagonal_alone", "=> p * (1 - p)",
                 "these are the numbers of the diagonal, not yet a matrix."),
            Slip("of_squared_loss", "=> np.eye(len(p))", "this is M of the squared loss."),
            Slip("identity_for_diagonal", "np.diag(p) => np.eye(len(p))",
                 "on the diagonal, one part is the same for all classes. Should it be?"),
            Slip("one_minus", "=> np.outer(p, 1 - p) | np.outer(1 - p, p)",
                 "right on the diagonal only. How does p_k move with another score?"),
            Slip("ones_minus", "=> 1 - np.outer(p, p) | np.outer(1 - p, 1 - p)",
                 "one class and another are treated alike. What is different if k = l?"),
            Slip("diagonal_twice", "np.diag(p) => np.diag(p * (1 - p)) | np.diag(p - p**2)",
                 "the diagonal is made smaller twice. Which part of it is in the other term?"),
            Slip("diagonal_squared", "np.diag(p) => ~**0.5 | np.diag(1 - p) | 2 * ~ | ~ / 2",
                 "the part on the diagonal is wrong. How does p_k move with its own score, and "
                 "what of it is in the other part?"),
            Slip("square_off_rows", "np.outer(p, p) => p * p | (p * p)[:, None]",
                 "p is squared entry by entry, and the same comes off every row or every column. "
                 "To which two scores does an entry belong?"),
            Slip("row_off_rows", ("np.outer(p, p) => p | p[:, None]",
                                  "=> np.diag(p * (1 - p)) - (1 - np.eye(len(p))) * p | "
                                  "np.diag(p * (1 - p)) - (1 - np.eye(len(p))) * p[:, None]"),
                 "a single probability comes off where two scores meet. Which two?"),
            Slip("label", ("=> np.diag(p - (o == o.max())) | "
                           "np.outer(p - (o == o.max()), p - (o == o.max()))",
                           "np.diag(p) => np.diag(p - (o == o.max()))"),
                 "the largest score is taken for the label. Does M depend on a label?"),
            Slip("inner_product",
                 ("np.outer(p, p) => p @ p", "=> np.diag(p) - p @ p * np.eye(len(p))"),
                 "a single number comes off. Every pair of scores has an entry of its own."),
            Slip("outer_scaled", "np.outer(p, p) => ~ / len(p) | 2 * ~ | ~ / 2 | ~**2",
                 "the part that two different scores share has a wrong factor or power."),
            Slip("by_probabilities", "=> np.diag(1 / p) | np.diag(1 / p**2) | -np.diag(1 / p)",
                 "this looks like a derivative by the probabilities. M is one by the scores."),
            Slip("probabilities", "=> p",
                 "these are the probabilities. M has an entry for every pair of scores."),
            Slip("softmax_missing",
                 ("np.exp(o - o.max()) => o && p / p.sum() => p", "np.exp(o - o.max()) => o",
                  "np.outer(p, p) => np.outer(o, o)", "np.diag(p) => np.diag(o)"),
                 "the scores stand where their probabilities belong."),
            Slip("softmax_unnormalised",
                 ("p / p.sum() => p | p / p.max() | p / np.linalg.norm(p) | p / p.mean() | "
                  "p / len(p)", "np.exp(o - o.max()) => np.exp(o) && p / p.sum() => p",
                  "np.exp(o - o.max()) => np.exp(o) && p / p.sum() => p / len(p)"),
                 "the exponentials are not divided by their sum."),
            Slip("softmax_negative", "np.exp(o - o.max()) => np.exp(-o)",
                 "a larger score gets a smaller probability here."),
            Slip("softmax_twice", "p / p.sum() => np.exp(~) / np.exp(~).sum()",
                 "the softmax is taken twice."),
            Slip("log_softmax", "p / p.sum() => np.log(~)",
                 "logarithms stand where the probabilities belong."),
            Slip("sigmoid", ("np.exp(o - o.max()) => 1 / (1 + np.exp(-o)) && p / p.sum() => p",
                             "p = np.exp(o - o.max()) => p = 1 / (1 + np.exp(-o)) && p / "
                             "p.sum() => p && np.diag(p) - np.outer(p, p) => np.diag(p * (1 - "
                             "p))"), "each score goes through a sigmoid of its own. Which "
                                     "function comes with several classes?"),
        ),
        otherwise=("np.diag(p) - np.outer(p, p) => p[:, None] * (np.eye(len(p)) - p)",
                   "np.exp(o - o.max()) => np.exp(o) && np.outer(p, p) => "
                   "np.einsum('k,l->kl', p, p)",
                   "p = [np.exp(a) / sum(np.exp(b) for b in o) for a in o]\n"
                   "return [[s * ((k == l) - t) for l, t in enumerate(p)] "
                   "for k, s in enumerate(p)]"),
    ),
    Task(
        "H22",
        "B. The block of W2",
        "M h weight_decay",
        (Output("H22", "H22", axes="qh qh",
                terms={"block ": LOSS, "weight_decay * np.eye(len(block))": PENALTY}),),
        sizes="q units",
        draw={"q": "2..6", "units": "2..6", "qh": lambda rng, v: v.q * v.units,
              "weight_decay": "0.1..0.6", "M": _curvature, "h": "units"},
        hints=(
            "o_k moves by h_a when W2[k, a] moves by one. By how much does e_k move when W2[l, b] "
            "moves, and by how much does the gradient e_k h_a?",
            "Entry [(k, a), (l, b)] is M_kl h_a h_b, and `np.kron` arranges such products. The "
            "penalty adds to the diagonal.",
        ),
        on="(M, np",
        slips=(
            Slip("kron_order", "M, np.outer(h, h) => np.outer(h, h), M",
                 "the factors of the Kronecker product are in the wrong order. Row by row, W[k, "
                 "a] has the place k·(number of columns) + a."),
            Slip("m_missing", "=> (np.eye(len(M)), np | (np.ones_like(M), np",
                 "M, the curvature of the loss, is missing."),
            Slip("m_diagonal", "=> (np.diag(np.diag(M)), np",
                 "of M only the diagonal is used. What else does it hold?"),
            Slip("m_squared", "=> (M @ M, np | (M * M, np | (np.linalg.inv(M), np",
                 "M enters with a wrong power."),
            Slip("m_summed",
                 "=> (M.sum() * np.eye(len(M)), np | (np.trace(M) * np.eye(len(M)), np",
                 "M is summed up to a single number. Every pair of outputs has its own."),
            *_same_input("h"),
            Slip("slope_here", "np.outer(h, h) => np.outer(1 - h**2, 1 - h**2) | "
                               "np.outer(h * (1 - h**2), h * (1 - h**2))",
                 "φ′ takes part. Does the way from W2 to o lead through φ?"),
            *_decay(("M", "np.kron(M"), ("h", "np.outer(h, h)")),
        ),
        otherwise=("np.kron(M, np.outer(h, h)) => np.einsum('kl,a,b->kalb', M, h, h)"
                   ".reshape(len(M) * len(h), -1)",
                   "rows = []\nfor k in range(len(M)):\n    for a in range(len(h)):\n"
                   "        row = [[m * h[a] * b for b in h] for m in M[k]]\n"
                   "        row[k][a] += weight_decay\n        rows.append(sum(row, []))\n"
                   "return rows",
                   "J = np.kron(np.eye(len(M)), h)\n"
                   "return J.T @ M @ J + weight_decay * np.eye(J.shape[1])"),
    ),
    Task(
        "H11",
        "B. The block of W1",
        "M e W2 slope slope2 x weight_decay",
        (Output("H11", "H11", axes="hd hd",
                terms={"block ": LOSS, "weight_decay * np.eye(len(block))": PENALTY}),),
        sizes="q h d",
        draw={"q": "2..6", "h": "2..6", "d": "2..5", "hd": lambda rng, v: v.h * v.d,
              "weight_decay": "0.1..0.6", "M": _curvature, "e": "q", "W2": "q h", "slope2": "h",
              "slope": _slope, "x": "d"},
        hints=(
            "First for z alone: ∂J/∂z = W2ᵀe ⊙ φ′(z). Two things in it move with z. Which?",
            "e moves by M W2 D dz, and φ′ moves by φ″ dz: two matrices to add. Then each parameter "
            "of W1 brings its x, on both sides.",
        ),
        on="(W2.T @ e)",
        slips=(
            # the two parts
            Slip("gauss_newton", _bend("0 * D"),
                 "this is Gauss–Newton, not the Hessian. A term that holds e is left out."),
            Slip("error_fixed", "D @ W2.T @ M @ W2 @ D + => ",
                 "only the term with φ″ is there. Does e stay as it is when z moves?"),
            Slip("bend_negated", _bend("-np.diag(slope2 * (W2.T @ e))"),
                 "the term with φ″ has a wrong sign."),
            Slip("bend_scaled", "+ np.diag => + 2 * np.diag | + 0.5 * np.diag",
                 "the term with φ″ has a wrong factor in front."),
            Slip("through_negated", "C = D => C = -D", "the term with M has a wrong sign."),
            Slip("through_scaled", "C = D => C = 2 * D | C = 0.5 * D",
                 "the term with M has a wrong factor in front."),
            Slip("gradients_multiplied",
                 ("D @ W2.T @ M @ W2 @ D => np.outer(D @ W2.T @ e, D @ W2.T @ e)",
                  "D @ W2.T @ M @ W2 @ D + np.diag(slope2 * (W2.T @ e)) => np.outer(D @ W2.T @ "
                  "e, D @ W2.T @ e)"), "a product of gradients is no second derivative."),
            # the term with M
            Slip("slope_once", ("W2 @ D + => W2 +", "D @ W2.T => W2.T"),
                 "φ′ stands on one side only. Both parameters pass through the activation."),
            Slip("slope_missing", "D @ W2.T @ M @ W2 @ D => W2.T @ M @ W2",
                 "φ′ is missing. The way to W1 leads through the activation."),
            Slip("slope_too_often", ("W2 @ D + => W2 @ D @ D +", "D @ W2.T => D @ ~",
                                     "D @ W2.T @ M @ W2 @ D => D @ ~ @ D",
                                     "D = np.diag(slope) => D = np.diag(slope**2)"),
                 "φ′ is in it more often than the activation is passed."),
            Slip("slope_one_side",
                 "D @ W2.T @ M @ W2 @ D => W2.T @ M @ W2 @ D @ D | D @ D @ W2.T @ M @ W2",
                 "φ′ stands twice on one side and not on the other. An entry belongs to two "
                 "units."),
            Slip("second_for_first", ("np.diag(slope) => np.diag(slope2)",
                                      "np.diag(slope) => np.diag(slope2) && slope2 * (W2 => "
                                      "slope * (W2"), "φ″ stands where φ′ belongs."),
            Slip("m_missing", "M @ W2 @ D => W2 @ D", "M, the curvature of the loss, is missing."),
            Slip("m_diagonal", "@ M @ => @ np.diag(np.diag(M)) @",
                 "of M only the diagonal is used. What else does it hold?"),
            Slip("m_power", "@ M @ => ~ M @ | @ np.linalg.inv(M) @",
                 "M enters with a wrong power."),
            Slip("through_diagonal", "D @ W2.T @ M @ W2 @ D => np.diag(np.diag(~))",
                 "of the term with M only the diagonal is used. Hidden units meet in the outputs."),
            # the term with φ″
            Slip("error_missing", _bend("np.diag(slope2)"),
                 "the term with φ″ lacks what arrives at h."),
            Slip("no_error", "=> W2.sum(axis=0)",
                 "the term with φ″ holds W2 but not the error that W2 carries back."),
            Slip("first_for_second", _bend("np.diag(slope * (W2.T @ e))"),
                 "φ′ stands where φ″ belongs."),
            Slip("slope_squared", "slope2 * (W2 => slope**2 * (W2", "the square of φ′ is not φ″."),
            Slip("bend_missing", "slope2 * (W2.T @ e) => W2.T @ e",
                 "φ″ is missing in the term with e."),
            Slip("bend_squared", "slope2 * (W2 => slope2**2 * (W2",
                 "φ″ is squared in the term with e."),
            Slip("slope_in_bend", "slope2 * (W2 => slope * ~ | slope**2 * ~",
                 "φ′ stands in the term with φ″. Which factor of the gradient moves in this term?"),
            Slip("error_not_back", _bend("np.diag(slope2 * e.sum())", "np.diag(slope2 * e.mean())",
                                         "np.diag(slope2 * np.linalg.norm(e))"),
                 "e is summed, not carried back through W2."),
            Slip("m_in_bend", ("=> (W2.T @ M @ e) | (W2.T @ M @ W2 @ slope)",
                               "np.diag(slope2 * (W2.T @ e)) => np.diag(slope2) @ W2.T @ M @ "
                               "W2 @ np.diag(slope2) | np.diag(slope2) @ W2.T @ M @ W2"),
                 "M stands in the term with φ″. Which factor of the gradient moves in this term?"),
            Slip("back_summed", "=> ~.sum() | ~.mean()",
                 "what arrives at the hidden layer is summed up. Every unit has its own."),
            Slip("error_squared", "=> ~**2 | (W2.T @ e**2) | np.abs~",
                 "what arrives at h enters the term with φ″ squared, or without its sign."),
            Slip("not_diagonal", _bend("slope2 * (W2.T @ e)", "(slope2 * (W2.T @ e))[:, None]",
                                       "np.outer(slope2, W2.T @ e)", "np.outer(W2.T @ e, slope2)"),
                 "φ acts on every unit by itself. Does φ″ join different units?"),
            # x on both sides
            Slip("kron_order", "C, np.outer(x, x) => np.outer(x, x), C",
                 "the factors of the Kronecker product are in the wrong order. Row by row, W[k, "
                 "a] has the place k·(number of columns) + a."),
            *_same_input("x"),
            *_decay(("C", "np.kron(C"), ("x", "np.outer(x, x)")),
        ),
        otherwise=("D @ W2.T @ M @ W2 @ D => slope[:, None] * (W2.T @ M @ W2) * slope",
                   "h, d = len(slope), len(x)\nG = W2 * slope\n"
                   "C = np.einsum('ka,kl,lb->ab', G, M, G)\n"
                   "C[np.arange(h), np.arange(h)] += slope2 * (e @ W2)\n"
                   "block = np.einsum('ab,i,j->aibj', C, x, x).reshape(h * d, h * d)\n"
                   "return block + weight_decay * np.identity(h * d)"),
    ),
    Task(
        "H21",
        "B. The block between W2 and W1",
        "M e W2 slope h x",
        (Output("H21", "H21", axes="qh hd",
                terms={"through_e": "the part in which e moves",
                       "through_h": "the part in which h moves"}),),
        sizes="q units d",
        draw={"q": "2..6", "units": "2..6", "d": "2..5", "qh": lambda rng, v: v.q * v.units,
              "hd": lambda rng, v: v.units * v.d, "M": _curvature, "e": "q", "W2": "q units",
              "h": "units", "slope": lambda rng, v: rng.uniform(0.2, 1, v.units), "x": "d"},
        hints=(
            "The gradient of W2[k, a] is e_k h_a. Which of its two factors moves when W1[b, j] "
            "does?",
            "Both do. e moves through all hidden units; h_a moves only if b = a, by φ′_a x_j. "
            "`np.kron` and `np.einsum(...).reshape` both help.",
        ),
        on="np.kron(np.diag(slope), x)",
        slips=(
            Slip("gauss_newton", ("through_e + through_h => through_e",
                                  "through_h = np.kron => through_h = 0 * np.kron"),
                 "this is Gauss–Newton, not the Hessian. A term that holds e is left out."),
            Slip("nothing", "through_e + through_h => 0 * through_e",
                 "zero everywhere. Does the gradient of W2 stay when W1 moves?"),
            Slip("slope_missing", ("W2 @ np.diag(slope) => W2", "=> np.kron(np.eye(len(h)), x)",
                                   "W2 @ np.diag(slope) => W2 && np.kron(np.diag(slope), x) => "
                                   "np.kron(np.eye(len(h)), x)"),
                 "φ′ is missing. The way to W1 leads through the activation."),
            Slip("slope_squared", ("W2 @ np.diag(slope) => W2 @ np.diag(slope**2)",
                                   "=> np.kron(np.diag(slope**2), x)",
                                   "W2 @ np.diag(slope) => W2 @ np.diag(slope**2) && "
                                   "np.kron(np.diag(slope), x) => np.kron(np.diag(slope**2), x)"),
                 "φ′ is squared. How often does the way from W1 to o pass the activation?"),
            Slip("slope_other_side",
                 "np.outer(h, x) => np.outer(slope * h, x) && W2 @ np.diag(slope) => W2",
                 "φ′ belongs to another unit: to the one that W1 feeds, or the one that W2 reads?"),
            Slip("h_for_slope",
                 ("=> np.kron(np.diag(h), x)", "W2 @ np.diag(slope) => W2 @ np.diag(h)"),
                 "h stands where φ′ belongs. How fast does h move with z?"),
            Slip("slope_for_h", "np.outer(h, x) => np.outer(slope, x)",
                 "φ′ stands where h belongs in the part in which e moves."),
            Slip("m_missing", "M @ W2 => W2", "M, the curvature of the loss, is missing."),
            Slip("m_diagonal", "M @ W2 => np.diag(np.diag(M)) @ W2",
                 "of M only the diagonal is used. What else does it hold?"),
            Slip("m_twice", ("M @ W2 => M @ ~", "e[:, None] => (M @ e)[:, None]"),
                 "M is in it too often. Where does the loss bend, and where is only its slope "
                 "needed?"),
            Slip("input_missing", ("np.outer(h, x) => np.outer(h, np.ones_like(x))",
                                   "=> np.kron(np.diag(slope), np.ones_like(x))",
                                   "np.outer(h, x) => np.outer(h, np.ones_like(x)) && "
                                   "np.kron(np.diag(slope), x) => np.kron(np.diag(slope), "
                                   "np.ones_like(x))"),
                 "x is missing. By what does an entry of W1 act on z?"),
            Slip("hidden_missing", "np.outer(h, x) => np.outer(np.ones_like(h), x)",
                 "h is missing in the part in which e moves."),
            Slip("hidden_too_often", ("e[:, None] => e[:, None] && np.kron(np.diag(slope), x) "
                                      "=> np.kron(np.diag(slope * h), x)",
                                      "np.outer(h, x) => np.outer(h**2, x)"),
                 "h is in it once too often. In which part does it stay, and in which does it "
                 "move?"),
            Slip("error_missing", "e[:, None] => np.ones((len(e), 1))",
                 "in the part in which h moves, the other factor of the gradient is missing."),
            Slip("error_in_both", "M @ W2 => e[:, None] * ~",
                 "e stands in the part in which e itself moves."),
            Slip("error_summed",
                 "e[:, None] => np.full((len(e), 1), e.sum()) | np.full((len(e), 1), e.mean())",
                 "e is summed up. Every output has its own row."),
            Slip("weights_in_error", "np.kron(e[:, None], np.kron(np.diag(slope), x)) => "
                                     "np.kron(e[:, None] * W2 @ np.diag(slope), np.outer(h, x)) "
                                     "| np.kron(e[:, None] * W2, np.kron(slope[:, None], x)) | "
                                     "np.kron(e[:, None] * W2 @ np.diag(slope), "
                                     "np.outer(np.ones_like(h), x))",
                 "W2 stands in the part in which h moves. Is W2 on the way from W1 to h?"),
            Slip("delta_missing", "=> np.kron(slope[:, None] * np.ones(len(h)), x) | "
                                  "np.kron(slope * np.ones((len(h), 1)), x) | "
                                  "np.kron(np.outer(h, slope), x)",
                 "the term with e joins every hidden unit with every other. Which h moves when "
                 "W1[b, j] does?"),
            Slip("delta_in_both", "np.kron(M @ W2 @ np.diag(slope), np.outer(h, x)) => "
                                  "np.einsum('ka,a,ab,j->kabj', M @ W2 @ np.diag(slope), h, "
                                  "np.eye(len(h)), x).reshape(len(e) * len(h), -1)",
                 "the part in which e moves is cut down to a = b. Through which units does e "
                 "move?"),
            Slip("kron_order", ("M @ W2 @ np.diag(slope), np.outer(h, x) => np.outer(h, x), M @ "
                                "W2 @ np.diag(slope)", "e[:, None], np.kron(np.diag(slope), x) "
                                                       "=> np.kron(np.diag(slope), x), e[:, "
                                                       "None]", "=> np.kron(x, np.diag(slope))",
                                "M @ W2 @ np.diag(slope), np.outer(h, x) => np.outer(h, x), M "
                                "@ W2 @ np.diag(slope) && np.kron(e[:, None], "
                                "np.kron(np.diag(slope), x)) => "
                                "np.kron(np.kron(np.diag(slope), x), e[:, None])"),
                 "the factors of the Kronecker product are in the wrong order. Row by row, W[k, "
                 "a] has the place k·(number of columns) + a."),
            Slip("penalty_here", "through_e + through_h => ~ + 0.1 | ~ + 0.2 | "
                                 "~ + 0.1 * np.eye(*through_e.shape)",
                 "λ does not join different parameters. There is no such term here."),
            Slip("parts_multiplied", "through_e + through_h => through_e * through_h",
                 "the two parts are multiplied. What does the product rule do with them?"),
        ),
        otherwise=("np.kron(e[:, None], np.kron(np.diag(slope), x)) => "
                   "np.einsum('k,ab,j->kabj', e, np.diag(slope), x).reshape(through_e.shape)",
                   "out = np.zeros((len(e), len(h), len(h), len(x)))\nA = M @ W2 * slope\n"
                   "for k in range(len(e)):\n    for a in range(len(h)):\n"
                   "        for b in range(len(h)):\n"
                   "            out[k, a, b] = (A[k, b] * h[a] + e[k] * slope[a] * (a == b)) * x\n"
                   "return out.reshape(len(e) * len(h), len(h) * len(x))"),
    ),
    Task(
        "hvp",
        "C. Hv by hand, for a minibatch",
        "X Y W1 b1 W2 V1 v1 V2 weight_decay",
        (Output("Hv1", "the part of Hv for W1", axes="h d",
                terms={"RdZ.T @ X": LOSS, "weight_decay * V1": PENALTY}),
         Output("Hvb", "the part of Hv for b1", axes="h"),
         Output("Hv2", "the part of Hv for W2", axes="q h",
                terms={"RE.T @ H": "the part in which E moves",
                       "E.T @ RH": "the part in which H moves", "weight_decay * V2": PENALTY})),
        sizes="n d h q",
        draw={"weight_decay": "0.1..0.6", "X": "n d", "Y": "n q", "W1": "h d", "b1": "h",
              "W2": "q h", "V1": "h d", "v1": "h", "V2": "q h"},
        hints=(
            "Go through the forward and the backward pass line by line and ask of each: what moves "
            "when W1, b1, W2 move along V1, v1, V2? X and Y stay. Which lines are products of two "
            "things that both move?",
            "RZ has a part from V1 and one from v1. RO and RdH have two terms each, and so has "
            "RdZ: φ′(Z) moves by φ″ ⊙ RZ, which for tanh is −2 H ⊙ RH. In the gradients' own "
            "lines, only EᵀH has two moving factors.",
        ),
        on="RdZ.sum(axis=0)",
        slips=(
            # forward
            Slip("tangent_of_bias", "+ v1 => ", "the bias moves too. v1 is missing from RZ."),
            Slip("tangent_of_first", "X @ V1.T + v1 => v1", "W1 moves too. V1 is missing from RZ."),
            _undirected("RZ", "+ v1 => + b1", "X @ V1.T => X @ W1.T",
                        "X @ V1.T + v1 => X @ W1.T + b1"),
            _undirected("RO", "H @ V2.T => H @ W2.T"),
            _undirected("RdH", "E @ V2 => E @ W2"),
            Slip("bias_multiplied", "X @ V1.T + v1 => X @ V1.T * v1",
                 "v1 multiplies in RZ. How does the bias enter Z?"),
            Slip("tangent_of_activation", "slope * RZ => RZ",
                 "φ′ is missing on the way from RZ to RH."),
            Slip("phi_of_tangent",
                 "slope * RZ => np.tanh(RZ) | 1 - np.tanh(RZ)**2 | (1 - RZ**2) * RZ",
                 "φ or φ′ is taken of RZ. At which point of φ does the network stand?"),
            Slip("h_for_slope", "slope * RZ => H * RZ | (1 - H) * RZ | slope**2 * RZ | "
                                "-2 * H * ~ | -2 * H * RZ | H * ~ | (X @ W1.T + b1 > 0) * RZ | "
                                "H * (1 - H) * RZ",
                 "on the way from RZ to RH something else than φ′ is multiplied in."),
            Slip("tangent_of_weights", "RH @ W2.T + H @ V2.T => RH @ W2.T | H @ V2.T",
                 "O is a product of two factors that both move. One of the two terms of RO is "
                 "missing."),
            Slip("rates_multiplied",
                 ("RH @ W2.T + H @ V2.T => RH @ V2.T | RH @ W2.T + RH @ V2.T | ~ + RH @ V2.T",
                  "RE @ W2 + E @ V2 => RE @ V2 | RE @ W2 + RE @ V2 | ~ + RE @ V2",
                  "RE.T @ H + E.T @ RH => RE.T @ RH | RE.T @ H + RE.T @ RH | "
                  "RE.T @ RH + E.T @ RH | ~ + RE.T @ RH", "H * RH * dH => H * RH * RdH"),
                 "two rates are multiplied with each other. How many factors of a product does "
                 "the product rule move at a time?"),
            Slip("sign_of_term", ("+ H @ V2.T => - H @ V2.T", "+ E @ V2 => - E @ V2",
                                  "X @ V1.T + v1 => X @ V1.T - v1"),
                 "a term of a rate has a wrong sign on the way."),
            Slip("input_rate", ("RH @ W2.T => RZ @ W2.T", "E.T @ RH => E.T @ RZ",
                                "RH @ W2.T => RZ @ W2.T && E.T @ RH => E.T @ RZ"),
                 "RZ stands where RH belongs."),
            Slip("value_for_rate", ("RH @ W2.T => H @ W2.T", "RE @ W2 => E @ W2",
                                    "RdH * slope => dH * slope", "E.T @ RH => E.T @ H",
                                    "RE.T @ H => E.T @ H", "RE = RO / n => RE = E",
                                    "H * RH * dH => H * H * dH", "slope * RZ => slope * H"),
                 "a value stands where its rate belongs."),
            # the error
            Slip("label_again", "RO / n => (RO - Y) / n | RO - Y / n | ~ - Y | (RO - Y)",
                 "y does not move with the parameters. It is subtracted once too often."),
            Slip("mean_forgotten",
                 ("RO / n => RO", "- Y) / n => - Y) && RO / n => RO", "- Y) / n => - Y)"),
                 "summed over the batch without dividing by n. L is a mean."),
            Slip("mean_twice", "RO / n => ~ / n", "RE is divided by n twice."),
            Slip("wrong_count", ("RO / n => RO / Y.shape[1] | RO / RO.size | RO / X.shape[1] | "
                                 "RO / len(b1)", "n = len(X) => n = X.shape[1] | "
                                                 "n = Y.shape[1] | n = len(b1) | n = Y.size | "
                                                 "n = max(X.shape) | n = 7"),
                 "divided by something else than the number of examples."),
            Slip("rate_of_error", "RO / n => 2 * ~ | ~ / 2 | -~",
                 "RE has a wrong factor. How does E depend on O?"),
            Slip("error_multiplied", "RO / n => RO * E | RO * E / n | RO * (H @ W2.T - Y) / n",
                 "RE still holds the error. How does E depend on O?"),
            # backward
            Slip("product_rule_missing", "RE @ W2 + E @ V2 => RE @ W2 | E @ V2",
                 "E W2 is a product of two factors that both move. One of the two terms is "
                 "missing."),
            Slip("second_slope_missing", "- 2 * H * RH * dH => ",
                 "φ′(Z) moves with Z. The term with φ″ is missing."),
            Slip("second_slope_only", "RdH * slope - 2 => -2 | dH * 0 - 2",
                 "dH moves as well. Only the term with φ″ is there."),
            Slip("second_slope_sign", "- 2 * H * RH => + 2 * H * RH",
                 "the term with φ″ has a wrong sign."),
            Slip("second_slope_factor", "- 2 * H * RH => - H * RH | - 4 * H * RH | - 2 * RH | "
                                        "+ H * RH | - 2 * H**2 * RH | - 2 * slope * RH",
                 "the term with φ″ has a wrong factor. What is φ″ of tanh?"),
            Slip("second_slope_unfinished",
                 ("H * RH * dH => H * RZ * dH", "- 2 * H * RH => + 2 * H * RZ"),
                 "the term with φ″ lacks a factor: h itself moves with z, and at which rate?"),
            Slip("other_rate_in_bend", "H * RH * dH => H * RdH * dH | H * RdH | H * RZ * RdH | "
                                       "H * RZ * RZ * dH | H * R~",
                 "a wrong rate stands in the term with φ″. Which line holds the slope of φ, and "
                 "with what does it move?"),
            Slip("mean_in_bend", ("H * RH * dH => ~ * n | ~ / n", "RdH * slope => ~ / n | ~ * n"),
                 "n stands in RdZ. Where did the mean enter?"),
            Slip("second_slope_twice", "H * RH * dH => H * RH * slope * dH",
                 "φ′ is in the term with φ″ once too often."),
            Slip("second_slope_still", "H * RH * dH => H * slope * dH | H * dH",
                 "the term with φ″ does not know the direction. At which rate does h move?"),
            Slip("nothing_arrives", "H * RH * dH => H * RH | H * RH * E.sum()",
                 "the term with φ″ lacks what arrives at h."),
            Slip("first_for_second", "- 2 * H * RH * dH => + slope * RZ * dH | "
                                     "+ slope * RH * dH | + slope * dH | - slope * RZ * dH | "
                                     "- slope * RH * dH", "φ′ stands where φ″ belongs."),
            Slip("slope_of_rate", ("RdH * slope - 2 * H * RH * dH => RdH * (1 - RH**2) | "
                                   "RdH * slope * (1 - RH**2)",
                                   "- 2 * H * RH * dH => + dH * (1 - RH**2)"),
                 "φ′ is written with RH in place of h. A rate is no value."),
            Slip("slope_missing", "RdH * slope => RdH",
                 "φ′ is missing. The way to W1 leads through the activation."),
            Slip("slope_twice", "RdH * slope => ~**2", "φ′ is multiplied in twice where dH moves."),
            Slip("back_too_early", ("RdZ.T @ X => RdH.T @ X", "RdZ.sum(axis=0) => RdH.sum(axis=0)",
                                    "RdZ.T @ X => RdH.T @ X && RdZ.sum(axis=0) => RdH.sum(axis=0)"),
                 "RdH stands where RdZ belongs. What lies between h and the parameters?"),
            Slip("forward_for_back",
                 ("RdZ.T @ X => RZ.T @ X | RH.T @ X", "=> RZ.sum(axis=0) | RH.sum(axis=0)"),
                 "a rate of the forward pass stands where one of the backward pass belongs."),
            Slip("gradient_returned", ("RdZ.T @ X + weight_decay * V1 => (dH * slope).T @ X + "
                                       "weight_decay * W1", "RdZ.T @ X => (dH * slope).T @ X",
                                       "=> (dH * slope).sum(axis=0)",
                                       "RE.T @ H + E.T @ RH + weight_decay * V2 => E.T @ H + "
                                       "weight_decay * W2", "RE.T @ H + E.T @ RH => E.T @ H"),
                 "this is the gradient's formula. Differentiate once more, along the direction."),
            Slip("hidden_fixed", "RE.T @ H + E.T @ RH => RE.T @ H | E.T @ RH",
                 "EᵀH is a product of two factors that both move. One of the two terms is "
                 "missing."),
            # the bias
            Slip("batch_not_summed", "=> RdZ",
                 "one row per example. b1 enters every row: how do its paths combine?"),
            Slip("one_example", "=> RdZ[0] | RdZ[-1]",
                 "this is one example's row. b1 enters every row."),
            Slip("batch_averaged", "=> RdZ.mean(axis=0)",
                 "averaged over the batch although the mean of the loss is in it already."),
            Slip("wrong_axis", "=> RdZ.sum(axis=1)",
                 "summed along the wrong axis. Which axis counts the examples?"),
            Slip("summed_single", "=> RdZ.sum() | RdZ.sum() * np.ones_like(b1)",
                 "summed to a single number. Every hidden unit has its own bias."),
            Slip("column_kept", "=> RdZ.sum(axis=0, keepdims=True)",
                 "a row in a table of one row. b1 is a plain array, and so is its part of Hv."),
            Slip("bias_decayed", "=> ~ + weight_decay * v1 | ~ + weight_decay * b1",
                 "a multiple of v1 or b1 is added. Is b1 in the penalty?"),
            Slip("direction_for_bias", "=> v1 | ~ * v1 | ~ + v1",
                 "v1 takes part in the last line. Where did it enter already?"),
            Slip("bias_zero", "=> np.zeros_like(b1)",
                 "nothing reaches b1 here. Through which step does it act on J?"),
            *_decayed("W1", "V1", "Hv1"),
            *_decayed("W2", "V2", "Hv2"),
        ),
        otherwise=("- 2 * H * RH * dH => - 2 * H * slope * RZ * dH",
                   "RdZ.sum(axis=0) => np.ones(n) @ RdZ && RdZ.T @ X => "
                   "np.einsum('nh,nd->hd', RdZ, X)",
                   "def gradient(t):\n    A, b, B = W1 + t * V1, b1 + t * v1, W2 + t * V2\n"
                   "    H = np.tanh(X @ A.T + b)\n    E = (H @ B.T - Y) / len(X)\n"
                   "    D = E @ B * (1 - H**2)\n"
                   "    return D.T @ X + weight_decay * A, D.sum(0), E.T @ H + weight_decay * B\n"
                   "return [part.imag / 1e-30 for part in gradient(1e-30j)]"),
    ),
    Task(
        "whole",
        "C. The whole Hessian from products",
        "product P",
        (Output("H", "the Hessian", axes="P P"),),
        draw={"H": _symmetric, "product": lambda rng, v: Product(v.H)},
        hints=(
            "What is the Hessian times the vector that is 1 in one place and 0 elsewhere?",
            "The rows of `np.eye(P)` are all the unit vectors. Each gives one column.",
        ),
        on="product(unit) for",
        slips=(
            Slip("summed_columns", "return product(np.ones(P))",
                 "all columns are added up. Which v leaves only one of them?"),
            Slip("same_direction", ("np.eye(P) => np.ones((P, P))",
                                    "return np.stack([product(v) for v in np.ones((P, P))])"),
                 "the same product fills all of it. Does v change from one to the next?"),
            Slip("diagonal_of_it", ("=> product(unit) * unit for",
                                    "return np.array([product(v) @ v for v in np.eye(P)])"),
                 "only the diagonal is left. A product gives a whole column."),
            Slip("diagonal_missing", "=> product(unit) * (1 - unit) for",
                 "the diagonal is empty. Has a parameter no second derivative of its own?"),
            Slip("outer_of_product", ("return np.outer(product(np.ones(P)), product(np.ones(P)))",
                                      "v = np.ones(P)\nreturn np.outer(product(v), product(v)) "
                                      "/ (v @ product(v))"),
                 "an outer product is no Hessian: it has rank one."),
            Slip("sums_on_diagonal", "return np.diag(product(np.ones(P)))",
                 "the sums of the columns stand on the diagonal. Where do their entries belong?"),
            Slip("one_triangle", ("return np.triu([product(v) for v in np.eye(P)])",
                                  "return np.tril([product(v) for v in np.eye(P)])"),
                 "one triangle is empty. A stored Hessian has both."),
            Slip("triangles_added", "H = np.array([product(v) for v in np.eye(P)])\nreturn H + "
                                    "H.T - np.diag(np.diag(H))",
                 "a triangle is added to itself. Is an entry off the diagonal taken twice?"),
            Slip("directions_returned", "=> unit for",
                 "these are directions. What does `product` make of them?"),
            Slip("step_kept", tuple(f"product(unit) for => product({e} * unit) for"
                                    for e in ("0.1", "1e-2", "1e-3", "1e-4", "1e-5", "1e-6")),
                 "v is scaled down, and nothing makes up for it."),
            Slip("directions_pile_up", "np.eye(P) => np.tri(P) | np.tri(P).T",
                 "a column holds others too. Is v set back before the next one?"),
            Slip("direction_of_index",
                 "np.eye(P) => np.arange(P)[:, None] * ~ | (np.arange(P)[:, None] + 1) * ~",
                 "the columns are scaled by their number. How long is v each time?"),
            Slip("misplaced",
                 "np.eye(P) => np.roll(~, 1, axis=0) | np.roll(~, -1, axis=0) | ~[::-1]",
                 "a product does not stand in its own column."),
            Slip("column_empty", ("H = np.zeros((P, P))\nfor i in range(P - 1):\n    H[:, i] = "
                                  "product(np.eye(P)[i])\nreturn H",
                                  "H = np.zeros((P, P))\nfor i in range(1, P):\n    H[:, i] = "
                                  "product(np.eye(P)[i])\nreturn H",
                                  "H = np.zeros((P, P))\nfor i in range(P - 1):\n    H[i] = "
                                  "product(np.eye(P)[i])\nreturn H",
                                  "H = np.zeros((P, P))\nfor i in range(1, P):\n    H[i] = "
                                  "product(np.eye(P)[i])\nreturn H"),
                 "a column or a row is empty. From where to where does the loop count?"),
            Slip("column_left_out", ("in np.eye(P) => ~[:-1] | ~[1:]",
                                     "return [product(v) for v in np.eye(P)[:-1]]",
                                     "return [product(v) for v in np.eye(P)[1:]]"),
                 "one product is missing. From where to where does the loop count?"),
            Slip("one_column", ("return product(np.eye(P)[0])", "return product(np.eye(P)[-1])"),
                 "this is a single column. What happens to the others?"),
            Slip("twice_multiplied", "=> product(product(unit)) for",
                 "multiplied by the Hessian twice."),
            Slip("direction_added", "=> product(unit) + unit for", "v is added to its product."),
            Slip("solved", "return np.linalg.inv([product(v) for v in np.eye(P)])",
                 "this is the inverse of the Hessian."),
        ),
        otherwise=("return np.array([product(v) for v in np.eye(P)])",
                   "return np.apply_along_axis(product, 0, np.eye(P))",
                   "H = np.empty((P, P))\nfor i in range(P):\n    v = np.zeros(P)\n    v[i] = 1\n"
                   "    H[:, i] = product(v)\nreturn (H + H.T) / 2"),
    ),
    Task(
        "step",
        "C. A damped Newton step",
        "g H damping",
        (Output("step", "the step", axes="P"),),
        sizes="P",
        draw={"g": "P", "H": _symmetric, "damping": _enough},
        hints=(
            "The quadratic model is J + gᵀp + ½ pᵀ(H + μI)p. At which p is its gradient zero?",
            "Solve (H + μI) p = −g; `np.linalg.solve` does it without an inverse.",
        ),
        on="H + damping",
        slips=(
            Slip("uphill", ("-np.linalg => np.linalg", "return g"),
                 "this goes uphill. The step leads against the gradient."),
            Slip("undamped", "H + damping * np.eye(len(g)) => H",
                 "this is the undamped step. μ has no part in it."),
            Slip("undamped_uphill", "return np.linalg.solve(H, g)",
                 "this is the undamped step with the other sign: μ has no part in it, and it "
                 "leads to the wrong side."),
            Slip("damped_everywhere", ("damping * np.eye(len(g)) => damping",
                                       "return np.linalg.solve(H + damping, g)"),
                 "μ is added to every entry of H. It belongs on the diagonal."),
            Slip("multiplied_not_solved",
                 ("return -(H + damping * np.eye(len(g))) @ g", "return -H @ g",
                  "return (H + damping * np.eye(len(g))) @ g", "return H @ g"),
                 "multiplied by the matrix. The step solves a system with it."),
            Slip("diagonal_only", ("return -g / (np.diag(H) + damping)", "return -g / np.diag(H)",
                                   "return g / (np.diag(H) + damping)"),
                 "only the diagonal of H is used. The rest of it turns the step."),
            Slip("gradient_step", ("return -g", "return -g / damping", "return -damping * g",
                                   "return -g / (1 + damping)"),
                 "a step of gradient descent. H has no part in it."),
            Slip("damping_subtracted", ("=> H - damping", "-np.linalg.solve(H + damping => "
                                                          "np.linalg.solve(H - damping"),
                 "μ is subtracted. On which side of H does the model put it?"),
            Slip("damping_scaled", ("=> H + 2 * damping | ~ / 2 | ~**2 | H + np.sqrt(damping) | "
                                    "H + 1 / damping | ~ / len(g) | ~ * len(g)",
                                    "H + damping * np.eye(len(g)) => H + np.eye(len(g))"),
                 "μ enters with a wrong factor or power."),
            Slip("undamped_scaled",
                 "H + damping * np.eye(len(g)) => damping * H | (1 + damping) * H | H / damping",
                 "μ only scales the undamped step. How does it meet H in the model?"),
            Slip("damping_before_all", "H + damping * np.eye(len(g)) => damping * (H + "
                                       "np.eye(len(g))) | damping * H + np.eye(len(g)) | (1 - "
                                       "damping) * ~",
                 "μ is a factor of H. What does it multiply in the model?"),
            Slip("damping_at_the_end", ("return -np.linalg.solve(H, g) + damping",
                                        "return -np.linalg.solve(H, g) - damping",
                                        "return -np.linalg.solve(H, g) * (1 - damping)"),
                 "μ comes in after the system has been solved. Where does the model have it?"),
            Slip("damping_of_diagonal", "damping * np.eye(len(g)) => damping * np.diag(np.diag(H))",
                 "μ is multiplied by the diagonal of H. What does it multiply in the model?"),
            Slip("damping_of_gradient", "damping * np.eye(len(g)) => damping * np.diag(g) | "
                                        "damping * np.outer(g, g) | "
                                        "damping * np.linalg.norm(g) * np.eye(len(g))",
                 "μ is multiplied by the gradient. What does it multiply in the model?"),
            Slip("least_squares", ("return -np.linalg.solve(H.T @ H + damping * np.eye(len(g)), "
                                   "H.T @ g)", "return -np.linalg.solve(H.T @ H + damping * "
                                               "np.eye(len(g)), g)"),
                 "H is squared, as in a least-squares problem. Here H is the Hessian already."),
            Slip("half_kept", "=> H / 2 + damping", "the ½ is still in front of H. What becomes "
                                                    "of it when the model is differentiated?"),
            Slip("half_before_damping", "=> 2 * ~",
                 "H has a factor that μ has not. How do the two meet in the model?"),
            Slip("eigenvalues_unsigned",
                 ("w, Q = np.linalg.eigh(H)\nreturn -Q @ (Q.T @ g / (np.abs(w) + damping))",
                  "w, Q = np.linalg.eigh(H)\nreturn -Q @ (Q.T @ g / np.abs(w))",
                  "w, Q = np.linalg.eigh(H)\nreturn -Q @ (Q.T @ g / np.maximum(w, damping))"),
                 "the eigenvalues of H are changed one by one. What does the model do with all "
                 "of them?"),
            Slip("value_of_model", ("return -g @ np.linalg.solve(H + damping * np.eye(len(g)), "
                                    "g)", "return -g @ np.linalg.solve(H + damping * "
                                          "np.eye(len(g)), g) / 2"),
                 "this is how far the model falls, a number. Where is its lowest point?"),
            Slip("matrix_alone", ("return -np.linalg.inv(H + damping * np.eye(len(g)))",
                                  "return np.linalg.inv(H + damping * np.eye(len(g)))",
                                  "return H + damping * np.eye(len(g))"),
                 "g has no part in it. What is solved for?"),
            Slip("entries_inverted", ("return -(1 / (H + damping)) @ g", "return -(1 / H) @ g"),
                 "every entry of the matrix is inverted by itself."),
            Slip("gradient_added", ("return g - np.linalg.solve(H + damping * np.eye(len(g)), g)",
                                    "return -np.linalg.solve(H + damping * np.eye(len(g)), g) - "
                                    "damping * g", "return -np.linalg.solve(H, g) - damping * g",
                                    "return -np.linalg.solve(H, g) - g / damping"),
                 "a multiple of g is added. What has the system to do with it?"),
            Slip("entry_by_entry", ("return -g / (np.linalg.eigvalsh(H) + damping)",
                                    "return -g / (np.linalg.norm(H) + damping)",
                                    "return -g / np.linalg.norm(H)",
                                    "return -g / (np.trace(H) + damping)",
                                    "return -g / (np.linalg.eigvalsh(H)[-1] + damping)",
                                    "return -g / (H.sum(axis=0) + damping)"),
                 "g is divided entry by entry. Which entries of H mix them?"),
            Slip("model_gradient",
                 ("return g + (H + damping * np.eye(len(g))) @ g", "return g + H @ g"),
                 "this is a gradient of a model. Where is it zero?"),
            Slip("normalised", "p = np.linalg.solve(H + damping * np.eye(len(g)), g)\nreturn -p "
                               "/ np.linalg.norm(p)",
                 "the step is cut to length one. How long is the one asked for?"),
        ),
        otherwise=("return np.linalg.inv(H + damping * np.eye(len(g))) @ -g",
                   "w, Q = np.linalg.eigh(H)\nreturn (-Q @ (Q.T @ g / (w + damping))).tolist()",
                   "return np.linalg.lstsq(H + np.diag([damping] * len(g)), -g, rcond=None)[0]"),
    ),
)  # fmt: skip


# --- variants -------------------------------------------------------------------------------------

HIDDEN, BEND = "np.tanh(X @ W1.T + b1)", "- 2 * H * RH * dH"
MISSING = "φ′(Z) moves with Z. The term with φ″ is missing."


def _activation(key, name, phi, slope, bend, without, wrong):
    """Another activation in `hvp`: φ of Z, φ′ and the term with φ″; rows of slips of the last."""
    return Option(
        key,
        "activation",
        answers={"hvp": f"{HIDDEN} => {phi} && slope = 1 - H**2 => slope = {slope} && "
                        f"{BEND} => {bend}"},
        slips={"hvp": (
            Slip("second_slope_of_tanh", f"{BEND} => {BEND}",
                 f"the term with φ″ is that of tanh. Here φ is {name}."),
            *(Slip(row, f"{BEND} => {new}", says) for row, new, says in wrong),
        )},
        hints={"hvp": (
            "Go through the forward and the backward pass line by line and ask of each: what moves "
            "when W1, b1, W2 move along V1, v1, V2? X and Y stay. Which lines are products of two "
            "things that both move?",
            "RZ has a part from V1 and one from v1. RO and RdH have two terms each. RdZ is a "
            f"product, too: its second factor is φ′(Z), and here φ is {name}. What is φ″? In the "
            "gradients' own lines, only EᵀH has two moving factors.",
        )},
        without=frozenset(without.split()),
        words=(
            (f"H = {HIDDEN}", f"H = {phi}"),
            ("slope = 1 - H**2", f"slope = {slope}"),
            ('n=7, layout="row"', f'n=7, activation="{key}", layout="row"'),
            ("curvature.hessian(**v,", f'curvature.hessian(**v, activation="{key}",'),
        ),
    )  # fmt: skip


OPTIONS = (
    _activation(
        "sigmoid", "the sigmoid", "1 / (1 + np.exp(-(X @ W1.T + b1)))", "H * (1 - H)",
        "+ slope * (1 - 2 * H) * RZ * dH",
        "h_for_slope slope_of_rate phi_of_tangent input_rate",
        (("second_slope_missing", "", MISSING),
         ("second_slope_sign", "- slope * (1 - 2 * H) * RZ * dH",
          "the term with φ″ has a wrong sign."),
         ("first_for_second", "+ slope * RZ * dH", "φ′ stands where φ″ belongs."),
         ("nothing_arrives", "+ slope * (1 - 2 * H) * RZ",
          "the term with φ″ lacks what arrives at h."),
         ("second_slope_still", "+ slope * (1 - 2 * H) * dH",
          "the term with φ″ does not know the direction. At which rate does z move?"),
         ("second_slope_factor", "+ slope * (1 - H) * RZ * dH",
          "the term with φ″ has a wrong factor. Differentiate φ′ once more, by the product rule.")),
    ),
    _activation(
        "relu", "the ReLU", "np.maximum(X @ W1.T + b1, 0)", "1.0 * (H > 0)", "",
        "h_for_slope slope_of_rate phi_of_tangent input_rate slope_twice slope_missing "
        "value_for_rate",
        (("first_for_second", "+ slope * RZ * dH", "φ′ stands where φ″ belongs."),),
    ),
)  # fmt: skip
