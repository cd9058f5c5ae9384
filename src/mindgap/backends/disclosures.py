"""The Disclosures port in SQL: who was handed to whom, as keyed digests."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import sqlalchemy as sa

from mindgap.backends.schema import disclosures
from mindgap.store.audience import Disclosure

_DIGEST_BYTES = 8
"""Enough to tell a hundred million people apart, where a mistake names one recipient too many."""
Marks = np.ndarray[Any, np.dtype[np.uint64]]


@dataclass(frozen=True, slots=True)
class SqlDisclosures:
    """Disclosures in the state database: one row for each recipient and audience.

    Attributes:
        engine: The state database.
        digest: What stands for an id, hexadecimal (store.suppression.Suppression.digest).
    """

    engine: sa.Engine
    digest: Callable[[str], str]

    def note(self, disclosure: Disclosure, customer_ids: Collection[str]) -> None:
        """Note that these customers are handed over, beside all who were before."""
        t = disclosures
        name = f"{disclosure.recipient}\n{disclosure.audience}\n{disclosure.purpose}"
        key = sha256(name.encode()).hexdigest()
        with self.engine.begin() as connection:
            known = connection.execute(sa.select(t.c.members).where(t.c.key == key)).scalar()
            found = np.union1d(_marks(known or b""), self._marks(customer_ids))
            row = {"members": found.tobytes(), "latest_at": disclosure.latest_at}
            if known is None:
                said = {"recipient": disclosure.recipient, "audience": disclosure.audience}
                new = {**row, **said, "key": key, "purpose": disclosure.purpose}
                connection.execute(sa.insert(t), new)
            else:
                connection.execute(sa.update(t).where(t.c.key == key).values(row))

    def of(self, customer_ids: Collection[str]) -> Sequence[Disclosure]:
        """Who got any of these customers, by recipient and audience."""
        t, wanted = disclosures, self._marks(customer_ids)
        query = sa.select(t).order_by(t.c.recipient, t.c.audience, t.c.purpose)
        with self.engine.connect() as connection:
            return [
                Disclosure(
                    recipient=row.recipient,
                    audience=row.audience,
                    purpose=row.purpose,
                    latest_at=row.latest_at,
                )
                for row in connection.execute(query)
                if np.isin(wanted, _marks(row.members)).any()
            ]

    def _marks(self, customer_ids: Collection[str]) -> Marks:
        cut = [bytes.fromhex(self.digest(text))[:_DIGEST_BYTES] for text in customer_ids]
        return np.unique(_marks(b"".join(cut)))


def _marks(digests: bytes) -> Marks:
    return np.frombuffer(digests, np.dtype("<u8"))
