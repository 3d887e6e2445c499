"""``{live-graph}``: the book's one graph on any page, drawn by compgraph while the book is built.

It is the section's model with a bias, for a minibatch, forward and backward, with the hidden layer
on one device and the output layer on another. theme/static/graph.mjs brings it to life.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from book.ext.editions import N_, _
from book.ext.inline_svg import inline_markup
from compgraph import draw, gradient_names, inks_of
from compgraph.questions import mlp
from compgraph.questions.partition import place

SIZES = {"n": 7, "d": 5, "h": 4, "q": 3}
WEIGHT_DECAY = 0.1
HIDDEN_LAYER = ("X", "W1", "b1")  # on device 0; what else there is follows from its arguments
WORDS = N_(
    "The computational graph of a network with one hidden layer, forward and backward, on two "
    "devices. The web page tells each node's equation, shape, value, gradient, bytes and device."
)


def picture() -> str:
    """The drawing as SVG, with the facts about its nodes inside."""
    model = mlp.build(**SIZES, layout="row", weight_decay=WEIGHT_DECAY)
    sweep = model.backward()
    outputs = [model["J"], *(sweep.adjoint[weight] for weight in model.weights)]
    leaves = {node: int(node.name not in HIDDEN_LAYER) for node in model.feeds()}
    devices = {node: f"GPU {k}" for node, k in place(outputs, leaves, sweep).items()}
    return draw(
        outputs,
        names=model.names | gradient_names(model.names, sweep),
        inks=inks_of(sweep),
        numbers={WEIGHT_DECAY: "λ", SIZES["n"]: "n"},
        devices=devices,
        sweep=sweep,
        feeds=model.feeds(seed=1),
        description=_(WORDS),
        prefix="one-",
    ).svg


class LiveGraph(SphinxDirective):
    """The graph in a box of its own, as a notebook's drawings are."""

    def run(self) -> list[nodes.Node]:
        markup, _, _ = inline_markup(picture(), None)
        box = nodes.container(classes=["drawing"])
        box += nodes.raw("", markup, format="html")
        return [box]


def setup(app: Sphinx) -> dict[str, object]:
    app.add_directive("live-graph", LiveGraph)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
