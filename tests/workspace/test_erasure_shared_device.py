"""A device that a forgotten person shared with others: what is whose, of what is there and of what comes."""

import shutil
from datetime import timedelta

import pytest

from kits.clickstream import END, message
from kits.devices import claims, guests, kept, send
from mindgap.workspace import erasure
from mindgap.workspace import open as open_workspace
from mindgap.workspace.live import declare

WHO, TABLET = "canary-customer-0815", "canary-tablet-4711"


def opened(folder):
    workspace = open_workspace(folder)
    declare(workspace, "page", kind="http", path="", said={})
    return workspace


@pytest.fixture
def shop(tmp_path):
    return opened(tmp_path / "shop")


@pytest.fixture(scope="module")
def after(tmp_path_factory):
    """A workspace in which somebody was forgotten who was alone on a tablet; copy it before use."""
    workspace = opened(tmp_path_factory.mktemp("after") / "shop")
    send(workspace, [*guests([TABLET]), *claims(WHO, [TABLET])])
    workspace.compact()
    workspace.forget(WHO)
    workspace.stores.ledger.engine.dispose()
    return workspace.folder


@pytest.fixture
def family(after, tmp_path):
    return open_workspace(shutil.copytree(after, tmp_path / "shop"))


def test_who_else_signs_in_on_their_device_is_kept(family):
    send(family, [*claims("ben", [TABLET]), *claims(WHO, [TABLET], at=END + timedelta(hours=1))])
    send(family, guests([TABLET], at=END + timedelta(hours=3)))
    became = family.compact()
    assert (became.stored, became.suppressed) == (1, 2)
    assert kept(family) == [("ben", TABLET)]


def test_a_user_id_without_its_signature_names_nobody_else(family, monkeypatch):
    monkeypatch.setenv("MINDGAP_TEST_IDENTITY_SECRET", "a shop's own")
    declare(family, "app", kind="http", path="", said={"identity_secret_env": "MINDGAP_TEST_IDENTITY_SECRET"})
    send(family, claims("ben", [TABLET]), source="app")
    assert family.compact().suppressed == 1
    assert kept(family) == []


def test_a_guest_who_is_called_like_the_device_is_nobody_else(family):
    send(family, claims(TABLET, [TABLET]))
    assert family.compact().suppressed == 1


def test_an_alias_of_the_forgotten_is_left_out_and_that_of_another_is_not(family):
    at = END + timedelta(hours=1)
    send(family, [message("alias", at, user="ben", previousId=WHO)])
    send(family, [message("alias", at, user="ben", previousId=TABLET)])
    became = family.compact()
    assert (became.stored, became.suppressed) == (1, 1)


def test_what_is_set_aside_follows_the_same_rule(family):
    send(family, [message("nothing", END, user=who, device=TABLET) for who in ("ben", WHO, None)])
    became = family.compact()
    assert (became.quarantined, became.suppressed) == (1, 2)


def test_the_others_rows_stay_while_the_device_is_taken_out(shop):
    send(shop, [*guests([TABLET]), *claims(WHO, [TABLET])])
    shop.compact()
    request, _ = erasure.suppress(shop, WHO)
    erasure.find_more(shop, request)
    send(shop, claims("ben", [TABLET]))
    shop.compact()
    erasure.carry_out(shop)
    assert kept(shop) == [("ben", TABLET)]
    assert shop.stores.streams.records()[0].tally.suppressed == 2


def test_whoever_asks_by_the_id_of_a_device_takes_all_that_it_sent_along(shop):
    send(shop, [*guests([TABLET]), *claims("ben", [TABLET])])
    shop.compact()
    shop.forget(TABLET)
    assert kept(shop) == []
