"""Files of customers and of their words: tokens and seals in place of what names a person."""

import pytest

from mindgap.store.engine import Relation
from mindgap.store.keys import TOKENS, key_of, opened_column
from mindgap.trust.identifiers import VOUCHED, token
from mindgap.trust.keys import is_sealed


def rows(workspace, table):
    stores = workspace.stores
    paths = list(dict.fromkeys(stores.files.path(part.path) for part in stores.ledger.parts(table)))
    with stores.engine.session({"t": Relation(paths=paths)}) as session:
        return session.table("select * from t order by all")


@pytest.fixture
def imported(workspace, tmp_path):
    (tmp_path / "customers.csv").write_text(
        "customer_id,e-mail,Mobile,first name,city,notes,loyalty card\n"
        + "".join(
            f"c{n},Person{n}@Example.com,(212) 555-23{n:02},Ada{n},Ulm,likes tea {n},90-0{n:02}\n"
            for n in range(20)
        )
    )
    (tmp_path / "reviews.csv").write_text(
        "customer_id,product_id,rating,review text,date\n"
        + "".join(f"c{n},p1,{n % 5 + 1},it was fine {n},2024-05-{n + 1:02}\n" for n in range(20))
    )
    workspace.add(tmp_path / "customers.csv", kind="customers")
    workspace.add(tmp_path / "reviews.csv", kind="feedback")
    return workspace


def test_of_identifiers_only_tokens_are_kept(imported):
    key = key_of(imported.stores.keys, TOKENS)
    first = rows(imported, "customers").to_pylist()
    own = next(row for row in first if row["customer_id"] == "c1")
    expected = {
        token("email", "person1@example.com", key),
        token("phone", "+12125552301", key),
        token("loyalty_card", "90001", key),
    }
    assert set(own["identifiers"].split()) == {VOUCHED + one for one in expected}
    assert own["region"] == "Ulm"
    assert own["traits"] is None


def test_words_are_sealed_and_open_for_whoever_may_read_them(imported):
    table = rows(imported, "feedback")
    assert all(is_sealed(text) for text in table["text"].to_pylist())
    opened = opened_column(table["text"], imported.stores.keys).to_pylist()
    assert sorted(opened) == sorted(f"it was fine {n}" for n in range(20))


def test_read_again_a_file_gives_the_same_parts(imported, tmp_path):
    before = {part.key for table in ("customers", "feedback") for part in imported.stores.ledger.parts(table)}
    for name in ("customers.csv", "reviews.csv"):
        (tmp_path / name).touch()
    imported.refresh()
    after = {part.key for table in ("customers", "feedback") for part in imported.stores.ledger.parts(table)}
    assert after == before


def test_another_address_is_another_row(imported, tmp_path):
    before = {part.key for part in imported.stores.ledger.parts("customers")}
    file = tmp_path / "customers.csv"
    file.write_text(file.read_text().replace("Person3@", "Other@"))
    imported.refresh()
    assert {part.key for part in imported.stores.ledger.parts("customers")} != before
