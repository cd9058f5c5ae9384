"""Limits in time, keys and settings that change, and logs that tell nothing of anybody."""

import io
import json
import logging
import time

import pytest
from collector_shop import EVENT, Shop, basic, batch
from hypothesis import given
from hypothesis import strategies as st

from kits.streams import MOMENT
from mindgap.api.collector.limits import Failures, Rates
from mindgap.api.collector.routes import Routes, wire_endpoints
from mindgap.api.logs import JsonLines
from mindgap.collect.events.consent import door
from mindgap.collect.events.delivery import Endpoint, LiveSource, Rejected
from mindgap.collect.events.stream_options import StreamOptions
from mindgap.kernel.errors import SettingsError
from mindgap.store.streams import WriteKey


class Ticks:
    """Seconds that the test moves."""

    def __init__(self):
        self.at = 1_000.0

    def __call__(self):
        return self.at


def source(events_per_s):
    options = StreamOptions(events_per_s=events_per_s)
    return LiveSource("web", "http", options, door(options))


def test_a_debt_is_paid_back_before_more_is_taken():
    ticks = Ticks()
    rates = Rates(ticks)
    rates.take(source(10), 35)
    with pytest.raises(Rejected) as refused:
        rates.take(source(10), 1)
    assert (refused.value.status, refused.value.retry_after_s) == (429, 3)
    ticks.at += 3
    rates.take(source(10), 1)


@given(
    st.integers(1, 50),
    st.lists(st.tuples(st.floats(0, 3), st.integers(1, 200)), max_size=60),
)
def test_in_the_long_run_no_more_passes_than_the_rate(rate, deliveries):
    ticks = Ticks()
    rates, passed, largest = Rates(ticks), 0, 0
    for wait_s, events in deliveries:
        ticks.at += wait_s
        try:
            rates.take(source(rate), events)
        except Rejected as refused:
            assert refused.retry_after_s >= 1  # noqa: PT017 - most pass
        else:
            passed, largest = passed + events, max(largest, events)
    assert passed <= rate * (ticks.at - 1_000.0) + rate + largest + 1e-6


def test_wrong_keys_are_forgotten_after_a_quarter_of_an_hour():
    ticks = Ticks()
    failures = Failures(ticks)
    for _ in range(10):
        failures.check("2001:db8::1")
        failures.note("2001:db8::1")
    with pytest.raises(Rejected) as refused:
        failures.check("2001:db8::ffff")  # the same household
    assert refused.value.retry_after_s == 900
    failures.check("2001:db8:0:1::1")
    ticks.at += 900
    failures.check("2001:db8::1")


def test_addresses_that_are_remembered_do_not_grow_without_end():
    failures = Failures(Ticks(), most=5)
    for number in range(50):
        failures.note(f"192.0.2.{number}")
    assert len(failures._seen) == 5


def test_no_two_formats_serve_the_same_path():
    assert Routes(wire_endpoints()).find("/v1/batch").methods.keys() == {"POST"}
    twice = [Endpoint("POST", "/x", print), Endpoint("POST", "/x", print)]
    with pytest.raises(ValueError, match="Two wire formats"):
        Routes(twice)


@pytest.fixture
def shop(tmp_path, accounts):
    found = Shop(tmp_path, accounts)
    found.declare()
    return found


def taken(client, key):
    return client.post("/v1/batch", content=batch(), headers=basic(key)).status_code


def test_keys_and_settings_take_effect_while_serving(shop):
    front = shop.front()
    client = shop.client(front=front)
    shop.keys.good.append(WriteKey(key="new-key", source="web", made_at=MOMENT))
    assert taken(client, "new-key") == 401
    front.sources.renew()
    assert taken(client, "new-key") == 200
    shop.keys.good.pop(0)
    front.sources.renew()
    assert taken(client, "key-of-web") == 401


def test_settings_that_cannot_be_used_leave_all_as_it_was_but_none_begins_with_them(shop, caplog):
    front = shop.front()
    (shop.folder / "mindgap.toml").write_text("[sources.web]\nkind = 5\n", "utf-8")
    with caplog.at_level(logging.ERROR, "mindgap.collector"):
        front.sources.renew()
        front.sources.renew()
    assert taken(shop.client(front=front), "key-of-web") == 200
    with pytest.raises(SettingsError):
        shop.front()


def test_a_state_that_cannot_be_read_leaves_all_as_it_was(shop):
    front = shop.front()
    shop.keys.broken = True
    front.sources.renew()
    assert taken(shop.client(front=front), "key-of-web") == 200


def test_the_running_server_looks_for_new_keys_by_itself(shop):
    with shop.client() as client:
        shop.keys.good.append(WriteKey(key="new-key", source="web", made_at=MOMENT))
        give_up_at = time.monotonic() + 10
        while taken(client, "new-key") != 200:
            assert time.monotonic() < give_up_at
            time.sleep(0.6)


def test_a_fault_of_ours_is_logged_without_what_the_client_sent(shop):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("mindgap.collector")
    logger.addHandler(handler)
    shop.log.refuse = RuntimeError("canary in a message of a library")
    try:
        answer = shop.client().post(
            "/v1/track", json={**EVENT, "userId": "canary@example.org"}, headers=basic()
        )
    finally:
        logger.removeHandler(handler)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    [line] = stream.getvalue().splitlines()
    said = json.loads(line)
    assert (said["message"], said["error"]) == ("fault", "RuntimeError")
    assert any("streams.py" in frame for frame in said["frames"])
    assert "canary" not in line
    assert "canary" not in answer.text
    assert "key-of-web" not in line
