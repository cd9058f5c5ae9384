"""What events mean, by their names in lower case: those of the ecommerce spec (v2) and of service tools."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Meant:
    """What an event of some name means.

    Attributes:
        step: The step of a visit that it is; empty for none.
        meaning: What it tells canonical tables: completed, updated, refunded or cancelled of an order, shown,
            or feedback; empty for nothing.
        kind: The kind of the canonical row.
    """

    step: str = ""
    meaning: str = ""
    kind: str = ""


EVENT_NAMES: Mapping[str, Meant] = {
    "product list viewed": Meant("list", "shown", "impression"),
    "product list filtered": Meant("list", "shown", "impression"),
    "product viewed": Meant("view", "shown", "view"),
    "viewed product": Meant("view", "shown", "view"),
    "product clicked": Meant("click", "shown", "click"),
    "product added": Meant("cart", "shown", "click"),
    "product removed": Meant("uncart"),
    "product added to wishlist": Meant("wish", "shown", "click"),
    "checkout started": Meant("checkout"),
    "order completed": Meant("order", "completed"),
    "completed order": Meant("order", "completed"),
    "order updated": Meant(meaning="updated"),
    "order refunded": Meant(meaning="refunded"),
    "order cancelled": Meant(meaning="cancelled"),
    "order canceled": Meant(meaning="cancelled"),
    "products searched": Meant("search"),
    "promotion viewed": Meant("promotion", "shown", "impression"),
    "promotion clicked": Meant("promotion_click", "shown", "click"),
    "product reviewed": Meant("review", "feedback", "review"),
    "nps answered": Meant("survey", "feedback", "nps"),
    "nps submitted": Meant("survey", "feedback", "nps"),
    "csat answered": Meant("survey", "feedback", "csat"),
    "csat submitted": Meant("survey", "feedback", "csat"),
    "ces answered": Meant("survey", "feedback", "ces"),
    "ces submitted": Meant("survey", "feedback", "ces"),
    "survey answered": Meant("survey", "feedback", "survey"),
    "survey completed": Meant("survey", "feedback", "survey"),
    "survey submitted": Meant("survey", "feedback", "survey"),
    "ticket created": Meant("contact"),
    "conversation started": Meant("contact"),
    "call received": Meant("contact"),
    "page left": Meant("left"),
}
"""Of tracked events; pages and screens are the step `page`."""
