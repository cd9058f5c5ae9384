"""Pages of a shop, on an origin of their own."""

import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@contextmanager
def site(folders):
    """A server of files: its address.

    Args:
        folders: The folder to show by the first part of the path; `""` for all else.
    """
    handler = type("Handler", (_Handler,), {"folders": folders})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        # another name of this machine, hence another origin than 127.0.0.1, and another site
        yield f"http://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    folders: dict[str, Path]

    def translate_path(self, path):
        first, _, rest = path.partition("?")[0].lstrip("/").partition("/")
        if first in self.folders:
            return str(self.folders[first] / rest)
        return str(self.folders[""] / first)

    def log_message(self, *_said):
        pass
