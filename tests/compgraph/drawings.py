"""The drawings whose DOT text is kept in `expected/`.

After a wanted change of the drawing: ``python tests/compgraph/drawings.py`` from the repository's
root writes them again; look at the difference before you commit it.
"""

from __future__ import annotations

from pathlib import Path

from compgraph import Drawing, Node, draw, grad, gradient_names, inks_of, topological
from compgraph.questions import mlp

EXPECTED = Path(__file__).parent / "expected"
LAMBDA = {0.1: "λ"}


def forward() -> Drawing:
    """The section's model, one example in column layout."""
    model = mlp.build(d=5, h=4, q=3)
    return draw([model["J"]], names=model.names, numbers=LAMBDA)


def forward_and_backward() -> Drawing:
    """The same with its backward graph."""
    model = mlp.build(d=5, h=4, q=3)
    sweep = model.backward()
    return draw(
        [model["J"], *(sweep.adjoint[w] for w in model.weights)],
        names=model.names | gradient_names(model.names, sweep),
        inks=inks_of(sweep),
        numbers=LAMBDA,
    )


def minibatch_on_two_devices() -> Drawing:
    """Row layout with cross-entropy, gradients placed with the nodes they belong to."""
    model = mlp.build(d=5, h=4, q=3, n=7, layout="row", loss="cross_entropy")
    sweep = model.backward()
    outputs = [model["J"], *grad(model["J"], model.weights)]
    first = set(topological([model["H"]]))

    def device(node: Node) -> str:
        return "GPU 0" if sweep.origin.get(node, node) in first else "GPU 1"

    return draw(
        outputs,
        names=model.names | gradient_names(model.names, sweep),
        inks=inks_of(sweep),
        numbers=LAMBDA,
        notes={model["H"]: "7·4·8 B = 224 B"},
        devices={node: device(node) for node in topological(outputs)},
        prefix="two-",
    )


DRAWINGS = {
    make.__name__: make for make in (forward, forward_and_backward, minibatch_on_two_devices)
}

if __name__ == "__main__":
    EXPECTED.mkdir(exist_ok=True)
    for name, make in DRAWINGS.items():
        (EXPECTED / f"{name}.dot").write_text(make().source, encoding="utf-8")
        print(f"wrote expected/{name}.dot")
