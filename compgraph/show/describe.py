"""What a reader can ask of a node: its equation, value, gradient, bytes, place in the order.

Plain data, ready for JSON. `draw` puts it into the picture, and the page shows it node by node; so
the page knows nothing that the graph did not say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..autodiff import Backward
from ..evaluate import Feeds, evaluate
from ..graph import Node, shape_name, topological
from ..ops import factor_of
from ..questions.cost import nbytes, schedule

# operator -> how it is written, and how strongly it binds its arguments; 0 needs no brackets
_FORMS: dict[str, tuple[str, int]] = {
    "add": ("{} + {}", 1),
    "sub": ("{} − {}", 1),
    "mul": ("{} ⊙ {}", 2),
    "tanh_vjp": ("{} ⊙ (1 − {}²)", 2),
    "sigmoid_vjp": ("{0} ⊙ {1} ⊙ (1 − {1})", 2),
    "relu_vjp": ("{} ⊙ [{} > 0]", 2),
    "scale": ("{c} {}", 3),
    "matmul": ("{} {}", 3),
    "transpose": ("{}ᵀ", 4),
    "inverse": ("{}⁻¹", 4),
    "power": ("{}^{c}", 5),
    "sum_to": ("Σ {}", 3),
    "half_sqnorm": ("½‖{}‖²", 0),
    "dot": ("⟨{}, {}⟩", 0),
    "squared_loss": ("l({}, {})", 0),
    "squared_loss_vjp": ("{by}({1} − {2}){per}", 3),
    "log_softmax_vjp": ("{0} − exp({1}) Σ {0}", 1),
}
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_FEW = 12  # a value with more elements is summed up


def equation(
    node: Node, names: Mapping[Node, str], numbers: Mapping[float, str] | None = None
) -> str:
    """The node's formula in terms of the named nodes it is computed from: ``z = W₁ x + b₁``."""

    def number(value: float) -> str:
        return (numbers or {}).get(value, f"{value:g}".replace("-", "−"))

    def write(part: Node, strength: int, top: bool = False) -> str:
        if not top and part in names:
            name = pretty(names[part]).split(" = ")[0]
            return f"({name})" if "/" in name and strength > 2 else name
        if not part.args:
            return pretty(part.name) if part.name else number(part.attrs[0])
        if part.op in ("expand", "reshape"):  # the same numbers, laid out otherwise
            return write(part.args[0], strength)
        form, binds = _FORMS.get(part.op, (f"{part.op.replace('_', ' ')}({{}})", 0))
        filled = {"c": "", "per": "", "by": ""}
        if part.op in ("scale", "power"):
            filled["c"] = number(part.attrs[0])
        elif part.op == "squared_loss_vjp":
            if part.attrs[0] != 1:
                filled["per"] = f" / {number(part.attrs[0])}"
            if factor_of(part.args[0]) != 1:
                filled["by"] = write(part.args[0], 3) + " "
        minus = int(part.op == "sub")  # in a − (b − c), what is taken away keeps its brackets
        inner = [write(arg, binds + (i and minus)) for i, arg in enumerate(part.args)]
        text = form.format(*inner, **filled)
        # the base of a power needs brackets even around another power
        return f"({text})" if 0 < binds < strength + (binds == strength == 5) else text

    right = write(node, 0, top=True)
    left = names.get(node)
    return f"{pretty(left)} = {right}" if left and node.args else right


def pretty(name: str) -> str:
    """A name with its digits lowered: ``W1`` becomes ``W₁``."""
    return re.sub(r"(?<=[A-Za-z])\d+", lambda match: match[0].translate(_LOWERED), name)


def details(
    outputs: Sequence[Node],
    ids: Mapping[Node, str],
    *,
    names: Mapping[Node, str],
    inks: Mapping[Node, str],
    numbers: Mapping[float, str],
    devices: Mapping[Node, str],
    sweep: Backward | None = None,
    feeds: Feeds | None = None,
) -> dict[str, Any]:
    """Facts about each node of a drawing.

    Parameters
    ----------
    ids : the drawn nodes and the ids that they have in the picture: all but views.
    sweep : where each node's gradient is to be found.
    feeds : values of the leaves; without them no values are told.

    Returns
    -------
    ``nodes``: id -> facts, in the order of execution; ``base``: bytes of the leaves, held
    throughout. A computed node's ``live`` is the bytes held beyond those while it is computed.
    """
    gradients = {n: g for n, g in (sweep.adjoint if sweep else {}).items() if n in ids}
    values: dict[Node, np.ndarray] = {}
    if feeds is not None:
        wanted = list(dict.fromkeys([*ids, *gradients.values()]))
        values = dict(zip(wanted, evaluate(wanted, feeds), strict=True))
    plan = schedule(outputs)
    live = dict(zip(plan.steps, plan.live_bytes, strict=True))

    def facts(node: Node) -> dict[str, Any]:
        found = {
            "name": pretty(names[node]) if node in names else None,
            "equation": equation(node, names, numbers),
            "shape": shape_name(node.shape),
            "bytes": nbytes(node) if node.op != "constant" else 0,  # part of the program's text
            "live": live.get(node),
            "ink": inks.get(node, "forward"),
            "device": devices.get(node),
            "reads": list(dict.fromkeys(ids[_drawn(arg, ids)] for arg in node.args)),
        }
        if node in values:
            found["value"] = _shown(values[node])
        if node in gradients:
            found["gradient"] = equation(gradients[node], names, numbers)
            if gradients[node] in values:
                found["gradientValue"] = _shown(values[gradients[node]])
        return {key: value for key, value in found.items() if value is not None}

    order = [node for node in topological(outputs) if node in ids]
    return {"base": plan.base, "nodes": {ids[node]: facts(node) for node in order}}


def _drawn(node: Node, ids: Mapping[Node, str]) -> Node:
    """The node itself, or what it is a view of, whichever is in the picture."""
    while node not in ids:
        node = node.args[0]
    return node


def _shown(value: np.ndarray) -> str:
    """A small value in full, a large one by its range and norm."""
    value = np.asarray(value)
    if value.size <= _FEW:
        rounded = np.vectorize(lambda x: f"{x:.3g}".replace("-", "−"), otypes=[object])(value)
        return _brackets(rounded.tolist()) if value.ndim else str(rounded)
    low, high, norm = (f"{x:.3g}".replace("-", "−")
                       for x in (value.min(), value.max(), np.linalg.norm(value)))  # fmt: skip
    return f"{low} … {high}, ‖·‖ = {norm}"


def _brackets(rows: Any) -> str:
    return rows if isinstance(rows, str) else "[" + ", ".join(map(_brackets, rows)) + "]"
