from datetime import datetime, timedelta

import pyarrow as pa
import pytest
from filelock import FileLock

from kits.shop import canonical, put
from mindgap.kernel.derivation import At, Built, Derivation, FittedModel, Moment
from mindgap.kernel.errors import BusyError, CannotSay, UnknownError
from mindgap.kernel.purposes import Purpose
from mindgap.loop.building import build
from mindgap.loop.offered import derivations
from mindgap.loop.planning import Step, plan, stale_steps
from mindgap.loop.running import Silent, run

AS_OF = datetime(2024, 6, 3)
SQL_TABLES = ("customer_features", "category_week", "product_stats", "basket_categories")


def build_all(workspace, as_of=AS_OF, tables=SQL_TABLES):
    steps = plan(workspace.stores, Moment(as_of=as_of), tables=tables)
    stale = stale_steps(workspace.stores, steps)
    for step in stale:
        build(workspace.stores, step)
    workspace.stores.manifest.complete(as_of)
    return [step.derivation.name for step in stale]


def test_nothing_new_builds_nothing(shop):
    assert "customer_features" in build_all(shop)
    assert build_all(shop) == []


def test_a_new_catalogue_rebuilds_only_what_depends_on_it(shop):
    build_all(shop)
    put(shop, "feedback", canonical("feedback", [{"kind": "csat", "score": 4.0, "given_at": AS_OF}]))
    assert build_all(shop) == []
    put(shop, "products", canonical("products", [{"product_id": "p1", "category": "new"}]))
    assert "catalogue" in build_all(shop)


def test_later_orders_leave_earlier_tables_alone(shop):
    build_all(shop)
    later = [{"order_id": "x", "customer_id": "c1", "ordered_at": AS_OF + timedelta(hours=5), "quantity": 1.0,
              "kind": "sale"}]  # fmt: skip
    put(shop, "orders", canonical("orders", later), source="tomorrow")
    assert build_all(shop) == []
    assert "purchases" in build_all(shop, AS_OF + timedelta(days=1))


def test_nothing_after_the_as_of_time_reaches_a_table(shop):
    build_all(shop)
    before = shop.table("customer_features").to_pylist()
    build_all(shop, AS_OF - timedelta(days=30))
    cut = shop.table("purchases", purpose=Purpose.ANALYTICS)
    assert max(cut["ordered_at"].to_pylist()) < AS_OF - timedelta(days=30)
    assert shop.table("customer_features").to_pylist() != before


def test_a_customer_who_withdraws_disappears_at_once_and_from_the_next_tables(shop):
    build_all(shop)
    shop.stores.consent.record("c3", Purpose.ANALYTICS, granted=False, at=AS_OF, source="test")
    assert "c3" not in shop.table("customer_features")["customer_id"].to_pylist()
    assert "c3" in shop.table("customer_features", purpose=Purpose.SERVICE)["customer_id"].to_pylist()
    rebuilt = build_all(shop)
    assert "customer_features" in rebuilt
    assert "category_week" not in rebuilt
    assert "c3" not in shop.table("customer_features", purpose=Purpose.SERVICE)["customer_id"].to_pylist()


def test_customer_level_reads_are_recorded_with_their_purpose(shop):
    build_all(shop)
    shop.table("customer_features", purpose="marketing")
    latest = shop.stores.access.latest(1)[0]
    assert (latest.table, latest.purpose, latest.actor) == ("customer_features", Purpose.MARKETING, "python")
    count = len(shop.stores.access.latest(1000))
    shop.table("category_week")
    assert len(shop.stores.access.latest(1000)) == count


def test_an_unknown_table_is_named_with_what_there_is(shop):
    build_all(shop)
    with pytest.raises(UnknownError, match="customer_features"):
        shop.table("custmer_features")


def test_a_reason_is_kept_and_given(workspace):
    moment = Moment(as_of=AS_OF)
    steps = plan(workspace.stores, moment, tables=("customer_features",))
    for step in steps:
        build(workspace.stores, step)
    workspace.stores.manifest.complete(AS_OF)
    with pytest.raises(CannotSay) as caught:
        workspace.table("customer_features")
    assert caught.value.code == "no-orders"


def test_two_runs_at_once_are_refused(shop):
    with FileLock(shop.folder / ".mindgap" / "lock"), pytest.raises(BusyError, match="Another"):
        shop.run()


def test_an_interrupted_build_leaves_nothing_and_the_next_run_goes_on(shop):
    class Interrupt(Silent):
        def building(self, step):
            if step.derivation.name == "customer_features":
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(shop.stores, Moment(as_of=AS_OF), observer=Interrupt())
    assert shop.as_of is None
    assert shop.stores.manifest.entry("customer_features", AS_OF) is None
    assert not list((shop.folder / ".mindgap" / "staging").glob("*"))
    assert "purchases" not in build_all(shop)


def test_a_build_that_breaks_takes_only_its_own_table_away(shop):
    def broken(tables, moment):
        raise ValueError("c3 is a customer's id")

    item = Derivation(name="broken", grain="-", purpose=Purpose.ANALYTICS, inputs={}, build=broken)
    build_all(shop)
    step = Step(derivation=item, moment=Moment(as_of=AS_OF), fingerprint="x", inputs={})
    entry = build(shop.stores, step)
    assert entry.reason["code"] == "build-failed"
    assert entry.reason["params"]["error"] == "ValueError"
    assert "c3" not in str(entry.reason)
    assert stale_steps(shop.stores, [step])


def test_models_are_read_back_from_plain_files(shop):
    def fit(tables, moment):
        rows = tables["purchases"].num_rows
        model = FittedModel(name="counter", card={"use": "test"}, arrays={"n": pa.array([rows]).to_numpy()})
        return Built(table=pa.table({"n": [rows]}), models=(model,))

    inputs = {"purchases": At(table="purchases")}
    item = Derivation(name="counter", grain="one", purpose=Purpose.ANALYTICS, inputs=inputs, build=fit)
    build_all(shop)
    step = Step(derivation=item, moment=Moment(as_of=AS_OF), fingerprint="x", inputs={"purchases": AS_OF})
    entry = build(shop.stores, step)
    assert entry.rows == 1
    assert shop.model("counter").arrays["n"].tolist() == [shop.table("purchases").num_rows]


def test_every_derived_table_states_its_contract():
    for item in derivations().values():
        assert item.grain
        assert item.purpose in Purpose
        assert (item.build is None) != (item.sql == "")
