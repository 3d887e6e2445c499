"""Style sheets put together, without the rules that no page can use.

The theme brings rules for everything that a page might hold: 600 kB of them, of which a reader of
this book needs a tenth. A selector stays when every tag, class and id that it names is among the
words of the pages and their scripts; doubt keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path
from posixpath import normpath
from urllib.parse import urlsplit

import tinycss2
from tinycss2 import ast

ICON = re.compile("[\ue000-\uf8ff]")  # icon fonts use Unicode's private area
KEPT_AT_RULES = {"font-face", "page", "property", "layer"}
GROUPS = {"media", "supports", "container"}


def read(path: Path, base: str) -> list[ast.Node]:
    """The rules of a style sheet and of those it imports; url() is given from the folder ``base``.

    ``base`` is the sheet's folder as seen from the folder that will hold the result.
    """
    css = path.read_text(encoding="utf-8")
    rules = []
    for rule in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        if rule.type == "error":
            raise ValueError(f"{path.name}, line {rule.source_line}: {rule.message}")
        if rule.type == "at-rule" and rule.lower_at_keyword == "import":
            target = next(t.value for t in rule.prelude if t.type in ("string", "url"))
            rules += read(path.parent / target, normpath(f"{base}/{target}/.."))
        else:
            _rebase(rule, base)
            rules.append(rule)
    return rules


def _rebase(node: ast.Node, base: str) -> None:
    """Point every url() below the node to where its file is, seen from the result."""
    if node.type == "url":
        if not urlsplit(node.value).scheme and not node.value.startswith("#"):
            node.value = normpath(f"{base}/{node.value}")
            node.representation = f"url({node.value})"
    elif node.type == "function" and node.lower_name == "url":
        for argument in node.arguments:
            if argument.type == "string" and not urlsplit(argument.value).scheme:
                argument.value = normpath(f"{base}/{argument.value}")
                argument.representation = f'"{argument.value}"'
    for name in ("prelude", "content", "arguments"):
        for child in getattr(node, name, None) or ():
            _rebase(child, base)


def purge(rules: Iterable[ast.Node], words: Collection[str]) -> str:
    """The rules that pages made of these words can use, as a style sheet."""
    return '@charset "UTF-8";' + _minified("".join(_kept(rule, words) for rule in rules))


def _kept(rule: ast.Node, words: Collection[str]) -> str:
    if rule.type == "qualified-rule":
        selectors = [s for s in _split(rule.prelude) if _can_match(s, words)]
        if not selectors:
            return ""
        prelude = ",".join(tinycss2.serialize(selector).strip() for selector in selectors)
        return f"{prelude}{{{tinycss2.serialize(rule.content).strip()}}}"
    if rule.type != "at-rule":
        return ""
    keyword = rule.lower_at_keyword
    if keyword in GROUPS and rule.content is not None:
        inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        body = "".join(_kept(child, words) for child in inner)
        return f"@{keyword}{tinycss2.serialize(rule.prelude)}{{{body}}}" if body else ""
    if keyword in KEPT_AT_RULES or keyword.endswith("keyframes"):
        return rule.serialize()
    return ""


def _split(prelude: list[ast.Node]) -> list[list[ast.Node]]:
    selectors: list[list[ast.Node]] = [[]]
    for token in prelude:
        if token == ",":
            selectors.append([])
        else:
            selectors[-1].append(token)
    return selectors


def _can_match(selector: list[ast.Node], words: Collection[str]) -> bool:
    """Whether the pages hold every tag, class and id that stands outside of ``:not()`` and such."""
    before = None
    for token in selector:
        name = token.value if token.type in ("ident", "hash") else None
        if name is not None and before != ":" and name not in words:
            return False
        before = token
    return True


def _minified(css: str) -> str:
    """Without comments and idle white space; strings, which hold none that matters, included."""
    return re.sub(r"\s+", " ", re.sub(r"(?s)/\*.*?\*/", "", css))


def icons(css: str) -> set[int]:
    """The code points of icons that the style sheet writes."""
    return {ord(character) for character in ICON.findall(css)}
