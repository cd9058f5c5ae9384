"""Single cells as people write them: dates, figures and ids, each against its known meaning."""

from datetime import datetime

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindgap.collect.files import expressions as sql

FIFTH = datetime(2024, 3, 5)
NOON = datetime(2024, 3, 5, 12)


@pytest.fixture(scope="module")
def read():
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; set threads = 1")

        def read(expression: str, cell: str):
            return connection.execute(f"select {expression} from (select ? as cell)", [cell]).fetchall()[0][0]

        yield read


@pytest.mark.parametrize(
    ("cell", "meaning"),
    [
        ("2024-03-05", FIFTH),
        ("2024-3-5 12:00", NOON),
        ("2024-03-05T12:00:00Z", NOON),
        ("2024-03-05T20:00:00.000+08:00", NOON),
        ("2024-03-05 20:00:00+0800", NOON),
        ("2024-03-05 12:00:00 UTC", NOON),
        ("2024-03-05 12:00 PM", NOON),
        ("2024/3/5 12:00", NOON),
        ("2024.03.05", FIFTH),
        ("05/03/2024", FIFTH),
        ("3/25/2024", datetime(2024, 3, 25)),
        ("5.3.2024 12:00:00", NOON),
        ("5/3/24 12:00", NOON),
        ("5/3/99", datetime(1999, 3, 5)),
        ("2024年3月5日", FIFTH),
        ("2024年03月05日 12时00分00秒", NOON),
        ("2024年3月5日 12点", NOON),
        ("２０２４年３月５日 12：00", NOON),
        ("20240305", FIFTH),
        ("20240305.0", FIFTH),
        ("20240305120000", NOON),
        ("1709640000", NOON),
        ("1709640000000", NOON),
        ("1709640000000000", NOON),
        ("45356", FIFTH),
        ("45356.5", NOON),
        ("5 Mar 2024", FIFTH),
        ("05-Mar-24", FIFTH),
        ("March 5, 2024 12:00 PM", NOON),
        ("2024-02-30", None),
        ("31/31/2024", None),
        ("2024-03", None),
        ("2024-03-05 25:00", None),
        ("12", None),
        ("soon", None),
        ("99999999999999999", None),
        ("9999-99-99", None),
    ],
)
def test_moments(read, cell: str, meaning: datetime | None):
    assert read(sql.moment("cell", day_first=True), cell) == meaning


def test_local_times_become_utc(read):
    shanghai = sql.moment("cell", time_zone="Asia/Shanghai")
    assert read(shanghai, "2024-03-05 20:00") == NOON
    assert read(shanghai, "2024-03-05T12:00:00Z") == NOON
    assert read(shanghai, "1709640000") == NOON


@pytest.mark.parametrize(
    ("cell", "point", "comma"),
    [
        ("12", 12.0, 12.0),
        ("-1.5", -1.5, -1.5),
        ("1,5", 1.5, 1.5),
        ("1,234", 1234.0, 1.234),
        ("1.234", 1.234, 1234.0),
        ("1.234,56", 1234.56, 1234.56),
        ("1,234.56", 1234.56, 1234.56),
        ("1 234,56", 1234.56, 1234.56),
        ("1'234.50", 1234.5, 1234.5),
        ("1.234.567", 1234567.0, 1234567.0),
        ("1,23,456.7", 123456.7, 123456.7),
        ("0.125", 0.125, 0.125),
        ("0,125", 0.125, 0.125),
        ("$1,234.50", 1234.5, 1234.5),
        ("￥12.00", 12.0, 12.0),
        ("12.5元", 12.5, 12.5),
        ("12,50 EUR", 12.5, 12.5),
        ("(5.00)", -5.0, -5.0),
        ("5.00-", -5.0, -5.0),
        ("− 5", -5.0, -5.0),
        ("－３．５", -3.5, -3.5),
        ("1e3", 1000.0, 1000.0),
        ("abc", None, None),
        ("1.2.3", None, None),
        ("1,2,3", None, None),
        ("12abc", None, None),
        ("--5", None, None),
        ("inf", None, None),
        ("nan", None, None),
        ("1e999", None, None),
    ],
)
def test_figures(read, cell: str, point: float | None, comma: float | None):
    assert read(sql.number("cell"), cell) == point
    assert read(sql.number("cell", decimal_comma=True), cell) == comma


@pytest.mark.parametrize(
    ("cell", "meaning"),
    [
        ("17850.0", "17850"),
        ("00004", "00004"),
        ('="0012"', "0012"),
        ("'0012", "0012"),
        ("12.50", "12.50"),
        ("A.0", "A.0"),
        ("NaN", None),
        ("N/A", None),
        ("-", None),
        ("", None),
    ],
)
def test_ids(read, cell: str, meaning: str | None):
    assert read(sql.identifier("cell"), cell) == meaning


def test_blanks_around(read):
    assert read(sql.trimmed("cell"), "\u3000\t a b\u00a0\r\n") == "a b"


@settings(max_examples=60, deadline=None)
@given(figure=st.floats(-1e9, 1e9).map(lambda size: round(size, 2)))
def test_written_figures_are_read_back(read, figure: float):
    assert read(sql.number("cell"), f"{figure:.2f}") == figure
    assert read(sql.number("cell"), f"{figure:,.2f}") == figure
    german = f"{figure:,.2f}".translate(str.maketrans(",.", ".,"))
    assert read(sql.number("cell", decimal_comma=True), german) == figure


@settings(max_examples=60, deadline=None)
@given(moment=st.datetimes(datetime(1980, 1, 1), datetime(2068, 12, 31)), style=st.integers(0, 6))
def test_written_moments_are_read_back(read, moment: datetime, style: int):
    styles = ("%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%d.%m.%y %H:%M:%S", "%Y年%m月%d日 %H:%M:%S")
    styles += ("%Y%m%d%H%M%S", "%d %b %Y %H:%M:%S", "%Y/%m/%d %I:%M:%S %p")
    whole = moment.replace(microsecond=0)
    assert read(sql.moment("cell", day_first=True), whole.strftime(styles[style])) == whole
