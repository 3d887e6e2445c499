"""One computational graph: drawn, run, differentiated, weighed and cut. NumPy only.

The engine, to be read in this order: `graph` (what a graph is), `ops` (what a node can do),
`evaluate` (values), `autodiff` (gradients that are graphs), `batch` (one program, many directions),
`differences` (derivatives without rules, to judge the others by). `checks` is what they all ask of
their arguments, `pickling` sends graphs to other processes.

`questions` asks it what the chapters ask: `mlp` (the model of the book) and `functions` (its
activations and losses); `cost` and `memory` (chapter 3); `curvature` and `descent` (chapter 4);
`partition`, `pipeline`, `formulas` and `planner` (chapter 5). `show` makes it visible: `describe`
(a node's facts), `draw` (the picture) and its `words`, with `lettering` and the `metrics` of its
letters.
"""

from . import pickling
from .autodiff import Backward, backward, grad, hessian, hvp, jvp
from .evaluate import Feeds, Program, evaluate
from .graph import Node, NotANode, leaf, leaves, shape_name, topological
from .ops import (
    InnerSizes,
    constant,
    cross_entropy,
    dot,
    exp,
    expand,
    half_sqnorm,
    inverse,
    log,
    log_softmax,
    logabsdet,
    matmul,
    power,
    relu,
    reshape,
    scale,
    sigmoid,
    squared_loss,
    sum_,
    sum_to,
    tanh,
    transpose,
)
from .show.draw import Drawing, draw, gradient_names, inks_of
