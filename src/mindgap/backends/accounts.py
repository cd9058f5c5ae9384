"""The Accounts port in SQL, the same on SQLite and PostgreSQL."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from mindgap.backends.columns import Json, Words, counted_key
from mindgap.backends.schema import metadata
from mindgap.backends.turns import in_turn
from mindgap.kernel.errors import UnknownError, UsageError
from mindgap.store.accounts import ApiKey, Scope, SignedIn

workspace_secrets = sa.Table(
    "workspace_secrets",
    metadata,
    sa.Column("name", Words(32), primary_key=True),
    sa.Column("value", sa.LargeBinary(32), nullable=False),
)
sign_in_links = sa.Table(
    "sign_in_links",
    metadata,
    sa.Column("digest", Words(64), primary_key=True),
    sa.Column("expires_at", sa.DateTime, nullable=False),
)
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("digest", Words(64), primary_key=True),
    sa.Column("person", Words(64), nullable=False, index=True),
    sa.Column("started_at", sa.DateTime, nullable=False),
    sa.Column("seen_at", sa.DateTime, nullable=False),
    sa.Column("expires_at", sa.DateTime, nullable=False),
)
passwords = sa.Table(
    "passwords",
    metadata,
    sa.Column("person", Words(64), primary_key=True),
    sa.Column("password_hash", Words(255), nullable=False),
    sa.Column("set_at", sa.DateTime, nullable=False),
)
sign_in_attempts = sa.Table(
    "sign_in_attempts",
    metadata,
    counted_key(),
    sa.Column("person", Words(64), nullable=False, index=True),
    sa.Column("at", sa.DateTime, nullable=False),
)
api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("name", Words(64), primary_key=True),
    sa.Column("digest", Words(64), nullable=False, unique=True),
    sa.Column("scopes", Json, nullable=False),
    sa.Column("made_at", sa.DateTime, nullable=False),
    sa.Column("revoked_at", sa.DateTime),
)


@dataclass(frozen=True, slots=True)
class SqlAccounts:
    """Accounts in the state database.

    Attributes:
        engine: The state database, brought to the present schema.
    """

    engine: sa.Engine

    def secret(self, name: str) -> bytes:
        """The workspace's secret of that name, 32 random bytes; the first call makes it."""
        query = sa.select(workspace_secrets.c.value).where(workspace_secrets.c.name == name)
        with self.engine.connect() as connection:
            found = connection.execute(query).scalar()
        if found is not None:
            return bytes(found)
        try:
            with self.engine.begin() as connection:
                connection.execute(
                    sa.insert(workspace_secrets), {"name": name, "value": secrets.token_bytes(32)}
                )
        except IntegrityError:
            pass  # another process made it in the meantime; its value counts
        with self.engine.connect() as connection:
            return bytes(connection.execute(query).scalar_one())

    def add_link(self, digest: str, *, expires_at: datetime) -> None:
        """Keep a one-time sign-in code."""
        with self.engine.begin() as connection:
            connection.execute(sa.insert(sign_in_links), {"digest": digest, "expires_at": expires_at})

    def redeem_link(self, digest: str, *, at: datetime) -> bool:
        """Use up a sign-in code; True exactly once, and only before it expires."""
        t = sign_in_links
        with self.engine.begin() as connection:
            used = connection.execute(sa.delete(t).where(t.c.digest == digest, t.c.expires_at > at)).rowcount
            connection.execute(sa.delete(t).where(t.c.expires_at <= at))
        return used == 1

    def add_session(self, session: SignedIn) -> None:
        """Open a session; sessions that have expired are dropped on this occasion."""
        with self.engine.begin() as connection:
            connection.execute(sa.delete(sessions).where(sessions.c.expires_at <= session.started_at))
            connection.execute(sa.insert(sessions), asdict(session))

    def session(self, digest: str) -> SignedIn | None:
        """The session of that token, or None; whether it still runs is for the caller to judge."""
        with self.engine.connect() as connection:
            row = (
                connection.execute(sa.select(sessions).where(sessions.c.digest == digest))
                .mappings()
                .one_or_none()
            )
        return None if row is None else SignedIn(**row)

    def touch_session(self, digest: str, *, at: datetime) -> None:
        """Note that a session was used."""
        with self.engine.begin() as connection:
            connection.execute(sa.update(sessions).where(sessions.c.digest == digest).values(seen_at=at))

    def end_session(self, digest: str) -> None:
        """Close one session."""
        with self.engine.begin() as connection:
            connection.execute(sa.delete(sessions).where(sessions.c.digest == digest))

    def set_password(self, person: str, password_hash: str, *, at: datetime) -> None:
        """Keep a password's argon2id hash; closes the person's sessions."""
        with self.engine.begin() as connection:
            connection.execute(sa.delete(passwords).where(passwords.c.person == person))
            row = {"person": person, "password_hash": password_hash, "set_at": at}
            connection.execute(sa.insert(passwords), row)
            connection.execute(sa.delete(sessions).where(sessions.c.person == person))

    def password_hash(self, person: str) -> str | None:
        """The person's password hash, or None."""
        query = sa.select(passwords.c.password_hash).where(passwords.c.person == person)
        with self.engine.connect() as connection:
            return connection.execute(query).scalar()

    def note_attempt(self, person: str, *, at: datetime, since: datetime) -> int:
        """Record an attempt to sign in and count those from `since` on, this one included, in one step."""
        t = sign_in_attempts
        count = sa.select(sa.func.count()).where(t.c.person == person, t.c.at >= since)
        with self.engine.begin() as connection:
            in_turn(connection, t)
            connection.execute(sa.delete(t).where(t.c.person == person, t.c.at < since))
            connection.execute(sa.insert(t), {"person": person, "at": at})
            return int(connection.execute(count).scalar_one())

    def forget_attempts(self, person: str) -> None:
        """Forget the attempts, after one that succeeded."""
        with self.engine.begin() as connection:
            connection.execute(sa.delete(sign_in_attempts).where(sign_in_attempts.c.person == person))

    def add_key(self, key: ApiKey) -> None:
        """Keep a new API key.

        Raises:
            UsageError: There is a key of that name.
        """
        row = {**asdict(key), "scopes": sorted(key.scopes)}
        try:
            with self.engine.begin() as connection:
                connection.execute(sa.insert(api_keys), row)
        except IntegrityError as error:
            raise UsageError(
                f"There is a key named {key.name!r} already.", hint="Choose another name."
            ) from error

    def key(self, digest: str) -> ApiKey | None:
        """The key of that digest, revoked or not, or None."""
        with self.engine.connect() as connection:
            row = (
                connection.execute(sa.select(api_keys).where(api_keys.c.digest == digest))
                .mappings()
                .one_or_none()
            )
        return None if row is None else _to_key(row)

    def keys(self) -> Sequence[ApiKey]:
        """All keys, by name."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(api_keys).order_by(api_keys.c.name)).mappings().all()
        return [_to_key(row) for row in rows]

    def revoke_key(self, name: str, *, at: datetime) -> None:
        """Revoke a key; it stays listed.

        Raises:
            UnknownError: There is no key of that name.
        """
        with self.engine.begin() as connection:
            done = connection.execute(
                sa.update(api_keys).where(api_keys.c.name == name).values(revoked_at=at)
            )
        if done.rowcount == 0:
            raise UnknownError(f"There is no key named {name!r}.")


def _to_key(row: Mapping[Any, Any]) -> ApiKey:
    return ApiKey(
        name=row["name"],
        digest=row["digest"],
        scopes=frozenset(Scope(name) for name in row["scopes"]),
        made_at=row["made_at"],
        revoked_at=row["revoked_at"],
    )
