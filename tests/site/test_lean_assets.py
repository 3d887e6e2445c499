"""What the build leaves out of a page, and what it must not leave out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from fontTools.ttLib import TTFont
from site_checks import Page, toc_pages

from book.ext.lazy_pictures import size_of
from book.ext.lean_assets import words_of
from book.ext.stylesheet import icons, purge, read
from book.ext.ways_in import description_of, pages_address
from compgraph.show.lettering import FACES


def purged(css: str, words: set[str], tmp_path: Path) -> str:
    (tmp_path / "a.css").write_text(css, encoding="utf-8")
    return purge(read(tmp_path / "a.css", "."), words).removeprefix('@charset "UTF-8";')


# --- style sheets ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        ("p{color:red}", "p{color:red}"),
        (".box{color:red}", ".box{color:red}"),
        ("#here{color:red}", "#here{color:red}"),
        (".other{color:red}", ""),
        ("table{color:red}", ""),
        ("p.other,p.box{color:red}", "p.box{color:red}"),
        ("p.box .other{color:red}", ""),
        (".box:hover::before{color:red}", ".box:hover::before{color:red}"),
        (".box:not(.other){color:red}", ".box:not(.other){color:red}"),
        (":is(.other,.box) p{color:red}", ":is(.other,.box) p{color:red}"),
        ('[data-theme="dark"] p{color:red}', '[data-theme="dark"] p{color:red}'),
        ("@media print{.box{color:red}.other{color:red}}", "@media print{.box{color:red}}"),
        ("@media print{.other{color:red}}", ""),
        ("@supports (color:red){p{color:red}}", "@supports (color:red){p{color:red}}"),
        ("@font-face{font-family:x;src:url(x.woff)}", "@font-face{font-family:x;src:url(x.woff)}"),
        ("/* words */p{color:red}", "p{color:red}"),
    ],
)
def test_a_rule_stays_if_a_page_can_use_it(tmp_path: Path, css: str, kept: str):
    assert purged(css, {"p", "box", "here"}, tmp_path) == kept


def test_imported_sheets_are_put_in_and_point_to_the_same_files(tmp_path: Path):
    (tmp_path / "styles").mkdir()
    (tmp_path / "basic.css").write_text("p{background:url(plus.png)}")
    (tmp_path / "styles" / "theme.css").write_text(
        '@import "../basic.css";p{background:url("../fonts/x.woff")}p{background:url(y.png)}'
        "p{background:url(data:image/png;base64,AAAA)}"
    )
    css = purge(read(tmp_path / "styles" / "theme.css", "styles"), {"p"})
    for target in ("url(plus.png)", 'url("fonts/x.woff")', "url(styles/y.png)", "url(data:"):
        assert target in css
    assert "@import" not in css


def test_the_words_of_pages_and_scripts_are_found():
    words = words_of(['<p class="a b-c" id="d"><my-tag>word</p>'], ["x.classList.add('e-f')"])
    assert {"p", "a", "b-c", "d", "my-tag", "e-f"} <= words
    assert "word" not in words


def test_icons_are_told_from_text():
    assert icons("x{content:'\\f0c9'}y{content:'\uf0c9 →'}") == {0xF0C9}


# --- the built site -------------------------------------------------------------------------------


def test_every_page_loads_one_style_sheet_one_script_and_modules(page: Page):
    head = page.soup.head
    (sheet,) = head.find_all("link", rel="stylesheet")
    scripts = [tag for tag in head.find_all("script") if tag.get("type") != "module"]
    written = page.soup.select("script:not([src]):not([type='application/json'])")
    assert written == []
    assert [tag["src"].split("/")[-1].split("?")[0] for tag in scripts] == ["start.js", "lean.js"]
    for reference in (sheet["href"], scripts[1]["src"]):
        assert len(reference.partition("?v=")[2]) == 12, "the mark was not filled in"
    handlers = [name for tag in page.soup.find_all(True) for name in tag.attrs if name[:2] == "on"]
    assert handlers == []


def test_nothing_is_loaded_for_comments(site: Path):
    """Jupyter Book brings services for comments; the book has none of them."""
    services = re.compile(r"hypothes\.is|utteranc|giscus|dokieli")
    made = [*site.glob("**/*.html"), *site.glob("**/lean.js"), *site.glob("**/*.mjs")]
    assert len(made) > 40
    assert not [path for path in made if services.search(path.read_text(encoding="utf-8"))]
    assert services.search('<script src="https://hypothes.is/embed.js">')


def test_every_icon_in_a_page_is_drawn_and_in_the_font(site: Path):
    static = site / "_static"
    css = (static / "lean.css").read_text(encoding="utf-8")
    drawn = set().union(*(TTFont(file).getBestCmap() for file in static.glob("fa-*.woff")))
    assert icons(css) and icons(css) <= drawn
    for name in ("index", "search", "chapters/02_hidden_bias"):
        for icon in Page(site, name).soup.select("i[class*=fa-], span[class*=fa-]"):
            own = [
                c for c in icon["class"] if c.startswith("fa-") and c not in ("fa-lg", "fa-solid")
            ]
            assert any(f".{name}:before" in css or f".{name}::before" in css for name in own), icon


def test_every_page_describes_itself(site: Path):
    described = {}
    for name in toc_pages():
        head = Page(site, name).soup.head
        (tag,) = head.select("meta[name=description]")
        assert 40 <= len(tag["content"]) <= 200, name
        assert head.select_one("meta[property='og:title']")["content"].strip(), name
        described[name] = tag["content"]
    assert not [text for text in described.values() if "\\" in text or "$" in text]


# --- descriptions and addresses -------------------------------------------------------------------


def document(*paragraphs: nodes.Node) -> nodes.document:
    root = nodes.document(None, None)
    root += paragraphs
    return root


def test_a_page_is_described_by_its_first_paragraph_of_words():
    formula = nodes.paragraph("", "A formula is no description of anything: ", nodes.math("", "x"))
    words = nodes.paragraph("", "A sentence that says in words what the page is about.")
    assert description_of(document(nodes.paragraph("", "Short."), formula, words)) == words.astext()
    assert description_of(document(formula)) == ""


def test_a_long_description_ends_with_a_word():
    text = description_of(document(nodes.paragraph("", "several words " * 20)))
    assert text.endswith("words …") or text.endswith("several …")
    assert len(text) <= 162


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        ("https://github.com/Owner/book", "https://owner.github.io/book/"),
        ("https://github.com/Owner/book.git", "https://owner.github.io/book/"),
        ("https://git.example/Owner/book", ""),
    ],
)
def test_the_address_of_the_pages_comes_from_the_repository(repository: str, address: str):
    assert pages_address(repository) == address


# --- folded admonitions ---------------------------------------------------------------------------


def test_every_admonition_of_class_dropdown_is_folded(page: Page):
    boxes = page.article.select(".admonition.dropdown")
    assert all(box.name == "details" and box.find("summary", recursive=False) for box in boxes)
    if page.docname.startswith("chapters/"):
        assert boxes


def test_no_html_is_left_over_from_bootstrap(page: Page):
    soup: BeautifulSoup = page.soup
    assert not soup.select("[data-bs-spy], [data-bs-toggle=dropdown]")


def test_every_picture_waits_and_its_place_is_kept(page: Page):
    for picture in page.article.find_all("img"):
        assert picture["loading"] == "lazy"
        assert int(picture["width"]) > 0 and int(picture["height"]) > 0, picture["src"]


def test_the_size_of_a_drawing_is_told_in_css_pixels(tmp_path: Path):
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="60pt"/>'
    for width, size in {"90pt": (120, 80), "90": (90, 80), "90px": (90, 80), "": None}.items():
        (tmp_path / "x.svg").write_text(drawing.format(width))
        assert size_of(tmp_path / "x.svg") == size


def test_a_page_with_formulas_or_drawings_loads_their_letters_first(page: Page):
    preloaded = [tag["href"] for tag in page.soup.select("link[rel=preload][as=font]")]
    formulas, drawings = (page.soup.select_one(what) for what in (".katex", "svg.compgraph"))
    assert len(preloaded) == (3 if formulas else 2 if drawings else 0)


def test_the_letters_of_drawings_are_in_the_style_sheet(site: Path):
    css = (site / "_static/lean.css").read_text(encoding="utf-8")
    asked = {name for face in FACES.values() for name in face["font-family"].split(",")}
    shipped = {name for name in asked if name.startswith("KaTeX_")}
    assert len(shipped) == 3
    for name in shipped:
        face = re.search(rf"@font-face\s*{{[^}}]*font-family:\s*{name}\b[^}}]*}}", css)
        assert face, name
        (font,) = re.findall(r"url\(([^)]*)\)", face[0])
        assert (site / "_static" / font).is_file(), font
