-- grain: one row per search of a visitor, of the customer where one was named
-- purpose: analytics
-- customer_level: true
-- form: days
-- inputs: events=kept_day_events
select day, cast(row_id as string) as search_id, customer_id, anonymous_id, source, channel,
    occurred_at as searched_at, query
from events
where step = 'search' and query is not null
order by day, occurred_at, row_id
