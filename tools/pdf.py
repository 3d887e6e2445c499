"""The whole book as one PDF: every page of the site, in order, printed by Chromium.

    python -m tools.pdf                # _build/one-graph-five-questions.pdf

Drawings and equations stay vectors. Links between pages lead to pages of the PDF.
"""

from __future__ import annotations

import io
import sys
import threading
from html import escape
from pathlib import Path
from urllib.parse import urldefrag

from playwright.sync_api import Browser
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NullObject

from book import ROOT, build, serve
from book.browser import NoBrowser, browser

PDF = ROOT / "_build" / "one-graph-five-questions.pdf"
FIRST_PORT = 8600
CONTENTS = "() => [...document.querySelectorAll('.bd-docs-nav a.internal')].map((a) => a.href)"
TITLE = "() => document.querySelector('article h1').firstChild.textContent.trim()"
# Pictures, and the fonts of what is far down, wait until a reader comes near, and paper has no such
# moment.
LOAD = """async () => {
  await Promise.all([...document.fonts].map((font) => font.load().catch(() => null)));
  for (const image of document.images) image.loading = "eager";
  await Promise.all([...document.images].map((image) => image.decode()));
  await document.fonts.ready;
}"""
# A sheet per page with nothing but its foot, to be laid over the page.
FOOT = """<!doctype html><style>
@page {{ size: A4; margin: 0 }}
body {{ margin: 0; font: 9pt Charter, Georgia, serif; color: #555 }}
div {{ break-after: page; box-sizing: border-box; height: 296mm; padding: 283mm 17mm 0;
       display: flex; justify-content: space-between }}
</style>{sheets}"""


class PdfError(Exception):
    """The PDF cannot be made; the message says why."""


def print_pages(chromium: Browser, address: str) -> dict[str, tuple[str, PdfReader]]:
    """Every page in the order of the contents: address -> title, PDF."""
    page = chromium.new_page(color_scheme="light")
    first = f"{address}index.html"
    page.goto(first)
    printed = {}
    for url in (first, *page.evaluate(CONTENTS)):
        page.goto(url)
        page.evaluate(LOAD)
        pdf = page.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
        printed[url] = page.evaluate(TITLE), PdfReader(io.BytesIO(pdf))
        print(f"{printed[url][0]}: {len(printed[url][1].pages)} pages", flush=True)
    return printed


def feet(chromium: Browser, titles: list[str]) -> PdfReader:
    """A sheet for every page of the PDF, with its title and its number."""
    sheets = "".join(
        f"<div><span>{escape(title)}</span><span>{number}</span></div>"
        for number, title in enumerate(titles, start=1)
    )
    page = chromium.new_page()
    page.set_content(FOOT.format(sheets=sheets))
    return PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))


def link_pages(writer: PdfWriter, starts: dict[str, int]) -> int:
    """Let links to the site's pages lead to pages of the PDF; returns how many did."""
    led = 0
    for page in writer.pages:
        for reference in page.get("/Annots", ()):
            link = reference.get_object()
            target = urldefrag(link.get("/A", DictionaryObject()).get("/URI", "")).url
            if target in starts:
                goal = writer.pages[starts[target]].indirect_reference
                place = [goal, NameObject("/XYZ"), NullObject(), NullObject(), NullObject()]
                del link["/A"]
                link[NameObject("/Dest")] = ArrayObject(place)
                led += 1
    return led


def make(path: Path) -> int:
    """Print the built book to ``path``; returns its number of pages."""
    if not (build.HTML / "index.html").exists():
        raise PdfError("there is no book yet: run make book first.")
    with serve.bind(build.HTML, FIRST_PORT) as server, browser(again=True) as chromium:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        printed = print_pages(chromium, f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()
        writer = PdfWriter()
        starts, titles = {}, []
        for url, (title, reader) in printed.items():
            starts[url] = len(titles)
            writer.append(reader, outline_item=title, import_outline=True)
            titles += [title] * len(reader.pages)
        for page, foot in zip(writer.pages, feet(chromium, titles).pages, strict=True):
            page.merge_page(foot)
    link_pages(writer, starts)
    writer.add_metadata({"/Title": titles[0], "/Subject": "Five questions about one graph"})
    writer.compress_identical_objects()
    writer.write(path)
    return len(titles)


def main() -> None:
    try:
        pages = make(PDF)
    except (PdfError, NoBrowser) as error:
        sys.exit(str(error))
    print(f"{pages} pages, {PDF.stat().st_size / 1e6:.1f} MB: {PDF}")


if __name__ == "__main__":
    main()
