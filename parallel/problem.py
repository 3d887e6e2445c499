"""What all workers solve: one model, one minibatch, one gradient; and how they report on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn

Index = tuple[slice | np.ndarray, ...]


@dataclass(frozen=True)
class Problem:
    """The gradient of J for a chain of layers: the section's model if `sizes` has three numbers.

    Attributes
    ----------
    sizes : widths from input to output, (d, h, q) or deeper. Hidden layers have a bias and tanh.
    n : examples in the minibatch. J is the mean of ½‖o − y‖² plus λ/2 times the squared weights.
    weight_decay : λ.
    seed : every process makes the same parameters and data from it.
    """

    sizes: tuple[int, ...] = (5, 4, 3)
    n: int = 8
    weight_decay: float = 0.1
    seed: int = 0

    def model(self) -> nn.Sequential:
        """The whole model in float64. Its parameters are named 0.weight, 0.bias, 2.weight, …"""
        generator = torch.Generator().manual_seed(self.seed)
        layers: list[nn.Module] = []
        last = len(self.sizes) - 2
        for i, (fan_in, width) in enumerate(zip(self.sizes, self.sizes[1:], strict=False)):
            layer = nn.Linear(fan_in, width, bias=i < last, dtype=torch.float64)
            with torch.no_grad():
                for p in layer.parameters():
                    p.copy_(torch.randn(p.shape, generator=generator, dtype=p.dtype) / fan_in**0.5)
            layers += [layer, nn.Tanh()] if i < last else [layer]
        return nn.Sequential(*layers)

    def data(self) -> tuple[torch.Tensor, torch.Tensor]:
        """X, n×d, and Y, n×q."""
        generator = torch.Generator().manual_seed(self.seed + 1)
        shapes = (self.n, self.sizes[0]), (self.n, self.sizes[-1])
        x, y = (torch.randn(s, generator=generator, dtype=torch.float64) for s in shapes)
        return x, y

    def loss(self, o: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """What these examples contribute to L: ½‖o − y‖² over the n of the *whole* minibatch.

        So the contributions of shards and micro-batches add up, whatever their sizes.
        """
        return 0.5 * (o - y).square().sum() / self.n

    def decay(self, named: Iterable[tuple[str, torch.Tensor]]) -> None:
        """Add λW to the gradient of every weight: each worker does it for what it holds."""
        with torch.no_grad():
            for name, p in named:
                if name.endswith("weight"):
                    p.grad += self.weight_decay * p

    def stage(self, k: int, stages: int) -> nn.Sequential:
        """The layers of pipeline stage k, with the whole model's names for the parameters.

        Raises
        ------
        ValueError : if there are more stages than layers with weights.
        """
        linear = len(self.sizes) - 1
        if stages > linear:
            raise ValueError(f"{stages} stages need {stages} layers; the model has {linear}")
        cuts = [2 * (i * linear // stages) for i in range(stages)] + [2 * linear - 1]
        return self.model()[cuts[k] : cuts[k + 1]]

    def gradient(self) -> dict[str, np.ndarray]:
        """∂J/∂p for every parameter, by one process: what all others are compared with."""
        model = self.model()
        x, y = self.data()
        self.loss(model(x), y).backward()
        self.decay(model.named_parameters())
        return {name: p.grad.numpy() for name, p in model.named_parameters()}


@dataclass
class Report:
    """What one worker has to show.

    Attributes
    ----------
    pieces : (parameter's name, index into it, gradient of that piece).
    sent : bytes that the hand-written `Wire` sent: along the worker's line; in a grid along its
        row, then along its column. Empty for torch's own messages.
    kernel : bytes the operating system saw leave while torch's own step ran; None if not measured.
    parameters, gradients : bytes of the parameters and gradients that this worker holds.
    peak : the most bytes that the step held beyond parameters and data; None if not measured.
    """

    pieces: list[tuple[str, Index, np.ndarray]]
    sent: list[int] = field(default_factory=list)
    kernel: int | None = None
    parameters: int = 0
    gradients: int = 0
    peak: int | None = None


def whole(shape: Sequence[int]) -> Index:
    """The index of a whole array."""
    return (slice(None),) * len(shape)


def check_pipeline(schedule: str, schedules: Iterable[str], micros: int) -> None:
    """ValueError for a schedule that is not among `schedules`, or fewer than one micro-batch."""
    if schedule not in schedules:
        raise ValueError(f"no schedule {schedule!r}; there are {', '.join(schedules)}")
    if micros < 1:
        raise ValueError(f"a pipeline runs 1 or more micro-batches, got {micros}")


def confront(problem: Problem, reports: Sequence[Report]) -> tuple[np.ndarray, np.ndarray]:
    """One process's gradient and the workers', piece by piece of every worker, as two vectors.

    A copy on each of several workers stands there as often.

    Raises
    ------
    ValueError : if a part of some gradient is on no worker.
    """
    expected = problem.gradient()
    seen = {name: np.zeros(value.shape, bool) for name, value in expected.items()}
    pairs = []
    for report in reports:
        for name, index, value in report.pieces:
            seen[name][index] = True
            pairs.append((expected[name][index].ravel(), value.ravel()))
    missing = [name for name, there in seen.items() if not there.all()]
    if missing:
        raise ValueError(f"no worker has all of the gradient of {', '.join(missing)}")
    one, many = (np.concatenate(column) for column in zip(*pairs, strict=True))
    return one, many


def error(problem: Problem, reports: Sequence[Report]) -> float:
    """The largest difference between any worker's gradients and one process's: see `confront`."""
    one, many = confront(problem, reports)
    return float(np.abs(one - many).max())
