"""All ids of the persons of whom some ids are known, by the table `same_person` of a run."""

from collections.abc import Collection
from dataclasses import dataclass, field

import pyarrow as pa

from mindgap.store.engine import Engine, Relation, Session

SAME_PERSON = "same_person"
_SQL = """with named as (
        select id as person_id from asked where id_kind = 'customer'
        union
        select s.person_id
        from same_person as s
        inner join asked as a on s.id_kind = a.id_kind and s.id = a.id
    )
    select person_id, 'customer' as id_kind, person_id as id from named
    union
    select s.person_id, s.id_kind, s.id
    from same_person as s
    inner join named as n on s.person_id = n.person_id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonIds:
    """The ids of some persons.

    Attributes:
        customers: Customer ids.
        devices: Anonymous ids.
        person_of: The person's id, by customer id.
    """

    customers: frozenset[str]
    devices: frozenset[str] = frozenset()
    person_of: dict[str, str] = field(default_factory=dict)

    def person(self, name: str) -> str:
        """The id of the person that an id belongs to; the id itself where nothing is known of it."""
        return self.person_of.get(name) or min(self.person_of.values(), default=name)


def ids_of_persons(
    engine: Engine, same_person: Relation, ids: Collection[str], *, kind: str = "customer"
) -> PersonIds:
    """Every id of the persons who have one of these.

    Args:
        engine: Answers the question.
        same_person: The table.
        ids: Ids of one kind.
        kind: `customer` or `anonymous`.
    """
    with engine.session({SAME_PERSON: same_person}) as session:
        return ids_told(session, ids, kind=kind)


def ids_told(session: Session, ids: Collection[str], *, kind: str = "customer") -> PersonIds:
    """The same in a session that knows the table by its name."""
    names = sorted(set(ids))
    asked = pa.table(
        {"id": pa.array(names, pa.string()), "id_kind": pa.array([kind] * len(names), pa.string())}
    )
    session.bind({"asked": Relation(rows=asked)})
    rows = session.table(_SQL).to_pylist()
    rows.sort(key=lambda row: row["id"] != row["person_id"])  # an id that was merged away is asked as its own
    customers = {row["id"]: row["person_id"] for row in rows if row["id_kind"] == "customer"}
    return PersonIds(
        customers=frozenset(customers),
        devices=frozenset(row["id"] for row in rows if row["id_kind"] == "anonymous"),
        person_of=customers,
    )
