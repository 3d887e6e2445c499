"""What the directives share that make a part of a page from the book's own sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective


def boxed(directive: SphinxDirective, lines: Iterable[str], name: str) -> list[nodes.Node]:
    """These lines of Markdown, read where the directive stands, in a box of that class."""
    box = nodes.container(classes=[name])
    source = directive.get_source_info()[0]
    directive.state.nested_parse(StringList(list(lines), source), 0, box)
    return [box]


def with_any_page(key: str) -> Callable[..., list[str]]:
    """For "env-get-outdated": pages whose metadata has this key are read again with any other."""

    def outdated(app: Sphinx, env: BuildEnvironment, added, changed, removed) -> list[str]:
        if not (added or changed or removed):
            return []
        return [name for name, data in env.metadata.items() if key in data]

    return outdated
