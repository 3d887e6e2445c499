"""The pages say whether it was counted on a GPU, from one file."""

from __future__ import annotations

import io
import json

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from book.ext import measured
from measure.gpu import __main__ as command
from measure.gpu import curvature, report, training
from tests.measure.a_cpu import Cpu

CONF = """
extensions = ["myst_nb", "book.ext.measured"]
exclude_patterns = ["out"]
language = "{language}"
"""


@pytest.fixture
def reports(tmp_path, monkeypatch):
    path = tmp_path / "reports" / "gpu.md"
    monkeypatch.setattr(measured, "REPORT", path)
    return path


@pytest.fixture
def build(tmp_path):
    """Build a book with this first page; returns the page and the warnings."""

    def run(text: str, language: str = "en") -> tuple[str, str]:
        folder = tmp_path / language
        folder.mkdir(parents=True, exist_ok=True)
        pages = {
            "conf.py": CONF.format(language=language),
            "index.md": f"# A book\n\n{text}\n\n```{{toctree}}\ngpu\n```\n",
            "gpu.md": "# Measured on a GPU\n\nWords.\n",
        }
        for name, content in pages.items():
            if not (folder / name).exists():
                (folder / name).write_text(content)
        warnings, status = io.StringIO(), io.StringIO()
        with patch_docutils(), docutils_namespace():
            folders = (folder, folder, folder / "out", folder / "out" / ".doctrees")
            Sphinx(*folders, "html", status=status, warning=warnings).build()
        return (folder / "out" / "index.html").read_text("utf-8"), warnings.getvalue()

    return run


@pytest.fixture(scope="module")
def counted():
    """A report from a CPU in the place of a GPU, at few sizes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "SIZES", {"the chapter's": training.OURS})
        patch.setattr(curvature, "SHAPES", ((5, 4, 3, 7),))
        patch.setattr(curvature, "WHOLE", ((5, 4, 3, 7),))
        patch.setattr(curvature, "WALL", (8, 6, 2))
        patch.setattr(curvature, "EXAMPLES", (7,))
        text, facts, failed = command.section(Cpu(), command.TRIALS)
    assert not failed
    return text, facts


def test_a_chapter_says_that_it_waits(reports, build):
    html, warnings = build("```{measured} 3\n```")
    assert "No GPU was at hand yet" in html
    assert '<a class="reference internal" href="gpu.html">' in html
    assert not warnings


@pytest.mark.parametrize("chapter", measured.SENTENCES)
def test_or_its_main_numbers(reports, build, counted, chapter):
    report.write(reports, command.SECTION, *counted)
    html, warnings = build(f"```{{measured}} {chapter}\n```")
    assert "Counted on a GPU, too (a CPU, torch" in html and not warnings
    whole = counted[1]["whole"]["whole"]
    shares = f"{whole['hessian']['share']:.1f} times", f"{whole['columns']['share']:.2f} times"
    assert all((share in html) == (chapter == "4") for share in shares)
    step = counted[1]["one_step"]
    assert ("61,604" in html) == (chapter == "3" and step["formula"] == 61_604)
    assert "No GPU" not in html


def test_the_page_is_read_again_when_there_is_a_report(reports, build, counted):
    waiting, _ = build("```{measured} 4\n```")
    report.write(reports, command.SECTION, *counted)
    html, _ = build("")  # the page is the old one
    assert "No GPU" in waiting and "Counted on a GPU" in html


def test_the_whole_report(reports, build, counted):
    html, warnings = build("```{gpu-report}\n```")
    assert "has not run yet" in html and not warnings
    report.write(reports, command.SECTION, *counted)
    html, warnings = build("")
    assert not warnings
    assert html.count("<table") == len(command.TRIALS)
    assert "set_to_none=False" in html and command.SECTION in html


def test_a_report_with_a_trial_that_failed_is_an_error(reports, build, counted):
    text, facts = counted
    report.write(reports, command.SECTION, text, facts | {"one_step": {}})
    _, warnings = build("```{measured} 3\n```")
    assert "lacks 'formula': a trial failed" in warnings


def test_another_chapter_s_section_says_nothing_of_this_one(reports, build, counted):
    report.write(reports, "NCCL", "x", {"chapters": ["5"]})
    html, _ = build("```{measured} 3\n```")
    assert "No GPU was at hand yet" in html
    assert json.loads(reports.with_suffix(".json").read_text()).keys() == {"NCCL"}


def test_an_unknown_chapter_is_an_error(reports, build):
    _, warnings = build("```{measured} 9\n```")
    assert "measured: a chapter of 3, 4, not '9'" in warnings
