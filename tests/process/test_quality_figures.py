"""Known answers of the figures of quality."""

from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindgap.process.quality.drift import Column, drift_figures, stability_index, type_figures
from mindgap.process.quality.figure import SCHEMA, Figure, Limits, figure_table, judge_share
from mindgap.process.quality.shares import by_source, reading_figures, share_figures

LAST = 19_900


def told(value, n, *, usual=None, **limits):
    figure = Figure(
        table="t", source="s", dimension="validity", about="a", day=LAST, value=value, n=n, usual=usual
    )
    return judge_share(figure, Limits(**limits))


@pytest.mark.parametrize(
    ("figure", "status", "code"),
    [
        (told(0.1, 29), "cannot-say", "quality-few-rows"),
        (told(0.9, 1_000, usual=0.9), "ok", "quality-fine"),
        (told(0.8, 1_000, usual=0.9), "warn", "quality-below-usual"),
        (told(0.6, 1_000, usual=0.9), "bad", "quality-below-usual"),
        (told(0.8, 40, usual=0.9), "ok", "quality-fine"),
        (told(0.97, 1_000, warn=0.98, bad=0.9), "warn", "quality-below-limit"),
    ],
)
def test_a_share_is_judged_by_the_usual_and_by_limits(figure, status, code):
    assert (figure.status, figure.code) == (status, code)


def counts(days, **columns):
    rows = len(days)
    base = {"day": days, "source": ["web"] * rows, "newest_at": [None] * rows, "n_rows": [100] * rows}
    return pa.table({**base, **columns})


def test_a_column_that_empties_is_seen_on_its_day():
    days = list(range(LAST - 30, LAST + 1))
    full = counts(days, told_channel=[100] * 30 + [40], told_never=[0] * 31, dropped=[0] * 31)
    (counted,) = by_source("orders", full, LAST)
    found = {(one.about, one.day): one for one in share_figures(counted, LAST)}
    assert found["channel", LAST].status == "bad"
    assert found["channel", LAST].usual == 1.0
    assert found["channel", LAST - 1].status == "ok"
    assert found["kept", LAST].value == 1.0
    assert ("never", LAST) not in found


def test_a_share_that_differs_from_day_to_day_anyway_is_no_notice():
    days = list(range(LAST - 30, LAST + 1))
    for spread, status in ((10, "ok"), (0, "warn")):
        told = [60 + spread * (-1) ** day for day in days[:-1]] + [45]
        table = counts(days, told_channel=[10 * n for n in told], n_rows=[1000] * 31)
        (counted,) = by_source("orders", table, LAST)
        found = {(one.about, one.day): one for one in share_figures(counted, LAST)}
        assert found["channel", LAST].status == status
        assert found["channel", LAST].usual == pytest.approx(0.6)


def test_a_source_that_stops_is_late_by_its_own_measure():
    for gap, status in ((1, "bad"), (7, "ok")):
        days = list(range(LAST - 90, LAST - 4, gap))
        (counted,) = by_source("orders", counts(days), LAST)
        last = next(
            one for one in share_figures(counted, LAST) if one.dimension == "freshness" and one.day == LAST
        )
        assert (last.status, last.usual) == (status, float(gap))


def test_rows_that_could_not_be_read_and_rows_told_before():
    records = pa.table(
        {
            "source": ["a"],
            "table_name": ["orders"],
            "rows_read": [1_000],
            "rows_quarantined": [100],
            "rows_duplicate": [600],
        }
    )
    found = {one.dimension: (one.value, one.status) for one in reading_figures(records, LAST)}
    assert found == {"validity": (0.9, "bad"), "uniqueness": (0.4, "bad")}


def values(shares):
    """100 rows a day of x and y, x as often as `shares` says, one a day up to the last."""
    first = LAST - len(shares) + 1
    return [
        {"day": first + n, "value": value, "n": rows}
        for n, share in enumerate(shares)
        for value, rows in (("x", round(100 * share)), ("y", round(100 * (1 - share))))
        if rows
    ]


def drift(shares):
    column = Column(table="orders", source="web", about="channel", rows=values(shares))
    return next(one for one in drift_figures(column, LAST) if one.day == LAST)


def test_a_mix_that_turns_over_drifts_and_one_that_stays_does_not():
    assert drift([0.5] * 40).status == "ok"
    turned = drift([0.5] * 33 + [0.9] * 7)
    by_hand = (0.9 - 0.5) * np.log(0.9 / 0.5) + (0.1 - 0.5) * np.log(0.1 / 0.5)
    assert turned.value == pytest.approx(by_hand, rel=0.01)
    assert turned.status == "bad"


def test_batches_now_and_then_do_not_drift():
    batches = [{"day": LAST - 9 * n, "value": "x" if n % 2 else "y", "n": 200} for n in range(5)]
    column = Column(table="exposures", source="campaigns", about="kind", rows=batches)
    assert not list(drift_figures(column, LAST))


@given(counts=st.lists(st.integers(0, 500), min_size=2, max_size=8))
def test_the_stability_index_is_no_less_than_zero_and_zero_of_the_same(counts):
    now = np.array(counts, dtype=float)
    assert stability_index(now, now)[0] == 0.0
    assert stability_index(now, now[::-1].copy())[0] >= 0.0


def test_a_property_that_becomes_a_text_at_noon_is_told_with_its_minute():
    noon = datetime(2024, 6, 26, 12, 0)
    shape = [{"day": LAST - n, "value": "number", "n": 50, "first_at": None} for n in range(10)]
    shape.append({"day": LAST, "value": "text", "n": 50, "first_at": noon})
    names = [{"day": LAST - n, "value": "Viewed", "n": 100, "first_at": None} for n in range(10)]
    columns = [
        Column(table="events", source="web", about="name", rows=names),
        Column(table="events", source="web", about="properties:Viewed.price", rows=shape),
    ]
    (found,) = [one for one in type_figures(columns, LAST) if one.code == "quality-type-changed"]
    assert (found.day, found.value, found.status) == (LAST, 0.5, "bad")
    assert found.params["at"] == "2024-06-26 12:00"


def test_the_table_holds_what_figures_say():
    table = figure_table([told(0.5, 100)])
    assert table.schema == SCHEMA
    assert table["status"].to_pylist() == ["ok"]
