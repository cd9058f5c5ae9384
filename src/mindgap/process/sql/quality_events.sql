-- grain: one row per local day and source of events: counts that the figures of quality are made of
-- purpose: analytics
-- form: days
-- inputs: events=dated_events, dropped=dropped_events?
-- `fit_clock`: what the client said of the time and the time that counts are less than a day apart
-- `said_early`, `said_late`: what it said cannot be: before 1980, or five minutes and more after it arrived
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
    count(*) filter (where said_at < timestamp '1980-01-01 00:00:00') as said_early,
    count(*) filter (where unix_seconds(said_at) - unix_seconds(received_at) > 300) as said_late,
    count(currency) as told_currency,
    count(dropped_id) as dropped
from placed
group by day, source
order by day, source
