"""Who a person is: all ids and tokens that belong to them and to nobody else."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import pyarrow as pa

from mindgap.collect.events.event_row import bucket
from mindgap.kernel.errors import CannotSay, UnknownError
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.tables import CANONICAL, CUSTOMERS, EVENTS, CanonicalTable
from mindgap.store.engine import Relation
from mindgap.store.reading import Reader, Stores
from mindgap.store.schema import arrow_schema
from mindgap.store.suppression import PERSON_COLUMNS, Name, NameKind
from mindgap.trust.identifiers import VOUCHED

_KINDS: Mapping[str, NameKind] = {"customer": "customer", "anonymous": "device"}
_EVENTS = "select type, customer_id, anonymous_id, previous_id, identifiers, bucket"
_SAME = """
select id, id_kind, person_id from same_person
where person_id = $id or person_id in (select person_id from same_person where id = $id)
order by id_kind, id
"""


def known_ids(reader: Reader, one_id: str, as_of: datetime | None) -> set[Name]:
    """All ids of a person by the last run; the id itself, whatever it is, where nothing more is known."""
    found = set(_either(one_id))
    if as_of is None:
        return found
    try:
        relation = reader.relation("same_person", purpose=Purpose.PRIVACY, as_of=as_of)
    except (CannotSay, UnknownError):
        return found
    with reader.stores.lookups.session({"same_person": relation}) as session:
        rows = session.table(_SAME, parameters={"id": one_id}).to_pylist()
    for row in rows:
        found.add(Name(_KINDS[row["id_kind"]], row["id"]))
        found.update(_either(row["person_id"]))
    return found


def _either(text: str) -> Sequence[Name]:
    return Name("customer", text), Name("device", text)


def more_names(stores: Stores, names: Collection[Name], fresh: pa.Table) -> set[Name]:
    """Devices and tokens that rows show with these ids, and with those of nobody else.

    What the last run did not know yet is among them: a sign-in of a minute ago. A device or an identifier
    that others use as well is not this person's alone, and stays.

    Args:
        stores: The workspace's ports.
        names: What is known of them.
        fresh: Rows of `events` that are in no file yet, with tokens: all that name these ids, or devices that
            were seen with them.
    """
    held = {kind: sorted(name.text for name in names if name.kind == kind) for kind in ("customer", "device")}
    lists = {f"{kind}s": Relation(rows=_texts(texts)) for kind, texts in held.items()}
    both = {"lake": _rows(stores, EVENTS), "fresh": Relation(rows=fresh)}
    events = Relation(sql=f"{_EVENTS} from lake union all {_EVENTS} from fresh", inputs=both)
    with stores.lookups.session({"events": events, **lists}) as session:
        buckets = sorted({bucket(text, None) for text in held["customer"]})
        devices = session.table(_DEVICES, parameters={"buckets": buckets})["device"].to_pylist()
    seen = {"events": events, "people": _rows(stores, CUSTOMERS), **lists}
    with stores.lookups.session(seen) as session:
        tokens = session.table(_TOKENS)["word"].to_pylist()
    return {Name("device", text) for text in devices} | {Name("identifier", text) for text in tokens}


def _texts(texts: Sequence[str]) -> pa.Table:
    return pa.table({"text": pa.array(texts, pa.string())})


def _rows(stores: Stores, table: CanonicalTable) -> Relation:
    parts = stores.streams.snapshot()[0] if table is EVENTS else stores.ledger.parts(table.name)
    paths = dict.fromkeys(stores.files.path(part.path) for part in parts)
    return Relation(paths=list(paths), schema=arrow_schema(table))


_DEVICES = """
with theirs as (
    select anonymous_id as device from events
    where array_contains($buckets, bucket) and customer_id in (select text from customers)
    union
    select previous_id as device from events
    where array_contains($buckets, bucket) and customer_id in (select text from customers) and type = 'alias'
),
shared as (
    select anonymous_id as device from events
    where anonymous_id in (select device from theirs) and customer_id not in (select text from customers)
)
select device from theirs
where device is not null and device not in (select device from shared)
order by device
"""
_TOKENS = f"""
with said as (
    select customer_id, anonymous_id, explode(split(replace(identifiers, '{VOUCHED}', ''), ' ')) as word
    from events where identifiers is not null
    union all
    select customer_id, null, explode(split(replace(identifiers, '{VOUCHED}', ''), ' '))
    from people where identifiers is not null
),
judged as (
    select word, customer_id in (select text from customers)
        or (customer_id is null and anonymous_id in (select text from devices)) as is_theirs
    from said
)
select word from judged group by word having count(*) filter (where is_theirs) = count(*) order by word
"""


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
