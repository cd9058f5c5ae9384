"""What Snowplow's kinds of events mean: https://docs.snowplow.io/docs/events/."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import msgspec

from mindgap.collect.wire.translating import Members, added, items, kept, members, number, text

_PING = {"pp_mix": "min_x", "pp_max": "max_x", "pp_miy": "min_y", "pp_may": "max_y"}
_STRUCTURED = {"se_ca": "category", "se_la": "label", "se_pr": "property", "se_va": "value"}
_ORDER = {
    "tr_id": "order_id",
    "tr_tt": "total",
    "tr_af": "affiliation",
    "tr_tx": "tax",
    "tr_sh": "shipping",
    "tr_ci": "city",
    "tr_st": "state",
    "tr_co": "country",
    "tr_cu": "currency",
}
_ITEM = {"ti_sk": "product_id", "ti_nm": "name", "ti_ca": "category", "ti_pr": "price", "ti_qu": "quantity"}
_FLAT: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "pp": ("Page Pinged", _PING),
    "se": ("", _STRUCTURED),
    "tr": ("Order Completed", _ORDER),
}
"""Event names and properties by kind; structured events bring their own name."""
_NUMBERS = frozenset({"tr_tt", "tr_tx", "tr_sh", "ti_pr", "ti_qu", "se_va", *_PING})

_MOST_VALUES = 20_000
"""What one event may hold; base64 hides more from whoever counts the body's."""
_OWN_VENDOR = "com.snowplowanalytics."
_CARTS = {"add_to_cart": "Product Added", "remove_from_cart": "Product Removed"}
_SHOP = {
    "product_view": "Product Viewed",
    "list_view": "Product List Viewed",
    "list_click": "Product Clicked",
    "add_to_cart": "Product Added",
    "remove_from_cart": "Product Removed",
    "checkout_step": "Checkout Step Viewed",
    "transaction": "Order Completed",
    "refund": "Order Refunded",
    "promo_view": "Promotion Viewed",
    "promo_click": "Promotion Clicked",
}
"""Event names by `type` of a snowplow_ecommerce_action."""

CONSUMED = frozenset(
    {"e", "ue_px", "ue_pr", "se_ac", "ti_id", "ti_cu", *_PING, *_STRUCTURED, *_ORDER, *_ITEM}
)
"""Fields of an event that `meaning` puts into the message."""


def meaning(fields: Mapping[str, str], entities: list[msgspec.Raw]) -> dict[str, Any]:
    """Type, name and properties of an event; one of a kind that is not known has its kind as its name.

    Args:
        fields: The event.
        entities: What is attached to it, each `{schema, data}`.
    """
    match kind := fields.get("e", ""):
        case "pv":
            page = {"url": fields.get("url"), "title": fields.get("page"), "referrer": fields.get("refr")}
            return {"type": "page", "properties": kept(page)}
        case "ue":
            return _self_describing(fields, entities)
        case "ti":
            order = kept({"order_id": fields.get("ti_id"), "currency": fields.get("ti_cu")})
            return {"event": "Order Item", "properties": order | product(fields)}
        case _:
            name, columns = _FLAT.get(kind, (kind, {}))
            return {
                "event": fields.get("se_ac") if kind == "se" else name,
                "properties": _renamed(fields, columns),
            }


def described(fields: Mapping[str, str], encoded: str, plain: str) -> Members:
    """A self-describing JSON in base64 or plain; nothing where it cannot be read, or is too long."""
    try:
        raw = fields.get(encoded, "").replace("-", "+").replace("_", "/")
        unpacked = b64decode(raw + "=" * (-len(raw) % 4), validate=True)
    except (binascii.Error, ValueError):
        return {}
    said = unpacked or fields.get(plain, "").encode()
    return members(said) if said.count(b",") < _MOST_VALUES else {}


def event_data(fields: Mapping[str, str]) -> Members:
    """What a self-describing event is, as `{schema, data}`; nothing for other events."""
    return members(described(fields, "ue_px", "ue_pr").get("data"))


def _renamed(fields: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Any]:
    return kept(
        {
            name: number(fields[said]) if said in _NUMBERS else fields[said]
            for said, name in names.items()
            if said in fields
        }
    )


def product(fields: Mapping[str, str]) -> dict[str, Any]:
    """The product of an item of an order."""
    return _renamed(fields, _ITEM)


def _self_describing(fields: Mapping[str, str], entities: list[msgspec.Raw]) -> dict[str, Any]:
    inner = event_data(fields)
    vendor, name = schema_name(inner)
    properties = inner.get("data")
    said = {"event": name, "properties": properties}
    if not vendor.startswith(_OWN_VENDOR) or properties is None:
        return said
    data = members(properties)
    match name:
        case "screen_view":
            return {"type": "screen", "name": data.get("name"), "properties": properties}
        case "add_to_cart" | "remove_from_cart":
            more = {"product_id": data.get("sku"), "price": data.get("unitPrice")}
            return {"event": _CARTS[name], "properties": added(properties, more)}
        case "site_search":
            query = " ".join(map(text, items(data.get("terms"))))
            return {"event": "Products Searched", "properties": added(properties, {"query": query})}
        case "snowplow_ecommerce_action":
            return {
                "event": _SHOP.get(text(data.get("type")), name),
                "properties": _shopping(properties, entities),
            }
        case _:
            return said


def schema_name(described_data: Members) -> tuple[str, str]:
    """Vendor and name of a schema `iglu:vendor/name/format/version`.

    >>> schema_name({"schema": msgspec.Raw(b'"iglu:com.acme/product_viewed/jsonschema/1-0-0"')})
    ('com.acme', 'product_viewed')
    """
    vendor, _, rest = text(described_data.get("schema")).removeprefix("iglu:").partition("/")
    return vendor, rest.partition("/")[0]


def _shopping(properties: msgspec.Raw, entities: list[msgspec.Raw]) -> msgspec.Raw:
    """An action of the shop, whose products and transaction are attached to it."""
    more: dict[str, Any] = {}
    products: list[dict[str, Any]] = []
    for one in map(members, entities):
        data = members(one.get("data"))
        match schema_name(one):
            case (_, "product"):
                products.append({**data, **kept({"product_id": data.get("id")})})
            case (_, "transaction" | "refund"):
                more |= {**data, **kept({"order_id": data.get("transaction_id")})}
            case (_, "promotion"):
                more |= kept({"promotion_id": data.get("id")})
            case _:
                pass
    return added(properties, more | kept({"products": products or None}))
