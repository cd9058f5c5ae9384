"""The shared view of events that tables kept by day are made of, over rows of a test."""

from mindgap.process.bots import bot_agents
from mindgap.process.cleaning import cleaning_table, rules_as_set
from mindgap.process.features.declared import DERIVATIONS
from mindgap.process.models import sql_derivations
from mindgap.store.engine import Relation

SQL = {one.name: one.sql for one in (*sql_derivations(), *DERIVATIONS)}


def day_events(events, tile, *, cleaning=None):
    """What such tables see of these events, on the days of the tile.

    Args:
        events: The canonical events.
        tile: Which days.
        cleaning: The rules as they are set; by default as they are where nothing says otherwise.
    """
    dated = Relation(sql=SQL["dated_events"], inputs={"events": events, "tile": tile})
    rules = cleaning or Relation(rows=cleaning_table(rules_as_set()))
    inputs = {"events": dated, "cleaning": rules, "bot_agents": Relation(rows=bot_agents())}
    return Relation(sql=SQL["day_events"], inputs=inputs)
