"""Gradients: the section's network in torch, one example and a minibatch."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from .cases import PHI, Case, Cases, array, gradient, t

D, HIDDEN, Q, N = 5, 4, 3, 7
DECAY = 0.1
_rng = np.random.default_rng(8)
X, Y = _rng.standard_normal((N, D)), _rng.standard_normal((N, Q))
W1, b1 = _rng.standard_normal((HIDDEN, D)), _rng.standard_normal((HIDDEN, 1))
W2 = _rng.standard_normal((Q, HIDDEN))
CLASSES = np.eye(Q)[_rng.integers(Q, size=N)]
ONES = np.ones((N, 1))
WEIGHTS = {"W_1": W1, "b_1": b1, "W_2": W2, "λ": DECAY, **PHI}


def squared(O, Y):
    return (O - Y).square().sum() / (2 * len(O))


def loss_of_one(o, y):
    return 0.5 * float(np.sum((o - y) ** 2))


def hidden_and_output(X):
    """Leaves W1, b1, W2 and what the network makes of the rows of X, all with gradients kept."""
    w1, b, w2 = (t(v).requires_grad_() for v in (W1, b1[:, 0], W2))
    Z = X @ w1.T + b
    H = torch.tanh(Z)
    O = H @ w2.T
    for made in (Z, H, O):
        made.retain_grad()
    return (w1, b, w2), (Z, H, O)


def run(X, Y, loss=squared):
    """Values by name, gradients of J by name, and those of L by the three parameters."""
    leaves, made = hidden_and_output(t(X))
    of_loss = torch.autograd.grad(loss(made[-1], t(Y)), leaves)
    leaves, made = hidden_and_output(t(X))
    L = loss(made[-1], t(Y))
    s = DECAY / 2 * (leaves[0].square().sum() + leaves[2].square().sum())
    J = L + s
    J.backward()
    values = dict(zip("ZHO", map(array, made), strict=True))
    values |= {"L": L.item(), "s": s.item(), "J": J.item()}
    names = ("W_1", "b_1", "W_2", "Z", "H", "O")
    gradients = {f"∂J/∂{name}": array(v.grad) for name, v in zip(names, leaves + made, strict=True)}
    gradients["∂J/∂b_1"] = gradients["∂J/∂b_1"][:, None]
    return values, gradients, [array(g) for g in of_loss]


def cases() -> Cases:
    return {**_one_example(), **_minibatch(), **_beyond()}


def _one_example() -> Cases:
    """The row of a batch of one, read as columns."""
    x, y = X[:1].T, Y[:1].T
    values, gradients, _ = run(x.T, y.T)
    values = {k.lower() if k in "ZHO" else k: np.transpose(v) for k, v in values.items()}
    known = {k: v.item() if k in "LsJ" else v for k, v in values.items()}
    lower = {"∂J/∂Z": "∂J/∂z", "∂J/∂H": "∂J/∂h", "∂J/∂O": "∂J/∂o"}
    gradients = {lower.get(k, k): v.T if k in lower else v for k, v in gradients.items()}

    given = {"x": x, "y": y, "l": loss_of_one, **WEIGHTS}
    found = {"eq-02-forward": [Case(given, known)]}
    of_loss = gradient(lambda o: squared(o.T, t(y.T)), known["o"])
    equations = {
        "do": ("∂J/∂o",), "dw2": ("∂J/∂W_2",), "dh": ("∂J/∂h",), "dz": ("∂J/∂z",),
        "db1": ("∂J/∂b_1",), "dw1": ("∂J/∂W_1",),
    }  # fmt: skip
    for label, names in equations.items():
        others = {k: v for k, v in gradients.items() if k not in names}
        judged = {name: gradients[name] for name in names}
        judged |= {"∂L/∂o": of_loss} if label == "do" else {}
        found[f"eq-02-{label}"] = [Case({**given, **known, **others}, judged)]
    return found


def _minibatch() -> Cases:
    values, gradients, of_loss = run(X, Y)
    made = {k: values[k] for k in "ZHO"}

    given = {"n": N, "X": X, "Y": Y, "1": ONES, "l": loss_of_one, **WEIGHTS}
    each = {"o": made["O"][:, :, None], "y": Y[:, :, None]}
    E = gradients["∂J/∂O"]
    known = {**given, **made, "E": E, "∂J/∂Z": gradients["∂J/∂Z"]}
    without = {k: v for k, v in known.items() if k not in ("E", "∂J/∂Z")}
    local = array(torch.func.jacrev(lambda b: t(X) @ t(W1).T + b)(t(b1[:, 0])))  # ∂Z_ki/∂b_j
    lin = torch.nn.Linear(D, HIDDEN, dtype=torch.float64)
    with torch.no_grad():
        lin.weight.copy_(t(W1))
        lin.bias.copy_(t(b1[:, 0]))
    groups = [{"params": [lin.weight], "weight_decay": DECAY}, {"params": [lin.bias]}]
    update = torch.optim.SGD(groups, lr=0.5)
    squared(torch.tanh(lin(t(X))) @ t(W2).T, t(Y)).backward()
    update.step()
    before = {"W": W1, "b_1": b1, "λ": DECAY, "η": 0.5}
    before |= {"∂L/∂W": of_loss[0], "∂L/∂b_1": of_loss[1][:, None]}
    after = {"W": array(lin.weight), "b_1": array(lin.bias)[:, None]}
    return {
        "eq-02-batch-forward": [Case({**given, **each}, {**made, "L": values["L"]})],
        "eq-02-batch-e": [Case(without, {"E": E, "∂J/∂O": E})],
        "eq-02-batch-dz": [
            Case({**without, "E": E}, {"∂J/∂Z": gradients["∂J/∂Z"]}),
        ],
        "eq-02-batch-db1": [
            Case({**known, "∂Z/∂b_1": local}, {"∂J/∂b_1": gradients["∂J/∂b_1"]}),
        ],
        "eq-02-batch-dw": [Case(known, {k: gradients[k] for k in ("∂J/∂W_2", "∂J/∂W_1")})],
        "eq-02-step": [Case(before, after)],
    }


def _beyond() -> Cases:
    values, gradients, _ = run(X, CLASSES, F.cross_entropy)
    o, y = values["O"][:1].T, CLASSES[:1].T
    of_one = gradient(lambda o: F.cross_entropy(o.T, t(y.T)), o)
    found = {
        "eq-02-ce": [
            Case(
                {"o": o, "y": y, "O": values["O"], "Y": CLASSES, "n": N},
                {"∂l/∂o": of_one, "E": gradients["∂J/∂O"]},
            )
        ],
        "eq-02-deep": [_deep(ell) for ell in (1, 2, 3)],
        "eq-02-fork": [_fork()],
    }
    Z = run(X, Y)[0]["Z"]

    def loss(H):
        return 0.5 * float(np.sum((H @ W2.T - Y) ** 2)) / N

    bias = t(b1[:, 0]).requires_grad_()
    sums = t(X) @ t(W1).T + bias
    L = squared(torch.tanh(sums - sums.mean(0)) @ t(W2).T, t(Y))
    L.backward()
    given = {"L": loss, "n": N, "Z": Z, "1": ONES, "0": np.zeros((HIDDEN, 1)), **PHI}
    judged = {"(1)": L.item(), "∂L/∂b_1": array(bias.grad)[:, None]}
    return {**found, "eq-02-centred": [Case(given, judged)]}


def _deep(ell: int) -> Case:
    """Four layers; layer ℓ from layer ℓ + 1."""
    rng = np.random.default_rng(9)
    widths = (5, 6, 4, 8, 3)
    W = [
        t(rng.standard_normal((o, i)) / np.sqrt(i))
        for i, o in zip(widths, widths[1:], strict=False)
    ]
    b = [t(rng.standard_normal(o)) for o in widths[1:]]
    for leaf in W + b:
        leaf.requires_grad_()
    Z, H = [], [t(rng.standard_normal((N, widths[0])))]
    for w, bias in zip(W, b, strict=True):
        Z.append(H[-1] @ w.T + bias)
        Z[-1].retain_grad()
        H.append(torch.tanh(Z[-1]))
    squared(Z[-1], t(rng.standard_normal((N, widths[-1])))).backward()

    def counted(things, first, read=array):
        return {i: read(thing) for i, thing in enumerate(things, first)}

    grads = {
        "Z": counted(Z, 1, lambda v: array(v.grad)),
        "W": counted(W, 1, lambda v: array(v.grad)),
        "b": counted(b, 1, lambda v: array(v.grad)[:, None]),
    }
    given = {"ℓ": ell, "1": ONES, "W": counted(W, 1), "Z": counted(Z, 1), "H": counted(H, 0), **PHI}
    given |= {f"∂L/∂{name}": places for name, places in grads.items()}
    return Case(given, {f"({i})": grads[name][ell] for i, name in enumerate("ZbW", 1)})


def _fork() -> Case:
    """One bias in two places: the sum of what two separate ones would get."""
    rng = np.random.default_rng(10)
    W, b, y = rng.standard_normal((HIDDEN, HIDDEN)), *rng.standard_normal((2, HIDDEN, 1))

    def loss(first, second):
        h = torch.tanh(t(W1) @ t(X[:1].T) + first)
        return (torch.tanh(t(W) @ h + second) - t(y)).square().sum() / 2

    one, first, second = (t(b).requires_grad_() for _ in range(3))
    loss(one, one).backward()
    loss(first, second).backward()
    given = {"b": b, "∂L/∂b_1": array(first.grad), "∂L/∂b_2": array(second.grad)}
    return Case(given, {"∂L/∂b": array(one.grad)})
