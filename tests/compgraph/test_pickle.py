"""A node that travels to another process and back is the node it was."""

import copy
import io
import pickle
import random
import subprocess
import sys
from pathlib import Path

import pytest

import compgraph as cg
from compgraph import pickling
from compgraph.questions import mlp

ROOT = Path(__file__).resolve().parents[2]
DEEP = 40_000
MANY = 5_000

#: what a new Python finds in a pickled list: its length, and that equal nodes are one node
LOOK = """
import pickle, sys
import compgraph as cg
nodes = pickle.load(sys.stdin.buffer)
order = cg.topological(nodes)
last = order[-1]
again = last.args[0] + last.args[1] if last.op == "add" else cg.tanh(last.args[0])
print(len(nodes), len(order), again is last, *map(order.index, nodes[:3]))
"""


def chain(length):
    """All the nodes of a chain, from the leaf up."""
    nodes = [cg.leaf("x", (3,))]
    while len(nodes) < length:
        nodes.append(cg.tanh(nodes[-1]) if len(nodes) % 2 else nodes[-1] + nodes[0])
    return nodes


@pytest.fixture(scope="module")
def deep():
    return chain(DEEP)[-1]


@pytest.fixture(scope="module")
def nodes():
    return chain(MANY)


def elsewhere(pickled):
    seen = subprocess.run(
        [sys.executable, "-c", LOOK], input=pickled, cwd=ROOT, capture_output=True, check=True
    )
    return seen.stdout.decode().split()


def test_a_node_comes_back_as_itself():
    model = mlp.build(d=5, h=4, q=3)
    back = pickle.loads(pickle.dumps(dict(model.nodes)))
    assert all(back[name] is node for name, node in model.nodes.items())


@pytest.mark.parametrize("protocol", [0, 2, pickle.HIGHEST_PROTOCOL])
def test_a_deep_node_comes_back_as_itself(deep, protocol):
    assert pickle.loads(pickle.dumps(deep, protocol)) is deep


def test_a_deep_node_is_made_in_a_new_process(deep):
    assert elsewhere(pickle.dumps([deep])) == ["1", str(DEEP), "True", str(DEEP - 1)]


def test_a_copy_is_the_node_itself(deep):
    assert copy.copy(deep) is deep
    assert copy.deepcopy({"J": [deep]})["J"][0] is deep


def orders(nodes):
    shuffled = nodes.copy()
    random.Random(0).shuffle(shuffled)
    return {"up": nodes, "down": nodes[::-1], "shuffled": shuffled, "some": nodes[::10]}


@pytest.mark.parametrize("order", ["up", "down", "shuffled", "some"])
def test_many_nodes_in_one_pickle_share_what_they_have_in_common(nodes, order):
    nodes = orders(nodes)[order]
    pickled = pickle.dumps(nodes)
    assert all(a is b for a, b in zip(pickle.loads(pickled), nodes, strict=True))
    # a node is some 15 bytes; a list of all below it, for each, would be 200 million
    assert len(pickled) < MANY * 200
    length, below, one, *_ = elsewhere(pickled)
    assert (length, below, one) == (str(len(nodes)), str(len(cg.topological(nodes))), "True")


def test_sums_of_sums_share_too():
    terms = [cg.sum_(cg.exp((i + 1) * cg.leaf("x", (3,)))) for i in range(500)]
    sums = [terms[0]]
    for term in terms[1:]:
        sums.append(sums[-1] + term)
    pickled = pickle.dumps(sums)
    assert all(a is b for a, b in zip(pickle.loads(pickled), sums, strict=True))
    assert len(pickled) < 2000 * 200


def test_a_pickle_beside_one_that_is_not_done_yet_is_whole(nodes):
    first = pickle.Pickler(io.BytesIO())
    first.dump(nodes)
    assert elsewhere(pickle.dumps([nodes[-1]])) == ["1", str(MANY), "True", str(MANY - 1)]
    del first
    assert not pickling._parcels  # nothing is kept for the next pickle


def test_the_pickler_written_in_python_will_do(nodes):
    out = io.BytesIO()
    pickle._Pickler(out).dump(nodes)
    back = pickle._loads(out.getvalue())
    assert all(a is b for a, b in zip(back, nodes, strict=True))


def test_what_pickle_cannot_send_leaves_nothing_behind(nodes):
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps([*nodes[:50], (i for i in range(3))])
    assert not pickling._parcels
