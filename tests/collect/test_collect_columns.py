"""Recognising tables and columns by name and content."""

import pytest
from order_files import orders

from mindgap.collect.files.columns import recognise
from mindgap.collect.files.contents import contents_of
from mindgap.collect.files.importing import SourceOptions, inspect
from mindgap.collect.files.synonyms import fit, normalised, vocabulary

CELLS = {
    "date": ["2024-01-05", "2024-01-06", "2024-02-07"],
    "price": ["1.25", "3.50", "2.00"],
    "count": ["1", "2", "1"],
    "key": ["A17", "B25", "A17"],
    "unique": ["A1", "B2", "C3"],
    "prose": ["It came late and the box was open, but the tea is good." + str(at) for at in range(3)],
    "score": ["0", "5", "3"],
}


def seen(**columns: str):
    return {label.replace("_", " "): contents_of(CELLS[cells] * 7) for label, cells in columns.items()}


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        (
            {
                "Order_ID": "key",
                "Customer": "key",
                "Date": "date",
                "SKU": "key",
                "Qty": "count",
                "Total": "price",
            },
            "orders",
        ),
        (
            {
                "订单编号": "key",
                "会员号": "key",
                "下单时间": "date",
                "商品编码": "key",
                "数量": "count",
                "实付金额": "price",
            },
            "orders",
        ),
        ({"t_dat": "date", "customer_id": "key", "article_id": "key", "price": "price"}, "orders"),
        ({"campaign": "key", "customer": "key", "sent_date": "date", "channel": "key"}, "exposures"),
        ({"stars": "score", "review_text": "prose", "review_date": "date"}, "feedback"),
        ({"评分": "score", "评论内容": "prose"}, "feedback"),
    ],
)
def test_kinds(columns: dict[str, str], kind: str):
    assert recognise(seen(**columns)).kind == kind


def test_guesses_say_how_sure_they_are_and_why():
    found = recognise(
        seen(InvoiceNo="key", StockCode="key", InvoiceDate="date", Quantity="count", UnitPrice="price")
    )
    assert {guess.field: (guess.column, guess.why) for guess in found.guesses} == {
        "order_id": ("InvoiceNo", "name"),
        "product_id": ("StockCode", "name"),
        "ordered_at": ("InvoiceDate", "name"),
        "quantity": ("Quantity", "name"),
        "unit_price": ("UnitPrice", "name"),
    }
    assert all(guess.confidence > 0.9 for guess in found.guesses)
    assert found.questions == ()


def test_a_name_that_its_cells_contradict_is_doubted_and_asked_about():
    found = recognise(
        seen(order_id="key", date="key", created_at="date", amount="price", sku="key"), kind="orders"
    )
    assert found.column("ordered_at") == "created at"
    assert recognise(seen(order_id="key", order_date="key", amount="price"), kind="orders").questions[
        0
    ].code == ("collect-ask-column")


def test_rivals_are_asked_about():
    found = recognise(seen(order_id="key", order_date="date", paid_at="date", amount="price"), kind="orders")
    asked = {question.setting: question.choices for question in found.questions}
    assert asked["map:ordered_at"] == ("order date", "paid at")


def test_overrides_win_and_can_unmap():
    columns = seen(order_id="key", order_date="date", amount="price", channel="key")
    said = recognise(columns, kind="orders", overrides={"order_id": "channel", "channel": ""})
    assert said.column("order_id") == "channel"
    assert said.column("channel") is None


def test_names_and_contacts_are_left_out():
    columns = seen(order_id="key", order_date="date", amount="price", full_name="key", phone_number="key")
    columns["remark"] = contents_of(["anna@example.org", "bob@example.org"] * 9)
    assert recognise(columns, kind="orders").left_out == ("full name", "phone number", "remark")


def test_questions_about_price_and_day(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("order,customer,product,date,qty,price\n1,a,x,3/4/2024,1,2\n2,a,x,5/6/2024,2,2\n")
    asked = {question.setting: question.choices for question in inspect(path).questions}
    assert asked == {"amount_is": ("unit_price", "line_total"), "day_first": ("true", "false")}
    american = inspect(path, options=SourceOptions(time_zone="America/Chicago", amount_is="line_total"))
    assert {question.setting: question.choices for question in american.questions} == {
        "day_first": ("false", "true")
    }


def test_mapping_reads_the_next_delivery_alike(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(orders(9))
    kept = inspect(path, options=SourceOptions(time_zone="Asia/Shanghai", duplicates="keep")).mapping()
    assert kept["options"] == {"time_zone": "Asia/Shanghai", "duplicates": "keep"}
    again = inspect(
        path, kind=kept["table"], overrides=kept["columns"], options=SourceOptions(**kept["options"])
    )
    assert again.mapping() == kept


def test_names_fit_whole_or_in_part():
    names = vocabulary().fields["orders"]["ordered_at"]
    assert fit(normalised("OrderDate"), names) == 0.95
    assert 0.4 < fit(normalised("order date (UTC)"), names) < 0.7
    assert fit(normalised("colour"), names) == 0
