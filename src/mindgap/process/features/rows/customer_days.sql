with followed as (
    select
        visitor_key, row_id, at_micros, step, visible_seconds, of_day_micros,
        at_micros - lag(at_micros) over visitor_day as after,
        lag(step = 'left') over visitor_day as after_left
    from events
    where type in ('page', 'screen', 'track') and coalesce(customer_id, anonymous_id) is not null
    window visitor_day as (partition by visitor_key order by at_micros, row_id)
),
-- one row per event, as whole numbers
counted as (
    select
        visitor_key, at_micros, step,
        case when after is null then row_id end as first_id,
        case when after <= 1800000000 then 0 else 1 end as starts,
        case when after <= 1800000000 and not coalesce(after_left, false) then after end as stayed,
        case when visible_seconds between 0.0 and 1e6
            then cast(floor(visible_seconds * 1000000.0 + 0.5) as bigint) end as visible,
        least(3, cast(floor(cast(of_day_micros as double) / 2.16e10) as bigint)) as day_part
    from followed
),
folded as (
    select max(first_id) as first_id,
{measures}
    from counted
    group by visitor_key
)
select
    e.customer_id,
    case when e.customer_id is null then e.anonymous_id end as anonymous_id,
    e.channel,
    e.day,
{columns}
from folded as f
inner join events as e on f.first_id = e.row_id
order by e.day, e.customer_id, e.anonymous_id, e.channel
