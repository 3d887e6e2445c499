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
from functools import partial
from logging import getLogger
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from book.ext import stylesheet
from book.ext.editions import SPHINX_WORDS
from book.ext.stylesheet import icons, purge, read

logger = logging.getLogger(__name__)
getLogger("fontTools").setLevel("WARNING")  # it tells what it does with every table

STYLES, SCRIPTS = "lean.css", "lean.js"
MADE = "lean-assets"  # beside the doctrees: a digest of what the two were made from, and when
THEME_STYLES = ("styles/theme.css", "styles/pydata-sphinx-theme.css")
# book/theme/static/page.mjs does what the book needs of the first, editions.py of the second.
REPLACED_SCRIPTS = {"scripts/sphinx-book-theme.js", SPHINX_WORDS}
PAGE_NAME = "DOCUMENTATION_OPTIONS.pagename"  # only the version menu, which we have not, reads it
# Other pages are read again only if their own text changes, so their links carry a mark to fill in.
MARK = re.compile(rf"((?:{STYLES}|{SCRIPTS})\?v=)\w*")
HTML_WORDS = re.compile(r'<([a-z][\w-]*)|\b(?:class|id)="([^"]*)"')
SCRIPT_WORDS = re.compile(r"[A-Za-z_][\w-]*")
ICON_FONT = re.compile(r"url\(([^)]*/(fa-[\w-]+)\.woff2)\)")


class Assets:
    """The files that the pages of this build would load, in order, as names below ``_static``.

    They are taken for the whole site's: what one page alone needs should be a module.
    """

    def __init__(self) -> None:
        self.styles: list[str] = []
        self.scripts: list[str] = []


def _local(name: str) -> str:
    return name.split("?")[0].removeprefix("_static/")


def collect(
    assets: Assets, app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object
) -> None:
    """Take the theme's files out of the page and remember them; modules stay where they are."""
    modules = []
    scripts: list[str] = []
    for script in context["script_files"]:
        if script.attributes.get("type") == "module":
            modules.append(script)
        elif script.filename:
            scripts.append(_local(script.filename))
        elif not script.attributes.get("body", "").startswith(PAGE_NAME):
            logger.warning("a script in the page: %s", script.attributes, type="lean")
    wanted = [name for name in scripts if name not in REPLACED_SCRIPTS]
    assets.scripts = list(dict.fromkeys([*assets.scripts, *wanted]))
    styles = [*THEME_STYLES, *(_local(style.filename) for style in context["css_files"])]
    assets.styles = list(dict.fromkeys([*assets.styles, *styles]))
    context["script_files"] = modules
    context["css_files"] = []


def notice_assets(app: Sphinx, env: BuildEnvironment, added, changed, removed) -> list[str]:
    """With no page out of date Sphinx would not even look at an edited style sheet."""
    made = Path(app.doctreedir, MADE)
    folders = [Path(app.confdir, folder) for folder in app.config.html_static_path]
    newest = max(
        (path.stat().st_mtime for folder in folders for path in folder.rglob("*")), default=0
    )
    return [app.config.root_doc] if not made.exists() or newest > made.stat().st_mtime else []


def words_of(pages: Iterable[str], scripts: Iterable[str]) -> set[str]:
    """Every tag, class and id in the pages, and every word in the scripts."""
    words = set()
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


def put_together(assets: Assets, app: Sphinx, exception: Exception | None) -> None:
    """Write the style sheet and the script, and fill in their marks in every page."""
    if exception or not assets.styles:
        return
    out = Path(app.outdir)
    static = out / "_static"
    pages = {
        path: path.read_text(encoding="utf-8")
        for path in out.rglob("*.html")
        if static not in path.parents
    }
    scripts = [(static / name).read_text(encoding="utf-8") for name in assets.scripts]
    # all of them: a module imports others, and not every page is written in every build
    modules = [path.read_text(encoding="utf-8") for path in static.rglob("*.mjs")]
    words = words_of(pages.values(), [*modules, *scripts])
    styles = [(static / name).read_text(encoding="utf-8") for name in assets.styles]
    recipe = [Path(file).read_text(encoding="utf-8") for file in (__file__, stylesheet.__file__)]
    inputs = "\0".join([*recipe, *assets.styles, *styles, *scripts, *sorted(words)])
    digest = hashlib.sha256(inputs.encode()).hexdigest()[:12]
    made = Path(app.doctreedir, MADE)
    if not (static / STYLES).exists() or not made.exists() or made.read_text() != digest:
        rules = []
        for name in assets.styles:
            rules += read(static / name, name.rpartition("/")[0] or ".")
        css = subset_icons(purge(rules, words), static)
        script = "\n;".join(re.sub(r"(?m)^//# sourceMappingURL=.*$", "", s) for s in scripts)
        (static / STYLES).write_text(css, encoding="utf-8")
        (static / SCRIPTS).write_text(script, encoding="utf-8")
    made.write_text(digest)
    for path, text in pages.items():
        marked = MARK.sub(rf"\g<1>{digest}", text)
        if marked != text:
            path.write_text(marked, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, object]:
    assets = Assets()  # of this build: pages are written in this process (parallel_write_safe)
    # Jupyter Book always sets this value, for an extension that this book leaves out; a value that
    # nobody has registered is a warning, which no setting suppresses.
    app.add_config_value("comments_config", {}, "")
    # After the theme's own (500 and 501), which add buttons and scripts.
    app.connect("env-get-outdated", notice_assets)
    app.connect("html-page-context", partial(collect, assets), priority=900)
    finish = partial(put_together, assets)
    app.connect("build-finished", finish, priority=900)  # the theme colours code there, too
    return {"parallel_read_safe": True, "parallel_write_safe": False}
