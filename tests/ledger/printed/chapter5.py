"""Devices: rings and micro-batches played out, draws enumerated, numbers of the papers."""

from __future__ import annotations

from itertools import product

import numpy as np
import torch

from compgraph.questions import pipeline
from ledger.printed import Drawn

from . import chapter2 as net
from .cases import Case, Cases, array, t


class Name(str):
    """A variable of the graph, which has a place on some devices."""


def ring(devices: int, size: int) -> int:
    """Numbers that all devices send while a ring adds up and then hands round."""
    return sum(
        size // devices for _half in range(2) for _ in range(devices - 1) for _ in range(devices)
    )


def cases() -> Cases:
    return {**_communication(), **_pipelines(), **_sums(), **_papers()}


def _communication() -> Cases:
    sizes = {Name("a"): 32, Name("b"): 8, Name("c"): 100}
    users = {"a": (1, 2), "b": (1,), "c": ()}
    sent = sum(sizes[Name(v)] for v, devices in users.items() for _ in devices)
    n, h = 7, 4
    across = n * h + n * h  # H forward, its gradient backward
    return {
        "eq-05-cut": [
            Case(
                {
                    "v": list(sizes), "bytes": sizes.get,
                    "other devices that use": lambda v: len(users[v]),
                },
                {"bytes sent": sent},
            )
        ],
        "eq-05-pipeline": [Case({"n": n, "h": h}, {"numbers sent by a pipeline": across})],
        "eq-05-allreduce": [
            Case({"A": lambda S: ring(3, S), "N": 3, "S": 60}, {"(1)": ring(3, 60)}),
            Case({"A": lambda S: ring(5, S), "N": 5, "S": 60}, {"(1)": ring(5, 60)}),
        ],
        # gathered twice and the gradients scattered: three times half a ring
        "eq-05-sharded": [
            Case({"N": 3, "P": 36}, {"numbers sent by sharding": 3 * ring(3, 36) // 2})
        ],
    }  # fmt: skip


def _pipelines() -> Cases:
    found = []
    flights = []
    for stages, micros in ((4, 8), (3, 2), (5, 9)):
        timeline = pipeline.simulate(pipeline.gpipe(stages, micros))
        found.append(Case({"K": stages, "M": micros}, {"bubble": timeline.bubble}))
        most = [
            max(map(pipeline.max_in_flight, orders(stages, micros)))
            for orders in (pipeline.gpipe, pipeline.one_f_one_b)
        ]
        flights.append(
            Case(
                {"M": micros, "K": stages},
                {"micro-batches in flight": most[0], "(2)": most[1]},
            )
        )
    return {"eq-05-bubble": found, "eq-05-flight": flights}


def _sums() -> Cases:
    values, gradients, _ = net.run(net.X, net.Y)
    shards = [slice(0, 3), slice(3, 4)]
    tensor = {
        "X": net.X, "1": net.ONES, "φ": np.tanh, "W_1": [net.W1[s] for s in shards],
        "b_1": [net.b1[s] for s in shards], "W_2": [net.W2[:, s] for s in shards],
    }  # fmt: skip
    sizes, parts, first = [3, 3, 1], [], 0
    for size in sizes:
        rows = slice(first, first + size)
        W = t(net.W1).requires_grad_()
        H = torch.tanh(t(net.X[rows]) @ W.T + t(net.b1[:, 0]))
        net.squared(H @ t(net.W2).T, t(net.Y[rows])).backward()
        parts.append(array(W.grad))
        first += size
    whole = gradients["∂J/∂W_1"]
    data = {"n": net.N, "n_k": sizes, "λ": net.DECAY, "W": net.W1, "G": parts}
    each = np.random.default_rng(12).standard_normal((4, 6))
    batches = [each[list(rows)].mean(0)[:, None] for rows in product(range(4), repeat=3)]
    squares = float(np.mean([np.sum(batch**2) for batch in batches]))
    noise = {
        "g_B": Drawn(batches), "g": each.mean(0)[:, None], "Σ": np.cov(each.T, bias=True), "B": 3,
    }  # fmt: skip
    return {
        "eq-05-tensor": [Case(tensor, {"O": values["O"]})],
        "eq-05-data": [Case(data, {"∂J/∂W": whole})],
        "eq-05-noise": [Case(noise, {"(1)": squares})],
    }


def _papers() -> Cases:
    """ZeRO's table, 7.5 billion parameters on 64 GPUs; one layer of GPT-3, tensor by tensor."""
    s, b, h, a = 2048, 1, 12288, 96
    attention = {"input": 2, "queries, keys": 4, "values": 2, "projection's input": 2, "mask": 1}
    block = {"input": 2, "widened": 8, "after the activation": 8, "mask": 1}
    norms = {"first": 2, "second": 2}
    linear = sum(sum(kept.values()) for kept in (attention, block, norms)) * s * b * h
    scores = (2 + 2 + 1) * a * s * s * b  # softmax, its dropout's output, a mask
    zero = {f"({i})": gigabytes * 1e9 for i, gigabytes in enumerate((120, 31.4, 16.6, 1.88), 1)}
    exact = 7.5e9
    judged = {"(1)": 16 * exact, "(2)": 31.40625e9, "(3)": 16.640625e9, "(4)": 1.875e9}
    assert all(abs(judged[k] - zero[k]) < 0.05e9 for k in zero)  # as the table rounds
    return {
        "eq-05-zero": [Case({"Ψ": exact, "N": 64}, judged)],
        "eq-05-activations": [Case({"s": s, "b": b, "h": h, "a": a}, {"(1)": linear + scores})],
    }
