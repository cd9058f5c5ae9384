-- grain: one row per event, with the local day that it is of
-- purpose: analytics
-- customer_level: true
-- form: view
-- inputs: events
-- Seen only by tables that are kept by day. `of_day_micros` is the time since that day began.
with timed as (
    select e.*, t.first_day, unix_micros(e.occurred_at) - unix_micros(t.start_at) as since_micros,
        least(t.days - 1, cast(
            floor((unix_micros(e.occurred_at) - unix_micros(t.start_at)) / 86400000000.0) as bigint
        )) as days_in
    from events as e
    cross join tile as t
)
select *, first_day + days_in as day, since_micros - days_in * 86400000000 as of_day_micros
from timed
