"""What a real browser sees of a page: requests, errors, equations, links, pictures, widths.

Each visit returns its complaints as sentences, so that the tests can show it a page that is wrong.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from playwright.sync_api import Browser, Page

WIDTHS = (1280, 360)  # pixels: a laptop, a small phone
KATEX_RED = "rgb(204, 0, 0)"

LOOK = Path(__file__).with_name("look.js").read_text(encoding="utf-8")
LINKS = "() => [...document.querySelectorAll('a[href]')].map((link) => link.href)"
IDS = "() => [...document.querySelectorAll('[id]')].map((element) => element.id)"


class Site:
    """A served site in a browser; remembers the anchors of the pages it has seen."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser = browser
        self.address = address
        self._anchors: dict[str, set[str] | None] = {}

    def visit(self, name: str) -> list[str]:
        """Load the page, look at it at every width, follow its links; returns the complaints."""
        context = self.browser.new_context(viewport={"width": WIDTHS[0], "height": 900})
        try:
            return list(dict.fromkeys(self._visit(context.new_page(), self.address + name)))
        finally:
            context.close()

    def _visit(self, page: Page, url: str) -> list[str]:
        complaints: list[str] = []
        page.on("request", lambda request: complaints.extend(self._elsewhere(request.url)))
        page.on(
            "console",
            lambda message: (
                message.type == "error" and complaints.append(f"console: {message.text[:300]}")
            ),
        )
        page.on("pageerror", lambda error: complaints.append(f"console: {error}"))
        page.on(
            "response",
            lambda answer: (
                answer.status >= 400 and complaints.append(f"{answer.status} for {answer.url}")
            ),
        )
        page.goto(url)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            complaints += page.evaluate(LOOK, {"red": KATEX_RED})
        self._anchors[url] = set(page.evaluate(IDS))
        for link in page.evaluate(LINKS):
            complaints += self._dead(link, page)
        return complaints

    def _elsewhere(self, url: str) -> list[str]:
        parts = urlsplit(url)
        here = urlsplit(self.address).netloc
        if parts.scheme in ("data", "blob") or parts.netloc == here:
            return []
        return [f"a request to another host: {url}"]

    def _dead(self, link: str, page: Page) -> list[str]:
        target, anchor = urldefrag(link)
        if not target.startswith(self.address):
            return []
        if target not in self._anchors:
            self._anchors[target] = self._fetch(target, page)
        anchors = self._anchors[target]
        if anchors is None:
            return [f"a link leads nowhere: {link}"]
        if anchor and anchor not in anchors:
            return [f"a link leads to no place on its page: {link}"]
        return []

    def _fetch(self, target: str, page: Page) -> set[str] | None:
        """The anchors of a page as it was written; None where there is no such file."""
        answer = page.request.get(target)
        if not answer.ok:
            return None
        if "html" not in answer.headers.get("content-type", ""):
            return set()
        parse = "(html) => [...new DOMParser().parseFromString(html, 'text/html')"
        parse += ".querySelectorAll('[id]')].map((element) => element.id)"
        return set(page.evaluate(parse, answer.text()))
