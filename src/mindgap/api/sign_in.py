"""Signing in and out: one-time links, the password, sessions, API keys."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mindgap.api.problems import Refusal
from mindgap.kernel.errors import UsageError
from mindgap.store.accounts import OWNER, Accounts, ApiKey, Scope, SignedIn

LINK_LIFE = timedelta(minutes=15)
SESSION_LIFE = timedelta(hours=12)
SESSION_IDLE = timedelta(hours=2)
ATTEMPT_WINDOW = timedelta(minutes=15)
ATTEMPT_LIMIT = 10
PASSWORD_LENGTH = 12
_KEY_PREFIX = "mg_"
_SEEN_STEP = timedelta(minutes=1)
# m = 19 MiB, t = 2, p = 1: the OWASP password storage minimum, about 0.1 s a check.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _HASHER.hash("no such password")


def digest_of(token: str) -> str:
    """What the state keeps of a token; tokens have 256 random bits, so a plain hash cannot be reversed."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue_code(accounts: Accounts, *, at: datetime) -> str:
    """A one-time sign-in code, good for 15 minutes."""
    code = secrets.token_urlsafe(32)
    accounts.add_link(digest_of(code), expires_at=at + LINK_LIFE)
    return code


def set_password(accounts: Accounts, password: str, *, at: datetime) -> None:
    """Set the owner's password; open sessions end.

    Raises:
        UsageError: It is shorter than 12 characters.
    """
    if len(password) < PASSWORD_LENGTH:
        raise UsageError(
            f"The password is shorter than {PASSWORD_LENGTH} characters.", hint="Use a longer one."
        )
    accounts.set_password(OWNER, _HASHER.hash(password), at=at)


def make_key(accounts: Accounts, name: str, *, scopes: Collection[Scope], at: datetime) -> str:
    """Make an API key and return it; it is shown this once, the state keeps its digest.

    Raises:
        UsageError: There is a key of that name, or no scope.
    """
    if not scopes:
        raise UsageError("A key needs a scope.", hint=f"Use one of: {', '.join(Scope)}.")
    key = _KEY_PREFIX + secrets.token_urlsafe(32)
    accounts.add_key(ApiKey(name=name, digest=digest_of(key), scopes=frozenset(scopes), made_at=at))
    return key


@dataclass(frozen=True, slots=True)
class SignIn:
    """Judges who may come in.

    Attributes:
        accounts: What is known of accounts.
    """

    accounts: Accounts

    def by_code(self, code: str, *, at: datetime) -> str:
        """Open a session with a one-time code; returns the session's token.

        Raises:
            Refusal: The code is unknown, used or expired.
        """
        if not self.accounts.redeem_link(digest_of(code), at=at):
            raise Refusal(401, "bad-code")
        return self._open(at)

    def by_password(self, password: str, *, at: datetime) -> str:
        """Open a session with the password; returns the session's token.

        An attempt is counted before it is judged, so that parallel guesses cannot slip past the limit. The
        limit holds for the account and not per address: whoever guesses from many addresses meets it too.
        The owner can always come in by a one-time link.

        Raises:
            Refusal: The password is wrong (401), or there were too many failures (429).
        """
        count = self.accounts.note_attempt(OWNER, at=at, since=at - ATTEMPT_WINDOW)
        if count > ATTEMPT_LIMIT:
            seconds = int(ATTEMPT_WINDOW.total_seconds())
            raise Refusal(429, "too-many", {"minutes": seconds // 60}, {"Retry-After": str(seconds)})
        kept = self.accounts.password_hash(OWNER)
        good = _matches(kept or _NOBODY, password)
        if kept is None or not good:
            raise Refusal(401, "bad-password")
        self.accounts.forget_attempts(OWNER)
        return self._open(at)

    def session(self, token: str, *, at: datetime) -> SignedIn | None:
        """The running session of a token, or None."""
        found = self.accounts.session(digest_of(token))
        if found is None or found.expires_at <= at or found.seen_at + SESSION_IDLE <= at:
            return None
        if at - found.seen_at >= _SEEN_STEP:
            self.accounts.touch_session(found.digest, at=at)
        return found

    def key(self, key: str) -> ApiKey | None:
        """The API key, or None when it is unknown or revoked."""
        found = self.accounts.key(digest_of(key))
        return None if found is None or found.revoked_at is not None else found

    def _open(self, at: datetime) -> str:
        token = secrets.token_urlsafe(32)
        session = SignedIn(
            digest=digest_of(token), person=OWNER, started_at=at, seen_at=at, expires_at=at + SESSION_LIFE
        )
        self.accounts.add_session(session)
        return token


def csrf_token(secret: bytes, token: str) -> str:
    """The token that a form of this session carries; it follows from the session's own token."""
    return hmac.digest(secret, b"csrf\0" + token.encode(), hashlib.sha256).hex()


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
