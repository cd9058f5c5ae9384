-- grain: one row per page or screen that a visitor looked at, of the customer where one was named
-- purpose: analytics
-- customer_level: true
-- form: days
-- inputs: steps, events=kept_events
-- one row per page of a visit: when it was opened, when the last thing happened on it, how long it was visible
with opened as (
    select
        day,
        visitor,
        channel,
        visit,
        page,
        max(case when is_page then row_id end) as row_id,
        max(visible_seconds) as visible_seconds,
        min(micros) as first_micros,
        max(micros) as last_micros
    from steps
    group by day, visitor, channel, visit, page
    having count(case when is_page then 1 end) > 0
),
timed as (
    select day, row_id, visible_seconds, first_micros, coalesce(
        lead(first_micros) over (partition by day, visitor, channel, visit order by page),
        case when last_micros > first_micros then last_micros end
    ) as left_micros
    from opened
)
select
    t.day,
    cast(t.row_id as string) as view_id,
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
from timed as t
inner join events as p on t.row_id = p.row_id
order by t.day, viewed_at, view_id
