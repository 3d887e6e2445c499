"""What a page of the book must hold, read from its source, and what it must not, read from HTML.

Each check takes text or a parsed page and returns its complaints, so that the tests can show it a
page that is wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import yaml
from bs4 import BeautifulSoup, Tag

from book import ROOT, build
from book.translate.languages import EDITIONS, ENGLISH, LANGUAGES
from book.translate.pages import docname_of

FOLDERS = ("chapters", "exercises", "solutions")

# --- what the sources promise --------------------------------------------------------------------


def toc_pages() -> list[str]:
    """Every page named in _toc.yml, in order, at whatever depth."""

    def files(entry: object) -> list[str]:
        if isinstance(entry, list):
            return [name for item in entry for name in files(item)]
        if isinstance(entry, dict):
            own = [entry[key] for key in ("root", "file") if key in entry]
            return own + [n for v in entry.values() if isinstance(v, list) for n in files(v)]
        return []

    names = (name.removesuffix(".ipynb") for name in files(yaml.safe_load(_read("_toc.yml"))))
    return [docname_of(name) for name in names]


def notebooks() -> list[str]:
    """Every notebook of the book's three folders, as a page name."""
    return [
        f"{folder}/{path.stem}"
        for folder in FOLDERS
        for path in sorted((ROOT / folder).glob("*.ipynb"))
    ]


def every_page() -> list[str]:
    """Every page of every edition, as the site has them."""
    folders = [language.path for language in EDITIONS]
    return [f"{folder}{name}" for folder in folders for name in toc_pages()]


def source_of(page: str) -> Path:
    """Where the source of a page of the site stands: in the tree that its edition is built from."""
    language = next((each for each in LANGUAGES.values() if page.startswith(each.path)), ENGLISH)
    return build.source_of(language) / page.removeprefix(language.path)


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


SHOWN_FIRST = ("text/html", "image/svg+xml", "image/png", "image/jpeg")  # myst-nb's order
HIDDEN = {"remove-output", "remove_output", "remove-cell", "remove_cell"}
CODE = re.compile(r"(?s)```.*?```|`[^`\n]*`")


@dataclass(frozen=True)
class Source:
    """A page's Markdown, and the outputs stored with it."""

    docname: str

    @cached_property
    def notebook(self) -> nbformat.NotebookNode | None:
        path = source_of(f"{self.docname}.ipynb")
        return nbformat.read(path, as_version=4) if path.exists() else None

    @cached_property
    def prose(self) -> str:
        """The Markdown without its code."""
        if self.notebook is None:
            text = source_of(f"{self.docname}.md").read_text(encoding="utf-8")
        else:
            cells = self.notebook.cells
            text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        return CODE.sub("", text)

    @property
    def displayed_equations(self) -> int:
        return self.prose.count("$$") // 2

    @property
    def numbered_equations(self) -> int:
        return len(re.findall(r"\$\$ *\([\w:.-]+\)", self.prose))

    @cached_property
    def outputs(self) -> list[list[nbformat.NotebookNode]]:
        """The outputs of every cell that has some and shows them."""
        return [
            cell.outputs
            for cell in (self.notebook.cells if self.notebook else ())
            if cell.cell_type == "code"
            and cell.outputs
            and not HIDDEN & set(cell.metadata.get("tags", ()))
        ]

    @property
    def pictures(self) -> int:
        """Outputs that a page shows as a picture."""
        bundles = [output.get("data", {}) for outputs in self.outputs for output in outputs]
        shown = [next((mime for mime in SHOWN_FIRST if mime in data), "") for data in bundles]
        return sum(mime.startswith("image/") for mime in shown)


# --- what a page shows ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    site: Path
    docname: str

    @property
    def path(self) -> Path:
        return self.site / f"{self.docname}.html"

    @property
    def soup(self) -> BeautifulSoup:
        return _parsed(self.path)

    @property
    def article(self) -> Tag:
        return self.soup.select_one("article.bd-article")

    @cached_property
    def source(self) -> Source:
        return Source(self.docname)


RESOURCE_ATTRIBUTES = ("src", "srcset", "poster", "data")
LOADED_LINKS = {"stylesheet", "preload", "modulepreload", "prefetch", "icon", "manifest"}
LOADED_LINKS |= {"preconnect", "dns-prefetch", "shortcut", "apple-touch-icon"}
CSS_REFERENCE = re.compile(r"""(?:url\(\s*|@import\s+)["']?([^"')\s;]+)""")
OTHER_HOST = re.compile(r"(?i)\s*(https?:)?//")


def css_references(css: str) -> list[str]:
    """What a style sheet loads: the targets of url() and @import, data: aside."""
    bare = re.sub(r"(?s)/\*.*?\*/", "", css)
    return [target for target in CSS_REFERENCE.findall(bare) if not target.startswith("data:")]


def resources(soup: Tag) -> list[str]:
    """Everything that a browser loads to show the page; links to follow are not among it."""
    found = [
        tag[attribute]
        for tag in soup.find_all(True)
        for attribute in RESOURCE_ATTRIBUTES
        if tag.get(attribute)
    ]
    found += [
        tag["href"]
        for tag in soup.find_all("link", href=True)
        if LOADED_LINKS & set(tag.get("rel", ()))
    ]
    found += [tag["href"] for tag in soup.find_all(["use", "image"], href=True)]
    styles = [tag["style"] for tag in soup.find_all(style=True)]
    styles += [tag.get_text() for tag in soup.find_all("style")]
    return found + [target for style in styles for target in css_references(style)]


def foreign(references: list[str]) -> list[str]:
    """The references that leave this host."""
    return [reference for reference in references if OTHER_HOST.match(reference)]


def missing(references: list[str], start: Path) -> list[str]:
    """The local references that lead to no file, resolved from the folder ``start``."""
    local = [r for r in references if not urlsplit(r).scheme and urlsplit(r).path]
    return [r for r in local if not (start / unquote(urlsplit(r).path)).exists()]


def raw_tex(article: Tag) -> list[str]:
    """TeX that a reader would see as source: dollars, delimiters and commands outside code."""
    copy = BeautifulSoup(str(article), "html.parser")
    complaints = [tag.get_text() for tag in copy.select(".katex-error")]
    for tag in copy.select("code, pre, script, style, svg, .katex"):
        tag.decompose()
    return complaints + re.findall(r".{0,20}(?:\$|\\[A-Za-z(\[]).{0,20}", copy.get_text(" "))


def wordless_pictures(article: Tag) -> list[str]:
    """Pictures that a screen reader would pass over in silence."""
    pictures = [tag for tag in article.find_all("img") if not tag.get("alt", "").strip()]
    pictures += [
        tag
        for tag in article.find_all("svg")
        if not tag.get("aria-label", "").strip()
        and not tag.find_parent(attrs={"aria-hidden": "true"})  # such as a formula's long bar
    ]
    return [str(tag)[:120] for tag in pictures]


def dead_links(page: Page) -> list[str]:
    """Links from the article to a page or an anchor of the site that is not there."""
    dead = []
    for tag in page.article.find_all("a", href=True):
        parts = urlsplit(tag["href"])
        if parts.scheme or parts.netloc:
            continue
        target = (page.path.parent / unquote(parts.path)) if parts.path else page.path
        if not target.exists():
            dead.append(tag["href"])
        elif parts.fragment and target.suffix == ".html":
            if unquote(parts.fragment) not in _ids(target):
                dead.append(tag["href"])
    return dead


@cache
def _ids(path: Path) -> set[str]:
    return {tag["id"] for tag in _parsed(path).find_all(id=True)}


@cache
def _parsed(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
