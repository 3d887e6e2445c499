"""What the tables of chapter 3 become in the blocks and segments of CUDA's caching allocator.

The constants are those of ``c10/cuda/CUDACachingAllocator`` and of
https://docs.pytorch.org/docs/stable/notes/cuda.html#memory-management.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from compgraph.questions.memory import Footprint

#: bytes: every block is a multiple
BLOCK = 512

MIB = 2**20

#: a block up to here comes from a segment for small ones, and is cut to size
SMALL = MIB

#: bytes of a segment for small blocks; one for blocks below `LARGE`; above, a multiple of `STEP`
SMALL_SEGMENT, SEGMENT, LARGE, STEP = 2 * MIB, 20 * MIB, 10 * MIB, 2 * MIB


def up(size: int, unit: int) -> int:
    """The least multiple of `unit` that is not smaller."""
    return -(-size // unit) * unit


def block(size: int) -> int:
    """Bytes of the block that a tensor of so many bytes gets.

    Above `SMALL` it is the least that it gets: what is left over of a larger free block, up to
    1 MiB, is not cut off.
    """
    return up(size, BLOCK)


def peak(f: Footprint, weigh: Callable[[int], int] = lambda size: size) -> int:
    """`f.total`, with every tensor weighed by a function of its bytes."""
    held = sum(weigh(f.bytes_of(row)) for row in f.base)
    return held + max(sum(weigh(f.bytes_of(row)) for row in rows) for rows in f.alive)


def reserved(f: Footprint) -> int:
    """Bytes of the segments at the peak, if no block lies in what another left of its segment."""
    return max(_segments([block(f.bytes_of(row)) for row in (*f.base, *rows)]) for rows in f.alive)


def _segments(blocks: Sequence[int]) -> int:
    small = sum(size for size in blocks if size <= SMALL)
    middle = sum(size for size in blocks if SMALL < size < LARGE)
    large = sum(up(size, STEP) for size in blocks if size >= LARGE)
    return up(small, SMALL_SEGMENT) + up(middle, SEGMENT) + large


def alive(f: Footprint) -> Counter[int]:
    """The sizes of the table's tensors at the moment when their blocks are most."""
    moments = (Counter(f.bytes_of(row) for row in rows) for rows in f.alive)
    return max(moments, key=in_blocks)


def asked(events: Iterable[int]) -> Counter[int]:
    """The same of what was asked for: events are bytes requested (+) and given back (−)."""
    now: Counter[int] = Counter()
    most: Counter[int] = Counter()
    for size in events:
        now[abs(size)] += 1 if size > 0 else -1
        if size > 0 and in_blocks(now) > in_blocks(most):
            most = now.copy()
    return +most


def in_blocks(sizes: Counter[int]) -> int:
    """The bytes of the blocks of so many tensors of each size."""
    return sum(block(size) * count for size, count in sizes.items())


def aligned(f: Footprint, events: Iterable[int]) -> list[tuple[str | None, int | None, int | None]]:
    """The table's rows beside the allocator's requests, in order: (row, its bytes, requested).

    A request that is not the next row's has no row: it is made inside an operator. A row that was
    not requested at all has None for the request.
    """
    rows, found = list(f.rows), []
    for size in events:
        if size <= 0:
            continue
        if rows and f.bytes_of(rows[0]) == size:
            row = rows.pop(0)
            found.append((row.name, size, size))
        else:
            found.append((None, None, size))
    return found + [(row.name, f.bytes_of(row), None) for row in rows]
