"""One computational graph: drawn, run, differentiated, weighed and cut. NumPy only.

Read the modules from the bottom up: `graph` (what a graph is), `ops` (what a node can do),
`evaluate`, `batch`, `autodiff`, `cost`, `draw`, and `mlp` (the model of the book). `curvature` has
its second derivatives in closed form, and `descent` the ways down that use them.
"""

from . import cost, curvature, descent, mlp
from .autodiff import Backward, backward, grad, hessian, hvp, jvp
from .draw import Drawing, draw, gradient_names, inks_of
from .evaluate import Program, evaluate
from .graph import Node, leaf, leaves, shape_name, topological
from .ops import (
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
