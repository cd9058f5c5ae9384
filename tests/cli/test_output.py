"""Tables on a terminal of the usual width."""

from mindgap.cli.output import print_dicts


def test_names_are_whole_at_eighty_columns(capsys):
    why = "There are too few products with a description to say how good it is; at least 100 are needed."
    row = {"table": "evaluation_product_vectors", "rows": 1_234_567, "built": "2024-06-03 05:10"}
    print_dicts([{**row, "seconds": 12.5, "": why}])
    text = capsys.readouterr().out
    assert "evaluation_product_vectors" in text
    assert "are needed." in text
    assert max(map(len, text.splitlines())) <= 80
