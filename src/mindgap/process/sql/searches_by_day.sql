-- grain: one row per search of a visitor, of the customer where one was named
-- purpose: analytics
-- customer_level: true
-- form: days
-- inputs: events=kept_events
select
    t.first_day + least(t.days - 1, cast(
        floor((unix_micros(e.occurred_at) - unix_micros(t.start_at)) / 86400000000.0) as bigint
    )) as day,
    cast(e.row_id as string) as search_id,
    e.customer_id,
    e.anonymous_id,
    e.source,
    e.channel,
    e.occurred_at as searched_at,
    lower(trim(e.query)) as query
from events as e
cross join tile as t
where e.type = 'track' and lower(trim(e.name)) = 'products searched' and trim(e.query) <> ''
order by day, e.occurred_at, e.row_id
