"""What a graph is: immutable nodes, made once, each knowing the nodes it is computed from.

A node is a *promise* of an array: it has an operator, arguments, a shape and a dtype, but no value.
Equal nodes are the same object (hash-consing), so a shared subexpression is one node however often
it is written, and a graph can be walked with plain sets and dicts.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from operator import getitem
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

_made: WeakValueDictionary[tuple, Node] = WeakValueDictionary()


class Node:
    """One vertex of a computational graph.

    Attributes
    ----------
    op : str
        Name of the operator in `compgraph.ops.TABLE`; ``"leaf"`` for an input.
    args : tuple of Node
        What the operator is applied to, in order.
    attrs : tuple
        The operator's constants (a factor, an axis, a shape); the name, for a leaf.
    shape : tuple of int
        Shape of the value; ``()`` is a scalar.
    dtype : numpy.dtype
        Type of the value's elements.

    Nodes support ``+ - * / ** @ .T`` with NumPy's broadcasting. Use `leaf` for inputs.
    """

    __slots__ = ("op", "args", "attrs", "shape", "dtype", "__weakref__")

    op: str
    args: tuple[Node, ...]
    attrs: tuple
    shape: tuple[int, ...]
    dtype: np.dtype

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a node is immutable: cannot set {name!r}")

    @property
    def name(self) -> str | None:
        """The name of a leaf; None for a computed node."""
        return self.attrs[0] if self.op == "leaf" else None

    @property
    def size(self) -> int:
        """Number of elements."""
        size = 1
        for length in self.shape:
            size *= length
        return size

    def __repr__(self) -> str:
        inside = self.name or ", ".join(arg.name or arg.op for arg in self.args)
        return f"{self.op}({inside}): {type_name(self)}"

    def __reduce__(self):
        """In another process the node is made again, or found: there too it is the only one."""
        parcel = _parcel_of(self)
        return getitem, (parcel, parcel.place[self])

    def __copy__(self) -> Node:
        return self

    def __deepcopy__(self, memo: dict) -> Node:
        return self

    # NumPy must not take over `array * node`: it would loop over the array's elements.
    __array_ufunc__ = None


def make(op: str, args: tuple[Node, ...], attrs: tuple, shape: tuple[int, ...], dtype) -> Node:
    """The one node with these ingredients, made now or found again. Called by `ops` alone."""
    key = (op, args, attrs, shape, dtype)
    node = _made.get(key)
    if node is None:
        node = object.__new__(Node)
        for field, value in zip(("op", "args", "attrs", "shape", "dtype"), key, strict=True):
            object.__setattr__(node, field, value)
        _made[key] = node
    return node


def leaf(name: str, shape: Iterable[int] = (), dtype: str | np.dtype = "float64") -> Node:
    """An input of the graph: data or a parameter.

    Parameters
    ----------
    name : the name under which `evaluate` finds its value; the same name, shape and dtype give
        the same node.
    shape : lengths of the axes, positive integers; ``()`` for a scalar.
    dtype : a floating-point or complex type.

    Raises
    ------
    ValueError : if the name is empty, or a length is not a positive integer.
    TypeError : if the dtype cannot be differentiated (integers, booleans).
    """
    if not isinstance(name, str) or not name:
        raise ValueError(f"leaf: the name must be a non-empty string, got {name!r}")
    shape = check_shape(f"leaf {name}", shape)
    dtype = np.dtype(dtype)
    if dtype.kind not in "fc":
        raise TypeError(f"leaf {name}: expected a floating-point dtype, got {dtype}")
    return make("leaf", (), (name,), shape, dtype)


def check_shape(what: str, shape: Iterable[int]) -> tuple[int, ...]:
    """`shape` as a tuple of positive ints, or a ValueError that begins with `what`."""
    try:
        lengths = tuple(shape)
    except TypeError:
        lengths = (shape,)
    if not all(isinstance(n, (int, np.integer)) and n > 0 for n in lengths):
        raise ValueError(f"{what}: a shape is a tuple of positive integers, got {shape!r}")
    return tuple(int(n) for n in lengths)


def topological(outputs: Iterable[Node], known: Container[Node] = ()) -> list[Node]:
    """Every node the outputs depend on, arguments before what uses them.

    The order is the depth-first order of `outputs` and of each node's arguments. It depends on
    the graph alone, so a schedule, a drawing and a memory plan agree about what comes next.
    The walk passes over `known` nodes, and over what only they depend on.
    """
    order: list[Node] = []
    seen: set[Node] = set()
    stack: list[tuple[Node, bool]] = [(node, False) for node in reversed(list(outputs))]
    while stack:  # a loop, not recursion: graphs are deeper than Python's stack
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif node not in seen and node not in known:
            seen.add(node)
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(node.args) if arg not in seen)
    return order


def leaves(outputs: Iterable[Node]) -> list[Node]:
    """The inputs that the outputs depend on, in topological order."""
    return [node for node in topological(outputs) if node.op == "leaf"]


def shape_name(shape: tuple[int, ...]) -> str:
    """A shape as people write it: ``4×3``, ``4``, or ``scalar``."""
    return "×".join(map(str, shape)) or "scalar"


def type_name(node: Node) -> str:
    """Element type and shape in one word, such as ``float64[4×3]``."""
    return f"{node.dtype}[{'×'.join(map(str, node.shape))}]"


# --- pickling -------------------------------------------------------------------------------------


class _Parcel:
    """Nodes that are pickled together, as one flat list with arguments first.

    A node with its arguments inside it would have pickle recurse, and fail some hundred nodes
    deep. A node with the list of all that it depends on would be safe, but a dict of the n nodes of
    a chain would hold n lists. So the nodes in one pickle share parcels: see `_parcel_of`.
    """

    __slots__ = ("place", "__weakref__")

    def __init__(self, nodes: list[Node]):
        self.place = {node: i for i, node in enumerate(nodes)}

    def __reduce__(self):
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
        below = {_parcels.get(arg) for each in nodes for arg in each.args} - {None}
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
