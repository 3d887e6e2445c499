"""Run notebooks again, each in its own kernel and folder, and store what they print.

python -m tools.run_notebooks chapters solutions/02_hidden_bias.ipynb
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

SECONDS_PER_CELL = 120
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebooks(arguments: list[str]) -> list[Path]:
    """The notebooks named, and those in the folders named."""
    paths = map(Path, arguments)
    return [
        notebook
        for path in paths
        for notebook in (sorted(path.glob("*.ipynb")) if path.is_dir() else [path])
    ]


def run_in_place(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,  # what a cell prints is one output, however slowly it comes
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    # Which machine ran it, and what its libraries say of themselves, is no part of the book.
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [each for each in cell.outputs if each.get("name") != "stderr"]
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    nbformat.write(notebook, path)


def main() -> None:
    paths = notebooks(sys.argv[1:])
    if not paths:
        sys.exit("name notebooks or folders that hold some, such as: chapters solutions")
    started = time.perf_counter()
    for path in paths:
        before = time.perf_counter()
        try:
            run_in_place(path)
        except CellExecutionError as error:
            sys.exit(f"{error}\n{path}: the cell above failed; this notebook is as it was.")
        print(f"{path}: {time.perf_counter() - before:.1f} s", flush=True)
    print(f"{len(paths)} notebooks run and stored in {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
