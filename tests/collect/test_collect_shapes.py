"""Whole files as strangers send them."""

import csv
import io
import json
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from mindgap.kernel.tables import ORDERS


def retail_export(lines: int = 400) -> str:
    """An export shaped like UCI's Online Retail: credit notes, float customer ids, a quarter unknown."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        [
            "InvoiceNo",
            "StockCode",
            "Description",
            "Quantity",
            "InvoiceDate",
            "UnitPrice",
            "CustomerID",
            "Country",
        ]
    )
    for at in range(lines):
        back = at % 40 == 7
        invoice = f"C{536000 + at // 4}" if back else str(536000 + at // 4)
        customer = "" if at // 4 % 4 == 3 else f"{17000 + at // 4 % 30}.0"
        day = f"{1 + at // 40}/{1 + at % 28}/2011 8:{10 + at % 50}"
        quantity = -2 if back else 1 + at % 6
        writer.writerow(
            [
                invoice,
                f"8{at % 50:04d}A",
                f"MUG, {at % 50}",
                quantity,
                day,
                f"{at % 9}.55",
                customer,
                "France",
            ]
        )
    return out.getvalue()


def test_retail_export(bring):
    seen = bring(retail_export(), "Online Retail.csv")
    assert seen.result.table == "orders"
    assert seen.result.written.used == 400
    assert list(seen.rows[0]) == [column.name for column in ORDERS.columns]
    assert seen.column("kind").count("return") == 10
    assert seen.column("customer_id").count(None) == 100
    assert all(row["customer_id"] is None or row["customer_id"].isdigit() for row in seen.rows)
    assert all(row["quantity"] > 0 and row["amount"] >= 0 for row in seen.rows)
    first = seen.rows[0]
    assert first["ordered_at"] == datetime(2011, 1, 1, 8, 10)
    assert (first["quantity"], first["amount"]) == (1.0, pytest.approx(0.55))
    assert seen.result.written.latest == datetime(2011, 10, 28, 8, 51)
    assert "collect-credit-notes" in seen.codes
    assert seen.result.mapping["columns"]["unit_price"] == "UnitPrice"


def test_amount_is_price_times_quantity(bring):
    rows = bring("order,product,date,qty,unit price\n1,a,2024-01-05,3,2.50\n", kind="orders").rows
    assert rows[0]["amount"] == 7.5


def chinese_export() -> str:
    lines = ["订单号,客户编号,商品编号,商品名称,下单时间,数量,实付金额,类目,收货人,手机号"]
    lines += [
        f"20240{at:03d},K{at % 7},P{at % 5},苹果 红富士{at % 5},2024年{1 + at % 12}月{1 + at % 28}日 12:30,"
        f"{1 + at % 3},￥{at}.50,水果,张三,138001380{at:02d}"
        for at in range(60)
    ]
    return "\n".join(lines) + "\n"


def test_chinese_export_in_gb18030(bring):
    seen = bring(chinese_export().encode("gb18030"), "订单.csv", time_zone="Asia/Shanghai")
    assert seen.result.written.used == 60
    assert seen.column("category") == ["水果"] * 60
    assert min(seen.column("ordered_at")) == datetime(2024, 1, 1, 4, 30)
    assert sorted(seen.column("amount"))[:2] == [0.5, 1.5]
    assert "collect-left-out" in seen.codes
    assert {"收货人", "手机号"}.isdisjoint(seen.result.mapping["columns"].values())
    assert "张三" not in json.dumps(seen.rows, default=str, ensure_ascii=False)


def test_columns_of_which_tokens_are_kept_are_not_said_to_be_left_out(bring):
    lines = ["客户编号,姓名,邮箱,城市", *(f"K{at},张三,k{at}@example.com,上海" for at in range(20))]
    notes = {
        note.code: note.params["columns"]
        for note in bring("\n".join(lines) + "\n", "客户.csv", kind="customers").result.notes
    }
    assert notes == {"collect-left-out": "姓名", "collect-tokens-only": "邮箱"}


def test_lists_and_objects_in_json_are_no_cells(bring):
    order = {"customer": {"id": "k1", "email": "K1@SHOP.EXAMPLE"}, "items": [{"sku": "a", "quantity": 2}]}
    flat = {"order_id": "1", "created_at": "2024-01-05T10:00:00Z", "sku": "a", "total": 4.5}
    seen = bring(json.dumps(order | flat) + "\n", "orders.jsonl", kind="orders")
    assert (seen.column("amount"), seen.column("customer_id")) == ([4.5], [None])
    notes = {note.code: note.params for note in seen.result.notes}
    assert notes["collect-nested-columns"] == {"columns": "customer, items"}


def test_european_semicolons_and_decimal_commas(bring):
    lines = ["Bestellnummer;Kunde;Artikel;Datum;Menge;Betrag"]
    lines += [
        f"{at};K{at % 3};A{at % 4};{1 + at % 9:02d}.{1 + at % 12:02d}.2024;{1 + at % 2};1.234,5{at % 10}"
        for at in range(30)
    ]
    columns = {
        "order_id": "Bestellnummer",
        "customer_id": "Kunde",
        "product_id": "Artikel",
        "quantity": "Menge",
    }
    seen = bring(
        "\n".join(lines),
        "umsatz.csv",
        kind="orders",
        overrides=columns | {"ordered_at": "datum", "amount": "Betrag"},
    )
    assert seen.result.written.used == 30
    assert seen.column("amount")[0] == pytest.approx(1234.50)
    assert seen.column("ordered_at")[0] == datetime(2024, 1, 1)
    assert "collect-dates-undecided" in seen.codes


def test_cdnow_like_blank_separated(bring):
    lines = [
        f" {at // 3:05d} 1997{1 + at % 12:02d}{1 + at % 28:02d} {1 + at % 4:2d} {11 + at % 5:6.2f}"
        for at in range(90)
    ]
    seen = bring("\n".join(lines), "CDNOW_master.txt")
    assert seen.result.table == "orders"
    assert seen.result.written.used == 90
    row = next(row for row in seen.rows if row["customer_id"] == "00000")
    assert (row["ordered_at"], row["quantity"], row["amount"]) == (datetime(1997, 1, 1), 1.0, 11.0)
    assert row["order_id"] == "00000~1997-01-01"
    assert "collect-orders-derived" in seen.codes


def test_json_lines(bring):
    rows = [
        {
            "orderId": at,
            "userId": f"u{at % 3}",
            "sku": at % 4,
            "createdAt": f"2024-05-0{1 + at % 9}T10:00:00+02:00",
            "price": 2.5,
            "qty": 2,
            "extra": {"a": 1},
        }
        for at in range(20)
    ]
    text = "\n".join(json.dumps(row) for row in rows) + "\n\n{broken\n[1]\n"
    seen = bring(text, "events.jsonl")
    assert (seen.result.written.used, seen.result.written.reasons) == (20, {"malformed_line": 2})
    assert [row["line"] for row in seen.quarantine] == [22, 23]
    assert seen.column("ordered_at")[0] == datetime(2024, 5, 1, 8)
    assert seen.column("amount")[0] == 5.0
    array = bring(json.dumps(rows), "orders.json")
    assert sorted(array.column("row_id")) == sorted(seen.column("row_id"))


def test_excel(bring, tmp_path: Path):
    path = tmp_path / "Sales.xlsx"
    path.write_bytes(
        workbook(
            [["Sales 2024"], [], ["Order No", "Customer", "SKU", "Date", "Qty", "Total"]]
            + [[at, 17000.0 + at % 3, f"S{at}", 45356 + at, 2, 9.5] for at in range(10)]
            + [[], []]
        )
    )
    seen = bring(path)
    assert seen.result.written.used == 10
    assert seen.column("customer_id")[0] == "17000"
    assert seen.column("ordered_at")[0] == datetime(2024, 3, 5)


def workbook(rows: list[list[object]]) -> bytes:
    """The smallest workbook that holds these cells."""

    def cell(value: object) -> str:
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    body = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    files = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {space} xmlns:r="{relation}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{relation}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {space}><sheetData>{body}</sheetData></worksheet>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def test_customers_keep_other_columns_as_traits(bring):
    text = "customer_id,Gender,City,Home owner,Email\n1,F,Bonn,yes,a@b.de\n2,M,Köln,,c@d.de\n"
    seen = bring(text, "customers.csv")
    assert seen.result.table == "customers"
    assert seen.column("traits") == ['{"Home owner":"yes"}', None]
    assert seen.column("region") == ["Bonn", "Köln"]


def test_later_customer_row_wins(bring):
    seen = bring("customer_id,gender,city\n1,F,Bonn\n2,M,Ulm\n1,F,Kiel\n", "customers.csv")
    assert [(row["customer_id"], row["region"]) for row in seen.rows] == [("2", "Ulm"), ("1", "Kiel")]
    assert seen.result.written.superseded == 1


def test_reviews_become_feedback(bring):
    lines = ["date,rating,review"] + [
        f"2024-03-{1 + at:02d},{1 + at % 5},Works well for me and number {at}" for at in range(20)
    ]
    seen = bring("\n".join(lines), "reviews.csv")
    assert seen.result.table == "feedback"
    assert set(seen.column("kind")) == {"review"}
    assert set(seen.column("scale_max")) == {5.0}


def test_nps_scores(bring):
    lines = ["answered at,NPS,customer id"] + [f"2024-03-{1 + at:02d},{at % 11},{at}" for at in range(22)]
    seen = bring("\n".join(lines), "survey.csv")
    assert (set(seen.column("kind")), set(seen.column("scale_max"))) == ({"nps"}, {10.0})


def test_products_and_exposures(bring):
    products = bring(
        "product_id,name,category,brand,price\n1,Tea,Drinks,A,2.5\n2,Mug,Home,B,n/a\n", "products.csv"
    )
    assert products.column("product_name") == ["Tea", "Mug"]
    assert products.column("price") == [2.5, None]
    shown = bring("campaign_id,user_id,sent_at,channel\n1,a,2024-01-02 10:00,e-mail\n", "mailing.csv")
    assert shown.result.table == "exposures"
    assert shown.rows[0]["shown_at"] == datetime(2024, 1, 2, 10)
