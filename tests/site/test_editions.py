"""The editions in a browser: every page leads to itself in the other languages, and is found."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import expect
from site_checks import Page, every_page, toc_pages

from book.translate.languages import EDITIONS, ENGLISH, LANGUAGES, Language
from tests.browser import served

by_code = pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)


def soup(site: Path, name: str) -> BeautifulSoup:
    return Page(site, name).soup


def switches(site: Path, name: str) -> dict[str, str]:
    """Language -> the page that the switch leads to, as a name below the site."""
    page = Page(site, name).path
    links = soup(site, name).select("a.language")
    return {
        link["hreflang"]: (page.parent / link["href"]).resolve().relative_to(site).as_posix()
        for link in links
    }


@pytest.mark.parametrize("name", [*every_page(), "search", "zh/search"])
def test_the_switch_stays_on_the_page(site: Path, name: str):
    here = next((each for each in LANGUAGES.values() if name.startswith(each.path)), ENGLISH)
    page = name.removeprefix(here.path)
    others = [each for each in EDITIONS if each is not here]
    assert switches(site, name) == {each.tag: f"{each.path}{page}.html" for each in others}
    assert soup(site, name).html["lang"] == here.tag


@by_code
def test_the_switch_stays_at_the_section(chromium, site: Path, language: Language):
    with served(site) as address:
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}chapters/02_hidden_bias.html#derive")
        page.locator(f'a.language[hreflang="{language.tag}"]').click()
        page.wait_for_url(f"{address}{language.path}chapters/02_hidden_bias.html#derive")
        assert page.locator("#derive h2").first.is_visible()
        page.close()


@by_code
def test_sections_have_the_same_names(site: Path, language: Language):
    def names(page: str) -> list[str]:
        return [section["id"] for section in soup(site, page).select("article section[id]")]

    for page in (name for name in toc_pages() if name.startswith(("chapters/", "solutions/"))):
        assert names(language.path + page) == names(page)


# terms, several of them, and what a reader would type without thinking of words
FOUND = ["反向传播", "计算图", "激活函数", "海森矩阵", "字节", "softmax"]
FOUND += ["反向传播算法", "隐藏层偏置", "内存峰值", "交叉熵损失", "小批量大小", "内存 峰值"]


@by_code
@pytest.mark.parametrize("word", FOUND)
def test_the_search_finds_its_terms(chromium, site: Path, language: Language, word: str):
    with served(site) as address:
        page = chromium.new_page()
        page.goto(f"{address}{language.path}search.html?q={word}")
        links = page.locator("#search-results li a")
        links.first.wait_for(timeout=10_000)
        assert links.count() > 1
        assert language.letters.search(links.first.inner_text())
        page.close()


@pytest.mark.parametrize("language", EDITIONS, ids=lambda each: each.code)
def test_what_was_searched_for_is_marked_until_the_reader_hides_it(
    chromium, site: Path, language: Language
):
    """On the page with the live graph, whose facts hold the word, too."""
    mishaps = []
    with served(site) as address:
        page = chromium.new_page()
        page.on("pageerror", lambda error: mishaps.append(str(error)))
        page.goto(f"{address}{language.path}search.html?q=PyTorch")
        page.locator('#search-results a[href*="index"]').first.click()
        page.locator("article span.highlighted").first.wait_for()
        hide = page.locator(".highlight-link a")
        expect(hide).to_have_attribute("href", "#")  # page.mjs, which translates it, has come
        assert (language is ENGLISH) == (hide.inner_text() == "Hide Search Matches")
        hide.click()
        expect(page.locator("span.highlighted")).to_have_count(0)
        page.close()
    assert mishaps == []


def test_an_excerpt_is_the_page_s_text_and_nothing_around_it(chromium, site: Path):
    with served(site) as address:
        page = chromium.new_page()
        page.goto(f"{address}search.html?q=gradient")
        page.locator("#search-results p.context").first.wait_for()
        excerpts = page.locator("#search-results p.context").all_inner_texts()
        assert [text for text in excerpts if ".ipynb" in text or "\\mathbf" in text] == []
        page.close()


@by_code
def test_a_word_that_is_nowhere_is_not_found(chromium, site: Path, language: Language):
    with served(site) as address:
        page = chromium.new_page()
        page.goto(f"{address}{language.path}search.html?q=鹧鸪天气预报")
        expect(page.locator("#search-results p.search-summary")).not_to_be_empty()
        assert page.locator("#search-results li").count() == 0
        page.close()


ENGLISH_WORDS = re.compile(r"(?<!（)\b[a-z]+ [a-z]+ [a-z]+\b")  # in brackets it is a gloss
SHARED = "pre, code, svg, .katex, .cell_output, .coursecheck, .ledger, script, style"


def english(html: BeautifulSoup) -> list[str]:
    """Three English words in a row, outside of what all editions share."""
    copy = BeautifulSoup(str(html), "html.parser")
    for shared in copy.select(f"{SHARED}, [lang=en]"):
        shared.decompose()
    texts = [text for text in copy.stripped_strings]
    spoken = ("aria-label", "title", "alt", "placeholder")
    texts += [tag[name] for tag in copy.find_all(True) for name in spoken if tag.get(name)]
    return [text for text in texts if ENGLISH_WORDS.search(text)]


@pytest.mark.release
@pytest.mark.parametrize("name", [name for name in every_page() if name.startswith("zh/")])
def test_nothing_around_the_text_is_english_still(site: Path, name: str):
    assert english(soup(site, name).body) == []


def test_english_that_is_left_is_seen():
    html = '<p>好（so to speak）</p><a title="link to this page">好</a><p>so it goes on</p>'
    page = BeautifulSoup(html, "html.parser")
    assert english(page) == ["so it goes on", "link to this page"]


@pytest.mark.release
@by_code
def test_the_scripts_have_their_words(chromium, site: Path, language: Language):
    with served(site) as address:
        page = chromium.new_page()
        page.goto(f"{address}{language.path}index.html")
        said = page.evaluate("Documentation.gettext('Look at')")
        assert said != "Look at" and said in page.locator(".lenses legend").inner_text()
        assert json.loads(page.locator("svg.compgraph").first.get_attribute("data-facts"))["nodes"]
        page.close()
