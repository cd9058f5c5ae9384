"""Where audiences go: harmless in a spreadsheet, never to an address inside, replaced as one."""

import base64
import csv
import hmac
import json
import sqlite3
import stat
from contextlib import closing
from datetime import datetime

import httpx
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindgap.backends.targets.csv_file import CsvFile, harmless
from mindgap.backends.targets.public_hosts import checked, is_public
from mindgap.backends.targets.sql_table import SqlTable
from mindgap.backends.targets.webhook import Webhook
from mindgap.kernel.errors import SettingsError, SourceError, StorageError
from mindgap.store.audience import Audience, Sent
from mindgap.store.database import Address

SECRET = "whsec_" + base64.b64encode(b"a secret of some length").decode()


def audience(ids, *, name="risk:high", **columns):
    table = pa.table({"customer_id": pa.array(ids, pa.string()), **columns})
    return Audience(name=name, purpose="marketing", as_of=datetime(2024, 6, 1), customers=table)


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_no_cell_of_a_csv_is_a_formula(tmp_path):
    ids = ["=cmd|' /C calc'!A0", "+1", "-1", "@sum", "\tx", "\rx", "\0=1", "plain", "a=b"]
    sent = CsvFile(path=tmp_path / "out.csv").send(audience(ids, spend=pa.array([-1.5] * 9)))
    found = [row[0] for row in rows_of(tmp_path / "out.csv")[1:]]
    assert sent == Sent(customers=9)
    assert all(cell[0] not in "=+-@\t\r\0" for cell in found)
    assert found[-2:] == ["plain", "a=b"]
    assert rows_of(tmp_path / "out.csv")[1][1] == "-1.5"


@given(st.text(st.characters(codec="utf-8"), max_size=8))
def test_every_text_becomes_harmless(text):
    assert not str(harmless(text)).startswith(("=", "+", "-", "@", "\t", "\r", "\0", "\n"))


def test_a_csv_is_whole_or_as_it_was(tmp_path):
    path = tmp_path / "out.csv"
    CsvFile(path=path).send(audience(["a"]))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(StorageError):
        CsvFile(path=tmp_path / "nowhere" / "out.csv").send(audience(["b"]))
    assert rows_of(path) == [["customer_id"], ["a"]]
    assert [item.name for item in tmp_path.iterdir()] == ["out.csv"]


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1"),
        *("64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::f5ff:fffe", "::ffff:169.254.169.254", "x"),
    ],
)
def test_addresses_inside_are_refused(address):
    assert not is_public(address)
    with pytest.raises(SettingsError, match="not a public address"):
        checked("https://crm.example/in", allowed=(), lookup=lambda _host, _port: [address])


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://crm.example/", "without encryption"),
        ("https://user:secret@crm.example/", "no address"),
        ("https://", "no address"),
        ("ftp://crm.example/", "no address"),
        ("https://crm.example:99999/", "no address"),
    ],
)
def test_addresses_that_cannot_be_are_refused(url, message):
    with pytest.raises(SettingsError, match=message):
        checked(url, allowed=(), lookup=lambda _host, _port: ["93.184.216.34"])


def test_one_inside_among_several_addresses_is_refused():
    with pytest.raises(SettingsError, match="not a public address"):
        checked("https://x.example/", allowed=(), lookup=lambda _h, _p: ["93.184.216.34", "10.0.0.1"])


def test_the_checked_address_is_the_one_that_is_called():
    found = checked("https://crm.example/in?x=1", allowed=(), lookup=lambda _h, _p: ["2606:2800:220:1::1"])
    assert found.url == "https://[2606:2800:220:1::1]:443/in?x=1"
    assert (found.host, found.authority) == ("crm.example", "crm.example")
    inside = checked("http://crm.local:8080/in", allowed={"crm.local"}, lookup=lambda _h, _p: ["10.0.0.5"])
    assert (inside.url, inside.authority) == ("http://10.0.0.5:8080/in", "crm.local:8080")


class Receiver:
    """Answers in turn, and keeps what it was sent."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        self.pauses = []

    def __call__(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(answer)

    def webhook(self, **said):
        return Webhook(
            url="https://crm.example/in",
            secret=SECRET,
            clock=lambda: 1_700_000_000.0,
            pause=self.pauses.append,
            lookup=lambda _host, _port: ["93.184.216.34"],
            transport=httpx.MockTransport(self),
            **said,
        )


def test_batches_are_signed_and_named():
    receiver = Receiver()
    sent = receiver.webhook(batch_size=2).send(audience(["a", "b", "c"]))
    assert sent == Sent(customers=3, batches=2)
    first, second = receiver.requests
    assert str(first.url) == "https://93.184.216.34/in"
    assert first.headers["host"] == "crm.example"
    assert first.extensions["sni_hostname"] == "crm.example"
    assert json.loads(second.content)["customers"] == [{"customer_id": "c"}]
    text = f"{first.headers['webhook-id']}.1700000000.".encode() + first.content
    expected = base64.b64encode(hmac.digest(b"a secret of some length", text, "sha256")).decode()
    assert first.headers["webhook-signature"] == f"v1,{expected}"
    assert first.headers["idempotency-key"] != second.headers["idempotency-key"]


def test_what_fails_for_a_while_is_sent_again_with_the_same_name():
    receiver = Receiver(
        503, httpx.ConnectError("down"), httpx.Response(429, headers={"retry-after": "7"}), 200
    )
    receiver.webhook().send(audience(["a"]))
    assert len({request.headers["idempotency-key"] for request in receiver.requests}) == 1
    assert receiver.pauses == [0.5, 1.0, 7.0]


@pytest.mark.parametrize("status", [301, 307, 400, 401, 410])
def test_redirects_and_refusals_end_it(status):
    receiver = Receiver(httpx.Response(status, headers={"location": "https://elsewhere.example/"}))
    with pytest.raises(SourceError, match=f"batch 1 of 1, status {status}"):
        receiver.webhook().send(audience(["a"]))
    assert len(receiver.requests) == 1


def test_it_gives_up_in_the_end():
    receiver = Receiver(*[503] * 9)
    with pytest.raises(SourceError, match="status 503"):
        receiver.webhook().send(audience(["a"]))
    assert len(receiver.requests) == 5


@pytest.fixture
def database(tmp_path):
    (tmp_path / "crm.db").touch()
    return tmp_path / "crm.db"


def read(database, query):
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def test_who_left_is_taken_out_of_a_table(database):
    where = SqlTable(address=Address(url=f"sqlite:///{database}"), table="audiences")
    spend = {"spend": pa.array([1.0, 2.0])}
    assert where.send(audience(["a", "b"], **spend)) == Sent(customers=2, batches=1, removed=0)
    where.send(audience(["z", "y"], name="risk:low", **spend))
    assert where.send(audience(["b", "c"], **spend)) == Sent(customers=2, batches=1, removed=1)
    found = read(database, "select audience, customer_id, spend from audiences order by 1, 2")
    assert found == [
        ("risk:high", "b", 1.0),
        ("risk:high", "c", 2.0),
        ("risk:low", "y", 2.0),
        ("risk:low", "z", 1.0),
    ]


def test_a_table_that_is_not_ours_keeps_its_rows(database):
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("create table orders (customer_id text)")
        connection.execute("insert into orders values ('a')")
        connection.commit()
    with pytest.raises(SettingsError, match="other columns"):
        SqlTable(address=Address(url=f"sqlite:///{database}"), table="orders").send(audience(["b"]))
    assert read(database, "select * from orders") == [("a",)]


def test_an_audience_that_cannot_be_written_leaves_the_table_as_it_was(database):
    where = SqlTable(address=Address(url=f"sqlite:///{database}"), table="audiences")
    where.send(audience(["a"]))
    with pytest.raises(SourceError, match="IntegrityError"):
        where.send(audience(["b", "b"]))
    assert read(database, "select customer_id from audiences") == [("a",)]
