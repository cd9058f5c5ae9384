"""What is known of a customer is told in words: no digests, no thousands in a year."""

from types import SimpleNamespace

from mindgap.cli.customer import print_customer

EMPTY = dict.fromkeys(("segment", "risk", "value", "features"))
PROFILE = {"interests": [], "habits": None, "needs": []}


def test_attributes_are_told_in_words(capsys):
    attributes = {
        "customer_id": "M1",
        "sent_customer_ids": '["M1","u7"]',
        "birth_year": 2005,
        "identifiers": "+email:9c9b3001eb248617 +phone:b6f5bdd4bce144ba phone:00",
    }
    answer = {
        **EMPTY,
        "attributes": attributes,
        "categories": [],
        "profile": PROFILE,
        "orders": [],
        "reasons": [],
    }
    print_customer(SimpleNamespace(settings=SimpleNamespace(language="en", time_zone="UTC")), answer)
    told = capsys.readouterr().out
    assert "M1 + u7" in told
    assert "2005" in told
    assert "e-mail address, phone number" in told
    assert "9c9b3001" not in told
