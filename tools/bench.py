"""How fast the graph runs: gradient and Hessian-vector product against torch eager.

Run ``make bench``. Every case computes the same numbers with both libraries, on two threads each,
and is first checked to do so. Times are medians of many runs, taken in turns so that a busy
machine slows both; the ratio of the fastest runs stands beside that of the medians, for it is less
disturbed by what else the machine does. A ratio below 1 means that compgraph is the faster one.
"""

from __future__ import annotations

import os

THREADS = 2
for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[variable] = str(THREADS)  # read when NumPy and torch are imported

from collections.abc import Callable, Iterator  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from statistics import median  # noqa: E402
from time import perf_counter  # noqa: E402

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402

from compgraph import grad, hvp, leaf  # noqa: E402
from compgraph.evaluate import Program  # noqa: E402
from compgraph.questions import cost, mlp  # noqa: E402

SIZES = ({"h": 256, "d": 784, "q": 10, "n": 64}, {"h": 2048, "d": 2048, "q": 10, "n": 256})
TINY = {"h": 2, "d": 2, "q": 2, "n": 2}  # no arithmetic to speak of: what is left is overhead
DTYPES = ("float64", "float32")
WEIGHT_DECAY = 0.1

TURNS = 5  # each library runs this often for TURN_SECONDS
TURN_SECONDS = 0.3
GOAL = 1.2


@dataclass(frozen=True)
class Case:
    """One computation, by both libraries.

    Attributes
    ----------
    graph, torch : run it once and return the results, in the same order.
    nodes : computed nodes of our graph, views included.
    """

    what: str
    graph: Callable[[], list[np.ndarray]]
    torch: Callable[[], tuple[torch.Tensor, ...]]
    nodes: int


def cases(sizes: dict[str, int], dtype: str) -> Iterator[Case]:
    """Gradient and Hessian-vector product of the section's model with respect to W2, b1 and W1."""
    model = mlp.build(layout="row", weight_decay=WEIGHT_DECAY, dtype=dtype, **sizes)
    objective, weights = model["J"], model.weights
    rng = np.random.default_rng(1)
    vectors = [leaf(f"v{i}", w.shape, dtype) for i, w in enumerate(weights)]
    feeds = model.feeds()
    directions = {v: rng.standard_normal(v.shape).astype(dtype) for v in vectors}

    tensors = {node: torch.from_numpy(value) for node, value in feeds.items()}
    parameters = [tensors[w].requires_grad_() for w in weights]
    v_torch = [torch.from_numpy(directions[v]) for v in vectors]
    x, y = tensors[model["X"]], tensors[model["Y"]]

    def torch_gradient(create_graph: bool = False) -> tuple[torch.Tensor, ...]:
        w2, b1, w1 = parameters
        o = torch.tanh(x @ w1.T + b1) @ w2.T
        loss = 0.5 * ((o - y) ** 2).sum() / len(x)
        penalty = WEIGHT_DECAY / 2 * ((w1**2).sum() + (w2**2).sum())
        return torch.autograd.grad(loss + penalty, parameters, create_graph=create_graph)

    def torch_hvp() -> tuple[torch.Tensor, ...]:
        return torch.autograd.grad(torch_gradient(create_graph=True), parameters, v_torch)

    graphs = {
        "gradient": (grad(objective, weights), torch_gradient),
        "HVP, reverse": (hvp(objective, weights, vectors), torch_hvp),
        "HVP, forward": (hvp(objective, weights, vectors, mode="forward"), torch_hvp),
    }
    for what, (outputs, by_torch) in graphs.items():
        program = Program(outputs)
        nodes = cost.count(outputs)
        yield Case(
            what,
            lambda program=program: program(feeds | directions),
            by_torch,
            nodes.total() - nodes["leaf"] - nodes["constant"],
        )


def check(case: Case, dtype: str) -> None:
    """A benchmark of two programs that disagree would compare nothing."""
    tolerance = 1e-4 if dtype == "float32" else 1e-10
    for ours, theirs in zip(case.graph(), case.torch(), strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=tolerance, atol=tolerance)


def times(run: Callable[[], object], seconds: float) -> list[float]:
    """Seconds of each run, for about `seconds`; the first run, which warms up, is left out."""
    run()
    taken = []
    while sum(taken) < seconds:
        start = perf_counter()
        run()
        taken.append(perf_counter() - start)
    return taken


def measure(case: Case) -> tuple[list[float], list[float]]:
    """Seconds of many runs: compgraph's and torch's, taken in turns."""
    ours, theirs = [], []
    for _ in range(TURNS):
        ours += times(case.graph, TURN_SECONDS)
        theirs += times(case.torch, TURN_SECONDS)
    return ours, theirs


class CountOps(TorchDispatchMode):
    """Counts the aten operators that torch runs, views included."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.count += 1
        return func(*args, **(kwargs or {}))


def compare_speed() -> float:
    """Print the table of ratios; return the largest ratio of medians."""
    print(
        f"{'(h, d, q, n)':22}{'dtype':9}{'what':14}{'compgraph':>12}{'torch':>12}"
        f"{'ratio':>8}{'of the fastest':>17}"
    )
    ratios = []
    for sizes in SIZES:
        for dtype in DTYPES:
            for case in cases(sizes, dtype):
                check(case, dtype)
                ours, theirs = measure(case)
                ratios.append(median(ours) / median(theirs))
                print(
                    f"{tuple(sizes.values())!s:22}{dtype:9}{case.what:14}"
                    f"{median(ours) * 1e3:9.2f} ms{median(theirs) * 1e3:9.2f} ms"
                    f"{ratios[-1]:8.2f}{min(ours) / min(theirs):17.2f}",
                    flush=True,
                )
    return max(ratios)


def compare_overhead() -> None:
    """Print what one node costs when there is next to nothing to compute."""
    print(
        f"{tuple(TINY.values())!s:31}{'what':14}{'compgraph':>12}{'nodes':>7}{'each':>9}"
        f"{'torch':>12}{'ops':>6}{'each':>9}"
    )
    for case in cases(TINY, "float64"):
        check(case, "float64")
        ours, theirs = map(median, measure(case))
        with CountOps() as counter:
            case.torch()
        print(
            f"{'':31}{case.what:14}{ours * 1e6:9.0f} µs{case.nodes:7}"
            f"{ours / case.nodes * 1e6:6.1f} µs{theirs * 1e6:9.0f} µs{counter.count:6}"
            f"{theirs / counter.count * 1e6:6.1f} µs"
        )


def main() -> None:
    torch.set_num_threads(THREADS)
    print(f"NumPy {np.__version__}, torch {torch.__version__}, {THREADS} threads each\n")
    largest = compare_speed()
    print()
    compare_overhead()
    print(f"\nLargest ratio: {largest:.2f}; the goal is at most {GOAL}.")


if __name__ == "__main__":
    main()
