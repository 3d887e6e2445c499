"""A CPU in the place of a GPU: the same account, by what torch's profiler sees of its allocator."""

from __future__ import annotations

import gc
from itertools import accumulate
from time import perf_counter

from torch.profiler import ProfilerActivity, profile

from measure.counter import storage_sizes
from measure.gpu.blocks import block
from measure.gpu.device import Account, Bytes


class Cpu:
    """`measure.gpu.device.Device`; its blocks are rounded as CUDA's are, its segments are not."""

    kind = "cpu"
    name = "a CPU"
    memory = 8 * 2**30
    variant = "loop"
    counts = frozenset({"default", "loop", "foreach", "fused"})

    def account(self, make):
        make().run()
        gc.collect()
        prepared = make()
        sizes = storage_sizes(prepared.held)
        with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
            prepared.run()
            gc.collect()
        found = [e for e in profiler.profiler.kineto_results.events() if e.name() == "[memory]"]
        events = tuple(e.nbytes() for e in sorted(found, key=lambda e: e.start_ns()))
        blocks = [block(size) if size > 0 else -block(-size) for size in events]
        held = Bytes(sum(sizes), sum(map(block, sizes)))
        beyond = Bytes(max(accumulate(events)), max(accumulate(blocks)))
        return Account(held, beyond, held.allocated + beyond.allocated, events)

    def seconds(self, run):
        started = perf_counter()
        run()
        return perf_counter() - started

    def workspaces(self, first, backward):
        first()
        backward()
        return [1000, 1000 + 8192 + 300, 1000 + 20480 + 300 + 200]

    def workspace(self):
        return 300
