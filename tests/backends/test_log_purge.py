"""What was consumed of the log is gone from disk, and what was not is read as before."""

from kits.event_log import entry, message
from mindgap.backends.segments import SegmentLog

CANARY = b"canary-4711"


def on_disk(folder):
    return b"".join(file.read_bytes() for file in folder.glob("*"))


def read(log, after=None):
    return [one for _, entries in log.read(after or {}) for found in entries for one in found.messages]


def test_an_open_segment_is_blanked_up_to_what_was_consumed(tmp_path):
    log = SegmentLog(tmp_path)
    log.append_all([entry(message(1, userId=CANARY.decode()))])
    consumed = {position.segment: position.offset for position, _ in log.read({})}
    log.append_all([entry(message(2))])
    log.purge(consumed)
    assert CANARY not in on_disk(tmp_path)
    assert read(log, consumed) == read(log) == [message(2)]
    log.append_all([entry(message(3))])
    log.purge(consumed)
    assert read(log) == [message(2), message(3)]
    log.close()


def test_a_closed_segment_that_was_consumed_goes_away(tmp_path):
    log = SegmentLog(tmp_path)
    log.append_all([entry(message(1, userId=CANARY.decode()))])
    log.close()
    log.purge({})
    assert read(log)
    log.purge({position.segment: position.offset for position, _ in log.read({})})
    assert not list(tmp_path.iterdir())
