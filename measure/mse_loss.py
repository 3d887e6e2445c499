"""What torch's `mse_loss` sets aside for its scalar: found out once, by counting."""

from __future__ import annotations

from functools import cache
from math import prod

import torch
import torch.nn.functional as F

from compgraph.questions.memory import MSE_OWNS

from .counter import storage_bytes

_SIZES = {"n": 3, "q": 5}


@cache
def mse_owns(device: str = "cpu") -> str:
    """Which of `compgraph.questions.memory.MSE_OWNS` is true of the torch that runs here.

    Raises
    ------
    RuntimeError : if none is.
    """
    o, y = (torch.zeros(*_SIZES.values(), device=device) for _ in range(2))
    owned = storage_bytes(F.mse_loss(o, y)) // o.element_size()
    for name, axes in MSE_OWNS.items():
        if prod(_SIZES[letter] for letter in axes) == owned:
            return name
    raise RuntimeError(
        f"the scalar of torch's mse_loss owns {owned} numbers for n = 3 and q = 5: neither 1 nor nq"
    )
