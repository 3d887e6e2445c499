"""The graph as D2L draws it: squares are variables, circles are operators, arrows go up.

`draw` writes DOT with the graphviz package, which is imported then: where nothing is drawn, nobody
needs it. A `Drawing` shows itself as SVG in a notebook. The ink is the page's text colour, so the
picture is right in light and in dark. Forward, backward and second order differ in colour and in
line style, so they can be told apart without colour.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, hypot, sqrt
from xml.etree import ElementTree

from ..autodiff import Backward
from ..evaluate import Feeds
from ..graph import Node, shape_name, topological
from ..ops import TABLE
from ..questions.cost import nbytes
from .describe import details
from .lettering import (
    SVG,
    Line,
    Run,
    centred,
    extent,
    height,
    raised,
    runs,
    stacked,
    svg_text,
    width,
    words,
)
from .words import Parts

#: ink -> attributes of its lines: colour alone would not do for every reader or printer
INKS = {
    "forward": {"style": "solid", "penwidth": "1.1"},
    "backward": {"style": "dashed", "penwidth": "1.3"},
    "second": {"style": "dotted", "penwidth": "1.8"},
}

#: ink -> its colour in the SVG: a property the page may set, else one readable on white and black
COLOURS = {
    "forward": "currentColor",
    "backward": "var(--ink-backward, #c2561a)",
    "second": "var(--ink-second, #4f7fd9)",
}

#: sizes of the letters, in points
NAME, SIGN, NOTE, DEVICE, SHAPE = 15, 13, 10, 13, 10.5

#: points between a label and the line around it or beside it
_ROOM = 3
#: the least width of a square and of a circle, in points
_SQUARE, _CIRCLE = 26, 24
#: a sign that needs a wider circle stands in an ellipse
_WIDEST_CIRCLE = 38
#: the ink by which we find the place that Graphviz has kept for a label, and put the label there
_SLOT = "magenta"
#: decimals of coordinates: platforms may differ in those that follow
_DECIMALS = 1
_GEOMETRY = {"cx", "cy", "d", "points", "rx", "ry", "transform", "viewBox"}
_NUMBER = re.compile(r"-?\d+\.\d+")


@dataclass(frozen=True)
class Drawing:
    """A drawn graph.

    Attributes
    ----------
    source : the DOT text, the same on every machine.
    description : what a screen reader says in place of the picture.
    labels : what stands in each node, on each edge and over each device. Graphviz keeps places of
        the right size for them and never measures a letter with the machine's fonts.
    details : facts about each node, by its id (see `describe.details`); the SVG carries them as
        JSON, so that a page can show them node by node.
    parts : what `description` was made from, for a page to say it in another language; None if the
        description was given.
    """

    source: str
    description: str
    labels: Mapping[str, Sequence[Line]] = field(default_factory=dict, repr=False)
    details: Mapping = field(default_factory=dict, repr=False)
    parts: Parts | None = None

    @property
    def svg(self) -> str:
        """The picture, laid out by Graphviz: with the same Graphviz, the same on every machine."""
        root = ElementTree.fromstring(_layout(self.source).encode())
        _rounded(root)
        _lettered(root, self.labels)
        if self.parts:
            root.set("data-parts", self.parts.as_json())
        return _page_ready(root, self.description, self.details)

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"Drawing({self.description})"


def draw(
    outputs: Sequence[Node],
    *,
    names: Mapping[Node, str] | None = None,
    inks: Mapping[Node, str] | None = None,
    numbers: Mapping[float, str] | None = None,
    notes: Mapping[Node, str] | None = None,
    devices: Mapping[Node, str] | None = None,
    sweep: Backward | None = None,
    feeds: Feeds | None = None,
    shapes: bool = True,
    description: str = "",
    prefix: str = "",
) -> Drawing:
    """Draw the graph that computes `outputs`.

    Parameters
    ----------
    names : the variables to show as squares: node -> name such as ``"W1"`` or ``"∂J/∂z"``. Leaves
        have their own names. A digit after a letter becomes a subscript, ``^`` a superscript.
    inks : node -> ``"forward"`` (the default), ``"backward"`` or ``"second"``.
    numbers : names for fixed factors, such as ``{0.1: "λ"}``.
    notes : a second line in a node's square, such as its bytes or its gradient.
    devices : node -> the name of the device that computes it; each device is framed. An arrow from
        one device to another is drawn thick, with the bytes that go over the wire; what has been
        sent before is there already, and its arrow says nothing.
    sweep : the backward sweep in which the details find each node's gradient.
    feeds : values of the leaves, from which the details tell every node's value.
    shapes : whether edges carry the shape of what flows along them.
    description : the picture's alternative text; by default made from the names.
    prefix : begins every id in the SVG, so that two pictures can share a page.

    Transposes and broadcasts are views, not computations: they are written on the edge, as ``⊤``
    and ``↦``, and have no circle.
    """
    inputs = {
        n: n.name or f"{n.attrs[0]:g}" for n in topological(outputs) if not n.args
    }  # leaves and constants
    names = inputs | dict(names or {})
    inks, numbers, notes = dict(inks or {}), dict(numbers or {}), dict(notes or {})
    devices, sent = dict(devices or {}), set()
    order = [n for n in topological(outputs) if not TABLE[n.op].view or n in names]
    ids = _ids(order, prefix)
    import graphviz

    dot = graphviz.Digraph(
        graph_attr={"rankdir": "BT", "bgcolor": "transparent", "nodesep": "0.22",
                    "ranksep": "0.32", "margin": "0.05"},
        node_attr={"label": "", "fixedsize": "true"},
        edge_attr={"arrowsize": "0.6"},
    )  # fmt: skip
    labels: dict[str, list[Line]] = {}
    for device, members in _by_device(order, devices).items():
        name = f"cluster_{device}"
        with dot.subgraph(name=name if device else None) as part:
            if device:
                labels[name] = stacked((words(device), DEVICE))
                part.attr(label=_slot(labels[name]), words=graphviz.escape(device),
                          style="rounded", margin="10", **{"class": "device"})  # fmt: skip
            for node in members:
                ink = inks.get(node, "forward")
                labels |= _add_node(part, node, ids, names, notes, numbers, ink)
    for node in order:
        ink = inks.get(node, "forward")
        arrows: Counter[str] = Counter()
        for arg in node.args:
            source, views = _through_views(arg, names)
            tail, head = _tail(source, ids, names), ids[node]
            arrows[tail] += 1
            edge = f"e-{tail}-{head}" + (f"-{arrows[tail]}" if arrows[tail] > 1 else "")  # x + x
            if _crosses(source, node, devices):
                label = "" if (source, devices[node]) in sent else f"{nbytes(source)} B"
                sent.add((source, devices[node]))
                kept = {} if inks.get(source, "forward") == ink else {"constraint": "false"}
                labels |= _add_edge(dot, tail, head, label, ink, id=edge, penwidth="3",
                                    **{"class": f"{ink} cut"}, **kept)  # fmt: skip
            elif inks.get(source, "forward") == ink:
                label = _edge_label(arg, source, views) if shapes else ""
                labels |= _add_edge(dot, tail, head, label, ink, id=edge)
            else:  # a value the forward pass has kept: its shape stands beside it already
                label = "⊤" if shapes and "transpose" in views else ""
                labels |= _add_edge(dot, tail, head, label, ink, id=edge, constraint="false")
    facts = details(outputs, ids, names=names, inks=inks, numbers=numbers, devices=devices,
                    sweep=sweep, feeds=feeds)  # fmt: skip
    parts = None if description else _parts(order, names)
    said = parts.in_words() if parts else description
    return Drawing(dot.source, said, labels, facts, parts)


def gradient_names(names: Mapping[Node, str], sweep: Backward) -> dict[Node, str]:
    """``∂J/∂z`` for the gradient of each named variable, the name of the output first.

    Where one node is the gradient of several variables, its name says so: ``∂J/∂z = ∂J/∂b1``.
    """
    root = next(iter(sweep.adjoint), None)
    if root is None or root not in names:
        raise ValueError("name the output of the sweep: its name stands in every gradient's")
    output = names[root]
    found: dict[Node, list[str]] = {}
    for node, gradient in sweep.adjoint.items():
        if node in names and gradient in sweep.origin and gradient.args:
            found.setdefault(gradient, []).append(f"∂{output}/∂{names[node]}")
    return {gradient: " = ".join(several) for gradient, several in found.items()}


def inks_of(*sweeps: Backward) -> dict[Node, str]:
    """Inks for `draw` from `Backward` sweeps: the first is backward, the next second order."""
    if len(sweeps) > 2:
        raise ValueError(f"there are inks for two sweeps, backward and second, got {len(sweeps)}")
    return {
        node: ink
        for ink, sweep in zip(("backward", "second"), sweeps, strict=False)
        for node in sweep.origin
    }


# --- DOT -----------------------------------------------------------------------------------------


def _ids(order: Sequence[Node], prefix: str) -> dict[Node, str]:
    """A readable id for every node, fit for DOT and SVG: a leaf's name, or operator and number."""
    counts: Counter[str] = Counter()
    ids: dict[Node, str] = {}
    taken: set[str] = set()
    for node in order:
        counts[node.op] += 1
        # no "_" in a leaf's id: those of operators and their squares have it
        own = re.sub(r"[\W_]+", "-", node.name) if node.name else f"{node.op}{counts[node.op]}"
        while own in taken:  # leaves of one name and two shapes, or a leaf that is named "add1"
            own += "-"
        taken.add(own)
        ids[node] = prefix + own
    return ids


def _tail(node: Node, ids: Mapping[Node, str], names: Mapping[Node, str]) -> str:
    """Where an edge from the node starts: at its square if it has one, else at its circle."""
    return f"{ids[node]}_value" if node in names and node.args else ids[node]


def _by_device(order, devices) -> dict[str, list[Node]]:
    groups: dict[str, list[Node]] = {}
    for node in order:
        groups.setdefault(devices.get(node, ""), []).append(node)
    return groups


def _add_node(dot, node, ids, names, notes, numbers, ink) -> dict[str, list[Line]]:
    """The node's circle, its square, or both with an arrow between them; and their labels."""
    style = INKS[ink]
    labels: dict[str, list[Line]] = {}
    if node.args:
        labels[f"n-{ids[node]}"] = sign = centred(_symbol(node, numbers), SIGN)
        dot.node(ids[node], id=f"n-{ids[node]}", shape="ellipse", words=_words(sign),
                 **_circle(sign), **{"class": ink}, **style)  # fmt: skip
    if node in names:
        square = _tail(node, ids, names)
        lines = [(runs(names[node]), NAME)]
        if node in notes:
            lines.append((words(notes[node]), NOTE))
        labels[f"n-{square}"] = inside = stacked(*lines)
        dot.node(square, id=f"n-{square}", shape="box", words=_words(inside), **_square(inside),
                 **{"class": f"{ink} variable"}, **style)  # fmt: skip
        if node.args:
            _add_edge(dot, ids[node], square, "", ink, id=f"e-{ids[node]}-{square}")
    return labels


def _add_edge(dot, tail, head, label, ink, **attributes) -> dict[str, list[Line]]:
    """An arrow from tail to head: up the page going forward, down it going backward.

    So a gradient stands beside the variable it belongs to.
    """
    attributes = {"class": ink, **INKS[ink]} | attributes
    lines = stacked((words(label), SHAPE))
    if label:
        attributes |= {"label": _slot(lines), "words": _words(lines)}
    if ink == "backward" and "constraint" not in attributes:
        dot.edge(head, tail, dir="back", **attributes)  # ranks run from the head up to the tail
    else:
        dot.edge(tail, head, **attributes)
    return {attributes["id"]: lines} if label else {}


def _words(lines: Sequence[Line]) -> str:
    """The label for a reader of the DOT text; Graphviz makes nothing of it."""
    import graphviz

    return graphviz.escape(" / ".join(map(str, lines)))


def _across(lines: Sequence[Line]) -> float:
    return max(width(line.runs, line.size) for line in lines)


def _square(lines: Sequence[Line]) -> dict[str, str]:
    """The size of a square around the lines."""
    wide = max(_SQUARE, _across(lines) + 2 * _ROOM)
    return _inches(width=wide, height=height(lines) + 2 * _ROOM)


def _circle(sign: Sequence[Line]) -> dict[str, str]:
    """The size of the circle around a sign, or of an ellipse as high as the smallest circle."""
    wide, high = _across(sign) + 2 * _ROOM, sum(extent(sign[0].runs, sign[0].size))
    round_ = max(_CIRCLE, hypot(wide, high))
    if round_ <= _WIDEST_CIRCLE:
        return _inches(width=round_, height=round_)
    return _inches(width=wide / sqrt(1 - (high / _CIRCLE) ** 2), height=_CIRCLE)


def _inches(**points: float) -> dict[str, str]:
    """Sizes for Graphviz, whole points and even, so that their middle is a whole one, too."""
    return {name: f"{2 * ceil(size / 2) / 72:.5g}" for name, size in points.items()}


def _slot(lines: Sequence[Line]) -> str:
    """A place of the label's size, which Graphviz keeps free of everything else."""
    wide, high = ceil(_across(lines)) + 2 * _ROOM, ceil(height(lines))
    return (
        '<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0"><TR>'
        f'<TD BGCOLOR="{_SLOT}" FIXEDSIZE="TRUE" WIDTH="{wide}" HEIGHT="{high}"></TD>'
        "</TR></TABLE>>"
    )


def _crosses(source: Node, node: Node, devices: Mapping[Node, str]) -> bool:
    here, there = devices.get(source), devices.get(node)
    return bool(here and there) and here != there


def _through_views(arg: Node, names: Mapping[Node, str]) -> tuple[Node, list[str]]:
    """The drawn node behind a chain of views, and the views' operators."""
    views = []
    while TABLE[arg.op].view and arg not in names:
        views.append(arg.op)
        arg = arg.args[0]
    return arg, views


def _edge_label(arg: Node, source: Node, views: Sequence[str]) -> str:
    if arg.shape == () and not views:
        return ""
    if "expand" in views or "reshape" in views:
        return f"{shape_name(source.shape)} ↦ {shape_name(arg.shape)}"
    return ("⊤ " if "transpose" in views else "") + shape_name(arg.shape)


def _symbol(node: Node, numbers: Mapping[float, str]) -> tuple[Run, ...]:
    symbol = TABLE[node.op].symbol
    if node.op not in ("scale", "power"):
        return runs(symbol)
    # a fixed number belongs to the operator: name it, or show it
    number = numbers.get(node.attrs[0], f"{node.attrs[0]:.3g}".replace("-", "−"))
    return runs(symbol + number) if node.op == "scale" else runs(symbol) + raised(runs(number))


def _parts(order: Sequence[Node], names: Mapping[Node, str]) -> Parts:
    return Parts(
        inputs=tuple(names[n] for n in order if n.op == "leaf"),
        operators=sum(1 for n in order if n.args),
        outputs=tuple(names[n] for n in order if n in names and n.args),
    )


# --- SVG -----------------------------------------------------------------------------------------


def _layout(source: str) -> str:
    """SVG of a DOT text: pygraphviz brings its own Graphviz; where it is missing, ask for `dot`."""
    try:
        import pygraphviz
    except ImportError:
        import graphviz

        return graphviz.Source(source).pipe(format="svg", encoding="utf-8")
    return pygraphviz.AGraph(string=source).draw(format="svg", prog="dot").decode()


def _rounded(root: ElementTree.Element) -> None:
    """No more decimals than can be seen."""
    for element in root.iter():
        for name in _GEOMETRY & element.attrib.keys():
            element.set(name, _NUMBER.sub(_shorter, element.attrib[name]))


def _shorter(number: re.Match) -> str:
    return f"{round(float(number[0]), _DECIMALS) + 0:g}"  # + 0, for there is no -0


def _lettered(root: ElementTree.Element, labels: Mapping[str, Sequence[Line]]) -> None:
    """Every label in the middle of its node, or where Graphviz has kept its place."""
    for group in root.iter(f"{{{SVG}}}g"):
        names = group.get("id", ""), group.findtext(f"{{{SVG}}}title") or ""
        lines = next((labels[name] for name in names if name in labels), None)
        if not lines:
            continue
        slot = next((shape for shape in group if shape.get("fill") == _SLOT), None)
        x, y = _middle(group[-1] if slot is None else slot)
        if slot is not None:
            group.remove(slot)
        group.extend(svg_text(lines, x, y, fill="black"))


def _middle(shape: ElementTree.Element) -> tuple[float, float]:
    """The middle of an ellipse or of a rectangle."""
    if "cx" in shape.attrib:
        return float(shape.attrib["cx"]), float(shape.attrib["cy"])
    corners = [tuple(map(float, pair.split(","))) for pair in shape.attrib["points"].split()]
    return tuple((min(along) + max(along)) / 2 for along in zip(*corners, strict=True))


def _page_ready(root: ElementTree.Element, description: str, facts: Mapping) -> str:
    """The SVG with the page's inks and a description."""
    ElementTree.register_namespace("", SVG)
    for group in root.iter(f"{{{SVG}}}g"):
        for title in group.findall(f"{{{SVG}}}title"):
            group.remove(title)  # Graphviz's titles are ids, which would pop up as tooltips
        classes = group.get("class", "").split()
        if classes[0] in ("graph", "cluster"):
            del group.attrib["id"]  # graph0, clust1: the same in every picture of a page
        ink = next((i for i in INKS if i in classes), "forward")
        for shape in group:
            for attribute in ("stroke", "fill"):
                if shape.get(attribute) == "black":
                    shape.set(attribute, COLOURS[ink])
    root.set("role", "img")
    root.set("aria-label", description)
    root.set("class", "compgraph")
    root.set("text-rendering", "geometricPrecision")  # no letter is moved to a whole pixel
    data = ElementTree.SubElement(root, f"{{{SVG}}}metadata")
    data.text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return ElementTree.tostring(root, encoding="unicode")
