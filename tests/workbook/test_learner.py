"""A learner at work in a real browser: blank, wrong, diagnosed, hint, right, and every mishap.

Right answers are the solutions' own cells; wrong ones are slips of the bank.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from book import ROOT
from book.build import HTML
from book.translate.catalogues import translations
from book.translate.languages import EDITIONS, ENGLISH, LANGUAGES, Language
from coursecheck.exercises import NAMES, load_open
from coursecheck.messages import speak
from tests.browser import served

SECONDS = 1000  # milliseconds
START = 90 * SECONDS  # for Python to start, on a machine that does much else
RUN = 30 * SECONDS
expect.set_options(timeout=RUN)
STARTED_LATER = re.compile(r"/workbook-\w+/")  # what may not be asked for before the first click


class Desk:
    """An exercise page, in front of a learner."""

    def __init__(self, page: Page, address: str, name: str, language: Language = ENGLISH):
        self.page, self.address, self.name, self.language = page, address, name, language
        self.words = {} if language is ENGLISH else translations("site", language)
        self.requests: list[str] = []
        self.mishaps: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.mishaps.append(str(error)))
        self.open()

    def open(self) -> None:
        place = f"{self.address}{self.language.path}exercises/{self.name}.html"
        self.page.goto(place, wait_until="load")

    def said(self, text: str, **fields: object) -> str:
        """What the page says for the English words."""
        return self.words.get(text, text).format(**fields)

    def cell(self, cell: str) -> Locator:
        return self.page.locator(f'.workbook-cell[data-cell="{cell}"]')

    def write(self, cell: str, source: str) -> None:
        """Click into the cell and write the source in place of what is there."""
        code = self.cell(cell).locator(".cm-content")
        if not code.count():
            self.cell(cell).locator("pre[role=textbox]").click()
        code.click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)

    def text(self, cell: str) -> str:
        lines = self.cell(cell).locator(".cm-line")
        if lines.count():
            return "\n".join(line.rstrip("\n") for line in lines.all_inner_texts())
        return self.cell(cell).locator("pre[role=textbox]").text_content().rstrip("\n")

    def press_run(self, cell: str) -> None:
        self.cell(cell).locator(".wb-run").click()

    def run(self, cell: str) -> Locator:
        """Run the cell to its end; its output."""
        self.press_run(cell)
        expect(self.cell(cell)).to_have_attribute("data-state", "idle", timeout=START)
        return self.cell(cell).locator(".wb-output")

    def menu(self, entry: str) -> None:
        self.page.locator(".wb-menu summary").click()
        self.page.get_by_role("button", name=self.said(entry)).click()

    def kept(self) -> dict[str, str]:
        return self.page.evaluate("({...localStorage})")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1100, "height": 900})
    yield made
    made.close()


@pytest.fixture
def desk(context: BrowserContext, address: str) -> Iterator[Callable[[str], Desk]]:
    desks: list[Desk] = []

    def sit_down(name: str = "02_hidden_bias", language: Language = ENGLISH) -> Desk:
        desks.append(Desk(context.new_page(), address, name, language))
        return desks[-1]

    yield sit_down
    for each in desks:
        assert each.mishaps == []
        assert [url for url in each.requests if not url.startswith((address, "blob:"))] == []


def cells_of(folder: str, name: str) -> dict[str, str]:
    notebook = nbformat.read(ROOT / folder / f"{name}.ipynb", as_version=4)
    return {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "code"}


def task_cells(name: str) -> dict[str, str]:
    """Task -> the cell in which it is answered: the first that checks it."""
    cells = cells_of("exercises", name).items()
    return {
        task.key: next(cell for cell, source in cells if f'ex.check("{task.key}"' in source)
        for task in load_open(name).tasks
    }


def a_wrong_answer(name: str) -> tuple[str, str, tuple[str, ...]]:
    """The last task that asks for a function, its first slip, and what the checker says to it."""
    task = [task for task in load_open(name).tasks if task.args is not None][-1]
    source = load_open(name).source(task.key)
    text = source.forms[0].text
    return task.key, text.strip(), load_open(name).judge(task.key)(source.answer(text)).lines


def spoken(locator: Locator) -> str:
    """What stands there, on one line."""
    return " ".join(locator.text_content().split())


@pytest.mark.parametrize("language", EDITIONS, ids=lambda each: each.code)
@pytest.mark.parametrize("name", NAMES)
def test_a_learner_does_the_exercise(desk, name: str, language: Language):
    at = desk(name, language)
    page, tasks = at.page, task_cells(name)
    speak(language.code)
    task, wrong, said = a_wrong_answer(name)  # in that language
    cell = tasks[task]
    all_right = at.said("{right} of {all} right", right=len(tasks), all=len(tasks))
    assert not [url for url in at.requests if STARTED_LATER.search(url) and "_static" not in url]

    # blank: nothing but a click on Run
    expect(at.run(cell)).to_contain_text(at.said("○ to do").split()[-1])
    expect(at.cell(cell).locator(".wb-badge")).to_have_text(at.said("○ to do"))

    # wrong, and told so in the words that a notebook would use
    at.write(cell, f'{wrong}\n\n\nex.check("{task}", {task})')
    output = at.run(cell)
    expect(at.cell(cell).locator(".wb-badge")).to_have_text(at.said("✗ not yet"))
    for line in said:
        assert " ".join(line.replace("`", "").split()) in spoken(output)

    # a hint behind a click
    hint = page.locator(f'.workbook-hint[data-task="{task}"]').first
    expect(hint.locator(".coursecheck")).to_be_hidden()
    hint.locator("summary").click()
    expect(hint.locator(".coursecheck")).to_be_visible()

    # a reload in between: the work is there, and so is what was said of it
    before = at.text(cell)
    page.reload()
    assert at.text(cell) == before
    expect(at.cell(cell).locator(".wb-badge")).to_have_text(at.said("✗ not yet"))

    # right, one after the other
    solutions = cells_of("solutions", name)
    for answered in dict.fromkeys(tasks.values()):
        at.write(answered, solutions[answered])
    at.menu("Run all cells")
    expect(page.locator(".wb-count")).to_have_text(all_right, timeout=START)
    expect(page.locator("#workbook")).to_have_attribute("data-state", "ready", timeout=START)
    badges = {c: at.cell(c).locator(".wb-badge").text_content() for c in set(tasks.values())}
    assert set(badges.values()) == {at.said("✓ right")}
    assert [box.text_content() for box in page.locator(".wb-error").all()] == []

    # and the first page knows, in whatever language it is read
    for each in (ENGLISH, language):
        page.goto(f"{at.address}{each.path}index.html")
        row = page.locator(f'.workbook-board [data-exercise="{name}"]')
        expect(row).to_contain_text("✓")
    at.open()
    expect(page.locator(".wb-count")).to_have_text(all_right)


def test_stop_ends_an_endless_loop_and_keeps_the_work(desk):
    at = desk()
    at.write("do", "answer = 42\nprint('begun')\nwhile True:\n    print('on and on')")
    at.press_run("do")
    expect(at.cell("do").locator(".wb-stream")).to_contain_text("begun", timeout=START)
    expect(at.cell("do").locator(".wb-stream")).to_contain_text("and more, which is not shown")
    at.press_run("do")  # it says Stop now
    expect(at.cell("do").locator(".wb-error")).to_contain_text("Stopped", timeout=2 * SECONDS)
    assert at.text("do").startswith("answer = 42")
    assert "while True" in at.kept()["one-graph/workbook/02_hidden_bias/cell/do"]
    # Python comes back by itself, without what ran before, and does not run the loop again
    expect(at.run("dh")).to_contain_text("to do")
    at.write("your-own", "answer")
    expect(at.run("your-own").locator(".wb-error")).to_contain_text("answer")


def test_errors_point_at_the_cell_and_the_line(desk):
    at = desk()
    at.write("dh", "import numpy as np\ndef helper(x):\n    return 1 / x")
    at.run("dh")
    at.write("do", "x = 0\nhelper(x)")
    box = at.run("do").locator(".wb-error")
    expect(box).to_contain_text("ZeroDivisionError: division by zero")
    places = box.locator("li").all_inner_texts()
    assert places == ["dh, line 3: return 1 / x", "line 2: helper(x)"]
    expect(at.cell("do").locator(".cm-line.wb-faulty")).to_have_text("helper(x)")
    box.locator(".wb-place").first.click()
    expect(at.cell("dh").locator(".cm-content")).to_be_focused()
    # more memory than there is: Python says so and lives on
    at.write(
        "do", "import numpy as np\nkept = []\nwhile True:\n    kept.append(np.ones(40_000_000))"
    )
    expect(at.run("do").locator(".wb-error")).to_contain_text("more memory than the page can have")
    at.write("do", "del kept\n1 + 1")
    expect(at.run("do")).to_have_text("2")


def test_a_graph_of_ones_own_is_drawn(desk):
    at = desk()
    at.cell("your-own").scroll_into_view_if_needed()
    assert not [url for url in at.requests if "graphviz" in url]
    drawing = at.run("your-own").locator("svg.compgraph")
    expect(drawing).to_be_visible()
    assert "Computational graph" in drawing.get_attribute("aria-label")
    assert drawing.locator("g.node").count() == 4
    # and it is as live as the book's own
    drawing.locator("g.node").first.click()
    expect(at.cell("your-own").locator(".live-graph .facts")).to_contain_text("shape")


def test_the_keyboard_is_enough(desk):
    at = desk()
    page = at.page
    code = at.cell("do").locator("pre[role=textbox]")
    code.scroll_into_view_if_needed()
    code.focus()
    expect(code).to_be_focused()
    page.keyboard.press("Enter")
    expect(at.cell("do").locator(".cm-content")).to_be_focused()
    page.keyboard.insert_text("o - y")  # in place of the blank, which is selected
    assert at.text("do").splitlines()[1] == "    return o - y  # (q, 1)"
    page.keyboard.press("Shift+Enter")
    expect(at.cell("do").locator(".wb-badge")).to_have_text("✓ right", timeout=START)
    expect(at.cell("dW2").locator(".cm-content")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")  # leaves the editor, for the cell's button
    expect(at.cell("dW2").locator(".wb-run")).to_be_focused()
    # what a screen reader is told
    expect(page.locator("#workbook [role=status]")).to_have_text("Python is ready.")
    output = at.cell("do").locator(".wb-output")
    assert (output.get_attribute("aria-live"), output.get_attribute("aria-label")) == (
        "polite",
        "Output, do",
    )


def test_reset_export_and_import(desk, tmp_path: Path):
    at = desk()
    page = at.page
    book = cells_of("exercises", "02_hidden_bias")
    at.write("do", "mine = 1")
    at.write("your-own", "my_own = 2")
    with page.expect_download() as download:
        at.menu("Export for Jupyter")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "02_hidden_bias.ipynb"
    exported = nbformat.read(path, as_version=4)
    nbformat.validate(exported)
    sources = {cell.id: cell.source for cell in exported.cells if cell.cell_type == "code"}
    assert sources == book | {"do": "mine = 1", "your-own": "my_own = 2"}

    at.cell("do").get_by_role("button", name="Reset").click()
    assert at.text("do") == book["do"]
    page.get_by_role("button", name="Undo").click()  # reloads
    expect(at.cell("do").locator("pre[role=textbox]")).to_have_text("mine = 1")
    at.menu("Reset all cells")
    assert at.text("do") == book["do"]
    assert [key for key in at.kept() if key.startswith("one-graph/")] == []

    # back from Jupyter, with a cell more
    exported.cells.append(nbformat.v4.new_code_cell("extra = 3", id="from-jupyter"))
    nbformat.write(exported, path)
    page.locator("input[type=file]").set_input_files(path)
    expect(at.cell("do").locator("pre[role=textbox]")).to_have_text("mine = 1")
    expect(at.cell("from-jupyter").locator("pre[role=textbox]")).to_have_text("extra = 3")
    page.reload()
    expect(at.cell("from-jupyter").locator("pre[role=textbox]")).to_have_text("extra = 3")

    # files that are something else change nothing
    kept = at.kept()
    other = ROOT / "exercises" / "03_memory.ipynb"
    for file, sentence in [
        (other, "This notebook is exercise 03_memory"),
        (__file__, "not a Jupyter"),
    ]:
        page.locator("input[type=file]").set_input_files(file)
        expect(page.locator(".wb-status")).to_contain_text(sentence)
    assert at.kept() == kept


def test_a_new_edition_of_the_book_keeps_the_work(desk):
    at = desk()
    prefix = "one-graph/workbook/02_hidden_bias/cell/"
    kept = {
        "do": {"source": "mine = 1", "base": "the book's text of an earlier edition"},
        "dropped": {"source": "mine = 2", "base": "a cell that is gone"},
    }
    at.page.evaluate(
        "entries => entries.forEach(([key, value]) => localStorage.setItem(key, value))",
        [[prefix + cell, json.dumps(record)] for cell, record in kept.items()],
    )
    at.page.reload()
    assert at.text("do") == "mine = 1"
    expect(at.cell("do").locator(".wb-note")).to_contain_text("The book has changed this cell")
    expect(at.cell("dh").locator(".wb-note")).to_be_hidden()
    assert at.text("dropped") == "mine = 2"


def test_another_tab_follows(desk):
    here, there = desk(), desk()
    here.write("do", "written here")
    expect(there.cell("do").locator("pre[role=textbox]")).to_have_text("written here")


def wait_until_kept(page: Page, names: list[str]) -> None:
    """Until the service worker has these files. (The page's policy forbids wait_for_function.)"""
    for _ in range(START // 200):
        kept = page.evaluate(
            "caches.open('one-graph').then((c) => c.keys()).then((k) => k.map(({url}) => url))"
        )
        if all(any(url.split("?")[0].endswith(name) for url in kept) for name in names):
            return
        page.wait_for_timeout(200)
    pytest.fail(f"not kept for times without a network: {names}, only {kept}")


def test_without_a_network_after_the_first_run(desk, context: BrowserContext):
    at = desk()
    at.run("setup")
    expect(at.page.locator("#workbook")).to_have_attribute("data-state", "ready", timeout=START)
    sizes = json.loads(at.page.locator("#workbook-data").text_content())["sizes"]
    wait_until_kept(at.page, [*sizes, "worker.mjs", "cell.mjs", "02_hidden_bias.ipynb"])
    context.set_offline(True)
    at.open()
    at.write("do", 'def do(o, y):\n    return o - y\n\nex.check("do", do)')
    at.run("do")
    expect(at.cell("do").locator(".wb-badge")).to_have_text("✓ right")
    expect(at.run("your-own").locator("svg.compgraph")).to_be_visible()


def test_a_load_that_fails_says_what_to_do_and_is_tried_again(desk, context: BrowserContext):
    at = desk()
    context.route("**/pyodide.asm.wasm", lambda route: route.abort())
    at.write("do", "mine = 1")
    at.press_run("do")
    box = at.cell("do").locator(".wb-error")
    expect(box).to_contain_text("Python could not be loaded", timeout=START)
    expect(box).to_contain_text("Check the connection and run the cell again")
    context.unroute("**/pyodide.asm.wasm")
    at.run("do")
    expect(box).to_have_count(0)
    assert at.text("do") == "mine = 1"
    at.mishaps.clear()


def test_a_load_that_stalls_is_tried_once_more_and_then_given_up(desk, context: BrowserContext):
    at = desk()
    asked = []
    context.route("**/pyodide.asm.wasm", lambda route: asked.append(route))  # and never answered
    at.page.clock.install()
    at.open()
    at.press_run("do")
    for times in (1, 2):
        at.page.wait_for_timeout(10)
        while len(asked) < times:
            at.page.wait_for_timeout(100)
        expect(at.page.locator("#workbook")).to_have_attribute("data-state", "loading")
        at.page.clock.fast_forward(60 * SECONDS)
    expect(at.cell("do").locator(".wb-error")).to_contain_text("nothing arrives any more")
    expect(at.page.locator("#workbook")).to_have_attribute("data-state", "off")
    at.mishaps.clear()


def test_python_that_breaks_down_comes_back_and_the_work_is_kept(desk):
    at = desk()
    loop = "def f(n):\n    return f(n + 1) + 1\n"
    broken = f"import sys\nsys.setrecursionlimit(10**9)\n{loop}f(0)"
    at.write("do", broken)
    expect(at.run("do").locator(".wb-error")).to_contain_text("Python broke down")
    assert at.text("do") == broken
    at.write("your-own", "1 + 1")
    expect(at.run("your-own")).to_have_text("2")
    at.mishaps.clear()


def test_it_works_from_any_folder_of_a_host(context: BrowserContext, tmp_path: Path):
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "where").symlink_to(HTML, target_is_directory=True)
    with served(tmp_path) as host:
        for language in EDITIONS:
            at = Desk(context.new_page(), f"{host}some/where/", "02_hidden_bias", language)
            at.write("do", 'def do(o, y):\n    return o - y\n\nex.check("do", do)')
            at.run("do")
            expect(at.cell("do").locator(".wb-badge")).to_have_text(at.said("✓ right"))
            expect(at.run("your-own").locator("svg.compgraph")).to_be_visible()
            assert [u for u in at.requests if not u.startswith((at.address, "blob:"))] == []
            assert at.mishaps == []


def test_an_export_of_another_edition_asks_for_its_language(desk, tmp_path: Path):
    (language,) = LANGUAGES.values()
    at = desk(language=language)
    with at.page.expect_download() as download:
        at.menu("Export for Jupyter")
    download.value.save_as(tmp_path / "mine.ipynb")
    notebook = nbformat.read(tmp_path / "mine.ipynb", as_version=4)
    setup = next(cell.source for cell in notebook.cells if cell.id == "setup")
    assert f'exercise("02_hidden_bias", language="{language.code}")' in setup
