"""Turn exercise pages into workbooks that run in the reader's browser.

While a page is written, each code cell of ``exercises/*.ipynb`` becomes one of three things:

- a cell of ``ex.hint`` and ``ex.solution`` lines: hints and solution behind a click, as text;
- a cell that needs what a browser does not have: a sentence says so, and the outputs that are
  stored with the solution stand below it;
- any other cell: what ``book/workbook/page/workbook.mjs`` makes editable and runs.

The site gets the page's scripts in ``_static/workbook-HASH`` and, if ``book/workbook/runtime.py``
could fetch it, Python in ``workbook-HASH``, with our packages as a wheel. The hash is that of what
is inside, so browsers may keep both for ever. Without Python the pages say where else to work.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import json
import re
import shutil
import tomllib
import zipfile
from functools import cache, reduce
from html import escape
from io import BytesIO
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from book import ROOT, withheld
from book.ext.editions import N_, _, edition_of, to_root
from book.workbook.python.names import unable
from book.workbook.runtime import WORK
from coursecheck import exercise, sealed, texts
from coursecheck.messages import ENGLISH

SOURCES = ROOT / "book" / "workbook"
RUNTIME = WORK / "runtime"
STATIC = ROOT / "book" / "theme" / "static"
EXERCISES = "exercises/"
PACKAGES = ("compgraph", "coursecheck", "ledger")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WHEEL, VERSION = PROJECT["name"], PROJECT["version"]
HELP = re.compile(r"#\s*ex\.(hint|solution)\(\"(\w+)\"(?:, (\d+))?\)")

#: what a browser does not have -> why the cell that needs it cannot run there
TORCH = N_("This cell needs PyTorch, which does not run in a browser.")
PROCESSES = N_("This cell starts processes of its own, which a browser does not allow.")
ABSENT = {
    "torch": TORCH,
    "measure": TORCH,
    "parallel": PROCESSES,
    "multiprocessing": PROCESSES,
    "subprocess": PROCESSES,
    "matplotlib": N_("This cell plots with Matplotlib, which this page does not carry."),
}
STORED = N_("Below is what it shows for the solution.")
ELSEWHERE = N_("To run it on your own answers, export your work and open it in Jupyter.")
NOT_HERE = N_(
    "Exercises do not run in this copy of the book: Python for the page could not be fetched when "
    "it was built. Open the notebook with {command} instead."
)
NO_SCRIPT = N_("Without JavaScript this page is for reading. Open the notebook with {command}.")
BOARD = (N_("Exercise"), N_("Tasks"), N_("You"))
COMMAND = "<code>make lab</code>"


# --- the site's folder ---------------------------------------------------------------------------


def wheel() -> tuple[str, bytes]:
    """Our packages and the one they import, as a wheel: its name and its bytes.

    The same sources give the same bytes: members are sorted and carry no time.
    """
    stem = f"{WHEEL.replace('-', '_')}-{VERSION}"
    info = f"{stem}.dist-info"
    graphviz = importlib.metadata.distribution("graphviz")
    members = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in (".py", ".po", sealed.SUFFIX)
    }
    answers = texts.ANSWERS.relative_to(ROOT).as_posix()
    members |= {f"{answers}/{name}": text.encode() for name, text in texts.packed().items()}
    kept_back = withheld.names()
    for path in withheld.left_out(kept_back):
        members.pop(path, None)
    members |= withheld.banks(kept_back)
    for package in (ROOT / "book", SOURCES, SOURCES / "python"):  # the page's own part of the book
        members |= {
            path.relative_to(ROOT).as_posix(): path.read_bytes()
            for path in package.glob("*.py" if package.name == "python" else "__init__.py")
        }
    members |= {path.name: path.read_bytes() for path in (SOURCES / "standins").glob("*.py")}
    for file in graphviz.files or ():
        if file.suffix == ".py":
            members[file.as_posix()] = file.locate().read_bytes()
        elif "LICENSE" in file.name:
            members[f"{info}/licenses/graphviz.txt"] = file.locate().read_bytes()
    members[f"{info}/licenses/LICENSE"] = (ROOT / "LICENSE").read_bytes()
    members[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    about = f"Metadata-Version: 2.1\nName: {WHEEL}\nVersion: {VERSION}\n"
    members[f"{info}/METADATA"] = about.encode()
    record = "".join(
        f"{member},sha256={_urlsafe(content)},{len(content)}\n"
        for member, content in sorted(members.items())
    )
    members[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for member, content in sorted(members.items()):
            entry = zipfile.ZipInfo(member)
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, content)
    return f"{stem}-py3-none-any.whl", archive.getvalue()


def _urlsafe(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def runtime(folder: Path) -> dict[str, bytes]:
    """The files that were fetched, with our wheel in Pyodide's lock; empty if there are none."""
    stamp = folder / "runtime.json"
    if not stamp.exists():
        return {}
    known = json.loads(stamp.read_text(encoding="utf-8"))["files"]
    files = {name: (folder / name).read_bytes() for name in known}
    name, content = wheel()
    files[name] = content
    lock = json.loads(files["pyodide-lock.json"])
    lock["packages"][WHEEL] = {
        "name": WHEEL,
        "version": VERSION,
        "file_name": name,
        "install_dir": "site",
        "sha256": hashlib.sha256(content).hexdigest(),
        "package_type": "package",
        "imports": [*PACKAGES, "graphviz", "pygraphviz", "book"],
        "depends": ["numpy"],
        "unvendored_tests": False,
    }
    files["pyodide-lock.json"] = json.dumps(lock).encode()
    return files


def assemble(app: Sphinx) -> None:
    """Write the folders into the site, and remember their name and what was fetched."""
    if app.builder.format != "html":
        return
    fetched = runtime(RUNTIME)
    shared = [STATIC / name for name in ("make.mjs", "say.mjs")]
    page = {path.name: path.read_bytes() for path in [*(SOURCES / "page").iterdir(), *shared]}
    worker = {"worker.mjs": (SOURCES / "python" / "worker.mjs").read_bytes()} if fetched else {}
    digest = hashlib.sha256()
    for name, content in sorted((fetched | page | worker).items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    folder = f"workbook-{digest.hexdigest()[:12]}"
    out = Path(app.outdir)
    folders = [(out / "_static", page)]
    if not edition_of(app).folder:  # the other editions stand in this one's folder and share it
        folders.append((out, fetched | worker))
        # A service worker rules the folder it lies in and those below: the whole book.
        shutil.copyfile(SOURCES / "offline.js", out / "offline.js")
    for parent, files in folders:
        for old in parent.glob("workbook-*"):
            if old.name != folder:
                shutil.rmtree(old)
        (parent / folder).mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (parent / folder / name).write_bytes(content)
    app.config.workbook_folder = folder
    app.config.workbook_bytes = {name: len(content) for name, content in fetched.items()}


def outdated(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
    """The pages that name the folder, when it has another name than in the last build."""
    folder = app.config.workbook_folder
    if getattr(env, "workbook_folder", folder) == folder:
        env.workbook_folder = folder
        return []
    env.workbook_folder = folder
    return [doc for doc in env.found_docs if _is_exercise(doc) or _has_board(env, doc)]


# --- exercise pages ------------------------------------------------------------------------------


def _is_exercise(docname: str) -> bool:
    return docname.startswith(EXERCISES)


@cache
def _read(path: Path, changed: float) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def _cells(app: Sphinx, folder: str, name: str) -> list[dict]:
    path = Path(app.srcdir, folder, f"{name}.ipynb")
    return _read(path, path.stat().st_mtime)["cells"]


def _has(app: Sphinx, folder: str, name: str) -> bool:
    """Whether the page is there: a solution may be withheld."""
    return Path(app.srcdir, folder, f"{name}.ipynb").exists()


def _code(cells: list[dict]) -> list[tuple[str, str]]:
    return [(c["id"], "".join(c["source"])) for c in cells if c["cell_type"] == "code"]


def borrow_outputs(app: Sphinx, docname: str, source: list[str]) -> None:
    """Give the cells that cannot run in the page the outputs that the solution has stored."""
    if not _is_exercise(docname):
        return
    notebook = json.loads(source[0])
    name = docname.removeprefix(EXERCISES)
    elsewhere = dict(unable(_code(notebook["cells"]), tuple(ABSENT)))
    solved = _cells(app, "solutions", name) if _has(app, "solutions", name) else []
    stored = {cell["id"]: cell.get("outputs") for cell in solved}
    for cell in notebook["cells"]:
        if cell["id"] in elsewhere:
            cell["outputs"] = stored.get(cell["id"]) or []
    source[0] = json.dumps(notebook)
    if solved:
        app.env.note_dependency(str(Path(app.srcdir, "solutions", f"{name}.ipynb")))


def _one_after_the_other(sentence: str, following: str) -> str:
    return _("{sentence} {next}").format(sentence=sentence, next=following)


class frame(nodes.General, nodes.Element):
    """A box around a code cell; its attributes ``classes`` and ``cell`` go into the page."""


def _open_frame(translator: HTML5Translator, node: frame) -> None:
    translator.body.append(translator.starttag(node, "div", **{"data-cell": node["cell"]}))


def _close_frame(translator: HTML5Translator, node: frame) -> None:
    translator.body.append("</div>\n")


def _framed(block: nodes.Element, kind: str, cell: str, *before: nodes.Node) -> None:
    """Put a box around the block, with other nodes before it."""
    box = frame(classes=[kind], cell=cell)
    block.replace_self(box)
    box.extend([*before, block])


def _html(markup: str) -> nodes.raw:
    return nodes.raw("", markup, format="html")


def help_markup(name: str, source: str, language: str = ENGLISH) -> str | None:
    """Hints and solution that a cell would show, each behind a click; None for other cells."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    calls = [HELP.fullmatch(line) for line in lines]
    if not calls or not all(calls):
        return None
    asked = exercise(name, language)
    pieces = []
    for kind, task, level in (call.groups() for call in calls):
        note = asked.hint(task, int(level)) if kind == "hint" else asked.solution(task)
        title = _("Hint {level}").format(level=level) if kind == "hint" else _("Solution")
        of_task = _(" for {task}").format(task=escape(task))
        pieces.append(
            f'<details class="workbook-{kind}" data-task="{escape(task)}"><summary>{title}'
            f'<span class="visually-hidden">{of_task}</span></summary>'
            f"{note._repr_html_()}</details>"
        )
    return f'<div class="workbook-help">{"".join(pieces)}</div>'


class Workbook(SphinxPostTransform):
    """Replace or wrap the code cells of an exercise page, and add what its script reads."""

    default_priority = 8  # after myst-nb has chosen the output's format (4)
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        docname = self.env.docname
        if not _is_exercise(docname):
            return
        name = docname.removeprefix(EXERCISES)
        cells = _cells(self.app, "exercises", name)
        elsewhere = dict(unable(_code(cells), tuple(ABSENT)))
        runs = []
        for block in list(self.document.findall(self._is_code_cell)):
            cell = cells[block["cell_index"]]
            source = "".join(cell["source"])
            if (markup := help_markup(name, source, self.config.language)) is not None:
                block.replace_self(_html(markup))
            elif cell["id"] in elsewhere:
                why = self._why(block, ABSENT[elsewhere[cell["id"]]])
                _framed(block, "workbook-elsewhere", cell["id"], why)
            else:
                _framed(block, "workbook-cell", cell["id"])
                runs.append({"id": cell["id"], "source": source})
        shown = {cell["id"] for cell in runs}
        others = [cell for cell, _ in _code(cells) if cell not in shown]
        title = next(self.document.findall(nodes.title))
        title.parent.insert(title.parent.index(title) + 1, self._bar(name, runs, others))

    @staticmethod
    def _is_code_cell(node: nodes.Node) -> bool:
        return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"

    @staticmethod
    def _why(block: nodes.container, why: str) -> nodes.paragraph:
        has_outputs = any(part.get("nb_element") == "cell_code_output" for part in block.children)
        said = [why, STORED, ELSEWHERE] if has_outputs else [why, ELSEWHERE]
        text = reduce(_one_after_the_other, map(_, said))
        return nodes.paragraph("", text, classes=["workbook-why"])

    def _bar(self, name: str, runs: list[dict], elsewhere: list[str]) -> nodes.raw:
        sizes = self.app.config.workbook_bytes
        if not sizes:
            why = _(NOT_HERE).format(command=COMMAND)
            return _html(f'<p class="workbook-bar workbook-note">{why}</p>')
        builder = self.app.builder
        here = builder.get_target_uri(self.env.docname)
        up = "../" * here.count("/")
        root = to_root(self.app, self.env.docname)  # Python is there once, for all editions
        data = {
            "exercise": name,
            "base": f"{root}{self.app.config.workbook_folder}/",
            "notebook": f"{up}_sources/{self.env.docname}.ipynb",
            "root": root,
            "sizes": sizes,
            "packages": [WHEEL],
            "language": self.app.config.language,
            "tasks": [task.key for task in exercise(name).table.tasks],
            "cells": runs,
            "elsewhere": elsewhere,
        }
        text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
        return _html(
            '<div id="workbook" class="workbook-bar">'
            f"<noscript><p>{_(NO_SCRIPT).format(command=COMMAND)}</p></noscript></div>"
            f'<script type="application/json" id="workbook-data">{text}</script>'
        )


# --- the board of all exercises ------------------------------------------------------------------


class board(nodes.General, nodes.Element):
    """Where the board of all exercises stands, until the page is written."""


class ExerciseBoard(SphinxDirective):
    """``{exercise-board}``: every exercise with its number of tasks; the page adds how many are
    right in this browser."""

    def run(self) -> list[nodes.Node]:
        self.env.metadata[self.env.docname]["workbook_board"] = True
        return [board()]


def _has_board(env: BuildEnvironment, docname: str) -> bool:
    return "workbook_board" in env.metadata.get(docname, {})


class Boards(SphinxPostTransform):
    default_priority = 8
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        for place in list(self.document.findall(board)):
            head = "".join(f"<th>{_(name)}</th>" for name in BOARD)
            rows = "".join(map(self._row, sorted(filter(_is_exercise, self.env.found_docs))))
            place.replace_self(
                _html(
                    '<div class="pst-scrollable-table-container"><table class="workbook-board">'
                    f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
                )
            )

    def _row(self, docname: str) -> str:
        name = docname.removeprefix(EXERCISES)
        tasks = [task.key for task in exercise(name).table.tasks]
        link = self.app.builder.get_relative_uri(self.env.docname, docname)
        title = escape(self.env.titles[docname].astext())
        return (
            f'<tr data-exercise="{name}" data-tasks="{" ".join(tasks)}">'
            f'<th scope="row"><a href="{link}">{title}</a></th><td>{len(tasks)}</td>'
            '<td class="workbook-progress">–</td></tr>'
        )


def add_scripts(app: Sphinx, pagename: str, template: str, context: dict, doctree: object) -> None:
    """Each page gets only the script that it uses."""
    folder = app.config.workbook_folder
    exercise_page, with_board = _is_exercise(pagename), _has_board(app.env, pagename)
    if exercise_page or with_board:
        app.add_css_file(f"{folder}/workbook.css")
    if exercise_page and app.config.workbook_bytes:
        app.add_js_file(f"{folder}/workbook.mjs", type="module")
    if with_board:
        app.add_js_file(f"{folder}/board.mjs", type="module")


def setup(app: Sphinx) -> dict[str, object]:
    app.add_config_value("workbook_folder", "", "")
    app.add_config_value("workbook_bytes", {}, "")
    app.add_node(board)
    app.add_node(frame, html=(_open_frame, _close_frame))
    app.add_directive("exercise-board", ExerciseBoard)
    app.add_post_transform(Workbook)
    app.add_post_transform(Boards)
    app.connect("builder-inited", assemble)
    app.connect("env-get-outdated", outdated)
    app.connect("source-read", borrow_outputs)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
