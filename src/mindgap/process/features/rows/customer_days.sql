with meant as (
{steps}
),
named as (
    select
        e.customer_id,
        case when e.customer_id is null then e.anonymous_id end as anonymous_id,
        e.channel,
        e.row_id,
        unix_micros(e.occurred_at) as at_micros,
        unix_micros(e.occurred_at) - unix_micros(t.start_at) as since,
        t.first_day,
        t.days,
        case when e.type <> 'track' then 'page' else n.step end as step,
        case when e.type = 'track' and n.step = 'left'
            then number_in(replace(get_json_object(e.properties, '$.dwell_seconds'), '_', 'x')) end as visible_seconds
    from events as e
    left join meant as n on lower(trim(e.name)) = n.name
    cross join tile as t
    where e.type in ('page', 'screen', 'track') and coalesce(e.customer_id, e.anonymous_id) is not null
),
placed as (
    select *, least(days - 1, cast(floor(cast(since as double) / 8.64e10) as bigint)) as days_in
    from named
),
-- one row per event: when the one before it was, and whether a page was left with that
followed as (
    select
        customer_id, anonymous_id, channel, at_micros, step, visible_seconds,
        first_day + days_in as day,
        since - days_in * 86400000000 as of_day,
        at_micros - lag(at_micros) over visitor_day as after,
        lag(step = 'left') over visitor_day as after_left
    from placed
    window visitor_day as (
        partition by customer_id, anonymous_id, channel, days_in order by at_micros, row_id
    )
),
-- one row per event, as whole numbers
counted as (
    select
        customer_id, anonymous_id, channel, day, at_micros, step,
        case when after <= 1800000000 then 0 else 1 end as starts,
        case when after <= 1800000000 and not coalesce(after_left, false) then after end as stayed,
        case when visible_seconds between 0.0 and 1e6
            then cast(floor(visible_seconds * 1000000.0 + 0.5) as bigint) end as visible,
        least(3, cast(floor(cast(of_day as double) / 2.16e10) as bigint)) as day_part
    from followed
)
select
    customer_id, anonymous_id, channel, day,
{measures}
from counted
group by customer_id, anonymous_id, channel, day
