"""What the calculators ask, the formulas' tables they get, and what they show without a script.

The defaults stand here once: the page script starts from them, and the table that a reader without
a script sees is computed from them by compgraph.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape

from book.calculators.tables import memory_tables
from book.ext.editions import _
from compgraph.questions import memory, planner
from compgraph.questions.pipeline import bubble_fraction


@dataclass(frozen=True)
class Field:
    """One question of a calculator.

    Attributes
    ----------
    name : the argument of the formula.
    label : what the reader sees.
    default : where it starts.
    stops : the positions of a number's slider; the first and the last are the limits of what may
        be typed.
    choices : values and labels, for a field that is not a number. Without stops and choices it is
        a switch.
    unit : of the number typed.
    whole : whether only integers make sense.
    when : another field and its value, without which this one says nothing.
    """

    name: str
    label: str
    default: object
    stops: Sequence[float] = ()
    choices: Sequence[tuple[str | None, str]] = ()
    unit: str = ""
    whole: bool = True
    when: tuple[str, str] | None = None


@dataclass(frozen=True)
class Form:
    """A calculator: its questions in groups, the formulas' tables, and its default answers."""

    title: str
    groups: Mapping[str, Sequence[Field]]
    tables: Mapping[str, object]

    @property
    def defaults(self) -> dict[str, object]:
        """Every field's default by name."""
        return {field.name: field.default for group in self.groups.values() for field in group}

    def as_json(self) -> str:
        """For the page script; ``</`` is written so that it cannot end a script element."""
        groups = [
            {"legend": legend, "fields": [_filled(field) for field in fields]}
            for legend, fields in self.groups.items()
        ]
        data = {"title": self.title, "groups": groups, "tables": self.tables}
        return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")


def _filled(field: Field) -> dict[str, object]:
    """The attributes that have a value."""
    return {
        name: value
        for name, value in asdict(field).items()
        if name == "default" or value not in (None, "", ())
    }


# --- memory --------------------------------------------------------------------------------------

#: 1, 2, 5, 10, … 1,000,000: up to here a double of JavaScript counts every byte exactly
DECADES = (*(digit * 10**power for power in range(6) for digit in (1, 2, 5)), 10**6)

#: what a choice of memory.CHOICES is called; the others are called by their name
CALLED = {
    ("optimizer", None): "none: stop at the gradients",
    ("optimizer", "sgd"): "SGD",
    ("optimizer", "momentum"): "SGD with momentum",
    ("optimizer", "adam"): "Adam",
    ("loss", "cross_entropy"): "cross-entropy",
    ("l2", None): "none",
    ("l2", "graph"): "nodes of the graph",
    ("l2", "weight_decay"): "the optimizer's weight decay",
    ("variant", "loop"): "a loop over parameters",
    ("mse_owns", "1"): "1 number, as a scalar should",
    ("mse_owns", "nq"): "nq numbers, as in torch 2.13",
}

#: role of a tensor -> what the page calls it, in the order of the bar
ROLES = {
    "parameter": "parameters",
    "gradient": "gradients",
    "optimizer": "optimizer states",
    "activation": "activations",
    "data": "data",
    "temporary": "transient",
}


def _choice(name: str, label: str, default: str | None, when: tuple[str, str] | None) -> Field:
    called = [(value, CALLED.get((name, value), value)) for value in memory.CHOICES[name]]
    return Field(name, label, default, choices=called, when=when)


_IN_TRAINING = ("mode", "training")

MEMORY = Form(
    "Memory of one step",
    {
        "Sizes": (
            Field("d", "d, inputs", 50, DECADES),
            Field("h", "h, hidden units", 100, DECADES),
            Field("q", "q, outputs", 10, DECADES),
            Field("n", "n, examples", 20, DECADES),
        ),
        "What runs": (
            _choice("mode", "Run", "training", None),
            _choice("dtype", "Numbers", "float32", None),
            _choice("loss", "Loss", "squared", _IN_TRAINING),
            _choice("optimizer", "Optimizer", "sgd", _IN_TRAINING),
        ),
        "Details": (
            _choice("activation", "Activation", "tanh", None),
            _choice("variant", "Update", "loop", _IN_TRAINING),
            _choice("l2", "Penalty", None, _IN_TRAINING),
            _choice("mse_owns", "L owns", "nq", _IN_TRAINING),
        ),
    },
    {"roles": ROLES, **memory_tables()},
)  # fmt: skip


def memory_table() -> str:
    """The default step, trained and predicted, as an HTML table."""
    runs = {
        mode: memory.footprint(**MEMORY.defaults | {"mode": mode})
        for mode in ("prediction", "training")
    }
    rows = [
        [_(label), *(f"{run.by_role().get(role, 0):,}" for run in runs.values())]
        for role, label in ROLES.items()
    ]
    rows.append([_("all"), *(f"{run.total:,}" for run in runs.values())])
    rows.append([_("while this is made"), *(run.peak_step for run in runs.values())])
    sizes = ", ".join(f"{name} = {MEMORY.defaults[name]}" for name in "dhqn")
    return _table(
        _("Bytes at the peak: {sizes}, float32, squared loss, SGD").format(sizes=sizes),
        ["", *map(_, runs)],
        rows,
    )


# --- partition -----------------------------------------------------------------------------------


def _powers(most: int) -> tuple[int, ...]:
    return tuple(2**i for i in range(most.bit_length()))


_IN_TRANSFORMER = ("model", "transformer")

PARTITION = Form(
    "Plans for several devices",
    {
        "Model": (
            Field("model", "Model", "mlp",
                  choices=(("mlp", "hidden layers of one width"), ("transformer", "transformer"))),
            Field("layers", "Layers", 32, _powers(512)),
            Field("width", "Width of a layer", 8192, _powers(65536)),
            Field("heads", "Attention heads", 64, _powers(1024), when=_IN_TRANSFORMER),
            Field("sequence", "Sequence length", 2048, _powers(65536), when=_IN_TRANSFORMER),
            Field("batch", "Minibatch, in examples", 512, _powers(65536)),
        ),
        "Devices": (
            Field("devices", "Devices", 8, _powers(256)),
            Field("memory", "Memory of one", 16, (1, 2, 4, 8, 16, 24, 40, 80, 141, 192, 288),
                  unit="GB", whole=False),
            Field("link", "Link between them", 10, (0.01, 0.1, 1, 3, 10, 25, 50, 100, 300, 900),
                  unit="GB/s", whole=False),
            Field("speed", "Speed of one", 100, (1, 3, 10, 30, 100, 300, 1000, 3000),
                  unit="TFLOP/s", whole=False),
            Field("latency", "Start of a message or a block", 20,
                  (0, 1, 2, 5, 10, 20, 50, 100, 1000), unit="µs", whole=False),
        ),
        "Your plan": (
            Field("data", "Data ranks", 8, _powers(256)),
            Field("tensor", "Tensor ranks", 1, _powers(256)),
            Field("stages", "Pipeline stages", 1, _powers(256)),
            Field("micros", "Micro-batches", 1, _powers(65536)),
            Field("sharded", "Shard the states over the data ranks", False),
            Field("checkpoint", "Checkpoint each block", False),
        ),
    },
    {},
)  # fmt: skip


def default_advice() -> tuple[planner.Recommendation, planner.Cluster]:
    """The planner's answer to the default questions."""
    asked = PARTITION.defaults
    chain = planner.mlp_chain(asked["layers"], asked["width"])
    cluster = planner.Cluster(
        asked["devices"], asked["memory"] * 1e9, asked["speed"] * 1e12, asked["link"] * 1e9,
        asked["latency"] / 1e6,
    )  # fmt: skip
    return planner.recommend(chain, asked["batch"], cluster), cluster


def partition_table() -> str:
    """The best plan of every family for the default model and devices, as an HTML table."""
    asked = PARTITION.defaults
    advice, cluster = default_advice()
    rows = [
        [
            each.in_words(_),
            f"{each.memory / 1e9:.1f} GB",
            f"{each.wire * cluster.link / 1e9:.2f} GB",
            f"{100 * bubble_fraction(each.stages, each.micros):.1f} %",
            f"{each.seconds:.3f} s",
        ]
        for each in sorted(advice.considered, key=lambda plan: plan is not advice.plan)
    ]
    return _table(
        _(
            "{layers} layers of width {width}, {batch} examples, up to {devices} devices of "
            "{memory} GB with links of {link} GB/s. The first plan is the one to take."
        ).format(**asked),
        [_("plan"), _("memory of a device"), _("sent by a device"), _("bubble"), _("time")],
        rows,
    )


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """An HTML table whose first column names the rows, below its title."""
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for name, *cells in rows
    )
    return (
        f'<p class="title">{escape(title)}</p><div class="wide"><table>'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


#: name in the directive -> the form, and what stands there without a script
CALCULATORS = {
    "memory": (MEMORY, memory_table),
    "partition": (PARTITION, partition_table),
}
