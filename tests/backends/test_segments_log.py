"""The event log: what is appended is read, whatever else lies in its files."""

import asyncio
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
from datetime import datetime
from pathlib import Path

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from mindgap.backends.segments import Limits, SegmentLog
from mindgap.backends.segments_writer import Rotation
from mindgap.kernel.errors import OverloadError, StorageError
from mindgap.store.log import Entry

NOON = datetime(2026, 3, 1, 12, 0, 0, 7)
NO_GRACE = Limits(grace_s=0, free_bytes=0)


def entry(number=0, messages=2, size=20):
    texts = [f'{{"messageId":"{number}-{i}","p":"{"x" * size}"}}'.encode() for i in range(messages)]
    return Entry(source="web", received_at=NOON, messages=texts, cursor=str(number))


def entries_of(log, after=None):
    return [entry for _, entries in log.read(after or {}) for entry in entries]


def ends_of(log):
    return {position.segment: position.offset for position, _ in log.read({})}


@pytest.fixture
def log(tmp_path):
    opened = SegmentLog(tmp_path / "log", limits=NO_GRACE)
    yield opened
    opened.close()


def files_of(log):
    return sorted(log.root.iterdir())


def test_an_entry_comes_back_word_for_word(log):
    whole = Entry(
        source="till",
        received_at=NOON,
        messages=[b'{"a": 1.0 }', '{"名":"值"}'.encode(), b"", b"\xff no text"],
        sent_at="2026-03-01T12:00:00.5+08:00",
        context=b'{"ip":"::1"}',
        opted_out=True,
        refused=3,
        cursor='{"offset":9}\n',
    )
    bare = Entry(source="web", received_at=datetime(2026, 3, 1), messages=[], refused=2)
    log.append_all([whole, bare])
    assert entries_of(log) == [whole, bare]


def test_people_can_read_it(log):
    log.append_all([Entry(source="web", received_at=NOON, messages=[b'{"type":"track"}'], context=b"{}")])
    (file,) = files_of(log)
    opening, about, context, message, rest = file.read_text().split("\n")
    assert opening.startswith(f'{{"segment":"{file.stem}","bytes":')
    assert about == '{"source":"web","receivedAt":"2026-03-01T12:00:00.000007Z","n":1,"context":true}'
    assert (context, message, rest) == ("{}", '{"type":"track"}', "")


def test_line_breaks_between_tokens_become_spaces(log):
    log.append_all(
        [Entry(source="web", received_at=NOON, messages=[b'{\r\n "a":1\n}'], context=b'{"b":\n2}')]
    )
    (found,) = entries_of(log)
    assert (found.messages, found.context) == ([b'{   "a":1 }'], b'{"b": 2}')


def test_a_message_that_looks_like_a_group_is_a_message(log):
    log.append_all([entry(1)])
    (file,) = files_of(log)
    first = file.read_bytes()
    opening = first.split(b"\n")[0]
    forged = Entry(source="web", received_at=NOON, messages=[opening, *first.split(b"\n")[1:-1]])
    log.append_all([forged, entry(2)])
    assert entries_of(log) == [entry(1), forged, entry(2)]
    damaged = bytearray(file.read_bytes())
    damaged[len(first) + 5] ^= 1  # the second group's opening, before the forged one
    file.write_bytes(damaged)
    assert entries_of(log) == [entry(1)]


def test_opening_makes_no_file_and_starts_no_thread(tmp_path):
    threads = threading.active_count()
    log = SegmentLog(tmp_path / "log")
    assert entries_of(log) == []
    assert log.size_bytes({}) == 0
    assert log.drop({"away": 5}) == []
    log.append_all([])
    log.close()
    assert not log.root.exists()
    assert threading.active_count() == threads


def test_what_is_gone_is_told_once_the_folder_is_there(log):
    log.append_all([entry()])
    assert log.drop({"gone": 5, **ends_of(log)}) == ["gone"]


def test_a_log_that_cannot_be_read_is_not_taken_for_an_empty_one(tmp_path):
    (tmp_path / "log").write_text("no folder")
    log = SegmentLog(tmp_path / "log")
    for use in (lambda: entries_of(log), lambda: log.size_bytes({}), lambda: log.append_all([entry()])):
        with pytest.raises(StorageError, match=r"Not a directory|File exists"):
            use()
    (tmp_path / "log").unlink()
    (tmp_path / "log" / "20260301T000000000000-00.ndjson").mkdir(parents=True)
    with pytest.raises(StorageError, match="directory"):
        entries_of(log)


def test_only_the_owner_may_read(log):
    log.append_all([entry()])
    (file,) = files_of(log)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.root.stat().st_mode) == 0o700


def test_reading_goes_on_where_it_ended(log):
    log.append_all([entry(1), entry(2)])
    ends = ends_of(log)
    assert log.size_bytes(ends) == 0
    log.append_all([entry(3)])
    assert entries_of(log, ends) == [entry(3)]
    assert log.size_bytes(ends) == files_of(log)[0].stat().st_size - sum(ends.values())
    assert log.size_bytes({}) == files_of(log)[0].stat().st_size


def test_many_tasks_are_told_after_few_syncs(tmp_path):
    log = SegmentLog(tmp_path / "log", limits=NO_GRACE)

    async def all_at_once():
        await asyncio.gather(*(log.append(entry(number)) for number in range(500)))

    uvloop.run(all_at_once())
    log.close()
    groups = [found for _, found in log.read({})]
    assert sorted(int(each.cursor) for found in groups for each in found) == list(range(500))
    assert len(groups) < 100


def test_who_goes_away_disturbs_nobody(log):
    async def impatient():
        tasks = [asyncio.ensure_future(log.append(entry(number))) for number in range(20)]
        await asyncio.sleep(0)
        tasks[3].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    answers = asyncio.run(impatient())
    assert [i for i, answer in enumerate(answers) if answer is not None] == [3]
    assert len(entries_of(log)) == 20


def test_an_event_loop_that_ends_disturbs_nobody(log):
    async def too_short():
        asyncio.ensure_future(log.append(entry(1)))  # noqa: RUF006 - it is cut off on purpose
        await asyncio.sleep(0)

    asyncio.run(too_short())
    log.append_all([entry(2)])
    assert entries_of(log)[-1] == entry(2)


def test_a_closed_log_takes_nothing(log):
    log.append_all([entry(1)])
    log.close()
    with pytest.raises(StorageError, match="closed"):
        log.append_all([entry(2)])
    assert entries_of(log) == [entry(1)]


@pytest.mark.parametrize("rotation", [Rotation(bytes=300), Rotation(age_s=0)])
def test_segments_end_by_size_and_by_age_and_sort_as_they_began(tmp_path, rotation):
    log = SegmentLog(tmp_path / "log", rotation=rotation, clock=lambda: NOON, limits=NO_GRACE)
    for number in range(12):
        log.append_all([entry(number)])
    assert len(files_of(log)) > 3
    assert entries_of(log) == [entry(number) for number in range(12)]
    log.close()


def test_an_idle_segment_ends_by_age(tmp_path):
    log = SegmentLog(tmp_path / "log", rotation=Rotation(age_s=0.05), limits=NO_GRACE)
    log.append_all([entry()])
    consumed = ends_of(log)
    for _ in range(100):
        if log.drop(consumed):
            break
        threading.Event().wait(0.02)
    assert files_of(log) == []
    log.append_all([entry(2)])
    assert entries_of(log) == [entry(2)]
    log.close()


def test_dropping_needs_an_end_consumption_and_grace(tmp_path):
    log = SegmentLog(tmp_path / "log", limits=Limits(grace_s=0.2))
    log.append_all([entry(1)])
    log.append_all([entry(2)])
    positions = [position for position, _ in log.read({})]
    half, whole = ({position.segment: position.offset} for position in positions)
    assert log.drop(whole) == []  # its writer lives
    log.close()
    assert log.drop(half) == []
    assert stat.S_IMODE(files_of(log)[0].stat().st_mode) == 0o600
    assert log.drop(whole) == []
    assert stat.S_IMODE(files_of(log)[0].stat().st_mode) == 0o400
    assert log.drop(whole) == []
    reader = log.read({})
    next(reader)
    threading.Event().wait(0.25)
    assert log.drop(whole) == list(whole)
    assert files_of(log) == []
    assert [each for _, found in reader for each in found] == [entry(2)]  # who was in it reads on


def test_a_segment_that_vanishes_is_passed_over(tmp_path):
    log = SegmentLog(tmp_path / "log", rotation=Rotation(age_s=0), limits=NO_GRACE)
    for number in range(3):
        log.append_all([entry(number)])
    reader = log.read({})
    next(reader)
    files_of(log)[1].unlink()
    assert [each for _, found in reader for each in found] == [entry(2)]
    log.close()


def test_what_is_deleted_while_it_is_written_is_refused_not_lost(log):
    log.append_all([entry(1)])
    shutil.rmtree(log.root)
    with pytest.raises(StorageError, match="deleted"):
        log.append_all([entry(2)])
    log.append_all([entry(3)])
    assert entries_of(log) == [entry(3)]


def test_two_writers_and_a_reader(tmp_path):
    code = """
import sys, pathlib
from datetime import datetime
from mindgap.backends.segments import SegmentLog
from mindgap.store.log import Entry
log = SegmentLog(pathlib.Path(sys.argv[1]))
for number in range(200):
    name = f"{sys.argv[2]}-{number}"
    log.append_all([Entry(source="web", received_at=datetime(2026, 3, 1), messages=[], cursor=name)])
"""
    command = [sys.executable, "-c", code, tmp_path / "log"]
    writers = [subprocess.Popen([*command, name]) for name in "ab"]
    reader, read_to, found = SegmentLog(tmp_path / "log"), {}, []
    while any(writer.poll() is None for writer in writers):
        for position, entries in reader.read(dict(read_to)):
            found += [each.cursor for each in entries]
            read_to[position.segment] = position.offset
    found += [each.cursor for each in entries_of(reader, read_to)]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert sorted(found) == sorted(f"{name}-{number}" for name in "ab" for number in range(200))
    for name in "ab":
        own = [int(each[2:]) for each in found if each.startswith(name)]
        assert own == sorted(own)
    assert len(files_of(reader)) == 2


def test_a_full_log_asks_to_wait_until_it_is_consumed(tmp_path):
    limits = Limits(log_bytes=100, grace_s=0, free_bytes=0)
    log = SegmentLog(tmp_path / "log", limits=limits)
    log.append_all([entry(1, messages=9)])
    log.close()
    full = SegmentLog(tmp_path / "log", limits=limits)
    with pytest.raises(OverloadError, match="full") as refused:
        full.append_all([entry(2)])
    assert refused.value.retry_after_s > 0
    full.drop(ends_of(full))
    SegmentLog(tmp_path / "log", limits=limits).append_all([entry(3)])
    with pytest.raises(OverloadError, match="disk"):
        SegmentLog(tmp_path / "log", limits=Limits(free_bytes=1 << 60)).append_all([entry(4)])
    assert entries_of(full) == [entry(1, messages=9), entry(3)]


texts = st.binary(max_size=40).map(lambda data: data.translate(None, b"\r\n"))
groups = st.lists(st.lists(st.lists(texts, max_size=4), min_size=1, max_size=3), min_size=1, max_size=6)
damage = st.one_of(
    st.tuples(st.just("chop"), st.integers(1, 400)),
    st.tuples(st.just("flip"), st.integers(1, 400)),
    st.tuples(st.just("tail"), st.binary(min_size=1, max_size=300)),
    st.tuples(st.just("zeros"), st.integers(1, 5000)),
)


def hurt(data, what, how):
    """A segment after a fault, and how many of its bytes are as they were."""
    match what:
        case "chop":
            return data[: max(len(data) - how, 0)], max(len(data) - how, 0)
        case "flip":
            at = max(len(data) - how, 0)
            return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :], at
        case "tail":
            return data + how, len(data)
        case _:
            return data + bytes(how), len(data)


@settings(max_examples=150, deadline=None)
@given(written=groups, fault=damage)
def test_whatever_happens_to_the_tail_all_before_it_is_read_and_nothing_is_invented(written, fault):
    with tempfile.TemporaryDirectory() as folder:
        log = SegmentLog(Path(folder) / "log", limits=NO_GRACE)
        for group in written:
            log.append_all([Entry(source="s", received_at=NOON, messages=each) for each in group])
        log.close()
        before = [(position.offset, found) for position, found in log.read({})]
        (file,) = files_of(log)
        hurt_bytes, unhurt = hurt(file.read_bytes(), *fault)
        file.write_bytes(hurt_bytes)
        after = [(position.offset, found) for position, found in log.read({})]
        assert after[: sum(end <= unhurt for end, _ in before)] == [p for p in before if p[0] <= unhurt]
        assert all(group in before for group in after)
        if fault[0] == "flip":
            assert len(after) == len(before) - 1  # and what lies behind the damage is found again
        consumed = ends_of(log)
        assert log.size_bytes(consumed) == 0
        log.append_all([]) if not consumed else log.drop(consumed)
        again = SegmentLog(log.root, limits=NO_GRACE)
        again.append_all([entry(9)])
        again.close()
        assert file.read_bytes() == hurt_bytes  # nobody writes behind a torn end
        assert entries_of(again, consumed) == [entry(9)]


def test_a_torn_end_keeps_no_segment_alive(log):
    log.append_all([entry()])
    log.close()
    (file,) = files_of(log)
    os.truncate(file, file.stat().st_size + 4096)
    file.with_name("20260301T000000000000-torn.ndjson").write_bytes(b'{"segment":"2026')
    consumed = ends_of(log)
    log.drop(consumed)
    threading.Event().wait(0.01)
    assert log.drop(consumed) == list(consumed)
    assert files_of(log) == []
