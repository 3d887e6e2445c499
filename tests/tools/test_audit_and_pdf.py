"""The audit's arithmetic and the PDF's links, without Lighthouse and without the book."""

from __future__ import annotations

import gzip
import threading
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from book import build, serve
from tools import audit, pdf


def report(performance: float = 1.0, seo: float = 1.0, size: int = 150_000) -> dict:
    def shown(value: str) -> dict:
        return {"displayValue": value, "score": 1, "title": value}

    return {
        "categories": {
            "performance": {"score": performance, "auditRefs": []},
            "accessibility": {"score": 1, "auditRefs": []},
            "best-practices": {"score": 1, "auditRefs": []},
            "seo": {"score": seo, "auditRefs": [{"id": "meta", "weight": 1}]},
        },
        "audits": {
            "largest-contentful-paint": shown("1.6\xa0s"),
            "total-blocking-time": shown("0\xa0ms"),
            "cumulative-layout-shift": shown("0"),
            "total-byte-weight": {"numericValue": size},
            "meta": {"score": seo, "title": "No description"},
        },
    }


@pytest.mark.parametrize(
    ("found", "form", "below"),
    [
        ({"performance": 0.95}, "phone", []),
        ({"performance": 0.94}, "phone", ["performance 94, wanted 95"]),
        ({"performance": 0.99}, "laptop", ["performance 99, wanted 100"]),
        ({"seo": 0.9}, "phone", ["seo 90, wanted 100", "No description"]),
        ({"size": 300_400}, "phone", []),
        ({"size": 301_000}, "phone", ["301 kB, wanted at most 300"]),
    ],
)
def test_what_misses_its_mark_is_listed(found: dict, form: str, below: list[str]):
    scores = audit.Scores.read("index", form, report(**found))
    assert scores.below == [f"index, {form}: {words}" for words in below]
    text = audit.as_markdown([scores], runs=1)
    assert ("All met." in text) is (not below)
    assert all(words in text for words in below)
    assert "| index | " + form in text and "1.6 s" in text


def test_the_audits_server_compresses_what_compresses(tmp_path: Path):
    (tmp_path / "index.html").write_text("word " * 1000)
    (tmp_path / "x.woff2").write_bytes(b"font")
    with serve.bind(tmp_path, 8900, audit.CompressingHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        ask = {"Accept-Encoding": "gzip"}
        with urlopen(Request(address + "index.html", headers=ask)) as answer:
            assert gzip.decompress(answer.read()) == b"word " * 1000
            assert answer.headers["Content-Security-Policy"] == serve.CONTENT_SECURITY_POLICY
        for name, headers in (("index.html", {}), ("x.woff2", ask)):
            with urlopen(Request(address + name, headers=headers)) as answer:
                assert answer.headers["Content-Encoding"] is None
                assert answer.read() == (tmp_path / name).read_bytes()
        server.shutdown()


def test_without_node_the_audit_says_so_in_one_sentence(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(audit.AuditError, match="needs Node.js") as error:
        audit.audit(runs=1)
    assert "\n" not in str(error.value)


PAGE = """<!doctype html><meta charset="utf-8"><article><h1>{title}<a href="#x">#</a></h1>
<p>words</p>{more}<p style="break-before: page">the end of {title}</p></article>
<nav class="bd-docs-nav"><a class="internal" href="one.html">1</a></nav>"""
LINKS = '<a href="one.html#x">on</a> <a href="https://d2l.ai/">out</a>'


@pytest.fixture(scope="module")
def printed(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> PdfReader:
    folder = tmp_path_factory.mktemp("printed")
    (folder / "index.html").write_text(PAGE.format(title="First", more=LINKS))
    (folder / "one.html").write_text(PAGE.format(title="Second", more=""))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "HTML", folder)
        assert pdf.make(folder / "book.pdf") == 4
    return PdfReader(folder / "book.pdf")


def test_the_pdf_holds_the_pages_in_order_with_feet_and_titles(printed: PdfReader):
    texts = [page.extract_text() for page in printed.pages]
    for number, (text, words) in enumerate(
        zip(texts, ["First", "end of First", "Second", "end of Second"], strict=True), start=1
    ):
        assert words in text and str(number) in text
    assert [item.title for item in printed.outline if hasattr(item, "title")] == ["First", "Second"]
    assert printed.metadata.title == "First"


def test_links_between_pages_lead_to_pages_of_the_pdf(printed: PdfReader):
    links = [link.get_object() for link in printed.pages[0].get("/Annots", ())]
    out = [link["/A"]["/URI"] for link in links if "/URI" in link.get("/A", {})]
    assert out == ["https://d2l.ai/"]
    third = printed.pages[2].indirect_reference.idnum
    assert third in [
        link["/Dest"][0].idnum for link in links if isinstance(link.get("/Dest"), list)
    ]


def test_no_book_no_pdf(monkeypatch, tmp_path: Path):
    monkeypatch.setattr(build, "HTML", tmp_path)
    with pytest.raises(pdf.PdfError, match="make book"):
        pdf.make(tmp_path / "x.pdf")
