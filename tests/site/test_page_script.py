"""assets/page.mjs in a real browser: what the page around the text can do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import served

CHAPTER = "chapters/02_hidden_bias.html"
LAPTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 640}
IN_SIGHT = """(id) => {
  const { top } = document.getElementById(id).getBoundingClientRect();
  return 0 <= top && top < innerHeight;
}"""


@pytest.fixture(scope="module")
def opened(chromium, site: Path) -> Iterator[object]:
    """Open a page of the book in a window of this size."""
    with served(site) as address:

        def open_page(window: dict, name: str = CHAPTER, **options: object) -> Page:
            page = chromium.new_context(viewport=window, **options).new_page()
            page.goto(address + name)
            return page

        yield open_page


def test_the_colours_go_round_and_are_kept(opened):
    page = opened(LAPTOP, color_scheme="light")
    seen = []
    for _ in range(3):
        page.click(".theme-switch-button")
        seen.append(page.evaluate("({...document.documentElement.dataset})"))
    assert [(s["mode"], s["theme"]) for s in seen] == [
        ("dark", "dark"),
        ("light", "light"),
        ("auto", "light"),
    ]
    page.click(".theme-switch-button")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.click(".theme-switch-button")
    page.click(".theme-switch-button")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_control_k_opens_the_search_and_escape_closes_it(opened):
    page = opened(LAPTOP)
    page.keyboard.press("Control+k")
    expect(page.locator("#pst-search-dialog input")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#pst-search-dialog")).to_be_hidden()
    page.click(".search-button__button >> visible=true")
    page.keyboard.type("hessian\n")
    page.wait_for_url("**/search.html?q=hessian")
    expect(page.locator("#search-results li").first).to_be_visible()


def test_on_a_phone_the_side_bars_open_over_the_text_and_close(opened):
    page = opened(PHONE)
    page.click(".primary-toggle")
    chapters = page.locator("#pst-primary-sidebar-modal .bd-docs-nav")
    expect(chapters).to_be_visible()
    page.mouse.click(350, 320)  # beside it
    expect(chapters).to_be_hidden()
    page.click(".secondary-toggle")
    page.click("#pst-secondary-sidebar-modal a[href='#summary']")
    expect(page.locator("#pst-secondary-sidebar-modal")).to_be_hidden()
    assert page.url.endswith("#summary")


def test_on_a_laptop_the_side_bar_makes_room_and_comes_back(opened):
    page = opened(LAPTOP)
    chapters = page.locator("#pst-primary-sidebar .bd-docs-nav")
    for visible in (False, True):
        page.click(".primary-toggle")
        expect(chapters).to_be_visible(visible=visible)


def test_a_menu_closes_at_a_click_elsewhere_and_at_escape(opened):
    page = opened(LAPTOP)
    menu = page.locator("details.menu").first
    for leave in (lambda: page.mouse.click(640, 700), lambda: page.keyboard.press("Escape")):
        menu.locator("summary").click()
        expect(menu.locator("ul")).to_be_visible()
        leave()
        expect(menu.locator("ul")).to_be_hidden()


@pytest.mark.parametrize("window", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_a_link_into_a_page_lands_where_it_says(opened, window: dict):
    """Sections far away are laid out late, so their places are only guessed before."""
    page = opened(window)
    ids = page.evaluate("[...document.querySelectorAll('section[id]')].map((s) => s.id)")
    assert len(ids) > 10
    for name in (*ids[1::3], "equation-eq-02-dw2"):
        page.evaluate("scrollTo(0, 0); location.hash = ''")
        page.wait_for_timeout(100)
        page.evaluate("(id) => { location.hash = id; }", name)
        page.wait_for_function(IN_SIGHT, arg=name, timeout=5000)


def test_the_contents_show_where_the_reader_is(opened):
    page = opened(LAPTOP)
    page.evaluate("location.hash = 'check'")
    expect(page.locator("#pst-page-toc-nav a[aria-current]")).to_have_text("Check")
    page.evaluate("location.hash = 'predict'")
    expect(page.locator("#pst-page-toc-nav a[aria-current]")).to_have_text("Predict")


def test_what_scrolls_by_itself_can_be_reached_by_keyboard(opened):
    page = opened(PHONE)
    code = page.locator("pre").first
    code.scroll_into_view_if_needed()
    assert code.evaluate("(pre) => pre.scrollWidth > pre.clientWidth")
    expect(code).to_have_attribute("tabindex", "0")


def test_a_prediction_folds_open_without_a_script(opened):
    page = opened(LAPTOP, java_script_enabled=False)
    answer = page.locator("details.admonition.dropdown").first
    expect(answer.locator("p").first).to_be_hidden()
    answer.locator("summary").click()
    expect(answer.locator("p").first).to_be_visible()


COPIED = """([first, last]) => {
  const range = document.createRange();
  range.setStart(first, 0);
  range.setEnd(last, last.childNodes.length);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  const event = new ClipboardEvent("copy", { clipboardData: new DataTransfer(), cancelable: true });
  document.dispatchEvent(event);
  return [event.clipboardData.getData("text/plain"), event.defaultPrevented];
}"""
PLAIN = "document.querySelector('h1')"


@pytest.mark.parametrize("inside", [".katex-html", ".katex-html .mord"])
def test_an_equation_is_copied_as_its_latex(opened, inside):
    page = opened(LAPTOP)
    part = page.evaluate_handle(f"document.querySelector('.katex-display {inside}')")
    text, taken = page.evaluate(COPIED, [part, part])
    assert taken and text.startswith("$$") and text.endswith("$$")
    assert r"\mathbf{W}_1" in text and "\u22a4" not in text


def test_formulas_in_a_sentence_are_copied_with_it(opened):
    page = opened(LAPTOP)
    sentence = page.evaluate_handle(
        "[...document.querySelectorAll('section > p:has(.katex)')]"
        ".find((p) => p.innerText.length > 99)"
    )
    text, taken = page.evaluate(COPIED, [sentence, sentence])
    assert taken and "$" in text and " " in text


def test_text_without_formulas_is_copied_as_ever(opened):
    page = opened(LAPTOP)
    title = page.evaluate_handle(PLAIN)
    assert page.evaluate(COPIED, [title, title]) == ["", False]
