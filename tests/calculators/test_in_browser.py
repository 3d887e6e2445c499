"""The calculators in a real browser, under a strict policy: typed into, slid, shared, printed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from book import ROOT
from book.calculators.forms import MEMORY, PARTITION, default_advice
from book.ext.calculators import markup
from compgraph.questions.memory import footprint
from tests.browser import served

HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Calculators</title>'
STYLE = '<link rel="stylesheet" href="calculators.css">'
SCRIPT = '<script type="module" src="{}-calculator.mjs"></script>'
NONSENSE = re.compile(r"NaN|undefined|Infinity|\[object|null B")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("calculators")
    for part in ("theme", "calculators"):
        shutil.copytree(ROOT / "book" / part / "static", folder, dirs_exist_ok=True)
    (folder / "favicon.ico").touch()
    body = "".join(markup(name) + SCRIPT.format(name) for name in ("memory", "partition"))
    (folder / "index.html").write_text(HEAD + STYLE + body, encoding="utf-8")
    with served(folder) as where:
        yield where


@pytest.fixture
def opened(chromium: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Open the page, at an address of its own and with a browser of one's choice."""
    contexts = []
    complaints: list[str] = []

    def open_page(hash_: str = "", **options: object) -> Page:
        contexts.append(chromium.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: m.type == "error" and complaints.append(m.text))
        page.goto(f"{address}index.html{hash_}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def headline(page: Page, number: int = 0) -> Locator:
    return page.locator(".headline").nth(number)


MEMORY_ANSWER, ADVICE, PLAN = range(3)


# --- the right answers ---------------------------------------------------------------------------


def test_it_starts_with_the_default_answers(opened):
    page = opened()
    expect(headline(page)).to_contain_text(f"{footprint(**MEMORY.defaults).total:,} bytes")
    expect(headline(page, ADVICE)).to_contain_text(default_advice()[0].reasons[0])
    assert not NONSENSE.search(page.inner_text("body"))


def test_the_bar_s_numbers_add_up_to_the_peak(opened):
    page = opened()
    cells = page.locator('table[aria-label="Bytes at the peak"] td:nth-child(2)')
    amounts = [int(text.replace(",", "")) for text in cells.all_inner_texts()]
    assert sum(amounts) == footprint(**MEMORY.defaults).total
    bar = page.locator("memory-calculator .bar")
    widths = [part.bounding_box()["width"] for part in bar.locator("span").all()]
    shares = [amount / sum(amounts) for amount in amounts if amount]
    assert [width / sum(widths) for width in widths] == pytest.approx(shares, abs=0.01)


def test_what_is_typed_and_chosen_is_weighed(opened):
    page = opened()
    for name, size in {"d": 3, "h": 7, "q": 2, "n": 11}.items():
        page.fill(f"#memory-{name}", str(size))
    page.get_by_label("Optimizer").select_option("Adam")
    page.get_by_label("Loss").select_option("cross-entropy")
    expected = footprint(d=3, h=7, q=2, n=11, optimizer="adam", loss="cross_entropy")
    expect(headline(page)).to_contain_text(f"{expected.total:,} bytes")
    expect(headline(page)).to_contain_text(f"while {expected.peak_step} is made")
    page.get_by_label("Run").select_option("prediction")
    expect(page.get_by_label("Optimizer")).to_be_hidden()
    total = footprint(d=3, h=7, q=2, n=11, mode="prediction").total
    expect(headline(page)).to_contain_text(f"{total:,} bytes")


def test_a_slider_moves_by_keyboard_and_says_where_it_is(opened):
    page = opened()
    slider = page.get_by_label("h, hidden units, slider")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert page.input_value("#memory-h") == "200"
    assert slider.get_attribute("aria-valuetext") == "200"
    total = footprint(**MEMORY.defaults | {"h": 200}).total
    expect(headline(page)).to_contain_text(f"{total:,} bytes")


def test_every_suggestion_can_be_tried(opened):
    page = opened()
    buttons = page.get_by_role("button", name="try it: ")
    assert buttons.count() == len(default_advice()[0].reasons)
    for button in buttons.all():
        plan = button.get_attribute("aria-label").removeprefix("try it: ")
        button.click()
        expect(headline(page, PLAN)).to_contain_text(plan)
        expect(button).to_be_focused()


# --- wrong answers -------------------------------------------------------------------------------


WRONG = ("-3", "0", "2.5", "", "ten", "1e3", "NaN", "9" * 400, "<b>x")


def test_wrong_sizes_are_explained_beside_the_field(opened):
    page = opened()
    details = page.locator("memory-calculator .details")
    before = details.inner_text()
    field = page.locator("#memory-d")
    note = page.locator(f"#{field.get_attribute('aria-describedby')}")
    for typed in WRONG:
        field.fill(typed)
        assert field.get_attribute("aria-invalid") == "true"
        expect(note).to_contain_text("size d: expected ")
        expect(headline(page)).to_have_text("Waiting for a usable answer to “d, inputs”.")
        assert details.get_attribute("inert") is not None
        assert details.inner_text() == before
        field.fill("50")
        assert field.get_attribute("aria-invalid") is None
        expect(note).to_be_empty()
        expect(headline(page)).to_contain_text(f"{footprint(**MEMORY.defaults).total:,} bytes")


def test_after_a_pause_the_answer_or_what_is_wrong_is_read_out(opened):
    page = opened()
    status = page.locator("memory-calculator .status")
    expect(status).to_be_empty()
    page.fill("#memory-d", "-3")
    expect(status).to_contain_text("size d: expected a positive integer, got -3")
    page.fill("#memory-d", "51")
    expect(status).to_have_text(headline(page).inner_text())


def test_no_number_of_a_partition_can_go_wrong_unseen(opened):
    page = opened()
    page.get_by_label("Model", exact=True).select_option("transformer")
    numbers = [field for group in PARTITION.groups.values() for field in group if field.stops]
    assert len(numbers) > 10
    for field in numbers:
        for typed in ("", "-1", "x", str(10 * field.stops[-1])):
            page.fill(f"#partition-{field.name}", typed)
            expect(page.locator(f"#partition-{field.name}-note")).to_contain_text(
                re.compile(f"^{re.escape(field.label)}: expected ")
            )
            expect(headline(page, PLAN)).to_contain_text("Waiting")
            assert not NONSENSE.search(page.inner_text("partition-calculator .results"))
        page.fill(f"#partition-{field.name}", str(field.default))
        expect(headline(page, PLAN)).to_contain_text("a minibatch")


@pytest.mark.parametrize(
    ("name", "typed", "noted", "message"),
    [
        ("layers", "31", "layers", "two layers make a block; expected an even number, got 31"),
        ("batch", "500", "micros", "500 examples do not divide over 8 data ranks × 1 micro-batc"),
        ("stages", "3", "stages", "16 blocks do not divide over 3 stages"),
        ("tensor", "2", "data", "data × tensor on 16 devices (8 × 2): there are 8"),
    ],
)
def test_what_does_not_go_together_is_explained(opened, name, typed, noted, message):
    page = opened()
    page.fill(f"#partition-{name}", typed)
    expect(page.locator(f"#partition-{noted}-note")).to_contain_text(message)
    assert page.locator(f"#partition-{noted}").get_attribute("aria-invalid") == "true"
    expect(headline(page, PLAN)).to_contain_text("Waiting")


def test_weight_decay_needs_an_optimizer(opened):
    page = opened("#memory.l2=weight_decay&memory.optimizer=null")
    with pytest.raises(ValueError) as refused:
        footprint(**MEMORY.defaults | {"l2": "weight_decay", "optimizer": None})
    expect(page.locator("#memory-l2-note")).to_have_text(str(refused.value))


# --- the address ---------------------------------------------------------------------------------


def test_what_was_asked_is_kept_in_the_address(opened):
    page = opened("#somewhere")
    assert page.url.endswith("#somewhere")
    page.fill("#memory-d", "7")
    page.get_by_label("Optimizer").select_option("Adam")
    page.check("#partition-sharded")
    hash_ = page.url[page.url.index("#") :]
    assert hash_ == "#memory.d=7&memory.optimizer=adam&partition.sharded=true"
    again = opened(hash_)
    for number in (MEMORY_ANSWER, PLAN):
        expect(headline(again, number)).to_have_text(headline(page, number).inner_text())
    again.locator("memory-calculator").get_by_role("button", name="Start again").click()
    assert again.url.endswith("#partition.sharded=true")
    expect(headline(again)).to_contain_text(f"{footprint(**MEMORY.defaults).total:,} bytes")


@pytest.mark.parametrize(
    "hash_", ["#memory.d=<img src=x>", "#memory.loss=no", "#memory.no=1", "#%"]
)
def test_an_odd_address_does_no_harm(opened, hash_: str):
    page = opened(hash_)
    assert page.locator("memory-calculator img").count() == 0
    assert not NONSENSE.search(page.inner_text("body"))


# --- without a script, on paper, without a mouse -------------------------------------------------


def test_without_a_script_the_defaults_stand_in_a_table(opened):
    page = opened(java_script_enabled=False)
    expect(page.locator("memory-calculator table")).to_be_visible()
    expect(page.locator("memory-calculator table")).to_contain_text(
        f"{footprint(**MEMORY.defaults).total:,}"
    )
    expect(page.locator("partition-calculator table")).to_contain_text("pipeline on 8 devices")
    assert page.locator("form").count() == 0


def test_on_paper_the_defaults_stand_in_a_table(opened):
    page = opened()
    expect(page.locator(".default").first).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".default").first).to_be_visible()
    expect(page.locator(".live").first).to_be_hidden()


def test_everything_to_fill_in_has_a_name(opened):
    page = opened()
    nameless = page.evaluate(
        "[...document.querySelectorAll('input, select')].filter((field) =>"
        " !field.labels.length && !field.getAttribute('aria-label')).length"
    )
    assert page.locator("input, select").count() > 30
    assert nameless == 0
    expect(page.get_by_role("status")).to_have_count(2)
