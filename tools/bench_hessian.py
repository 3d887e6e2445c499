"""The full Hessian, three ways: the closed form, compgraph's graph, and torch.func.hessian.

Run ``python -m tools.bench_hessian``. All three compute the same P×P matrix of the section's
model with bias, squared loss and tanh, and are first checked to agree. Times are seconds of
processor time on one thread, so that a busy machine does not decide; the best of several runs,
taken in turns. Memory is the peak beyond what is there before the call, counted by NumPy's and
torch's own bookkeeping, in multiples of the result's 8P² bytes.
"""

from __future__ import annotations

import os

THREADS = 1
for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[variable] = str(THREADS)  # read when NumPy and torch are imported

import tracemalloc  # noqa: E402
from collections.abc import Callable  # noqa: E402
from time import process_time  # noqa: E402

import numpy as np  # noqa: E402
import torch  # noqa: E402

from compgraph import hessian  # noqa: E402
from compgraph.questions import curvature, mlp  # noqa: E402
from measure import ByteCounter  # noqa: E402

SIZES = (
    {"d": 5, "h": 4, "q": 3, "n": 7},
    {"d": 10, "h": 8, "q": 5, "n": 32},
    {"d": 20, "h": 30, "q": 5, "n": 50},
    {"d": 40, "h": 50, "q": 10, "n": 64},
    {"d": 60, "h": 70, "q": 10, "n": 64},
)
WEIGHT_DECAY = 0.1
TURNS = 5
GOAL = 3.0


def ways(sizes: dict[str, int]) -> tuple[int, dict[str, Callable[[], object]]]:
    """P, and for each way a function that returns the Hessian."""
    model = mlp.build(layout="row", weight_decay=WEIGHT_DECAY, **sizes)
    feeds = model.feeds()
    values = {node.name: value for node, value in feeds.items()}
    order = [model[name] for name in ("W1", "b1", "W2")]
    lengths = [w.size for w in order]
    x, y = torch.tensor(values["X"]), torch.tensor(values["Y"])
    at = torch.tensor(np.concatenate([values[w.name].ravel() for w in order]))

    def objective(parameters: torch.Tensor) -> torch.Tensor:
        parts = torch.split(parameters, lengths)
        w1, b1, w2 = (part.view(w.shape) for part, w in zip(parts, order, strict=True))
        o = torch.tanh(x @ w1.T + b1) @ w2.T
        penalty = WEIGHT_DECAY / 2 * (w1.square().sum() + w2.square().sum())
        return 0.5 * (o - y).square().sum() / len(x) + penalty

    return sum(lengths), {
        "closed form": lambda: curvature.hessian(**values, weight_decay=WEIGHT_DECAY),
        "compgraph": lambda: hessian(model["J"], order, feeds),
        "torch.func": lambda: torch.func.hessian(objective)(at),
    }


def seconds(runs: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The best time of each, taken in turns."""
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(TURNS):
        for name, run in runs.items():
            start = process_time()
            run()
            best[name] = min(best[name], process_time() - start)
    return best


def peak_bytes(run: Callable[[], object]) -> int:
    """The most bytes of arrays or tensors held at a time during the call, its result included."""
    tracemalloc.start()
    with ByteCounter() as counter:
        run()
    _, traced = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return max(counter.peak, traced)


def main() -> None:
    torch.set_num_threads(THREADS)
    print(f"NumPy {np.__version__}, torch {torch.__version__}, {THREADS} thread, float64\n")
    print(f"{'(d, h, q, n)':18}{'P':>6}  {'way':12}{'time':>11}{'torch takes':>13}"
          f"{'bytes/8P²':>11}")  # fmt: skip
    slowest, fattest = float("inf"), 0.0
    for sizes in SIZES:
        count, runs = ways(sizes)
        results = {name: np.asarray(run()) for name, run in runs.items()}
        for result in results.values():
            np.testing.assert_allclose(result, results["torch.func"], rtol=0, atol=1e-12)
        times = seconds(runs)
        for name, run in runs.items():
            faster = times["torch.func"] / times[name]
            peak = peak_bytes(run) / results[name].nbytes
            if name != "torch.func":
                slowest = min(slowest, faster)
                fattest = max(fattest, peak) if count > 1000 else fattest
            print(f"{str(tuple(sizes.values())):18}{count:6}  {name:12}{times[name] * 1e3:8.2f} ms"
                  f"{faster:11.1f} ×{peak:11.2f}", flush=True)  # fmt: skip
    print(
        f"\nBoth of ours are at least {slowest:.1f} times as fast as torch.func.hessian; "
        f"the goal is {GOAL:g}."
    )
    print(f"Above P = 1000 they hold at most {fattest:.2f} times the result's bytes.")


if __name__ == "__main__":
    main()
