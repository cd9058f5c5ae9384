"""Charts as data: safe inside a page, and the same figures in the table."""

import json

from hypothesis import given
from hypothesis import strategies as st

from mindgap.console.blocks import Chart, Series, chart_grid, chart_json
from mindgap.console.voice import Voice

EN = Voice("en", "USD", "UTC")


def _chart(label="a", **options):
    series = [Series(name="x", values=[0.5, None], lows=[0.4, None], highs=[0.6, None])]
    return Chart(
        key="k",
        kind="bars",
        title="t",
        summary="s",
        axis="axis",
        labels=[label, "b"],
        series=series,
        **options,
    )


def test_the_table_shows_what_the_chart_shows():
    grid = chart_grid(_chart(unit="percent", digits=1), EN)
    assert list(grid.columns) == ["axis", "x", "95\u00a0% low", "95\u00a0% high"]
    assert list(grid.rows[0]) == ["a", "50.0%", "40.0%", "60.0%"]
    assert list(grid.rows[1]) == ["b", "–", "–", "–"]


@given(st.text())
def test_data_cannot_leave_its_script_element(label):
    text = chart_json(_chart(label), EN)
    assert "<" not in text
    assert "&" not in text
    assert json.loads(text)["labels"][0] == label
