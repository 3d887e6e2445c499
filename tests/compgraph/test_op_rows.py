"""Every row of the table of operators: value, VJP, JVP, second order, dtype and error messages."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pytest
import torch
from judges import (
    assert_close,
    central_difference,
    complex_step,
    dot,
    gradients,
    in_torch,
    tensors_of,
)
from torch.utils.flop_counter import FlopCounterMode

import compgraph as cg
from compgraph import Program, evaluate, grad, leaf, ops
from compgraph.graph import Node
from compgraph.ops import TABLE
from compgraph.questions import cost

INPUTS = ("leaf", "constant")
NOT_ANALYTIC = ("logabsdet",)  # |det| of a complex matrix


@dataclass(frozen=True)
class Case:
    """An operator at random arguments of these shapes.

    Attributes
    ----------
    domain : from standard normal numbers to numbers that the operator is differentiable at.
    """

    op: str
    shapes: tuple[tuple[int, ...], ...]
    attrs: tuple = ()
    domain: str = "any"


DOMAINS = {
    "any": lambda a: a,
    "positive": lambda a: 0.5 + np.abs(a),
    "off zero": lambda a: a + 0.1 * np.sign(a),
    "regular": lambda a: a + 4 * np.eye(len(a)),
}

CASES = [
    Case("transpose", ((4, 3),)),
    Case("reshape", ((4, 3),), ((2, 6),)),
    Case("reshape", ((),), ((1, 1),)),
    Case("expand", ((3,),), ((4, 3),)),
    Case("expand", ((4, 1),), ((2, 4, 3),)),
    Case("expand", ((),), ((4, 3),)),
    Case("sum_to", ((4, 3),), ((3,),)),
    Case("sum_to", ((2, 4, 3),), ((4, 1),)),
    Case("sum_to", ((1, 4, 3),), ((4, 1),)),
    Case("sum_to", ((4, 2),), ((4, 1),)),
    Case("sum_to", ((4, 3),), ((),)),
    *(Case(op, ((4, 3), (4, 3))) for op in ("add", "sub", "mul")),
    Case("scale", ((4, 3),), (-1.7,)),
    Case("power", ((4, 3),), (3.0,)),
    Case("power", ((4, 3),), (-0.5,), "positive"),
    Case("exp", ((4, 3),)),
    Case("log", ((4, 3),), (), "positive"),
    Case("tanh", ((4, 3),)),
    Case("sigmoid", ((4, 3),)),
    Case("relu", ((4, 3),), (), "off zero"),
    Case("tanh_vjp", ((4, 3), (4, 3))),
    Case("sigmoid_vjp", ((4, 3), (4, 3))),
    Case("relu_vjp", ((4, 3), (4, 3)), (), "off zero"),
    Case("matmul", ((4, 3), (3, 2))),
    Case("matmul", ((4, 1), (1, 2))),
    Case("inverse", ((3, 3),), (), "regular"),
    Case("logabsdet", ((3, 3),), (), "regular"),
    Case("dot", ((4, 3), (4, 3))),
    Case("dot", ((), ())),
    Case("half_sqnorm", ((4, 3),)),
    Case("squared_loss", ((4, 3), (4, 3)), (4,)),
    Case("squared_loss_vjp", ((), (4, 3), (4, 3)), (4,)),
    *(
        Case(op, ((4, 3),) * count, (axis,))
        for op, count in (("log_softmax", 1), ("log_softmax_vjp", 2))
        for axis in (0, 1, -1, -2)
    ),
]
EACH_CASE = pytest.mark.parametrize(
    "case", CASES, ids=lambda c: f"{c.op}{'/'.join(cg.shape_name(s) for s in c.shapes)}{c.attrs}"
)


class Bench:
    """A case's node, its arguments' values, an adjoint g for it and a tangent for each argument."""

    def __init__(self, case: Case, seed: int = 0):
        rng = np.random.default_rng(seed)
        self.case = case
        self.args = [leaf(f"a{i}", shape) for i, shape in enumerate(case.shapes)]
        self.tangents = [leaf(f"t{i}", shape) for i, shape in enumerate(case.shapes)]
        self.node = ops.apply(case.op, *self.args, attrs=case.attrs)
        self.g = leaf("g", self.node.shape)
        domain = DOMAINS[case.domain]
        self.feeds = {arg: domain(rng.standard_normal(arg.shape)) for arg in self.args}
        for node in (*self.tangents, self.g):
            self.feeds[node] = rng.standard_normal(node.shape)
        self.value = partial(_value, case)

    def vjp(self) -> list[Node]:
        """The rule's nodes, with zeros for None."""
        found = TABLE[self.case.op].vjp(self.node, self.g)
        assert len(found) == len(self.args)
        return [v or _zeros(a) for v, a in zip(found, self.args, strict=True)]

    def jvp(self, tangents: list[Node | None]) -> Node:
        found = TABLE[self.case.op].jvp(self.node, tuple(tangents))
        return found or _zeros(self.node)

    def run(self, outputs: list[Node]) -> list[np.ndarray]:
        return evaluate(outputs, self.feeds)

    def arrays(self, nodes: list[Node]) -> list[np.ndarray]:
        return [self.feeds[node] for node in nodes]


def _zeros(like: Node) -> Node:
    return cg.expand(cg.constant(0.0), like.shape)


def _value(case: Case, *arrays: np.ndarray) -> np.ndarray:
    return TABLE[case.op].value(*map(np.asarray, arrays), *case.attrs)


def check_value(case: Case) -> None:
    bench = Bench(case)
    (ours,) = bench.run([bench.node])
    assert ours.shape == bench.node.shape and ours.dtype == bench.node.dtype
    assert_close(ours, in_torch([bench.node], tensors_of(bench.feeds))[0])


def check_vjp_against_torch(case: Case) -> None:
    bench = Bench(case)
    tensors = tensors_of(bench.feeds)
    (out,) = in_torch([bench.node], tensors)
    theirs = gradients((out * tensors[bench.g]).sum(), [tensors[a] for a in bench.args])
    ours = bench.vjp()
    assert [v.shape for v in ours] == [a.shape for a in bench.args]
    for a, b in zip(bench.run(ours), theirs, strict=True):
        assert_close(a, b)


def check_second_order(case: Case) -> None:
    """The VJP's own gradient, with respect to the arguments and to g."""
    bench = Bench(case)
    tensors = tensors_of(bench.feeds)
    wrt = [*bench.args, bench.g]
    ours = sum(
        (cg.dot(v, t) for v, t in zip(bench.vjp(), bench.tangents, strict=True)), cg.constant(0.0)
    )
    (out,) = in_torch([bench.node], tensors)
    first = gradients((out * tensors[bench.g]).sum(), [tensors[a] for a in bench.args])
    theirs = gradients(dot(first, [tensors[t] for t in bench.tangents]), [tensors[w] for w in wrt])
    for a, b in zip(bench.run(grad(ours, wrt)), theirs, strict=True):
        assert_close(a, b, 1e-11)


def check_jvp_against_differences(case: Case) -> None:
    bench = Bench(case)
    at, along = bench.arrays(bench.args), bench.arrays(bench.tangents)
    (ours,) = bench.run([bench.jvp(bench.tangents)])
    assert_close(ours, central_difference(bench.value, at, along), 1e-8)
    if case.op not in NOT_ANALYTIC:
        assert_close(ours, complex_step(bench.value, at, along))


def check_adjoint(case: Case) -> None:
    """⟨J t, g⟩ = ⟨t, Jᵀ g⟩, along all arguments at once and along each alone."""
    bench = Bench(case)
    adjoint = bench.run(bench.vjp())
    moving = [list(bench.tangents)]
    for i, t in enumerate(bench.tangents):
        moving.append([None] * i + [t] + [None] * (len(bench.args) - i - 1))
    for tangents in moving:
        (pushed,) = bench.run([bench.jvp(tangents)])
        left = np.sum(pushed * bench.feeds[bench.g])
        pairs = zip(tangents, adjoint, strict=True)
        right = sum(np.sum(bench.feeds[t] * a) for t, a in pairs if t is not None)
        assert_close(left, right)


CHECKS = [
    check_value,
    check_vjp_against_torch,
    check_second_order,
    check_jvp_against_differences,
    check_adjoint,
]


def test_every_row_has_a_case():
    assert {case.op for case in CASES} == TABLE.keys() - set(INPUTS)


@EACH_CASE
@pytest.mark.parametrize("check", CHECKS)
def test_row(check, case):
    check(case)


# --- positive controls: a row made wrong is caught ------------------------------------------------


def case_of(op: str) -> Case:
    return next(case for case in CASES if case.op == op)


def _doubled(rule):
    """The rule with its last contribution doubled."""

    def wrong(node, g):
        found = rule(node, g)
        if isinstance(found, tuple):
            *others, last = found
            return (*others, None if last is None else 2.0 * last)
        return None if found is None else 2.0 * found

    return wrong


@EACH_CASE
def test_a_doubled_value_is_caught(monkeypatch, case):
    row = TABLE[case.op]
    wrong = replace(row, value=lambda *args: 2 * row.value(*args))
    monkeypatch.setitem(TABLE, case.op, wrong)
    with pytest.raises(AssertionError, match="error"):
        check_value(case)


# relu_vjp's last rule is None: there is no number to double
@pytest.mark.parametrize("case", [c for c in CASES if c.op != "relu_vjp"], ids=lambda c: c.op)
@pytest.mark.parametrize("check", [check_vjp_against_torch, check_adjoint])
def test_a_doubled_vjp_is_caught(monkeypatch, check, case):
    row = TABLE[case.op]
    wrong = replace(row, vjp=_doubled(row.vjp), jvp=row.jvp)
    right = Bench(case)
    pushed = right.jvp(right.tangents)  # some JVPs are made from the VJP: take it before
    monkeypatch.setitem(TABLE, case.op, wrong)
    monkeypatch.setattr(Bench, "jvp", lambda self, tangents: pushed)
    with pytest.raises(AssertionError, match="error"):
        check(case)


@EACH_CASE
def test_a_doubled_jvp_is_caught(monkeypatch, case):
    row = TABLE[case.op]
    monkeypatch.setitem(TABLE, case.op, replace(row, jvp=_doubled(row.jvp)))
    for check in (check_jvp_against_differences, check_adjoint):
        with pytest.raises(AssertionError, match="error"):
            check(case)


def test_a_second_order_that_forgets_h_is_caught(monkeypatch):
    row = TABLE["tanh_vjp"]
    wrong = replace(row, vjp=lambda n, g: (row.vjp(n, g)[0], None))
    monkeypatch.setitem(TABLE, "tanh_vjp", wrong)
    check_vjp_against_torch(case_of("tanh"))  # the first order does not notice
    with pytest.raises(AssertionError, match="error"):
        check_second_order(case_of("tanh"))


# --- edges of the domain --------------------------------------------------------------------------


def test_relu_at_the_kink_is_torchs_zero_for_every_judge_but_the_difference():
    z = leaf("z", (3,))
    at = np.zeros(3)
    (slope,) = evaluate(grad(cg.sum_(cg.relu(z)), [z]), {z: at})
    t = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    assert_close(slope, torch.autograd.grad(torch.relu(t).sum(), t)[0])
    assert_close(complex_step(TABLE["relu"].value, [at], [np.ones(3)]), slope)
    assert_close(central_difference(TABLE["relu"].value, [at], [np.ones(3)]), slope + 0.5)


@pytest.mark.parametrize("op", ["relu", "tanh", "sigmoid", "log"])
def test_nan_stays_nan(op):
    z = leaf("z", (2,))
    value = ops.apply(op, z)
    feeds = {z: np.array([np.nan, 1.0])}
    ours = evaluate([value, *grad(cg.sum_(value), [z])], feeds)
    tensors = tensors_of(feeds)
    (theirs,) = in_torch([value], tensors)
    assert np.isnan(ours[0][0])
    np.testing.assert_allclose(ours[0], theirs.detach())
    np.testing.assert_allclose(ours[1], gradients(theirs.sum(), [tensors[z]])[0].detach())


@pytest.mark.parametrize("size", [1e3, -1e3])
def test_no_overflow(size):
    z = leaf("z", (2, 1))
    feeds = {z: np.array([[size], [0.0]])}
    for function in (cg.sigmoid, cg.tanh, partial(cg.log_softmax, axis=0)):
        with np.errstate(all="raise", under="ignore"):
            values = evaluate([function(z), *grad(cg.sum_(function(z)), [z])], feeds)
        assert np.isfinite(values).all()


# --- errors ---------------------------------------------------------------------------------------

A, B, C, S = leaf("A", (4, 3)), leaf("B", (2, 5)), leaf("C", (3,)), leaf("S", ())
VJP = partial(ops.apply, "squared_loss_vjp", attrs=(1,))

SHAPE_ERRORS = [
    ("add", lambda: A + B, "(4, 3)", "(2, 5)"),
    ("sub", lambda: A - B, "(4, 3)", "(2, 5)"),
    ("mul", lambda: A * B, "(4, 3)", "(2, 5)"),
    ("mul", lambda: A / B, "(4, 3)", "(2, 5)"),
    ("matmul", lambda: A @ B, "(4, 3)", "(2, 5)"),
    ("matmul", lambda: A @ C, "(4, 3)", "(3,)"),
    ("dot", lambda: cg.dot(A, B), "(4, 3)", "(2, 5)"),
    ("squared_loss", lambda: cg.squared_loss(A, B), "(4, 3)", "(2, 5)"),
    ("dot", lambda: cg.cross_entropy(A, B), "(4, 3)", "(2, 5)"),
    ("expand", lambda: cg.expand(A, (4, 2)), "(4, 3)", "(4, 2)"),
    ("sum_to", lambda: cg.sum_to(A, (2, 3)), "(4, 3)", "(2, 3)"),
    ("reshape", lambda: cg.reshape(A, (5, 2)), "(4, 3)", "(5, 2)"),
    ("transpose", lambda: C.T, "(3,)"),
    ("inverse", lambda: cg.inverse(A), "(4, 3)"),
    ("logabsdet", lambda: cg.logabsdet(A), "(4, 3)"),
    ("sum_", lambda: cg.sum_(A, 2), "(4, 3)", "axis 2"),
    ("log_softmax", lambda: cg.log_softmax(A, 2), "(4, 3)", "axis 2"),
    ("log_softmax", lambda: cg.log_softmax(S), "()", "axis -1"),
    *(
        (op, partial(ops.apply, op, A, B, attrs=attrs), "(4, 3)", "(2, 5)")
        for op, attrs in (("tanh_vjp", ()), ("sigmoid_vjp", ()), ("relu_vjp", ()),
                          ("log_softmax_vjp", (0,)))
    ),
    ("squared_loss_vjp", lambda: VJP(S, A, B), "(4, 3)", "(2, 5)"),
    ("squared_loss_vjp", lambda: VJP(A, B, B), "(4, 3)", "(2, 5)"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "make", "parts"), [(op, make, p) for op, make, *p in SHAPE_ERRORS])
def test_a_shape_error_names_the_operator_and_the_shapes(op, make, parts):
    with pytest.raises(ValueError) as caught:
        make()
    message = str(caught.value)
    assert message.startswith(f"{op}: ") and all(part in message for part in parts), message


def test_every_row_that_can_fail_has_its_error_tested():
    takes_any_shape = {"scale", "power", "exp", "log", "tanh", "sigmoid", "relu", "half_sqnorm"}
    tested = {op for op, *_ in SHAPE_ERRORS}
    assert TABLE.keys() - set(INPUTS) - takes_any_shape <= tested


@pytest.mark.parametrize(
    ("make", "parts"),
    [
        (lambda: A + leaf("A32", (4, 3), "float32"), ["add", "float64", "float32"]),
        (lambda: A @ np.ones((3, 2)), ["matmul", "ndarray", "leaf"]),
        (lambda: A + np.ones((4, 3)), ["ndarray", "leaf"]),
        (lambda: np.ones((4, 3)) * A, ["ndarray", "leaf"]),
        (lambda: A / np.ones((4, 3)), ["div", "ndarray", "leaf"]),
        (lambda: ops.add(2.0, 3), ["add", "node", "int"]),
        (lambda: cg.tanh(1.0), ["tanh", "float"]),
        (lambda: A**S, ["power", "number", "Node"]),
        (lambda: cg.scale(A, S), ["scale", "number", "Node"]),
    ],
)
def test_a_wrong_type_is_named(make, parts):
    with pytest.raises(TypeError) as caught:
        make()
    assert all(part in str(caught.value) for part in parts), caught.value


@pytest.mark.parametrize(
    "make", [lambda: A + "one", lambda: cg.tanh(np.ones(3)), lambda: A @ A, lambda: A / [1]]
)
def test_errors_that_carry_what_they_met_travel_between_processes(make):
    with pytest.raises((cg.NotANode, cg.InnerSizes)) as caught:
        make()
    there = pickle.loads(pickle.dumps(caught.value))
    assert (type(there), str(there)) == (type(caught.value), str(caught.value))
    assert there.__dict__ == caught.value.__dict__


# --- costs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "k", "m"), [(4, 3, 2), (1, 5, 1), (7, 1, 6)])
def test_matmul_flops_equal_torchs(n, k, m):
    a, b = leaf("a", (n, k)), leaf("b", (k, m))
    with FlopCounterMode(display=False) as counter:
        torch.ones(n, k) @ torch.ones(k, m)
    assert cost.flops([a @ b]) == counter.get_total_flops() == 2 * n * k * m


#: per element of the largest array; an exact count where that is not the measure
FLOPS = {
    "transpose": 0, "reshape": 0, "expand": 0, "add": 1, "sub": 1, "mul": 1, "scale": 1, "power": 1,
    "exp": 1, "log": 1, "tanh": 1, "sigmoid": 4, "relu": 1, "tanh_vjp": 3, "sigmoid_vjp": 3,
    "relu_vjp": 1, "dot": 2, "half_sqnorm": 2, "squared_loss": 3, "squared_loss_vjp": 2,
    "log_softmax": 5, "log_softmax_vjp": 4, "matmul": None, "inverse": None, "logabsdet": None,
    "sum_to": None,
}  # fmt: skip
EXACT = {
    Case("matmul", ((4, 3), (3, 2))): 2 * 4 * 3 * 2,
    Case("inverse", ((3, 3),), (), "regular"): 2 * 27,
    Case("logabsdet", ((3, 3),), (), "regular"): 2 * 27 // 3,
    Case("sum_to", ((4, 3),), ((3,),)): 3 * (4 - 1),
    Case("sum_to", ((4, 3),), ((),)): 4 * 3 - 1,
}


@EACH_CASE
def test_flops(case):
    """A multiply-add is two, an elementary function one; views and copies are free."""
    node = Bench(case).node
    each = FLOPS[case.op]
    if each is not None:
        assert cost.flops([node]) == each * max(a.size for a in (*node.args, node))
    elif case in EXACT:
        assert cost.flops([node]) == EXACT[case]


@EACH_CASE
def test_a_view_shares_memory_and_nothing_else_does(case):
    bench = Bench(case)
    arrays = bench.arrays(bench.args)
    value = bench.value(*arrays)
    shares = any(np.shares_memory(value, a) for a in arrays)
    assert shares == TABLE[case.op].view
    assert cost.nbytes(bench.node) == (0 if shares else value.nbytes)


@pytest.mark.parametrize("of", [lambda x: x.T, lambda x: cg.expand(x, (4, 2, 3))])
def test_a_reshape_owns_its_memory_whatever_its_argument_is(of):
    x = leaf("x", (2, 3))
    node = cg.reshape(of(x), (of(x).size,))
    feed = np.arange(6.0).reshape(2, 3)
    (value,) = Program([node])({x: feed})
    assert not np.shares_memory(value, feed) and cost.nbytes(node) == value.nbytes


@pytest.mark.parametrize(("axis", "n"), [(1, 7), (0, 3)])
def test_cross_entropy_is_torchs_mean_over_the_examples(axis: int, n: int):
    rng = np.random.default_rng(3)
    scores, wanted = rng.standard_normal((7, 3)), rng.random((7, 3))
    wanted /= wanted.sum(axis=axis, keepdims=True)
    o, y = leaf("o", (7, 3)), leaf("y", (7, 3))
    (found,) = evaluate([ops.cross_entropy(o, y, n, axis=axis)], {o: scores, y: wanted})
    s, w = (torch.tensor(a if axis else a.T) for a in (scores, wanted))
    assert_close(found, torch.nn.functional.cross_entropy(s, w).item())
