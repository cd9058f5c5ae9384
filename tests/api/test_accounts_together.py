"""Many at once: a link still works once, the limit of attempts still holds, a secret is still one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from mindgap.backends.accounts import SqlAccounts

NOON = datetime(2026, 3, 1, 12)


@pytest.fixture
def kept(database):
    return SqlAccounts(database)


def _together(work, times=12):
    with ThreadPoolExecutor(6) as pool:
        return list(pool.map(lambda _i: work(), range(times)))


def test_a_link_is_redeemed_once(kept):
    kept.add_link("digest", expires_at=NOON + timedelta(minutes=15))
    assert sum(_together(lambda: kept.redeem_link("digest", at=NOON))) == 1


def test_attempts_are_counted_one_by_one(kept):
    counts = _together(lambda: kept.note_attempt("owner", at=NOON, since=NOON - timedelta(minutes=15)))
    assert sorted(counts) == list(range(1, 13))


def test_a_secret_is_made_once(kept):
    assert len(set(_together(lambda: kept.secret("references")))) == 1
