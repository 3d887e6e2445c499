"""The static memory plan, on graphs small enough to plan by hand."""

import compgraph as cg
from compgraph.questions import cost


def chain_of(length, size=10):
    nodes = [cg.leaf("x", (size,))]
    for _ in range(length):
        nodes.append(cg.tanh(nodes[-1]))
    return nodes


def test_a_value_is_freed_after_its_last_use():
    *_, last = chain_of(5)
    assert cost.schedule([last]).live_bytes == [80, 160, 160, 160, 160]


def test_outputs_and_kept_nodes_are_held_to_the_end():
    _, a, b, c, d = chain_of(4)
    assert cost.schedule([a, d]).live_bytes == [80, 160, 240, 240]
    assert cost.schedule([d], keep=[a, b]).live_bytes == [80, 160, 240, 320]


def test_the_peak_is_the_most_bytes_at_any_step():
    x = cg.leaf("x", (10,))
    plan = cost.schedule([cg.sum_(cg.tanh(cg.tanh(x)))])
    assert plan.live_bytes == [80, 160, 88] and plan.peak == 160
    assert cost.schedule([x]).peak == 0  # nothing to compute


def test_a_view_owns_nothing_and_keeps_what_it_looks_at():
    x = cg.leaf("x", (2, 5))
    h = cg.tanh(x)
    view = h.T
    last = cg.tanh(cg.tanh(view)) + view
    assert cost.nbytes(view) == 0
    assert cost.schedule([last]).live_bytes == [80, 80, 160, 240, 240]


def test_a_declared_storage_replaces_the_shape():
    o, y = cg.leaf("o", (3, 2), "float32"), cg.leaf("y", (3, 2), "float32")
    loss = cg.squared_loss(o, y, 3)
    storage = {"squared_loss": lambda node: node.args[0].size}
    assert cost.schedule([loss]).peak == 4
    assert cost.schedule([loss], storage=storage).peak == 24


def test_the_leaves_are_the_base():
    *_, last = chain_of(2)
    assert cost.schedule([last]).base == 80
