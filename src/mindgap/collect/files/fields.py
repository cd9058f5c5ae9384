"""Which fields each kind of table has, and how well a column's name and cells fit one."""

from collections.abc import Callable
from functools import lru_cache

from mindgap.collect.files.contents import Contents
from mindgap.collect.files.options import TableKind
from mindgap.collect.files.synonyms import fit, normalised, tight, tight_names, vocabulary
from mindgap.trust.identifiers import IdentifierKind

CONTENT_ONLY = 0.45
"""Confidence in a column that only its cells speak for."""
_AGREES, _DISAGREES = 1.0, 0.4
_MOST_NAMES = 20_000
_MOSTLY, _NEARLY_ALL = 0.5, 0.9
_SERIAL_DAYS = (20_000, 80_000)
_YEARS = (1900, 2030)

TIME_FIELDS = frozenset({"ordered_at", "joined_at", "shown_at", "given_at"})
NUMBER_FIELDS = frozenset(
    {"quantity", "amount", "unit_price", "discount", "price", "unit_cost", "score", "scale_max", "position"}
)
ID_FIELDS = frozenset({"customer_id", "product_id", "order_id", "store_id", "campaign_id"})


def fields_of(kind: TableKind) -> tuple[str, ...]:
    """The fields that columns of a kind of table can be mapped to."""
    return tuple(vocabulary().fields[kind])


def confidence(kind: TableKind, field: str, label: str, contents: Contents) -> float:  # noqa: PLR0917 - a point in a grid of kind, field and column
    """How likely a column is a field, 0 to 1, by its name, doubted where its cells disagree."""
    name, names = normalised(label), vocabulary().fields[kind][field]
    by_name = fit(name, names)
    if by_name == 0 or (field in ID_FIELDS and not name.endswith(names)):
        return 0.0  # a user's time zone is no user: an id's name ends with what it numbers
    if contents.filled == 0:
        return by_name * _DISAGREES
    check = _CHECKS.get(field)
    return by_name * (_AGREES if check is None or check(contents) else _DISAGREES)


def fits_by_content(field: str, contents: Contents) -> bool:
    """Whether the cells alone make a column a likely date, amount, quantity or customer of an order file."""
    check = _CONTENT_CHECKS.get(field)
    return check is not None and contents.filled > _MOSTLY and check(contents)


def names_a_person(label: str, contents: Contents) -> bool:
    """Whether a column holds names, addresses, phone numbers and the like, by its name or its cells."""
    return is_named_after_a_person(label, contents) or contents.contact > _MOSTLY


def is_named_after_a_person(label: str, contents: Contents) -> bool:
    """The same by its name alone.

    A telling word within a longer name is not enough where there are few values, as in `phone_service`.
    """
    name = normalised(label)
    telling = fit(name, _TELLING) > 0 and len(contents.values) > _FEW
    return fit(name, vocabulary().identifiers) > _NEARLY_ALL or telling


@lru_cache(maxsize=_MOST_NAMES)
def is_free_text(name: str, *, spoken: bool) -> bool:
    """Whether a name says that its value is in somebody's own words."""
    words = vocabulary()
    own = tight(name)
    return own in tight_names(words.free_text) or (spoken and own in tight_names(words.spoken))


@lru_cache(maxsize=_MOST_NAMES)
def identifier_kind(name: str) -> IdentifierKind | None:
    """Of which kind what stands under a name is; None where it is no identifier that is compared."""
    own = tight(name)
    for kind, names in vocabulary().identifying.items():
        if own in tight_names(names):
            return kind
    return None


_FEW = 10
_TELLING = (
    *("email", "e mail", "phone", "mobile", "telephone", "address", "passport", "ssn"),
    *("手机", "电话", "邮箱", "地址", "身份证", "姓名", "收货人", "银行卡"),
)


def _is_time(seen: Contents) -> bool:
    serial = (
        seen.number > _NEARLY_ALL and seen.smallest >= _SERIAL_DAYS[0] and seen.largest <= _SERIAL_DAYS[1]
    )
    return seen.date > _MOSTLY or seen.epoch > _MOSTLY or serial


def _is_number(seen: Contents) -> bool:
    return seen.number > _MOSTLY and seen.date < _MOSTLY


def _is_id(seen: Contents) -> bool:
    compact = seen.date > _MOSTLY and seen.integer > _NEARLY_ALL  # 20240305 may number an order
    return (seen.date < _MOSTLY or compact) and seen.fraction < 1 - _NEARLY_ALL and not seen.is_prose


def _is_name(seen: Contents) -> bool:
    return seen.number < _MOSTLY and seen.date < _MOSTLY


def _is_birth(seen: Contents) -> bool:
    year = seen.smallest >= _YEARS[0] and seen.largest <= _YEARS[1]
    return seen.date > _MOSTLY or (year and seen.number > _MOSTLY)


def _is_status(seen: Contents) -> bool:
    words = vocabulary().words
    return bool(seen.values & {*words["returned"], *words["cancelled"], *words["flags"]})


def _is_price_like(seen: Contents) -> bool:
    return seen.number > _NEARLY_ALL and seen.fraction > 1 - _NEARLY_ALL and seen.date < _MOSTLY


def _is_count_like(seen: Contents) -> bool:
    small = seen.largest < 1000 and seen.distinct < _MOSTLY and seen.length < 4  # noqa: PLR2004 - few buy a thousand of a thing
    return seen.integer > _NEARLY_ALL and seen.date < _MOSTLY and small


def _is_key_like(seen: Contents) -> bool:
    return _is_id(seen) and seen.length >= 2 and not _is_count_like(seen) and 0 < seen.distinct < 1  # noqa: PLR2004 - a key has two signs


_CHECKS: dict[str, Callable[[Contents], bool]] = {
    **dict.fromkeys(TIME_FIELDS, _is_time),
    **dict.fromkeys(NUMBER_FIELDS, _is_number),
    **dict.fromkeys(ID_FIELDS, _is_id),
    "product_name": _is_name,
    "text": _is_name,
    "birth_year": _is_birth,
    "status": _is_status,
    "time_of_day": lambda seen: seen.clock > _MOSTLY,
    "age_group": lambda seen: seen.date < _MOSTLY,
}
_CONTENT_CHECKS: dict[str, Callable[[Contents], bool]] = {
    "ordered_at": lambda seen: seen.date > _NEARLY_ALL,
    "amount": _is_price_like,
    "quantity": _is_count_like,
    "customer_id": _is_key_like,
}
