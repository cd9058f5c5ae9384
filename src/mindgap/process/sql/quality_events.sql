-- grain: one row per local day and source of events: counts that the figures of quality are made of
-- purpose: analytics
-- form: days
-- inputs: events=dated_events, dropped=dropped_events?
-- `told_clock`: what the client said of the time and the time that counts are less than a day apart
with dropped_ids as (
    select distinct row_id from dropped
),
placed as (
    select e.*, d.row_id as dropped_id
    from events as e
    left join dropped_ids as d on e.row_id = d.row_id
)
select
    day,
    source,
    count(*) as n_rows,
    max(occurred_at) as newest_at,
    count(coalesce(customer_id, anonymous_id)) as told_visitor,
    count(customer_id) as told_customer_id,
    count(channel) as told_channel,
    count(*) filter (where name is not null or type <> 'track') as told_name,
    count(*) filter (
        where said_at is null or abs(unix_seconds(said_at) - unix_seconds(occurred_at)) < 86400
    ) as fit_clock,
    count(currency) as told_currency,
    count(dropped_id) as dropped
from placed
group by day, source
order by day, source
