"""Curvature: the Hessian and its products by torch.func; FLOPs by torch's counter."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from compgraph import grad, hvp, leaf, topological
from compgraph.questions import cost, mlp

from . import chapter2 as net
from .cases import PHI, Case, Cases, array, gradient, t

X, Y, CLASSES = net.X, net.Y, net.CLASSES
D, HIDDEN, Q, N = net.D, net.HIDDEN, net.Q, net.N
SIZES = [HIDDEN * D, HIDDEN, Q * HIDDEN]
P = sum(SIZES)
w = np.concatenate([net.W1.ravel(), net.b1.ravel(), net.W2.ravel()])
v = np.random.default_rng(11).standard_normal(P)
#: λ reaches the weights, not the bias
ON_WEIGHTS = np.diag(np.repeat([1.0, 0.0, 1.0], SIZES))


def parts(w):
    W1, b1, W2 = torch.split(w, SIZES)
    return W1.view(HIDDEN, D), b1, W2.view(Q, HIDDEN)


def outputs(w, X=X):
    W1, b1, W2 = parts(w)
    return torch.tanh(t(X) @ W1.T + b1) @ W2.T


def objective(w, X=X, Y=Y, loss=net.squared, decay=net.DECAY):
    W1, _, W2 = parts(w)
    penalty = decay / 2 * (W1.square().sum() + W2.square().sum())
    return loss(outputs(w, X), t(Y)) + penalty


def hessian(**options):
    return array(torch.func.hessian(lambda w: objective(w, **options))(t(w)))


def by_classes(O, Y):
    return F.cross_entropy(O, Y)


def of_output(loss, o, y):
    """∂²l/∂o² of one example."""
    return array(torch.func.hessian(lambda o: loss(o[None], t(y)[None]))(t(o)))


def cases() -> Cases:
    return {**_products(), **_costs(), **_blocks(), **_steps()}


def _products() -> Cases:
    H = hessian()
    column, direction = w[:, None], v[:, None]

    def nabla(w):
        return array(torch.func.grad(objective)(t(w[:, 0])))[:, None]

    product = array(torch.func.jvp(torch.func.grad(objective), (t(w),), (t(v),))[1])[:, None]
    given = {"ℋ": H, "v": direction, "w": column, "∇J": nabla}
    few, unit = H[-3:, -3:], np.eye(3)
    names = {"u_1": unit[:, :1], "u_2": unit[:, 1:2], "u_P": unit[:, 2:]}

    def chain(w):
        W1, b1, W2 = parts(w)
        Z = t(X) @ W1.T + b1
        H = torch.tanh(Z)
        O = H @ W2.T
        E = torch.func.grad(lambda O: by_classes(O, t(CLASSES)))(O)
        G = E @ W2
        return {"Z": Z, "H": H, "O": O, "E": E, "G": G, "D_Z": G * (1 - H * H)}

    values, rates = torch.func.jvp(chain, (t(w),), (t(v),))
    values = {name: array(found) for name, found in values.items()}
    dotted = dict(zip(rates, ("Ż", "Ḣ", "Ȯ", "Ė", "Ġ", "Ḋ_Z"), strict=True))
    rates = {dotted[name]: array(found) for name, found in rates.items()}
    M = np.array([of_output(by_classes, o, y) for o, y in zip(values["O"], CLASSES, strict=True)])
    V1, v1, V2 = (array(part) for part in parts(t(v)))
    lines = {
        "n": N, "X": X, "1": np.ones((N, 1)), "W_2": net.W2, "V_1": V1, "v_1": v1[:, None],
        "V_2": V2, "λ": net.DECAY, "M": M, **PHI, **values,
    }  # fmt: skip
    by_class = {"Y": CLASSES, "loss": by_classes}
    H_class = hessian(**by_class)
    whole = torch.func.jvp(
        torch.func.grad(lambda w: objective(w, **by_class)), (t(w),), (t(v),)
    )[1]  # fmt: skip
    return {
        "eq-04-reverse": [Case(given, {"(1)": product})],
        "eq-04-forward": [Case(given, {"(1)": product})],
        "eq-04-columns": [Case({"ℋ": few, **names}, {"(1)": few})],
        "eq-04-up": [
            Case(
                {**lines, "ȯ": rates["Ȯ"]},
                {**{k: rates[k] for k in ("Ż", "Ḣ", "Ȯ")}, "ė": N * rates["Ė"]},
            )
        ],
        "eq-04-down": [
            Case(
                {**lines, **{k: rates[k] for k in ("Ė", "Ż")}}, {k: rates[k] for k in ("Ġ", "Ḋ_Z")}
            )
        ],
        "eq-04-product": [
            Case({**lines, **rates, "ℋ": H_class, "v": direction}, {"(1)": array(whole)[:, None]})
        ],
    }


def _costs() -> Cases:
    """Multiplications and additions of the graph's matrix products; torch counts its own."""
    d, h, q, n = 6, 4, 3, 7
    sizes = {"d": d, "h": h, "q": q, "n": n}
    model = mlp.build(**sizes, layout="row", bias=True, weight_decay=0.1)
    wrt = [model[name] for name in ("W1", "b1", "W2")]
    directions = [leaf(name, w.shape) for name, w in zip(("V1", "v1", "V2"), wrt, strict=True)]
    product, first = hvp(model["J"], wrt, directions), grad(model["J"], wrt)
    counts = {
        "nabla J": _torch_flops(sizes, 1),
        "H v": cost.flops(product, ["matmul"]),
        "nabla J and H v": _torch_flops(sizes, 2),
    }
    assert counts["nabla J"] == cost.flops(first, ["matmul"])
    moving = set(directions)
    for node in topological(product):
        if moving & set(node.args):
            moving.add(node)
    matmuls = [node for node in topological(product) if node.op == "matmul" and node in moving]
    each = sum(2 * node.size * node.args[0].shape[1] for node in matmuls)
    return {
        "eq-04-flops": [Case(sizes, counts)],
        "eq-04-whole": [
            Case(
                {**sizes, "P": P, "bytes of each": 8},
                {"FLOPs": P * each + counts["H v"] - each, "bytes": hessian().nbytes},
            )
        ],
    }


def _torch_flops(sizes, order: int) -> int:
    """What torch's autograd multiplies for ∇J, or for ∇J and Hv."""
    d, h, q, n = sizes.values()
    w = [torch.randn(h, d, requires_grad=True), torch.randn(q, h, requires_grad=True)]
    x, y = torch.randn(n, d), torch.randn(n, q)
    with FlopCounterMode(display=False) as counter:
        loss = (torch.tanh(x @ w[0].T) @ w[1].T - y).square().sum()
        g = torch.autograd.grad(loss, w, create_graph=order == 2)
        if order == 2:
            torch.autograd.grad(sum(each.sum() for each in g), w)
    return counter.get_total_flops()


def _blocks() -> Cases:
    """One example: blocks of the Hessian that torch makes of the whole objective."""
    x, y = X[:1].T, CLASSES[:1].T
    values = net.run(X[:1], CLASSES[:1], by_classes)[0]
    z, h, o = values["Z"].T, values["H"].T, values["O"].T
    M = of_output(by_classes, o[:, 0], y[:, 0])
    M_squared = of_output(net.squared, o[:, 0], Y[0])
    e = gradient(lambda o: by_classes(o.T, t(y.T)), o)
    H = hessian(X=x.T, Y=y.T, loss=by_classes)
    first, bias, second = (
        slice(a, b) for a, b in zip((0, *np.cumsum(SIZES)), np.cumsum(SIZES), strict=False)
    )
    slopes = gradient(lambda z: torch.tanh(z).sum(), z)
    D_ = np.diagflat(slopes)

    def of_z(z):
        return by_classes((t(net.W2) @ torch.tanh(z))[None], t(y.T))

    C = array(torch.func.hessian(of_z)(t(z[:, 0])))
    p = array(torch.softmax(t(o), 0))
    mixed = {
        "M": M, "W_2": net.W2, "D": D_, "h": h[:, 0], "x": x[:, 0], "e": e[:, 0],
        "φ'": slopes[:, 0],
    }  # fmt: skip
    return {
        "eq-04-m": [Case({"p": p}, {"M_squared": M_squared, "M_cross-entropy": M})],
        "eq-04-h22": [Case({"M": M, "h": h, "λ": net.DECAY}, {"ℋ_22": H[second, second]})],
        "eq-04-c": [Case({"D": D_, "W_2": net.W2, "M": M, "z": z, "e": e, **PHI}, {"C": C})],
        "eq-04-h11": [
            Case(
                {"C": C, "x": x, "λ": net.DECAY},
                {"ℋ_11": H[first, first], "ℋ_b1": H[bias, first], "ℋ_bb": H[bias, bias]},
            )
        ],
        "eq-04-h21": [
            Case(
                mixed,
                {
                    "ℋ_21": H[second, first].reshape(Q, HIDDEN, HIDDEN, D),
                    "ℋ_2b": H[second, bias].reshape(Q, HIDDEN, HIDDEN),
                },
            )
        ],
    }


def _steps() -> Cases:
    rows = [hessian(X=X[i : i + 1], Y=Y[i : i + 1], decay=0) for i in range(N)]
    of_batch = {"n": N, "∂²l/∂w²": np.array(rows), "λ": net.DECAY, "I_weights": ON_WEIGHTS}
    O = array(outputs(t(w)))
    M = np.array([of_output(by_classes, o, y) for o, y in zip(O, CLASSES, strict=True)])
    J = array(torch.func.jacrev(outputs)(t(w)))
    moved = torch.func.hessian(  # of the loss of the linearized network
        lambda u: by_classes(t(O) + torch.einsum("nkp,p->nk", t(J), u), t(CLASSES))
    )
    G = array(moved(torch.zeros(P, dtype=torch.float64))) + net.DECAY * ON_WEIGHTS
    H, slopes, mu = hessian(), array(torch.func.grad(objective)(t(w)))[:, None], 3.0
    identity = torch.eye(P, dtype=torch.float64)
    newton = array(torch.linalg.solve(t(H), -t(slopes)))
    damped = [
        Case(
            {name: matrix, "μ": mu, "∇J": slopes, "p": array(step)}, {"(1)": -slopes}, line
        )
        for line, (name, matrix) in enumerate({"ℋ": H, "𝒢": G}.items())
        for step in [torch.linalg.solve(t(matrix) + mu * identity, -t(slopes))]
    ]  # fmt: skip
    return {
        "eq-04-batch": [Case(of_batch, {"ℋ": H})],
        "eq-04-gn": [
            Case({"n": N, "J": J, "M": M, "λ": net.DECAY, "I_weights": ON_WEIGHTS}, {"𝒢": G})
        ],
        "eq-04-newton": [
            Case(
                {"w": w[:, None], "p": newton, "ℋ": H, "∇J": slopes},
                {"w": w[:, None] - np.linalg.inv(H) @ slopes, "(2)": -slopes},
            )
        ],
        "eq-04-damped": damped,
    }
