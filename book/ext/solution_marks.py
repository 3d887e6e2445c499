"""Leave out of a solution's page the marks that turn it into an exercise.

They are for ``tools/sync_exercises.py``; a reader who compares answers wants the code alone.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

MARKS = re.compile(r"(?m)^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*\n?|[ \t]*# SOLUTION[ \t]*$")


def without_marks(code: str) -> str:
    """The code without ``# SOLUTION`` and without the lines that begin and end a solution."""
    return MARKS.sub("", code)


class SolutionMarks(SphinxTransform):
    default_priority = 400

    def apply(self, **kwargs: object) -> None:
        if not self.env.docname.startswith("solutions/"):
            return
        for block in self.document.findall(nodes.literal_block):
            code = without_marks(block.astext())
            block.rawsource = code
            block.children = [nodes.Text(code)]


def setup(app: Sphinx) -> dict[str, object]:
    app.add_transform(SolutionMarks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
