"""Two small servers for the snippet's tests: a shop's pages, and a collector that answers as it is told."""

import json
import socket
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from mindgap.collect.wire.snippet import SNIPPET

KEY = "test&key"


class Server(ThreadingHTTPServer):
    """A server of this machine that can be stopped and started again at its port."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, handler, port=0):
        super().__init__(("127.0.0.1", port), handler)
        self.connections = set()
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def process_request(self, request, client_address):
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self.connections.discard(request)
        super().shutdown_request(request)

    def close(self):
        self.shutdown()
        self.server_close()
        for connection in list(self.connections):  # browsers keep them open for their next request
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.thread.join(5)

    def handle_error(self, request, client_address):
        """A browser that goes away in the middle is no fault."""


class Site:
    """Pages of a shop: `pages[path] = (html, headers)`."""

    def __init__(self):
        self.pages = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                html, headers = site.pages.get(urlsplit(self.path).path, ("", {}))
                body = html.encode()
                self.send_response(200 if html else 404)
                for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = Server(Handler)

    def put(self, path, body="", *, head, language="en", headers=None):
        top = f"<!doctype html><html lang={language}><link rel=icon href=data:,><title>{path}</title>{head}"
        self.pages[path] = (f"{top}<body>{body}</body></html>", headers or {})
        return self.server.address + path


class Echo:
    """A collector that keeps requests in memory.

    Attributes:
        requests: What came: how (beacon or fetch), status answered, messages, headers.
        plan: Answers to the next requests, (status, headers); 200 once it is empty.
        delay_s: How long each answer takes.
    """

    def __init__(self):
        self.requests, self.plan, self.delay_s, self.other = [], [], 0, []
        self.server = Server(self._handler())
        self.address, self.port = self.server.address, self.server.server_port

    def stop(self):
        if self.server is not None:
            self.server.close()
        self.server = None

    def start(self):
        self.server = Server(self._handler(), self.port)

    def tag(self, *, attributes="", mode="async"):
        key = KEY.replace("&", "&amp;")
        return f'<script {mode} src="{self.address}/mindgap.js" data-write-key="{key}" {attributes}></script>'

    def messages(self):
        """What was taken, in the order of arrival."""
        return [one for request in self.requests if request["status"] == 200 for one in request["messages"]]

    def once(self):
        """What a collector keeps: each message id once."""
        return list({one["messageId"]: one for one in reversed(self.messages())}.values())[::-1]

    def names(self):
        return [one.get("event") or one["type"] for one in self.once()]

    def wait(self, condition, seconds=8):
        """Wait until the condition holds; the test goes on from there, and fails otherwise."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, (self.names(), self.requests)
            time.sleep(0.02)

    def _handler(echo):  # noqa: N805 - `self` is the request's
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                found = self.path == "/mindgap.js"
                self._answer(
                    200 if found else 404, {"Content-Type": "text/javascript; charset=utf-8"}, SNIPPET
                )

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(echo.delay_s)
                status, headers = echo.plan.pop(0) if echo.plan else (200, {})
                said = json.loads(body)
                echo.requests.append(
                    {
                        "how": "beacon" if self.headers.get("Sec-Fetch-Mode") == "no-cors" else "fetch",
                        "status": status,
                        "key": parse_qs(urlsplit(self.path).query).get("writeKey"),
                        "messages": said["batch"],
                        "sentAt": said["sentAt"],
                        "size": len(body),
                        "headers": {name.lower(): value for name, value in self.headers.items()},
                    }
                )
                self._answer(status, headers, b"{}")

            def do_OPTIONS(self):
                echo.other.append(("OPTIONS", self.path))
                self._answer(200, {}, b"")

            def _answer(self, status, headers, body):
                self.send_response(status)
                self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin", "*"))
                self.send_header("Access-Control-Allow-Credentials", "true")
                self.send_header("Access-Control-Expose-Headers", "Retry-After")
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler
