"""Kafka, against librdkafka's own broker for tests: every message once, whenever we are cut off."""

import json
import threading
from contextlib import closing

import pytest

from mindgap.collect.connector import ConnectorSource, event_connector, feed_options
from mindgap.kernel.clock import now
from mindgap.kernel.errors import SettingsError, SourceError
from mindgap.kernel.settings import SourceSettings
from mindgap.store.log import Entry

kafka = pytest.importorskip("confluent_kafka")
pytestmark = pytest.mark.slow
TOPIC = "events"
QUICK = {"session.timeout.ms": 4500, "heartbeat.interval.ms": 200}
"""The test broker lets a group wait for its session's length, less a second, before it shares partitions."""


class Broker:
    """One broker in this process, speaking Kafka's protocol on a port of its own."""

    def __init__(self):
        self.producer = kafka.Producer(
            {"test.mock.num.brokers": 1, "bootstrap.servers": "none", "log_level": 0}
        )
        brokers = self.producer.list_topics(timeout=10).brokers.values()
        self.address = ",".join(f"{one.host}:{one.port}" for one in brokers)

    def send(self, values, *, partition=0, topic=TOPIC):
        for value in values:
            self.producer.produce(topic, value, partition=partition)
        assert self.producer.flush(10) == 0


@pytest.fixture(scope="module")
def broker():
    return Broker()


class Log:
    """What is on disk: a list, and the latest cursor in it."""

    def __init__(self):
        self.entries: list[Entry] = []
        self.lock = threading.Lock()

    def append(self, entry):
        with self.lock:
            self.entries.append(entry)

    @property
    def cursor(self):
        with self.lock:
            return next((entry.cursor for entry in reversed(self.entries) if entry.cursor), "")

    @property
    def messages(self):
        with self.lock:
            return [message for entry in self.entries for message in entry.messages]


def source(broker, *, topic, name="orders", **options):
    said = {"topics": [topic], "group": topic, "idle_s": 3.0, "batch": 10, "settings": QUICK, **options}
    settings = SourceSettings(kind="kafka", path=broker.address, options=said)
    return ConnectorSource(
        name=name,
        settings=settings,
        options=feed_options(name, settings),
        folder=None,
        open_database=None,
    )


def clock():
    return now()


def deliver(one, log, *, most=10**9, stop=None, append=True):
    """Deliver into the log until nothing comes, or until so many messages did."""
    stop = stop or threading.Event()
    with closing(event_connector("kafka").deliver(one, cursor=log.cursor, stop=stop, clock=clock)) as entries:
        for entry in entries:
            if append:
                log.append(entry)
            if len(set(log.messages)) >= most:
                return


def track(nth):
    return json.dumps(
        {"type": "track", "event": "Seen", "userId": f"u{nth}", "properties": {"n": nth}}
    ).encode()


def numbers(log):
    return sorted(json.loads(message)["properties"]["n"] for message in log.messages)


def test_messages_are_named_by_their_place_and_read_once(broker):
    log = Log()
    broker.send([track(n) for n in range(25)], topic="once")
    deliver(source(broker, topic="once"), log, most=25)
    assert numbers(log) == list(range(25))
    assert json.loads(log.messages[3])["messageId"] == "once:0:3"
    broker.send([track(n) for n in range(25, 30)], topic="once")
    deliver(source(broker, topic="once"), log, most=30)
    assert numbers(log) == list(range(30))
    assert all(len(entry.messages) <= 10 for entry in log.entries)


def test_a_kill_between_append_and_commit_doubles_nothing(broker):
    log = Log()
    broker.send([track(n) for n in range(30)], topic="killed")
    one = source(broker, topic="killed")
    entries = event_connector("kafka").deliver(one, cursor="", stop=threading.Event(), clock=clock)
    while len(log.messages) < 10:
        log.append(next(entries))
    # the entry is on disk; we die before the generator is resumed, so nothing was committed to Kafka
    entries.close()
    deliver(one, log, most=30)
    assert numbers(log) == list(range(30))


def test_a_kill_between_read_and_append_loses_nothing(broker):
    log = Log()
    broker.send([track(n) for n in range(20)], topic="lost")
    one = source(broker, topic="lost")
    entries = event_connector("kafka").deliver(one, cursor="", stop=threading.Event(), clock=clock)
    while not next(entries).messages:
        pass
    entries.close()  # it was yielded, and never reached the disk
    deliver(one, log, most=20)
    assert numbers(log) == list(range(20))


def test_two_members_of_a_group_share_the_partitions(broker):
    log, stop = Log(), threading.Event()
    one = source(broker, topic="shared", shared_group=True, idle_s=30.0)
    for partition in range(4):
        broker.send([track(partition * 1000 + n) for n in range(20)], topic="shared", partition=partition)
    first = threading.Thread(target=deliver, args=(one, log), kwargs={"most": 400, "stop": stop})
    first.start()
    while len(log.messages) < 40:
        stop.wait(0.05)
    second = threading.Thread(target=deliver, args=(one, log), kwargs={"most": 400, "stop": stop})
    second.start()
    for start in range(20, 100, 20):
        stop.wait(1.0)
        for partition in range(4):
            sent = [track(partition * 1000 + n) for n in range(start, start + 20)]
            broker.send(sent, topic="shared", partition=partition)
    wanted = sorted(partition * 1000 + n for partition in range(4) for n in range(100))
    first.join(40)
    second.join(40)
    stop.set()
    # the broker takes no offsets while it shares partitions: what was read just then comes again, by its name
    named = {json.loads(message)["messageId"]: message for message in log.messages}
    assert sorted(json.loads(message)["properties"]["n"] for message in named.values()) == wanted
    assert len(log.messages) - len(named) <= 40


def test_what_is_no_json_is_kept_as_it_came(broker):
    log = Log()
    broker.send([None, b"not json", b'{"type":\n"track"}', b"\xff\x00", track(1)], topic="odd")
    deliver(source(broker, topic="odd"), log, most=5)
    assert log.messages[:2] == [b"null", b"not json"]
    assert json.loads(log.messages[2]) == {"messageId": "odd:0:2", "type": "track"}
    assert log.messages[3] == b"\xff\x00"
    assert not any(b"\n" in message for message in log.messages)


def test_payloads_are_mapped(broker):
    log = Log()
    said = {"type": "'track'", "event": "kind", "userId": "buyer.id", "properties.total": "sum"}
    broker.send(
        [b'{"kind":"Order Completed","buyer":{"id":"c1"},"sum":9.5}', b'{"kind":"x"}'], topic="mapped"
    )
    deliver(source(broker, topic="mapped", map=said), log, most=2)
    first = json.loads(log.messages[0])
    assert (first["event"], first["userId"], first["properties"]) == ("Order Completed", "c1", {"total": 9.5})
    assert json.loads(log.messages[1]) == {"messageId": "mapped:0:1", "kind": "x"}


def test_latest_means_latest_when_it_was_first_looked_at(broker):
    log = Log()
    broker.send([track(0)], topic="latest")
    one = source(broker, topic="latest", start="latest")
    deliver(one, log)
    assert (log.messages, len(log.entries)) == ([], 1)
    broker.send([track(1)], topic="latest")
    deliver(one, log, most=1)
    assert numbers(log) == [1]


def test_what_no_purpose_allows_is_counted_and_not_kept(broker):
    log = Log()
    consent = {"consent": {"categoryPreferences": {"analytics": False}}}
    denied = {"type": "track", "event": "Seen", "userId": "u", "context": consent}
    broker.send([json.dumps(denied).encode(), track(1)], topic="consent")
    deliver(source(broker, topic="consent", purposes=["analytics"]), log, most=1)
    assert [json.loads(message)["userId"] for message in log.messages] == ["u1"]
    assert sum(entry.refused for entry in log.entries) == 1


def test_lag_is_what_was_waiting(broker):
    log = Log()
    broker.send([track(n) for n in range(30)], topic="lag")
    one = source(broker, topic="lag")
    deliver(one, log, most=10)
    lag = event_connector("kafka").lag
    assert lag(log.cursor) == 30 - len(log.messages)
    deliver(one, log, most=30)
    assert (lag(log.cursor), lag("")) == (0, None)


def test_a_gap_stops_unless_told_to_go_on(broker):
    log = Log()
    broker.send([track(0)], topic="gap")
    log.append(Entry(source="orders", received_at=clock(), messages=(), cursor='{"offsets":{"gap:0":99}}'))
    with pytest.raises(SourceError, match="offset 99 is gone"):
        deliver(source(broker, topic="gap"), log)
    deliver(source(broker, topic="gap", on_gap="continue"), log, most=1)
    assert numbers(log) == [0]


def test_an_unreachable_broker_is_told():
    with pytest.raises(SourceError, match="Kafka"):
        deliver(source(type("Gone", (), {"address": "127.0.0.1:1"}), topic="x", idle_s=20.0), Log())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"settings": {"sasl.password": "x"}}, "is a secret"),
        ({"settings": {"group.id": "x"}}, "Mindgap's own"),
        ({"settings": {"no.such.setting": "x"}}, "No such configuration"),
        ({"secrets_env": {"sasl.password": "NO_SUCH_VARIABLE"}}, "NO_SUCH_VARIABLE"),
        ({"map": {"event": "a b c"}}, "no JMESPath"),
    ],
)
def test_wrong_options_are_refused(broker, options, message):
    with pytest.raises(SettingsError, match=message):
        deliver(source(broker, topic="x", **options), Log())
