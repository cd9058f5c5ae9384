"""Serves the example shop on this machine, its pages joined to a collector that runs.

    python examples/shop/serve.py --collector http://127.0.0.1:8765 --key example-shop

A shop of your own needs none of this: it has the one script element in its pages (docs/snippet.md).
"""

import argparse
from functools import partial
from html import escape
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "zh")


class ShopHandler(SimpleHTTPRequestHandler):
    """Static files; in pages the collector's address and the write key are filled in."""

    extensions_map = {  # noqa: RUF012 - as the base class has it
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript; charset=utf-8",
        ".css": "text/css; charset=utf-8",
    }

    def __init__(self, *said: Any, collector: str, key: str, **more: Any) -> None:
        self.collector, self.key = collector, key
        super().__init__(*said, directory=str(FOLDER), **more)

    def do_GET(self) -> None:
        """Answer with a file, or with a page."""
        path = self.path.partition("?")[0]
        if path == "/":
            self._go(f"/{self._language()}/index.html")
        elif path.endswith("/"):
            self._go(f"{path}index.html")
        elif path.endswith(".html"):
            self._page(Path(self.translate_path(path)))
        else:
            super().do_GET()

    def end_headers(self) -> None:
        """A strict policy: the shop's own files, the collector's script, and sending to the collector."""
        self.send_header(
            "Content-Security-Policy",
            f"default-src 'none'; script-src 'self' {self.collector}; connect-src {self.collector}; "
            "style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
            "require-trusted-types-for 'script'",
        )
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "strict-origin-when-cross-origin")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, *_said: Any) -> None:
        """Nothing is logged: addresses hold what visitors search for."""

    def _go(self, path: str) -> None:
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _page(self, file: Path) -> None:
        if not file.is_file():
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        text = file.read_text("utf-8")
        text = text.replace("COLLECTOR", escape(self.collector)).replace("WRITE_KEY", escape(self.key))
        body = text.encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _language(self) -> str:
        wanted = self.headers.get("Accept-Language", "").lower()
        return "zh" if wanted.startswith("zh") else "en"


def shop_server(collector: str, key: str, *, port: int = 0) -> ThreadingHTTPServer:
    """The shop at a port of this machine, listening; `serve_forever` answers."""
    return ThreadingHTTPServer(("127.0.0.1", port), partial(ShopHandler, collector=collector, key=key))


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Serve the example shop.")
    parser.add_argument("--collector", default="http://127.0.0.1:8765", help="where `mindgap serve` listens")
    parser.add_argument("--key", default="example-shop", help="the write key of its source")
    parser.add_argument("--port", type=int, default=8080)
    options = parser.parse_args()
    with shop_server(options.collector.rstrip("/"), options.key, port=options.port) as server:
        print(f"The shop: http://127.0.0.1:{server.server_port}\nStop with Ctrl-C.")  # noqa: T201
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()  # noqa: T201


if __name__ == "__main__":
    main()
