"""Tables on a terminal of the usual width."""

from datetime import datetime

import pyarrow as pa

from mindgap.cli.output import cell, print_dicts, print_rows


def test_names_are_whole_at_eighty_columns(capsys):
    why = "There are too few products with a description to say how good it is; at least 100 are needed."
    row = {"table": "evaluation_product_vectors", "rows": 1_234_567, "built": "2024-06-03 05:10"}
    print_dicts([{**row, "seconds": 12.5, "": why}])
    text = capsys.readouterr().out
    assert "evaluation_product_vectors" in text
    assert "are needed." in text
    assert max(map(len, text.splitlines())) <= 80


def test_what_is_not_shown_is_told_in_the_wished_language(capsys):
    print_rows(pa.table({"customer_id": ["1", "2", "3"]}), title="", as_json=False, limit=1, wished="zh")
    assert "还有 2 行" in capsys.readouterr().out


def test_stored_moments_say_their_zone():
    assert cell(datetime(2024, 11, 30, 16, 0)) == "2024-11-30 16:00 UTC"
