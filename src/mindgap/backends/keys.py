"""The Keys port in SQL: data keys lie in the state, wrapped by a master key that does not."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from mindgap.backends.backup_keys import BackupKeys
from mindgap.backends.master_key import MasterKeyFile
from mindgap.backends.schema import data_keys
from mindgap.backends.turns import in_turn
from mindgap.kernel.clock import now
from mindgap.kernel.errors import StorageError
from mindgap.store.keys import KeyState
from mindgap.trust.keys import MasterKey, new_key

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class SqlKeys:
    """Data keys in the state database.

    Attributes:
        engine: The state database.
        master: The file of the master key.
    """

    engine: sa.Engine
    master: MasterKeyFile

    def of(self, holders: Collection[str]) -> Mapping[str, bytes]:
        """The keys of these holders that have one."""
        if not holders:
            return {}
        with self.engine.connect() as connection:
            rows = list(_rows(connection, holders))
        return self._unwrapped(rows) if rows else {}

    def made(self, holders: Collection[str]) -> Mapping[str, bytes]:
        """The keys of these holders, made where there are none yet."""
        found = dict(self.of(holders))
        missing = sorted(set(holders) - found.keys())
        if not missing:
            return found
        with self.master.held(), self.engine.begin() as connection:
            in_turn(connection, data_keys)
            found |= self._unwrapped(list(_rows(connection, missing)))  # made by another process meanwhile
            master = self._in_use(connection)
            fresh = {holder: new_key() for holder in missing if holder not in found}
            made_at = now()
            rows = [
                {
                    "holder": holder,
                    "wrapped": master.wrap(key, holder),
                    "master": master.id,
                    "made_at": made_at,
                }
                for holder, key in fresh.items()
            ]
            if rows:
                connection.execute(sa.insert(data_keys), rows)
        return found | fresh

    def destroy(self, holders: Iterable[str]) -> int:
        """Destroy keys; what the disk still has of them is worth nothing once the master key is rotated."""
        names = sorted(set(holders))
        destroyed = 0
        with self.engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("pragma secure_delete = on")
            for some in _groups(names):
                gone = sa.delete(data_keys).where(data_keys.c.holder.in_(some))
                destroyed += connection.execute(gone).rowcount
        if destroyed and self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
        return destroyed

    def rotate(self) -> int:
        """Make a new master key and wrap all by it.

        The file holds both keys until every data key is wrapped by the new one, in one transaction.
        """
        with self.master.held():
            held = list(self.master.read())
            if len(held) < 2:  # noqa: PLR2004 - else a rotation was cut off, and is finished
                with self.engine.connect() as connection:
                    self._refuse_if_lost(connection, held)
                held = [MasterKey(new_key()), *held]
                self.master.write(held)
            with self.engine.begin() as connection:
                in_turn(connection, data_keys)
                wrapped = rewrap(connection, held)
            BackupKeys(self.master).rewrap(held)
            self.master.write(held[:1])
        return wrapped

    def state(self) -> KeyState:
        """What is known of the keys."""
        held = self.master.read()
        t = data_keys
        with self.engine.connect() as connection:
            self._refuse_if_lost(connection, held)
            holders = Counter(
                holder.partition("/")[0] for holder in connection.execute(sa.select(t.c.holder)).scalars()
            )
            made_at = connection.execute(sa.select(sa.func.min(t.c.made_at))).scalar()
            own = held[0].id if held else ""
            waiting = connection.execute(
                sa.select(sa.func.count()).select_from(t).where(t.c.master != own)
            ).scalar_one()
        return KeyState(
            master=own,
            place=str(self.master.path),
            made_at=made_at,
            holders=dict(sorted(holders.items())),
            waiting=int(waiting),
        )

    def _in_use(self, connection: sa.Connection) -> MasterKey:
        """The master key in use; made where there are no keys at all yet, and never beside lost ones."""
        held = self.master.read()
        self._refuse_if_lost(connection, held)
        if not held:
            held = [MasterKey(new_key())]
            self.master.write(held)
        return held[0]

    def _refuse_if_lost(self, connection: sa.Connection, held: Sequence[MasterKey]) -> None:
        known = sa.select(data_keys.c.master).distinct()
        needed = set(connection.execute(known).scalars()) - {master.id for master in held}
        if needed:
            raise self._lost(min(needed))

    def _unwrapped(self, rows: Sequence[Any]) -> dict[str, bytes]:
        masters = {master.id: master for master in self.master.read()}
        found: dict[str, bytes] = {}
        for row in rows:
            if row.master not in masters:
                raise self._lost(row.master)
            found[row.holder] = masters[row.master].unwrap(bytes(row.wrapped), row.holder)
        return found

    def _lost(self, master: str) -> StorageError:
        path = self.master.path
        what = f"{path} holds another master key" if path.exists() else f"There is no master key {path}"
        return StorageError(
            f"{what}: the workspace's keys need {master}.",
            hint="Put the copy of it back that you keep elsewhere, or say where it is: [privacy] master_key"
            " in mindgap.toml, or MINDGAP_MASTER_KEY_FILE. Without it nothing that is sealed can be read.",
        )


def _rows(connection: sa.Connection, holders: Collection[str]) -> Iterator[Any]:
    t = data_keys
    wanted = sa.select(t.c.holder, t.c.wrapped, t.c.master)
    for some in _groups(sorted(set(holders))):
        yield from connection.execute(wanted.where(t.c.holder.in_(some)))


def _groups(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(names), _AT_ONCE):
        yield names[first : first + _AT_ONCE]


def rewrap(connection: sa.Connection, held: Sequence[MasterKey]) -> int:
    """Wrap every data key by the first of these master keys; returns how many were wrapped by another."""
    fresh, masters = held[0], {master.id: master for master in held}
    t = data_keys
    rows = connection.execute(sa.select(t).where(t.c.master != fresh.id)).all()
    change = (
        sa.update(t)
        .where(t.c.holder == sa.bindparam("of_holder"))
        .values(wrapped=sa.bindparam("wrapped_anew"), master=fresh.id)
    )
    changed = [
        {
            "of_holder": row.holder,
            "wrapped_anew": fresh.wrap(
                masters[row.master].unwrap(bytes(row.wrapped), row.holder), row.holder
            ),
        }
        for row in rows
    ]
    if changed:
        connection.execute(change, changed)
    return len(changed)
