"""Formulas for devices that share work, each with the paper it comes from and its units."""

from __future__ import annotations

from typing import TypeVar

from .. import checks

#: whole numbers stay whole
Size = TypeVar("Size", int, float)

#: what mixed-precision Adam keeps for one parameter, in bytes (ZeRO, arXiv:1910.02054, section 3):
#: fp16 weight, fp16 gradient, and in fp32 a copy of the weight and two moments
WEIGHT, GRADIENT, OPTIMIZER = 2, 2, 12


def all_reduce(size: Size, devices: int) -> Size:
    """2 (N − 1) · size: what a ring all-reduce sends, all devices together.

    `size` in elements or bytes; the result is in the same. Each device sends 2 (N − 1)/N of it:
    first everybody's piece is summed (N − 1 times size in all), then handed round (again).
    """
    return 2 * (devices - 1) * size


def all_gather(size: Size, devices: int) -> Size:
    """(N − 1) · size: to collect an array of `size`, split over N devices, on every one of them.

    As much as a reduce-scatter, its mirror image, and as a broadcast from one device to the others.
    """
    return (devices - 1) * size


def zero(parameters: float, devices: int, stage: int, optimizer: int = OPTIMIZER) -> float:
    """Bytes per device of parameters, gradients and optimizer states (ZeRO, Figure 1).

    Parameters
    ----------
    stage : 0, plain data parallelism, keeps everything everywhere; 1 shares the optimizer states
        out over the devices, 2 the gradients too, 3 the parameters too.
    optimizer : bytes of optimizer states per parameter; K = 12 for mixed-precision Adam.

    Raises
    ------
    ValueError : for a stage other than 0, 1, 2, 3.
    """
    if stage not in (0, 1, 2, 3):
        raise ValueError(f"zero: the stages are 0, 1, 2 and 3; got {stage!r}")
    parts = (optimizer, GRADIENT, WEIGHT)  # in the order in which the stages share them out
    shared, kept = sum(parts[:stage]), sum(parts[stage:])
    return parameters * (kept + shared / devices)


def transformer_activations(
    sequence: int,
    batch: int,
    hidden: int,
    heads: int,
    tensor: int = 1,
    sequence_parallel: bool = False,
    recompute: str = "none",
) -> float:
    """Bytes that one transformer layer keeps for backward (Korthikanti et al., arXiv:2205.05198).

    Parameters
    ----------
    sequence, batch, hidden, heads : s, b (of a micro-batch), h and a of the paper; 16-bit floats.
    tensor : t, the number of tensor-parallel devices; the result is for one of them.
    sequence_parallel : whether layer norms and dropouts are shared out too.
    recompute : ``"none"``; ``"selective"``, the attention's s×s arrays; ``"full"``, everything but
        the layer's input.

    Table 2 of the paper, from sbh (34 + 5as/h) without parallelism to 2sbh with full recomputation.
    """
    checks.choice("recompute", recompute, ("none", "selective", "full"))
    sbh = sequence * batch * hidden
    attention = 5 * heads * sequence / hidden
    if recompute == "full":
        return 2 * sbh
    if recompute == "selective":
        attention = 0.0
    everywhere = 10 / tensor if sequence_parallel else 10
    return sbh * (everywhere + (24 + attention) / tensor)


def selective_overhead(sequence: int, hidden: int, layers: int, vocabulary: int) -> float:
    """The FLOPs that selective recomputation adds, as a share of the model's own FLOPs.

    Korthikanti et al., appendix A: (1 + s/3h + v/12hL) / (1 + s/6h + v/12hL) − 1.
    """
    output = vocabulary / (12 * hidden * layers)
    once = sequence / (6 * hidden)
    return once / (1 + once + output)
