"""Audiences from the command line: who they are, who must not be in them, and where they go."""

import csv
import json
import sqlite3

import pytest

import mindgap as package
from kits.commands import mindgap
from kits.shop import canonical, put, shop_orders
from mindgap.kernel.errors import UnknownError, UsageError
from mindgap.kernel.purposes import Purpose


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("audience") / "shop"
    workspace = package.open(folder)
    put(workspace, "orders", shop_orders(customers=40, weeks=30))
    people = [{"customer_id": f"c{n}", "region": "=HYPERLINK(1)" if n % 2 else "North"} for n in range(40)]
    put(workspace, "customers", canonical("customers", people))
    workspace.run()
    return folder


def said(folder, *arguments):
    done = mindgap("audience", *arguments, "--dir", folder, "--json", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_audiences_are_listed_with_their_sizes(shop):
    found = {one["audience"]: one["customers"] for one in said(shop, "list")}
    assert found["value:top-10%"] == 4
    assert sum(found[name] for name in found if name.startswith("segment:")) == 40
    assert {"risk:high", "gap:significant"} <= found.keys()


def test_who_withdrew_is_not_sent_and_the_read_is_recorded(shop):
    workspace = package.open(shop)
    name = workspace.audience("value:top-50%").customers["customer_id"][0].as_py()
    before = said(shop, "send", "value:top-50%", "--to", "all.csv")
    workspace.withdraw(name, "marketing")
    try:
        after = said(shop, "send", "value:top-50%", "--to", "all.csv", "--columns", "spend,region")
    finally:
        workspace.grant(name, "marketing")
    assert before["customers"] == 20
    with (shop / "all.csv").open(newline="") as file:
        head, *rows = list(csv.reader(file))
    assert head == ["customer_id", "expected_revenue", "spend", "region"]
    assert after["columns"] == head
    assert name not in {row[0] for row in rows}
    assert {row[3] for row in rows} <= {"'=HYPERLINK(1)", "North", ""}
    read = [one for one in workspace.stores.access.latest(50) if one.purpose is Purpose.MARKETING]
    assert {"customer_value", "customer_features", "clean_customers"} <= {one.table for one in read}


def test_a_rule_on_a_derived_table(shop):
    found = package.open(shop).audience("customer_features:orders>=10").customers
    assert found.column_names == ["customer_id", "orders"]
    assert min(found["orders"].to_pylist()) >= 10


def test_a_dry_run_sends_nothing(shop):
    answer = said(shop, "send", "value:top-10%", "--to", "dry.csv", "--dry-run")
    assert not answer["sent"]
    assert not (shop / "dry.csv").exists()


def test_a_database_takes_an_audience(shop):
    (shop / "crm.db").touch()
    url = f"sqlite:///{shop / 'crm.db'}"
    answer = said(shop, "send", "value:top-10%", "--to", url, "--table", "best")
    with sqlite3.connect(shop / "crm.db") as database:
        (count,) = database.execute("select count(*) from best").fetchone()
    database.close()
    assert (answer["customers"], count, answer["removed"]) == (4, 4, 0)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("risk:huge", UsageError),
        ("nonsense", UsageError),
        ("customer_features:spend>much", UsageError),
        ("no_table:spend>1", UnknownError),
        ("customer_features:no_column>1", UnknownError),
        ("category_weeks:spend>1", UnknownError),
    ],
)
def test_names_that_mean_nothing_are_refused(shop, name, error):
    with pytest.raises(error):
        package.open(shop).audience(name)


def test_operations_allows_no_lists(shop):
    with pytest.raises(UsageError, match="Operations"):
        package.open(shop).audience("risk:high", purpose="operations")


@pytest.mark.parametrize(
    ("to", "message"),
    [("out.txt", "is no target"), ("https://crm.example/", "MINDGAP_WEBHOOK_SECRET")],
)
def test_targets_that_cannot_be_are_refused(shop, to, message):
    done = mindgap("audience", "send", "risk:high", "--to", to, "--dir", shop, cwd=shop)
    assert done.returncode > 0
    assert message in done.stderr


def test_a_webhook_inside_is_refused(shop, monkeypatch):
    monkeypatch.setenv("MINDGAP_WEBHOOK_SECRET", "whsec_c2VjcmV0")
    done = mindgap(
        *("audience", "send", "value:top-10%", "--to", "https://127.0.0.1/in"), "--dir", shop, cwd=shop
    )
    assert done.returncode == 1
    assert "not a public address" in done.stderr
