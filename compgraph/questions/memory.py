"""How much memory the section's model needs: formulas in its sizes, as tables.

The model is D2L's, without bias, on a minibatch in row layout: X is n×d, W1 h×d, W2 q×h. Training
on one minibatch, or predicting one, is a sequence of steps that each make one tensor. A row of a
table says what is made, how many numbers it holds, and the last step that still holds it.
Everything else follows: the bytes at a step are the sum over the rows that have begun and not
ended, and the peak is the largest of these sums.

The tables describe torch's eager execution on one device, in which memory is given back as soon as
nothing refers to it. `autograd_plan` derives the same from the model's graph.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from .. import checks
from ..graph import Node
from .cost import Storage, schedule
from .functions import TORCH_ACTIVATIONS
from .mlp import Model

#: bytes of one number
ITEMSIZE = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8, "int64": 8}

DTYPES = ("float16", "bfloat16", "float32", "float64")

#: `until` of a tensor that is still there when all is done
END = "end"


@dataclass(frozen=True)
class Tensor:
    """A row of the tables: one tensor, made by the step of the same name.

    Attributes
    ----------
    name : the tensor, and the step that makes it.
    axes : the sizes whose product is its number of elements: ``"nh"``, ``"hd"``; ``""`` is one.
    until : the last step that holds it, or `END`.
    role : ``"parameter"``, ``"data"``, ``"activation"``, ``"gradient"``, ``"optimizer"``, or
        ``"temporary"``.
    dtype : its type where that is not the model's.
    """

    name: str
    axes: str | tuple[str, ...]
    until: str
    role: str
    dtype: str | None = None


# --- the tables ---------------------------------------------------------------------------------
# Every entry can be read off a run of torch; measure.ByteCounter prints it.

PARAMETERS = (
    Tensor("W1", "hd", END, "parameter"),
    Tensor("W2", "qh", END, "parameter"),
)

INPUT = (Tensor("X", "nd", END, "data"),)

#: loss -> the labels: q numbers for each example, or one class index
LABELS = {
    "squared": (Tensor("Y", "nq", END, "data"),),
    "cross_entropy": (Tensor("Y", "n", END, "data", "int64"),),
}

PREDICTION = (
    Tensor("Z", "nh", "H", "activation"),
    Tensor("H", "nh", "O", "activation"),
    Tensor("O", "nq", END, "activation"),
)

#: The last step of backward propagation: what autograd itself holds is held until then.
LAST = "∂J/∂W1"

#: loss -> the forward pass. φ′ is computed from H, so Z is given back at once; where it is not,
#: `functions.TORCH_ACTIVATIONS` says which rows change.
FORWARD = {
    "squared": (
        Tensor("Z", "nh", "H", "activation"),
        Tensor("H", "nh", "∂J/∂Z", "activation"),
        Tensor("O", "nq", "∂J/∂O", "activation"),
        Tensor("L", "", LAST, "activation"),  # `MSE_OWNS` says what torch makes of it
    ),
    "cross_entropy": (
        Tensor("Z", "nh", "H", "activation"),
        Tensor("H", "nh", "∂J/∂Z", "activation"),
        Tensor("O", "nq", "L", "activation"),  # an argument lives as long as the call it is in
        Tensor("log softmax", "nq", "∂J/∂O", "activation"),
        Tensor("Σ class weights", "", "∂J/∂log softmax", "activation"),
        Tensor("L", "", LAST, "activation"),
    ),
}

#: the switch `mse_owns` -> the numbers that the scalar L of the squared loss owns: one, as a scalar
#: should; or n·q, which torch's `mse_loss` sets aside for it and never uses. That is a known bug
#: (issue 185647 of pytorch/pytorch); `measure.mse_owns` counts whether the torch at hand has it.
MSE_OWNS = {"1": "", "nq": "nq"}

SEED = (Tensor("∂J/∂J", "", LAST, "temporary"),)

LOSS_BACKWARD = {
    "squared": (Tensor("∂J/∂O", "nq", "∂J/∂H", "temporary"),),
    "cross_entropy": (
        Tensor("∂J/∂log softmax", "nq", "∂J/∂O", "temporary"),
        Tensor("∂J/∂O", "nq", "∂J/∂H", "temporary"),
    ),
}

BACKWARD = (
    Tensor("∂J/∂W2", "qh", END, "gradient"),
    Tensor("∂J/∂H", "nh", "∂J/∂Z", "temporary"),
    Tensor("∂J/∂Z", "nh", LAST, "temporary"),
    Tensor(LAST, "hd", END, "gradient"),
)

# The penalty as nodes of the graph: J = L + λ/2 ((W1**2).sum() + (W2**2).sum()).
PENALTY_FORWARD = (
    Tensor("W1²", "hd", "ΣW1²", "temporary"),
    Tensor("ΣW1²", "", "‖W‖²", "temporary"),
    Tensor("W2²", "qh", "ΣW2²", "temporary"),
    Tensor("ΣW2²", "", "‖W‖²", "temporary"),
    Tensor("‖W‖²", "", "s", "temporary"),
    Tensor("s", "", "J", "activation"),
    Tensor("J", "", LAST, "activation"),
)

# torch differentiates W**2 as g · (2 · W**1): three tensors of W's size at once.
PENALTY_BACKWARD = (
    Tensor("∂J/∂‖W‖²", "", "∂s/∂W1", "temporary"),
    Tensor("W2¹", "qh", "∂s/∂W2", "temporary"),
    Tensor("2 W2¹", "qh", "∂s/∂W2", "temporary"),
    Tensor("∂s/∂W2", "qh", "∂J/∂W2", "temporary"),
    Tensor("W1¹", "hd", "∂s/∂W1", "temporary"),
    Tensor("2 W1¹", "hd", "∂s/∂W1", "temporary"),
    Tensor("∂s/∂W1", "hd", LAST, "temporary"),
)

BACKWARD_WITH_PENALTY = (
    Tensor("∂L/∂W2", "qh", "∂J/∂W2", "temporary"),
    Tensor("∂J/∂H", "nh", "∂J/∂Z", "temporary"),
    Tensor("∂J/∂W2", "qh", END, "gradient"),
    Tensor("∂J/∂Z", "nh", "∂L/∂W1", "temporary"),
    Tensor("∂L/∂W1", "hd", LAST, "temporary"),
    Tensor(LAST, "hd", END, "gradient"),
)

#: optimizer -> what it keeps from step to step
STATES: Mapping[str | None, tuple[Tensor, ...]] = {
    "sgd": (),
    "momentum": (
        Tensor("v1", "hd", END, "optimizer"),
        Tensor("v2", "qh", END, "optimizer"),
    ),
    "adam": (
        Tensor("t1", "", END, "optimizer", "float32"),
        Tensor("m1", "hd", END, "optimizer"),
        Tensor("v1", "hd", END, "optimizer"),
        Tensor("t2", "", END, "optimizer", "float32"),
        Tensor("m2", "qh", END, "optimizer"),
        Tensor("v2", "qh", END, "optimizer"),
    ),
}

_EACH_DECAYED = (
    Tensor("g1 + λW1", "hd", "g1 + λW1", "temporary"),
    Tensor("g2 + λW2", "qh", "g2 + λW2", "temporary"),
)
_ALL_DECAYED = (
    Tensor("g1 + λW1", "hd", "g2 + λW2", "temporary"),
    Tensor("g2 + λW2", "qh", "g2 + λW2", "temporary"),
)
_ALL_ROOTS = (
    Tensor("√v1", "hd", END, "temporary"),
    Tensor("√v2", "qh", END, "temporary"),
)

#: (optimizer, variant, weight decay) -> what the update makes besides. All that is not listed
#: works in place. The loop's Python variables hold a tensor until the next parameter's replaces it.
UPDATE: Mapping[tuple[str | None, str, bool], tuple[Tensor, ...]] = {
    ("sgd", "loop", True): _EACH_DECAYED,
    ("sgd", "foreach", True): _ALL_DECAYED,
    ("momentum", "loop", True): _EACH_DECAYED,
    ("momentum", "foreach", True): _ALL_DECAYED,
    ("adam", "loop", False): (
        Tensor("√v1", "hd", "√v1 + ε", "temporary"),
        Tensor("√v1 + ε", "hd", "√v2 + ε", "temporary"),
        Tensor("√v2", "qh", "√v2 + ε", "temporary"),
        Tensor("√v2 + ε", "qh", END, "temporary"),
    ),
    ("adam", "loop", True): (
        Tensor("g1 + λW1", "hd", "√v1 + ε", "temporary"),
        Tensor("√v1", "hd", "√v1 + ε", "temporary"),
        Tensor("√v1 + ε", "hd", "√v2 + ε", "temporary"),
        Tensor("g2 + λW2", "qh", END, "temporary"),
        Tensor("√v2", "qh", "√v2 + ε", "temporary"),
        Tensor("√v2 + ε", "qh", END, "temporary"),
    ),
    ("adam", "foreach", False): _ALL_ROOTS,
    ("adam", "foreach", True): (*_ALL_DECAYED, *_ALL_ROOTS),
}

#: argument of `footprint` -> what it may be
CHOICES: Mapping[str, tuple[str | None, ...]] = {
    "mode": ("training", "prediction"),
    "loss": tuple(LABELS),
    "dtype": DTYPES,
    "activation": tuple(TORCH_ACTIVATIONS),
    "optimizer": (None, *STATES),
    "variant": ("loop", "foreach", "fused"),
    "l2": (None, "graph", "weight_decay"),
    "mse_owns": tuple(MSE_OWNS),
}

# --- from rows to bytes -------------------------------------------------------------------------


@dataclass(frozen=True)
class Footprint:
    """The memory of one training step, or of one prediction.

    Attributes
    ----------
    sizes : the value of each letter d, h, q, n.
    dtype : the model's type.
    base : what is there before, during and after: parameters, data, optimizer states.
    rows : what the steps make, in order.
    """

    sizes: Mapping[str, int]
    dtype: str
    base: tuple[Tensor, ...]
    rows: tuple[Tensor, ...]

    def bytes_of(self, row: Tensor) -> int:
        """Bytes of one tensor."""
        return prod(self.sizes[letter] for letter in row.axes) * ITEMSIZE[row.dtype or self.dtype]

    @property
    def held(self) -> int:
        """Bytes of `base`."""
        return sum(map(self.bytes_of, self.base))

    @property
    def alive(self) -> list[tuple[Tensor, ...]]:
        """For each step, the rows that are held while it runs, its own result included."""
        last = {row.name: i for i, row in enumerate(self.rows)} | {END: len(self.rows)}
        return [
            tuple(row for row in self.rows[: i + 1] if last[row.until] >= i)
            for i in range(len(self.rows))
        ]

    @property
    def live(self) -> list[int]:
        """For each step, the bytes held beyond `base`."""
        return [sum(map(self.bytes_of, rows)) for rows in self.alive]

    @property
    def peak(self) -> int:
        """The most bytes held beyond `base`."""
        return max(self.live)

    @property
    def total(self) -> int:
        """The most bytes held, `base` included."""
        return self.held + self.peak

    @property
    def peak_step(self) -> str:
        """The first step at which `peak` is reached."""
        return self.rows[self.live.index(self.peak)].name

    def by_role(self) -> dict[str, int]:
        """Bytes at the peak, by the tensors' role."""
        found: Counter[str] = Counter()
        for row in (*self.base, *self.alive[self.live.index(self.peak)]):
            found[row.role] += self.bytes_of(row)
        return dict(found)

    def formula(self) -> str:
        """`peak` in elements for any sizes, such as ``max{2nh, nh + nq}``.

        A sum is left out where another one is at least as large for all sizes.

        Raises
        ------
        ValueError : if the rows have different types, so that elements do not add up.
        """
        if any(row.dtype for row in self.rows):
            raise ValueError("the tensors have different types: their elements do not add up")
        sums = [Counter(row.axes for row in rows) for rows in self.alive]
        largest: list[Counter] = []
        for terms in sums:
            if not any(_never_larger(terms, other) for other in largest):
                largest = [other for other in largest if not _never_larger(other, terms)] + [terms]
        texts = [_sum_text(terms) for terms in largest]
        return texts[0] if len(texts) == 1 else f"max{{{', '.join(texts)}}}"


def footprint(
    *,
    d: int,
    h: int,
    q: int,
    n: int,
    mode: str = "training",
    loss: str = "squared",
    dtype: str = "float32",
    activation: str = "tanh",
    optimizer: str | None = None,
    variant: str = "loop",
    l2: str | None = None,
    named: Collection[str] = (),
    mse_owns: str = "1",
) -> Footprint:
    """The memory that the section's model needs, tensor by tensor and as an exact peak.

    Parameters
    ----------
    d, h, q, n : numbers of inputs, hidden units, outputs and examples.
    mode : ``"training"``, one step with fresh gradients, or ``"prediction"``, without gradients;
        prediction has no loss, so `loss`, `optimizer`, `variant` and `l2` say nothing about it.
    loss : ``"squared"`` (labels of n·q numbers) or ``"cross_entropy"`` (n class indices, int64).
    dtype : of parameters, data and everything computed.
    activation : ``"tanh"``, ``"sigmoid"``, ``"relu"``, ``"relu in place"`` or ``"gelu"``.
    optimizer : ``"sgd"``, ``"momentum"`` or ``"adam"``, beyond its first step; None ends with the
        gradients.
    variant : how torch updates: ``"loop"`` over parameters, ``"foreach"`` or ``"fused"``.
    l2 : the penalty: None, nodes in the ``"graph"``, or the optimizer's ``"weight_decay"``.
    named : tensors that a variable of the program holds to the end, such as ``{"H", "O"}``.
    mse_owns : the numbers that the scalar of the squared loss owns: ``"1"``, or ``"nq"`` where
        torch has the bug of `MSE_OWNS`.

    Raises
    ------
    ValueError : for a size that is not a positive integer, an unknown choice or name, or weight
        decay without an optimizer.
    """
    sizes = checks.sizes(d=d, h=h, q=q, n=n)
    for argument, choice in {
        "mode": mode, "loss": loss, "dtype": dtype, "activation": activation,
        "optimizer": optimizer, "variant": variant, "l2": l2,
        "mse_owns": mse_owns,
    }.items():  # fmt: skip
        checks.choice(argument, choice, CHOICES[argument])
    base: tuple[Tensor, ...] = (*PARAMETERS, *INPUT)
    rows: tuple[Tensor, ...] = PREDICTION
    changes = TORCH_ACTIVATIONS[activation].memory
    if mode == "prediction":
        changes = {name: until for name, until in changes.items() if until is None}
    else:
        if l2 == "weight_decay" and optimizer is None:
            raise ValueError("weight_decay is the optimizer's: name one, or take l2='graph'")
        base = (*base, *LABELS[loss], *STATES.get(optimizer, ()))
        update = UPDATE.get((optimizer, variant, l2 == "weight_decay"), ())
        rows = (*_sweep(loss, l2 == "graph"), *update)
        if loss == "squared":
            rows = tuple(
                replace(row, axes=MSE_OWNS[mse_owns]) if row.name == "L" else row for row in rows
            )
    rows = _changed(rows, changes)
    unknown = set(named) - {row.name for row in rows}
    if unknown:
        raise ValueError(
            f"named: {', '.join(sorted(map(str, unknown)))} is not made here; "
            f"there are {', '.join(row.name for row in rows)}"
        )
    return Footprint(sizes, dtype, base, _changed(rows, dict.fromkeys(named, END)))


def chain(
    widths: Sequence[int],
    *,
    n: int,
    mode: str = "training",
    dtype: str = "float32",
    mse_owns: str = "1",
) -> Footprint:
    """The memory that a chain of layers needs: H ← tanh(H Wᵀ), but for the last; squared loss.

    In prediction a layer waits for its neighbour alone. In training all of them wait for backward
    propagation, so the peak grows with the depth.

    Parameters
    ----------
    widths : numbers of units from the inputs to the outputs; ``[d, h, q]`` is the section's model.
    n : number of examples.
    mode, dtype, mse_owns : as for `footprint`.

    Raises
    ------
    ValueError : for fewer than two widths, a size that is not a positive integer, or an unknown
        choice.
    """
    if not hasattr(widths, "__len__") or len(widths) < 2:
        raise ValueError(f"widths: inputs, hidden layers, outputs; at least two, not {widths!r}")
    n, *widths = checks.sizes(n=n, **{f"widths[{i}]": w for i, w in enumerate(widths)}).values()
    for argument, choice in {"mode": mode, "dtype": dtype, "mse_owns": mse_owns}.items():
        checks.choice(argument, choice, CHOICES[argument])
    top = len(widths) - 1
    layer = [("n", f"w{i}") for i in range(top + 1)]
    weight = {i: (f"w{i}", f"w{i - 1}") for i in range(1, top + 1)}
    base = [Tensor(f"W{i}", weight[i], END, "parameter") for i in range(1, top + 1)]
    base.append(Tensor("X", layer[0], END, "data"))
    training = mode == "training"
    rows = []
    for i in range(1, top):
        rows.append(Tensor(f"Z{i}", layer[i], f"H{i}", "activation"))
        reader = f"∂J/∂Z{i}" if training else f"Z{i + 1}" if i + 1 < top else "O"
        rows.append(Tensor(f"H{i}", layer[i], reader, "activation"))
    rows.append(Tensor("O", layer[top], "∂J/∂O" if training else END, "activation"))
    if training:
        base.append(Tensor("Y", layer[top], END, "data"))
        rows.append(Tensor("L", layer[top] if MSE_OWNS[mse_owns] else "", LAST, "activation"))
        rows.extend(SEED)
        above = "∂J/∂O"
        rows.append(Tensor(above, layer[top], f"∂J/∂H{top - 1}" if top > 1 else LAST, "temporary"))
        for i in range(top, 1, -1):
            rows.append(Tensor(f"∂J/∂W{i}", weight[i], END, "gradient"))
            rows.append(Tensor(f"∂J/∂H{i - 1}", layer[i - 1], f"∂J/∂Z{i - 1}", "temporary"))
            reader = f"∂J/∂H{i - 2}" if i > 2 else LAST
            rows.append(Tensor(f"∂J/∂Z{i - 1}", layer[i - 1], reader, "temporary"))
        rows.append(Tensor(LAST, weight[1], END, "gradient"))
    sizes = {"n": n} | {f"w{i}": width for i, width in enumerate(widths)}
    return Footprint(sizes, dtype, tuple(base), tuple(rows))


def autograd_plan(
    model: Model, named: Collection[str] = (), mse_owns: str = "1"
) -> list[tuple[Node, int]]:
    """The plan of autograd's step, derived from the graph: its nodes, and the bytes held at each.

    It is the plan of `cost.schedule` for the loss and then all gradients of `model`, with what
    torch holds besides: from the first step back to the last the seed ∂J/∂J = 1, which our graph
    writes into its text as a constant, and what `mse_owns` says of L.

    Parameters
    ----------
    named : variables of `model.nodes` that the program holds to the end.
    mse_owns : as for `footprint`.
    """
    checks.choice("mse_owns", mse_owns, CHOICES["mse_owns"])
    sweep = model.backward()
    outputs = [model["J"], *(sweep.adjoint[w] for w in model.weights)]
    plan = schedule(outputs, keep=[model[name] for name in named], storage=STORAGE[mse_owns])
    seed = model["J"].dtype.itemsize
    return [
        (node, live + seed * (node in sweep.origin))
        for node, live in zip(plan.steps, plan.live_bytes, strict=True)
    ]


#: `MSE_OWNS` for `cost.schedule`: the numbers that a node owns where its value has others
STORAGE: Mapping[str, Storage] = {"1": {}, "nq": {"squared_loss": lambda node: node.args[0].size}}


def _sweep(loss: str, penalty: bool) -> tuple[Tensor, ...]:
    """Forward and backward propagation, with or without the penalty in the graph."""
    if not penalty:
        return (*FORWARD[loss], *SEED, *LOSS_BACKWARD[loss], *BACKWARD)
    rows = (*FORWARD[loss], *PENALTY_FORWARD, *SEED, *PENALTY_BACKWARD, *LOSS_BACKWARD[loss],
            *BACKWARD_WITH_PENALTY)  # fmt: skip
    return _changed(rows, {"L": "J"})  # J is their sum, and a sum's gradient needs no terms


def _changed(rows: Sequence[Tensor], changes: Mapping[str, str | None]) -> tuple[Tensor, ...]:
    """The rows with a new `until` for those named in `changes`, without those changed to None."""
    return tuple(
        replace(row, until=until)
        for row in rows
        if (until := changes.get(row.name, row.until)) is not None
    )


def _never_larger(terms: Counter, other: Counter) -> bool:
    """Whether the sum `terms` is at most `other` for all sizes, the smallest of which is 1.

    So what `other` has more of some product counts at least as much as ones that it lacks.
    """
    products = (axes for axes in terms if axes)
    return all(terms[axes] <= other[axes] for axes in products) and terms.total() <= other.total()


def _sum_text(terms: Counter) -> str:
    """``3nh + nq + 1`` for {nh: 3, nq: 1, "": 1}."""
    ordered = sorted(terms.items(), key=lambda term: (not term[0], term[0]))  # the number last
    return " + ".join(
        f"{count if count > 1 or not axes else ''}{''.join(axes)}" for axes, count in ordered
    )
