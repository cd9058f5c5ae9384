-- grain: one row per visit, of whoever was known in it
-- purpose: analytics
-- customer_level: true
-- form: days
-- inputs: steps, events=kept_events
with counted as (
    select
        day,
        channel,
        max(case when is_first then row_id end) as first_id,
        max(customer_id) as customer_id,
        min(micros) as first_micros,
        max(micros) as last_micros,
        count(*) as events,
        count(case when is_page then 1 end) as pages,
        count(case when done = 'search' then 1 end) as searches,
        count(case when done = 'order' then 1 end) > 0 as has_order,
        min_by(row_id, (micros, row_id)) filter (where has_url) as entry_id
    from steps
    group by day, visitor, channel, visit
)
select
    c.day,
    cast(c.first_id as string) as visit_id,
    c.customer_id,
    f.anonymous_id,
    c.channel,
    f.occurred_at as started_at,
    case when c.events > 1 then (c.last_micros - c.first_micros) / 1000000.0 end as duration_seconds,
    c.events,
    c.pages,
    c.searches,
    e.url as entry_url,
    f.referrer,
    f.campaign_id,
    c.has_order
from counted as c
inner join events as f on c.first_id = f.row_id
left join events as e on c.entry_id = e.row_id
order by c.day, started_at, visit_id
