"""What RudderStack's browser client and Jitsu's clients sent."""

import json
from dataclasses import replace

import pytest
from captured_requests import SHOP, captured, delivered, source_of

from mindgap.collect.events.delivery import Rejected
from mindgap.collect.wire import jitsu, rudderstack


def test_configuration_without_destinations():
    request = captured("rudderstack-js config")
    delivery, messages = delivered(request)
    assert (delivery.source, messages) == (SHOP, [])
    source = json.loads(rudderstack.source_config(request).body)["source"]
    assert source["enabled"] is True
    assert source["destinations"] == []
    assert source["writeKey"] == "key_1"


def test_configuration_needs_a_good_key():
    with pytest.raises(Rejected, match="bad-key"):
        delivered(captured("rudderstack-js config", headers={}, query={"writeKey": "other"}))


def test_headers_complete_the_body():
    request = captured("rudderstack-js")
    _, [whole] = delivered(request)
    body = json.loads(request.body)
    assert whole == body
    bare = {name: value for name, value in body.items() if name not in {"anonymousId", "sentAt"}}
    delivery, [message] = delivered(replace(request, body=json.dumps(bare).encode()))
    assert message["anonymousId"] == body["anonymousId"]
    assert delivery.sent_at == body["sentAt"]


@pytest.mark.parametrize("name", ["jitsu", "jitsu server"])
def test_jitsu_message_is_stored_as_it_is(name):
    request = captured(name)
    request = replace(request, path=request.path.replace("track", "{type}"), path_params={"type": "track"})
    delivery, [message] = delivered(request)
    assert list(delivery.messages) == [request.body]
    assert message["context"]["consent"] == {"categoryPreferences": {"Advertising": False}}


def test_jitsu_path_says_the_type():
    request = replace(captured("jitsu"), body=b'{"userId": "u"}', path_params={"type": "page"})
    delivery = jitsu.read(request, source_of)
    assert json.loads(delivery.messages[0])["type"] == "page"


def test_jitsu_servers_are_no_pages():
    assert [endpoint.private for endpoint in jitsu.ENDPOINTS] == [False, True]
