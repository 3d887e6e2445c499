"""Exercise 2: a bias in the hidden layer. Its graph, its forward pass, its gradients.

    z = W1 x + b1,   h = tanh(z),   o = W2 h,   L = ½‖o − y‖²,
    s = λ/2 (‖W1‖² + ‖W2‖²),   J = L + s

One example stands in columns, as in D2L 5.3. A minibatch stands in rows: Z = X W1ᵀ + 1 b1ᵀ, and L
is the mean over its n examples.
"""

from __future__ import annotations

from itertools import combinations, product
from types import SimpleNamespace

import numpy as np

from compgraph import Node, evaluate, leaf, leaves, topological
from coursecheck.result import Finding
from coursecheck.task import ExerciseTable, Formula, Output, Task, Term, Wrong

REASONS = {
    # the graph
    "not_a_node": "{name}: a node was expected, not {got}. Build it from the nodes that {task} "
    "receives.",
    "foreign_leaf": "{name}: built on a leaf {leaf} that {task} did not receive. "
    "Build on the nodes it is given.",
    "detached": "The values are right, but {later} is not built from the node {name} that you "
    "return. Use the variable again instead of writing its expression a second time.",
    "path_missed": "{name}: one path is missing. In how many places does the graph use a weight "
    "matrix?",
    "path_through_penalty": "{name}: one path too many. What does the penalty s contain?",
    "paths": "{name}: follow the arrows from the square to J and count the different ways.",
    # forward
    "activation_missing": "{name}: the activation function φ is missing.",
    "activation_other": "{name}: this is another activation function. Here φ is tanh.",
    "bias_forgotten": "{name}: b1 is missing from the hidden layer's input.",
    "bias_after_activation": "{name}: b1 is added after the activation. It belongs inside φ.",
    "z_for_h": "{name}: z stands where h belongs. What does the output layer receive?",
    "label_missing": "{name}: the label does not take part. The loss compares the prediction with "
    "it.",
    "label_sign": "{name}: the sign in front of the label is wrong.",
    "not_squared": "{name}: the error is not squared.",
    "half_forgotten": "{name}: look at the ½ in front of the square. It is lost.",
    "mean_over_outputs": "{name}: averaged over the q outputs. The squared norm is their sum.",
    "mean_over_classes": "{name}: averaged over the classes, too. Over what is the loss a mean?",
    "loss_itself": "{name}: this is the loss, not its gradient.",
    "bias_penalised": "{name}: b1 takes part in the penalty. Only the weights are regularised.",
    "rate_missing": "{name}: the factor λ is missing from {term}.",
    "penalty_not_squared": "{name}: the norm itself stands in {term}. The penalty squares it.",
    # backward
    "square_kept": "{name}: the error is still squared. Differentiate the square.",
    "other_loss": "{name}: this belongs to the other loss. Which one is asked for?",
    "upstream_missing": "{name}: the gradient that arrives from above is missing. This is the "
    "local derivative alone.",
    "added_not_multiplied": "{name}: the two factors of the chain rule are added.",
    "slope_missing": "{name}: φ′(z) is missing on the way from h back to z.",
    "slope_is_phi": "{name}: φ stands where its derivative φ′ belongs.",
    "slope_of_sigmoid_at_z": "{name}: z(1 − z) is not the slope of tanh. Whose formula is it, and "
    "at which point is it to be taken?",
    "slope_of_sigmoid_at_h": "{name}: h(1 − h) is the slope of the sigmoid. Here φ is tanh.",
    "slope_of_sigmoid": "{name}: this is the slope of the sigmoid at z. Here φ is tanh.",
    "slope_of_relu": "{name}: this is the slope of the ReLU. Here φ is tanh.",
    "slope_z_for_h": "{name}: the slope of tanh is written with z where h belongs.",
    "slope_at_h": "{name}: φ′ is taken at h. It belongs at z, where φ was taken.",
    "slope_not_squared": "{name}: a square is missing in the slope of tanh.",
    "slope_incomplete": "{name}: a summand of the slope of tanh is lost.",
    "slope_sign": "{name}: a sign is wrong in the slope of tanh.",
    "slope_twice": "{name}: φ′(z) is multiplied in twice.",
    "matrix_for_elementwise": "{name}: φ acts on every unit by itself, so the product is "
    "elementwise, not a matrix product.",
    "bias_decayed": "{name}: a multiple of b1 takes part. b1 is not in the penalty.",
    "bias_multiplied": "{name}: multiplied by b1. How does z change if b1 changes a little?",
    "summed_single": "{name}: summed to a single number. Every hidden unit has its own bias.",
    "decay_constant": "{name}: λ itself is added. What is the derivative of the penalty?",
    "decay_squared": "{name}: the square of the weights is added. Differentiate the penalty.",
    "decay_undifferentiated": "{name}: the penalty's value is added instead of its derivative.",
    "decay_averaged": "{name}: divided by n, although it is outside the mean: {term}.",
    "decay_repeated": "{name}: added once for every example, although it is in J once: {term}.",
    # minibatch
    "mean_forgotten": "{name}: summed over the batch without dividing by n. L is a mean.",
    "mean_twice": "{name}: divided by n twice.",
    "batch_not_summed": "{name}: one row per example. b1 enters every row: how do its paths combine?",
    "batch_averaged": "{name}: averaged over the batch although the 1/n of the loss is in it "
    "already. b1 enters every row: how do its paths combine?",
    "wrong_count": "{name}: divided by the wrong count. Which axis counts the examples?",
    "wrong_axis": "{name}: summed along the wrong axis. Which axis counts the examples?",
    # cross-entropy
    "softmax_missing": "{name}: the scores are compared with Y. Which probabilities do they stand "
    "for?",
    "softmax_axis": "{name}: the softmax runs over the batch. It runs over the classes of each "
    "example.",
    "softmax_everywhere": "{name}: a single softmax runs over all entries. Every example has its "
    "own.",
    "softmax_unnormalised": "{name}: the exponentials are not divided by their sum.",
    "sigmoid_for_softmax": "{name}: a sigmoid stands where the softmax belongs.",
    "label_class_only": "{name}: only the class of the label takes part. On which scores does the "
    "loss depend?",
    "log_kept": "{name}: this is the logarithm of the softmax. Differentiate once more.",
    "through_probabilities": "{name}: this is the derivative by the probabilities, not by O. "
    "The softmax comes in between.",
}


# --- values --------------------------------------------------------------------------------------


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _softmax(scores, axis=1):
    powers = np.exp(scores)
    return powers / powers.sum(axis=axis, keepdims=True)


def _cross_entropy(v):
    """The loss of every example."""
    return -np.sum(v.Y * np.log(_softmax(v.O)), axis=1)


def _square(a):
    return float(np.sum(a * a))


def _parameters(rng, weight_decay, bias_shape, **sizes) -> SimpleNamespace:
    v = SimpleNamespace(weight_decay=weight_decay, **sizes)
    v.W1 = rng.standard_normal((v.h, v.d)) / np.sqrt(v.d)
    v.W2 = rng.standard_normal((v.q, v.h)) / np.sqrt(v.h)
    v.b1 = rng.standard_normal((v.h, 1)[: len(bias_shape)])
    return v


def _single(rng, n, d, h, q, weight_decay) -> SimpleNamespace:
    """One example and its forward pass; the variable h is `v.hidden`, h is the axis."""
    v = _parameters(rng, weight_decay, ("h", 1), n=n, d=d, h=h, q=q)
    v.x, v.y = rng.standard_normal((d, 1)), rng.standard_normal((q, 1))
    v.z = v.W1 @ v.x + v.b1
    v.hidden = np.tanh(v.z)
    v.o = v.W2 @ v.hidden
    return v


def _step(rng, n, d, h, q, weight_decay) -> SimpleNamespace:
    """One example again, with all quantities drawn by themselves.

    No quantity follows from another here, so a step is judged alone, and formulas that happen to
    agree on a consistent example differ.
    """
    v = _parameters(rng, weight_decay, ("h", 1), n=n, d=d, h=h, q=q)
    for name, size in {
        "x": d,
        "y": q,
        "o": q,
        "do": q,
        "hidden": h,
        "dh": h,
        "z": h,
        "dz": h,
    }.items():
        setattr(v, name, rng.standard_normal((size, 1)))
    return v


def _batch(rng, n, d, h, q, weight_decay) -> SimpleNamespace:
    """A minibatch in rows, with its forward and backward pass for the squared loss."""
    v = _parameters(rng, weight_decay, ("h",), n=n, d=d, h=h, q=q)
    v.X, v.Y = rng.standard_normal((n, d)), rng.standard_normal((n, q))
    return SimpleNamespace(**vars(v), **vars(_passes(v)))


def _scores(rng, n, d, h, q, weight_decay) -> SimpleNamespace:
    """Scores of a minibatch and its one-hot labels."""
    labels = np.eye(q)[rng.integers(q, size=n)]
    return SimpleNamespace(n=n, q=q, O=rng.standard_normal((n, q)), Y=labels)


def _passes(v, Z=None, H=None, E=None, slope=None) -> SimpleNamespace:
    """Forward and backward through the minibatch, with any step replaced by a wrong formula."""
    w = SimpleNamespace(X=v.X, Y=v.Y, W1=v.W1, b1=v.b1, W2=v.W2, n=v.n, q=v.q)
    w.Z = Z(w) if Z else w.X @ w.W1.T + w.b1
    w.H = H(w) if H else np.tanh(w.Z)
    w.O = w.H @ w.W2.T
    w.E = E(w) if E else (w.O - w.Y) / w.n
    w.dH = w.E @ w.W2
    w.dZ = w.dH * (slope(w) if slope else 1 - w.H**2)
    return SimpleNamespace(Z=w.Z, H=w.H, O=w.O, E=w.E, dH=w.dH, dZ=w.dZ)


# --- the graph as an answer ----------------------------------------------------------------------

_LEAVES = ("x", "y", "W1", "b1", "W2")
_VARIABLES = ("z", "h", "o", "L", "s", "J")
# Which returned variable has to be built from which.
_BUILT_FROM = (("h", "z"), ("o", "h"), ("L", "o"), ("J", "L"), ("J", "s"))


def _as_leaves(v) -> dict[str, object]:
    nodes: dict[str, object] = {name: leaf(name, getattr(v, name).shape) for name in _LEAVES}
    return {**nodes, "weight_decay": v.weight_decay}


def _evaluated(row: list, v) -> list | Finding:
    """The values of the nodes in `row`; what is blank stays blank."""
    given = set(_as_leaves(v).values())
    for name, node in zip(_VARIABLES, row, strict=True):
        fields: dict[str, object] = {"name": name, "task": "graph"}
        if node is ...:
            continue
        if not isinstance(node, Node):
            got = type(node).__name__
            return Finding("not_a_node", REASONS["not_a_node"], {**fields, "got": got})
        for foreign in set(leaves([node])) - given:
            fields["leaf"] = foreign.name
            return Finding("foreign_leaf", REASONS["foreign_leaf"], fields)
    nodes = [node for node in row if node is not ...]
    values = iter(evaluate(nodes, {name: getattr(v, name) for name in _LEAVES}))
    return [node if node is ... else next(values) for node in row]


def _connected(row: list, v) -> Finding | None:
    """Whether the returned nodes are steps of one graph."""
    node = dict(zip(_VARIABLES, row, strict=True))
    for later, earlier in _BUILT_FROM:
        if node[earlier] not in topological([node[later]]):
            fields = {"later": later, "name": earlier}
            return Finding("detached", REASONS["detached"], fields)
    return None


# --- terms ---------------------------------------------------------------------------------------


def _wrong(**forms: Formula) -> tuple[Wrong, ...]:
    """Wrong forms, each named by its reason."""
    return tuple(Wrong((reason,), formula) for reason, formula in forms.items())


def _through_loss(formula: Formula, wrong: tuple[Wrong, ...] = (), **more) -> Term:
    """The term of a gradient that comes through L."""
    return Term("the part that comes through L", formula, wrong, **more)


def _decay(weight: str, batch: bool = False) -> Term:
    """The term λW of a gradient, which comes through s."""

    def form(function) -> Formula:
        return lambda v: v.weight_decay * function(getattr(v, weight))

    counts = (("decay_averaged", lambda v: 1 / v.n), ("decay_repeated", lambda v: v.n))
    counted = counts if batch else ()
    return Term(
        f"λ{weight}",
        form(lambda W: W),
        _wrong(
            decay_constant=form(np.ones_like),
            decay_squared=form(lambda W: W**2),
            decay_undifferentiated=form(lambda W: np.full_like(W, _square(W) / 2)),
        )
        + _wrong(decay_undifferentiated=form(lambda W: np.full_like(W, _square(W)))),
        factors=(("rate_missing", lambda v: 1 / v.weight_decay), *counted),
    )


def _penalty(weight: str, **more) -> Term:
    return Term(
        f"λ/2 ‖{weight}‖²",
        lambda v: v.weight_decay / 2 * _square(getattr(v, weight)),
        _wrong(
            penalty_not_squared=lambda v: v.weight_decay / 2 * np.sqrt(_square(getattr(v, weight)))
        ),
        factors=(
            ("half_forgotten", lambda v: 2.0),
            ("rate_missing", lambda v: 1 / v.weight_decay),
        ),
        **more,
    )


# The steps that a backward pass can get wrong, by where they sit: a reason and the wrong step.
_Steps = tuple[tuple[str, dict[str, Formula]], ...]

_WRONG_FORWARD: _Steps = (
    ("bias_forgotten", {"Z": lambda w: w.X @ w.W1.T}),
    ("bias_after_activation", {"H": lambda w: np.tanh(w.X @ w.W1.T) + w.b1}),
    ("activation_missing", {"H": lambda w: w.Z}),
    ("activation_other", {"H": lambda w: _sigmoid(w.Z)}),
)
_WRONG_ERROR: _Steps = (
    ("label_missing", {"E": lambda w: w.O / w.n}),
    ("label_sign", {"E": lambda w: (w.O + w.Y) / w.n}),
    ("wrong_count", {"E": lambda w: (w.O - w.Y) / w.X.shape[1]}),
    ("wrong_count", {"E": lambda w: (w.O - w.Y) / w.q}),
    ("mean_over_outputs", {"E": lambda w: (w.O - w.Y) / (w.n * w.q)}),
    ("other_loss", {"E": lambda w: (_softmax(w.O) - w.Y) / w.n}),
    ("square_kept", {"E": lambda w: (w.O - w.Y) ** 2 / w.n}),
)
_WRONG_SLOPE: _Steps = (
    ("slope_missing", {"slope": lambda w: 1.0}),
    ("slope_is_phi", {"slope": lambda w: w.H}),
    ("slope_of_sigmoid_at_z", {"slope": lambda w: w.Z * (1 - w.Z)}),
    ("slope_of_sigmoid_at_h", {"slope": lambda w: w.H * (1 - w.H)}),
    ("slope_of_sigmoid", {"slope": lambda w: _sigmoid(w.Z) * (1 - _sigmoid(w.Z))}),
    ("slope_of_relu", {"slope": lambda w: w.Z > 0}),
    ("slope_z_for_h", {"slope": lambda w: 1 - w.Z**2}),
    ("slope_at_h", {"slope": lambda w: 1 - np.tanh(w.H) ** 2}),
    ("slope_not_squared", {"slope": lambda w: 1 - w.H}),
    ("slope_incomplete", {"slope": lambda w: w.H**2}),
    ("slope_sign", {"slope": lambda w: 1 + w.H**2}),
    ("slope_twice", {"slope": lambda w: (1 - w.H**2) ** 2}),
)


def _upstream(formula: Formula, *groups: _Steps) -> tuple[Wrong, ...]:
    """`formula` with one wrong step of one group, or with one wrong step of each of two groups."""

    def replaced(steps: dict[str, Formula]) -> Formula:
        return lambda v: formula(SimpleNamespace(**{**vars(v), **vars(_passes(v, **steps))}))

    single = [((reason,), steps) for group in groups for reason, steps in group]
    pairs = [
        ((first, second), {**a, **b})
        for one, other in combinations(groups, 2)
        for (first, a), (second, b) in product(one, other)
        if not a.keys() & b.keys()
    ]
    return tuple(Wrong(reasons, replaced(steps)) for reasons, steps in single + pairs)


# What sits before the part that comes through L, in a minibatch.
_MEAN = (("mean_forgotten", lambda v: v.n), ("half_forgotten", lambda v: 2.0))


# --- tasks ---------------------------------------------------------------------------------------

_FORWARD = (
    Output(
        "z",
        "z",
        ("h", 1),
        (Term("W1 x", lambda v: v.W1 @ v.x), Term("b1", lambda v: v.b1)),
    ),
    Output(
        "h",
        "h",
        ("h", 1),
        (
            Term(
                "φ(z)",
                lambda v: v.hidden,
                _wrong(
                    activation_missing=lambda v: v.z,
                    bias_forgotten=lambda v: np.tanh(v.W1 @ v.x),
                    bias_after_activation=lambda v: np.tanh(v.W1 @ v.x) + v.b1,
                )
                + tuple(
                    Wrong(("activation_other",), formula)
                    for formula in (lambda v: _sigmoid(v.z), lambda v: np.maximum(v.z, 0))
                ),
            ),
        ),
    ),
    Output(
        "o",
        "o",
        ("q", 1),
        (Term("W2 h", lambda v: v.o, _wrong(z_for_h=lambda v: v.W2 @ v.z)),),
    ),
    Output(
        "L",
        "L",
        (),
        (
            Term(
                "the squared error",
                lambda v: _square(v.o - v.y) / 2,
                _wrong(
                    label_missing=lambda v: _square(v.o) / 2,
                    mean_over_outputs=lambda v: _square(v.o - v.y) / 2 / v.q,
                )
                + tuple(
                    Wrong(("not_squared",), formula)
                    for formula in (
                        lambda v: np.sum(v.o - v.y) / 2,
                        lambda v: np.sum(abs(v.o - v.y)) / 2,
                        lambda v: np.sqrt(_square(v.o - v.y)) / 2,
                    )
                ),
                factors=(("half_forgotten", lambda v: 2.0),),
            ),
        ),
    ),
    Output(
        "s",
        "s",
        (),
        (_penalty("W1"), _penalty("W2"), _penalty("b1", alien="bias_penalised")),
    ),
    Output(
        "J",
        "J",
        (),
        (
            Term("L", lambda v: _square(v.o - v.y) / 2),
            Term("s", lambda v: v.weight_decay / 2 * (_square(v.W1) + _square(v.W2))),
        ),
    ),
)


def _paths(name: str, count: int, **wrong: int) -> Output:
    forms = _wrong(**{reason: (lambda v, k=k: k) for reason, k in wrong.items()})
    term = Term("the paths", lambda v: count, forms)
    return Output(name, name, (), (term,), kind="count", otherwise="paths")


_MODEL = ("x", "y", "W1", "b1", "W2", "weight_decay")

TASKS = (
    Task(
        key="graph",
        title="A. The graph with b1",
        args=_MODEL,
        given=_single,
        outputs=_FORWARD,
        chained=True,
        prepare=_as_leaves,
        read=_evaluated,
        inspect=_connected,
        hints=(
            "Write the section's forward pass line by line. The nodes understand `+`, `*` and "
            "`@`. In which one of the six lines does a bias of the hidden layer belong?",
            "z is the only line that changes: the product of W1 and x gets one more summand. "
            "`squared_loss(o, y)` and `half_sqnorm(W)` already carry their ½.",
        ),
        solution="""
def graph(x, y, W1, b1, W2, weight_decay):
    z = W1 @ x + b1
    h = tanh(z)
    o = W2 @ h
    L = squared_loss(o, y)
    s = weight_decay * (half_sqnorm(W1) + half_sqnorm(W2))
    J = L + s
    return z, h, o, L, s, J
""",
    ),
    Task(
        key="paths",
        title="A. Paths from the parameters to J",
        args=None,
        given=_single,
        outputs=(
            _paths("W1", 2, path_missed=1),
            _paths("b1", 1, path_through_penalty=2),
            _paths("W2", 2, path_missed=1),
        ),
        hints=(
            "Put a finger on the square of W1 in the drawing. At how many arrows can you start?",
            "A parameter has one path through the loss L. It has another one exactly if the "
            "penalty s contains it.",
        ),
        solution="paths = 2, 1, 2",
    ),
    Task(
        key="forward",
        title="B. Forward, one example",
        args=_MODEL,
        given=_single,
        outputs=_FORWARD,
        chained=True,
        hints=(
            "These are the six lines of the graph again, now with arrays. "
            "How does NumPy write φ, and the squared norm ‖·‖²?",
            "`np.tanh` is φ; `np.sum(a**2)` is ‖a‖² and a plain number. Both ½ are now yours to "
            "write.",
        ),
        solution="""
def forward(x, y, W1, b1, W2, weight_decay):
    z = W1 @ x + b1
    h = np.tanh(z)
    o = W2 @ h
    L = np.sum((o - y) ** 2) / 2
    s = weight_decay / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J = L + s
    return z, h, o, L, s, J
""",
    ),
    Task(
        key="do",
        title="B. ∂J/∂o",
        args=("o", "y"),
        given=_step,
        outputs=(
            Output(
                "do",
                "∂J/∂o",
                ("q", 1),
                (
                    Term(
                        "the error",
                        lambda v: v.o - v.y,
                        _wrong(
                            label_missing=lambda v: v.o,
                            label_sign=lambda v: v.o + v.y,
                            square_kept=lambda v: (v.o - v.y) ** 2,
                            mean_over_outputs=lambda v: (v.o - v.y) / v.q,
                            other_loss=lambda v: _softmax(v.o, axis=0) - v.y,
                        )
                        + _wrong(loss_itself=lambda v: _square(v.o - v.y) / 2)
                        + _wrong(loss_itself=lambda v: _square(v.o - v.y)),
                        factors=(("half_forgotten", lambda v: 2.0),),
                    ),
                ),
            ),
        ),
        hints=(
            "J depends on o through L alone. What is the derivative of ½(o − y)² for numbers?",
            "The 2 of the square and the ½ cancel. What is left has the shape of o.",
        ),
        solution="""
def do(o, y):
    return o - y
""",
    ),
    Task(
        key="dW2",
        title="B. ∂J/∂W2",
        args=("do", "h", "W2", "weight_decay"),
        given=_step,
        prepare=lambda v: {"do": v.do, "h": v.hidden, "W2": v.W2, "weight_decay": v.weight_decay},
        outputs=(
            Output(
                "dW2",
                "∂J/∂W2",
                ("q", "h"),
                (_through_loss(lambda v: v.do @ v.hidden.T), _decay("W2")),
            ),
        ),
        hints=(
            "W2 has two paths to J. What does each of them contribute?",
            "Through L: one entry for every pair of an output and a hidden unit, an outer "
            "product. Through s: the derivative of λ/2 ‖W2‖². Paths that join are added.",
        ),
        solution="""
def dW2(do, h, W2, weight_decay):
    return do @ h.T + weight_decay * W2
""",
    ),
    Task(
        key="dh",
        title="B. ∂J/∂h",
        args=("do", "W2"),
        given=_step,
        outputs=(
            Output(
                "dh",
                "∂J/∂h",
                ("h", 1),
                (
                    _through_loss(
                        lambda v: v.W2.T @ v.do,
                        _wrong(
                            mean_over_outputs=lambda v: v.W2.T @ v.do / v.q,
                            upstream_missing=lambda v: v.W2.sum(axis=0)[:, None],
                        ),
                    ),
                ),
            ),
        ),
        hints=(
            "A hidden unit reaches every output. How much of each output's gradient comes back "
            "to it?",
            "Forward went through W2, from h entries to q. Backward goes from q entries to h: "
            "which matrix has that shape?",
        ),
        solution="""
def dh(do, W2):
    return W2.T @ do
""",
    ),
    Task(
        key="dz",
        title="B. ∂J/∂z",
        args=("dh", "z"),
        given=_step,
        outputs=(
            Output(
                "dz",
                "∂J/∂z",
                ("h", 1),
                (
                    _through_loss(
                        lambda v: v.dh * (1 - np.tanh(v.z) ** 2),
                        tuple(
                            Wrong(
                                (reason,),
                                lambda v, slope=step["slope"]: (
                                    v.dh * slope(SimpleNamespace(Z=v.z, H=np.tanh(v.z)))
                                ),
                            )
                            for reason, step in _WRONG_SLOPE
                        )
                        + _wrong(
                            upstream_missing=lambda v: 1 - np.tanh(v.z) ** 2,
                            added_not_multiplied=lambda v: v.dh + 1 - np.tanh(v.z) ** 2,
                            matrix_for_elementwise=lambda v: v.dh @ (1 - np.tanh(v.z) ** 2).T,
                        ),
                    ),
                ),
            ),
        ),
        hints=(
            "φ acts on every hidden unit by itself. How does h change if z changes a little?",
            "Multiply entry by entry with φ′(z). The derivative of tanh can be written with tanh "
            "alone.",
        ),
        solution="""
def dz(dh, z):
    return dh * (1 - np.tanh(z) ** 2)
""",
    ),
    Task(
        key="db1",
        title="B. ∂J/∂b1",
        args=("dz", "b1", "weight_decay"),
        given=_step,
        outputs=(
            Output(
                "db1",
                "∂J/∂b1",
                ("h", 1),
                (
                    _through_loss(
                        lambda v: v.dz,
                        _wrong(
                            upstream_missing=lambda v: np.ones_like(v.b1),
                            bias_multiplied=lambda v: v.dz * v.b1,
                            summed_single=lambda v: v.dz.sum(),
                        ),
                    ),
                    Term("λb1", lambda v: v.weight_decay * v.b1, alien="bias_decayed"),
                ),
            ),
        ),
        hints=(
            "z = W1 x + b1. If one entry of b1 grows by a little, what happens to z? "
            "And which of the arguments do you need?",
            "∂z/∂b1 is the identity, and b1 has a single path to J. So what arrives at z …",
        ),
        solution="""
def db1(dz, b1, weight_decay):
    return dz
""",
    ),
    Task(
        key="dW1",
        title="B. ∂J/∂W1",
        args=("dz", "x", "W1", "weight_decay"),
        given=_step,
        outputs=(
            Output(
                "dW1",
                "∂J/∂W1",
                ("h", "d"),
                (_through_loss(lambda v: v.dz @ v.x.T), _decay("W1")),
            ),
        ),
        hints=(
            "W1 stands to x and z as W2 stands to h and o. What does that say about its gradient?",
            "An outer product of what arrives at z and what went into W1, and the derivative of "
            "the penalty.",
        ),
        solution="""
def dW1(dz, x, W1, weight_decay):
    return dz @ x.T + weight_decay * W1
""",
    ),
    Task(
        key="gradients",
        title="C. A minibatch",
        args=("X", "Y", "W1", "b1", "W2", "weight_decay"),
        given=_batch,
        outputs=(
            Output(
                "dW1",
                "∂J/∂W1",
                ("h", "d"),
                (
                    _through_loss(
                        lambda v: v.dZ.T @ v.X,
                        _upstream(
                            lambda v: v.dZ.T @ v.X, _WRONG_FORWARD, _WRONG_ERROR, _WRONG_SLOPE
                        ),
                        factors=(*_MEAN, ("mean_twice", lambda v: 1 / v.n)),
                    ),
                    _decay("W1", batch=True),
                ),
            ),
            Output(
                "db1",
                "∂J/∂b1",
                ("h",),
                (
                    _through_loss(
                        lambda v: v.dZ.sum(axis=0),
                        _upstream(
                            lambda v: v.dZ.sum(axis=0), _WRONG_FORWARD, _WRONG_ERROR, _WRONG_SLOPE
                        )
                        + _wrong(
                            batch_not_summed=lambda v: v.dZ,
                            wrong_axis=lambda v: v.dZ.sum(axis=1),
                            summed_single=lambda v: v.dZ.sum(),
                            bias_multiplied=lambda v: v.dZ.sum(axis=0) * v.b1,
                        ),
                        factors=(*_MEAN, ("batch_averaged", lambda v: 1 / v.n)),
                    ),
                    Term("λb1", lambda v: v.weight_decay * v.b1, alien="bias_decayed"),
                ),
            ),
            Output(
                "dW2",
                "∂J/∂W2",
                ("q", "h"),
                (
                    _through_loss(
                        lambda v: v.E.T @ v.H,
                        _upstream(lambda v: v.E.T @ v.H, _WRONG_FORWARD, _WRONG_ERROR)
                        + _wrong(
                            z_for_h=lambda v: v.E.T @ v.Z,
                            upstream_missing=lambda v: np.tile(v.H.sum(axis=0) / v.n, (v.q, 1)),
                        ),
                        factors=(*_MEAN, ("mean_twice", lambda v: 1 / v.n)),
                    ),
                    _decay("W2", batch=True),
                ),
            ),
        ),
        hints=(
            "Every line of the single example has a twin for rows: products change sides, and "
            "transposes move. Where does the mean over the n examples enter, and in how many rows "
            "does b1 occur?",
            "Let E = ∂J/∂O carry the 1/n once. A product such as EᵀH then sums over the batch by "
            "itself; for b1 you have to sum over the rows. λ never meets n.",
        ),
        solution="""
def gradients(X, Y, W1, b1, W2, weight_decay):
    n = len(X)
    Z = X @ W1.T + b1
    H = np.tanh(Z)
    O = H @ W2.T
    E = (O - Y) / n
    dZ = (E @ W2) * (1 - H**2)
    dW1 = dZ.T @ X + weight_decay * W1
    db1 = dZ.sum(axis=0)
    dW2 = E.T @ H + weight_decay * W2
    return dW1, db1, dW2
""",
    ),
    Task(
        key="dO",
        title="C. ∂L/∂O for cross-entropy",
        args=("O", "Y"),
        given=_scores,
        outputs=(
            Output(
                "dO",
                "∂L/∂O",
                ("n", "q"),
                (
                    Term(
                        "the error",
                        lambda v: (_softmax(v.O) - v.Y) / v.n,
                        _wrong(
                            softmax_missing=lambda v: (v.O - v.Y) / v.n,
                            softmax_axis=lambda v: (_softmax(v.O, axis=0) - v.Y) / v.n,
                            softmax_everywhere=lambda v: (_softmax(v.O, axis=None) - v.Y) / v.n,
                            softmax_unnormalised=lambda v: (np.exp(v.O) - v.Y) / v.n,
                            sigmoid_for_softmax=lambda v: (_sigmoid(v.O) - v.Y) / v.n,
                            label_missing=lambda v: _softmax(v.O) / v.n,
                            label_sign=lambda v: (_softmax(v.O) + v.Y) / v.n,
                            label_class_only=lambda v: v.Y * (_softmax(v.O) - 1) / v.n,
                            log_kept=lambda v: (np.log(_softmax(v.O)) - v.Y) / v.n,
                            through_probabilities=lambda v: -v.Y / _softmax(v.O) / v.n,
                            mean_over_classes=lambda v: (_softmax(v.O) - v.Y) / v.n / v.q,
                            wrong_count=lambda v: (_softmax(v.O) - v.Y) / v.q,
                            loss_itself=lambda v: _cross_entropy(v).mean(),
                        )
                        + _wrong(loss_itself=lambda v: _cross_entropy(v).sum())
                        + _wrong(loss_itself=_cross_entropy),
                        factors=(
                            ("mean_forgotten", lambda v: v.n),
                            ("mean_twice", lambda v: 1 / v.n),
                        ),
                    ),
                ),
            ),
        ),
        hints=(
            "Take one row: L = −Σ y log softmax(o). What does the logarithm of the sum of "
            "exponentials become when you differentiate it?",
            "The gradient of log Σ exp(o) is softmax(o), and y sums to one. Then remember the "
            "mean over n rows.",
        ),
        solution="""
def dO(O, Y):
    P = np.exp(O)
    P = P / P.sum(axis=1, keepdims=True)
    return (P - Y) / len(O)
""",
    ),
)

# All sizes differ in every draw. The last draw has another n and another λ.
_SHARED = {"n": 7, "weight_decay": 0.1}
SIZES = (
    {**_SHARED, "d": 5, "h": 4, "q": 3},
    {**_SHARED, "d": 3, "h": 5, "q": 2},
    {**_SHARED, "d": 4, "h": 6, "q": 3},
    {**_SHARED, "d": 6, "h": 2, "q": 4},
    {**_SHARED, "d": 2, "h": 3, "q": 5},
    {"n": 9, "weight_decay": 0.3, "d": 5, "h": 3, "q": 4},
)

EXERCISE = ExerciseTable("Exercise 2", TASKS, SIZES, REASONS)
