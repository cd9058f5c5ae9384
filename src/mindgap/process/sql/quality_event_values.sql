-- grain: one row per local day, source and value: how often events say it; no customers
-- purpose: analytics
-- form: days
-- inputs: events=dated_events
-- `about` is a column, or `properties:<event>.<property>`, whose values are the types number, text, flag, list,
-- object; those of at most 2,000 events of each name, day and source.
with placed as (
    select day, row_id, source, type, coalesce(name, type) as name, channel, currency, occurred_at from events
),
named as (
    select day, source, name, 1 + cast(floor(count(*) / 2000.0) as bigint) as one_in
    from placed
    group by day, source, name
),
shapes as (
    select n.day, n.source, n.name, e.occurred_at, explode(map_entries(json_types(e.properties))) as entry
    from events as e
    inner join named as n on e.source = n.source and coalesce(e.name, e.type) = n.name and e.day = n.day
    where e.properties is not null and e.row_id % n.one_in = 0
),
said as (
    select day, source, 'name' as about, name as value, occurred_at from placed
    union all
    select day, source, 'channel' as about, channel as value, occurred_at from placed where channel is not null
    union all
    select day, source, 'currency' as about, currency as value, occurred_at from placed where currency is not null
    union all
    select day, source, concat('properties:', name, '.', entry.key) as about, entry.value as value, occurred_at
    from shapes
    where entry.value <> 'nothing'
)
select day, source, about, value, count(*) as n, min(occurred_at) as first_at, max(occurred_at) as last_at
from said
group by day, source, about, value
order by day, source, about, value
