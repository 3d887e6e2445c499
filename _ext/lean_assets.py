"""What a page loads: one style sheet, one script, one small icon font, and the book's modules.

The theme links a dozen files from every page, writes scripts into it, and brings two icon sets. A
strict content-security policy allows no script in a page, and a phone waits for each file. So the
pages link one style sheet and one deferred script, put together here after the pages are written,
from what the pages then hold.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx
from stylesheet import icons, purge, read

STYLES, SCRIPTS = "lean.css", "lean.js"
THEME_STYLES = ("styles/theme.css", "styles/pydata-sphinx-theme.css")
THEME_SCRIPTS = ("scripts/bootstrap.js", "scripts/pydata-sphinx-theme.js")
# Bootstrap's script knows a hundred words; these are the parts that the book's pages use.
BOOTSTRAP = "scripts/bootstrap.js"
BOOTSTRAP_WORDS = {"active", "fade", "show", "dropdown-menu", "dropdown-toggle"}
BOOTSTRAP_WORDS |= {"tooltip", "tooltip-arrow", "tooltip-inner", "bs-tooltip-auto"}
# Other pages are read again only if their own text changes, so their links carry a mark to fill in.
MARK = re.compile(rf"((?:{STYLES}|{SCRIPTS})\?v=)\w*")
HTML_WORDS = re.compile(r'<([a-z][\w-]*)|\b(?:class|id)="([^"]*)"')
SCRIPT_WORDS = re.compile(r"[A-Za-z_][\w-]*")
ICON_FONT = re.compile(r"url\(([^)]*/(fa-[\w-]+)\.woff2)\)")


class Assets:
    """The files that the pages of this build would load, in order, as names below ``_static``."""

    def __init__(self) -> None:
        self.styles: list[str] = []
        self.scripts: list[str] = []


def _local(name: str) -> str:
    return name.split("?")[0].removeprefix("_static/")


def collect(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """Take the theme's files out of the page and remember them; modules stay where they are."""
    assets: Assets = app.lean_assets
    modules = []
    scripts: list[str] = []
    for script in context["script_files"]:
        if script.attributes.get("type") == "module":
            modules.append(script)
        elif "body" in script.attributes:
            scripts.append(script.attributes["body"] + "\n")
        else:
            scripts.append(_local(script.filename))
    assets.scripts = [*dict.fromkeys(scripts), *THEME_SCRIPTS]
    styles = [*THEME_STYLES, *(_local(style.filename) for style in context["css_files"])]
    assets.styles = list(dict.fromkeys([*assets.styles, *styles]))
    context["script_files"] = modules
    context["css_files"] = []
    # The theme's print button is an inline script; the browser has one of its own.
    for group in context.get("header_buttons", ()):
        if "buttons" in group:
            group["buttons"] = [b for b in group["buttons"] if b["type"] != "javascript"]


def words_of(pages: Iterable[str], scripts: Iterable[str]) -> set[str]:
    """Every tag, class and id in the pages, and every word in the scripts."""
    words = set(BOOTSTRAP_WORDS)
    for page in pages:
        for tag, names in HTML_WORDS.findall(page):
            words.update((tag, *names.split()))
    for script in scripts:
        words.update(SCRIPT_WORDS.findall(script))
    return words


def subset_icons(css: str, static: Path) -> str:
    """Cut every icon font down to the icons in the style sheet, and name the small file there."""
    wanted = icons(css)
    for source, name in set(ICON_FONT.findall(css)):
        font = TTFont((static / source).with_suffix(".ttf"))
        options = Options()
        options.layout_features = []
        options.name_IDs = []
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=wanted & font.getBestCmap().keys())
        subsetter.subset(font)
        font.flavor = "woff"  # the smaller woff2 needs a compressor that Python does not bring
        font.save(static / f"{name}.woff")
        face = rf'url\({re.escape(source)}\) format\("woff2"\)(,url\([^)]*\) format\("truetype"\))?'
        css = re.sub(face, f'url({name}.woff) format("woff")', css)
    return css


def put_together(app: Sphinx, exception: Exception | None) -> None:
    """Write the style sheet and the script, and fill in their marks in every page."""
    assets: Assets = app.lean_assets
    if exception or not assets.styles:
        return
    out = Path(app.outdir)
    static = out / "_static"
    pages = {path: path.read_text(encoding="utf-8") for path in out.rglob("*.html")}
    pages = {path: text for path, text in pages.items() if static not in path.parents}
    sources = {
        name: name if name.endswith("\n") else (static / name).read_text(encoding="utf-8")
        for name in assets.scripts
    }
    # all of them: a module imports others, and not every page is written in every build
    modules = [path.read_text(encoding="utf-8") for path in static.rglob("*.mjs")]
    words = words_of(
        pages.values(), [*modules, *(text for name, text in sources.items() if name != BOOTSTRAP)]
    )
    rules = []
    for name in assets.styles:
        rules += read(static / name, name.rpartition("/")[0] or ".")
    css = subset_icons(purge(rules, words), static)
    script = "\n;".join(re.sub(r"(?m)^//# sourceMappingURL=.*$", "", s) for s in sources.values())
    (static / STYLES).write_text(css, encoding="utf-8")
    (static / SCRIPTS).write_text(script, encoding="utf-8")
    digest = hashlib.sha256((css + script).encode()).hexdigest()[:12]
    for path, text in pages.items():
        marked = MARK.sub(rf"\g<1>{digest}", text)
        if marked != text:
            path.write_text(marked, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, object]:
    app.lean_assets = Assets()
    # After the theme's own (500 and 501), which add buttons and scripts.
    app.connect("html-page-context", collect, priority=900)
    app.connect("build-finished", put_together)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
