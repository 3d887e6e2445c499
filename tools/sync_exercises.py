"""Make the exercises from the solutions: the same notebooks, with blanks and without outputs.

    python -m tools.sync_exercises            write exercises/*.ipynb
    python -m tools.sync_exercises --check    only say which of them are stale (exit code 1)

In a solution's code cell

    ### BEGIN SOLUTION … ### END SOLUTION     the lines between become one `...`
    z = W1 @ x + b1  # SOLUTION               becomes `z = ...`; a `return` keeps its `return`

and a remark between the code and the marker stays. A cell tagged `solution-only` stays out of the
exercise; one tagged `exercise-only` is meant for it (tag it `remove-cell` too, and the solution's
page does not show it). The title `# Solution 2 …` becomes `# Exercise 2 …`.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
import tokenize
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END, LINE = "### BEGIN SOLUTION", "### END SOLUTION", "# SOLUTION"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
TITLES = "Solution", "Exercise"
OWN_TAGS = {"exercise-only", "solution-only", "remove-cell"}


class SyncError(Exception):
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


def exercise_of(
    solution: nbformat.NotebookNode, where: str, titles: tuple[str, str] = TITLES
) -> nbformat.NotebookNode:
    """The exercise made from a solution; `where` begins the messages.

    `titles` are the words that begin a solution's title and an exercise's.
    """
    theirs, ours = titles
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
            source = re.sub(rf"^# {theirs} (\d)", rf"# {ours} \1", cell.source)
            made = nbformat.v4.new_markdown_cell(source, id=cell.id, metadata=metadata)
        cells.append(made)
    if not any(re.match(rf"# {ours} \d", cell.source) for cell in cells):
        raise SyncError(f"{where}: no cell begins with the title '# {theirs} N …'")
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=METADATA)
    notebook.nbformat_minor = 5
    return notebook


def texts(solutions: Path) -> dict[str, str]:
    """File name -> text of every exercise, made from the notebooks in `solutions`."""
    made = {}
    for path in sorted(solutions.glob("*.ipynb")):
        where = f"{solutions.name}/{path.name}"
        try:
            notebook = exercise_of(nbformat.read(path, as_version=4), where)
        except nbformat.reader.NotJSONError:
            raise SyncError(f"{where}: not a notebook") from None
        made[path.name] = nbformat.writes(notebook) + "\n"
    return made


def stale(made: dict[str, str], exercises: Path) -> list[str]:
    """What is wrong with the folder of exercises, one sentence for each notebook."""
    there = {path.name: path.read_text(encoding="utf-8") for path in exercises.glob("*.ipynb")}
    folder = exercises.name
    missing = [f"{folder}/{name} is missing" for name in sorted(made.keys() - there.keys())]
    orphans = [f"{folder}/{name} has no solution" for name in sorted(there.keys() - made.keys())]
    changed = [
        f"{folder}/{name} is not what its solution makes"
        for name in sorted(made.keys() & there.keys())
        if made[name] != there[name]
    ]
    return missing + orphans + changed


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Write or check the exercises; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.sync_exercises")
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args(arguments).check
    exercises = root / "exercises"
    try:
        made = texts(root / "solutions")
    except SyncError as error:
        print(error, file=sys.stderr)
        return 1
    if not check:
        exercises.mkdir(exist_ok=True)
        for name, text in made.items():
            (exercises / name).write_text(text, encoding="utf-8", newline="\n")
    wrong = stale(made, exercises)
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    if wrong:
        print("Edit the solution, then run: python -m tools.sync_exercises", file=sys.stderr)
        return 1
    print(f"{len(made)} exercises " + ("are what their solutions make" if check else "written"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
