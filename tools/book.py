"""Build the book, and serve it on this machine.

python -m tools.book build      # _build/html, warnings are errors, stored outputs
python -m tools.book serve      # http://localhost:8000 or the next free port
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tools import workbook_runtime
from translation import edition
from translation.languages import LANGUAGES, Language

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
FIRST_PORT, PORTS_TRIED = 8000, 100
# What a host should send with every page; the README repeats it. Nothing comes from elsewhere, and
# no script stands in a page. Python in the page needs WebAssembly, drawings need inline styles.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class BookError(Exception):
    """The book cannot be built; the message holds Jupyter Book's own words and one sentence."""


def build() -> None:
    """Bring ``_build/html`` up to date, in every language; raises BookError when that fails."""
    started = time.perf_counter()
    try:
        in_the_page = workbook_runtime.ensure()
    except workbook_runtime.WrongHash as wrong:
        raise BookError(f"book not built: {wrong}") from None
    for language in LANGUAGES.values():
        edition.write(language, source_of(language))
    editions = {ROOT: ROOT} | {source_of(each): folder_of(each) for each in LANGUAGES.values()}
    with ThreadPoolExecutor() as together:
        complaints = list(together.map(run_jupyter_book, editions, editions.values()))
    if any(complaints):
        said = "\n".join(filter(None, complaints))
        raise BookError(f"{said}\nbook not built: the warnings above count as errors.")
    for language in LANGUAGES.values():
        mirror(folder_of(language) / "_build" / "html", HTML / language.folder)
    print(f"book built in {time.perf_counter() - started:.0f} s: {HTML / 'index.html'}")
    print(in_the_page)


def folder_of(language: Language) -> Path:
    return ROOT / "_build" / "editions" / language.code


def source_of(language: Language) -> Path:
    return folder_of(language) / "source"


def run_jupyter_book(source: Path, out: Path) -> str:
    """Build one edition below ``out``; what Jupyter Book says against it, or nothing."""
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [jupyter_book, "build", "-W", "--keep-going", "-q", "--path-output", out, source]
    result = subprocess.run(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if not result.returncode:
        return ""
    # A page read with a warning is not read again, and the next build would call itself clean.
    shutil.rmtree(out / "_build" / ".doctrees", ignore_errors=True)
    return result.stdout


def mirror(source: Path, target: Path) -> None:
    """Give the files in ``source`` second names in ``target``, and remove what else is there.

    A file that is there already stays, so that whoever reads the site meanwhile misses nothing.
    """
    wanted = {path.relative_to(source) for path in source.rglob("*") if path.is_file()}
    for name in wanted:
        path = target / name
        if path.exists() and path.samefile(source / name):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        fresh.unlink(missing_ok=True)
        try:
            os.link(source / name, fresh)
        except OSError:  # a file system without second names
            shutil.copyfile(source / name, fresh)
        fresh.replace(path)
    for path in target.rglob("*"):
        if path.is_file() and path.relative_to(target) not in wanted:
            path.unlink()


class QuietHandler(SimpleHTTPRequestHandler):
    """Static files under the strict policy, never cached (a rebuilt page shows at once), silent."""

    protocol_version = "HTTP/1.1"
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript"}

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, *args: object) -> None:
        pass


def bind(
    folder: Path, first_port: int, handler: type[QuietHandler] = QuietHandler
) -> ThreadingHTTPServer:
    """A server for the folder on the first free port from ``first_port``, loopback only."""
    for port in range(first_port, first_port + PORTS_TRIED):
        try:
            return ThreadingHTTPServer(("127.0.0.1", port), partial(handler, directory=str(folder)))
        except OSError:
            continue
    last_port = first_port + PORTS_TRIED - 1
    raise BookError(f"no free port from {first_port} to {last_port} on this machine.")


def serve(first_port: int) -> None:
    if not (HTML / "index.html").exists():
        raise BookError("there is no book yet: run make site, which builds it first.")
    with bind(HTML, first_port) as server:
        address = f"http://localhost:{server.server_port}/"
        print(f"The book is at {address} (Ctrl+C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("\nserver stopped.")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.book", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", choices=["build", "serve"])
    parser.add_argument("--port", type=int, default=FIRST_PORT, help="first port to try")
    arguments = parser.parse_args()
    try:
        if arguments.action == "build":
            build()
        else:
            serve(arguments.port)
    except BookError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
