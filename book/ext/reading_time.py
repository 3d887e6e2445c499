"""How long a chapter takes to read, and each of its sections: by one rate, from the page itself.

What counts is what stands on the page when it is read: words, equations, lines of code, tables,
figures. What is folded away, and the section *Beyond*, are counted apart: without them is the core.
``{reading-times}`` prints the rate and a table of all chapters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from book import letters
from book.ext.calculators import calculator
from book.ext.editions import N_, _

#: seconds
EQUATION, LINE_OF_CODE, TABLE, FIGURE = 20, 4, 15, 30
#: a minute
WORDS = 200
# A choice. Adults read 238 words of English nonfiction silently (Brysbaert, 2019;
# doi.org/10.1016/j.jml.2019.104047), and China's curriculum wants 500 characters of ordinary prose
# from the ninth grade. This text is slower: at 200 and 300, both editions take the same time.
CHARACTERS = 300
AT_MOST = 20 * 60  # seconds of a chapter's core

FOLDER, BEYOND = "chapters/", "beyond"  # the pages that have times; the id of a section
SOURCE, OUTPUT = "cell_code_source", "cell_code_output"  # a cell's parts, as myst-nb calls them
CHARACTER = re.compile(r"[\u3400-\u9fff]")
WORD = re.compile(r"[^\W\u3400-\u9fff]+(?:['’.,-][^\W\u3400-\u9fff]+)*")
SHOWN_FIRST = ("text/html", "image/", "text/")  # of one output in several forms


@dataclass(frozen=True)
class Time:
    """Seconds of what everybody reads, of what is folded away, and of what stands in *Beyond*."""

    core: float = 0
    folded: float = 0
    beyond: float = 0

    def __add__(self, other: Time) -> Time:
        return Time(self.core + other.core, self.folded + other.folded, self.beyond + other.beyond)

    @property
    def with_folds(self) -> float:
        return self.core + self.folded


def in_text(text: str) -> float:
    """Seconds for words and characters."""
    words = len(WORD.findall(text))
    return 60 * (words / WORDS + len(CHARACTER.findall(text)) / CHARACTERS)


def in_formula(tex: str) -> float:
    """Seconds for a formula within a line: a word for each of its letters."""
    return 60 / WORDS * max(1, letters.count(tex))


def in_html(html: str) -> float:
    """Seconds for what a notebook or an extension put into the page as it is."""
    tables, figures = html.count("<table"), html.count("<svg") + html.count("<img")
    if tables or figures:
        return TABLE * tables + FIGURE * figures
    return in_text(re.sub(r"<[^>]*>", " ", html))


def in_lines(block: nodes.literal_block) -> float:
    """Seconds for code, or for what it printed: several lines of that are a table."""
    lines = [line for line in block.astext().splitlines() if line.strip()]
    if "output" not in block["classes"]:
        return LINE_OF_CODE * len(lines)
    return TABLE if len(lines) > 1 else in_text(block.astext())


#: what is read as one piece -> its seconds
WHOLE = {
    nodes.Text: lambda node: in_text(node.astext()),
    nodes.math: lambda node: in_formula(node.astext()),
    nodes.math_block: lambda node: EQUATION,
    nodes.literal_block: in_lines,
    nodes.table: lambda node: TABLE,
    nodes.image: lambda node: FIGURE,
    calculator: lambda node: FIGURE,
    nodes.raw: lambda node: in_html(node.astext()),
    nodes.comment: lambda node: 0,
}


def of(node: nodes.Node) -> Time:
    """The time that a part of a page takes; a page is read as it is kept, before it is written."""
    if measure := WHOLE.get(type(node)):
        return Time(measure(node))
    if isinstance(node, nodes.section) and BEYOND in node["ids"]:
        return Time(beyond=inside(node).with_folds)
    if not isinstance(node, nodes.Element):
        return Time()
    if node.get("nb_element") == "mime_bundle":
        return of(_shown(node))
    return inside(node)


def inside(node: nodes.Element) -> Time:
    """The time of all that a part holds, whatever it is called."""
    total = Time()
    for child in node.children:
        time = of(child)
        total += replace(time, core=0, folded=time.with_folds) if _folded(child) else time
    return total


#: how a cell hides -> which of its parts
HIDES = {"input": {SOURCE}, "output": {OUTPUT}, "input+output": {SOURCE, OUTPUT}}
HIDES["all"] = HIDES["input+output"]


def _folded(node: nodes.Node) -> bool:
    """Whether the reader has to open a box first to see this part of it."""
    box = node.parent
    if "dropdown" in box["classes"] or box.get("design_component") == "dropdown":
        return node is not box[0]  # the first part says what is in the box
    hidden = HIDES.get(box.get("hide_mode", ""), set())
    return isinstance(node, nodes.Element) and node.get("nb_element") in hidden


def _shown(bundle: nodes.Element) -> nodes.Node:
    """The form of an output that the page shows."""

    def rank(form: nodes.Element) -> int:
        kinds = enumerate(SHOWN_FIRST)
        mime = form.get("mime_type", "")
        return next((i for i, kind in kinds if mime.startswith(kind)), len(SHOWN_FIRST))

    return min(bundle.children, key=rank)


# --- on the page ---------------------------------------------------------------------------------


def minutes(seconds: float) -> int:
    return max(1, round(seconds / 60))


class ReadingTime(nodes.General, nodes.Element):
    """A time in a heading: words that neither the contents nor the search take for its title."""


HEAD = N_("Core {core} min, with folds {folds}")
HEAD_BEYOND = N_("Core {core} min, with folds {folds}; Beyond {beyond}")
SECTION, SECTION_FOLDS = N_("{core} min"), N_("{core} min, with folds {folds}")


def at_the_head(time: Time) -> str:
    """What stands below a chapter's first paragraph."""
    said = HEAD_BEYOND if time.beyond else HEAD
    return _(said).format(
        core=minutes(time.core), folds=minutes(time.with_folds), beyond=minutes(time.beyond)
    )


def in_a_heading(time: Time) -> str:
    """What stands in a section's heading; folds are named where they change the number."""
    core, folds = minutes(time.core or time.beyond), minutes(time.with_folds or time.beyond)
    return _(SECTION if folds == core else SECTION_FOLDS).format(core=core, folds=folds)


def measure(app: Sphinx, doctree: nodes.document) -> None:
    """Keep the time of a chapter with its page, and of each section with the section."""
    docname = app.env.docname
    if not docname.startswith(FOLDER):
        return
    app.env.metadata[docname]["reading-time"] = of(doctree)
    for section in doctree.findall(nodes.section):
        section["reading-time"] = of(section)


class ShowTimes(SphinxPostTransform):
    """Put the times into the headings, and a line under the chapter's first paragraph."""

    default_priority = 300
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        for section in self.document.findall(nodes.section):
            time = section.get("reading-time")
            if time is None:
                continue
            if section.parent is not self.document:
                section[0] += ReadingTime(words=in_a_heading(time))
                continue
            lead = next((i for i, part in enumerate(section) if part.tagname == "paragraph"), 0)
            section.insert(lead + 1, ReadingTime(words=at_the_head(time), block=True))


def visit_html(translator: HTML5Translator, node: ReadingTime) -> None:
    tag = "p" if node.get("block") else "span"
    translator.body.append(f'<{tag} class="reading-time">{node["words"]}</{tag}>')
    raise nodes.SkipNode


def skip(translator: nodes.NodeVisitor, node: ReadingTime) -> None:
    raise nodes.SkipNode


# --- all chapters --------------------------------------------------------------------------------

RATE = N_(
    "{words} words a minute, or {characters} Chinese characters, and a word for each letter of a "
    "formula in the text; {equation} seconds an equation, {line} seconds a line of code, {table} "
    "seconds a table, {figure} seconds a figure."
)
COLUMNS = (N_("chapter"), N_("core"), N_("with folds"), N_("Beyond"))
CHAPTERS = "reading-times"  # marks the pages that have the table


class Chapters(nodes.General, nodes.Element):
    """The table of all chapters; its numbers are known when all pages are read."""


class ReadingTimes(SphinxDirective):
    """``{reading-times}``: the rate in words, and the minutes of every chapter."""

    def run(self) -> list[nodes.Node]:
        self.env.metadata[self.env.docname][CHAPTERS] = True
        rate = _(RATE).format(
            words=WORDS, characters=CHARACTERS, equation=EQUATION, line=LINE_OF_CODE,
            table=TABLE, figure=FIGURE,
        )  # fmt: skip
        return [nodes.paragraph("", rate), Chapters()]


def visit_chapters(translator: HTML5Translator, node: Chapters) -> None:
    builder = translator.builder
    env = builder.env
    body = []
    for name in sorted(name for name, data in env.metadata.items() if "reading-time" in data):
        time = env.metadata[name]["reading-time"]
        link = builder.get_relative_uri(builder.current_docname, name)
        cells = [minutes(time.core), minutes(time.with_folds)]
        cells.append(minutes(time.beyond) if time.beyond else "")
        columns = "".join(f"<td>{cell}</td>" for cell in cells)
        title = escape(env.titles[name].astext())
        body.append(f'<tr><th scope="row"><a href="{link}">{title}</a></th>{columns}</tr>')
    head = "".join(f'<th scope="col">{_(column)}</th>' for column in COLUMNS)
    translator.body.append(
        f'<table class="table reading-times"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table>"
    )
    raise nodes.SkipNode


def rewrite(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages with the table are written again whenever anything is."""
    return [name for name, data in env.metadata.items() if CHAPTERS in data]


def setup(app: Sphinx) -> dict[str, object]:
    app.add_node(ReadingTime, html=(visit_html, None), latex=(skip, None), text=(skip, None))
    app.add_node(Chapters, html=(visit_chapters, None), latex=(skip, None), text=(skip, None))
    app.add_directive("reading-times", ReadingTimes)
    app.connect("doctree-read", measure)
    app.connect("env-updated", rewrite)
    app.add_post_transform(ShowTimes)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
