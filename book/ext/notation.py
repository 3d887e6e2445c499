"""``{notation} GROUP``: a table of the book's letters, made from ``notation.toml``.

Where a letter is used first is read from the chapters' equations. A letter that the table lacks,
and one that no equation uses, is a warning, so the build fails.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from book import letters
from book.ext.directives import boxed, with_any_page
from book.ext.editions import N_, _

HEAD = (N_("letter"), N_("what it is"), N_("first in"))
SHOWN = {  # signs that are shown at work
    "'": r"\phi'",
    r"\dot": r"\dot{a}",
    r"\top": r"\mathbf{A}^\top",
    r"\langle": r"\langle\cdot,\cdot\rangle",
    r"\|": r"\|\cdot\|",
    r"\|_F": r"\|\cdot\|_F",
    r"\star": r"a^\star",
}

logger = logging.getLogger(__name__)


class Notation(SphinxDirective):
    """One part of the table: the letter, what it is with its shape or unit, its first equation."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        group = self.arguments[0]
        if group not in letters.GROUPS:
            raise self.error(f"notation: one of {', '.join(letters.GROUPS)}, not {group!r}")
        self.env.metadata[self.env.docname]["notation"] = True
        self.env.note_dependency(str(letters.TABLE))
        if group == next(iter(letters.GROUPS)):
            for problem in letters.problems():
                logger.warning("%s", problem, location=self.get_location(), type="notation")
        lines = [f"| {' | '.join(map(_, HEAD))} |", "|---|---|---|"]
        uses = letters.first_uses()
        for row in sorted(uses, key=letters.alphabetical):
            if letters.group_of(row) == group:
                lines.append(f"| ${_shown(row.tex)}$ | {_meaning(row)} | {{eq}}`{uses[row]}` |")
        return boxed(self, lines, "notation")


def _shown(tex: str) -> str:
    return SHOWN.get(tex, tex).replace("|", "\\|")


def _meaning(row: letters.Row) -> str:
    shape = f"${row.shape}$" if row.shape else ""
    return " · ".join(filter(None, (_(row.means), shape, _(row.unit) if row.unit else "")))


def setup(app: Sphinx) -> dict[str, object]:
    app.add_directive("notation", Notation)
    app.connect("env-get-outdated", with_any_page("notation"))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
