"""What was counted on a GPU, and whether: the one place that knows is ``reports/gpu.json``.

``{measured} 3`` is the sentence of a chapter: its main numbers, or that it waits. ``{gpu-report}``
is the whole report. `python -m measure.gpu` writes both files; a section's facts name the chapters
that it is about.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from book import ROOT
from book.ext.directives import boxed
from book.ext.editions import ENGLISH, N_, _, edition_of

REPORT = ROOT / "reports" / "gpu.md"
PAGE = "[](/gpu.md)"  # pages stand at the top of the site
KEY = "measured"

NOT_YET = N_("The script has not run yet, for want of a device.")
WAITS = N_("No GPU was at hand yet: all of this was counted on a CPU. It waits here: {page}.")

Facts = Mapping[str, Any]


def _training(facts: Facts) -> dict[str, str]:
    step, optimizers = facts["one_step"], facts["optimizers"]
    return {
        "equal": f"{facts['network']['steps_equal'] + optimizers['optimizers_equal']:,}",
        "runs": f"{facts['network']['steps'] + optimizers['optimizers']:,}",
        **{name: f"{step[name]:,}" for name in ("formula", "requested", "allocated", "reserved")},
        "variant": optimizers["variant"],
        "adam_default": f"{optimizers['adam_default']:,}",
        "adam_loop": f"{optimizers['adam_loop']:,}",
    }


def _curvature(facts: Facts) -> dict[str, str]:
    ways, whole = facts["ways"]["ways"], facts["whole"]["whole"]
    gradient = ways["gradient"]["seconds"]
    times = {name: way["seconds"] / gradient for name, way in ways.items() if name != "gradient"}
    return {
        "sizes": ", ".join(f"{size:,}" for size in facts["ways"]["shape"]),
        "least": f"{min(times.values()):.1f}",
        "most": f"{max(times.values()):.1f}",
        "dearest": max(times, key=times.__getitem__),
        "P": f"{whole['hessian']['P']:,}",
        "hessian": f"{whole['hessian']['share']:.1f}",
        "columns": f"{whole['columns']['share']:.2f}",
    }


#: chapter -> its sentence, and the numbers in it
SENTENCES: Mapping[str, tuple[str, Callable[[Facts], dict[str, str]]]] = {
    "3": (
        N_(
            "Counted on a GPU, too ({device}, torch {torch}): {equal} of {runs} runs asked the "
            "allocator for the bytes of the formula, exactly. The step at our sizes asked for "
            "{requested} bytes (formula: {formula}). It was given {allocated}, in blocks of 512, "
            "from {reserved} that torch had reserved. Unasked, its optimizers take `{variant}`: a "
            "step of Adam peaks at {adam_default} bytes, and in a loop at {adam_loop}. "
            "All of it: {page}."
        ),
        _training,
    ),
    "4": (
        N_(
            "Counted on a GPU, too ({device}, torch {torch}): at (d, h, q, n) = ({sizes}) torch's "
            "calls for Hv take the time of {least} to {most} gradients, `{dearest}` the most. With "
            "P = {P}, `torch.func.hessian` holds {hessian} times the matrix's own bytes at its "
            "peak; a few columns at a time, it takes {columns} times. All of it: {page}."
        ),
        _curvature,
    ),
}


def known() -> dict[str, dict[str, Any]]:
    """The facts of the report's sections; none as long as nothing was counted."""
    path = REPORT.with_suffix(".json")
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def sentence(chapter: str) -> str:
    """What this chapter says of it, in Markdown.

    Raises
    ------
    LookupError : if the facts lack something that is to be said.
    """
    about = [facts for facts in known().values() if chapter in facts["chapters"]]
    if not about:
        return _(WAITS).format(page=PAGE)
    said, numbers = SENTENCES[chapter]
    (facts,) = about
    where = {"device": facts["device"], "torch": facts["torch"], "page": PAGE}
    return _(said).format(**where, **numbers(facts))


def stamp() -> str | None:
    """Tells one report from another, and from none."""
    path = REPORT.with_suffix(".json")
    return path.read_text(encoding="utf-8") if path.exists() else None


class Measured(SphinxDirective):
    """``{measured} 3``: whether it was counted on a GPU, and the main numbers."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        chapter = self.arguments[0]
        if chapter not in SENTENCES:
            raise self.error(f"measured: a chapter of {', '.join(SENTENCES)}, not {chapter!r}")
        self.env.metadata[self.env.docname][KEY] = stamp()
        try:
            return boxed(self, [sentence(chapter)], KEY)
        except LookupError as lacking:
            raise self.error(f"measured: {REPORT.name} lacks {lacking}: a trial failed") from None


class Report(SphinxDirective):
    """``{gpu-report}``: the report as it stands, or that it waits."""

    def run(self) -> list[nodes.Node]:
        self.env.metadata[self.env.docname][KEY] = stamp()
        if not REPORT.exists():
            return boxed(self, [_(NOT_YET)], KEY)
        lines = REPORT.read_text(encoding="utf-8").splitlines()[1:]  # the page has its title
        (box,) = boxed(self, lines, KEY)
        if edition_of(self.env.app) is not ENGLISH:
            box["classes"].append("language-en")
        return [box]


def outdated(app: Sphinx, env: BuildEnvironment, added, changed, removed) -> list[str]:
    """Pages that were read with another report."""
    now = stamp()
    return [name for name, data in env.metadata.items() if KEY in data and data[KEY] != now]


def setup(app: Sphinx) -> dict[str, object]:
    app.add_directive("measured", Measured)
    app.add_directive("gpu-report", Report)
    app.connect("env-get-outdated", outdated)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
