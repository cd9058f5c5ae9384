"""Closed forms of the cleaning rules, and: what is dropped and what is kept are all there is."""

from datetime import datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kits.by_day import day_events
from kits.shop import canonical
from mindgap.backends.duckdb import DuckDBEngine
from mindgap.kernel.errors import SettingsError
from mindgap.process.cleaning import RULES, cleaning_table, rules_as_set
from mindgap.process.models import sql_derivations
from mindgap.store.engine import Relation

MODELS = {item.name: item for item in sql_derivations()}
JUNE = datetime(2024, 6, 1)
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36"
ALL_OFF = tuple(rule.code for rule in RULES)
SOURCED = ("orders", "customers", "products", "feedback")


def labelled(table, rows):
    """Canonical rows with `source` and `source_nth`, which each row may give as `nth`."""
    plain = canonical(table, [{name: value for name, value in row.items() if name != "nth"} for row in rows])
    nth = pa.array([row.get("nth", 1) for row in rows], pa.int64())
    source = pa.array([f"file{row.get('nth', 1)}" for row in rows], pa.string())
    return plain.append_column("source", source).append_column("source_nth", nth)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return DuckDBEngine(scratch=tmp_path_factory.mktemp("scratch"))


def dropped_rows(engine, *, off=(), options=None, **tables):
    seen = {"cleaning": Relation(rows=cleaning_table(rules_as_set(off, options)))}
    seen |= {name: Relation(rows=labelled(name, tables.get(name, []))) for name in SOURCED}
    with engine.session(seen) as session:
        outliers = session.table(MODELS["order_outliers"].sql)
    with engine.session({**seen, "order_outliers": Relation(rows=outliers)}) as session:
        found = session.table(MODELS["dropped_rows"].sql).to_pylist()
    return sorted((row["table_name"], row["row_id"], row["rule"]) for row in found)


def dropped_events(engine, rows, *, off=(), options=None):
    tile = pa.table({"first_day": [19875], "start_at": pa.array([JUNE], pa.timestamp("us")), "days": [3]})
    cleaning = Relation(rows=cleaning_table(rules_as_set(off, options)))
    events = Relation(rows=canonical("events", rows))
    seen = {"cleaning": cleaning, "events": day_events(events, Relation(rows=tile), cleaning=cleaning)}
    with engine.session(seen) as session:
        found = session.table(MODELS["dropped_events"].sql).to_pylist()
    return sorted((row["row_id"], row["rule"], row["day"] - 19875) for row in found)


def event(row_id, seconds=0, **values):
    moment = JUNE + timedelta(seconds=seconds)
    own = {"type": "track", "name": "Product Viewed", "source": "web", "anonymous_id": "d1"}
    return {"row_id": row_id, **own, "occurred_at": moment, "received_at": moment, **values}


def line(row_id, **values):
    own = {"order_id": f"o{row_id}", "customer_id": "anna", "product_id": "milk", "ordered_at": JUNE}
    return {"row_id": row_id, **own, "kind": "sale", "quantity": 1.0, "amount": 2.0, **values}


def agent(text):
    return {"context": f'{{"userAgent":"{text}"}}'}


def test_bots_go_and_people_stay(engine):
    rows = [
        event(1, **agent(BROWSER)),
        event(2, **agent("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")),
        event(3, **agent("Mozilla/5.0 (Linux; Android 10; CUBOT X30) Chrome/120.0.0.0 Mobile Safari/537.36")),
        event(4, **agent("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120.0 Safari/537.36")),
        event(5, context=None),
        event(6, context="{}"),
    ]
    assert dropped_events(engine, rows) == [(2, "bot-user-agent", 0), (4, "bot-user-agent", 0)]
    assert dropped_events(engine, rows, off=["bot-user-agent"]) == []


def test_a_visitor_faster_than_a_person_goes_for_that_day_only(engine):
    fast = [event(n, n * 0.5, type="page", anonymous_id="fast") for n in range(1, 71)]
    next_day = [event(100, 86_400, type="page", anonymous_id="fast")]
    slow = [event(200 + n, n * 2, type="page", anonymous_id="slow") for n in range(70)]
    found = dropped_events(engine, [*fast, *next_day, *slow])
    assert {(rule, day) for _, rule, day in found} == {("bot-pace", 0)}
    assert [row_id for row_id, _, _ in found] == list(range(1, 71))
    assert dropped_events(engine, fast, options={"bot-pace.pages-a-minute": 70.0}) == []


def test_a_visitor_of_more_events_a_day_than_a_person_goes_and_a_till_stays(engine):
    many = {"bot-pace.events-a-day": 20.0}
    robot = [event(n, n * 60, type="page" if n == 1 else "track") for n in range(1, 31)]
    till = [event(100 + n, n * 60, anonymous_id="till") for n in range(30)]
    assert {row_id for row_id, _, _ in dropped_events(engine, [*robot, *till], options=many)} == set(
        range(1, 31)
    )


def test_a_device_that_is_called_like_a_customer_takes_nothing_of_theirs_away(engine):
    flood = [event(n, n * 0.5, type="page", anonymous_id="anna") for n in range(1, 71)]
    hers = [
        event(100, 3, type="page", customer_id="anna", anonymous_id="hers"),
        event(101, 4, type="page", customer_id="anna", anonymous_id="anna"),
        event(102, 5, customer_id="anna", anonymous_id=None),
    ]
    assert {row_id for row_id, _, _ in dropped_events(engine, [*flood, *hers])} == set(range(1, 71))
    many = {"bot-pace.pages-a-minute": 1000.0, "bot-pace.events-a-day": 20.0}
    found = dropped_events(engine, [*flood, *hers], options=many)
    assert {row_id for row_id, _, _ in found} == set(range(1, 71))
    own = [event(n, n * 0.5, type="page", customer_id="anna", anonymous_id=f"d{n}") for n in range(1, 71)]
    assert len(dropped_events(engine, own)) == 70


def test_a_visitor_on_two_channels_is_one(engine):
    fast = [event(n, n * 0.5, type="page", channel="web" if n % 2 else "app") for n in range(1, 71)]
    assert len(dropped_events(engine, fast)) == 70


def test_clocks_that_cannot_be_and_tests_go(engine):
    rows = [
        event(1, occurred_at=datetime(1985, 1, 1)),
        event(2, received_at=JUNE - timedelta(days=1)),
        event(3, name="Test Event "),
        event(4, properties='{"test": true, "price": 3}'),
        event(5, properties='{"latest": true, "note": "test"}'),
        event(6, properties=None),
    ]
    found = {(row_id, rule) for row_id, rule, _ in dropped_events(engine, rows)}
    late = {(1, "clock-out-of-range"), (2, "clock-out-of-range")}
    assert found == late | {(3, "test-event"), (4, "test-event")}


def test_the_same_within_a_second_goes_only_where_the_rule_is_on(engine):
    rows = [event(1), event(2, 0.8), event(3, 2.5), event(4, 0.5, url="/b"), event(5, 0.5, anonymous_id=None)]
    assert dropped_events(engine, rows) == []
    once = {"duplicate-event.within-seconds": 1.0}
    assert dropped_events(engine, rows, options=once) == [(2, "duplicate-event", 0)]


def test_test_orders_go_and_names_that_begin_alike_stay(engine):
    rows = [
        line(1, order_id="TEST-77"),
        line(2, customer_id="tester"),
        line(3, product_id="test_item"),
        line(4, order_id="testament-1", customer_id="testa", product_id="test2go"),
    ]
    assert dropped_rows(engine, orders=rows) == [("orders", n, "test-order") for n in (1, 2, 3)]


def test_a_line_that_two_files_tell_counts_once_and_repeats_in_one_file_stay(engine):
    same = {"order_id": "o1"}
    rows = [
        line(1, **same),
        line(2, **same),
        line(3, nth=2, **same),
        line(4, nth=2, **same, product_id="tea"),
    ]
    assert dropped_rows(engine, orders=rows) == [("orders", 3, "repeated-line")]


def test_sales_below_zero_and_before_their_time_go(engine):
    rows = [line(1, amount=-2.0), line(2, kind="return"), line(3, ordered_at=datetime(1985, 1, 1)), line(4)]
    assert dropped_rows(engine, orders=rows) == [
        ("orders", 1, "negative-amount"),
        ("orders", 3, "order-out-of-time"),
    ]


def test_outliers_stay_unless_the_rule_is_on(engine):
    rows = [line(n, quantity=1.0 + n % 3) for n in range(40)] + [line(99, quantity=5_000.0, amount=10_000.0)]
    assert dropped_rows(engine, orders=rows) == []
    found = dropped_rows(engine, orders=rows, options={"outlier-quantity.deviations": 8.0})
    assert found == [("orders", 99, "outlier-quantity")]


def test_the_last_file_wins_and_nothing_that_only_the_first_says_is_lost(engine):
    customers = [
        {"row_id": 1, "customer_id": "anna", "region": "Bonn"},
        {"row_id": 2, "customer_id": "anna", "region": "Berlin", "gender": "f", "nth": 2},
        {"row_id": 3, "customer_id": "ben", "age_group": "30-39"},
        {"row_id": 4, "customer_id": "ben", "region": "Ulm", "nth": 2},
    ]
    products = [{"row_id": 5, "product_id": "tea"}, {"row_id": 6, "product_id": "tea", "nth": 2}]
    found = dropped_rows(engine, customers=customers, products=products)
    assert found == [("customers", 1, "repeated-customer"), ("products", 5, "repeated-product")]


def test_scores_off_their_scale_go(engine):
    rows = [
        {"row_id": 1, "kind": "csat", "score": 7.0, "scale_max": 5.0},
        {"row_id": 2, "kind": "nps", "score": 11.0},
        {"row_id": 3, "kind": "nps", "score": 10.0},
        {"row_id": 4, "kind": "review", "score": -1.0, "scale_max": 5.0},
        {"row_id": 5, "kind": "review", "score": None, "scale_max": 5.0},
    ]
    assert dropped_rows(engine, feedback=rows) == [("feedback", n, "score-off-scale") for n in (1, 2, 4)]


ORDER_ROWS = st.builds(
    dict,
    order_id=st.sampled_from(["o1", "o2", "test-1"]),
    product_id=st.sampled_from(["milk", "tea", None]),
    amount=st.sampled_from([-1.0, 2.0, 500.0, None]),
    kind=st.sampled_from(["sale", "return"]),
    ordered_at=st.sampled_from([JUNE, datetime(1981, 1, 1)]),
    nth=st.integers(1, 2),
)


@settings(max_examples=20)
@given(rows=st.lists(ORDER_ROWS, max_size=12), off=st.sets(st.sampled_from(ALL_OFF)))
def test_dropped_and_kept_are_all_and_rules_that_are_off_drop_nothing(engine, rows, off):
    rows = [line(n, **row) for n, row in enumerate(rows)]
    found = dropped_rows(engine, orders=rows, off=off)
    assert not {rule for _, _, rule in found} & off
    assert dropped_rows(engine, orders=rows, off=ALL_OFF) == []
    gone = pa.table(
        {
            "table_name": pa.array([table for table, _, _ in found], pa.string()),
            "row_id": pa.array([row_id for _, row_id, _ in found], pa.int64()),
        }
    )
    nobody = pa.table({name: pa.array([], pa.string()) for name in ("id", "id_kind", "person_id")})
    seen = {
        "orders": Relation(
            rows=canonical("orders", [{k: v for k, v in row.items() if k != "nth"} for row in rows])
        ),
        "dropped": Relation(rows=gone),
        "same_person": Relation(rows=nobody),
    }
    with engine.session(seen) as session:
        kept = session.table(MODELS["clean_orders"].sql)["row_id"].to_pylist()
    assert sorted([*kept, *{row_id for _, row_id, _ in found}]) == list(range(len(rows)))


@pytest.mark.parametrize(
    ("off", "options", "said"),
    [
        (["bots"], {}, "no rule 'bots'"),
        ([], {"bot-pace.events": 3.0}, "no option"),
        ([], {"bot-pace.events-a-day": 0.0}, "above zero|is 0"),
    ],
)
def test_settings_that_mean_nothing_are_refused(off, options, said):
    with pytest.raises(SettingsError, match=said):
        rules_as_set(off, options)
