"""The drawing: its DOT text as committed, D2L's conventions, and SVG that fits any page."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pygraphviz
import pytest
from drawings import DRAWINGS, EXPECTED, forward, forward_and_backward, minibatch_on_two_devices

import compgraph as cg
from compgraph import draw, leaf
from compgraph.ops import TABLE
from compgraph.questions import mlp
from compgraph.show.draw import COLOURS, INKS, SIGN
from compgraph.show.words import SENTENCES, Parts

SVG = "{http://www.w3.org/2000/svg}"
X = leaf("x", (3,))


def parsed(drawing) -> pygraphviz.AGraph:
    return pygraphviz.AGraph(string=drawing.source)


def root_of(drawing) -> ElementTree.Element:
    return ElementTree.fromstring(drawing.svg)


def text_of(group: ElementTree.Element) -> str:
    return "".join(t.text or "" for t in group.iter(f"{SVG}text"))


def by_class(drawing, name: str) -> dict[str, ElementTree.Element]:
    """id -> the SVG group of each node or edge with this class."""
    groups = root_of(drawing).iter(f"{SVG}g")
    return {g.get("id"): g for g in groups if name in g.get("class", "").split()}


# --- the DOT text ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_dot_text_is_the_committed_one(name):
    expected = (EXPECTED / f"{name}.dot").read_text(encoding="utf-8")
    assert DRAWINGS[name]().source == expected, (
        "the drawing has changed: if that is wanted, run `python tests/compgraph/drawings.py` "
        "and look at the difference"
    )


def test_no_expected_file_is_left_over():
    assert {path.stem for path in EXPECTED.iterdir()} == DRAWINGS.keys()


def test_another_model_gives_another_text():
    model = mlp.build(d=5, h=4, q=2)
    other = draw([model["J"]], names=model.names, numbers={0.1: "λ"})
    assert other.source != forward().source


# --- D2L's conventions ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWINGS)
def test_variables_are_squares_and_operators_circles(name):
    drawing = DRAWINGS[name]()
    variables = by_class(drawing, "variable")
    nodes = by_class(drawing, "node")
    assert len(variables) > 10 and len(nodes) > 20
    for name, group in nodes.items():
        outlines = [e.tag for e in group if e.tag in (f"{SVG}polygon", f"{SVG}ellipse")]
        assert outlines == [f"{SVG}polygon" if name in variables else f"{SVG}ellipse"]


def test_every_variable_of_the_section_has_its_square():
    squares = [text_of(g) for g in by_class(forward(), "variable").values()]
    assert sorted(squares) == sorted(["x", "y", "W1", "b1", "W2", "z", "h", "o", "L", "s", "J"])


def test_every_computed_node_has_its_circle_and_a_view_has_none():
    model = mlp.build(d=5, h=4, q=3, n=7, layout="row")
    drawn = draw([model["J"]], names=model.names)
    computed = [n for n in cg.topological([model["J"]]) if n.args]
    views = [n for n in computed if TABLE[n.op].view]
    circles = by_class(drawn, "node").keys() - by_class(drawn, "variable").keys()
    assert views and len(circles) == len(computed) - len(views)


def test_a_view_with_a_name_is_drawn():
    m = leaf("m", (2, 3))
    assert "transpose1" in draw([cg.tanh(m.T)], names={m.T: "M^T"}).source


def test_inputs_are_at_the_bottom_and_the_output_at_the_top():
    graph = parsed(forward())
    graph.layout("dot")
    height = {node: float(node.attr["pos"].split(",")[1]) for node in graph.nodes()}
    for edge in graph.edges():
        assert height[edge[0]] < height[edge[1]], edge
    assert max(height, key=height.get) == "add3_value"
    assert graph.get_node("add3_value").attr["words"] == "J"


def test_a_gradient_stands_level_with_its_variable():
    graph = parsed(forward_and_backward())
    graph.layout("dot")
    height = {node: float(node.attr["pos"].split(",")[1]) for node in graph.nodes()}
    assert height["tanh_vjp1_value"] < height["matmul4_value"] < height["squared_loss_vjp1_value"]


def test_names_are_set_as_mathematics():
    """The rest of it is in test_lettering.py."""
    letter, index = by_class(draw([X], names={X: "W1"}), "variable")["n-x"].iter(f"{SVG}text")
    assert (letter.text, letter.get("font-style")) == ("W", "italic")
    assert (index.text, index.get("font-style")) == ("1", None)
    assert float(index.get("y")) > float(letter.get("y"))
    assert float(index.get("font-size")) < float(letter.get("font-size"))


def test_edges_carry_shapes_and_views():
    labels = {text_of(g) for g in by_class(minibatch_on_two_devices(), "edge").values()}
    assert {"7×5", "⊤ 5×4", "4 ↦ 7×4", "7×3"} <= labels
    model = mlp.build(d=5, h=4, q=3)
    plain = draw([model["J"]], shapes=False)
    assert {text_of(g) for g in by_class(plain, "edge").values()} == {""}


def test_a_fixed_number_is_shown_or_named():
    def circle(node, **more):
        return text_of(by_class(draw([node], **more), "node")[f"n-{node.op}1"])

    assert circle(-0.25 * X) == "×−0.25"
    assert circle(0.1 * X, numbers={0.1: "λ"}) == "×λ"
    *_, number = by_class(draw([X**3]), "node")["n-power1"].iter(f"{SVG}text")
    assert number.text == "3" and float(number.get("font-size")) < SIGN


def test_notes_are_a_second_line():
    square = by_class(minibatch_on_two_devices(), "variable")["n-two-tanh1_value"]
    name, note = square.iter(f"{SVG}text")
    assert (name.text, note.text) == ("H", "7⋅4⋅8 B = 224 B")
    assert float(note.get("y")) > float(name.get("y"))


# --- inks -----------------------------------------------------------------------------------------


def test_the_inks_differ_in_line_style_and_not_only_in_colour():
    assert len({ink["style"] for ink in INKS.values()}) == len(INKS) == len(COLOURS)


def test_backward_is_dashed_and_forward_solid_in_the_svg():
    for ink, dashed in (("forward", False), ("backward", True)):
        groups = by_class(forward_and_backward(), ink)
        assert len(groups) > 10
        for group in groups.values():
            lines = [e for e in group if e.tag in (f"{SVG}path", f"{SVG}ellipse")]
            lines += [e for e in group if e.tag == f"{SVG}polygon" and e.get("fill") == "none"]
            assert lines and all(("stroke-dasharray" in e.attrib) == dashed for e in lines)


def test_the_backward_ink_covers_exactly_what_the_sweep_made():
    drawn = forward_and_backward()
    gradients = [text_of(g).replace(" ", "") for g in by_class(drawn, "variable").values()
                 if "backward" in g.get("class")]  # fmt: skip
    assert sorted(gradients) == ["1", "∂J/∂W1", "∂J/∂W2", "∂J/∂h", "∂J/∂o", "∂J/∂z=∂J/∂b1"]
    assert not by_class(forward(), "backward")


def test_second_order_is_dotted():
    y = cg.sum_(cg.exp(X) * X)
    first = cg.backward(y, [X])
    second = cg.backward(cg.sum_(first.adjoint[X]), [X])
    outputs = [y, first.adjoint[X], second.adjoint[X]]
    drawn = draw(outputs, inks=cg.inks_of(first, second))
    dashes = {
        ink: {e.get("stroke-dasharray") for g in by_class(drawn, ink).values() for e in g
              if e.tag == f"{SVG}ellipse"}
        for ink in INKS
    }  # fmt: skip
    assert dashes == {"forward": {None}, "backward": {"5,2"}, "second": {"1,5"}}


# --- devices --------------------------------------------------------------------------------------


def test_every_device_is_a_labelled_frame_around_its_nodes():
    graph = parsed(minibatch_on_two_devices())
    frames = {part.graph_attr["words"]: part for part in graph.subgraphs() if part.name}
    assert frames.keys() == {"GPU 0", "GPU 1"}
    assert "two-tanh1" in frames["GPU 0"] and "two-tanh_vjp1" in frames["GPU 0"]
    assert "two-matmul2" in frames["GPU 1"] and "two-matmul4" in frames["GPU 1"]
    assert not set(frames["GPU 0"].nodes()) & set(frames["GPU 1"].nodes())
    assert sum(len(part) for part in frames.values()) == len(graph)
    shown = root_of(minibatch_on_two_devices()).iter(f"{SVG}g")
    assert [text_of(g) for g in shown if "device" in g.get("class")] == ["GPU 0", "GPU 1"]


# --- ids ------------------------------------------------------------------------------------------


def ids_of(*drawings) -> list[str]:
    return [e.get("id") for d in drawings for e in root_of(d).iter() if e.get("id")]


@pytest.mark.parametrize("name", DRAWINGS)
def test_ids_are_unique(name):
    ids = ids_of(DRAWINGS[name]())
    assert len(ids) > 20 and len(set(ids)) == len(ids)
    assert not any(re.search(r"\s", i) for i in ids)


def test_two_drawings_with_prefixes_share_a_page():
    ids = ids_of(*(draw([cg.sum_(X + X)], prefix=prefix, devices={X: "GPU 0"}) for prefix in "ab"))
    assert len(set(ids)) == len(ids)


def test_awkward_leaves_have_ids_of_their_own():
    awkward = ["add1", "add1_value", "a b", "a:b", 'a"b', "a-b", "a<b>", "ä", "matmul"]
    leaves = [leaf(name, (3,)) for name in awkward] + [leaf("ä", ())]
    total = leaves[0]
    for other in leaves[1:]:
        total = total + other
    drawn = draw([total], names={leaves[0] + leaves[1]: "sum"})
    ids = ids_of(drawn)
    assert len(set(ids)) == len(ids) and not any(re.search(r"[\s:\"<>]", i) for i in ids)
    # every node is drawn once: leaves, additions, and the square of the one that has a name
    assert len(by_class(drawn, "node")) == len(leaves) + (len(leaves) - 1) + 1


def test_x_plus_x_has_two_arrows():
    assert sorted(by_class(draw([X + X]), "edge")) == ["e-x-add1", "e-x-add1-2"]


# --- the SVG --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWINGS)
def test_no_ink_is_fixed_black_or_white(name):
    svg = DRAWINGS[name]().svg
    assert not re.search(r'(fill|stroke|color)="(black|white|#000|#fff)', svg)
    inks = {e.get(a) for e in ElementTree.fromstring(svg).iter() for a in ("fill", "stroke")}
    assert inks - {None, "none", "transparent"} <= set(COLOURS.values())
    assert "currentColor" in inks


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_svg_describes_itself(name):
    drawing = DRAWINGS[name]()
    root = root_of(drawing)
    assert root.get("role") == "img" and root.get("aria-label") == drawing.description
    assert not list(root.iter(f"{SVG}title"))  # they would pop up as tooltips


def test_the_description_names_inputs_operators_and_results():
    assert draw([X * 2], names={X * 2: "y"}).description == (
        "Computational graph: from x by 1 operator to y"
    )
    assert " by 10 operators to z, h, o, L, s, J" in forward().description
    assert draw([X]).description == "Computational graph: from x by 0 operators"
    assert root_of(draw([X], description="a < b")).get("aria-label") == "a < b"


def test_the_svg_carries_what_its_description_was_made_from():
    drawing = draw([X * 2], names={X * 2: 'a < "b", c'})
    parts = Parts.from_json(root_of(drawing).get("data-parts"))
    assert parts == drawing.parts == Parts(("x",), 1, ('a < "b", c',))
    assert parts.in_words() == drawing.description
    given = draw([X], description="given")
    assert given.parts is None and "data-parts" not in given.svg


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (Parts(("x",), 1), "从 x 经 1 个"),
        (Parts(("x", "W"), 1, ("y",)), "从 x, W 经 1 个到 y"),
        (Parts(("x",), 2, ("y", "z")), "从 x 经 2 个到 y, z"),
    ],
)
def test_the_description_is_said_in_any_language(parts: Parts, words: str):
    chinese = dict(zip(SENTENCES, ["从 {inputs} 经 {operators}到 {outputs}",
                                   "从 {inputs} 经 {operators}", "1 个", "{count} 个"],
                       strict=True))  # fmt: skip
    assert parts.in_words(chinese.__getitem__) == words


def test_a_notebook_shows_the_svg():
    drawing = forward()
    assert drawing._repr_svg_() == drawing.svg
    assert repr(drawing) == f"Drawing({drawing.description})"


def test_a_narrow_phone_shows_the_section_model_whole():
    width = float(root_of(forward()).get("width").removesuffix("pt"))
    assert width * 4 / 3 <= 360


def test_a_sweep_without_a_named_output_or_a_third_ink_is_refused():
    x = leaf("x", (3,))
    sweep = cg.backward(cg.sum_(x * x), [x])
    with pytest.raises(ValueError, match="name the output"):
        cg.gradient_names({x: "x"}, sweep)
    with pytest.raises(ValueError, match="two sweeps"):
        cg.inks_of(sweep, sweep, sweep)
