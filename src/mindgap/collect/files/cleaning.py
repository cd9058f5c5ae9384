"""From raw cells to canonical rows: one SQL text per source, made of named steps.

    trimmed every column that is read, without blanks around
    cells   every field as text, null where there is nothing (typed columns as they are)
    parsed  figures and moments beside their texts
    judged  the first fault of a row, if any
    told    canonical values
    rows    the same with ``row_id``

A row is used or quarantined as a whole. Quarantined: no or unreadable date where the table needs one, a
date before 1980 or more than a day ahead, an unreadable figure of an order, no key where the table needs
one. Kept with a null: an unknown customer or product of an order, and optional cells that cannot be read,
which are counted. Returns, refunds and credit notes (negative figures, order ids such as C1234 among plain
numbers, status words) become lines of kind ``return`` with positive figures: they reverse an earlier line.
Cancelled and unpaid orders, known by their status only, become lines of kind ``cancelled``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mindgap.collect.files import expressions as sql
from mindgap.collect.files.facts import Cell, Decisions, Reading
from mindgap.collect.files.fields import ID_FIELDS, NUMBER_FIELDS, TIME_FIELDS
from mindgap.collect.files.orders import order_values
from mindgap.kernel.quoting import literal
from mindgap.kernel.tables import CANONICAL, CanonicalTable
from mindgap.store.importing import RawType

EARLIEST = datetime(1980, 1, 1)
_LONG_AGO = datetime(1900, 1, 1)
_OPTIONAL_TIMES = frozenset({"joined_at", "given_at"})
SLACK = timedelta(days=1)
"""How far ahead a moment may lie: local times taken for UTC run ahead by less than a day."""
_KEYS = {"customers": ("customer_id", "no_customer"), "products": ("product_id", "no_product")}
_PERSONAL = frozenset({"customer_id", "text", "birth_year"})
_ONLY_FROM_EVENTS = frozenset({"anonymous_id", "decision_id", "identifiers"})
"""Columns that no mapped cell fills; without them a row keeps the id that it had before there were any."""
_SQL_TYPES = {
    "string": "varchar",
    "double": "double",
    "int64": "bigint",
    "bool": "boolean",
    "timestamp": "timestamp",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A reason to quarantine a row.

    Attributes:
        reason: Its code.
        field: The field at fault; empty for the whole row.
        condition: SQL that is true for such rows.
    """

    reason: str
    field: str
    condition: str


def cleaning_query(reading: Reading, decisions: Decisions, *, now: datetime) -> str:
    """The query from `raw` to canonical rows, for `store.importing.WritePlan`.

    Args:
        reading: What is read, and as what.
        decisions: How cells are read.
        now: The present, naive UTC.
    """
    table = CANONICAL[reading.kind]
    values = _values(reading, decisions, table)
    faults = _faults(reading, now)
    told = [
        f"{values.get(column.name, 'null')}::{_SQL_TYPES[column.type]} as {column.name}"
        for column in table.columns[1:]
    ]
    meaning = [
        column.name if column.name in values else ""
        for column in table.columns[1:]
        if column.name not in _ONLY_FROM_EVENTS or column.name in values
    ]
    columns = ", ".join(_kept(column.name, reading) for column in table.columns)
    return (
        f"with trimmed as (select source_row, {_listed(_trimmed(reading))} from raw),\n"
        f" cells as (select source_row, {_listed(_cells(reading))} from trimmed),\n"
        f" parsed as (select *, {_listed(_parsed(reading, decisions, now))} from cells),\n"
        f" judged as (select *, {_fault(reading, faults)} as fault from parsed),\n"
        f" told as (select source_row, fault, {_listed(told)},"
        f" case when fault is null then {_unread(reading)} else 0 end as unread,"
        f" case when fault is not null then {_cells_as_json(reading)} end as cells from judged),\n"
        f" rows as (select *, {sql.fingerprint(meaning)} as row_id from told)\n"
        f"select {columns}, source_row, nullif(split_part(fault, chr(31), 1), '') as reason,"
        " nullif(split_part(fault, chr(31), 2), '') as reason_column, cells, unread from rows"
    )


def _kept(column: str, reading: Reading) -> str:
    """A column as it is kept: words of a customer sealed, when what the row means has been worked out."""
    if reading.kind == "feedback" and column == "text" and "text" in reading.cells:
        return "sealed_words(customer_id, text) as text"
    return column


def _listed(parts: list[str]) -> str:
    return ", ".join(parts)


def _trimmed(reading: Reading) -> list[str]:
    told = [cell for _, cell in reading.identifiers]
    cells = {cell.name: cell for cell in (*reading.cells.values(), *reading.traits, *told)}
    return [
        f"{sql.trimmed(cell.name) if cell.type == 'text' else cell.name} as {cell.name}"
        for cell in cells.values()
    ] or ["null as nothing_trimmed"]


def _cells(reading: Reading) -> list[str]:
    found = [f"{_cell(field, cell, reading)} as t_{field}" for field, cell in reading.cells.items()]
    found += [f"{sql.text(cell.name, cell.type)} as trait_{at}" for at, cell in enumerate(reading.traits)]
    found += [
        f"{sql.text(cell.name, cell.type)} as identifier_{at}"
        for at, (_, cell) in enumerate(reading.identifiers)
    ]
    return found or ["null as nothing"]


def _cell(field: str, cell: Cell, reading: Reading) -> str:
    kind = _type(reading, field)
    if field == "customer_id":
        named = sql.identifier(cell.name, kind)
        known = f"case when not {sql.is_word(named, 'nobody')} then {named} end"
        return sql.pseudonym(known) if reading.pseudonym else known
    if field in ID_FIELDS:
        return sql.identifier(cell.name, kind)
    if field in TIME_FIELDS and "time_of_day" in reading.cells:
        return _day_and_clock(cell, reading.cells["time_of_day"])
    if kind != "text" and field in NUMBER_FIELDS | TIME_FIELDS:
        return cell.name
    return sql.text(cell.name, kind)


def _type(reading: Reading, field: str) -> RawType:
    joined = field in TIME_FIELDS and "time_of_day" in reading.cells
    return "text" if joined else reading.cells[field].type


def _day_and_clock(day: Cell, clock: Cell) -> str:
    date = f"regexp_replace({sql.text(day.name, day.type)}, '[ T]0?0:00(:00(\\.0+)?)?$', '')"
    time = sql.text(clock.name, clock.type)
    return f"case when contains({date}, ':') then {date} else {date} || coalesce(' ' || {time}, '') end"


def _parsed(reading: Reading, decisions: Decisions, now: datetime) -> list[str]:
    """Figures as ``n_<field>``, moments as ``m_<field>``."""
    found = ["0 as nothing_parsed"]
    for field in reading.cells:
        kind, text = _type(reading, field), f"t_{field}"
        if field in NUMBER_FIELDS:
            if field == "score" and kind == "text":
                text = f"regexp_replace({text}, '\\s*(/\\s*\\d+|out of \\d+|stars?|星|分)$', '')"
            found.append(f"{sql.number(text, kind, decimal_comma=decisions.decimal_comma)} as n_{field}")
        if field in TIME_FIELDS or field == "birth_year":
            zone = "UTC" if field == "birth_year" else reading.options.time_zone
            moment = sql.moment(text, kind, day_first=decisions.day_first, time_zone=zone)
            found.append(f"{_possible(moment, now) if field in _OPTIONAL_TIMES else moment} as m_{field}")
    return found


def _possible(moment: str, now: datetime) -> str:
    """An optional moment, null where it cannot be."""
    return (
        f"case when {moment} between timestamp '{_LONG_AGO}' and timestamp '{now + SLACK}' then {moment} end"
    )


def _values(reading: Reading, decisions: Decisions, table: CanonicalTable) -> dict[str, str]:
    """SQL for each canonical column, over `parsed`."""
    plain: dict[str, str] = {}
    for column in table.columns:
        if column.name in reading.cells:
            start = {"double": "n", "timestamp": "m"}.get(column.type, "t")
            plain[column.name] = f"{start}_{column.name}"
    match reading.kind:
        case "orders":
            return plain | order_values(reading, decisions)
        case "customers" | "products":
            if "birth_year" in reading.cells:
                plain["birth_year"] = _birth_year()
            told = {"identifiers": _tokens(reading)} if reading.identifiers else {}
            return plain | told | ({"traits": _traits(reading)} if reading.traits else {})
        case "exposures":
            return plain | ({"kind": "lower(t_kind)"} if "kind" in reading.cells else {})
        case "feedback":
            return plain | _feedback_values(reading, decisions)


def _birth_year() -> str:
    whole = "regexp_full_match(t_birth_year::varchar, '(19|20)\\d\\d(\\.0)?')"
    return f"case when {whole} then left(t_birth_year::varchar, 4)::bigint else year(m_birth_year) end"


def _tokens(reading: Reading) -> str:
    """Tokens of a row's identifiers, each once, in order."""
    told = ", ".join(
        f"identifier_token({literal(kind)}, identifier_{at})"
        for at, (kind, _) in enumerate(reading.identifiers)
    )
    return f"nullif(array_to_string(list_sort(list_distinct([{told}])), ' '), '')"


def _traits(reading: Reading) -> str:
    pairs = ", ".join(f"{literal(cell.label)}, trait_{at}" for at, cell in enumerate(reading.traits))
    return f"nullif(json_merge_patch('{{}}', json_object({pairs}))::varchar, '{{}}')"


def _feedback_values(reading: Reading, decisions: Decisions) -> dict[str, str]:
    known = ", ".join(literal(kind) for kind in ("csat", "nps", "ces", "review"))
    usual = literal(decisions.feedback_kind)
    found = {"kind": f"case when lower(t_kind) in ({known}) then lower(t_kind) else {usual} end"}
    if "kind" not in reading.cells:
        found["kind"] = usual
    if "score" in reading.cells and "scale_max" not in reading.cells:
        found["scale_max"] = f"case when n_score is not null then {decisions.scale_max} end"
    return found


def _faults(reading: Reading, now: datetime) -> list[Fault]:
    """Reasons to quarantine a row, the first that holds counts."""
    cells = reading.cells
    found = [
        Fault(
            reason="empty_line", field="", condition=" and ".join(f"t_{f} is null" for f in cells) or "true"
        )
    ]
    if reading.kind in _KEYS:
        key, reason = _KEYS[reading.kind]
        return [*found, Fault(reason=reason, field=key, condition=f"t_{key} is null")]
    if reading.time_field and reading.kind != "feedback":
        found += _time_faults(reading.time_field, now)
    figures = {"orders": ("quantity", "amount", "unit_price"), "feedback": ("score",)}.get(reading.kind, ())
    if "quantity" in cells:
        found.append(Fault(reason="no_quantity", field="quantity", condition="t_quantity is null"))
    for field in figures:
        if field in cells:
            unread = f"t_{field} is not null and n_{field} is null"
            found.append(Fault(reason="bad_number", field=field, condition=unread))
    if reading.kind == "feedback":
        answers = [f"t_{field} is null" for field in ("score", "text") if field in cells]
        found.append(Fault(reason="no_answer", field="", condition=" and ".join(answers) or "true"))
    return found


def _time_faults(field: str, now: datetime) -> list[Fault]:
    moment = f"m_{field}"
    return [
        Fault(reason="no_date", field=field, condition=f"t_{field} is null"),
        Fault(reason="bad_date", field=field, condition=f"{moment} is null"),
        Fault(reason="date_too_old", field=field, condition=f"{moment} < timestamp '{EARLIEST}'"),
        Fault(reason="date_in_future", field=field, condition=f"{moment} > timestamp '{now + SLACK}'"),
    ]


def _fault(reading: Reading, faults: list[Fault]) -> str:
    """The first fault as ``reason<US>column``; null for a row that can be used."""
    cases = (
        f"when {fault.condition} then {literal(fault.reason)} || chr(31) || "
        + literal(reading.cells[fault.field].label if fault.field else "")
        for fault in faults
    )
    return f"case {' '.join(cases)} end"


def _unread(reading: Reading) -> str:
    """How many optional cells of a row hold something that could not be read."""
    strict = {fault.field for fault in _faults(reading, EARLIEST)}
    parts = ["0"]
    for field in reading.cells:
        if field in (NUMBER_FIELDS | TIME_FIELDS) - strict:
            start = "m" if field in TIME_FIELDS else "n"
            parts.append(f"(t_{field} is not null and {start}_{field} is null)::int")
    return " + ".join(parts)


def _cells_as_json(reading: Reading) -> str:
    """What was read of a row, without what could name a person, for the quarantine."""
    pairs = ", ".join(
        f"{literal(cell.label)}, t_{field}::varchar"
        for field, cell in reading.cells.items()
        if field not in _PERSONAL
    )
    return f"json_object({pairs})::varchar"
