-- grain: one row per event that a cleaning rule drops, and rule
-- purpose: analytics
-- form: days
-- inputs: events, cleaning, bot_agents
-- Rules and their figures: process/cleaning.py. The queries touch few columns of `events` at a time.
with agents as (
    select context, replace(replace(get_json_object(context, '$.userAgent'), 'CUBOT', ''), 'Cubot', '') as agent
    from (select distinct context from events where context is not null) as told
),
bots as (
    select distinct a.context
    from agents as a
    inner join bot_agents as b on
        case
            when b.at_start then left(a.agent, length(b.needle)) = b.needle
            when b.any_case then contains(lower(a.agent), b.needle)
            else contains(a.agent, b.needle)
        end
),
-- one row per event of a visitor: the day, and the minute of it where a page was looked at
placed as (
    select
        coalesce(e.customer_id, e.anonymous_id) as visitor,
        t.first_day + least(t.days - 1, cast(
            floor((unix_micros(e.occurred_at) - unix_micros(t.start_at)) / 86400000000.0) as bigint
        )) as day,
        case when e.type in ('page', 'screen') then cast(floor(unix_seconds(e.occurred_at) / 60.0) as bigint) end
            as minute
    from events as e
    cross join tile as t
),
busy as (
    select visitor, day
    from placed
    cross join cleaning as c
    where c.bot_pace and visitor is not null
    group by visitor, day, c.bot_pace_events_a_day, c.bot_pace_pages_a_minute
    having count(minute) > c.bot_pace_pages_a_minute or (count(*) > c.bot_pace_events_a_day and count(minute) > 0)
),
busy_minutes as (
    select b.visitor, b.day, p.minute, count(*) as pages
    from busy as b
    inner join placed as p on b.visitor = p.visitor and b.day = p.day
    where p.minute is not null
    group by b.visitor, b.day, p.minute
),
-- one row per visitor and day faster than a person: in all, or in a minute
paced as (
    select m.visitor, m.day
    from busy_minutes as m
    cross join cleaning as c
    group by m.visitor, m.day, c.bot_pace_pages_a_minute
    having max(m.pages) > c.bot_pace_pages_a_minute
    union
    select p.visitor, p.day
    from placed as p
    inner join busy as b on p.visitor = b.visitor and p.day = b.day
    cross join cleaning as c
    group by p.visitor, p.day, c.bot_pace_events_a_day
    having count(*) > c.bot_pace_events_a_day
),
-- one row per event: a hash of its day, and of what it says and of whom, so that few bytes are compared
said as (
    select e.row_id, e.source, e.occurred_at, c.duplicate_event_within_seconds as within_seconds,
        quick_hash(concat_ws(
            chr(31),
            cast(t.first_day + least(t.days - 1, cast(
                floor((unix_micros(e.occurred_at) - unix_micros(t.start_at)) / 86400000000.0) as bigint
            )) as string),
            coalesce(e.customer_id, e.anonymous_id), e.source, e.type, coalesce(e.name, ''), coalesce(e.url, ''),
            e.properties
        )) as meaning
    from events as e
    cross join tile as t
    cross join cleaning as c
    where c.duplicate_event and coalesce(e.customer_id, e.anonymous_id) is not null
),
-- one row per event that others resemble: when the one before it was
repeats as (
    select *, lag(unix_micros(occurred_at)) over (
        partition by meaning order by occurred_at, row_id
    ) as before_micros
    from said
    where meaning in (select m.meaning from said as m group by m.meaning having count(*) > 1)
),
hits as (
    select e.row_id, 'bot-user-agent' as rule, e.source, e.occurred_at
    from events as e
    cross join cleaning as c
    where c.bot_user_agent and e.context in (select b.context from bots as b)
    union all
    select e.row_id, 'bot-pace' as rule, e.source, e.occurred_at
    from events as e
    cross join tile as t
    inner join paced as p
        on coalesce(e.customer_id, e.anonymous_id) = p.visitor
        and t.first_day + least(t.days - 1, cast(
            floor((unix_micros(e.occurred_at) - unix_micros(t.start_at)) / 86400000000.0) as bigint
        )) = p.day
    union all
    select e.row_id, 'clock-out-of-range' as rule, e.source, e.occurred_at
    from events as e
    cross join cleaning as c
    where c.clock_out_of_range
        and (year(e.occurred_at) < c.clock_out_of_range_earliest_year or e.occurred_at > e.received_at)
    union all
    select e.row_id, 'test-event' as rule, e.source, e.occurred_at
    from events as e
    cross join cleaning as c
    where c.test_event and (
        lower(trim(e.name)) in ('test', 'testing', 'test event')
        or contains(e.properties, 'est"') and (
            (contains(e.properties, '"test"') and lower(get_json_object(e.properties, '$.test')) in ('true', '1'))
            or (contains(e.properties, '"is_test"') and lower(get_json_object(e.properties, '$.is_test')) in ('true', '1'))
            or (contains(e.properties, '"isTest"') and lower(get_json_object(e.properties, '$.isTest')) in ('true', '1'))
        )
    )
    union all
    select r.row_id, 'duplicate-event' as rule, r.source, r.occurred_at
    from repeats as r
    where unix_micros(r.occurred_at) - r.before_micros <= r.within_seconds * 1000000
)
select
    t.first_day + least(t.days - 1, cast(
        floor((unix_micros(h.occurred_at) - unix_micros(t.start_at)) / 86400000000.0) as bigint
    )) as day,
    h.row_id, h.rule, h.source, h.occurred_at
from hits as h
cross join tile as t
order by h.occurred_at, h.row_id, h.rule
