"""A proxy that fails as networks and servers do: refusals, and answers that never arrive."""

import threading
from collections import deque
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

LOST = "lost"
"""The server takes the request, and its answer gets lost."""
_SETTINGS = "/v1/projects/"
_HOP = {"connection", "keep-alive", "transfer-encoding", "host", "content-length", "date", "server"}


class Faults:
    """What goes wrong with the next requests that carry events, in order; afterwards nothing does.

    Attributes:
        seen: What was done with each of these requests: a fault, or the status that the server gave.
    """

    def __init__(self, planned, *, at):
        self._planned = deque(planned)
        self._at = tuple(at)
        self._lock = threading.Lock()
        self.seen = []

    def next_for(self, method, path):
        with self._lock:
            carries = method != "OPTIONS" and path.startswith(self._at) and not path.startswith(_SETTINGS)
            return self._planned.popleft() if carries and self._planned else None


@contextmanager
def faulty(base_url, planned, *, at=("/v1/", "/beacon/", "/batch", "/e/", "/i", "/com.snowplow", "/api/s/")):
    """A proxy before a collector: its address, and its faults."""
    faults = Faults(planned, at=at)
    handler = type("Handler", (_Handler,), {"to": urlsplit(base_url).netloc, "faults": faults})
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", faults
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_who):
        """Clients hang up as they like."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    to = ""
    faults = Faults((), at=())

    def _serve(self):
        body = self._body()
        fault = self.faults.next_for(self.command, self.path)
        if isinstance(fault, int):
            self.faults.seen.append(fault)
            self._refuse(fault)
            return
        status, headers, answer = self._forward(body)
        if fault == LOST:
            self.faults.seen.append(LOST)
            self.close_connection = True
            return
        if self.command != "OPTIONS":
            self.faults.seen.append(status)
        self._answer(status, headers, answer)

    do_GET = do_POST = do_OPTIONS = _serve  # noqa: N815 - the library's names

    def _body(self):
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _forward(self, body):
        connection = HTTPConnection(self.to, timeout=20)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
            connection.request(self.command, self.path, body, {**headers, "Host": self.headers["host"]})
            response = connection.getresponse()
            return response.status, response.getheaders(), response.read()
        finally:
            connection.close()

    def _refuse(self, status):
        """As the collector refuses."""
        headers = [("content-type", "application/problem+json")]
        if status == 429:
            headers += [("retry-after", "1"), ("x-ratelimit-reset", "1")]
        if "origin" in self.headers:
            allow = "access-control-allow-"
            headers += [(allow + "origin", self.headers["origin"]), (allow + "credentials", "true")]
        self._answer(status, headers, b'{"code":"overload","message":"Send it again later."}')

    def _answer(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _HOP:
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said):
        pass
