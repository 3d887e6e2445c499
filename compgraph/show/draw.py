"""The graph as D2L draws it: squares are variables, circles are operators, arrows go up.

`draw` writes DOT with the graphviz package; a `Drawing` shows itself as SVG in a notebook. The ink
is the page's text colour, so the picture is right in light and in dark. Forward, backward and
second order differ in colour and in line style, so they can be told apart without colour.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from xml.etree import ElementTree

import graphviz

from ..autodiff import Backward
from ..evaluate import Feeds
from ..graph import Node, shape_name, topological
from ..ops import TABLE
from ..questions.cost import nbytes
from .describe import details

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

_SVG = "http://www.w3.org/2000/svg"


@dataclass(frozen=True)
class Drawing:
    """A drawn graph.

    Attributes
    ----------
    source : the DOT text, the same on every machine.
    description : what a screen reader says in place of the picture.
    details : facts about each node, by its id (see `describe.details`); the SVG carries them as
        JSON, so that a page can show them node by node.
    """

    source: str
    description: str
    details: Mapping = field(default_factory=dict, repr=False)

    @property
    def svg(self) -> str:
        """The picture, laid out by Graphviz."""
        return _page_ready(_layout(self.source), self.description, self.details)

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

    Transposes and broadcasts are views, not computations: they are written on the edge, as ``ᵀ``
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
    dot = graphviz.Digraph(
        graph_attr={"rankdir": "BT", "bgcolor": "transparent", "nodesep": "0.22",
                    "ranksep": "0.32", "margin": "0.05"},
        node_attr={"fontname": "Times", "fontsize": "15", "margin": "0.04"},
        edge_attr={"fontname": "Times", "fontsize": "10.5", "arrowsize": "0.6"},
    )  # fmt: skip
    for device, members in _by_device(order, devices).items():
        with dot.subgraph(name=f"cluster_{device}" if device else None) as part:
            if device:
                part.attr(
                    label=device,
                    style="rounded",
                    margin="10",
                    fontname="Times",
                    **{"class": "device"},
                )
            for node in members:
                _add_node(part, node, ids, names, notes, numbers, inks.get(node, "forward"))
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
                _add_edge(dot, tail, head, label, ink, id=edge, penwidth="3",
                          **{"class": f"{ink} cut"}, **kept)  # fmt: skip
            elif inks.get(source, "forward") == ink:
                label = _edge_label(arg, source, views) if shapes else ""
                _add_edge(dot, tail, head, label, ink, id=edge)
            else:  # a value the forward pass has kept: its shape stands beside it already
                label = "ᵀ" if shapes and "transpose" in views else ""
                _add_edge(dot, tail, head, label, ink, id=edge, constraint="false")
    facts = details(outputs, ids, names=names, inks=inks, numbers=numbers, devices=devices,
                    sweep=sweep, feeds=feeds)  # fmt: skip
    return Drawing(dot.source, description or _describe(order, names), facts)


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


def _add_node(dot, node, ids, names, notes, numbers, ink) -> None:
    style = INKS[ink]
    if node.args:
        round_ = "circle" if len(TABLE[node.op].symbol) < 7 else "ellipse"
        dot.node(ids[node], f"<{_symbol(node, numbers)}>", id=f"n-{ids[node]}", shape=round_,
                 width="0.34", height="0.34", margin="0", fontsize="13",
                 **{"class": ink}, **style)  # fmt: skip
    if node in names:
        square = _tail(node, ids, names)
        label = _math(names[node])
        if node in notes:
            room = '<BR/><FONT POINT-SIZE="3"> </FONT>'  # for the name's subscript
            label += f'{room}<BR/><FONT POINT-SIZE="10">{escape(notes[node])}</FONT>'
        dot.node(square, f"<{label}>", id=f"n-{square}", shape="box", width="0.36", height="0.34",
                 **{"class": f"{ink} variable"}, **style)  # fmt: skip
        if node.args:
            _add_edge(dot, ids[node], square, "", ink, id=f"e-{ids[node]}-{square}")


def _add_edge(dot, tail, head, label, ink, **attributes) -> None:
    """An arrow from tail to head: up the page going forward, down it going backward.

    So a gradient stands beside the variable it belongs to.
    """
    if label:
        label = f" {label} "  # room between the text and its line
    attributes = {"label": label, "class": ink, **INKS[ink]} | attributes
    if ink == "backward" and "constraint" not in attributes:
        dot.edge(head, tail, dir="back", **attributes)  # ranks run from the head up to the tail
    else:
        dot.edge(tail, head, **attributes)


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
    return ("ᵀ " if "transpose" in views else "") + shape_name(arg.shape)


def _symbol(node: Node, numbers: Mapping[float, str]) -> str:
    symbol = TABLE[node.op].symbol
    if node.op not in ("scale", "power"):
        return _math(symbol)
    # a fixed number belongs to the operator: name it, or show it
    number = numbers.get(node.attrs[0], f"{node.attrs[0]:.3g}".replace("-", "−"))
    if node.op == "scale":
        return _math(symbol + number)
    return f'{symbol}<SUP><FONT POINT-SIZE="10">{_math(number)}</FONT></SUP>'


def _math(text: str) -> str:
    """Text as DOT's HTML: letters italic, digits after a letter lowered, ``^`` raised."""

    def piece(match: re.Match) -> str:
        letters, lowered, raised, other = match.groups()
        if other is not None:
            return escape(other)
        italic = f"<I>{letters}</I>" if len(letters) == 1 else letters
        small = "".join(
            f'<{tag}><FONT POINT-SIZE="10">{part}</FONT></{tag}>'
            for tag, part in (("SUB", lowered), ("SUP", raised))
            if part
        )
        return italic + small

    return re.sub(r"([A-Za-zα-ωϕ]+)(\d*)(?:\^(\w+))?|([^A-Za-zα-ωϕ]+)", piece, text)


def _describe(order: Sequence[Node], names: Mapping[Node, str]) -> str:
    inputs = [names[n] for n in order if n.op == "leaf"]
    computed = [names[n] for n in order if n in names and n.args]
    circles = sum(1 for n in order if n.args)
    return (
        f"Computational graph: from {', '.join(inputs)} by {circles} operator{'s'[: circles != 1]}"
        + (f" to {', '.join(computed)}" if computed else "")
    )


# --- SVG -----------------------------------------------------------------------------------------


def _layout(source: str) -> str:
    """SVG of a DOT text: pygraphviz brings its own Graphviz; where it is missing, ask for `dot`."""
    try:
        import pygraphviz
    except ImportError:
        return graphviz.Source(source).pipe(format="svg", encoding="utf-8")
    with _quiet():
        return pygraphviz.AGraph(string=source).draw(format="svg", prog="dot").decode()


@contextmanager
def _quiet() -> Iterator[None]:
    """Without fontconfig's remarks on the machine's fonts, which C writes to descriptor 2."""
    kept = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _page_ready(svg: str, description: str, facts: Mapping) -> str:
    """The SVG with the page's inks, text that every browser lowers alike, and a description."""
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(svg.encode())
    for group in root.iter(f"{{{_SVG}}}g"):
        for title in group.findall(f"{{{_SVG}}}title"):
            group.remove(title)  # Graphviz's titles are ids, which would pop up as tooltips
        classes = group.get("class", "").split()
        if classes[0] in ("graph", "cluster"):
            del group.attrib["id"]  # graph0, clust1: the same in every picture of a page
        ink = next((i for i in INKS if i in classes), "forward")
        for shape in group:
            for attribute in ("stroke", "fill"):
                if shape.get(attribute) == "black":
                    shape.set(attribute, COLOURS[ink])
            if shape.tag == f"{{{_SVG}}}text":
                shape.set("fill", COLOURS[ink])
                _lower(shape)
    root.set("role", "img")
    root.set("aria-label", description)
    root.set("class", "compgraph")
    data = ElementTree.SubElement(root, f"{{{_SVG}}}metadata")
    data.text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return ElementTree.tostring(root, encoding="unicode")


def _lower(text: ElementTree.Element) -> None:
    """Sub- and superscripts by position: Firefox does not know ``baseline-shift``."""
    shift = {"sub": 3.5, "super": -5.5}.get(text.attrib.pop("baseline-shift", ""), 0.0)
    if shift:
        text.set("y", f"{float(text.get('y', '0')) + shift:g}")
