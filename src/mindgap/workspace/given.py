"""Small tables that no source fills and builds take as inputs: what people decided, and settings."""

from collections.abc import Callable, Mapping

import pyarrow as pa

from mindgap.kernel.settings import IdentitySettings, Settings
from mindgap.kernel.tables import EVENTS
from mindgap.loop.conversion import is_converted
from mindgap.process.bots import bot_agents
from mindgap.process.cleaning import cleaning_table, rules_as_set
from mindgap.store.identity import Identity
from mindgap.store.state import Ledger
from mindgap.store.streams import Streams

_DECISIONS = pa.schema(
    [
        *((name, pa.string()) for name in ("action", "first_kind", "first_id", "second_kind", "second_id")),
        ("since", pa.timestamp("us")),
    ]
)
_RECORDS = pa.schema(
    [
        ("source", pa.string()),
        ("table_name", pa.string()),
        *((name, pa.int64()) for name in ("rows_read", "rows_quarantined", "rows_duplicate")),
    ]
)


def given(
    settings: Settings, identity: Identity, *, ledger: Ledger, streams: Streams
) -> Mapping[str, Callable[[], pa.Table]]:
    """The tables by name, each as it is when it is asked for.

    Raises:
        SettingsError: The section [cleaning] names a rule or a figure that there is not.
    """
    rules = rules_as_set(settings.cleaning.off, settings.cleaning.options)
    return {
        "bot_agents": bot_agents,
        "cleaning": lambda: cleaning_table(rules),
        "identity_decisions": lambda: _decisions(identity),
        "identity_settings": lambda: _identity(settings.identity),
        "source_records": lambda: _records(ledger, streams),
    }


def _decisions(identity: Identity) -> pa.Table:
    rows = [{name: getattr(one, name) for name in _DECISIONS.names} for one in identity.decisions()]
    return pa.Table.from_pylist(rows, schema=_DECISIONS)


def _identity(chosen: IdentitySettings) -> pa.Table:
    return pa.table({"join_by": [" ".join(chosen.join_by)], "most_customers": [chosen.most_customers]})


def _records(ledger: Ledger, streams: Streams) -> pa.Table:
    """What reading each source came to; rows that events became are not read."""
    rows = [
        (one.name, one.table, one.rows_read, one.rows_quarantined, one.rows_duplicate)
        for one in ledger.sources()
        if not is_converted(one.name)
    ]
    rows += [
        (one.source, EVENTS.name, one.tally.received, one.tally.quarantined, one.tally.duplicates)
        for one in streams.records()
    ]
    return pa.Table.from_pylist(
        [dict(zip(_RECORDS.names, row, strict=True)) for row in rows], schema=_RECORDS
    )
