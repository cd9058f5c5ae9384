-- grain: one row per event that a cleaning rule drops, and rule
-- purpose: analytics
-- form: days
-- inputs: events=day_events, cleaning
-- Rules and their figures: process/cleaning.py. A visitor is a customer, or a device before sign-in; a device that
-- is called like a customer is another.
with busy as (
    select coalesce(e.customer_id, e.anonymous_id) as visitor, e.customer_id is null as is_device, e.day
    from events as e
    cross join cleaning as c
    where c.bot_pace and coalesce(e.customer_id, e.anonymous_id) is not null
    group by
        coalesce(e.customer_id, e.anonymous_id), e.customer_id is null, e.day,
        c.bot_pace_events_a_day, c.bot_pace_pages_a_minute
    having
        count(*) filter (where e.is_page) > c.bot_pace_pages_a_minute
        or (count(*) > c.bot_pace_events_a_day and count(*) filter (where e.is_page) > 0)
),
-- one row per busy visitor, day and minute
paces as (
    select
        b.visitor, b.is_device, b.day, cast(floor(e.at_micros / 60000000.0) as bigint) as minute,
        count(*) as events, count(*) filter (where e.is_page) as pages
    from busy as b
    inner join events as e
        on b.visitor = coalesce(e.customer_id, e.anonymous_id) and b.is_device = (e.customer_id is null)
        and b.day = e.day
    group by b.visitor, b.is_device, b.day, cast(floor(e.at_micros / 60000000.0) as bigint)
),
-- one row per visitor and day faster than a person: in all, or in a minute
paced as (
    select p.visitor, p.is_device, p.day
    from paces as p
    cross join cleaning as c
    group by p.visitor, p.is_device, p.day, c.bot_pace_pages_a_minute, c.bot_pace_events_a_day
    having max(p.pages) > c.bot_pace_pages_a_minute or sum(p.events) > c.bot_pace_events_a_day
),
-- one row per event that others resemble: when the one before it was
repeats as (
    select *, lag(at_micros) over (partition by meaning order by at_micros, row_id) as before_micros
    from events
    where meaning in (select m.meaning from events as m where m.meaning is not null group by m.meaning having count(*) > 1)
),
hits as (
    select e.day, e.row_id, 'bot-user-agent' as rule, e.source, e.occurred_at
    from events as e
    cross join cleaning as c
    where c.bot_user_agent and e.has_bot_agent
    union all
    select e.day, e.row_id, 'bot-pace' as rule, e.source, e.occurred_at
    from events as e
    inner join paced as p
        on coalesce(e.customer_id, e.anonymous_id) = p.visitor and (e.customer_id is null) = p.is_device
        and e.day = p.day
    union all
    select e.day, e.row_id, 'clock-out-of-range' as rule, e.source, e.occurred_at
    from events as e
    cross join cleaning as c
    where c.clock_out_of_range and (year(e.occurred_at) < c.clock_out_of_range_earliest_year or e.is_of_the_future)
    union all
    select e.day, e.row_id, 'test-event' as rule, e.source, e.occurred_at
    from events as e
    cross join cleaning as c
    where c.test_event and e.is_test
    union all
    select r.day, r.row_id, 'duplicate-event' as rule, r.source, r.occurred_at
    from repeats as r
    cross join cleaning as c
    where r.at_micros - r.before_micros <= c.duplicate_event_within_seconds * 1000000
)
select day, row_id, rule, source, occurred_at
from hits
order by occurred_at, row_id, rule
