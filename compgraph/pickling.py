"""Graphs to other processes and back: nodes deeper than Python's stack, each still made once."""

from __future__ import annotations

import copyreg
from operator import getitem
from typing import Any
from weakref import WeakValueDictionary

from .graph import Node, make, topological


def _reduced(node: Node) -> tuple[Any, ...]:
    """A node for pickle: in another process it is made again, or found, and there the only one."""
    parcel = _parcel_of(node)
    return getitem, (parcel, parcel.place[node])


copyreg.pickle(Node, _reduced)


class _Parcel:
    """Nodes that are pickled together, as one flat list with arguments first.

    A node with its arguments inside it would have pickle recurse, and fail some hundred nodes
    deep. A node with the list of all that it depends on would be safe, but a dict of the n nodes of
    a chain would hold n lists. So the nodes in one pickle share parcels: see `_parcel_of`.
    """

    __slots__ = ("place", "__weakref__")

    def __init__(self, nodes: list[Node]):
        self.place = {node: i for i, node in enumerate(nodes)}

    def __reduce__(self) -> tuple[Any, ...]:
        """An argument in the parcel is its place there; one in another parcel is a node."""
        rows = [
            (n.op, tuple(self.place.get(arg, arg) for arg in n.args), n.attrs, n.shape, n.dtype)
            for n in self.place
        ]
        return _unpack, (rows,)


#: the parcels that a pickle under way holds (a pickler keeps what it has pickled until it is done)
_parcels: WeakValueDictionary[Node, _Parcel] = WeakValueDictionary()


def _parcel_of(node: Node) -> _Parcel:
    """The parcel that the node is in; if there is none, a new one for it and what it lacks below.

    A new parcel takes in those that it builds on, unless they are more than twice its size. So
    whatever the order of the nodes in a pickle, a parcel refers to larger and larger ones, log₂ n
    of them at most, which pickle can recurse through; and a node that is taken in finds itself in
    a parcel half as large again at least, so it is written O(log n) times.
    """
    parcel = _parcels.get(node)
    if parcel is not None:
        return parcel
    outputs = [node]
    while True:
        nodes = topological(outputs, known=_parcels)
        below = {_parcels[arg] for each in nodes for arg in each.args if arg in _parcels}
        small = [other for other in below if len(other.place) <= 2 * len(nodes)]
        if not small:
            break
        for other in small:
            for each in other.place:
                _parcels.pop(each, None)
            outputs.extend(other.place)
    parcel = _Parcel(nodes)
    for each in nodes:
        _parcels[each] = parcel
    return parcel


def _unpack(rows: list[tuple]) -> list[Node]:
    """The nodes of a pickled parcel."""
    nodes: list[Node] = []
    for op, args, *type_ in rows:
        args = tuple(nodes[arg] if isinstance(arg, int) else arg for arg in args)
        nodes.append(make(op, args, *type_))
    return nodes
