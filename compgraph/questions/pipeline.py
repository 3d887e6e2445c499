"""Pipeline schedules: who does what when, how long the devices idle, how much they must keep.

A schedule is, for each stage, the order of its actions: ``("F", m)`` runs micro-batch m forward,
``("B", m)`` backward. `simulate` plays it and finds every start; the workers in `parallel` run the
same lists on real processes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .. import checks

Action = tuple[str, int]
Order = tuple[Action, ...]


def gpipe(stages: int, micros: int) -> tuple[Order, ...]:
    """GPipe (Huang et al. 2019, arXiv:1811.06965): all forward, then all backward."""
    checks.size("stages", stages)
    checks.size("micros", micros)
    forward = tuple(("F", m) for m in range(micros))
    return (forward + tuple(("B", m) for _, m in reversed(forward)),) * stages


def one_f_one_b(stages: int, micros: int) -> tuple[Order, ...]:
    """1F1B (Narayanan et al. 2021, arXiv:2104.04473): backward as early as possible.

    Stage k runs as many micro-batches ahead as stages follow it, then alternates.
    """
    checks.size("stages", stages)
    checks.size("micros", micros)
    return tuple(_alternating(min(stages - 1 - k, micros), micros) for k in range(stages))


def _alternating(ahead: int, micros: int) -> Order:
    order = [("F", m) for m in range(ahead)]
    for m in range(micros):
        if ahead + m < micros:
            order.append(("F", ahead + m))
        order.append(("B", m))
    return tuple(order)


SCHEDULES = {"GPipe": gpipe, "1F1B": one_f_one_b}


def bubble_fraction(stages: int, micros: int) -> float:
    """(K − 1) / (M + K − 1): the idle share of the devices' time, for both schedules.

    With stages of equal length and free transfers. GPipe, section 2.3, gives its order. Papers
    that divide by the *ideal* time instead write (K − 1)/M.
    """
    checks.size("stages", stages)
    checks.size("micros", micros)
    return (stages - 1) / (micros + stages - 1)


def max_in_flight(order: Order) -> int:
    """The most micro-batches whose activations one stage holds at a time."""
    held = most = 0
    for kind, _ in order:
        held += 1 if kind == "F" else -1
        most = max(most, held)
    return most


@dataclass(frozen=True)
class Event:
    """Stage `stage` runs action `kind` of micro-batch `micro` from `start` to `end`."""

    stage: int
    kind: str
    micro: int
    start: float
    end: float


@dataclass(frozen=True)
class Timeline:
    """A schedule that has been played. In a notebook it shows itself as a picture."""

    events: tuple[Event, ...]
    stages: int

    @property
    def makespan(self) -> float:
        """Time from the first start to the last end."""
        return max(event.end for event in self.events)

    @property
    def bubble(self) -> float:
        """The share of all devices' time in which they wait."""
        busy = sum(event.end - event.start for event in self.events)
        return 1 - busy / (self.stages * self.makespan)

    def __repr__(self) -> str:
        rows = []
        for stage in range(self.stages):
            mine = [e for e in self.events if e.stage == stage]
            actions = " ".join(f"{e.kind}{e.micro}@{e.start:g}" for e in mine)
            rows.append(f"stage {stage}: {actions}")
        return "\n".join([*rows, f"makespan {self.makespan:g}, bubble {self.bubble:.1%}"])

    def _repr_svg_(self) -> str:
        return _svg(self)


def simulate(
    orders: Sequence[Order], forward: float = 1.0, backward: float = 2.0, link: float = 0.0
) -> Timeline:
    """Play a schedule: every action starts as soon as its stage and its input are there.

    Parameters
    ----------
    orders : for each stage its actions in order, as `gpipe` and `one_f_one_b` return them.
    forward, backward : how long an action takes; backward does two products where forward does
        one.
    link : how long a value is on its way to the neighbouring stage.

    Raises
    ------
    ValueError : if the stages wait for one another for ever.
    """
    duration = {"F": forward, "B": backward}
    done: dict[tuple[str, int, int], float] = {}
    free = [0.0] * len(orders)
    position = [0] * len(orders)
    events: list[Event] = []
    moved = True
    while moved:
        moved = False
        for stage, order in enumerate(orders):
            while position[stage] < len(order):
                kind, micro = order[position[stage]]
                ready = _ready(kind, micro, stage, len(orders), done, link)
                if ready is None:
                    break
                start = max(free[stage], ready)
                free[stage] = done[kind, stage, micro] = start + duration[kind]
                events.append(Event(stage, kind, micro, start, free[stage]))
                position[stage] += 1
                moved = True
    stuck = [k for k, order in enumerate(orders) if position[k] < len(order)]
    if stuck:
        waits = ", ".join(
            f"stage {k} for {orders[k][position[k]][0]}{orders[k][position[k]][1]}" for k in stuck
        )
        raise ValueError(f"simulate: the schedule never ends; waiting: {waits}")
    return Timeline(tuple(sorted(events, key=lambda e: (e.stage, e.start))), len(orders))


def _ready(
    kind: str, micro: int, stage: int, stages: int,
    done: Mapping[tuple[str, int, int], float], link: float,
) -> float | None:  # fmt: skip
    """When the action's input is there; None if nobody has made it yet."""
    if kind == "F":
        return 0.0 if stage == 0 else _after(done.get(("F", stage - 1, micro)), link)
    if ("F", stage, micro) not in done:
        return None
    if stage == stages - 1:
        return done["F", stage, micro]
    return _after(done.get(("B", stage + 1, micro)), link)


def _after(moment: float | None, link: float) -> float | None:
    return None if moment is None else moment + link


_ROW = 26
_LEFT = 64
_WIDTH = 600
#: action -> (fill, stroke style); told apart by outline and letter, not by colour alone
_BOXES = {
    "F": ('fill="currentColor" fill-opacity="0.08"', ""),
    "B": ('fill="var(--ink-backward, #c2561a)" fill-opacity="0.16"', ' stroke-dasharray="3 2"'),
}


def _svg(timeline: Timeline) -> str:
    unit = (_WIDTH - _LEFT) / timeline.makespan
    height = _ROW * timeline.stages + 24
    parts = []
    for e in timeline.events:
        x, y = _LEFT + e.start * unit, _ROW * e.stage + 3
        width = (e.end - e.start) * unit
        fill, dash = _BOXES[e.kind]
        parts.append(
            f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_ROW - 6}" {fill} '
            f'stroke="currentColor"{dash}/>'
        )
        if width > 16:
            parts.append(
                f'<text x="{x + width / 2:.1f}" y="{y + 14}" text-anchor="middle">'
                f"{e.kind}{e.micro}</text>"
            )
    for stage in range(timeline.stages):
        parts.append(f'<text x="0" y="{_ROW * stage + 17}">GPU {stage}</text>')
    summary = f"{timeline.makespan:g} units of time, {timeline.bubble:.1%} idle"
    parts.append(f'<text x="{_LEFT}" y="{height - 6}">{summary}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH + 2} {height}" '
        f'width="{_WIDTH}" role="img" class="timeline" font-family="serif" font-size="12" '
        f'fill="currentColor" aria-label="Pipeline of {timeline.stages} devices: {summary}.">'
        + "".join(parts)
        + "</svg>"
    )
