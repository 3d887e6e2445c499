"""How long Python in the page takes and how many bytes, written to reports/workbook.md.

    python -m tools.workbook_report     # the built book, this machine's Chromium

Cold is a browser that has never seen the book; warm is one that has run a cell of it before. The
times are from the click on Run to the cell's end, so they hold fetching, starting and NumPy.
"""

from __future__ import annotations

import gzip
import os
import platform
import statistics
import threading
import time
from datetime import date

from playwright.sync_api import Page

from book import ROOT, build, serve
from book.browser import browser

REPORT = ROOT / "reports" / "workbook.md"
EXERCISE, CELL, PORT, RUNS = "02_hidden_bias", "setup", 8700, 3
PATIENCE = 180_000  # milliseconds
FIRST_RUN = "the first run"
WHEN = {
    "editor.mjs": "the first edit",
    "graphviz.mjs": "the first drawing",
    "LICENSES.txt": "never",
}


def seconds(page: Page, cell: str) -> float:
    """From the click on a cell's Run to its end."""
    place = page.locator(f'.workbook-cell[data-cell="{cell}"]')
    place.scroll_into_view_if_needed()
    started = time.perf_counter()
    place.locator(".wb-run").click()
    page.locator(f'.workbook-cell[data-cell="{cell}"][data-state="idle"]').wait_for(
        timeout=PATIENCE
    )
    return time.perf_counter() - started


def check_seconds(page: Page) -> list[float]:
    """What the page itself measures between a check's begin and end, for every task cell."""
    page.evaluate(
        """() => {
            window.checks = [];
            for (const cell of document.querySelectorAll(".workbook-cell")) {
                let begun;
                const badge = cell.querySelector(".wb-badge");
                new MutationObserver(() => {
                    const { state } = cell.dataset;
                    if (state === "running") begun = performance.now();
                    else if (begun && state === "idle" && badge.dataset.state)
                        window.checks.push((performance.now() - begun) / 1000);
                }).observe(cell, { attributes: true, attributeFilter: ["data-state"] });
            }
        }"""
    )
    page.locator(".wb-menu summary").click()
    page.get_by_role("button", name="Run all cells").click()
    page.locator('#workbook[data-state="busy"]').wait_for(timeout=PATIENCE)
    page.locator('#workbook[data-state="ready"]').wait_for(timeout=PATIENCE)
    return page.evaluate("window.checks")


def measured(address: str) -> dict[str, list[float]]:
    """Seconds of cold and warm starts and of checks."""
    times: dict[str, list[float]] = {"cold start": [], "warm start": [], "a check": []}
    at = f"{address}exercises/{EXERCISE}.html"
    with browser() as chromium:
        for _ in range(RUNS):
            context = chromium.new_context()
            page = context.new_page()
            page.goto(at)
            times["cold start"].append(seconds(page, CELL))
            page.wait_for_timeout(5000)  # the service worker keeps what was fetched
            again = context.new_page()
            page.close()
            again.goto(at)
            times["warm start"].append(seconds(again, CELL))
            times["a check"] += check_seconds(again)
            context.close()
    return times


def sizes() -> list[tuple[str, int, int]]:
    """When, bytes, and bytes after gzip, of what a workbook loads beyond its page."""
    (folder,) = build.HTML.glob("workbook-*")
    totals: dict[str, list[int]] = {when: [0, 0] for when in (FIRST_RUN, *WHEN.values())}
    for path in folder.iterdir():
        content = path.read_bytes()
        total = totals[WHEN.get(path.name, FIRST_RUN)]
        total[0] += len(content)
        total[1] += min(len(gzip.compress(content, 6)), len(content))
    (page,) = (build.HTML / "_static").glob("workbook-*")
    scripts = [path.read_bytes() for path in page.glob("*.mjs")]
    small = sum(map(len, scripts)), sum(len(gzip.compress(content, 6)) for content in scripts)
    rows = [(when, size, packed) for when, (size, packed) in totals.items()]
    return [("the page: its own scripts", *small), *rows]


def report(times: dict[str, list[float]], load: float) -> str:
    lines = [
        "# Python in the page, measured",
        "",
        f"`python -m tools.workbook_report`, {date.today().isoformat()}: exercise {EXERCISE}, this "
        f"machine's Chromium and a local server, {os.cpu_count()} cores, {platform.system()}, load "
        f"average {load:.1f} before the run, nice {os.nice(0)}.",
        "",
        "| seconds | median | least | greatest | goal on 2 free cores |",
        "|---|---|---|---|---|",
    ]
    goals = {"cold start": "≤ 10", "warm start": "≤ 5", "a check": "≤ 0.2"}
    for what, values in times.items():
        lines.append(
            f"| {what} ({len(values)}) | {statistics.median(values):.2f} | {min(values):.2f} "
            f"| {max(values):.2f} | {goals[what]} |"
        )
    lines += ["", "| loaded at | bytes | after gzip |", "|---|---|---|"]
    lines += [f"| {when} | {size:,} | {packed:,} |" for when, size, packed in sizes()]
    return "\n".join(lines) + "\n"


def main() -> None:
    load = os.getloadavg()[0]
    with serve.bind(build.HTML, PORT) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        text = report(measured(f"http://localhost:{server.server_port}/"), load)
        server.shutdown()
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
