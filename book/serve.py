"""Serve the book on this machine, as a host with a strict policy would."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from book.build import HTML, BookError

FIRST_PORT, PORTS_TRIED = 8000, 100
# What a host should send with every page; the README repeats it. Nothing comes from elsewhere, and
# no script stands in a page. Python in the page needs WebAssembly, drawings need inline styles.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


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
    folder: Path, first_port: int = FIRST_PORT, handler: type[QuietHandler] = QuietHandler
) -> ThreadingHTTPServer:
    """A server for the folder on the first free port from ``first_port``, loopback only.

    Raises BookError when a hundred ports are taken.
    """
    for port in range(first_port, first_port + PORTS_TRIED):
        try:
            return ThreadingHTTPServer(("127.0.0.1", port), partial(handler, directory=str(folder)))
        except OSError:
            continue
    last_port = first_port + PORTS_TRIED - 1
    raise BookError(f"no free port from {first_port} to {last_port} on this machine.")


def serve(first_port: int = FIRST_PORT) -> None:
    """Serve ``_build/html`` until Ctrl+C; raises BookError when there is no book or no port."""
    if not (HTML / "index.html").exists():
        raise BookError("there is no book yet: run make site, which builds it first.")
    with bind(HTML, first_port) as server:
        address = f"http://localhost:{server.server_port}/"
        print(f"The book is at {address} (Ctrl+C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("\nserver stopped.")
