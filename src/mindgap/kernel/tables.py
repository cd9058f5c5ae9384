"""The canonical tables: what every source is turned into, and all that the rest derives from.

A column's type is an Arrow type name. Times are naive UTC, microseconds. Every row carries `row_id`, a
63-bit hash of the row's meaning, which is how the same row read twice is counted once.
"""

from dataclasses import dataclass
from typing import Literal

FROM_EVENTS = "events:"
"""What the names of sources begin with that are no files but what events became."""
ColumnType = Literal["string", "double", "int64", "bool", "timestamp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table.

    Attributes:
        name: Its name, with the unit where there could be doubt.
        type: Its Arrow type.
        meaning: What it holds, in words.
        required: Whether a row without it cannot be used.
    """

    name: str
    type: ColumnType
    meaning: str
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonicalTable:
    """A table that sources are read into.

    Attributes:
        name: Its name.
        grain: What one row is.
        columns: Its columns, in order.
        time_column: The column that as-of time cuts; None where rows carry no time.
    """

    name: str
    grain: str
    columns: tuple[Column, ...]
    time_column: str | None = None


def _column(name: str, kind: ColumnType, meaning: str, *, required: bool = False) -> Column:
    return Column(name=name, type=kind, meaning=meaning, required=required)


_ROW = (_column("row_id", "int64", "hash of the row's meaning; unique in its table", required=True),)
_IDENTIFIERS = _column(
    "identifiers",
    "string",
    "tokens of e-mail, phone, card, device, ...: `kind:token` between spaces, `+kind:` where vouched for",
)

_ANONYMOUS = _column(
    "anonymous_id", "string", "the browser's or device's id where an event named no customer"
)

ORDERS = CanonicalTable(
    name="orders",
    grain="one row per order line; returns and cancellations are lines of their own",
    time_column="ordered_at",
    columns=(
        *_ROW,
        _column("order_id", "string", "the basket, invoice or receipt", required=True),
        _column("customer_id", "string", "who bought; null when not known"),
        _ANONYMOUS,
        _column("product_id", "string", "what was bought"),
        _column("ordered_at", "timestamp", "when, UTC", required=True),
        _column("quantity", "double", "units; always >= 0, the direction is in `kind`", required=True),
        _column("amount", "double", "paid for the line, in the workspace's currency; null when not known"),
        _column("discount", "double", "taken off the line, >= 0; null when not known"),
        _column("kind", "string", "sale, return or cancelled", required=True),
        _column("category", "string", "the product's category, where the order file itself names it"),
        _column("product_name", "string", "the product's name, where the order file itself names it"),
        _column("channel", "string", "web, app, store, phone, ..."),
        _column("store_id", "string", "where"),
        _column("campaign_id", "string", "the campaign or coupon that was used"),
    ),
)
CUSTOMERS = CanonicalTable(
    name="customers",
    grain="one row per customer; name, address and birthday are left out, e-mail and phone are tokens",
    columns=(
        *_ROW,
        _column("customer_id", "string", "who", required=True),
        _column("joined_at", "timestamp", "when the customer joined, UTC"),
        _column("birth_year", "int64", "year of birth"),
        _column("age_group", "string", "age as the source bands it"),
        _column("gender", "string", "as the source says"),
        _column("region", "string", "city, state or postal area"),
        _column("income_group", "string", "income as the source bands it"),
        _column("household_size", "string", "people in the household"),
        _column("traits", "string", "every other attribute, a JSON object of strings"),
        _IDENTIFIERS,
    ),
)
PRODUCTS = CanonicalTable(
    name="products",
    grain="one row per product",
    columns=(
        *_ROW,
        _column("product_id", "string", "which", required=True),
        _column("product_name", "string", "what people call it"),
        _column("category", "string", "the level at which choices are compared"),
        _column("department", "string", "the level above category"),
        _column("brand", "string", "brand"),
        _column("price", "double", "list price in the workspace's currency"),
        _column("unit_cost", "double", "cost of a unit in the workspace's currency"),
        _column("traits", "string", "every other attribute, a JSON object of strings"),
    ),
)
EXPOSURES = CanonicalTable(
    name="exposures",
    grain="one row per customer, thing shown and moment",
    time_column="shown_at",
    columns=(
        *_ROW,
        _column("customer_id", "string", "to whom; null when shown to everybody"),
        _ANONYMOUS,
        _column("product_id", "string", "the product shown"),
        _column("campaign_id", "string", "the campaign it belongs to"),
        _column("shown_at", "timestamp", "when, UTC", required=True),
        _column("channel", "string", "mail, e-mail, web, app, display, ..."),
        _column("kind", "string", "mailer, coupon, display, impression, view, click"),
        _column("position", "double", "rank in the list shown, 1 is first"),
        _column("decision_id", "string", "the decision that showed it, where one did"),
    ),
)
FEEDBACK = CanonicalTable(
    name="feedback",
    grain="one row per answer, review or complaint",
    time_column="given_at",
    columns=(
        *_ROW,
        _column("customer_id", "string", "who; null when anonymous"),
        _ANONYMOUS,
        _column("product_id", "string", "about what"),
        _column("order_id", "string", "about which order"),
        _column("given_at", "timestamp", "when, UTC; null when the source does not say"),
        _column("kind", "string", "csat, nps, ces or review", required=True),
        _column("score", "double", "the score as given"),
        _column("scale_max", "double", "the best score of its scale"),
        _column("text", "string", "the words as given"),
        _column("aspect", "string", "what the score is about; null for the whole"),
    ),
)
EVENTS = CanonicalTable(
    name="events",
    grain="one row per event that a client, a connector or a service sent; what it sent again is not here",
    time_column="occurred_at",
    columns=(
        *_ROW,
        _column("source", "string", "the source that delivered it", required=True),
        _column("message_id", "string", "the client's own id of the event", required=True),
        _column("type", "string", "track, identify, page, screen, group or alias", required=True),
        _column("name", "string", "the event's name, or the page's or screen's"),
        _column(
            "occurred_at", "timestamp", "when, UTC, after the client's clock is corrected", required=True
        ),
        _column("said_at", "timestamp", "when, by the client's own clock"),
        _column("sent_at", "timestamp", "when the client sent it, by its own clock"),
        _column("received_at", "timestamp", "when it arrived here, UTC", required=True),
        _column(
            "customer_id",
            "string",
            "the user id that came with it; null before sign-in, and where it is unsigned",
        ),
        _column("anonymous_id", "string", "the browser's or device's own id"),
        _column("previous_id", "string", "of alias: the id that the customer had before"),
        _column("claimed_id", "string", "a user id without the signature that its source asks for"),
        _column("channel", "string", "web, app, store, service, ..."),
        _column("purposes", "string", "what it may be used for, names of purposes between spaces"),
        _column("product_id", "string", "the product it is about, if one"),
        _column("category", "string", "the category it is about"),
        _column("order_id", "string", "the order it is about"),
        _column("decision_id", "string", "the decision that led to it"),
        _column("campaign_id", "string", "the campaign or promotion that led to it"),
        _column("query", "string", "the words searched for"),
        _column("price", "double", "price of a unit in `currency`"),
        _column("quantity", "double", "units"),
        _column("value", "double", "total or revenue of the event in `currency`"),
        _column("currency", "string", "ISO 4217 code as sent"),
        _column("score", "double", "rating of a review or answer of a survey, as sent"),
        _column("url", "string", "the page's address without query and fragment"),
        _column("referrer", "string", "the host that led to the page"),
        _column("title", "string", "the page's title"),
        _column("properties", "string", "all properties, a JSON object"),
        _column("traits", "string", "all traits, a JSON object"),
        _column("context", "string", "the rest of the context (library, device, locale, ...), a JSON object"),
        _IDENTIFIERS,
        _column("bucket", "int64", "hash of the customer, or else of the anonymous id, modulo 64"),
    ),
)

CANONICAL: dict[str, CanonicalTable] = {
    table.name: table for table in (ORDERS, CUSTOMERS, PRODUCTS, EXPOSURES, FEEDBACK, EVENTS)
}
