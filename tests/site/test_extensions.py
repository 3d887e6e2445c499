"""The build's own extensions, on books of one page: what they make and what they refuse."""

from __future__ import annotations

import io
import re
from html import escape
from pathlib import Path

import nbformat
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from book.ext import inline_svg
from book.ext.editions import words_of
from book.ext.equation_numbers import page_prefix
from book.ext.inline_svg import inline_markup
from book.ext.katex_typeset import TexError, typeset
from book.ext.solution_marks import without_marks
from compgraph.show.words import Parts

CONF = """
extensions = ["myst_nb", "book.ext.katex_typeset", "book.ext.equation_numbers"]
extensions += ["book.ext.inline_svg", "book.ext.solution_marks"]
exclude_patterns = ["out"]
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath"]
html_math_renderer = "katex"
myst_update_mathjax = False
"""
DRAWING = (
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9pt" {attributes}>'
    '<g id="graph0"><path id="{id}" stroke="currentColor" d="M0 0"/></g></svg>'
)


@pytest.fixture
def build(tmp_path: Path):
    """Build a book of one page from its cells; returns the page's HTML and the warnings."""

    def run(*cells: nbformat.NotebookNode, docname: str = "index") -> tuple[str, str]:
        (tmp_path / "conf.py").write_text(CONF + f'root_doc = "{docname}"\n')
        source = tmp_path / f"{docname}.ipynb"
        source.parent.mkdir(exist_ok=True)
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
        nbformat.write(new_notebook(cells=list(cells), metadata=metadata), source)
        warnings = io.StringIO()
        with patch_docutils(), docutils_namespace():
            folders = (tmp_path, tmp_path, tmp_path / "out", tmp_path / "out" / ".doctrees")
            Sphinx(*folders, "html", status=None, warning=warnings).build()
        page = tmp_path / "out" / f"{docname}.html"
        return page.read_text(encoding="utf-8"), warnings.getvalue()

    return run


def prose(text: str) -> nbformat.NotebookNode:
    return new_markdown_cell(f"# Title\n\n{text}")


def picture(svg: str, **metadata: object) -> nbformat.NotebookNode:
    output = new_output("display_data", data={"image/svg+xml": svg})
    return new_code_cell("draw()", outputs=[output], metadata=metadata)


# --- equations -----------------------------------------------------------------------------------


def test_equations_are_typeset_numbered_and_referred_to(build):
    html, warnings = build(
        prose("Inline $x^2$.\n\n$$\nz = W x\n$$ (eq:z)\n\nSee {eq}`eq:z`."),
        docname="chapters/02_hidden_bias",
    )
    assert warnings == ""
    assert html.count('class="katex-display"') == 1
    assert html.count('class="katex-mathml"') == 2
    assert '<span class="eqno">(2.1)' in html
    assert re.search(r'href="#equation-eq-z">\(2\.1\)</a>', html)


@pytest.mark.parametrize(
    ("text", "joined"),
    [("See $x$.", True), ("See ($x$).", True), ("See $x$ here.", False), ("See $x$", False)],
)
def test_punctuation_stays_with_its_formula(build, text: str, joined: bool):
    html, _ = build(prose(text))
    assert ("</span>\u2060" in html or "</span>&#8288;" in html) is joined


@pytest.mark.parametrize(
    ("docname", "prefix"),
    [
        ("chapters/02_hidden_bias", "2."),
        ("exercises/02_hidden_bias", "E2."),
        ("solutions/10_more", "S10."),
        ("index", ""),
        ("chapters/introduction", ""),
    ],
)
def test_equations_are_numbered_after_their_page(docname: str, prefix: str):
    assert page_prefix(docname) == prefix


@pytest.mark.parametrize("tex", [r"\nosuchmacro", r"\frac{1}", r"x_1_2", r"\left( x", "жx"])
def test_tex_that_is_wrong_is_refused(tex: str):
    with pytest.raises(TexError):
        typeset(tex, display=True)


def test_tex_that_is_wrong_warns_with_its_place(build):
    html, warnings = build(prose(r"Here $\nosuchmacro$."))
    assert "index.ipynb" in warnings and r"\nosuchmacro" in warnings
    assert 'class="katex-error"' in html


# --- pictures ------------------------------------------------------------------------------------


def test_a_drawing_in_the_pages_ink_is_put_into_the_page(build):
    svg = DRAWING.format(attributes='aria-label="a path"', id="n-x")
    html, warnings = build(prose("Look."), picture(svg))
    assert warnings == ""
    assert "<img" not in html and "<?xml" not in html and "graph0" not in html
    assert re.search(r'<svg [^>]*aria-label="a path"[^>]*>', html)
    assert 'id="n-x"' in html


def test_words_in_the_cells_metadata_come_first(build):
    svg = DRAWING.format(attributes='aria-label="a path"', id="n-x")
    html, _ = build(prose("Look."), picture(svg, mystnb={"image": {"alt": "better words"}}))
    assert 'aria-label="better words"' in html and "a path" not in html


def test_a_plot_with_its_own_colours_stays_a_file(build):
    svg = DRAWING.format(attributes="", id="figure_1").replace("currentColor", "#1f77b4")
    html, warnings = build(prose("Look."), picture(svg, mystnb={"image": {"alt": "a plot"}}))
    assert warnings == ""
    assert re.search(r'<img alt="a plot"[^>]* src="_images/\w+\.svg"', html)


@pytest.mark.parametrize("colour", ["currentColor", "#1f77b4"])
def test_a_picture_without_words_warns(build, colour: str):
    svg = DRAWING.format(attributes="", id="n-x").replace("currentColor", colour)
    assert "no text alternative" in build(prose("Look."), picture(svg))[1]


def test_two_drawings_with_the_same_ids_warn(build):
    svg = DRAWING.format(attributes='aria-label="a path"', id="n-x")
    assert "more than one drawing" in build(prose("Look."), picture(svg), picture(svg))[1]


def test_only_ids_that_graphviz_invents_are_dropped():
    svg = DRAWING.format(attributes="", id="edge7").replace("graph0", "e-x-z")
    markup, words, ids = inline_markup(svg, None)
    assert (words, ids) == (None, ["e-x-z"])
    assert "edge7" not in markup


CHINESE = {
    "Computational graph: from {inputs} by {operators} to {outputs}": (
        "图：{inputs}、{operators}、{outputs}"
    ),
    "Computational graph: from {inputs} by {operators}": "图：{inputs}、{operators}",
    "1 operator": "一个运算符",
    "{count} operators": "{count} 个运算符",
}


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (Parts(("x",), 1, ("y",)), "图：x、一个运算符、y"),
        (Parts(("X", "W1"), 12, ("Z", "H")), "图：X, W1、12 个运算符、Z, H"),
        (Parts(("x",), 2), "图：x、2 个运算符"),
    ],
)
def test_a_drawing_is_described_in_the_pages_language_from_its_parts(monkeypatch, parts, words):
    monkeypatch.setattr(inline_svg, "_", lambda text: CHINESE.get(text, text))
    label = f'aria-label="{parts.in_words()}" data-parts="{escape(parts.as_json())}"'
    markup, said, _ = inline_markup(DRAWING.format(attributes=label, id="n-x"), None)
    assert said == words and f'aria-label="{words}"' in markup
    assert "data-parts" not in markup  # said already; a page need not carry it


def test_a_drawing_without_parts_keeps_its_own_words(monkeypatch):
    monkeypatch.setattr(inline_svg, "_", lambda text: CHINESE.get(text, text))
    label = Parts(("x",), 2).in_words()
    svg = DRAWING.format(attributes=f'aria-label="{label}"', id="n-x")
    assert inline_markup(svg, None)[1] == label


# --- words of the scripts -------------------------------------------------------------------------


def test_the_scripts_get_the_words_that_are_translated(tmp_path: Path):
    catalogue = Catalog(locale="zh_CN")
    catalogue.add("all", "全部")
    catalogue.add("still open", "")
    catalogue.add("a guess", "猜的", flags=["fuzzy"])
    with (tmp_path / "site.mo").open("wb") as file:
        write_mo(file, catalogue)
    assert words_of(tmp_path / "site.mo") == {"all": "全部"}


# --- solutions -----------------------------------------------------------------------------------

MARKED = """def dz(dh, z):
    ### BEGIN SOLUTION
    slope = 1 - np.tanh(z) ** 2
    ### END SOLUTION
    return dh * slope  # (h, 1)  # SOLUTION
"""


def test_the_marks_of_a_solution_go_and_the_code_stays():
    assert without_marks(MARKED) == (
        "def dz(dh, z):\n    slope = 1 - np.tanh(z) ** 2\n    return dh * slope  # (h, 1)\n"
    )


@pytest.mark.parametrize(("folder", "shown"), [("solutions", False), ("chapters", True)])
def test_marks_are_hidden_on_the_pages_of_solutions_only(build, folder: str, shown: bool):
    html, warnings = build(prose("Look."), new_code_cell(MARKED), docname=f"{folder}/02_x")
    assert warnings == ""
    assert "slope" in html
    assert ("SOLUTION" in html) is shown
