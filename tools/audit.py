"""Lighthouse over the built book, on this machine, written to reports/lighthouse.md.

    python -m tools.audit              # first page and chapters, as a phone and as a laptop
    python -m tools.audit --runs 3     # the run of median performance, of three

Needs Node.js for the npm package lighthouse; the browser is that of the tests. The pages come from
a server that compresses, as hosts do.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from book import ROOT, build, serve
from book.browser import ARGUMENTS, NoBrowser, chromium_path
from book.translate.languages import EDITIONS

LIGHTHOUSE = "lighthouse@13.5.0"
REPORT = ROOT / "reports" / "lighthouse.md"
FIRST_PORT = 8700
COMPRESSED = (".html", ".css", ".js", ".mjs", ".svg", ".json", ".txt", ".xml")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FORMS = {"phone": (), "laptop": ("--preset=desktop",)}
WANTED = {"phone": 95, "laptop": 100}  # performance; the other categories are wanted at 100
WANTED_KILOBYTES = 300


class AuditError(Exception):
    """The audit cannot run; the message says what is missing."""


class CompressingHandler(serve.QuietHandler):
    """The local server, with gzip for what compresses."""

    def send_head(self) -> io.BufferedIOBase | None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        compress = path.suffix in COMPRESSED and path.is_file()
        if not compress or "gzip" not in self.headers.get("Accept-Encoding", ""):
            return super().send_head()
        body = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return io.BytesIO(body)


@dataclass(frozen=True)
class Scores:
    """What Lighthouse found on one page."""

    page: str
    form: str
    categories: dict[str, int]  # 0 to 100
    paint: str  # largest contentful paint
    blocking: str  # total blocking time
    shift: str  # cumulative layout shift
    kilobytes: int  # transferred, 1 kB = 1000 bytes
    failures: tuple[str, ...]  # audits that cost a point

    @classmethod
    def read(cls, page: str, form: str, report: dict) -> Scores:
        audits = report["audits"]
        found = report["categories"]
        weights = {
            reference["id"]: reference["weight"]
            for name in CATEGORIES[1:]
            for reference in found[name]["auditRefs"]
        }
        return cls(
            page=page,
            form=form,
            categories={name: round(100 * found[name]["score"]) for name in CATEGORIES},
            paint=audits["largest-contentful-paint"]["displayValue"].replace("\xa0", " "),
            blocking=audits["total-blocking-time"]["displayValue"].replace("\xa0", " "),
            shift=audits["cumulative-layout-shift"]["displayValue"],
            kilobytes=round(audits["total-byte-weight"]["numericValue"] / 1000),
            failures=tuple(
                audits[name]["title"]
                for name, weight in weights.items()
                if weight and audits[name]["score"] not in (1, None)
            ),
        )

    @property
    def below(self) -> list[str]:
        """What misses its mark, in words."""
        wanted = {name: 100 for name in CATEGORIES} | {"performance": WANTED[self.form]}
        missed = [
            f"{name} {self.categories[name]}, wanted {mark}"
            for name, mark in wanted.items()
            if self.categories[name] < mark
        ]
        if self.kilobytes > WANTED_KILOBYTES:
            missed.append(f"{self.kilobytes} kB, wanted at most {WANTED_KILOBYTES}")
        return [f"{self.page}, {self.form}: {words}" for words in (*missed, *self.failures)]


def pages() -> list[str]:
    """The first page and every chapter of the built book, in every language."""
    found = []
    for language in EDITIONS:
        chapters = sorted((build.HTML / language.folder).glob("chapters/*.html"))
        found += [f"{language.path}index", *(f"{language.path}chapters/{p.stem}" for p in chapters)]
    return found


def lighthouse(npx: str, chromium: str, url: str, options: Iterable[str]) -> dict:
    """One run of Lighthouse, as its own report."""
    command = [npx, "--yes", LIGHTHOUSE, url, "--quiet", "--output=json", "--output-path=stdout"]
    command += [f"--chrome-flags={' '.join(('--headless', *ARGUMENTS))}", *options]
    result = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"CHROME_PATH": chromium}
    )
    if result.returncode:
        raise AuditError(f"Lighthouse could not audit {url}:\n{result.stderr[-2000:]}")
    return json.loads(result.stdout)


def audit(runs: int) -> list[Scores]:
    npx = shutil.which("npx")
    if npx is None:
        raise AuditError("make audit needs Node.js 20 or newer, for the npm package lighthouse.")
    if not (build.HTML / "index.html").exists():
        raise AuditError("there is no book yet: run make book first.")
    chromium = str(chromium_path())
    scores = []
    with serve.bind(build.HTML, FIRST_PORT, CompressingHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for page in pages():
            for form, options in FORMS.items():
                url = f"http://localhost:{server.server_port}/{page}.html"
                reports = [lighthouse(npx, chromium, url, options) for _ in range(runs)]
                reports.sort(key=lambda report: report["categories"]["performance"]["score"])
                scores.append(Scores.read(page, form, reports[runs // 2]))
                print(page, form, *scores[-1].categories.values(), flush=True)
        server.shutdown()
    return scores


def as_markdown(scores: list[Scores], runs: int) -> str:
    below = [line for score in scores for line in score.below]
    lines = [
        "# Lighthouse",
        "",
        f"`make audit`, {date.today().isoformat()}, {LIGHTHOUSE}, this machine's Chromium, a local",
        "server that compresses with gzip. Phone: Lighthouse's slow 4G and a processor four times",
        f"slower, simulated. A row is the median of {runs} run{'s' * (runs > 1)} by performance.",
        "",
        "| page | as a | performance | accessibility | best practices | SEO "
        "| largest paint | blocked | shift | transferred |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|",
        *(
            f"| {s.page} | {s.form} | {' | '.join(str(n) for n in s.categories.values())} "
            f"| {s.paint} | {s.blocking} | {s.shift} | {s.kilobytes} kB |"
            for s in scores
        ),
        "",
        "Wanted: performance 95 as a phone and 100 as a laptop, everything else 100, and at most",
        f"{WANTED_KILOBYTES} kB before the first touch. " + ("Missed:" if below else "All met."),
        *([""] if below else []),
        *(f"- {line}" for line in below),
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.audit", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--runs", type=int, default=1, help="runs per page; the median counts")
    arguments = parser.parse_args()
    try:
        scores = audit(arguments.runs)
    except (AuditError, NoBrowser) as error:
        sys.exit(str(error))
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(as_markdown(scores, arguments.runs), encoding="utf-8")
    print(f"audit written to {REPORT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
