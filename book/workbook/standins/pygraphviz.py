"""Graphviz in the page, under the name and in the form that ``compgraph.draw`` knows.

The layout is done by Graphviz compiled for the browser. It is fetched when the first drawing is
shown; until then `AGraph.draw` raises `NotLoaded`, and the session draws again once it is there.
"""

from __future__ import annotations

from collections.abc import Callable


class NotLoaded(Exception):
    """Graphviz has not been fetched yet."""

    def __init__(self) -> None:
        super().__init__("the page was still fetching Graphviz: run this cell once more")


#: DOT text -> SVG text; set by the worker when Graphviz is there
layout: Callable[[str], str] | None = None

#: whether a drawing has been asked for
wanted = False


class AGraph:
    """A graph in the DOT language."""

    def __init__(self, string: str):
        self._dot = string

    def draw(self, format: str, prog: str) -> bytes:
        if (format, prog) != ("svg", "dot"):
            raise ValueError("in the page a graph is drawn by dot, as svg")
        global wanted
        wanted = True
        if layout is None:
            raise NotLoaded
        return layout(self._dot).encode()
