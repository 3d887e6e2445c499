"""Answers that are graphs: is what came back a node, built on the leaves that were given?"""

from __future__ import annotations

from collections.abc import Collection

from compgraph import Node, leaves
from coursecheck.messages import REASONS
from coursecheck.result import Finding


def unfit(task: str, name: str, node: object, given: Collection[Node]) -> Finding | None:
    """What keeps a returned object from being evaluated, if anything."""
    fields: dict[str, object] = {"task": task, "name": name}
    if not isinstance(node, Node):
        got = type(node).__name__
        return Finding("not_a_node", REASONS["not_a_node"], {**fields, "got": got})
    for foreign in leaves([node]):
        if foreign not in given:
            fields["leaf"] = foreign.name
            return Finding("foreign_leaf", REASONS["foreign_leaf"], fields)
    return None
