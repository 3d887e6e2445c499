"""Chapter 5's workers: one gradient, computed by many processes.

- `launch`: starts worker processes and watches them; from a notebook or anywhere.
- `problem`: the model, the minibatch, and the gradient of one process to compare with.
- `wire`: send, receive and all-reduce, counted.
- `by_hand`: pipeline, tensor, data and hybrid parallelism, message by message.
- `by_torch`: the same by torch.distributed's own tools, and sharding.
- `by_graph`: a `compgraph` graph placed on devices, run as it is drawn.
- `command`: all strategies from the command line.

``torchrun --nproc-per-node 4 -m parallel`` runs them all, on one machine or several.
"""

from . import by_graph, by_hand, by_torch
from .launch import WorkerError, launch
from .problem import Problem, Report, confront, error
from .wire import Wire, kernel_bytes
