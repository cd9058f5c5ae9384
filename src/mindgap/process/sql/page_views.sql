-- grain: one row per page or screen that a visitor looked at
-- purpose: analytics
-- customer_level: true
-- inputs: events, links
-- `dwell_seconds` is how long the page says that it was visible (the event Page Left), or else the time to the
-- visitor's next page, or else to what they last did on this one; null for a page after which nothing more is
-- heard. A visit ends with half an hour of silence.
with allowed as (
    select
        e.row_id, e.source, e.type, e.name, e.occurred_at, e.channel, e.url, e.title, e.anonymous_id,
        case when lower(trim(e.name)) = 'page left'
            then try_cast(get_json_object(e.properties, '$.dwell_seconds') as double) end as visible_seconds,
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
-- one row per event: the number of the page that it happened on, 0 before the first
paged as (
    select *, sum(case when type in ('page', 'screen') then 1 else 0 end) over (
        partition by visitor, channel, visit order by occurred_at, row_id
    ) as page
    from counted
),
-- one row per page: when it was opened, when the last thing happened on it, how long it was visible
opened as (
    select visitor, channel, visit, page, max(visible_seconds) as visible_seconds,
        min(unix_micros(occurred_at)) as first_micros, max(unix_micros(occurred_at)) as last_micros
    from paged
    where page > 0
    group by visitor, channel, visit, page
),
timed as (
    select *, coalesce(
        lead(first_micros) over (partition by visitor, channel, visit order by page),
        case when last_micros > first_micros then last_micros end
    ) as left_micros
    from opened
)
select
    cast(p.row_id as string) as view_id,
    p.customer_id,
    p.anonymous_id,
    p.source,
    p.channel,
    p.type,
    p.name,
    p.url,
    p.title,
    p.occurred_at as viewed_at,
    coalesce(t.visible_seconds, (t.left_micros - t.first_micros) / 1000000.0) as dwell_seconds
from paged as p
inner join timed as t
    on p.visitor = t.visitor and p.channel is not distinct from t.channel and p.visit = t.visit and p.page = t.page
where p.type in ('page', 'screen')
order by p.occurred_at, p.row_id
