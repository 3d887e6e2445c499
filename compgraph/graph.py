"""What a graph is: immutable nodes, made once, each knowing the nodes it is computed from.

A node is a *promise* of an array: it has an operator, arguments, a shape and a dtype, but no value.
Equal nodes are the same object (hash-consing), so a shared subexpression is one node however often
it is written, and a graph can be walked with plain sets and dicts.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from . import checks

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

    def __copy__(self) -> Node:
        return self

    def __deepcopy__(self, memo: dict) -> Node:
        return self

    # NumPy must not take over `array * node`: it would loop over the array's elements.
    __array_ufunc__ = None

    # What they do stands in `ops`, imported at the end of this module.

    def __add__(self, other: Node | float) -> Node:
        return ops.add(self, other)

    def __radd__(self, other: float) -> Node:
        return ops.add(other, self)

    def __sub__(self, other: Node | float) -> Node:
        return ops.sub(self, other)

    def __rsub__(self, other: float) -> Node:
        return ops.sub(other, self)

    def __mul__(self, other: Node | float) -> Node:
        return ops.mul(self, other)

    def __rmul__(self, other: float) -> Node:
        return ops.mul(other, self)

    def __truediv__(self, other: Node | float) -> Node:
        return ops.div(self, other)

    def __rtruediv__(self, other: float) -> Node:
        return ops.div(other, self)

    def __neg__(self) -> Node:
        return ops.scale(self, -1.0)

    def __pow__(self, exponent: float) -> Node:
        return ops.power(self, exponent)

    def __matmul__(self, other: Node) -> Node:
        return ops.matmul(self, other)

    @property
    def T(self) -> Node:
        """The transpose of a matrix: a view."""
        return ops.transpose(self)


class NotANode(TypeError):
    """Something else than a node or a number in a graph, such as an array.

    Attributes
    ----------
    got : its type.
    """

    def __init__(self, expected: str, got: type):
        super().__init__(expected, got)
        self.expected, self.got = expected, got

    def __str__(self) -> str:
        return (
            f"{self.expected}, got {self.got.__name__}; "
            "an array enters as a leaf, with its value given to evaluate"
        )


def make(
    op: str, args: tuple[Node, ...], attrs: tuple, shape: tuple[int, ...], dtype: np.dtype
) -> Node:
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
    shape = checks.shape(f"leaf {name}", shape)
    dtype = np.dtype(dtype)
    if dtype.kind not in "fc":
        raise TypeError(f"leaf {name}: expected a floating-point dtype, got {dtype}")
    return make("leaf", (), (name,), shape, dtype)


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


from . import ops  # noqa: E402  (it needs the class above, whose operators need it)
