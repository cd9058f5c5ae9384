"""How many rows a table has by source and local day, and how many tell what: figures rest on these."""

from collections.abc import Sequence

from mindgap.kernel.derivation import At, Derivation
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.tables import CANONICAL

_TOLD = {
    "customers": ("joined_at", "birth_year", "age_group", "gender", "region"),
    "products": ("product_name", "category", "brand", "price", "unit_cost"),
    "exposures": ("customer_id", "product_id", "campaign_id"),
    "feedback": ("customer_id", "product_id", "score", "scale_max"),
}
"""The columns whose completeness counts; of orders and events more is counted, by queries in sql/."""


def _counts(table: str, columns: Sequence[str]) -> Derivation:
    time = CANONICAL[table].time_column
    local_second = f"unix_seconds(r.{time}) + m.utc_offset_seconds"
    told = ",\n".join(f"    count(r.{name}) as told_{name}" for name in columns)
    return Derivation(
        name=f"quality_{table}",
        grain=f"one row per {'local day and ' if time else ''}source of {table}:"
        " counts that the figures of quality are made of",
        purpose=Purpose.OPERATIONS,
        inputs={
            table: At(table=table, by_source=True),
            "dropped": At(table="dropped_rows", optional=True),
        },
        sql=f"""with dropped_ids as (
    select distinct row_id from dropped where table_name = '{table}'
)
select
    cast({f"floor(({local_second}) / 86400.0)" if time else "null"} as bigint) as day,
    r.source,
    count(*) as n_rows,
    {f"max(r.{time})" if time else "cast(null as timestamp)"} as newest_at,
{told},
    count(d.row_id) as dropped
from {table} as r
cross join moment as m
left join dropped_ids as d on r.row_id = d.row_id
group by 1, 2
order by 1, 2""",
        weight=0.5,
    )


DERIVATIONS = tuple(_counts(table, columns) for table, columns in _TOLD.items())
