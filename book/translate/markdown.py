"""Where the sentences of a MyST text stand: paragraphs, headings, list items, cells, titles.

A sentence is what a translator gets as one piece, with its markup, on one line. Formulas in blocks,
code, and what directives do are no sentences: they stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import yaml
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

# as in _config.yml
EXTENSIONS = {"attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath", "tasklist"}
# directives whose title and body are prose; the others hold data
PROSE = {"admonition", "dropdown", "note", "tip", "warning", "important", "seealso"}

DIRECTIVE = re.compile(r"\{([\w:-]+)\}[ \t]*(.*)")
OPTIONS = re.compile(r"(?:[ \t]*:[\w-]+:.*\n)*")

# What a sentence holds besides words, in the order in which it is looked for.
CODE = r"(?<!`)(?P<tick>`+)(?!`).+?(?<!`)(?P=tick)(?!`)"
FORMULA = r"\$\$.+?\$\$|\$(?:\\.|[^$\\])+\$"
MARKUP = re.compile(
    rf"(?P<role>\{{[\w:-]+\}}`[^`]*`)|(?P<code>{CODE})|(?P<formula>{FORMULA})"
    r"|\]\((?P<link>[^)\s]*)\)|(?P<field>\{\{|\}\}|\{[^{}\s]*\})",
    re.S,
)


class NoSentences(Exception):
    """A text whose sentences cannot be found; the message is what the parser says."""


@dataclass(frozen=True)
class Sentence:
    """A piece of a text to translate: where it stands, and what it says on one line."""

    start: int
    end: int
    text: str


@cache
def _parser() -> MarkdownIt:
    return create_md_parser(MdParserConfig(enable_extensions=EXTENSIONS), RendererHTML)


def parts(sentence: str) -> dict[str, list[str]]:
    """Roles, code, formulas, link targets and fields of a sentence: a translation has the same."""
    found: dict[str, list[str]] = {"role": [], "code": [], "formula": [], "link": [], "field": []}
    for match in MARKUP.finditer(sentence):
        kind = match.lastgroup or ""
        found[kind].append(" ".join(match[kind].split()))
    return {kind: sorted(pieces) for kind, pieces in found.items()}


def bare_stars(sentence: str) -> int:
    """How many asterisks the page shows, because they emphasise nothing.

    In Chinese that comes easily: ``**对。**然后`` closes nothing, ``**对**。然后`` does.
    """
    shown = (part for token in _parser().parseInline(sentence) for part in token.children or ())
    return sum(part.content.count("*") for part in shown if part.type == "text")


def has_words(sentence: str) -> bool:
    """Whether anything is left to translate without roles, code, formulas and links' targets."""
    return re.search(r"[^\W\d_]{2,}", MARKUP.sub(" ", sentence)) is not None


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text in the order in which they stand.

    Raises NoSentences for a text that cannot be cut into them.
    """
    try:
        return [found for found in _sentences(text) if has_words(found.text)]
    except (ValueError, yaml.YAMLError) as error:
        raise NoSentences(" ".join(str(error).split())[:100]) from None


def _sentences(text: str, offset: int = 0) -> Iterator[Sentence]:
    cursor = 0

    def find(content: str) -> Sentence:
        """The next place where a token's content stands; the parser has taken its indents away."""
        nonlocal cursor
        lines = [line.strip() for line in content.strip().split("\n")]
        pattern = r"[ \t]*\n[ \t>]*".join(
            re.escape(line).replace(r"\|", r"\\?\|") for line in lines
        )
        match = re.compile(pattern).search(text, cursor)
        if match is None:
            raise ValueError(f"cannot find in its page: {content!r}")
        cursor = match.end()
        return Sentence(offset + match.start(), offset + match.end(), " ".join(lines))

    for token in _parser().parse(text):
        if token.type == "inline" and token.content.strip():
            yield find(token.content)
        elif token.type == "front_matter":
            for value in _descriptions(yaml.safe_load(token.content)):
                yield find(value)
        elif token.type in ("fence", "colon_fence") and (named := DIRECTIVE.match(token.info)):
            yield from _of_directive(token, named, find, offset)


def _of_directive(
    token: Token, named: re.Match, find: Callable[[str], Sentence], offset: int
) -> Iterator[Sentence]:
    if named[1] not in PROSE:
        return
    if named[2].strip():
        yield find(named[2])
    options = OPTIONS.match(token.content)
    body = token.content[options.end() :] if options else token.content
    if body.strip():
        whole = find(body)
        yield from _sentences(body.strip(), whole.start)


def _descriptions(front_matter: object) -> list[str]:
    """What search engines are told of a page."""
    meta = ((front_matter or {}).get("myst") or {}).get("html_meta") or {}  # type: ignore[union-attr]
    return [meta["description"]] if "description" in meta else []


def translated(text: str, translate: Callable[[str], str]) -> str:
    """The text with every sentence replaced by its translation."""
    pieces, cursor = [], 0
    for sentence in sentences(text):
        pieces += [text[cursor : sentence.start], translate(sentence.text)]
        cursor = sentence.end
    return "".join([*pieces, text[cursor:]])
