-- grain: one row per visit: what a visitor did on one channel without half an hour of silence
-- purpose: analytics
-- customer_level: true
-- inputs: events, links
-- `duration_seconds` is from the first thing heard to the last; null where only one was
with allowed as (
    select
        e.row_id, e.type, lower(trim(e.name)) as name, e.occurred_at, e.channel, e.url, e.referrer, e.campaign_id,
        e.anonymous_id,
        coalesce(e.customer_id, l.customer_id) as customer_id,
        coalesce(e.customer_id, l.customer_id, e.anonymous_id) as visitor
    from events as e
    left join links as l on e.customer_id is null and e.anonymous_id = l.anonymous_id
    where e.type in ('page', 'screen', 'track')
),
stepped as (
    select *, lag(unix_micros(occurred_at)) over (
        partition by visitor, channel order by occurred_at, row_id
    ) as before_micros
    from allowed
    where visitor is not null
),
-- one row per event: the number of the visit
counted as (
    select *, sum(
        case when before_micros is null or unix_micros(occurred_at) - before_micros > 1800000000 then 1 else 0 end
    ) over (partition by visitor, channel order by occurred_at, row_id) as visit
    from stepped
),
placed as (
    select *,
        row_number() over (partition by visitor, channel, visit order by occurred_at, row_id) as nth,
        row_number() over (
            partition by visitor, channel, visit
            order by case when url is null then 1 else 0 end, occurred_at, row_id
        ) as nth_page
    from counted
)
select
    max(case when nth = 1 then cast(row_id as string) end) as visit_id,
    max(customer_id) as customer_id,
    max(case when nth = 1 then anonymous_id end) as anonymous_id,
    channel,
    min(occurred_at) as started_at,
    case when count(*) > 1
        then (max(unix_micros(occurred_at)) - min(unix_micros(occurred_at))) / 1000000.0 end as duration_seconds,
    count(*) as events,
    count(*) filter (where type in ('page', 'screen')) as pages,
    count(*) filter (where name = 'products searched') as searches,
    max(case when nth_page = 1 then url end) as entry_url,
    max(case when nth = 1 then referrer end) as referrer,
    max(case when nth = 1 then campaign_id end) as campaign_id,
    count(*) filter (where name in ('order completed', 'completed order')) > 0 as has_order
from placed
group by visitor, channel, visit
order by started_at, visit_id
