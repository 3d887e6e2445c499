"""What is said outside the pages: by the checker, by the site's scripts, and around the text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from babel.messages.extract import extract

from book import ROOT, letters, sources
from book.calculators.forms import CALCULATORS
from book.translate import pages
from book.translate.markdown import has_words
from compgraph.show.words import SENTENCES as DRAWN
from coursecheck import judge, match
from coursecheck import messages as checker
from coursecheck.exercises import NAMES, load_open

Messages = Iterator[tuple[str, str]]

#: what Sphinx and the theme say and have no Chinese for
UNSAID = (
    "Link to this heading", "Link to this equation", "Main", "Page", "Color mode",
    "System Settings", "Toggle primary sidebar", "Toggle secondary sidebar",
    "Toggle hidden content",
)  # fmt: skip

#: what stands between words
BETWEEN = {", ", ": ", *(checker.PIECES[key] for key in ("of_all", "of_a_term"))}

#: how each kind of file marks its words: Babel's name of the kind -> the files, the functions
MARKED = {
    "python": (("ext/*.py", "calculators/*.py", "workbook/python/*.py"), ("_", "N_")),
    "javascript": (("theme/**/*.mjs", "calculators/**/*.mjs", "workbook/page/*.mjs"), ("say",)),
}


def of_the_checker() -> list[tuple[str, str]]:
    """Every template that coursecheck can fill in, every name, title and hint."""
    return _with_words(_checker())


def _checker() -> Messages:
    tables = (checker.STATES, checker.NOTES, checker.REASONS, checker.PIECES)
    for table in (*tables, match.COMMON, match.WHOLE, judge.FACTS):
        yield from ((text, "") for text in table.values())
    for name in NAMES:
        exercise = load_open(name)
        yield exercise.title, name
        yield from ((text, name) for text in exercise.sentences)
        for task in exercise.tasks:
            place = f"{name}: {task.key}"
            yield from ((text, place) for text in (task.title, *task.hints))
            for output in task.outputs:
                yield from ((text, place) for text in (output.name, *output.terms.values()))
            yield from ((slip.says, f"{place}: {slip.key}") for slip in task.slips)
        for option in exercise.options:
            place = f"{name}: {option.key}"
            yield from ((text, place) for hints in option.hints.values() for text in hints)
            yield from ((slip.says, place) for slips in option.slips.values() for slip in slips)


def of_sphinx() -> list[tuple[str, str]]:
    """What Sphinx's templates say without a Chinese word for it, and our own templates."""
    marked = _marked("jinja2.ext:babel_extract", "theme/templates/*.html", ("_",))
    return _with_words(chain(((text, "") for text in UNSAID), marked))


def of_the_site() -> list[tuple[str, str]]:
    """What scripts, templates and extensions mark, what calculators ask, and the book's titles."""
    return _with_words(_site())


def _site() -> Messages:
    for kind, (patterns, functions) in MARKED.items():
        for pattern in patterns:
            yield from _marked(kind, pattern, functions)
    yield from ((text, "calculators") for text in _calculators())
    yield from ((text, "notation") for text in letters.words())
    yield from _pictures()
    yield from ((text, "_config.yml") for text in of_the_settings())


def _marked(kind: str, pattern: str, functions: tuple[str, ...]) -> Messages:
    """The words that files of one kind give to these functions."""
    for path in sorted((ROOT / "book").glob(pattern)):
        with path.open("rb") as file:
            for _line, text, *_rest in extract(kind, file, dict.fromkeys(functions)):
                yield text if isinstance(text, str) else text[0], path.stem


def _calculators() -> Iterator[str]:
    """Titles, questions and choices: the scripts get them as data, so no script marks them."""
    for form, _ in CALCULATORS.values():
        yield form.title
        for legend, fields in form.groups.items():
            yield legend
            for field in fields:
                yield field.label
                yield from (called for _, called in field.choices)
        yield from form.tables.get("roles", {}).values()
        if refused := form.tables.get("refused"):
            yield refused["message"]


def _pictures() -> Messages:
    """What drawings in the notebooks say of themselves, and what compgraph makes of their parts."""
    yield from ((text, "compgraph.show.words") for text in DRAWN)
    for name in pages.names():
        if pages.path_of(name).suffix == ".ipynb":
            for cell, label in pages.labels_of_drawings(name):
                yield label, f"{name}: {cell}"


def of_the_settings() -> Iterator[str]:
    """What `_config.yml` and `_toc.yml` let the reader see."""
    config, toc = sources.mapping(sources.SETTINGS), pages.contents()
    with sources.complete(sources.SETTINGS):
        sphinx = config["sphinx"]["config"]
        yield from (config["title"], config["author"], config["copyright"])
        yield from (sphinx["nb_code_prompt_show"], sphinx["nb_code_prompt_hide"])
        yield sphinx["html_theme_options"]["search_bar_text"]
    yield from (part["caption"] for part in toc["parts"] if "caption" in part)


def _with_words(messages: Messages) -> list[tuple[str, str]]:
    """Those that can be translated at all: `∂J/∂W2` says the same everywhere."""
    return [(text, place) for text, place in messages if has_words(text) or text in BETWEEN]
