"""Numbers, money and dates as readers of each language write them."""

from datetime import date, datetime

import pytest

from mindgap.console.voice import Voice

EN = Voice("en", "USD", "America/New_York")
ZH = Voice("zh", "CNY", "Asia/Shanghai")


def test_numbers():
    assert EN.number(1_469_307) == "1,469,307"
    assert EN.number(2.5, 1) == "2.5"
    assert EN.fixed(2, 2) == "2.00"
    assert EN.percent(0.125, 1) == "12.5%"
    assert EN.change(-0.05) == "−5.0%"
    assert EN.number(None) == EN.money(None) == EN.day(None) == "–"


@pytest.mark.parametrize(
    ("share", "text"), [(0.24, "24%"), (0.033, "3.3%"), (0.0004, "0.04%"), (0.0, "0.00%")]
)
def test_small_shares_keep_their_meaning(share, text):
    assert EN.share(share) == text


def test_money_is_short_when_large_and_exact_when_small():
    assert EN.money(24.95) == "$24.95"
    assert EN.money(2_749.3) == "$2,749"
    assert EN.money(4_676_110) == "$4.7M"
    assert ZH.money(4_676_110) == "¥467.6万"


def test_days_are_those_of_the_business():
    midnight_in_new_york = datetime(2018, 1, 1, 5)
    assert EN.day(midnight_in_new_york) == "Jan 1, 2018"
    assert EN.day(datetime(2018, 1, 1, 4)) == "Dec 31, 2017"
    assert EN.day("2017-11-27") == "Nov 27, 2017"
    assert ZH.day(date(2018, 1, 1)) == "2018年1月1日"
    assert ZH.moment(datetime(2018, 1, 1, 4)) == "2018年1月1日 12:00"


def test_reasons_come_from_lists_and_from_json():
    rows = [{"code": "no-feedback", "params": {}}]
    assert EN.reasons(rows) == EN.reasons('[{"code": "no-feedback", "params": {}}]')
    assert EN.reasons(None) == []
    assert EN.reason({"code": "never-written", "params": {}}) == "never-written"


def test_names_of_open_sets_fall_back_to_the_key():
    assert EN.name("source", "purchases") == "Purchases"
    assert ZH.name("source", "purchases") == "购买记录"
    assert EN.name("source", "loyalty_card") == "loyalty card"


def test_sources_that_are_made_of_events_have_words():
    assert EN.source("till") == "till"
    assert EN.source("events:exposures") == "what customers were shown (from events)"
    assert ZH.source("events:products") == "商品（由事件生成）"
