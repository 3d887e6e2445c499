"""A node that travels to another process and back is the node it was."""

import pickle

from compgraph.questions import mlp


def test_a_node_comes_back_as_itself():
    model = mlp.build(d=5, h=4, q=3)
    back = pickle.loads(pickle.dumps(dict(model.nodes)))
    assert all(back[name] is node for name, node in model.nodes.items())
