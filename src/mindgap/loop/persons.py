"""Who a person is: all ids and tokens that belong to them and to nobody else."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from mindgap.collect.events.event_row import bucket
from mindgap.kernel.tables import CANONICAL, CUSTOMERS, EVENTS, CanonicalTable
from mindgap.store.engine import Relation
from mindgap.store.persons import SAME_PERSON
from mindgap.store.reading import Stores
from mindgap.store.schema import arrow_schema
from mindgap.store.steady import steady
from mindgap.store.suppression import PERSON_COLUMNS, Name, NameKind
from mindgap.trust.identifiers import VOUCHED, tokens_in

_KINDS: Mapping[str, NameKind] = {"customer": "customer", "anonymous": "device"}
MOST_DEVICES = 1_000
"""So many devices of a customer id go with it: who clears cookies every day has as many in three years.

Who may send events can say an id on any number of devices, and would take as many strangers along.
"""
_COLUMNS = "type, customer_id, anonymous_id, previous_id, identifiers, bucket, occurred_at"
_SAME_CUSTOMER = """
select id, id_kind, person_id from same_person
where person_id = $id
    or person_id in (select person_id from same_person where id = $id and id_kind = 'customer')
order by id_kind, since, id
"""
_SAME_DEVICE = """
select id, id_kind, person_id from same_person
where person_id in (select person_id from same_person where id = $id and id_kind = 'anonymous')
order by id_kind, since, id
"""
_CUSTOMERS_IN_EVENTS = """
select distinct customer_id from events
where array_contains($buckets, bucket) and customer_id in (select text from names)
    and (anonymous_id is null or anonymous_id <> customer_id)
"""
_CUSTOMERS_IN_TABLE = "select distinct customer_id from events where customer_id in (select text from names)"
_OF_CUSTOMERS = """
select distinct customer_id, anonymous_id, identifiers,
    case when type = 'alias' then previous_id end as former
from events where array_contains($buckets, bucket) and customer_id in (select text from names)
"""
_BEST_KNOWN = """
with shown as (
    select customer_id, anonymous_id as device, occurred_at, identifiers from events
    where array_contains($buckets, bucket) and array_contains($people, customer_id)
    union all
    select customer_id, previous_id, occurred_at, identifiers from events
    where array_contains($buckets, bucket) and array_contains($people, customer_id) and type = 'alias'
)
select distinct device from (
    select device, row_number() over (
        partition by customer_id
        order by max(case when identifiers like '%+user_id:%' then 1 else 0 end) desc,
            count(distinct cast(occurred_at as date)) desc, min(occurred_at), device
    ) as nth
    from shown where device in (select text from names) group by customer_id, device
) as ranked
where nth <= $most
"""
_OF_DEVICES = """
select distinct customer_id, anonymous_id, identifiers
from events where anonymous_id in (select text from names)
"""
_SAYING = f"""
select distinct customer_id, anonymous_id, word
from (
    select customer_id, anonymous_id, explode(split(replace(identifiers, '{VOUCHED}', ''), ' ')) as word
    from events where identifiers is not null
) as said
where word in (select text from names)
"""
_IMPORTED = """
select 'identify' as type, customer_id, cast(null as string) as anonymous_id,
    cast(null as string) as previous_id, identifiers, 0 as bucket, cast(null as timestamp) as occurred_at
from people where identifiers is not null
"""


class Theirs(NamedTuple):
    """What else is a person's.

    Attributes:
        names: Devices and tokens.
        devices_left: Devices on which an id of theirs was said, beyond as many as anybody has: they stay.
    """

    names: set[Name]
    devices_left: int


@steady
def known_ids(stores: Stores, one_id: str) -> set[Name]:
    """All ids of a person by the last run; the id itself, whatever it is, where nothing more is known.

    Args:
        stores: The workspace's ports.
        one_id: Any id of theirs.
    """
    rows = _same_person(stores, _SAME_CUSTOMER, one_id)
    if not rows and not customers_among(stores, {one_id}):
        rows = _same_person(stores, _SAME_DEVICE, one_id)
    devices = [row["id"] for row in rows if row["id_kind"] == "anonymous"][:MOST_DEVICES]
    own = set(devices) - customers_among(stores, set(devices) - {one_id})
    found = {Name("device", one_id)} if one_id in own else set(_either(one_id))
    for row in rows:
        if row["id_kind"] == "customer" or row["id"] in own:
            found.add(Name(_KINDS[row["id_kind"]], row["id"]))
        found.update(_either(row["person_id"]))
    return found


def _same_person(stores: Stores, sql: str, one_id: str) -> list[dict[str, Any]]:
    """What a query gives of the last run's table of persons; nothing before there is one."""
    as_of = stores.manifest.as_of()
    entry = None if as_of is None else stores.manifest.entry(SAME_PERSON, as_of)
    if entry is None or not entry.path:
        return []
    relation = Relation(paths=[stores.files.path(entry.path)])
    with stores.lookups.session({SAME_PERSON: relation}) as session:
        return session.table(sql, parameters={"id": one_id}).to_pylist()


def is_forgotten(stores: Stores, one_id: str) -> bool:
    """Whether an id is on the list, in whatever form."""
    return bool(stores.suppression.on_list(_either(one_id)))


def _either(text: str) -> Sequence[Name]:
    return Name("customer", text), Name("device", text)


def more_names(stores: Stores, names: Collection[Name], fresh: pa.Table) -> Theirs:
    """Devices and tokens that rows show with these ids, and with those of nobody else.

    What the last run did not know yet is among them: a sign-in of a minute ago. A device or an identifier
    that others use as well is not this person's alone, and stays. Of very many devices of a customer id only
    those that it is known best by go: where it was vouched for first, then where it was on most days, then
    where it was first.

    Args:
        stores: The workspace's ports.
        names: What is known of them.
        fresh: Rows of `events` that are in no file yet, with tokens: all that name these ids, or devices that
            were seen with them.
    """
    both = {"lake": _rows(stores, EVENTS), "fresh": Relation(rows=fresh)}
    events = Relation(sql=f"select {_COLUMNS} from lake union all select {_COLUMNS} from fresh", inputs=both)
    people = {name.text for name in names if name.kind == "customer"}
    buckets = sorted({bucket(text, None) for text in people})
    of_them = _asked(stores, events, _OF_CUSTOMERS, texts=people, parameters={"buckets": buckets})
    seen = {text for row in of_them for text in (row["anonymous_id"], row["former"]) if text is not None}
    held = {name.text for name in names if name.kind == "device"}
    on_them = _asked(stores, events, _OF_DEVICES, texts=seen | held)
    shared = {row["anonymous_id"] for row in on_them if row["customer_id"] not in {None, *people}}
    alone = seen - shared - _customers_in(stores, events, seen)
    devices = alone
    if len(alone) > MOST_DEVICES:
        asked = {"buckets": buckets, "people": sorted(people), "most": MOST_DEVICES}
        found = _asked(stores, events, _BEST_KNOWN, texts=alone, parameters=asked)
        devices = {row["device"] for row in found} | alone & held
    own = held | devices
    words = _words([*of_them, *(row for row in on_them if row["customer_id"] is None)])
    imported = Relation(sql=_IMPORTED, inputs={"people": _rows(stores, CUSTOMERS)})
    words |= _words(_asked(stores, imported, _OF_CUSTOMERS, texts=people, parameters={"buckets": [0]}))
    saying = [row for rows in (events, imported) for row in _asked(stores, rows, _SAYING, texts=words)]
    foreign = {row["word"] for row in saying if not _is_theirs(row, people, own)}
    found = {Name("device", text) for text in devices} | {
        Name("identifier", text) for text in words - foreign
    }
    return Theirs(found, len(alone - devices))


def devices_of_customers(stores: Stores, devices: Collection[str]) -> set[str]:
    """Which of these devices some customer is known to use."""
    rows = _asked(stores, _rows(stores, EVENTS), _OF_DEVICES, texts=devices)
    return {row["anonymous_id"] for row in rows if row["customer_id"] is not None}


@steady
def customers_among(stores: Stores, texts: Collection[str]) -> set[str]:
    """Which of these are customer ids, by events or by files.

    Whoever may send events may call a device whatever they like, such as another customer.
    """
    return _customers_in(stores, _rows(stores, EVENTS), texts)


@steady
def is_named(stores: Stores, one_id: str) -> bool:
    """Whether a row of any table names this id, of a customer or of a device."""
    for table in CANONICAL.values():
        columns = [one.name for one in table.columns if one.name in PERSON_COLUMNS]
        where = " or ".join(f"{column} in (select text from names)" for column in columns)
        sql = f"select 1 as found from events where {where} limit 1"
        if columns and _asked(stores, _rows(stores, table), sql, texts={one_id}):
            return True
    return False


def _customers_in(stores: Stores, events: Relation, texts: Collection[str]) -> set[str]:
    """Which of these are customer ids; the id of its own device that a client gives a guest is none."""
    buckets = {"buckets": sorted({bucket(text, None) for text in texts})}
    found = _asked(stores, events, _CUSTOMERS_IN_EVENTS, texts=texts, parameters=buckets)
    for table in CANONICAL.values():
        if table is not EVENTS and any(column.name == "customer_id" for column in table.columns):
            found += _asked(stores, _rows(stores, table), _CUSTOMERS_IN_TABLE, texts=texts)
    return {row["customer_id"] for row in found}


def _is_theirs(row: Mapping[str, Any], people: Collection[str], devices: Collection[str]) -> bool:
    if row["customer_id"] is not None:
        return row["customer_id"] in people
    return row["anonymous_id"] in devices


def _asked(
    stores: Stores,
    rows: Relation,
    sql: str,
    *,
    texts: Collection[str],
    parameters: Mapping[str, object] | None = None,
) -> list[dict[str, Any]]:
    """What a query over `events` and the texts `names` gives; without texts it is not asked."""
    if not texts:
        return []
    names = Relation(rows=pa.table({"text": pa.array(sorted(texts), pa.string())}))
    with stores.lookups.session({"events": rows, "names": names}) as session:
        return session.table(sql, parameters=parameters).to_pylist()


def _words(rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """The tokens that rows tell and that are vouched for: anybody may claim a stranger's address, and go."""
    said = (word for row in rows for word in (row["identifiers"] or "").split() if word.startswith(VOUCHED))
    return {token for word in said for token in tokens_in(word)}


def _rows(stores: Stores, table: CanonicalTable) -> Relation:
    parts = stores.streams.snapshot()[0] if table is EVENTS else stores.ledger.parts(table.name)
    paths = dict.fromkeys(stores.files.path(part.path) for part in parts)
    return Relation(paths=list(paths), schema=arrow_schema(table))


def every_name(stores: Stores) -> set[Name]:
    """Every id of every person whom tables name, as whatever it may be."""
    found: set[str] = set()
    for table in CANONICAL.values():
        columns = [one.name for one in table.columns if one.name in PERSON_COLUMNS]
        if columns:
            each = " union ".join(f"select {column} as text from rows" for column in columns)
            with stores.lookups.session({"rows": _rows(stores, table)}) as session:
                texts = session.table(f"select text from ({each}) as r where text is not null")["text"]
            found.update(texts.to_pylist())
    return {name for text in found for name in _either(text)}
