"""Which way to train, for given sizes: every plan with its memory and its time, and a choice.

The model is a chain of equal blocks, trained by mixed-precision Adam on one minibatch. A plan is a
grid of devices (data × tensor × pipeline, powers of two), a number of micro-batches, and two
switches: sharding and checkpointing. `plans` weighs them all by the formulas below; `recommend`
picks the fastest one that fits and says why the others were not taken.

What a plan costs, per device (b the examples on a data rank, M micro-batches, K pipeline stages,
T tensor ranks, D data ranks):

- states: 16 bytes a parameter / (T K), and / D when sharded, plus one gathered block of weights;
- activations: blocks/K × kept/T × b/M examples × the micro-batches in flight, min(K, M);
  with checkpointing the block's inputs instead, plus one whole block;
- compute: 3 × forward FLOPs (4 × with checkpointing) / (devices × speed) × (M + K − 1)/M;
- wire: two ring all-reduces a block over the tensor ranks, 2 b boundaries to the next stage, and
  either one all-reduce of the gradients over the data ranks or, sharded, two gathers of the
  weights a micro-batch and one reduce-scatter;
- latency: once a block and micro-batch, and once a message.

Transfers are not hidden behind compute here, and devices run at full speed: the times are there to
compare plans, not to forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from .. import checks
from .formulas import GRADIENT, WEIGHT, all_reduce, transformer_activations, zero
from .pipeline import bubble_fraction


@dataclass(frozen=True)
class Chain:
    """A model of equal blocks.

    Attributes
    ----------
    blocks : how many.
    parameters : of one block.
    kept : bytes that one example leaves in one block for backward.
    boundary : bytes of one example between two blocks.
    flops : of one example through one block, forward.
    reductions : all-reduces of a boundary that tensor parallelism needs in one block, forward; as
        many again backward.
    """

    blocks: int
    parameters: int
    kept: float
    boundary: int
    flops: int
    reductions: int = 1


@dataclass(frozen=True)
class Cluster:
    """The devices: how many, bytes of memory each, FLOP/s each, link in bytes/s, latency in s.

    Raises ValueError for a number that no device has.
    """

    devices: int
    memory: float
    speed: float = 1e14
    link: float = 1e10
    latency: float = 2e-5

    def __post_init__(self) -> None:
        object.__setattr__(self, "devices", checks.size("devices", self.devices))
        for name in ("memory", "speed", "link"):
            checks.number(name, getattr(self, name))
        checks.number("latency", self.latency, or_zero=True)


@dataclass(frozen=True)
class Plan:
    """One way to train, with its bytes per device and seconds per minibatch."""

    data: int
    tensor: int
    stages: int
    micros: int
    sharded: bool
    checkpoint: bool
    states: float
    activations: float
    compute: float
    bubble: float
    wire: float
    latency: float

    @property
    def devices(self) -> int:
        """How many devices take part."""
        return self.data * self.tensor * self.stages

    @property
    def memory(self) -> float:
        """Bytes on one device."""
        return self.states + self.activations

    @property
    def seconds(self) -> float:
        """Time of one minibatch."""
        return self.compute + self.bubble + self.wire + self.latency

    @property
    def family(self) -> str:
        """The plan's kind, by what it splits: ``one device``, ``data``, ``data × tensor``, …"""
        if self.devices == 1:
            return "one device"
        data = "sharded" if self.sharded else "data"
        axes = ((self.data, data), (self.tensor, "tensor"), (self.stages, "pipeline"))
        return " × ".join(name for size, name in axes if size > 1)

    @property
    def how(self) -> str:
        """The plan in words."""
        return self.in_words()

    def in_words(self, say: Callable[[str], str] = str) -> str:
        """The plan in words; `say` translates a name, or a sentence with fields to fill in."""
        words = [say("one device")]
        if self.devices > 1:
            family = " × ".join(map(say, self.family.split(" × ")))
            fields = {"family": family, "devices": self.devices}
            words = [say("{family} on {devices} devices").format(**fields)]
        grid = [size for size in (self.data, self.tensor, self.stages) if size > 1]
        if len(grid) > 1:
            words[0] += f" ({' × '.join(map(str, grid))})"
        if self.micros > 1:
            words.append(say("{micros} micro-batches").format(micros=self.micros))
        if self.checkpoint:
            words.append(say("checkpointing"))
        return say(", ").join(words)

    @property
    def _simplicity(self) -> tuple:
        axes = sum(size > 1 for size in (self.data, self.tensor, self.stages))
        return self.devices, axes, self.sharded + self.checkpoint, self.micros


@dataclass(frozen=True)
class Recommendation:
    """The chosen plan (None if nothing fits), the best plan of every family, and the reasons."""

    plan: Plan | None
    considered: tuple[Plan, ...]
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.reasons)


def mlp_chain(layers: int, width: int) -> Chain:
    """Hidden layers of one width, in 16-bit floats: every two make a block, as tensor parallelism
    takes them (the first split by rows, the second by columns, one all-reduce)."""
    layers, width = checks.size("layers", layers), checks.size("width", width)
    if layers % 2:
        raise ValueError(
            f"mlp_chain: two layers make a block; expected an even number, got {layers}"
        )
    return Chain(layers // 2, 2 * (width * width + width), 2 * 2 * width, 2 * width, 4 * width**2)


def transformer_chain(layers: int, hidden: int, heads: int, sequence: int) -> Chain:
    """A GPT-like transformer: 12h² parameters a layer, 24sh² + 4s²h FLOPs, two reductions."""
    layers, hidden = checks.size("layers", layers), checks.size("hidden", hidden)
    heads, sequence = checks.size("heads", heads), checks.size("sequence", sequence)
    return Chain(
        layers,
        12 * hidden**2,
        transformer_activations(sequence, 1, hidden, heads),
        2 * sequence * hidden,
        24 * sequence * hidden**2 + 4 * sequence**2 * hidden,
        reductions=2,
    )


def plan(
    chain: Chain,
    batch: int,
    cluster: Cluster,
    *,
    data: int = 1,
    tensor: int = 1,
    stages: int = 1,
    micros: int = 1,
    sharded: bool = False,
    checkpoint: bool = False,
) -> Plan:
    """One plan, weighed. See the module for the formulas.

    Raises
    ------
    ValueError : if the minibatch or the blocks cannot be divided so, or if sharding is asked for
        together with a pipeline, which is not modelled here.
    """
    for name, size in {
        "batch": batch, "data": data, "tensor": tensor, "stages": stages, "micros": micros
    }.items():  # fmt: skip
        checks.size(name, size)
    if batch % (data * micros):
        raise ValueError(
            f"plan: {batch} examples do not divide over {data} data ranks × {micros} micro-batches"
        )
    if chain.blocks % stages:
        raise ValueError(f"plan: {chain.blocks} blocks do not divide over {stages} stages")
    if sharded and (data == 1 or stages > 1):
        raise ValueError("plan: sharding needs several data ranks and no pipeline")
    local, blocks = batch // data, chain.blocks // stages
    micro = local / micros
    own = blocks * chain.parameters / tensor  # parameters this device works with
    states = zero(own, data, 3 if sharded else 0)
    if sharded:
        states += WEIGHT * chain.parameters / tensor
    flying = min(stages, micros)
    if checkpoint:
        activations = micro * (blocks * chain.boundary * flying + chain.kept / tensor)
    else:
        activations = micro * blocks * chain.kept / tensor * flying

    devices = data * tensor * stages
    work = (4 if checkpoint else 3) * chain.flops * chain.blocks * batch
    compute = work / (devices * cluster.speed)
    idle = bubble_fraction(stages, micros)

    # bytes that each device sends, and how many messages
    reduced = 2 * chain.reductions * blocks
    sent = reduced * all_reduce(chain.boundary, tensor) / tensor * local
    messages = reduced * 2 * (tensor - 1) * micros
    if stages > 1:
        sent += 2 * chain.boundary * local
        messages += 2 * (micros + stages - 1)
    if sharded:
        sent += (2 * micros * WEIGHT + GRADIENT) * own * (data - 1) / data
        messages += (2 * micros + 1) * blocks * (data - 1)
    else:
        sent += all_reduce(GRADIENT * own, data) / data
        messages += 2 * (data - 1)
    steps = (4 if checkpoint else 3) * blocks * (micros + stages - 1)
    return Plan(
        data, tensor, stages, micros, sharded, checkpoint, states, activations, compute,
        compute * idle / (1 - idle), sent / cluster.link, (steps + messages) * cluster.latency,
    )  # fmt: skip


def plans(chain: Chain, batch: int, cluster: Cluster) -> Iterator[Plan]:
    """Every plan on up to `cluster.devices` devices: grids and micro-batches are powers of two."""
    powers = [2**i for i in range(max(batch, cluster.devices).bit_length())]
    for data, tensor, stages in product(powers, repeat=3):
        if data * tensor * stages > cluster.devices or chain.blocks % stages:
            continue
        for micros in powers:
            if batch % (data * micros):
                continue
            for sharded, checkpoint in product((False, True), repeat=2):
                if sharded and (data == 1 or stages > 1):
                    continue
                yield plan(
                    chain, batch, cluster, data=data, tensor=tensor, stages=stages,
                    micros=micros, sharded=sharded, checkpoint=checkpoint,
                )  # fmt: skip


def recommend(chain: Chain, batch: int, cluster: Cluster) -> Recommendation:
    """The fastest plan that fits, the simpler one of two that are within 1 %, with reasons.

    For every family (what is split) the fastest plan that fits is compared, or where none fits
    the one that needs the least memory.
    """
    batch = checks.size("batch", batch)
    families: dict[str, list[Plan]] = {}
    for each in plans(chain, batch, cluster):
        families.setdefault(each.family, []).append(each)
    best = tuple(_best(members, cluster) for members in families.values())
    fitting = [each for each in best if each.memory <= cluster.memory]
    if not fitting:
        least = min(best, key=lambda p: p.memory)
        return Recommendation(
            None,
            best,
            (
                f"Nothing fits: even {least.how} needs {_size(least.memory)} a device, "
                f"and a device has {_size(cluster.memory)}.",
            ),
        )
    chosen = _fastest(fitting)
    reasons = [
        f"Take {chosen.how}: {_size(chosen.memory)} of {_size(cluster.memory)} a device, "
        f"{_time(chosen.seconds)} a minibatch."
    ]
    reasons += [_why_not(each, chosen, cluster) for each in best if each is not chosen]
    return Recommendation(chosen, best, tuple(reasons))


def _best(members: list[Plan], cluster: Cluster) -> Plan:
    fitting = [each for each in members if each.memory <= cluster.memory]
    return _fastest(fitting) if fitting else min(members, key=lambda p: (p.memory, p.seconds))


def _fastest(members: list[Plan]) -> Plan:
    limit = 1.01 * min(each.seconds for each in members)
    return min(
        (each for each in members if each.seconds <= limit),
        key=lambda p: (p._simplicity, p.seconds),
    )


def _why_not(other: Plan, chosen: Plan, cluster: Cluster) -> str:
    if other.memory > cluster.memory:
        most = "states" if other.states > other.activations else "activations"
        return f"Not {other.how}: it needs {_size(other.memory)} a device, most of it {most}."
    ratio = other.seconds / chosen.seconds
    if ratio < 1.01:
        return f"Not {other.how}: as fast, but less simple."
    costs = {
        "compute": other.compute - chosen.compute,
        "the bubble": other.bubble - chosen.bubble,
        "the wire": other.wire - chosen.wire,
        "latency": other.latency - chosen.latency,
    }
    cause = max(costs, key=costs.__getitem__)
    return f"Not {other.how}: {_time(other.seconds)}, {ratio:.3g} times as long, by {cause}."


def _size(count: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count:.3g} B"


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"
