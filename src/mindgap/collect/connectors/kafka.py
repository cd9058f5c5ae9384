"""Kafka: topics read as a member of a consumer group, each message into the log once.

Where reading goes on is in the log, not in Kafka: each entry carries the offsets behind its messages, and a
partition that we are given is read from there. What we commit to Kafka afterwards shows others how far we
are; it counts only with `shared_group`. A message without an id is named `topic:partition:offset`: even one
that is stored twice, because Kafka would not take our offsets while it shared partitions anew, is one event.
"""

import json
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from mindgap.collect.connector import Clock, ConnectorSource, FeedOptions, entry_of
from mindgap.collect.events.payloads import messages, payload_map, with_id
from mindgap.kernel.errors import SettingsError, SourceError
from mindgap.store.log import Entry

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

_WAIT_S = 0.5
_ANSWER_S = 10.0
_SECRET_SETTINGS = (
    "sasl.password",
    "ssl.key.password",
    "ssl.keystore.password",
    "sasl.oauthbearer.client.secret",
)
_OURS = (
    "group.id",
    "bootstrap.servers",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "auto.offset.reset",
    "partition.assignment.strategy",
)
_log = logging.getLogger("mindgap.kafka")


class OPTIONS(FeedOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of a Kafka source; `path` is its brokers, as in `kafka-1:9092,kafka-2:9092`.

    Attributes:
        topics: The topics.
        group: The consumer group; `mindgap-` and the source's name by default.
        shared_group: Whether other members of the group feed other logs, so that what they committed is
            theirs. Otherwise only this log says how far was read.
        start: Where to begin with a partition of which nothing was read yet.
        on_gap: What to do where Kafka has deleted messages before they were read: stop and say so, or
            continue with the oldest that is left.
        batch: How many messages at most are stored at once.
        idle_s: After how many seconds without messages to leave the group, until the next look.
        settings: More settings of librdkafka, such as `security.protocol`.
        secrets_env: Settings that are secrets: name of the environment variable by setting.
        preset: A map that comes with Mindgap.
        map: JMESPath expression by field of a message.
    """

    every_s: Annotated[float, msgspec.Meta(gt=0)] = 0.1
    topics: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    group: str = ""
    shared_group: bool = False
    start: Literal["earliest", "latest"] = "earliest"
    on_gap: Literal["stop", "continue"] = "stop"
    batch: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 500
    idle_s: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    settings: dict[str, str | int | float | bool] = msgspec.field(default_factory=dict)
    secrets_env: dict[str, str] = msgspec.field(default_factory=dict)
    preset: str = ""
    map: dict[str, str] = msgspec.field(default_factory=dict)


class Cursor(msgspec.Struct, kw_only=True):
    """How far was read.

    Attributes:
        offsets: Offset of the next message by `topic:partition`.
        behind: How many messages were waiting.
    """

    offsets: dict[str, int] = msgspec.field(default_factory=dict)
    behind: int = 0


def lag(cursor: str) -> int | None:
    """How many messages were waiting when the cursor was made."""
    return msgspec.json.decode(cursor, type=Cursor).behind if cursor else None


def deliver(source: ConnectorSource, *, cursor: str, stop: threading.Event, clock: Clock) -> Iterator[Entry]:
    """Entries behind a cursor, for as long as messages keep coming; see EventConnector."""
    reader = _Reader(source, cursor)
    idle_since = clock()
    try:
        while not stop.is_set():
            found = reader.read()
            if found or reader.moved:
                yield entry_of(source, found, cursor=reader.cursor(), received_at=clock())
                reader.settle()
                idle_since = clock()
            elif not reader.joined:
                idle_since = clock()
            elif (clock() - idle_since).total_seconds() > reader.options.idle_s:
                return
    finally:
        reader.close()


class _Reader:
    """A member of the group: the partitions it was given, and how far it has read in each."""

    def __init__(self, source: ConnectorSource, cursor: str) -> None:
        options = source.options
        if not isinstance(options, OPTIONS):
            raise SettingsError(f"Source {source.name!r} is no Kafka source.")
        self.options = options
        self.joined = False
        self.moved = False
        self._map = payload_map(source.name, options.map, preset=options.preset)
        self._at = msgspec.json.decode(cursor, type=Cursor).offsets if cursor else {}
        self._settled: dict[str, int] = {}
        self._held: set[str] = set()
        self._failure: SourceError | None = None
        self._consumer = _consumer(source, options, self._hear)
        self._consumer.subscribe(
            list(options.topics), on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._lost
        )

    def read(self) -> list[bytes]:
        """The next messages; none when nothing came for a while."""
        found: list[bytes] = []
        given = self._consumer.consume(self.options.batch, _WAIT_S)
        if self._failure is not None:
            raise self._failure
        for message in given:
            error = message.error()
            if error is not None:
                raise _refusal(error)
            found += self._taken(message)
        return found

    def cursor(self) -> str:
        """How far was read."""
        return msgspec.json.encode(Cursor(offsets=self._at, behind=self._behind())).decode()

    def settle(self) -> None:
        """What was read is on disk: show Kafka, without waiting for its answer."""
        self.moved = False
        self._settled = {name: self._at[name] for name in self._held if name in self._at}
        self._commit(self._settled, wait=False)

    def close(self) -> None:
        """Leave the group; what was read since the last `settle` may not be on disk and is not committed."""
        self._commit(self._settled, wait=True)
        self._consumer.close()

    def _taken(self, message: "Message") -> list[bytes]:
        """The messages that one of Kafka's stands for; one that was read before is none."""
        topic, partition, offset = message.topic(), message.partition(), message.offset()
        name = f"{topic}:{partition}"
        if name not in self._held or offset is None or offset < self._at.get(name, 0):
            return []
        self._at[name] = offset + 1
        value = message.value()
        found = messages(without_sending_time(value if value is not None else b"null"), self._map)
        own = f"{name}:{offset}"
        return [with_id(one, f"{own}:{nth}" if nth else own) for nth, one in enumerate(found)]

    def _assigned(self, consumer: "Consumer", partitions: "list[TopicPartition]") -> None:
        """We are given partitions: read each from where the log has it. What fails is told by `read`."""
        from confluent_kafka import KafkaException  # noqa: PLC0415 - an optional package

        try:
            for partition in self._with_committed(consumer, partitions):
                partition.offset = self._beginning(consumer, partition)
            consumer.assign(partitions)
            self.joined = True
        except KafkaException as error:
            self._failure = _refusal(error.args[0])
        except SourceError as error:
            self._failure = error

    def _with_committed(
        self, consumer: "Consumer", partitions: "list[TopicPartition]"
    ) -> "list[TopicPartition]":
        """The same partitions; what other members committed is where we go on."""
        if self.options.shared_group:
            for partition in consumer.committed(partitions, timeout=_ANSWER_S):
                name = _name(partition)
                if partition.offset > self._at.get(name, -1):
                    self._at[name] = partition.offset
        return partitions

    def _beginning(self, consumer: "Consumer", partition: "TopicPartition") -> int:
        name = _name(partition)
        low, high = consumer.get_watermark_offsets(partition, timeout=_ANSWER_S)
        at = self._at.get(name)
        if at is None:
            at = low if self.options.start == "earliest" else high
            # the beginning is kept even before the first message: `latest` must not move with a restart
            self.moved = True
        if not low <= at <= high:
            at = self._over_the_gap(name, at, low=low)
        self._held.add(name)
        self._at[name] = at
        return at

    def _over_the_gap(self, name: str, at: int, *, low: int) -> int:
        if self.options.on_gap == "continue":
            _log.warning("messages of %s are gone: went on at %d in place of %d", name, low, at)
            return low
        raise SourceError(
            f"Kafka no longer has what comes next in {name}: offset {at} is gone, the oldest is {low}.",
            hint='Set on_gap = "continue" to go on with the oldest; what lies between is lost.',
        )

    def _revoked(self, _consumer: "Consumer", partitions: "list[TopicPartition]") -> None:
        """Others are given partitions: all that we yielded of them is on disk by now."""
        names = {_name(partition) for partition in partitions}
        self._commit({name: at for name, at in self._settled.items() if name in names}, wait=True)
        self._lost(_consumer, partitions)

    def _lost(self, _consumer: "Consumer", partitions: "list[TopicPartition]") -> None:
        for partition in partitions:
            name = _name(partition)
            self._held.discard(name)
            # what was read but not yielded yet is the next owner's
            if name in self._settled:
                self._at[name] = self._settled.pop(name)

    def _commit(self, offsets: dict[str, int], *, wait: bool) -> None:
        """Show Kafka how far we are; it is for others to look at, so a refusal is only told."""
        from confluent_kafka import KafkaException, TopicPartition  # noqa: PLC0415

        split = [(name.rpartition(":"), at) for name, at in offsets.items()]
        partitions = [TopicPartition(topic, int(number), at) for (topic, _colon, number), at in split]
        if not partitions:
            return
        try:
            self._consumer.commit(offsets=partitions, asynchronous=not wait)
        except KafkaException as error:
            _log.warning("offsets were not committed: %s", error.args[0].name())

    def _behind(self) -> int:
        from confluent_kafka import TopicPartition  # noqa: PLC0415

        waiting = 0
        for name in self._held:
            topic, _colon, number = name.rpartition(":")
            known = self._consumer.get_watermark_offsets(TopicPartition(topic, int(number)), cached=True)
            waiting += max(known[1] - self._at[name], 0) if known else 0
        return waiting

    def _hear(self, error: "KafkaError") -> None:
        """What librdkafka tells aside; it goes on by itself unless no broker is left or we are refused."""
        from confluent_kafka import KafkaError as Known  # noqa: PLC0415

        if error.fatal() or error.code() in {Known._ALL_BROKERS_DOWN, Known._AUTHENTICATION}:  # noqa: SLF001
            self._failure = _refusal(error)


def without_sending_time(value: bytes) -> bytes:
    """A message without `sentAt`: it waited in Kafka, so sending it and its arrival here are far apart.

    >>> without_sending_time(b'{"event":"A","originalTimestamp":"2024-05-01T10:00:00Z","sentAt":"x"}')
    b'{"event":"A","originalTimestamp":"2024-05-01T10:00:00Z"}'
    """
    if b"sentAt" not in value:
        return value
    try:
        members = json.loads(value)
    except (ValueError, RecursionError):
        return value
    if not isinstance(members, dict) or "sentAt" not in members:
        return value
    del members["sentAt"]
    return json.dumps(members, separators=(",", ":")).encode()


def _name(partition: "TopicPartition") -> str:
    return f"{partition.topic}:{partition.partition}"


def _consumer(source: ConnectorSource, options: OPTIONS, hear: "Callable[[KafkaError], None]") -> "Consumer":
    try:
        from confluent_kafka import Consumer, KafkaException  # noqa: PLC0415 - an optional package
    except ImportError:
        raise SettingsError(
            "The package confluent-kafka is not installed.", hint='Run: pip install "mindgap[kafka]"'
        ) from None
    try:
        return Consumer(_settings(source, options, hear), logger=_log)
    except KafkaException as error:
        raise SettingsError(
            f"Source {source.name!r}: {error.args[0].str()}.", hint="Correct its settings in mindgap.toml."
        ) from None


def _settings(source: ConnectorSource, options: OPTIONS, hear: Any) -> dict[str, Any]:
    _refuse(source, _SECRET_SETTINGS, "is a secret", hint="Name an environment variable in secrets_env.")
    _refuse(
        source, _OURS, "is Mindgap's own to set", hint="Take it out; `path` and `group` are said beside it."
    )
    secrets = {setting: os.environ.get(variable) for setting, variable in options.secrets_env.items()}
    for setting, value in secrets.items():
        if value is None:
            raise SettingsError(
                f"The environment has no variable {options.secrets_env[setting]} ({setting}).",
                hint="Set it where Mindgap is started.",
            )
    return {
        "client.id": "mindgap",
        **options.settings,
        **secrets,
        "bootstrap.servers": source.settings.path,
        "group.id": options.group or f"mindgap-{source.name}",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "error",
        "error_cb": hear,
    }


def _refuse(source: ConnectorSource, names: Sequence[str], why: str, *, hint: str) -> None:
    said = source.settings.options.get("settings", {})
    for name in names:
        if name in said:
            raise SettingsError(f"Source {source.name!r}: the Kafka setting {name!r} {why}.", hint=hint)


def _refusal(error: "KafkaError") -> SourceError:
    return SourceError(f"Kafka: {error.str()} ({error.name()}).", hint="Check brokers, topics and rights.")
