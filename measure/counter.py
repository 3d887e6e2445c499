"""Bytes of tensor memory, counted while torch runs."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter


@dataclass(frozen=True)
class Step:
    """One operator that torch ran.

    Attributes
    ----------
    op : its name, such as ``"mm"`` or ``"tanh_backward"``.
    live : bytes held just after it, arguments and result included.
    made : bytes of new memory that its result owns; 0 for a view or an in-place operator.
    """

    op: str
    live: int
    made: int


class ByteCounter(TorchDispatchMode):
    """Counts the bytes of every tensor made inside a ``with`` block, backward pass included.

    A storage counts from the operator that returns it until Python and autograd have let go of it.
    Views share a storage, which counts once. Tensors that existed before are left out: weigh those
    with `storage_bytes`. It works on any device, and on fake and meta tensors, which have sizes but
    no memory.

    Not seen: scratch memory that an operator frees before it returns, and what an allocator adds
    (rounding, caching, the context of a GPU).

    Parameters
    ----------
    unit : bytes; every storage counts as a whole multiple, as an allocator rounds it.

    Attributes
    ----------
    live : bytes held now.
    peak : the most bytes ever held.
    steps : every operator that ran, with the bytes held after it.
    """

    def __init__(self, unit: int = 1) -> None:
        super().__init__()
        self._unit = unit
        self.live = 0
        self.peak = 0
        self.steps: list[Step] = []
        self._sizes: dict[int, int] = {}  # storage -> bytes; 0 for one that was there before

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        for tensor in _tensors((args, kwargs)):
            self._meet(tensor, made_here=False)
        result = func(*args, **(kwargs or {}))
        made = sum(self._meet(tensor, made_here=True) for tensor in _tensors(result))
        self.live += made
        self.peak = max(self.peak, self.live)
        if isinstance(func, torch._ops.OpOverload) and func.namespace == "aten":
            self.steps.append(Step(func.overloadpacket.__name__, self.live, made))
        return result

    def _meet(self, tensor: torch.Tensor, made_here: bool) -> int:
        """The bytes of the tensor's storage if it is new and was made here; else 0."""
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self._sizes:
            return 0
        self._sizes[key] = -(-storage.nbytes() // self._unit) * self._unit if made_here else 0
        weakref.finalize(storage, self._part, key).atexit = False
        return self._sizes[key]

    def _part(self, key: int) -> None:
        self.live -= self._sizes.pop(key)


def storage_bytes(*trees: Any) -> int:
    """Bytes of the memory behind all tensors in nested lists and dicts, shared memory once."""
    return sum(storage_sizes(*trees))


def storage_sizes(*trees: Any) -> list[int]:
    """The same, one by one."""
    storages = {t.untyped_storage()._cdata: t.untyped_storage() for t in _tensors(trees)}
    return [storage.nbytes() for storage in storages.values()]


def _tensors(tree: Any) -> Iterator[torch.Tensor]:
    return (x for x in tree_iter(tree) if isinstance(x, torch.Tensor))
