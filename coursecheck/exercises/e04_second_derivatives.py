"""Exercise 4: second derivatives. Their graph, their cost, their formulas, and a step with them.

    z = W1 x + b1,   h = tanh(z),   o = W2 h,   L = l(o, y),   J = L + λ/2 (‖W1‖² + ‖W2‖²)

With D = diag φ′(z), e = ∂l/∂o and M = ∂²l/∂o², for one example and parameters written row by row:

    H11 = [D W2ᵀ M W2 D + diag(φ″ ⊙ W2ᵀe)] ⊗ xxᵀ + λI,
    H21[(k, a), (b, j)] = (M W2 D)_kb h_a x_j + e_k φ′_a δ_ab x_j,
    H22 = M ⊗ hhᵀ + λI.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np

from compgraph import Node, evaluate, half_sqnorm, leaf, leaves, squared_loss, tanh
from compgraph.questions import curvature
from coursecheck.result import Finding
from coursecheck.task import ExerciseTable, Formula, Output, Task, Term, Wrong

REASONS = {
    # counting
    "bias_not_counted": "{name}: the biases are parameters too. How many are there?",
    "inputs_counted": "{name}: x and y are data. Only what is trained counts.",
    "one_graph_each": "{name}: one new graph per parameter is not needed. Does the graph of "
    "∇⟨∇J, v⟩ "
    "change when v does?",
    "graph_per_entry": "{name}: one per entry of the Hessian is too many. What does a single v "
    "give?",
    "product_per_entry": "{name}: one product per entry is too many. How many entries does a "
    "single "
    "product give?",
    "only_a_vector": "{name}: this is the size of a gradient. The Hessian has an entry for every "
    "pair of parameters.",
    "cubed": "{name}: this grows with P³. An entry belongs to a pair of parameters, not to three.",
    "elements_for_bytes": "{name}: this is the number of entries. How many bytes has each?",
    "double_precision": "{name}: this is for float64. A float32 has 4 bytes.",
    "half_of_it": "{name}: only one triangle is counted. A stored P × P matrix has both.",
    # floating-point operations
    "multiply_add_as_one": "{name}: a multiplication and an addition are two operations.",
    "forward_alone": "{name}: this is the forward pass alone.",
    "backward_alone": "{name}: the backward pass alone. It needs the forward pass first.",
    "input_gradient_counted": "{name}: ∂J/∂X is counted. Nobody asks for it.",
    "products_for_gradients_kept": "{name}: the two products that give ∂J/∂W1 and ∂J/∂W2 are "
    "counted. "
    "Does Hv read the gradient's values?",
    "as_the_gradient": "{name}: this is the cost of a gradient.",
    "twice_the_gradient": "{name}: just twice the gradient. Count which products have one moving "
    "factor, and which two.",
    "one_per_parameter": "{name}: multiplied by P. One product with one vector was asked for.",
    # the graph of a product
    "foreign_leaf": "{name} depends on a leaf {leaf} that {task} did not receive. "
    "Build on the nodes it is given.",
    "not_a_node": "{name} is a {got}, not a node. Build it from the nodes that product receives.",
    "list_of_nodes": "{name} is a list: `grad` returns one node per variable. Unpack it.",
    "row_sums": "{name}: these are the sums of the Hessian's rows. Where does v come in?",
    "row_sums_scaled": "{name}: the rows of the Hessian are summed, and v is multiplied in too "
    "late.",
    "gradient_times_v": "{name}: this is the gradient times v, entry by entry. Nothing has been "
    "differentiated twice.",
    "gradient_returned": "{name}: this is the gradient. Differentiate once more, by w.",
    "scalar_returned": "{name}: this is ⟨∇J, v⟩, a single number. Take its gradient.",
    "squared_gradient": "{name}: a product of gradients is no second derivative.",
    # slopes
    "first_slope": "{name}: this is φ′. Differentiate once more.",
    "value_for_slope": "{name}: this is φ itself.",
    "slope_unfinished": "{name}: the chain rule is not finished: h itself moves with z. Which factor "
    "does that bring?",
    "z_for_h": "{name}: written with z where h = φ(z) belongs.",
    "kink": "{name}: φ′ is a step. What is its slope on either side?",
    # M
    "product_missing": "{name}: p_k falls when another score grows. That part is missing.",
    "product_added": "{name}: p_k falls when another score grows. Check the sign of that part.",
    "off_diagonal_missing": "{name}: the entries off the diagonal are missing. The softmax ties "
    "all "
    "outputs together.",
    "of_squared_loss": "{name}: this is M of the squared loss.",
    "softmax_missing": "{name}: the scores stand where their probabilities belong.",
    "softmax_unnormalised": "{name}: the exponentials are not divided by their sum.",
    "diagonal_alone": "{name}: these are the numbers of the diagonal, not yet a matrix.",
    # blocks
    "kron_order": "{name}: the factors of the Kronecker product are in the wrong order. Row by "
    "row, "
    "W[k, a] has the place k·(number of columns) + a.",
    "outer_missing": "{name}: both parameters bring the input they multiply. One of them is "
    "missing.",
    "gauss_newton": "{name}: this is Gauss–Newton, not the Hessian. A term that holds e is left "
    "out.",
    "slope_once": "{name}: φ′ stands on one side only. Both parameters pass through the "
    "activation.",
    "slope_missing": "{name}: φ′ is missing. The way to W1 leads through the activation.",
    "m_missing": "{name}: M, the curvature of the loss, is missing.",
    "error_missing": "{name}: the term with φ″ lacks what arrives at h, W2ᵀe.",
    "first_for_second": "{name}: φ′ stands where φ″ belongs.",
    "error_not_back": "{name}: e is summed, not carried back through W2.",
    "not_diagonal": "{name}: φ acts on every unit by itself. Its second derivative is a diagonal.",
    "delta_missing": "{name}: the term with e joins W2[k, a] and W1[b, j] only where a = b.",
    "penalty_off_diagonal": "{name}: λ is added to every entry. The penalty's Hessian is λI.",
    "penalty_here": "{name}: λ does not join different parameters. There is no such term here.",
    "rate_missing": "{name}: the penalty enters without its factor λ.",
    # the product by hand
    "tangent_of_activation": "{name}: φ′ is missing on the way from RZ to RH.",
    "tangent_of_weights": "{name}: O is a product of two factors that both move. One of the two "
    "terms "
    "of RO is missing.",
    "tangent_of_bias": "{name}: the bias moves too. v1 is missing from RZ.",
    "product_rule_missing": "{name}: E W2 is a product of two factors that both move. One of the "
    "two "
    "terms is missing.",
    "second_slope_missing": "{name}: φ′(Z) moves with Z. The term with φ″ is missing.",
    "hidden_fixed": "{name}: EᵀH is a product of two factors that both move. One of the two "
    "terms is "
    "missing.",
    "weights_for_direction": "{name}: λW stands where λV belongs. Hv is linear in v.",
    "label_again": "{name}: y does not move with the parameters. It is subtracted once too often.",
    "mean_forgotten": "{name}: summed over the batch without dividing by n. L is a mean.",
    "batch_not_summed": "{name}: one row per example. b1 enters every row: sum over the batch.",
    "bias_decayed": "{name}: λ v1 is added. b1 is not in the penalty.",
    # the whole matrix
    "summed_columns": "{name}: all columns are added up. Give `product` one unit vector at a time.",
    "diagonal_of_it": "{name}: only the diagonal is left. A product gives a whole column.",
    "outer_of_product": "{name}: an outer product is no Hessian: it has rank one.",
    # a step
    "uphill": "{name}: this goes uphill. The step leads against the gradient.",
    "undamped": "{name}: this is the undamped step. μ has no part in it.",
    "damped_everywhere": "{name}: μ is added to every entry of H. It belongs on the diagonal.",
    "multiplied_not_solved": "{name}: multiplied by the matrix. The step solves a system with it.",
    "diagonal_only": "{name}: only the diagonal of H is used. The rest of it turns the step.",
    "gradient_step": "{name}: a step of gradient descent. H has no part in it.",
}


# --- values --------------------------------------------------------------------------------------


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _softmax(o):
    powers = np.exp(o - o.max())
    return powers / powers.sum()


def _covariance(p):
    return np.diag(p) - np.outer(p, p)


def _sizes(rng, n, d, h, q, weight_decay) -> SimpleNamespace:
    return SimpleNamespace(n=n, d=d, h=h, q=q, P=h * d + h + q * h, weight_decay=weight_decay)


def _points(rng, d, h, **sizes) -> SimpleNamespace:
    """Values of z on both sides of zero."""
    return SimpleNamespace(h=h, d=d, z=rng.standard_normal((h, d)))


def _one(rng, n, d, h, q, weight_decay) -> SimpleNamespace:
    """What an example brings to the Hessian, all drawn by itself: flat arrays, a symmetric M."""
    v = SimpleNamespace(n=n, q=q, weight_decay=weight_decay, qh=q * h, hd=h * d)
    v.x, v.hidden, v.e, v.o = (rng.standard_normal(size) for size in (d, h, q, q))
    v.slope, v.slope2 = rng.uniform(0.2, 1, h), rng.standard_normal(h)
    v.W2 = rng.standard_normal((q, h))
    half = rng.standard_normal((q, q))
    v.M = half @ half.T + np.eye(q)
    v.D = np.diag(v.slope)
    v.through = v.D @ v.W2.T @ v.M @ v.W2 @ v.D
    v.bend = np.diag(v.slope2 * (v.W2.T @ v.e))
    v.xx, v.hh, v.hx = np.outer(v.x, v.x), np.outer(v.hidden, v.hidden), np.outer(v.hidden, v.x)
    return v


def _batch(rng, n, d, h, q, weight_decay) -> SimpleNamespace:
    """A minibatch, its parameters, and a direction V1, v1, V2."""
    v = SimpleNamespace(n=n, d=d, h=h, q=q, weight_decay=weight_decay)
    v.X, v.Y = rng.standard_normal((n, d)), rng.standard_normal((n, q))
    for weights, bias, output in (("W1", "b1", "W2"), ("V1", "v1", "V2")):
        for name, shape in {weights: (h, d), bias: (h,), output: (q, h)}.items():
            setattr(v, name, rng.standard_normal(shape))
    return _directed(v)


def _directed(v: SimpleNamespace, **steps: Formula) -> SimpleNamespace:
    """Both passes and their derivatives along V, with any step replaced by a wrong formula."""
    w = SimpleNamespace(**vars(v))

    def step(name: str, formula: Formula) -> None:
        setattr(w, name, steps.get(name, formula)(w))

    w.H = np.tanh(w.X @ w.W1.T + w.b1)
    w.E = (w.H @ w.W2.T - w.Y) / w.n
    w.S = 1 - w.H**2
    w.dH = w.E @ w.W2
    step("RZ", lambda w: w.X @ w.V1.T + w.v1)
    step("RH", lambda w: w.S * w.RZ)
    step("RO", lambda w: w.RH @ w.W2.T + w.H @ w.V2.T)
    step("RE", lambda w: w.RO / w.n)
    step("RdH", lambda w: w.RE @ w.W2 + w.E @ w.V2)
    step("RdZ", lambda w: w.RdH * w.S - 2 * w.H * w.RH * w.dH)
    return w


def _quadratic(rng, n, d, h, q, weight_decay) -> SimpleNamespace:
    """A symmetric matrix with both signs among its eigenvalues, a gradient, and a damping."""
    size = d + h
    half = rng.standard_normal((size, size))
    v = SimpleNamespace(P=size, H=half + half.T, g=rng.standard_normal(size))
    v.damping = 0.5 + weight_decay - np.linalg.eigvalsh(v.H)[0]
    return v


# --- the graph of a product ----------------------------------------------------------------------


def _node_case(rng, n, d, h, q, weight_decay) -> SimpleNamespace:
    """J of one example as a graph of w = W1 alone, a direction v, and the right Hv."""
    v = SimpleNamespace(h=h, d=d)
    v.x, v.y = rng.standard_normal((d, 1)), rng.standard_normal((q, 1))
    v.W, v.W2, v.V = (rng.standard_normal(s) for s in ((h, d), (q, h), (h, d)))
    hidden = np.tanh(v.W @ v.x)
    v.G = ((v.W2.T @ (v.W2 @ hidden - v.y)) * (1 - hidden**2)) @ v.x.T + weight_decay * v.W
    whole = curvature.hessian(v.x.T, v.y.T, v.W, v.W2, weight_decay=weight_decay)
    v.times = lambda u: (whole[: h * d, : h * d] @ u.ravel()).reshape(h, d)
    v.weight_decay = weight_decay
    return v


def _as_nodes(v: SimpleNamespace) -> dict[str, object]:
    w, direction = leaf("w", v.W.shape), leaf("v", v.V.shape)
    x, y, W2 = (leaf(name, getattr(v, name).shape) for name in ("x", "y", "W2"))
    objective = squared_loss(W2 @ tanh(w @ x), y) + v.weight_decay * half_sqnorm(w)
    return {"J": objective, "w": w, "v": direction}


def _evaluated(row: list, v: SimpleNamespace) -> list | Finding:
    (node,) = row
    if isinstance(node, (list, tuple)) and all(isinstance(part, Node) for part in node):
        return Finding("list_of_nodes", REASONS["list_of_nodes"], {"name": "Hv"})
    if not isinstance(node, Node):
        got = type(node).__name__
        return Finding("not_a_node", REASONS["not_a_node"], {"name": "Hv", "got": got})
    feeds = {"w": v.W, "v": v.V, "x": v.x, "y": v.y, "W2": v.W2}
    for foreign in leaves([node]):
        if foreign not in {leaf(name, value.shape) for name, value in feeds.items()}:
            fields = {"name": "Hv", "task": "product", "leaf": foreign.name}
            return Finding("foreign_leaf", REASONS["foreign_leaf"], fields)
    return [np.array(value) for value in evaluate([node], feeds)]


# --- terms ---------------------------------------------------------------------------------------


def _wrong(**forms: Formula) -> tuple[Wrong, ...]:
    """Wrong forms, each named by its reason."""
    return tuple(Wrong((reason,), formula) for reason, formula in forms.items())


def _count(key: str, name: str, formula: Formula, **forms: Formula) -> Output:
    return Output(key, name, (), (Term(name, formula, _wrong(**forms)),), kind="count")


def _matrix(key: str, name: str, shape: tuple[str, ...], *terms: Term) -> Output:
    return Output(key, name, shape, terms)


def _penalty(size: str) -> Term:
    """λI on the block of a weight."""
    return Term(
        "λI",
        lambda v: v.weight_decay * np.eye(getattr(v, size)),
        _wrong(penalty_off_diagonal=lambda v: np.full((getattr(v, size),) * 2, v.weight_decay)),
        factors=(("rate_missing", lambda v: 1 / v.weight_decay),),
    )


def _cross(v: SimpleNamespace) -> np.ndarray:
    """e_k φ′_a δ_ab x_j, as a (q·h) × (h·d) matrix."""
    block = np.einsum("k,a,ab,j->kabj", v.e, v.slope, np.eye(len(v.slope)), v.x)
    return block.reshape(v.qh, v.hd)


# What the direction can get wrong on its way up to O and E, and on its way down again.
_WRONG_STEPS_UP: dict[str, dict[str, Formula]] = {
    "tangent_of_bias": {"RZ": lambda w: w.X @ w.V1.T},
    "tangent_of_activation": {"RH": lambda w: w.RZ},
    "tangent_of_weights": {"RO": lambda w: w.RH @ w.W2.T},
    "label_again": {"RE": lambda w: (w.RO - w.Y) / w.n},
}
_WRONG_STEPS: dict[str, dict[str, Formula]] = {
    **_WRONG_STEPS_UP,
    "product_rule_missing": {"RdH": lambda w: w.RE @ w.W2},
    "second_slope_missing": {"RdZ": lambda w: w.RdH * w.S},
    "slope_missing": {"RdZ": lambda w: w.RdH - 2 * w.H * w.RH * w.dH},
}


def _through_loss(formula: Formula, wrong_steps: dict, **forms: Formula) -> Term:
    """The part of a product that comes through L, and what its steps can get wrong."""
    wrong = tuple(
        Wrong((reason,), lambda v, steps=steps: formula(_directed(v, **steps)))
        for reason, steps in wrong_steps.items()
    )
    return Term(
        "the part that comes through L",
        formula,
        wrong + _wrong(**forms),
        factors=(("mean_forgotten", lambda v: v.n),),
    )


def _decayed(direction: str, weight: str) -> Term:
    return Term(
        f"λ{direction}",
        lambda v: v.weight_decay * getattr(v, direction),
        _wrong(weights_for_direction=lambda v: v.weight_decay * getattr(v, weight)),
        factors=(("rate_missing", lambda v: 1 / v.weight_decay),),
    )


def _one_vector(matrix: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """The product with one vector, as an HVP gives it."""

    def product(vector):
        if np.shape(vector) != (len(matrix),):
            raise ValueError(f"product takes one vector of {len(matrix)} numbers")
        return matrix @ vector

    return product


# --- tasks ---------------------------------------------------------------------------------------


def _units(v: SimpleNamespace) -> tuple[int, int]:
    return 2 * v.n * v.h * v.d, 2 * v.n * v.h * v.q


def _flops(first: int, second: int) -> Formula:
    def formula(v: SimpleNamespace) -> int:
        a, b = _units(v)
        return first * a + second * b

    return formula


_WITHOUT_BIAS = {"bias_not_counted": lambda v: v.P - v.h}

TASKS = (
    Task(
        key="counts",
        title="A. How much of everything",
        args=("d", "h", "q"),
        given=_sizes,
        outputs=(
            _count(
                "P",
                "the number of parameters",
                lambda v: v.P,
                **_WITHOUT_BIAS,
                inputs_counted=lambda v: v.P + v.d + v.q,
            ),
            _count(
                "graphs",
                "the number of graphs",
                lambda v: 1,
                one_graph_each=lambda v: v.P,
                graph_per_entry=lambda v: v.P**2,
            ),
            _count(
                "products",
                "the number of products",
                lambda v: v.P,
                bias_not_counted=lambda v: v.P - v.h,
                product_per_entry=lambda v: v.P**2,
            ),
            _count(
                "bytes",
                "the Hessian's bytes",
                lambda v: 4 * v.P**2,
                bias_not_counted=lambda v: 4 * (v.P - v.h) ** 2,
                only_a_vector=lambda v: 4 * v.P,
                cubed=lambda v: 4 * v.P**3,
                elements_for_bytes=lambda v: v.P**2,
                double_precision=lambda v: 8 * v.P**2,
                half_of_it=lambda v: 2 * v.P * (v.P + 1),
            ),
        ),
        hints=(
            "The graph of Hv has v as an input. What has to be done again for another v, and what "
            "has not?",
            "P is hd + h + qh. The same graph is evaluated once for each unit vector, and every "
            "time it gives one column of P numbers with 4 bytes each.",
        ),
        solution="""
def counts(d, h, q):
    P = h * d + h + q * h
    graphs = 1
    products = P
    size = 4 * P**2
    return P, graphs, products, size
""",
    ),
    Task(
        key="product",
        title="A. The graph of Hv",
        args=("J", "w", "v"),
        given=_node_case,
        prepare=_as_nodes,
        read=_evaluated,
        outputs=(
            _matrix(
                "product",
                "Hv",
                ("h", "d"),
                Term(
                    "Hv",
                    lambda v: v.times(v.V),
                    _wrong(
                        row_sums=lambda v: v.times(np.ones_like(v.V)),
                        row_sums_scaled=lambda v: v.times(np.ones_like(v.V)) * v.V,
                        gradient_times_v=lambda v: v.G * v.V,
                        gradient_returned=lambda v: v.G,
                        scalar_returned=lambda v: np.sum(v.G * v.V),
                        squared_gradient=lambda v: v.G * np.sum(v.G * v.V),
                    ),
                ),
            ),
        ),
        hints=(
            "`grad` takes a scalar. The gradient is a matrix: which scalar can you make of it and "
            "v so that its own gradient is Hv?",
            "⟨∇J, v⟩ is a number, linear in v. Differentiate it by w.",
        ),
        solution="""
def product(J, w, v):
    (g,) = grad(J, [w])
    (Hv,) = grad(dot(g, v), [w])
    return Hv
""",
    ),
    Task(
        key="flops",
        title="A. The cost of Hv",
        args=("n", "d", "h", "q"),
        given=_sizes,
        outputs=(
            _count(
                "gradient",
                "the gradient's FLOPs",
                _flops(2, 3),
                multiply_add_as_one=lambda v: _flops(2, 3)(v) // 2,
                forward_alone=_flops(1, 1),
                backward_alone=_flops(1, 2),
                input_gradient_counted=_flops(3, 3),
            ),
            _count(
                "Hv",
                "the FLOPs of Hv",
                _flops(3, 8),
                multiply_add_as_one=lambda v: _flops(3, 8)(v) // 2,
                products_for_gradients_kept=_flops(4, 9),
                as_the_gradient=_flops(2, 3),
                twice_the_gradient=_flops(4, 6),
                one_per_parameter=lambda v: v.P * _flops(2, 3)(v),
            ),
        ),
        hints=(
            "Write down the products: X W1ᵀ, H W2ᵀ, then those of the backward pass. In which of "
            "them do both factors move when the parameters move along v?",
            "A product whose factors both move brings two new products, one with a fixed factor "
            "brings one. X is fixed. The products that give ∂J/∂W1 and ∂J/∂W2 themselves are not "
            "read by Hv.",
        ),
        solution="""
def flops(n, d, h, q):
    first, second = 2 * n * h * d, 2 * n * h * q
    gradient = 2 * first + 3 * second
    Hv = 3 * first + 8 * second
    return gradient, Hv
""",
    ),
    Task(
        key="slopes",
        title="B. φ″ of three activations",
        args=("z",),
        given=_points,
        outputs=(
            _matrix(
                "tanh",
                "φ″ of tanh",
                ("h", "d"),
                Term(
                    "φ″",
                    lambda v: -2 * np.tanh(v.z) * (1 - np.tanh(v.z) ** 2),
                    _wrong(
                        first_slope=lambda v: 1 - np.tanh(v.z) ** 2,
                        value_for_slope=lambda v: np.tanh(v.z),
                        slope_unfinished=lambda v: -2 * np.tanh(v.z),
                        z_for_h=lambda v: -2 * v.z * (1 - v.z**2),
                    ),
                ),
            ),
            _matrix(
                "sigmoid",
                "φ″ of the sigmoid",
                ("h", "d"),
                Term(
                    "φ″",
                    lambda v: _sigmoid(v.z) * (1 - _sigmoid(v.z)) * (1 - 2 * _sigmoid(v.z)),
                    _wrong(
                        first_slope=lambda v: _sigmoid(v.z) * (1 - _sigmoid(v.z)),
                        value_for_slope=lambda v: _sigmoid(v.z),
                        slope_unfinished=lambda v: 1 - 2 * _sigmoid(v.z),
                        z_for_h=lambda v: v.z * (1 - v.z) * (1 - 2 * v.z),
                    ),
                ),
            ),
            _matrix(
                "relu",
                "φ″ of ReLU",
                ("h", "d"),
                Term(
                    "φ″",
                    lambda v: np.zeros_like(v.z),
                    _wrong(
                        kink=lambda v: 1.0 * (v.z > 0),
                        value_for_slope=lambda v: np.maximum(v.z, 0),
                    ),
                ),
            ),
        ),
        hints=(
            "Write φ′ with h = φ(z), and differentiate by z: what is h′?",
            "(1 − h²)′ = −2h h′, and (h − h²)′ = h′ − 2h h′. ReLU has straight pieces.",
        ),
        solution="""
def slopes(z):
    h = np.tanh(z)
    s = 1 / (1 + np.exp(-z))
    tanh2 = -2 * h * (1 - h**2)
    sigmoid2 = s * (1 - s) * (1 - 2 * s)
    relu2 = np.zeros_like(z)
    return tanh2, sigmoid2, relu2
""",
    ),
    Task(
        key="M",
        title="B. M of the cross-entropy",
        args=("o",),
        given=_one,
        outputs=(
            _matrix(
                "M",
                "M",
                ("q", "q"),
                Term(
                    "diag(p) − ppᵀ",
                    lambda v: _covariance(_softmax(v.o)),
                    _wrong(
                        product_missing=lambda v: np.diag(_softmax(v.o)),
                        product_added=lambda v: (
                            2 * np.diag(_softmax(v.o)) - _covariance(_softmax(v.o))
                        ),
                        off_diagonal_missing=lambda v: np.diag(np.diag(_covariance(_softmax(v.o)))),
                        diagonal_alone=lambda v: np.diag(_covariance(_softmax(v.o))),
                        of_squared_loss=lambda v: np.eye(v.q),
                        softmax_missing=lambda v: _covariance(v.o),
                        softmax_unnormalised=lambda v: _covariance(np.exp(v.o)),
                    ),
                ),
            ),
        ),
        hints=(
            "The gradient is p − y. How does p_k move when o_l moves, for l = k and for l ≠ k?",
            "∂p_k/∂o_l = p_k (δ_kl − p_l): a diagonal, less an outer product.",
        ),
        solution="""
def M(o):
    p = np.exp(o - o.max())
    p = p / p.sum()
    return np.diag(p) - np.outer(p, p)
""",
    ),
    Task(
        key="H22",
        title="B. The block of W2",
        args=("M", "h", "weight_decay"),
        given=_one,
        prepare=lambda v: {"M": v.M, "h": v.hidden, "weight_decay": v.weight_decay},
        outputs=(
            _matrix(
                "H22",
                "H22",
                ("qh", "qh"),
                Term(
                    "M ⊗ hhᵀ",
                    lambda v: np.kron(v.M, v.hh),
                    _wrong(
                        kron_order=lambda v: np.kron(v.hh, v.M),
                        m_missing=lambda v: np.kron(np.eye(len(v.M)), v.hh),
                        outer_missing=lambda v: np.kron(v.M, v.hidden),
                    )
                    + (Wrong(("outer_missing",), lambda v: np.kron(v.M, np.diag(v.hidden))),),
                ),
                _penalty("qh"),
            ),
        ),
        hints=(
            "o_k moves by h_a when W2[k, a] moves by one. By how much does e_k move when W2[l, b] "
            "moves, and by how much does the gradient e_k h_a?",
            "Entry [(k, a), (l, b)] is M_kl h_a h_b, and `np.kron` arranges such products. The "
            "penalty adds to the diagonal.",
        ),
        solution="""
def H22(M, h, weight_decay):
    block = np.kron(M, np.outer(h, h))
    return block + weight_decay * np.eye(len(block))
""",
    ),
    Task(
        key="H11",
        title="B. The block of W1",
        args=("M", "e", "W2", "slope", "slope2", "x", "weight_decay"),
        given=_one,
        outputs=(
            _matrix(
                "H11",
                "H11",
                ("hd", "hd"),
                Term(
                    "D W2ᵀ M W2 D ⊗ xxᵀ",
                    lambda v: np.kron(v.through, v.xx),
                    _wrong(
                        slope_once=lambda v: np.kron(v.D @ v.W2.T @ v.M @ v.W2, v.xx),
                        slope_missing=lambda v: np.kron(v.W2.T @ v.M @ v.W2, v.xx),
                        m_missing=lambda v: np.kron(v.D @ v.W2.T @ v.W2 @ v.D, v.xx),
                        kron_order=lambda v: (
                            np.kron(v.xx, v.through + v.bend) - np.kron(v.bend, v.xx)
                        ),
                    ),
                ),
                Term(
                    "the part with φ″",
                    lambda v: np.kron(v.bend, v.xx),
                    _wrong(
                        error_missing=lambda v: np.kron(np.diag(v.slope2), v.xx),
                        first_for_second=lambda v: np.kron(np.diag(v.slope * (v.W2.T @ v.e)), v.xx),
                        error_not_back=lambda v: np.kron(np.diag(v.slope2 * v.e.sum()), v.xx),
                        not_diagonal=lambda v: np.kron(
                            np.ones_like(v.bend) * (v.slope2 * (v.W2.T @ v.e)), v.xx
                        ),
                    ),
                    factors=(("gauss_newton", lambda v: 0.0),),
                ),
                _penalty("hd"),
            ),
        ),
        hints=(
            "First for z alone: ∂J/∂z = W2ᵀe ⊙ φ′(z). Two things in it move with z. Which?",
            "e moves by M W2 D dz, and φ′ moves by φ″ dz: two matrices to add. Then each parameter "
            "of W1 brings its x, on both sides.",
        ),
        solution="""
def H11(M, e, W2, slope, slope2, x, weight_decay):
    D = np.diag(slope)
    C = D @ W2.T @ M @ W2 @ D + np.diag(slope2 * (W2.T @ e))
    block = np.kron(C, np.outer(x, x))
    return block + weight_decay * np.eye(len(block))
""",
    ),
    Task(
        key="H21",
        title="B. The block between W2 and W1",
        args=("M", "e", "W2", "slope", "h", "x"),
        given=_one,
        prepare=lambda v: {
            "M": v.M,
            "e": v.e,
            "W2": v.W2,
            "slope": v.slope,
            "h": v.hidden,
            "x": v.x,
        },
        outputs=(
            _matrix(
                "H21",
                "H21",
                ("qh", "hd"),
                Term(
                    "M W2 D ⊗ hxᵀ",
                    lambda v: np.kron(v.M @ v.W2 @ v.D, v.hx),
                    _wrong(
                        slope_missing=lambda v: np.kron(v.M @ v.W2, v.hx),
                        m_missing=lambda v: np.kron(v.W2 @ v.D, v.hx),
                    ),
                ),
                Term(
                    "the part with e",
                    _cross,
                    _wrong(
                        slope_missing=lambda v: np.kron(
                            v.e[:, None], np.kron(np.eye(len(v.slope)), v.x)
                        ),
                        delta_missing=lambda v: np.einsum(
                            "k,a,b,j->kabj", v.e, v.slope, np.ones_like(v.slope), v.x
                        ).reshape(v.qh, v.hd),
                    ),
                    factors=(("gauss_newton", lambda v: 0.0),),
                ),
                Term("λ", lambda v: np.full((v.qh, v.hd), v.weight_decay), alien="penalty_here"),
            ),
        ),
        hints=(
            "The gradient of W2[k, a] is e_k h_a. Which of its two factors moves when W1[b, j] "
            "does?",
            "Both do. e moves through all hidden units; h_a moves only if b = a, by φ′_a x_j. "
            "`np.kron` and `np.einsum(...).reshape` both help.",
        ),
        solution="""
def H21(M, e, W2, slope, h, x):
    q, units, d = len(e), len(h), len(x)
    through_e = np.kron(M @ W2 @ np.diag(slope), np.outer(h, x))
    through_h = np.einsum("k,ab,j->kabj", e, np.diag(slope), x)
    return through_e + through_h.reshape(q * units, units * d)
""",
    ),
    Task(
        key="hvp",
        title="C. Hv by hand, for a minibatch",
        args=("X", "Y", "W1", "b1", "W2", "V1", "v1", "V2", "weight_decay"),
        given=_batch,
        outputs=(
            _matrix(
                "Hv1",
                "the part of Hv for W1",
                ("h", "d"),
                _through_loss(lambda w: w.RdZ.T @ w.X, _WRONG_STEPS),
                _decayed("V1", "W1"),
            ),
            _matrix(
                "Hvb",
                "the part of Hv for b1",
                ("h",),
                _through_loss(
                    lambda w: w.RdZ.sum(axis=0), _WRONG_STEPS, batch_not_summed=lambda w: w.RdZ
                ),
                Term("λv1", lambda v: v.weight_decay * v.v1, alien="bias_decayed"),
            ),
            _matrix(
                "Hv2",
                "the part of Hv for W2",
                ("q", "h"),
                _through_loss(
                    lambda w: w.RE.T @ w.H + w.E.T @ w.RH,
                    _WRONG_STEPS_UP,
                    hidden_fixed=lambda w: w.RE.T @ w.H,
                ),
                _decayed("V2", "W2"),
            ),
        ),
        hints=(
            "Go through the forward and the backward pass line by line and ask of each: what moves "
            "when W1, b1, W2 move along V1, v1, V2? X and Y stay. Which lines are products of two "
            "things that both move?",
            "RZ has a part from V1 and one from v1. RO and RdH have two terms each, and so has "
            "RdZ: "
            "φ′(Z) moves by φ″ ⊙ RZ, which for tanh is −2 H ⊙ RH. In the gradients' own lines, "
            "only "
            "EᵀH has two moving factors.",
        ),
        solution="""
def hvp(X, Y, W1, b1, W2, V1, v1, V2, weight_decay):
    n = len(X)
    H = np.tanh(X @ W1.T + b1)
    E = (H @ W2.T - Y) / n
    slope = 1 - H**2
    dH = E @ W2
    RZ = X @ V1.T + v1
    RH = slope * RZ
    RO = RH @ W2.T + H @ V2.T
    RE = RO / n
    RdH = RE @ W2 + E @ V2
    RdZ = RdH * slope - 2 * H * RH * dH
    Hv1 = RdZ.T @ X + weight_decay * V1
    Hvb = RdZ.sum(axis=0)
    Hv2 = RE.T @ H + E.T @ RH + weight_decay * V2
    return Hv1, Hvb, Hv2
""",
    ),
    Task(
        key="whole",
        title="C. The whole Hessian from products",
        args=("product", "P"),
        given=_quadratic,
        prepare=lambda v: {"product": _one_vector(v.H), "P": v.P},
        outputs=(
            _matrix(
                "H",
                "the Hessian",
                ("P", "P"),
                Term(
                    "H",
                    lambda v: v.H,
                    _wrong(
                        summed_columns=lambda v: v.H.sum(axis=1),
                        diagonal_of_it=lambda v: np.diag(np.diag(v.H)),
                        outer_of_product=lambda v: np.outer(v.H.sum(axis=1), v.H.sum(axis=1)),
                    )
                    + (Wrong(("diagonal_of_it",), lambda v: np.diag(v.H)),),
                ),
            ),
        ),
        hints=(
            "What is the Hessian times the vector that is 1 in one place and 0 elsewhere?",
            "The rows of `np.eye(P)` are all the unit vectors. Each gives one column.",
        ),
        solution="""
def whole(product, P):
    return np.stack([product(unit) for unit in np.eye(P)], axis=1)
""",
    ),
    Task(
        key="step",
        title="C. A damped Newton step",
        args=("g", "H", "damping"),
        given=_quadratic,
        outputs=(
            _matrix(
                "step",
                "the step",
                ("P",),
                Term(
                    "−(H + μI)⁻¹ g",
                    lambda v: -np.linalg.solve(v.H + v.damping * np.eye(v.P), v.g),
                    _wrong(
                        undamped=lambda v: -np.linalg.solve(v.H, v.g),
                        damped_everywhere=lambda v: -np.linalg.solve(v.H + v.damping, v.g),
                        multiplied_not_solved=lambda v: -(v.H + v.damping * np.eye(v.P)) @ v.g,
                        diagonal_only=lambda v: -v.g / (np.diag(v.H) + v.damping),
                        gradient_step=lambda v: -v.g,
                    ),
                    factors=(("uphill", lambda v: -1.0),),
                ),
            ),
        ),
        hints=(
            "The quadratic model is J + gᵀp + ½ pᵀ(H + μI)p. At which p is its gradient zero?",
            "Solve (H + μI) p = −g; `np.linalg.solve` does it without an inverse.",
        ),
        solution="""
def step(g, H, damping):
    return -np.linalg.solve(H + damping * np.eye(len(g)), g)
""",
    ),
)

# All sizes differ in every draw. The last draw has another n and another λ.
_SHARED = {"n": 7, "weight_decay": 0.1}
SIZES = (
    {**_SHARED, "d": 5, "h": 4, "q": 3},
    {**_SHARED, "d": 3, "h": 5, "q": 2},
    {**_SHARED, "d": 4, "h": 6, "q": 3},
    {"n": 9, "weight_decay": 0.3, "d": 5, "h": 3, "q": 4},
)

EXERCISE = ExerciseTable("Exercise 4", TASKS, SIZES, REASONS)
