"""The directive: what it puts into a page, which pages load its scripts, what it refuses."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from book import ROOT
from book.calculators.forms import CALCULATORS
from book.ext.calculators import markup

CONF = 'extensions = ["myst_nb", "book.ext.calculators"]\nexclude_patterns = ["out"]\n'
STATIC = [str(ROOT / "book" / part / "static") for part in ("theme", "calculators")]
CONF += f"html_static_path = {STATIC!r}\n"


@pytest.fixture
def build(tmp_path: Path):
    """Build pages from their Markdown; returns each page's HTML, and the warnings."""

    def run(**pages: str) -> tuple[dict[str, str], str]:
        (tmp_path / "conf.py").write_text(CONF)
        for name, text in pages.items():
            (tmp_path / f"{name}.md").write_text(f"---\norphan: true\n---\n\n# Title\n\n{text}")
        warnings = io.StringIO()
        with patch_docutils(), docutils_namespace():
            folders = (tmp_path, tmp_path, tmp_path / "out", tmp_path / "out" / ".doctrees")
            Sphinx(*folders, "html", status=None, warning=warnings).build()
        html = {name: (tmp_path / "out" / f"{name}.html").read_text("utf-8") for name in pages}
        return html, warnings.getvalue()

    return run


def scripts(html: str) -> list[str]:
    return re.findall(r'<script[^>]* src="_static/([\w-]+-calculator\.mjs)', html)


@pytest.mark.slow
def test_only_pages_with_a_calculator_load_its_scripts(build):
    html, warnings = build(index="```{calculator} memory\n```", other="None here.")
    assert warnings == ""
    assert scripts(html["index"]) == ["memory-calculator.mjs"]
    assert "<memory-calculator" in html["index"]
    assert scripts(html["other"]) == []


def test_an_unknown_calculator_is_refused(build):
    _, warnings = build(index="```{calculator} time\n```")
    assert "calculator: one of memory, partition, not 'time'" in warnings


@pytest.mark.parametrize("name", CALCULATORS)
def test_the_json_in_a_page_ends_where_it_should(name: str):
    (text,) = re.findall(r"(?s)<script type=\"application/json\">(.*?)</script>", markup(name))
    assert json.loads(text)["groups"]


@pytest.mark.parametrize("name", CALCULATORS)
def test_every_default_is_among_what_may_be_asked(name: str):
    form, _ = CALCULATORS[name]
    for field in (field for group in form.groups.values() for field in group):
        if field.stops:
            assert field.stops[0] <= field.default <= field.stops[-1]
            assert list(field.stops) == sorted(set(field.stops))
        elif field.choices:
            assert field.default in [value for value, _ in field.choices]
        else:
            assert field.default in (True, False)
