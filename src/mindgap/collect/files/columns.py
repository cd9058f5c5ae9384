"""Recognising a file's table kind and columns, by name and content; what a person says always wins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from mindgap.collect.files.contents import Contents
from mindgap.collect.files.fields import (
    CONTENT_ONLY,
    NUMBER_FIELDS,
    TIME_FIELDS,
    confidence,
    fields_of,
    fits_by_content,
    identifier_kind,
    is_free_text,
    is_named_after_a_person,
    names_a_person,
)
from mindgap.collect.files.kinds import kind_score
from mindgap.collect.files.options import TABLE_KINDS, Note, Question, TableKind
from mindgap.collect.files.synonyms import EXACT, normalised
from mindgap.kernel.errors import MappingError

Why = Literal["said", "name", "part of the name", "content"]
_SURE = 0.6
_CLOSE = 0.1
_NEVER_PERSONAL = frozenset({*TIME_FIELDS, *NUMBER_FIELDS, "order_id", "product_id"})
_ENOUGH = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Which column a field is taken from.

    Attributes:
        field: The canonical field.
        column: The column's label.
        confidence: 0 to 1; 1 when a person said so.
        why: What speaks for it.
    """

    field: str
    column: str
    confidence: float
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """What a file's columns were taken for.

    Attributes:
        kind: The kind of table.
        guesses: One per field that was found.
        left_out: Columns that identify a person directly, or hold notes about one; of some, tokens are kept.
        unused: Columns that mean nothing to this kind of table, or become traits.
        pseudonyms: Columns that name a customer directly and are hashed instead.
        questions: What a person should decide.
        notes: What was done that a person should know.
    """

    kind: TableKind
    guesses: tuple[Guess, ...]
    left_out: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    pseudonyms: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[Note, ...] = ()

    def column(self, field: str) -> str | None:
        """The column of a field; None when it was not found."""
        return next((guess.column for guess in self.guesses if guess.field == field), None)


def recognise(
    columns: Mapping[str, Contents],
    *,
    kind: TableKind | None = None,
    overrides: Mapping[str, str] | None = None,
    file_name: str = "",
) -> Recognition:
    """Take a file's columns for the fields of a table.

    Args:
        columns: What each column holds, by label, in order.
        kind: The kind of table when a person has said it.
        overrides: Column by field, as a person has said it; an empty column leaves the field out.
        file_name: Its words hint at the kind.

    Raises:
        MappingError: An override names no field or no column, or no kind of table fits.
    """
    said = overrides or {}
    scored = _scored(columns, said, kind=kind, file_name=file_name)
    chosen: TableKind = max(scored, key=lambda each: scored[each])
    if kind is None and scored[chosen] < _ENOUGH:
        raise MappingError(
            f"The columns of {file_name} were not recognised: {', '.join(columns)}.",
            hint="Say what it is with --as KIND and --map FIELD=COLUMN.",
        )
    guesses = _guess(chosen, columns, said, strict=True)
    taken = {guess.column: guess.field for guess in guesses}
    pseudonyms = tuple(
        label
        for label, field in taken.items()
        if field == "customer_id"
        and identifier_kind(label) != "loyalty_card"  # a shop's own number, and often the only one
        and names_a_person(label, columns[label])
    )
    left_out = tuple(
        label
        for label, contents in columns.items()
        if label not in taken
        and (names_a_person(label, contents) or (chosen == "customers" and is_free_text(label, spoken=True)))
    )
    return Recognition(
        kind=chosen,
        guesses=guesses,
        left_out=left_out,
        unused=tuple(label for label in columns if label not in taken and label not in left_out),
        pseudonyms=pseudonyms,
        questions=(*_kind_questions(scored, chosen), *_column_questions(chosen, guesses, columns)),
        notes=_notes(chosen, left_out, pseudonyms, has_customer="customer_id" in taken.values()),
    )


def _scored(
    columns: Mapping[str, Contents], said: Mapping[str, str], *, kind: TableKind | None, file_name: str
) -> dict[TableKind, float]:
    """How well each kind of table fits; of one that a person has said, that one alone."""
    scored: dict[TableKind, float] = {}
    for each in (kind,) if kind else TABLE_KINDS:
        tried = _guess(each, columns, said, strict=kind is not None)
        found = {guess.field: (guess.confidence, columns[guess.column]) for guess in tried}
        scored[each] = kind_score(each, found, sells=_sells(columns), file_name=file_name)
    return scored


def _sells(columns: Mapping[str, Contents]) -> bool:
    """Whether a column holds quantities, which only orders have."""
    return any(confidence("orders", "quantity", label, columns[label]) > _SURE for label in columns)


def _guess(
    kind: TableKind, columns: Mapping[str, Contents], overrides: Mapping[str, str], *, strict: bool
) -> tuple[Guess, ...]:
    """Assign columns to fields, the surest pair first; each column and each field once."""
    said = _said(kind, columns, overrides, strict=strict)
    found = {
        field: Guess(field=field, column=label, confidence=1.0, why="said")
        for field, label in said.items()
        if label
    }
    pairs = sorted(
        (
            (_pair_confidence(kind, field, label, columns), field, label)
            for field in fields_of(kind)
            for label in columns
        ),
        key=lambda pair: -pair[0],
    )
    used = {guess.column for guess in found.values()}
    for sure, field, label in pairs:
        if sure > 0 and field not in said and field not in found and label not in used:
            why: Why = "name" if sure >= EXACT * 0.9 else "part of the name"
            found[field] = Guess(field=field, column=label, confidence=round(sure, 2), why=why)
            used.add(label)
    if kind == "orders":
        _drop_order_total(found)
        found |= _by_content(columns, {*found, *said}, used)
    order = fields_of(kind)
    return tuple(sorted(found.values(), key=lambda guess: order.index(guess.field)))


def _drop_order_total(found: dict[str, Guess]) -> None:
    """A total of the whole order, repeated on its lines, gives way to a price per unit."""
    amount = found.get("amount")
    if amount and amount.why != "said" and "unit_price" in found:
        name = normalised(amount.column)
        if any(word in name for word in ("order", "grand", "订单")):
            del found["amount"]


def _pair_confidence(kind: TableKind, field: str, label: str, columns: Mapping[str, Contents]) -> float:  # noqa: PLR0917 - a point in a grid
    sure = confidence(kind, field, label, columns[label])
    if sure >= EXACT and (kind == "products" or field == "customer_id"):
        return sure
    personal = is_named_after_a_person if field in _NEVER_PERSONAL else names_a_person
    return 0.0 if personal(label, columns[label]) else sure


def _by_content(columns: Mapping[str, Contents], known: set[str], used: set[str]) -> dict[str, Guess]:
    """What cells alone suggest, for files without telling names; always asked about."""
    found: dict[str, Guess] = {}
    for field in ("ordered_at", "amount", "quantity", "customer_id"):
        if field in known or (field == "amount" and "unit_price" in known):
            continue
        if field == "customer_id" and not all(label.startswith("column_") for label in columns):
            continue
        taken = used | {guess.column for guess in found.values()}
        free = [
            label for label in columns if label not in taken and not names_a_person(label, columns[label])
        ]
        fitting = [label for label in free if fits_by_content(field, columns[label])]
        if fitting:
            label = (
                min(fitting, key=lambda each: columns[each].distinct) if field == "quantity" else fitting[0]
            )
            found[field] = Guess(field=field, column=label, confidence=CONTENT_ONLY, why="content")
    return found


def _said(
    kind: TableKind, columns: Mapping[str, Contents], overrides: Mapping[str, str], *, strict: bool
) -> dict[str, str]:
    """Overrides with the columns' own spelling."""
    spelling = {label.strip().lower(): label for label in columns}
    found: dict[str, str] = {}
    for field, label in overrides.items():
        if field not in fields_of(kind):
            if not strict:
                continue
            raise MappingError(
                f"{kind} has no field {field!r}.", hint=f"Fields: {', '.join(fields_of(kind))}."
            )
        if label and label.strip().lower() not in spelling:
            near = get_close_matches(label, list(columns), n=1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            raise MappingError(f"There is no column {label!r}.", hint=f"{hint}Columns: {', '.join(columns)}.")
        found[field] = spelling[label.strip().lower()] if label else ""
        own = field == "customer_id" or kind == "products"
        if label and not own and names_a_person(found[field], columns[found[field]]):
            raise MappingError(
                f"{label!r} identifies a person directly.",
                hint="Only customer_id may take it; it is then hashed.",
            )
    return found


def _kind_questions(scored: Mapping[TableKind, float], chosen: TableKind) -> tuple[Question, ...]:
    close = [
        kind for kind in scored if kind != chosen and scored[kind] > max(_ENOUGH, scored[chosen] - _CLOSE)
    ]
    if not close:
        return ()
    params = {"kind": chosen, "others": ", ".join(close)}
    return (Question(code="collect-ask-kind", params=params, setting="kind", choices=(chosen, *close)),)


def _column_questions(
    kind: TableKind, guesses: Sequence[Guess], columns: Mapping[str, Contents]
) -> tuple[Question, ...]:
    """Doubtful columns: little confidence, or another free column that fits nearly as well."""
    used = {guess.column for guess in guesses}
    found: list[Question] = []
    for guess in guesses:
        if guess.why == "said":
            continue
        rivals = [
            label
            for label in columns
            if label not in used
            and _pair_confidence(kind, guess.field, label, columns) > guess.confidence - _CLOSE
        ]
        if guess.confidence < _SURE or rivals:
            params = {"field": guess.field, "column": guess.column, "confidence": guess.confidence}
            found.append(
                Question(
                    code="collect-ask-column",
                    params=params,
                    setting=f"map:{guess.field}",
                    choices=(guess.column, *rivals, *([""] if not rivals else [])),
                )
            )
    return tuple(found)


def _notes(
    kind: TableKind, left_out: Sequence[str], pseudonyms: Sequence[str], *, has_customer: bool
) -> tuple[Note, ...]:
    found: list[Note] = []
    compared = [label for label in left_out if kind == "customers" and identifier_kind(label)]
    unread = [label for label in left_out if label not in compared]
    if unread:
        found.append(Note(code="collect-left-out", params={"columns": ", ".join(unread)}))
    if compared:
        found.append(Note(code="collect-tokens-only", params={"columns": ", ".join(compared)}))
    if left_out and not has_customer:
        found.append(Note(code="collect-customer-only-by-name", params={"columns": ", ".join(left_out)}))
    if pseudonyms:
        found.append(Note(code="collect-pseudonym", params={"column": pseudonyms[0]}))
    return tuple(found)
