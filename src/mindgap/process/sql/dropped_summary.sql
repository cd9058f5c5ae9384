-- grain: one row per cleaning rule, table and source that it dropped rows of, and example, three at most
-- purpose: operations
-- inputs: dropped_rows?, dropped_events?
-- `n` counts all of them; no customers, and nothing that a row says
with dropped as (
    select table_name, rule, source, row_id, happened_at from dropped_rows
    union all
    select 'events' as table_name, rule, source, row_id, occurred_at as happened_at from dropped_events
),
ranked as (
    select *,
        count(*) over (partition by table_name, rule, source) as n,
        row_number() over (partition by table_name, rule, source order by happened_at desc, row_id) as nth
    from dropped
)
select table_name, rule, source, n, cast(nth as bigint) as nth, row_id, happened_at
from ranked
where nth <= 3
order by table_name, rule, source, nth
