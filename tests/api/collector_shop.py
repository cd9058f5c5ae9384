"""A collector on a log in memory, with sources and keys that a test declares."""

import base64
import json
from dataclasses import dataclass, field

from starlette.testclient import TestClient

from kits.streams import MOMENT, MemoryLog
from mindgap.api.collector.front import Ports, build_front
from mindgap.api.serving import Serving
from mindgap.kernel.settings import SourceSettings, write_sources
from mindgap.store.streams import WriteKey

URL = "http://127.0.0.1:8765"
EVENT = {"type": "track", "event": "Product Viewed", "userId": "u1", "messageId": "m1"}


@dataclass(eq=False)
class Keys:
    """The write keys, as the state would have them."""

    good: list = field(default_factory=list)
    broken: bool = False

    def write_keys(self):
        if self.broken:
            raise OSError
        return list(self.good)

    def consumed(self):
        return {}

    def records(self):
        return ()

    def quarantine(self, source=None):
        return ()


@dataclass(eq=False)
class Shop:
    """A collector and what it stored."""

    folder: object
    accounts: object
    log: MemoryLog = field(default_factory=MemoryLog)
    keys: Keys = field(default_factory=Keys)

    def declare(self, name="web", *, key="key-of-web", kind="http", **options):
        write_sources(self.folder, {name: SourceSettings(kind=kind, options=options)})
        self.keys.good.append(WriteKey(key=key, source=name, made_at=MOMENT))

    def front(self, **serving):
        ports = Ports(folder=self.folder, log=self.log, streams=self.keys, accounts=self.accounts)
        return build_front(ports, serving=Serving(**serving), clock=lambda: MOMENT)

    def client(self, *, front=None, address="127.0.0.1", **serving):
        app = front or self.front(**serving)
        return TestClient(app, base_url=URL, client=(address, 50_000), follow_redirects=False)

    @property
    def stored(self):
        """The messages in the log."""
        return [json.loads(message) for entry in self.log.entries for message in entry.messages]


def basic(key="key-of-web"):
    return {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def batch(*messages, **beside):
    return json.dumps({"batch": messages or [EVENT], **beside}).encode()
