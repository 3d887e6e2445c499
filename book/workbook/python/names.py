"""Which cells of a notebook need which: read from their names, without running anything.

A cell is (id, source); cells come in the order of the notebook. A cell that is no Python yet makes
and needs nothing.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator, Sequence

Cell = Sequence[str]


def before(
    cells: Sequence[Cell],
    target: str,
    known: Collection[str],
    ran: Collection[str] = (),
    never: Collection[str] = (),
) -> list[str]:
    """The cells to run before `target`, in order, so that the names it uses exist.

    Parameters
    ----------
    known : names that exist already.
    ran : cells that ran in an earlier session. A cell that asks for the board needs them all, for
        the board counts what was checked.
    never : cells that do not end, as far as anyone knows: they are left out.
    """
    trees = {cell: _parsed(source) for cell, source in cells}
    order = [cell for cell, _ in cells]
    needed: set[str] = set()
    wanted = [target]
    while wanted:
        cell = wanted.pop()
        above = order[: order.index(cell)]
        names = _used(trees[cell]) - set(known) - set(dir(builtins))
        makers = {next((c for c in reversed(above) if n in _made(trees[c])), None) for n in names}
        if _asks_for_the_board(trees[cell]):
            makers |= set(ran) & set(above)
        fresh = makers - needed - set(never) - {None}
        needed |= fresh
        wanted += fresh
    return [cell for cell in order if cell in needed]


def unable(cells: Sequence[Cell], absent: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(cell, module) for each cell that cannot run where the modules in `absent` are missing.

    Either it imports such a module, or it uses a name that only such a cell makes.
    """
    made: set[str] = set()
    lost: dict[str, str] = {}
    for cell, source in cells:
        tree = _parsed(source)
        missing = [module for module in absent if module in _imported(tree)]
        missing += [lost[name] for name in sorted(_used(tree) - _made(tree)) if name in lost]
        if missing:
            yield cell, missing[0]
            lost |= {name: missing[0] for name in _made(tree) - made}
        else:
            made |= _made(tree)
            lost = {name: module for name, module in lost.items() if name not in made}


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def _made(tree: ast.Module) -> set[str]:
    """Names that a cell gives a value to at its top level, loops and conditions included."""
    found: set[str] = set()
    queue: list[ast.AST] = [tree]
    while queue:
        node = queue.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
            continue  # what a function names inside is its own
        if isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp)):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        queue += ast.iter_child_nodes(node)
    return found


def _used(tree: ast.Module) -> set[str]:
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def _imported(tree: ast.Module) -> set[str]:
    plain = [a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names]
    named = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in plain + named}


def _asks_for_the_board(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr == "board" for node in ast.walk(tree))
