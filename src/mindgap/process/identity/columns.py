"""Rows of one sort, kept column by column."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from mindgap.process.identity.ordering import Flags, Ints


@dataclass(frozen=True, slots=True)
class Columns:
    """What a dataclass inherits from whose fields are all arrays of the same length."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def where(self, chosen: Flags | Ints) -> Self:
        """Some of the rows."""
        rows = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
        if chosen.dtype == np.bool_ and len(rows) == len(self):
            return self
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def joined(self, *others: Self) -> Self:
        """These and others."""
        every = [one for one in (self, *others) if len(one)]
        if len(every) < 2:  # noqa: PLR2004 - nothing to put together
            return every[0] if every else self
        return type(self)(
            **{
                field.name: np.concatenate([getattr(one, field.name) for one in every])
                for field in fields(self)
            }
        )
