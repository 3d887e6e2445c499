"""How a reader gets in: search engines, previews, and the buttons that open a notebook elsewhere.

Everything here comes from one setting, ``repository: url`` in ``_config.yml``. While it is empty,
pages have their descriptions and nothing that would lead nowhere. With it, every page links its
source, every notebook opens in Colab and in Binder, and the site's own address is known: by
default GitHub's pages of that repository, else ``html: baseurl``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from book import ROOT
from book.ext.editions import _, edition_of
from book.translate.languages import EDITIONS, ENGLISH, Language
from book.translate.pages import origin_of
from compgraph.show.lettering import SVG

if TYPE_CHECKING:
    from PIL import ImageFont

GITHUB = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?")
LAUNCHERS = {
    "notebook_interface": "jupyterlab",
    "binderhub_url": "https://mybinder.org",
    "colab_url": "https://colab.research.google.com",
}
PREVIEW, PREVIEW_SIZE = "preview.png", (1200, 630)  # pixels, what social sites show
PREVIEW_MARGIN = 40
FONTS = ROOT / "book" / "theme" / "static" / "katex" / "fonts"
FONT_FILES = {"KaTeX_Main": "KaTeX_Main-Regular.woff2", "KaTeX_Math": "KaTeX_Math-Italic.woff2"}
ENOUGH, AT_MOST = 40, 160  # characters of a description


def pages_address(repository: str) -> str:
    """Where GitHub puts the pages of a repository; empty for a repository elsewhere."""
    match = GITHUB.fullmatch(repository)
    return f"https://{match[1].lower()}.github.io/{match[2]}/" if match else ""


def configure(app: Sphinx, config: Config) -> None:
    """Derive buttons and the site's address from the repository's."""
    options = config.html_theme_options
    repository = options.get("repository_url", "")
    if not repository:
        return
    options |= {
        "launch_buttons": LAUNCHERS,
        "use_repository_button": True,
        "use_edit_page_button": True,
        "use_issues_button": True,
    }
    base = config.html_baseurl or pages_address(repository)
    config.html_baseurl = f"{base.rstrip('/')}/{edition_of(app).path}" if base else ""


def edit_where_it_is_written(context: dict, pagename: str, language: Language) -> None:
    """A page is changed where it comes from: an exercise in its solution, words in a catalogue."""
    suffix = context.get("page_source_suffix", "")
    source, origin = pagename + suffix, origin_of(pagename)
    written = f"{origin}{suffix}"
    if language is not ENGLISH:
        written = f"book/locale/{language.code}/LC_MESSAGES/{origin}.po"
    for group in context.get("header_buttons", ()):
        for button in group.get("buttons", ()):
            if button.get("label") == "source-edit-button":
                button["url"] = button["url"].replace(source, written)


def other_languages(app: Sphinx, base: str, page: str) -> list[str]:
    """The links by which a search engine finds the page in every language."""
    root = base.removesuffix(edition_of(app).path)
    return [
        f'<link rel="alternate" hreflang="{each.tag}" href="{root}{each.path}{page}" />'
        for each in EDITIONS
    ]


def description_of(doctree: nodes.document) -> str:
    """The first paragraph that says something in words alone; empty if there is none."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if len(text) >= ENOUGH and not paragraph.next_node(nodes.math):
            return text if len(text) <= AT_MOST else text[:AT_MOST].rpartition(" ")[0] + " …"
    return ""


def describe(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Add the description and the preview to the page's head."""
    metatags = context.get("metatags", "")
    given = re.search(r'name="description"[^>]*content="([^"]*)"', metatags)
    given = given or re.search(r'content="([^"]*)"[^>]*name="description"', metatags)
    title = re.sub(r"<[^>]*>", "", context.get("title", "")) or app.config.html_title
    text = given[1] if given else escape(description_of(doctree) if doctree else "")
    text = text or f"{title}: {escape(app.config.html_title)}"
    tags = {"og:type": "article", "og:site_name": escape(app.config.html_title)}
    tags |= {"og:title": title, "og:description": text}
    lines = [] if given else [f'<meta name="description" content="{text}" />']
    base = app.config.html_baseurl
    if base:  # previews must name the picture by its full address
        width, height = PREVIEW_SIZE
        tags |= {"og:image": f"{base.rstrip('/')}/_static/{PREVIEW}", "og:url": context["pageurl"]}
        tags |= {"og:image:width": str(width), "og:image:height": str(height)}
        tags |= {"og:image:alt": _("The computational graph of the book's network")}
        lines.append('<meta name="twitter:card" content="summary_large_image" />')
        lines += other_languages(app, base, app.builder.get_target_uri(pagename))
    lines += [f'<meta property="{name}" content="{value}" />' for name, value in tags.items()]
    edit_where_it_is_written(context, pagename, edition_of(app))
    context["metatags"] = metatags + "\n    " + "\n    ".join(lines)


def draw_preview(path: Path, title: str) -> None:
    """The book's network with its title, as a picture of PREVIEW_SIZE.

    Graphviz draws the lines; the letters are put in from the shipped fonts, where the drawing has
    them, so that the picture is the same on every machine.
    """
    import pygraphviz
    from PIL import Image, ImageDraw

    from compgraph import draw
    from compgraph.questions import mlp

    model = mlp.build(n=1, d=5, h=4, q=3, bias=True, weight_decay=0.1)
    picture = draw([model.nodes["J"]], names=model.names, shapes=False, numbers={0.1: "λ"})
    graph = pygraphviz.AGraph(string=picture.source)
    width, height = PREVIEW_SIZE[0] - 2 * PREVIEW_MARGIN, PREVIEW_SIZE[1] - 4 * PREVIEW_MARGIN
    graph.graph_attr.update(rankdir="LR", margin="0", bgcolor="white", ratio=f"{height / width}")
    drawing = ElementTree.fromstring(replace(picture, source=graph.to_string()).svg)
    scale = width / float(drawing.attrib["viewBox"].split()[2])
    graph.graph_attr["dpi"] = f"{72 * scale}"
    sheet = Image.new("RGB", PREVIEW_SIZE, "white")
    corner = PREVIEW_MARGIN, 3 * PREVIEW_MARGIN
    with Image.open(BytesIO(graph.draw(format="png", prog="dot"))) as lines:
        sheet.paste(lines.convert("RGB"), corner)
    pen = ImageDraw.Draw(sheet)
    origin = re.findall(r"[\d.]+(?= |\))", drawing[0].attrib["transform"])[-2:]
    for text in drawing.iter(f"{{{SVG}}}text"):
        x, y = (
            begin + scale * (float(zero) + float(text.attrib[axis]))
            for begin, zero, axis in zip(corner, origin, "xy", strict=True)
        )
        font = letters(text.attrib["font-family"], scale * float(text.attrib["font-size"]))
        pen.text((x, y), text.text, "black", font, anchor="ls")
    middle = PREVIEW_SIZE[0] / 2, 1.5 * PREVIEW_MARGIN
    pen.text(middle, title, "black", letters("KaTeX_Main", 1.2 * PREVIEW_MARGIN), anchor="mm")
    sheet.save(path, optimize=True)


def letters(family: str, size: float) -> ImageFont.FreeTypeFont:
    """The first font of a family as the book ships it."""
    from PIL import ImageFont

    return ImageFont.truetype(FONTS / FONT_FILES[family.split(",")[0]], size)


def publish(app: Sphinx, exception: Exception | None) -> None:
    """Write robots.txt, and, where the site's address is known, its map and its preview."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    base = app.config.html_baseurl.rstrip("/")
    if base:
        pages = sorted(app.env.found_docs)
        urls = "".join(f"  <url><loc>{base}/{name}.html</loc></url>\n" for name in pages)
        (out / "sitemap.xml").write_text(
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n',
            encoding="utf-8",
        )
        if not (out / "_static" / PREVIEW).exists():
            draw_preview(out / "_static" / PREVIEW, app.config.html_title)
    if edition_of(app) is ENGLISH:  # robots read the file at the top of a host alone
        robots = "User-agent: *\nAllow: /\n"
        for each in EDITIONS if base else ():
            robots += f"Sitemap: {base}/{each.path}sitemap.xml\n"
        (out / "robots.txt").write_text(robots, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, object]:
    app.connect("config-inited", configure, priority=10)  # before the theme reads its options
    app.connect("html-page-context", describe, priority=800)
    app.connect("build-finished", publish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
