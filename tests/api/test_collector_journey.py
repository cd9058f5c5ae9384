"""The collector as people start it: it serves, takes, and ends without losing what is in progress."""

import http.client
import json
import socket
import threading
import time

from kits.collector import collector, entries
from kits.commands import mindgap

MESSAGE = {"type": "track", "event": "Seen", "userId": "canary@example.org", "messageId": "m1"}
BODY = json.dumps({"batch": [MESSAGE]}).encode()
HEAD = "POST /v1/batch HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {key}\r\nContent-Length: {size}\r\n\r\n"


def test_what_was_begun_before_the_end_is_finished_and_on_disk(tmp_path):
    answers = []

    def finish(client):
        time.sleep(1.5)  # in the meantime the server was told to end
        client.sendall(BODY[20:])
        answers.append(client.recv(1_000))

    with collector(tmp_path) as running:
        port = int(running.base_url.rpartition(":")[2])
        slow = socket.create_connection(("127.0.0.1", port), timeout=10)
        slow.sendall(HEAD.format(key=running.key, size=len(BODY)).encode() + BODY[:20])
        quick = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        quick.request("POST", "/v1/batch", BODY, {"Authorization": f"Bearer {running.key}"})
        assert quick.getresponse().read() == b'{"success":true}'
        quick.close()
        finishing = threading.Thread(target=finish, args=(slow,))
        finishing.start()
    finishing.join()
    slow.close()
    assert answers[0].startswith(b"HTTP/1.1 200 ")
    assert [len(entry.messages) for entry in entries(tmp_path, "shop")] == [1, 1]


def test_beyond_this_machine_there_must_be_tls_but_no_password(tmp_path):
    mindgap("init", ".", cwd=tmp_path)
    done = mindgap("serve", "--only", "collect", "--host", "0.0.0.0", cwd=tmp_path)
    assert done.returncode != 0
    assert "there is no TLS" in done.stderr
    assert "password" not in done.stderr
