"""What a node can do: one table, read from top to bottom.

Each row of `TABLE` says for one operator

- ``value(*arrays, *attrs)``: NumPy's result, for complex arrays too: the complex step, which judges
  the rules, sends imaginary parts through it. So no ``abs`` and no comparison but of ``.real``,
- ``shape(*shapes, *attrs)``: the result's shape, or a `ValueError` that names operator and shapes,
- ``vjp(node, g)``: for each argument the node of the vector-Jacobian product ``gᵀ ∂node/∂arg``, or
  None where it is zero. The rules emit nodes, so a gradient is a graph and has gradients itself,
- ``jvp(node, tangents)``: the directional derivative along the arguments' tangents (None is zero),
- ``flops(node)``: floating-point operations, a multiply-add counted as two and any elementary
  function as one,
- ``view``: whether the result is only another look at its argument's memory,
- ``elementwise``: whether it acts on each element by itself, so that broadcasting runs a batch.

After the table come the functions that programs call: `add`, `matmul`, `tanh`, …
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any, NoReturn

import numpy as np

from . import checks
from .graph import Node, NotANode, make

Shape = tuple[int, ...]
Tangents = tuple[Node | None, ...]
VJP = Callable[[Node, Node], tuple[Node | None, ...]]
JVP = Callable[[Node, Tangents], Node | None]

NUMBERS = (int, float, np.integer, np.floating)


@dataclass(frozen=True)
class Op:
    """One row of the table.

    `symbol` is what a drawing's circle shows; the rest stands above. `value` must accept complex
    arrays, although no graph of the book holds any.
    """

    symbol: str
    value: Callable[..., Any]
    shape: Callable[..., Shape]
    vjp: VJP
    jvp: JVP
    flops: Callable[[Node], int] = lambda node: node.size
    view: bool = False
    elementwise: bool = False


class InnerSizes(ValueError):
    """A product of two matrices that does not fit: `left` columns of the one, `right` rows."""

    def __init__(self, a: Shape, b: Shape):
        super().__init__(a, b)
        self.shapes = a, b
        self.left, self.right = a[1], b[0]

    def __str__(self) -> str:
        sizes = f"inner sizes {self.left} and {self.right}"
        return f"matmul: {sizes} differ in shapes {_names(*self.shapes)}"


# --- making nodes -------------------------------------------------------------------------------


def apply(op: str, *args: Node, attrs: tuple = ()) -> Node:
    """The node `op(*args)`, its shape and dtype checked by the table's rule."""
    for arg in args:
        if not isinstance(arg, Node):
            raise NotANode(f"{op}: expected nodes", type(arg))
    dtype = args[0].dtype
    for arg in args:
        if arg.dtype != dtype:
            raise TypeError(
                f"{op}: the arguments' dtypes differ: " + " and ".join(str(a.dtype) for a in args)
            )
    shape = TABLE[op].shape(*(arg.shape for arg in args), *attrs)
    return make(op, args, attrs, shape, dtype)


def constant(value: float, dtype: str | np.dtype = "float64") -> Node:
    """A scalar that is part of the graph's text, such as the 1 of ∂J/∂J."""
    return make("constant", (), (float(value),), (), np.dtype(dtype))


def as_node(value: Node | float, like: Node) -> Node:
    """`value` as a node: a Python or NumPy number becomes a constant of the other's dtype."""
    if isinstance(value, Node):
        return value
    if isinstance(value, NUMBERS):
        return constant(value, like.dtype)
    raise NotANode("a graph is made of nodes and numbers", type(value))


def factor_of(node: Node) -> float | None:
    """The number c if the node is the constant c, spread over a shape or not; else None."""
    while node.op in ("expand", "reshape", "transpose"):
        node = node.args[0]
    return node.attrs[0] if node.op == "constant" else None


# --- shape rules --------------------------------------------------------------------------------


def _names(*shapes: Shape) -> str:
    return " and ".join(map(str, shapes))


def _same(op: str, count: int) -> Callable[..., Shape]:
    """The rule of an operator on `count` arguments of one shape, which is also the result's."""

    def rule(*shapes_and_attrs: Any) -> Shape:
        shapes = shapes_and_attrs[:count]
        if any(shape != shapes[0] for shape in shapes):
            raise ValueError(f"{op}: the shapes differ: {_names(*shapes)}")
        return shapes[0]

    return rule


def _unary(shape: Shape, *attrs: Any) -> Shape:
    return shape


def _matmul_shape(a: Shape, b: Shape) -> Shape:
    if len(a) != 2 or len(b) != 2:
        raise ValueError(f"matmul: expected two matrices, got shapes {_names(a, b)}")
    if a[1] != b[0]:
        raise InnerSizes(a, b)
    return a[0], b[1]


def _transpose_shape(a: Shape) -> Shape:
    if len(a) != 2:
        raise ValueError(f"transpose: expected a matrix, got shape {a}")
    return a[1], a[0]


def _square(op: str, result: Callable[[int], Shape]) -> Callable[..., Shape]:
    def rule(a: Shape) -> Shape:
        if len(a) != 2 or a[0] != a[1]:
            raise ValueError(f"{op}: expected a square matrix, got shape {a}")
        return result(a[0])

    return rule


def _spreads_to(small: Shape, big: Shape) -> bool:
    """Whether NumPy broadcasts shape `small` to `big`."""
    pairs = zip(reversed(small), reversed(big), strict=False)
    return len(small) <= len(big) and all(m in (1, n) for m, n in pairs)


def _expand_shape(a: Shape, shape: Shape) -> Shape:
    if not _spreads_to(a, shape):
        raise ValueError(f"expand: shape {a} does not broadcast to {shape}")
    return shape


def _sum_to_shape(a: Shape, shape: Shape) -> Shape:
    if not _spreads_to(shape, a):
        raise ValueError(f"sum_to: shape {a} does not sum to {shape}")
    return shape


def _reshape_shape(a: Shape, shape: Shape) -> Shape:
    if np.prod(a, dtype=int) != np.prod(shape, dtype=int):
        raise ValueError(f"reshape: shapes {_names(a, shape)} hold different numbers of elements")
    return shape


def _log_softmax_shape(a: Shape, axis: int) -> Shape:
    if not -len(a) <= axis < len(a):
        raise ValueError(f"log_softmax: shape {a} has no axis {axis}")
    return a


def _scalar(op: str, count: int) -> Callable[..., Shape]:
    """The rule of an operator that turns `count` arguments of one shape into a scalar."""

    def rule(*shapes_and_attrs: Any) -> Shape:
        _same(op, count)(*shapes_and_attrs)
        return ()

    return rule


def _squared_loss_vjp_shape(g: Shape, o: Shape, y: Shape, n: int) -> Shape:
    if g != ():
        raise ValueError(f"squared_loss_vjp: expected a scalar g, got shapes {_names(g, o, y)}")
    return _same("squared_loss_vjp", 2)(o, y)


# --- values that NumPy has no one name for -------------------------------------------------------


def _sum_to_value(a: np.ndarray, shape: Shape) -> np.ndarray:
    extra = a.ndim - len(shape)
    kept = [i + extra for i, n in enumerate(shape) if n == 1 and a.shape[i + extra] != 1]
    return a.sum(axis=(*range(extra), *kept)).reshape(shape)


def _log_softmax_value(a: np.ndarray, axis: int) -> np.ndarray:
    shifted = a - a.real.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def _sigmoid_value(a: np.ndarray) -> np.ndarray:
    # tanh never overflows, exp(-a) does
    return 0.5 * np.tanh(0.5 * a) + 0.5


def _dot_value(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.dot(a.ravel(), b.ravel())  # not vdot, which conjugates: the complex step needs none


def _squared_loss_value(o: np.ndarray, y: np.ndarray, n: int) -> np.ndarray:
    r = o - y
    return _dot_value(r, r) * (0.5 / n)


# --- derivative rules ----------------------------------------------------------------------------


def _sum(nodes: Iterable[Node | None]) -> Node | None:
    """The sum of the nodes that are there; None if none is."""
    there = [node for node in nodes if node is not None]
    return reduce(add, there) if there else None


def _along(*rules: Callable[[Node, Node], Node | None]) -> JVP:
    """A JVP given argument by argument: each rule maps (node, tangent) to its contribution."""
    return lambda node, tangents: _sum(
        rule(node, t) for rule, t in zip(rules, tangents, strict=True) if t is not None
    )


def _multilinear(node: Node, tangents: Tangents) -> Node | None:
    """JVP of an operator linear in each argument: the product rule."""
    return _sum(
        apply(node.op, *node.args[:i], t, *node.args[i + 1 :], attrs=node.attrs)
        for i, t in enumerate(tangents)
        if t is not None
    )


#: JVP of a function of each element: its Jacobian is diagonal, so JVP and VJP are one
_diagonal = _along(lambda node, t: TABLE[node.op].vjp(node, t)[0])


def _gradient(node: Node, tangents: Tangents) -> Node | None:
    """JVP of a scalar-valued operator: the tangents' dot products with its gradient."""
    grads = TABLE[node.op].vjp(node, constant(1.0, node.dtype))
    return _sum(dot(g, t) for g, t in zip(grads, tangents, strict=True) if g and t)


def _first(node: Node, tangent: Node) -> Node:
    """The contribution of the first of two arguments, in which the operator is linear."""
    return apply(node.op, tangent, node.args[1], attrs=node.attrs)


def _tanh_vjp_by_h(node: Node, t: Node) -> Node:
    """t ⊙ ∂/∂h of g (1 − h²)."""
    g, h = node.args
    return scale(mul(mul(t, g), h), -2.0)


def _sigmoid_vjp_by_h(node: Node, t: Node) -> Node:
    """t ⊙ ∂/∂h of g h (1 − h)."""
    g, h = node.args
    both = mul(t, g)
    return sub(both, scale(mul(both, h), 2.0))


def _relu_vjp_by_h(node: Node, t: Node) -> None:
    """Zero: φ′ is a step, flat wherever it has a derivative."""


def _spread_sum(a: Node, axis: int) -> Node:
    """Σ over `axis`, spread back over it."""
    return expand(sum_(a, axis, keepdims=True), a.shape)


def _log_softmax_vjp_by_g(node: Node, t: Node) -> Node:
    """The adjoint of g ↦ g − p Σg with p = exp(logp): t − Σ(t ⊙ p)."""
    return sub(t, _spread_sum(mul(t, exp(node.args[1])), node.attrs[0]))


def _log_softmax_vjp_by_logp(node: Node, t: Node) -> Node:
    """t ⊙ ∂/∂logp of g − exp(logp) Σg."""
    g, logp = node.args
    return scale(mul(mul(t, exp(logp)), _spread_sum(g, node.attrs[0])), -1.0)


def _squared_loss_vjp_by_o(node: Node, t: Node) -> Node:
    """t ⊙ ∂/∂o of g (o − y) / n."""
    g, o, _ = node.args
    return mul(expand(scale(g, 1 / node.attrs[0]), o.shape), t)


def _squared_loss_vjp_by_y(node: Node, t: Node) -> Node:
    return scale(_squared_loss_vjp_by_o(node, t), -1.0)


def _squared_loss_vjp_by_g(node: Node, t: Node) -> Node:
    _, o, y = node.args
    return scale(dot(t, sub(o, y)), 1 / node.attrs[0])


def _squared_loss_rule(node: Node, g: Node) -> tuple[Node, Node]:
    by_o = apply("squared_loss_vjp", g, *node.args, attrs=node.attrs)
    return by_o, scale(by_o, -1.0)


def _matmul_rule(node: Node, g: Node) -> tuple[Node, Node]:
    a, b = node.args
    return matmul(g, transpose(b)), matmul(transpose(a), g)


def _transpose_rule(node: Node, g: Node) -> tuple[Node]:
    """gᵀ; a product is transposed by its factors, so that ∂J/∂W2 reads Eᵀ H and not (Hᵀ E)ᵀ."""
    if g.op == "matmul":
        a, b = g.args
        return (matmul(transpose(b), transpose(a)),)
    return (transpose(g),)


def _inverse_rule(node: Node, g: Node) -> tuple[Node]:
    """d(A⁻¹) = −A⁻¹ dA A⁻¹, so the gradient is −A⁻ᵀ g A⁻ᵀ."""
    return (scale(matmul(matmul(transpose(node), g), transpose(node)), -1.0),)


_inverse_jvp = _along(lambda node, t: scale(matmul(matmul(node, t), node), -1.0))


def _free(node: Node) -> int:
    return 0


def _given(*_: Any) -> NoReturn:
    raise LookupError("an input of the graph is given: it has no rules")


# --- the table -----------------------------------------------------------------------------------

# fmt: off
TABLE: dict[str, Op] = {
    # inputs
    "leaf": Op("", _given, _given, _given, _given, _free),
    "constant": Op("1", lambda c: c, _given, _given, _given, _free),

    # views: no arithmetic and no memory of their own
    "transpose": Op("ᵀ", np.transpose, _transpose_shape,
        _transpose_rule, _multilinear, _free, view=True),
    "expand": Op("expand", np.broadcast_to, _expand_shape,
        lambda n, g: (sum_to(g, n.args[0].shape),), _multilinear, _free, view=True),
    # the adjoint of expand
    "sum_to": Op("Σ", _sum_to_value, _sum_to_shape,
        lambda n, g: (expand(g, n.args[0].shape),), _multilinear,
        lambda n: n.args[0].size - n.size),
    # a copy: of transposed or broadcast memory NumPy could make no view
    "reshape": Op("reshape", lambda a, shape: a.reshape(shape, copy=True), _reshape_shape,
        lambda n, g: (reshape(g, n.args[0].shape),), _multilinear, _free),

    # arithmetic, element by element
    "add": Op("+", np.add, _same("add", 2),
        lambda n, g: (g, g), _along(lambda n, t: t, lambda n, t: t), elementwise=True),
    "sub": Op("−", np.subtract, _same("sub", 2),
        lambda n, g: (g, scale(g, -1.0)), _along(lambda n, t: t, lambda n, t: scale(t, -1.0)),
        elementwise=True),
    "mul": Op("⊙", np.multiply, _same("mul", 2),
        lambda n, g: (mul(g, n.args[1]), mul(g, n.args[0])), _multilinear, elementwise=True),
    "scale": Op("×", np.multiply, _unary,
        lambda n, g: (scale(g, n.attrs[0]),), _multilinear, elementwise=True),
    "power": Op("·", np.power, _unary,
        lambda n, g: (mul(g, scale(power(n.args[0], n.attrs[0] - 1), n.attrs[0])),), _diagonal,
        elementwise=True),
    "exp": Op("exp", np.exp, _unary, lambda n, g: (mul(g, n),), _diagonal, elementwise=True),
    "log": Op("log", np.log, _unary, lambda n, g: (mul(g, power(n.args[0], -1)),), _diagonal,
        elementwise=True),

    # activations h = φ(z); each derivative is a formula in h, so z need not be kept
    "tanh": Op("φ", np.tanh, _unary, lambda n, g: (apply("tanh_vjp", g, n),), _diagonal,
        elementwise=True),
    "tanh_vjp": Op("⊙φ′", lambda g, h: g * (1 - h * h), _same("tanh_vjp", 2),
        lambda n, g: (_first(n, g), _tanh_vjp_by_h(n, g)), _along(_first, _tanh_vjp_by_h),
        lambda n: 3 * n.size, elementwise=True),
    "sigmoid": Op("φ", _sigmoid_value, _unary, lambda n, g: (apply("sigmoid_vjp", g, n),),
        _diagonal, lambda n: 4 * n.size, elementwise=True),
    "sigmoid_vjp": Op("⊙φ′", lambda g, h: g * (h * (1 - h)), _same("sigmoid_vjp", 2),
        lambda n, g: (_first(n, g), _sigmoid_vjp_by_h(n, g)), _along(_first, _sigmoid_vjp_by_h),
        lambda n: 3 * n.size, elementwise=True),
    # by the real part: np.maximum orders complex numbers, which would ruin the complex step;
    # by what is not positive: so NaN stays NaN
    "relu": Op("φ", lambda z: np.where(z.real <= 0, 0, z), _unary,
        lambda n, g: (apply("relu_vjp", g, n),), _diagonal, elementwise=True),
    "relu_vjp": Op("⊙φ′", lambda g, h: np.where(h.real <= 0, 0, g), _same("relu_vjp", 2),
        lambda n, g: (_first(n, g), None), _along(_first, _relu_vjp_by_h), elementwise=True),

    # matrices
    "matmul": Op("×", np.matmul, _matmul_shape, _matmul_rule, _multilinear,
        lambda n: 2 * n.size * n.args[0].shape[1]),
    "inverse": Op("⁻¹", np.linalg.inv, _square("inverse", lambda n: (n, n)),
        _inverse_rule, _inverse_jvp, lambda n: 2 * n.shape[0] ** 3),
    "logabsdet": Op("log|det|", lambda a: np.linalg.slogdet(a)[1],
        _square("logabsdet", lambda n: ()),
        lambda n, g: (_times(g, transpose(inverse(n.args[0]))),), _gradient,
        lambda n: 2 * n.args[0].shape[0] ** 3 // 3),

    # from arrays to a scalar
    "dot": Op("⟨·,·⟩", _dot_value, _scalar("dot", 2),
        lambda n, g: (_times(g, n.args[1]), _times(g, n.args[0])), _multilinear,
        lambda n: 2 * n.args[0].size),
    "half_sqnorm": Op("½‖·‖²", lambda a: 0.5 * _dot_value(a, a), _scalar("half_sqnorm", 1),
        lambda n, g: (_times(g, n.args[0]),), _gradient, lambda n: 2 * n.args[0].size),

    # losses, averaged over n examples
    "squared_loss": Op("l", _squared_loss_value, _scalar("squared_loss", 2),
        _squared_loss_rule, _gradient, lambda n: 3 * n.args[0].size),
    "squared_loss_vjp": Op("∂l", lambda g, o, y, n: (o - y) * (g / n), _squared_loss_vjp_shape,
        lambda n, g: (_squared_loss_vjp_by_g(n, g), _squared_loss_vjp_by_o(n, g),
                      _squared_loss_vjp_by_y(n, g)),
        _along(lambda n, t: apply("squared_loss_vjp", t, *n.args[1:], attrs=n.attrs),
               _squared_loss_vjp_by_o, _squared_loss_vjp_by_y),
        lambda n: 2 * n.size),
    "log_softmax": Op("log softmax", _log_softmax_value, _log_softmax_shape,
        lambda n, g: (apply("log_softmax_vjp", g, n, attrs=n.attrs),),
        _along(lambda n, t: sub(t, _spread_sum(mul(exp(n), t), n.attrs[0]))),
        lambda n: 5 * n.size),
    "log_softmax_vjp": Op("∂log softmax",
        lambda g, logp, axis: g - np.exp(logp) * g.sum(axis=axis, keepdims=True),
        _same("log_softmax_vjp", 2),
        lambda n, g: (_log_softmax_vjp_by_g(n, g), _log_softmax_vjp_by_logp(n, g)),
        _along(_first, _log_softmax_vjp_by_logp), lambda n: 4 * n.size),
}
# fmt: on


# --- what programs call --------------------------------------------------------------------------


def _together(op: str, a: Node | float, b: Node | float) -> tuple[Node, Node]:
    """Both arguments as nodes of one shape, by NumPy's broadcasting."""
    like = a if isinstance(a, Node) else b
    if not isinstance(like, Node):
        raise NotANode(f"{op}: expected a node", type(like))
    a, b = as_node(a, like), as_node(b, like)
    try:
        shape = np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        raise ValueError(f"{op}: shapes {_names(a.shape, b.shape)} do not broadcast") from None
    return expand(a, shape), expand(b, shape)


def _number(op: str, value: object) -> float:
    if isinstance(value, Node):
        raise TypeError(f"{op}: expected a number, which is fixed with the graph, got a Node")
    if not isinstance(value, NUMBERS):
        raise NotANode(f"{op}: expected a number", type(value))
    return float(value)


def _times(g: Node, a: Node) -> Node:
    """A scalar node times an array."""
    return mul(expand(g, a.shape), a)


def add(a: Node | float, b: Node | float) -> Node:
    """``a + b``, broadcast. Shapes as NumPy's."""
    return apply("add", *_together("add", a, b))


def sub(a: Node | float, b: Node | float) -> Node:
    """``a − b``, broadcast. Shapes as NumPy's."""
    return apply("sub", *_together("sub", a, b))


def mul(a: Node | float, b: Node | float) -> Node:
    """The elementwise product ``a ⊙ b``, broadcast; by a constant it is `scale`."""
    a, b = _together("mul", a, b)
    for factor, other in ((factor_of(a), b), (factor_of(b), a)):
        if factor is not None:
            return scale(other, factor)
    return apply("mul", a, b)


def div(a: Node | float, b: Node | float) -> Node:
    """``a / b``, elementwise and broadcast."""
    if isinstance(b, Node):
        return mul(a, power(b, -1))
    return mul(a, 1 / _number("div", b))


def scale(a: Node, factor: float) -> Node:
    """`a` times a number that is fixed when the graph is written."""
    factor = _number("scale", factor)
    if factor == 1.0:
        return a
    if a.op == "constant":
        return constant(a.attrs[0] * factor, a.dtype)
    if a.op == "scale":
        return scale(a.args[0], a.attrs[0] * factor)
    if a.op == "expand":  # before it is spread there is less to multiply
        return expand(scale(a.args[0], factor), a.shape)
    return apply("scale", a, attrs=(factor,))


def power(a: Node, exponent: float) -> Node:
    """``a ** exponent``, elementwise, for a fixed number."""
    exponent = _number("power", exponent)
    if exponent == 1.0:
        return a
    if exponent == 0.0:
        return expand(constant(1.0, a.dtype), a.shape)
    return apply("power", a, attrs=(exponent,))


def exp(a: Node) -> Node:
    """eᵃ, elementwise."""
    return apply("exp", a)


def log(a: Node) -> Node:
    """The natural logarithm, elementwise; NaN for negative values, as in NumPy."""
    return apply("log", a)


def tanh(z: Node) -> Node:
    """tanh z, elementwise; φ′ = 1 − h²."""
    return apply("tanh", z)


def sigmoid(z: Node) -> Node:
    """1 / (1 + e⁻ᶻ), elementwise; φ′ = h (1 − h)."""
    return apply("sigmoid", z)


def relu(z: Node) -> Node:
    """max(z, 0), elementwise; φ′ = 1 where z > 0, else 0 (at the kink too, as torch has it)."""
    return apply("relu", z)


def transpose(a: Node) -> Node:
    """aᵀ of an n×m matrix: m×n, a view."""
    return a.args[0] if a.op == "transpose" else apply("transpose", a)


def reshape(a: Node, shape: Iterable[int]) -> Node:
    """The same elements in row-major order in another shape: a copy."""
    shape = checks.shape("reshape", shape)
    return a if shape == a.shape else apply("reshape", a, attrs=(shape,))


def expand(a: Node, shape: Iterable[int]) -> Node:
    """`a` repeated to `shape` by NumPy's broadcasting: a view."""
    shape = checks.shape("expand", shape)
    return a if shape == a.shape else apply("expand", a, attrs=(shape,))


def sum_to(a: Node, shape: Iterable[int]) -> Node:
    """The sum over the axes along which `shape` would be repeated: the adjoint of `expand`."""
    shape = checks.shape("sum_to", shape)
    return a if shape == a.shape else apply("sum_to", a, attrs=(shape,))


def sum_(a: Node, axis: int | None = None, keepdims: bool = False) -> Node:
    """The sum over one axis, or over all (a scalar)."""
    if axis is None:
        return sum_to(a, (1,) * len(a.shape) if keepdims else ())
    if not -len(a.shape) <= axis < len(a.shape):
        raise ValueError(f"sum_: shape {a.shape} has no axis {axis}")
    axis %= len(a.shape)
    before, after = a.shape[:axis], a.shape[axis + 1 :]
    kept = sum_to(a, (*before, 1, *after))
    return kept if keepdims else reshape(kept, before + after)


def matmul(a: Node, b: Node) -> Node:
    """The matrix product of an n×k and a k×m matrix: n×m."""
    return apply("matmul", a, b)


def inverse(a: Node) -> Node:
    """A⁻¹ of an n×n matrix."""
    return apply("inverse", a)


def logabsdet(a: Node) -> Node:
    """log |det A| of an n×n matrix: a scalar."""
    return apply("logabsdet", a)


def dot(a: Node, b: Node) -> Node:
    """⟨a, b⟩ = Σ aᵢbᵢ over all elements of two arrays of one shape: a scalar."""
    return apply("dot", a, b)


def half_sqnorm(a: Node) -> Node:
    """½ ‖a‖²_F = ½ Σ aᵢ²: a scalar, with gradient a."""
    return apply("half_sqnorm", a)


def log_softmax(o: Node, axis: int = -1) -> Node:
    """log softmax(o) along `axis`, without overflow."""
    return apply("log_softmax", o, attrs=(axis,))


def squared_loss(o: Node, y: Node, n: int = 1) -> Node:
    """½ ‖o − y‖² / n: the mean over n examples. D2L, section 5.3, with l the squared error."""
    return apply("squared_loss", o, y, attrs=(n,))


def cross_entropy(o: Node, y: Node, n: int = 1, axis: int = 0) -> Node:
    """−⟨y, log softmax(o)⟩ / n: the mean over n examples; the classes lie along `axis`.

    Each example's y sums to one (a one-hot label, or probabilities).
    """
    return scale(dot(log_softmax(o, axis), y), -1 / n)
