"""Every page of the table of contents, held against its source."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from site_checks import (
    FOLDERS,
    Page,
    css_references,
    dead_links,
    foreign,
    missing,
    notebooks,
    raw_tex,
    resources,
    toc_pages,
    wordless_pictures,
)


def parse(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def test_the_book_builds_without_a_warning(complaints: str):
    if complaints:
        pytest.fail(complaints, pytrace=False)


# --- the table of contents -----------------------------------------------------------------------


def test_the_contents_name_every_notebook_once():
    pages = toc_pages()
    assert sorted(page for page in pages if "/" in page) == sorted(notebooks())
    assert len(set(pages)) == len(pages)


def test_every_chapter_has_its_exercise_and_its_solution():
    chapters, exercises, solutions = (
        [name.removeprefix(folder) for name in notebooks() if name.startswith(folder)]
        for folder in FOLDERS
    )
    assert chapters
    assert chapters == exercises == solutions


def test_the_first_page_links_every_chapter(site: Path):
    links = {tag["href"] for tag in Page(site, "index").article.find_all("a", href=True)}
    chapters = [page for page in toc_pages() if page.startswith("chapters/")]
    assert [page for page in chapters if f"{page}.html" not in links] == []


# --- each page -----------------------------------------------------------------------------------


def test_the_page_exists_with_one_title(page: Page):
    assert [bool(title.get_text(strip=True)) for title in page.article.find_all("h1")] == [True]


def test_every_stored_output_is_shown(page: Page):
    own = page.article.select("div.cell_output:not(.workbook-elsewhere *)")  # others are borrowed
    assert len(own) == len(page.source.outputs)


def test_every_picture_is_shown(page: Page):
    shown = page.article.select("div.cell_output .drawing svg, div.cell_output img")
    assert len(shown) == page.source.pictures


def test_every_equation_is_typeset(page: Page):
    equations = page.article.select("div.math > .katex-display")
    assert len(equations) == page.source.displayed_equations
    assert len(page.article.select("div.math > .eqno")) == page.source.numbered_equations
    formulas = page.article.select("span.math, div.math")
    assert all(formula.select_one(".katex-html") for formula in formulas)
    assert not raw_tex(page.article)


def test_no_page_shows_the_marks_of_a_solution(page: Page):
    assert "SOLUTION" not in page.article.get_text()


def test_nothing_is_loaded_from_another_host(page: Page):
    references = resources(page.soup)
    assert references
    assert not foreign(references)
    assert not missing(references, page.path.parent)


def test_every_picture_has_words(page: Page):
    assert not wordless_pictures(page.article)


def test_no_link_is_dead(page: Page):
    assert not dead_links(page)


def test_style_sheets_load_from_this_host_only(site: Path):
    sheets = list((site / "_static").rglob("*.css"))
    assert {"book.css", "katex.min.css"} <= {sheet.name for sheet in sheets}
    for sheet in sheets:
        references = css_references(sheet.read_text(encoding="utf-8"))
        assert not foreign(references), sheet
    katex = site / "_static" / "katex"
    fonts = css_references((katex / "katex.min.css").read_text(encoding="utf-8"))
    assert len(fonts) == len(list((katex / "fonts").iterdir()))
    assert not missing(fonts, katex)


def test_chapters_and_solutions_hold_what_a_chapter_is_made_of(site: Path):
    """The counts above would also agree on an empty notebook."""
    for docname in notebooks():
        source = Page(site, docname).source
        if docname.startswith("exercises/"):
            assert not source.outputs, docname
        else:
            assert source.outputs and source.prose.count("$"), docname
        if docname.startswith("chapters/"):
            assert source.pictures and source.numbered_equations, docname


# --- the checks themselves: each sees a page that is wrong ----------------------------------------


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<script src="//cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="http://cdn.example/x.css">',
        '<link rel="preconnect" href="https://fonts.example">',
        '<img srcset="https://cdn.example/x.png 2x" alt="x">',
        '<p style="background: url(https://cdn.example/x.png)">x</p>',
        '<style>@import "https://cdn.example/x.css";</style>',
        '<object data="https://cdn.example/x.svg"></object>',
    ],
)
def test_a_resource_of_another_host_is_seen(html: str):
    assert foreign(resources(parse(html)))


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://d2l.ai">a link to follow</a>',
        '<link rel="canonical" href="https://book.example/">',
        '<img src="data:image/png;base64,AAAA" alt="x">',
        '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
    ],
)
def test_what_is_not_loaded_is_left_alone(html: str):
    assert not foreign(resources(parse(html)))


@pytest.mark.parametrize("text", ["$x$", "$$ x $$", r"\(x\)", r"\[x\]", r"so \frac{1}{2}"])
def test_raw_tex_is_seen(text: str):
    assert raw_tex(parse(f"<article><p>{text}</p></article>"))


def test_tex_in_code_and_in_finished_formulas_is_left_alone():
    assert not raw_tex(
        parse(
            "<article><code>$HOME</code><pre>\\n</pre>"
            '<span class="katex"><annotation>\\frac12</annotation></span></article>'
        )
    )


def test_an_equation_that_katex_refused_is_seen():
    assert raw_tex(parse('<article><code class="katex-error">x</code></article>'))


def test_the_drawn_parts_of_a_formula_need_no_words():
    assert not wordless_pictures(parse('<span aria-hidden="true"><b><svg></svg></b></span>'))


@pytest.mark.parametrize("html", ['<img src="x.png">', '<img src="x.png" alt=" ">', "<svg></svg>"])
def test_a_picture_without_words_is_seen(html: str):
    assert wordless_pictures(parse(html))


@pytest.mark.parametrize(
    ("link", "dead"),
    [
        ("other.html", False),
        ("other.html#there", False),
        ("#here", False),
        ("https://d2l.ai/nowhere", False),
        ("nowhere.html", True),
        ("other.html#nowhere", True),
        ("#nowhere", True),
    ],
)
def test_a_dead_link_is_seen(tmp_path: Path, link: str, dead: bool):
    (tmp_path / "other.html").write_text('<p id="there">x</p>')
    (tmp_path / "index.html").write_text(
        f'<article class="bd-article" id="here"><a href="{link}">x</a></article>'
    )
    assert bool(dead_links(Page(tmp_path, "index"))) is dead


def test_a_missing_file_is_seen(tmp_path: Path):
    (tmp_path / "there.css").write_text("")
    assert missing(["there.css?v=1", "nowhere.css"], tmp_path) == ["nowhere.css"]
