"""Make an exercise from its solution: the same notebook, with blanks and without outputs.

In a solution's code cell

    ### BEGIN SOLUTION … ### END SOLUTION     the lines between become one `...`
    z = W1 @ x + b1  # SOLUTION               becomes `z = ...`; a `return` keeps its `return`

and a remark between the code and the marker stays. A cell tagged `solution-only` stays out of the
exercise; one tagged `exercise-only` is meant for it (tag it `remove-cell` too, and the solution's
page does not show it). The title `# Solution 2 …` becomes `# Exercise 2 …`.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path

import nbformat

from book.sources import SourceError, parsed

BEGIN, END, LINE = "### BEGIN SOLUTION", "### END SOLUTION", "# SOLUTION"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
SOLUTION, EXERCISE = "Solution", "Exercise"  # how the two titles begin
OWN_TAGS = {"exercise-only", "solution-only", "remove-cell"}


class SyncError(SourceError):
    """A solution that no exercise can be made from; the message names the notebook and the cell."""


def blanked(source: str) -> str:
    """A code cell's source with its solutions replaced by `...`."""
    lines: list[str] = []
    inside = False
    for number, line in enumerate(source.splitlines(), start=1):
        mark = line.strip()
        if mark == BEGIN:
            if inside:
                raise SyncError(f"line {number}: {BEGIN} inside a solution")
            inside = True
            lines.append(line[: line.index(BEGIN)] + "...")
        elif mark == END:
            if not inside:
                raise SyncError(f"line {number}: {END} without {BEGIN}")
            inside = False
        elif not inside:
            lines.append(_blanked_line(line, number) if mark.endswith(LINE) else line)
    if inside:
        raise SyncError(f"{BEGIN} without {END}")
    text = "\n".join(lines)
    if "SOLUTION" in text:
        raise SyncError(f"a marker is neither {BEGIN}, {END} nor a trailing {LINE}")
    return text


def _blanked_line(line: str, number: int) -> str:
    """`z = W1 @ x  # (h, 1)  # SOLUTION` as `z = ...  # (h, 1)`."""
    indent = line[: len(line) - len(line.lstrip())]
    code = line.strip()[: -len(LINE)].rstrip()
    try:
        (statement,) = ast.parse(code).body
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (SyntaxError, ValueError, tokenize.TokenError):
        raise SyncError(f"line {number}: {LINE} marks one whole statement on one line") from None
    remark = next((f"  {t.string}" for t in tokens if t.type == tokenize.COMMENT), "")
    if isinstance(statement, ast.Assign):
        # Up to the last name: the value may begin with a parenthesis, which ast does not count.
        kept = code.encode()[: statement.targets[-1].end_col_offset].decode() + " = "
    elif isinstance(statement, ast.Return):
        kept = "return "
    elif isinstance(statement, ast.Expr):
        kept = ""
    else:
        raise SyncError(f"line {number}: {LINE} marks an assignment, a return or an expression")
    return f"{indent}{kept}...{remark}"


def exercise_of(solution: nbformat.NotebookNode, where: str) -> nbformat.NotebookNode:
    """The exercise made from an English solution; `where` begins the messages."""
    cells = []
    for cell in solution.cells:
        tags = cell.metadata.get("tags", [])
        if "solution-only" in tags:
            continue
        metadata = {"tags": kept} if (kept := [tag for tag in tags if tag not in OWN_TAGS]) else {}
        if cell.cell_type == "code":
            try:
                source = blanked(cell.source)
            except SyncError as error:
                raise SyncError(f"{where}, cell {cell.id}: {error}") from None
            made = nbformat.v4.new_code_cell(source, id=cell.id, metadata=metadata)
        else:
            source = re.sub(rf"^# {SOLUTION} (\d)", rf"# {EXERCISE} \1", cell.source)
            made = nbformat.v4.new_markdown_cell(source, id=cell.id, metadata=metadata)
        cells.append(made)
    if not any(re.match(rf"# {EXERCISE} \d", cell.source) for cell in cells):
        raise SyncError(f"{where}: no cell begins with the title '# {SOLUTION} N …'")
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=METADATA)
    notebook.nbformat_minor = 5
    return notebook


def text_of(notebook: nbformat.NotebookNode) -> str:
    return nbformat.writes(notebook) + "\n"


def text_from(solution: str, where: str) -> str:
    """The exercise's text, made from the text of its solution; `where` begins the messages."""
    return text_of(exercise_of(parsed(solution, where), where))


def texts(solutions: Path) -> dict[str, str]:
    """File name -> text of every exercise, made from the notebooks in `solutions`."""
    return {
        path.name: text_from(path.read_text(encoding="utf-8"), f"{solutions.name}/{path.name}")
        for path in sorted(solutions.glob("*.ipynb"))
    }
