"""What is accepted and not compacted is found by the ids that it carries, within a bounded memory."""

import json
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from kits.streams import MOMENT, MemoryLog, entry
from mindgap.collect.events.messages import reading
from mindgap.collect.events.stream_options import StreamOptions
from mindgap.collect.events.strict import Fault
from mindgap.loop.recent import RecentEvents


class Consumed:
    """Streams of which only the offsets matter."""

    def __init__(self):
        self.offsets = {}

    def consumed(self):
        return dict(self.offsets)


def follow(**options):
    log, streams = MemoryLog(), Consumed()
    readings = {"web": reading(StreamOptions()), "strange": Fault("no-source")}
    return log, streams, RecentEvents(log, streams, readings_now=lambda: readings.__getitem__, **options)


def said(number, **ids):
    return {"type": "track", "event": "Cart Viewed", "messageId": f"m{number}", **ids}


def names(rows):
    return [row.message_id for row in rows]


def test_an_accepted_event_is_found_at_once_by_each_of_its_ids():
    log, _, recent = follow()
    assert recent.of(["anna"], behind={}) == []
    log.append_all(
        [entry(said(1, userId="anna", anonymousId="d1"), said(2, userId="ben"), said(3, anonymousId="d1"))]
    )
    assert names(recent.of(["anna"], behind={})) == ["m1"]
    assert sorted(names(recent.of(["d1"], behind={}))) == ["m1", "m3"]
    assert sorted(names(recent.of(["anna", "d1"], behind={}))) == ["m1", "m3"]
    assert recent.of(["nobody"], behind={}) == []


def test_what_is_in_the_tables_is_left_out_and_let_go():
    log, streams, recent = follow()
    log.append_all([entry(said(1, userId="anna")), entry(said(2, userId="anna"))])
    assert names(recent.of(["anna"], behind={"s1": 1})) == ["m2"]
    streams.offsets = {"s1": 2}
    assert recent.of(["anna"], behind={}) == []


def test_nothing_is_read_that_was_compacted_before_anybody_asked():
    log, streams, recent = follow()
    log.append_all([entry(said(1, userId="anna")), entry(said(2, userId="anna"))])
    streams.offsets = {"s1": 1}
    assert names(recent.of(["anna"], behind=streams.offsets)) == ["m2"]


def test_what_would_be_set_aside_is_not_told_and_what_came_twice_is_told_once():
    log, _, recent = follow()
    odd = [
        b"[1]",
        b"{",
        json.dumps({"userId": "anna"}).encode(),
        said(1, userId="anna"),
        said(1, userId="anna"),
    ]
    log.append_all([entry(*odd), entry(said(2, userId="anna"), source="strange")])
    assert names(recent.of(["anna"], behind={})) == ["m1"]


def test_memory_is_bounded_and_the_oldest_go_first():
    log, _, recent = follow(memory_bytes=10_000)
    log.append_all([entry(said(n, userId="anna"), at=MOMENT + timedelta(seconds=n)) for n in range(500)])
    kept = names(recent.of(["anna"], behind={}))
    assert 5 < len(kept) < 20
    assert kept[-1] == "m499"


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.booleans(), st.booleans()), max_size=40),
    st.integers(300, 30_000),
)
def test_what_is_told_is_what_lies_in_the_log_behind_the_compaction(steps, memory_bytes):
    """However events, questions and compactions follow: nothing wrong, and nothing missed within memory."""
    log, streams, recent = follow(memory_bytes=memory_bytes)
    for number, (user, device, asked, compacted) in enumerate(steps):
        log.append_all([entry(said(number, userId=f"u{user}", anonymousId=f"d{device}"))])
        if compacted:
            streams.offsets = {"s1": len(log.entries)}
        if asked:
            behind = streams.consumed()
            expected = [
                f"m{n}" for n in range(behind.get("s1", 0), number + 1) if f"u{user}" == f"u{steps[n][0]}"
            ]
            found = sorted(names(recent.of([f"u{user}"], behind=behind)), key=lambda name: int(name[1:]))
            assert found == expected[len(expected) - len(found) :]
            assert len(found) == len(expected) or memory_bytes < 1_000 * (number + 1)
