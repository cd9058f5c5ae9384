"""What people call their columns, in English and Chinese, and how well a name fits a field."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from mindgap.trust.identifiers import IdentifierKind

EXACT, PARTIAL = 0.95, 0.7
_MOST_NAMES, _LONGEST_NAME = 20_000, 200
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BREAKS = re.compile(r"[^0-9a-z\u3400-\u9fff%]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The data file synonyms.toml.

    Attributes:
        fields: By table kind, then by field: the names that people use, normalised.
        identifiers: Names of columns that name a person directly.
        identifying: By kind of identifier: the names of what is compared by tokens; they are identifiers too.
        free_text: Names of what holds a person's own words.
        spoken: Names of what holds them only in events whose names hold one of `spoken_in`.
        spoken_in: Parts of such events' names.
        kinds: By table kind: words that file names and columns of that kind hold.
        words: By list name: values with a meaning, such as those of an order status.
    """

    fields: Mapping[str, Mapping[str, tuple[str, ...]]]
    identifiers: tuple[str, ...]
    identifying: Mapping[IdentifierKind, tuple[str, ...]]
    free_text: tuple[str, ...]
    spoken: tuple[str, ...]
    spoken_in: tuple[str, ...]
    kinds: Mapping[str, tuple[str, ...]]
    words: Mapping[str, tuple[str, ...]]


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary, read once."""
    text = (resources.files("mindgap.collect.files") / "synonyms.toml").read_text("utf-8")
    data = tomllib.loads(text)
    shared = data["shared"]
    fields = {
        kind: {
            field: tuple(normalised(name) for name in (shared[names] if isinstance(names, str) else names))
            for field, names in given.items()
        }
        for kind, given in data["fields"].items()
    }
    identifying = {kind: _normalised(names) for kind, names in data["identifying"].items()}
    named = (
        *data["identifiers"]["names"],
        *(name for names in data["identifying"].values() for name in names),
    )
    return Vocabulary(
        fields=fields,
        identifiers=_normalised(dict.fromkeys(named)),
        identifying=identifying,
        free_text=_normalised(data["free_text"]["names"]),
        spoken=_normalised(data["free_text"]["spoken"]),
        spoken_in=tuple(data["free_text"]["spoken_in"]),
        kinds={kind: tuple(words) for kind, words in data["kinds"].items()},
        words={name: tuple(words) for name, words in data["words"].items()},
    )


def _normalised(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(normalised(name) for name in names)


def normalised(name: str) -> str:
    """A column name as lower-case words.

    >>> normalised("InvoiceNo."), normalised("CustomerID"), normalised(" 下单 时间(UTC)")
    ('invoice no', 'customer id', '下单时间 utc')
    """
    split = _CAMEL.sub(" ", unicodedata.normalize("NFKC", name))
    words = _BREAKS.sub(" ", split.lower()).strip()
    return re.sub(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])", "", words)


def fit(column: str, names: tuple[str, ...]) -> float:
    """How well a normalised column name fits the names of a field, 0 to 1."""
    tight = column.replace(" ", "")
    best = 0.0
    for name in names:
        if tight == name.replace(" ", ""):
            return EXACT
        if _within(name, column):
            best = max(best, PARTIAL * (0.6 + 0.4 * len(name) / len(column)))
    return best


def _within(name: str, column: str) -> bool:
    if _CHINESE.search(name):
        return name in column
    return f" {name} " in f" {column} "


@cache
def _known_names() -> frozenset[str]:
    words = vocabulary()
    return frozenset(
        name.replace(" ", "")
        for names in (
            *(names for kind in words.fields.values() for names in kind.values()),
            words.identifiers,
        )
        for name in names
    )


def is_known_name(name: str) -> bool:
    """Whether people use this name for a column of any kind."""
    return normalised(name).replace(" ", "") in _known_names()


@lru_cache(maxsize=_MOST_NAMES)
def tight(name: str) -> str:
    """A name without spaces, as it is compared where it must be the same and not only fit.

    >>> tight("firstName"), tight("First name")
    ('firstname', 'firstname')
    """
    return normalised(name[:_LONGEST_NAME]).replace(" ", "")


@lru_cache
def tight_names(names: tuple[str, ...]) -> frozenset[str]:
    """Normalised names without spaces."""
    return frozenset(name.replace(" ", "") for name in names)
