-- grain: one row per page or screen that a visitor looked at, of the customer where one was named
-- purpose: analytics
-- customer_level: true
-- form: days
-- inputs: steps
-- one row per page of a visit: what it was, when the last thing happened on it, how long it says it was visible
with opened as (
    select
        day,
        visitor,
        channel,
        visit,
        page,
        max(case when event_name = 'page left'
            then number_in(get_json_object(properties, '$.dwell_seconds')) end) as visible_seconds,
        min(micros) as first_micros,
        max(micros) as last_micros,
        max(row_id) filter (where type in ('page', 'screen')) as row_id,
        max(customer_id) filter (where type in ('page', 'screen')) as customer_id,
        max(anonymous_id) filter (where type in ('page', 'screen')) as anonymous_id,
        max(source) filter (where type in ('page', 'screen')) as source,
        max(type) filter (where type in ('page', 'screen')) as type,
        max(name) filter (where type in ('page', 'screen')) as name,
        max(url) filter (where type in ('page', 'screen')) as url,
        max(title) filter (where type in ('page', 'screen')) as title,
        max(occurred_at) filter (where type in ('page', 'screen')) as viewed_at
    from steps
    group by day, visitor, channel, visit, page
    having count(*) filter (where type in ('page', 'screen')) > 0
),
timed as (
    select *, coalesce(
        lead(first_micros) over (partition by day, visitor, channel, visit order by page),
        case when last_micros > first_micros then last_micros end
    ) as left_micros
    from opened
)
select
    day,
    cast(row_id as string) as view_id,
    customer_id,
    anonymous_id,
    source,
    channel,
    type,
    name,
    url,
    title,
    viewed_at,
    coalesce(visible_seconds, (left_micros - first_micros) / 1000000.0) as dwell_seconds
from timed
order by day, viewed_at, view_id
