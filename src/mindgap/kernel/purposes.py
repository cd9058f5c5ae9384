"""Why customer data may be read. Every customer-level read names one of these."""

from enum import StrEnum


class Purpose(StrEnum):
    """A purpose of processing, as it appears in consent receipts and in the access record.

    OPERATIONS covers what serving an order needs and market figures without persons; a customer cannot
    withdraw it. All others can be withdrawn, each by itself (GDPR 5(1)(b), 21; PIPL 6, 14-16, 24).
    """

    OPERATIONS = "operations"
    ANALYTICS = "analytics"
    PERSONALIZATION = "personalization"
    MARKETING = "marketing"
    SERVICE = "service"
    PRIVACY = "privacy"


WITHDRAWABLE = (Purpose.ANALYTICS, Purpose.PERSONALIZATION, Purpose.MARKETING, Purpose.SERVICE)
