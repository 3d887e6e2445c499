"""The ledger page: ``{equation-ledger}`` lists every numbered equation and the check behind it.

An equation without a check, and a check without its equation, is a warning, so the build fails.
"""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from book.ext.directives import boxed, with_any_page
from book.ext.editions import N_, _
from ledger.page import UnknownEquation, read, unchecked

FOLDERS = ("chapters", "solutions")
HEAD = (N_("equation"), N_("compared"), N_("judges"), N_("kinds"), N_("greatest difference"))
COUNTS = N_(
    "{equations} equations, {checks} checks. {several} equations have judges of more than one kind."
)

logger = logging.getLogger(__name__)


class EquationLedger(SphinxDirective):
    """One table a notebook: equation, what was compared, by which judges, greatest difference."""

    def run(self) -> list[nodes.Node]:
        self.env.metadata[self.env.docname]["equation-ledger"] = True
        lines: list[str] = []
        equations = checks = several = 0
        for notebook in self._notebooks():
            try:
                entries = read(notebook)
            except UnknownEquation as error:
                logger.warning("%s", error, location=self.get_location(), type="ledger")
                continue
            for label in unchecked(entries):
                logger.warning(
                    "%s: no check names the equation %s",
                    notebook.name, label, location=self.get_location(), type="ledger",
                )  # fmt: skip
            if not entries:
                continue
            equations += len(entries)
            checks += sum(len(entry.checks) for entry in entries)
            several += sum(len(entry.kinds) > 1 for entry in entries)
            relative = notebook.relative_to(self.env.srcdir).as_posix()
            lines += ["", f"**[](/{relative})**", ""]
            lines += [f"| {' | '.join(map(_, HEAD))} |", "|---|---|---|--:|---|"]
            for entry in entries:
                compared = _(", ").join(dict.fromkeys(check.quantity for check in entry.checks))
                compared = compared.replace("|", "\\|")
                lines.append(
                    f"| {{eq}}`{entry.label}` | {compared} | {_(', ').join(entry.judges)} "
                    f"| {len(entry.kinds)} | {entry.error} |"
                )
        lines = [_(COUNTS).format(equations=equations, checks=checks, several=several), *lines]
        return boxed(self, lines, "ledger")

    def _notebooks(self) -> list[Path]:
        """The notebooks in the book, in the book's order."""
        pages = [Path(self.env.doc2path(name)) for name in sorted(self.env.found_docs)]
        return [p for p in pages if p.suffix == ".ipynb" and p.parent.name in FOLDERS]


def setup(app: Sphinx) -> dict[str, object]:
    app.add_directive("equation-ledger", EquationLedger)
    app.connect("env-get-outdated", with_any_page("equation-ledger"))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
