"""Whose devices go with a forgotten person: on however many the id is shown, and whoever else uses one."""

from datetime import timedelta

import pytest

from kits.clickstream import END
from kits.devices import claims, guests, kept, send
from mindgap.kernel.errors import UsageError
from mindgap.loop.forgetting import MOST_LATE_DEVICES
from mindgap.loop.persons import MOST_DEVICES
from mindgap.store.suppression import Name
from mindgap.workspace import erasure
from mindgap.workspace import open as open_workspace
from mindgap.workspace.live import declare

WHO = "canary-customer-0815"


@pytest.fixture
def shop(tmp_path):
    """A workspace with a source of one's own servers and one that anybody may send to."""
    workspace = open_workspace(tmp_path / "shop")
    declare(workspace, "server", kind="http", path="", said={"trusted": True})
    declare(workspace, "page", kind="http", path="", said={})
    return workspace


def test_on_more_devices_than_anybody_has_what_is_vouched_for_and_known_best_goes(shop):
    strangers = [f"stranger-{nth:05}" for nth in range(MOST_DEVICES + 200)]
    theirs = ["hers-at-the-till", "hers-for-days"]
    send(shop, [*guests([*strangers, *theirs]), *claims(WHO, [*strangers, theirs[1]])])
    send(shop, claims(WHO, [theirs[1]], at=END + timedelta(days=2)))
    send(shop, claims(WHO, [theirs[0]], at=END + timedelta(days=3)), source="server")
    shop.compact()
    done = shop.forget(WHO)
    assert done.stage == "done"
    left = kept(shop)
    assert not [row for row in left if row[0] == WHO]
    assert not [row for row in left if row[1] in theirs]
    assert left == [("", device) for device in strangers[MOST_DEVICES - 2 :]]
    assert done.receipt["devices_left"] == 202
    assert not erasure.verify(shop, [Name("customer", WHO)])


def test_after_many_late_sign_ins_no_more_work_is_made(shop):
    devices = [f"late-{nth:05}" for nth in range(3 * MOST_LATE_DEVICES)]
    send(shop, guests(devices))
    shop.compact()
    shop.forget(WHO)
    for first in range(0, len(devices), MOST_LATE_DEVICES // 2):
        send(shop, claims(WHO, devices[first : first + MOST_LATE_DEVICES // 2]))
        shop.compact()
    assert len(shop.stores.suppression.erasures()) == 3
    erasure.carry_out(shop)
    assert kept(shop) == [("", device) for device in devices[MOST_LATE_DEVICES:]]
    send(shop, claims(WHO, ["later-still"]))
    assert shop.compact().suppressed == 1
    assert len(shop.stores.suppression.erasures()) == 3


def test_an_id_that_no_list_keeps_holds_nothing_up(shop):
    send(shop, claims(WHO, ["tablet", "a\0b"]))
    shop.compact()
    shop.forget(WHO)
    send(shop, claims(WHO, ["d" * 4_000, "nul\0in-it", "fine"]))
    send(shop, guests(["other"]))
    assert shop.compact().stored == 1
    assert shop.stores.suppression.on_list([Name("device", "fine")])
    send(shop, claims(WHO, ["another\0"]))
    assert shop.compact().suppressed == 1
    assert len(erasure.carry_out(shop)) == 2
    with pytest.raises(UsageError, match="Nobody was named"):
        shop.forget("nul\0in-it")
