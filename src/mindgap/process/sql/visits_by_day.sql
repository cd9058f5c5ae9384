-- grain: one row per visit, of whoever was known in it
-- purpose: analytics
-- customer_level: true
-- form: days
-- inputs: steps
select
    day,
    cast(max(case when is_first then row_id end) as string) as visit_id,
    max(customer_id) as customer_id,
    max(case when is_first then anonymous_id end) as anonymous_id,
    channel,
    min(occurred_at) as started_at,
    case when count(*) > 1 then (max(micros) - min(micros)) / 1000000.0 end as duration_seconds,
    count(*) as events,
    count(*) filter (where type in ('page', 'screen')) as pages,
    count(*) filter (where event_name = 'products searched') as searches,
    min_by(url, (micros, row_id)) filter (where url is not null) as entry_url,
    max(case when is_first then referrer end) as referrer,
    max(case when is_first then campaign_id end) as campaign_id,
    count(*) filter (where event_name in ('order completed', 'completed order')) > 0 as has_order
from steps
group by day, visitor, channel, visit
order by day, started_at, visit_id
