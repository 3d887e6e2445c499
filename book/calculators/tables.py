"""What the memory calculator's script gets: a finished plan for every combination of choices.

The script multiplies sizes and adds bytes up; which tensors there are, and how long each is held,
is known to `compgraph.questions.memory` alone. Equal plans are written once, and so are equal rows.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import product

from compgraph.questions import memory

#: the choices on which a plan depends; the type of the numbers only multiplies
CHOICES = {name: values for name, values in memory.CHOICES.items() if name != "dtype"}

REFUSED = "l2"  # the field to blame where the choices do not go together


def _row(tensor: memory.Tensor, **held: int) -> tuple[tuple[str, object], ...]:
    """A tensor as (name, value) pairs; without `kept` it is held to the end."""
    row = {"name": tensor.name, "axes": tensor.axes, "role": tensor.role}
    if tensor.dtype:
        row["dtype"] = tensor.dtype
    return tuple((row | held).items())


def _steps(rows: tuple[memory.Tensor, ...]) -> Iterator[tuple]:
    """The rows, each with how many further steps it is held for."""
    last = {row.name: i for i, row in enumerate(rows)}
    for i, row in enumerate(rows):
        yield _row(row) if row.until == memory.END else _row(row, kept=last[row.until] - i)


def _number(known: dict[Hashable, int], thing: Hashable) -> int:
    """The thing's place in the list of all different ones."""
    return known.setdefault(thing, len(known))


def memory_tables() -> dict[str, object]:
    """``rows``, each different tensor with its lifetime; ``plans``, each two lists of rows: what is
    there all along, and what the steps make, in order; and ``index``, the number of the plan for
    every combination of ``choices``, the last one changing fastest.

    A combination that is refused has no plan; ``refused`` has the field to blame and the message.
    """
    rows: dict[Hashable, int] = {}
    plans: dict[Hashable, int] = {}
    index: list[int | None] = []
    refused = {}
    for combination in product(*CHOICES.values()):
        chosen = dict(zip(CHOICES, combination, strict=True))
        try:
            found = memory.footprint(d=1, h=1, q=1, n=1, **chosen)
        except ValueError as error:
            refused = {"field": REFUSED, "message": str(error)}
            index.append(None)
            continue
        base = tuple(_number(rows, _row(tensor)) for tensor in found.base)
        made = tuple(_number(rows, row) for row in _steps(found.rows))
        index.append(_number(plans, (base, made)))
    return {
        "itemsize": memory.ITEMSIZE,
        "choices": CHOICES,
        "rows": [dict(row) for row in rows],
        "plans": list(plans),
        "index": index,
        "refused": refused,
    }
