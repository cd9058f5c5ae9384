"""The properties of an event that have a column of their own, under the names that clients give them."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from math import isfinite
from typing import Any, cast
from urllib.parse import urlsplit

_Text = str | None
_Number = float | None
Fields = tuple[_Text, _Text, _Text, _Text, _Text, _Text, _Number, _Number, _Number, _Text, _Number]
"""What FIELDS are, one by one."""


def fields_of(properties: Mapping[str, Any], context: Mapping[str, Any], *, category: Any = None) -> Fields:
    """The columns that events fill from their properties, in the order of FIELDS; None where they do not.

    Where an event lists exactly one product, it is about that one. A campaign that led to the page stands in
    the context (`context.campaign`, which clients fill from utm parameters).

    >>> found = dict(zip(FIELDS, fields_of({"sku": 7, "price": "12.50", "total": 25}, {}), strict=True))
    >>> found["product_id"], found["price"], found["value"], found["query"]
    ('7', 12.5, 25.0, None)

    Args:
        properties: The event's.
        context: The event's.
        category: Where the properties name none.
    """
    products = properties.get("products")
    if isinstance(products, list) and len(products) == 1 and isinstance(products[0], dict):
        properties = {**products[0], **properties}
    found: dict[str, Any] = {}
    ranks: dict[str, int] = {}
    for spelling, said in properties.items():
        if spelling in _COLUMNS:
            column, rank, read = _COLUMNS[spelling]
            value = read(said)
            if value is not None and rank <= ranks.get(column, rank):
                found[column], ranks[column] = value, rank
    if category is not None and "category" not in found:
        found["category"] = own_text(category)
    if "campaign_id" not in found and isinstance(campaign := context.get("campaign"), dict):
        found["campaign_id"] = own_text(campaign.get("id")) or own_text(campaign.get("name"))
    return cast("Fields", tuple(map(found.get, FIELDS)))


def own_text(said: Any) -> str | None:
    """A text, or a number as one; None for anything else, and for an empty text.

    >>> own_text(17), own_text(17.0), own_text(""), own_text(True)
    ('17', '17', None, None)
    """
    if isinstance(said, str):
        return said or None
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    return str(int(said)) if said == int(said) else str(said)


def number(said: Any) -> float | None:
    """A number, or a text that is one; None for anything else.

    >>> number("12.50"), number(3), number("about 3"), number("nan"), number("1_0")
    (12.5, 3.0, None, None, None)
    """
    if isinstance(said, bool) or not isinstance(said, int | float | str):
        return None
    if isinstance(said, str) and "_" in said:  # Python's own way to group digits
        return None
    try:
        value = float(said)
    except ValueError:
        return None
    return value if isfinite(value) else None


def address(said: Any) -> str | None:
    """A page's address without user name, query and fragment: personal data stands there.

    >>> address("https://shop.example/a?mail=x@y.example#top")
    'https://shop.example/a'
    """
    if not isinstance(said, str):
        return None
    bare = said.partition("#")[0].partition("?")[0]
    scheme, separator, rest = bare.partition("://")
    place, slash, path = rest.partition("/")
    return f"{scheme}{separator}{place.rpartition('@')[2]}{slash}{path}" or None


def host(said: Any) -> str | None:
    """The host of an address.

    >>> host("https://www.search.example:443/?q=socks")
    'www.search.example'
    """
    return _host(said) if isinstance(said, str) else None


@lru_cache(maxsize=4096)
def _host(text: str) -> str | None:
    try:
        return urlsplit(text).hostname
    except ValueError:
        return None


FIELDS = (
    "product_id", "category", "order_id", "decision_id", "campaign_id", "query",
    "price", "quantity", "value", "currency", "score",
)  # fmt: skip
"""Columns of the table `events` that come from properties, in its order."""
_TEXTS = {
    "product_id": ("product_id", "productId", "sku", "item_id"),
    "category": ("category",),
    "order_id": ("order_id", "orderId"),
    "decision_id": ("decision_id", "decisionId"),
    "campaign_id": ("campaign_id", "promotion_id", "coupon_id", "coupon"),
    "query": ("query", "search_term"),
    "currency": ("currency",),
}
_NUMBERS = {
    "price": ("price",),
    "quantity": ("quantity",),
    "value": ("value", "revenue", "total"),
    "score": ("rating", "score"),
}
_COLUMNS: Mapping[str, tuple[str, int, Callable[[Any], Any]]] = {
    spelling: (column, rank, read)
    for columns, read in ((_TEXTS, own_text), (_NUMBERS, number))
    for column, spellings in columns.items()
    for rank, spelling in enumerate(spellings)
}
"""Column, rank and reader by spelling: of several spellings in one event the first of the list counts."""
