"""Every page in a real browser, under the policy that a strict host would send."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from site_checks import every_page
from visits import Site

from book import ROOT
from book.serve import CONTENT_SECURITY_POLICY
from tests.browser import served

GENERATED = ("search", "genindex", "zh/search", "zh/genindex")
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="session")
def book_in_browser(chromium, site: Path) -> Iterator[Site]:
    with served(site) as address:
        yield Site(chromium, address)


@pytest.mark.parametrize("name", [*every_page(), *GENERATED])
def test_a_reader_meets_nothing_broken(book_in_browser: Site, name: str):
    assert book_in_browser.visit(f"{name}.html") == []


def test_the_search_finds_a_word_of_the_book(chromium, site: Path):
    with served(site) as address:
        page = chromium.new_page()
        page.goto(f"{address}search.html?q=gradient")
        page.wait_for_selector("#search-results li a", timeout=10_000)
        page.close()


def test_the_page_is_dark_before_its_scripts_where_the_reader_likes_it_dark(chromium, site: Path):
    with served(site) as address:
        for scheme in ("dark", "light"):
            context = chromium.new_context(color_scheme=scheme)
            page = context.new_page()
            page.route("**/lean.js*", lambda route: route.abort())
            page.goto(f"{address}index.html")
            assert page.evaluate("document.documentElement.dataset.theme") == scheme
            context.close()


def test_the_policy_allows_nothing_but_this_host():
    for directive in CONTENT_SECURITY_POLICY.split("; "):
        name, *sources = directive.split()
        allowed = {"script-src": {"'wasm-unsafe-eval'"}, "style-src": {"'unsafe-inline'"}}
        assert set(sources) - allowed.get(name, set()) <= {"'self'", "'none'"}, directive


def test_the_readme_gives_hosts_the_policy_that_the_pages_are_tested_under():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"\nContent-Security-Policy: {CONTENT_SECURITY_POLICY}\n" in readme


def test_the_local_server_sends_the_policy(chromium, tmp_path: Path):
    (tmp_path / "index.html").write_text("<!doctype html>")
    with served(tmp_path) as address:
        page = chromium.new_page()
        headers = page.goto(address).headers
        page.close()
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY


# --- the visit itself: it sees a page that is wrong -----------------------------------------------

GOOD = '<img src="dot.png" alt="a dot"><a href="other.html#there">x</a><p>fine</p>'
EQUATION = (
    '<span class="math"><span class="katex"><i class="katex-html" style="{}">x</i></span></span>'
)


@pytest.fixture(scope="session")
def wrong(chromium, tmp_path_factory: pytest.TempPathFactory):
    """What a visit says about a page with this body."""
    folder = tmp_path_factory.mktemp("wrong")
    (folder / "dot.png").write_bytes(DOT)
    (folder / "other.html").write_text('<!doctype html><p id="there">x</p>')
    (folder / "throws.js").write_text("throw new Error('on purpose')")
    (folder / "favicon.ico").write_bytes(DOT)
    with served(folder) as address:

        def complaints(body: str) -> list[str]:
            head = '<!doctype html><meta name="viewport" content="width=device-width">'
            (folder / "index.html").write_text(f"{head}<article>{body}</article>")
            return Site(chromium, address).visit("index.html")

        yield complaints


def test_a_page_that_is_right_is_left_alone(wrong):
    assert wrong(GOOD + EQUATION.format("")) == []


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ('<img src="https://cdn.invalid/x.png" alt="x">', "console: "),  # stopped by the policy
        ('<iframe src="https://cdn.invalid/"></iframe>', "console: "),
        ("<script>var inline = 1</script>", "console: "),
        ('<button onclick="1">x</button>', "console: "),
        ('<script src="throws.js"></script>', "console: on purpose"),
        ('<script src="nowhere.js"></script>', "404 for"),
        (EQUATION.format("color: #cc0000"), "an equation is red"),
        ('<div class="math">x_1</div>', "an equation is not typeset"),
        ('<code class="katex-error">x</code>', "an equation is not typeset"),
        ("<p>so $x$</p>", "TeX stands in the text"),
        (r"<p>so \(x\)</p>", "TeX stands in the text"),
        (r"<details><summary>x</summary>so \frac12</details>", "TeX stands in the text"),
        ('<a href="nowhere.html">x</a>', "a link leads nowhere"),
        ('<a href="other.html#nowhere">x</a>', "a link leads to no place"),
        ('<a href="#nowhere">x</a>', "a link leads to no place"),
        ('<img src="dot.png">', "a picture has no words"),
        ('<img src="dot.png" alt=" ">', "a picture has no words"),
        ('<svg width="9" height="9"></svg>', "a drawing has no words"),
        ('<div style="width: 400px">x</div>', "sideways at 360"),
        ('<div style="width: 1400px">x</div>', "sideways at 1280"),
        ('<details><summary>x</summary><div style="width: 400px">x</div></details>', "sideways"),
    ],
)
def test_what_is_wrong_is_seen(wrong, body: str, complaint: str):
    assert any(complaint in sentence for sentence in wrong(GOOD + body))


def test_a_request_to_another_host_is_seen_even_where_nothing_stops_it(chromium, tmp_path: Path):
    site = Site(chromium, "http://here.invalid/")
    assert site._elsewhere("https://cdn.invalid/x.js") == [
        "a request to another host: https://cdn.invalid/x.js"
    ]
    assert site._elsewhere("http://here.invalid/x.js") == []
