"""Number equations after the page that holds them.

``chapters/02_hidden_bias`` gives (2.1), (2.2), …; its exercise (E2.1), its solution (S2.1). The
number says where the equation stands, and stays when other chapters are added or moved.
"""

from __future__ import annotations

import re

from sphinx.application import Sphinx
from sphinx.domains.math import MathDomain

FOLDER_PREFIX = {"chapters": "", "exercises": "E", "solutions": "S"}
NUMBERED_PAGE = re.compile(rf"({'|'.join(FOLDER_PREFIX)})/0*(\d+)_")


def page_prefix(docname: str) -> str:
    """``"2."``, ``"E2."`` or ``"S2."``; empty for a page outside the three folders."""
    match = NUMBERED_PAGE.match(docname)
    return f"{FOLDER_PREFIX[match[1]]}{match[2]}." if match else ""


class PageNumberedMath(MathDomain):
    """Sphinx's equations, with the page in front of the count that Sphinx keeps per page."""

    def note_equation(self, docname: str, labelid: str, location: object = None) -> None:
        super().note_equation(docname, labelid, location)
        count = self.equations[labelid][1]
        self.equations[labelid] = (docname, f"{page_prefix(docname)}{count}")


def setup(app: Sphinx) -> dict[str, object]:
    app.add_domain(PageNumberedMath, override=True)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
