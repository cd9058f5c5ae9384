"""The Accounts port: who may sign in, what is signed in, and the workspace's secrets.

Tokens never reach the state: it keeps their SHA-256 digests, so that a stolen state file opens no session.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

OWNER = "owner"


class Scope(StrEnum):
    """What a session or a key may do; a session of the owner may do all."""

    READ = "read"
    DECIDE = "decide"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session as the state keeps it.

    Attributes:
        digest: SHA-256 of the token in the cookie, hexadecimal.
        person: Whose it is.
        started_at: When it was opened, naive UTC.
        seen_at: When it was last used, to the minute.
        expires_at: When it ends, used or not.
    """

    digest: str
    person: str
    started_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key of a program.

    Attributes:
        name: What people call it; unique.
        digest: SHA-256 of the key, hexadecimal.
        scopes: What it may do.
        made_at: When it was made, naive UTC.
        revoked_at: When it was revoked; None while it is good.
    """

    name: str
    digest: str
    scopes: frozenset[Scope]
    made_at: datetime
    revoked_at: datetime | None = None


class Accounts(Protocol):
    """Sign-in links, sessions, passwords, API keys and secrets of one workspace."""

    def secret(self, name: str) -> bytes:
        """The workspace's secret of that name, 32 random bytes; the first call makes it."""
        ...

    def add_link(self, digest: str, *, expires_at: datetime) -> None:
        """Keep a one-time sign-in code."""
        ...

    def redeem_link(self, digest: str, *, at: datetime) -> bool:
        """Use up a sign-in code; True exactly once, and only before it expires."""
        ...

    def add_session(self, session: SignedIn) -> None:
        """Open a session; sessions that have expired are dropped on this occasion."""
        ...

    def session(self, digest: str) -> SignedIn | None:
        """The session of that token, or None; whether it still runs is for the caller to judge."""
        ...

    def touch_session(self, digest: str, *, at: datetime) -> None:
        """Note that a session was used."""
        ...

    def end_session(self, digest: str) -> None:
        """Close one session."""
        ...

    def set_password(self, person: str, password_hash: str, *, at: datetime) -> None:
        """Keep a password's argon2id hash; closes the person's sessions."""
        ...

    def password_hash(self, person: str) -> str | None:
        """The person's password hash, or None."""
        ...

    def note_attempt(self, person: str, *, at: datetime, since: datetime) -> int:
        """Record an attempt to sign in and count those from `since` on, this one included, in one step."""
        ...

    def forget_attempts(self, person: str) -> None:
        """Forget the attempts, after one that succeeded."""
        ...

    def add_key(self, key: ApiKey) -> None:
        """Keep a new API key.

        Raises:
            UsageError: There is a key of that name.
        """
        ...

    def key(self, digest: str) -> ApiKey | None:
        """The key of that digest, revoked or not, or None."""
        ...

    def keys(self) -> Sequence[ApiKey]:
        """All keys, by name."""
        ...

    def revoke_key(self, name: str, *, at: datetime) -> None:
        """Revoke a key; it stays listed.

        Raises:
            UnknownError: There is no key of that name.
        """
        ...
