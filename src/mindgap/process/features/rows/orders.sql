-- the stretches of local days that a day of UTC is in, one or two: to compare all times with all stretches costs more
stretched as (
    select distinct u.utc_day, z.*
    from (select distinct cast(floor(unix_micros(ordered_at) / 8.64e10) as bigint) as utc_day from orders) as u
    inner join local_days as z
        on (u.utc_day + 1) * 86400000000 > z.from_micros and u.utc_day * 86400000000 < z.until_micros
),
-- one row per line of a known customer; money in millionths, units in thousandths
timed as (
    select o.*, unix_micros(o.ordered_at) as at_micros, z.start_micros,
        z.first_day,
        least(
            z.days - 1, cast(floor(cast(unix_micros(o.ordered_at) - z.start_micros as double) / 8.64e10) as bigint)
        ) as days_in
    from orders as o
    inner join stretched as z
        on cast(floor(unix_micros(o.ordered_at) / 8.64e10) as bigint) = z.utc_day
        and unix_micros(o.ordered_at) >= z.from_micros and unix_micros(o.ordered_at) < z.until_micros
    where o.customer_id is not null
),
counted as (
    select
        o.customer_id, o.kind, o.channel, o.order_id, o.row_id, o.at_micros,
        coalesce(m.category, o.category) as category,
        o.product_id as product,
        o.first_day + o.days_in as day,
        least(3, cast(floor(
            cast(o.at_micros - o.start_micros - o.days_in * 86400000000 as double) / 2.16e10
        ) as bigint)) as day_part,
        case when o.amount between 0.0 and 1e9 then cast(floor(o.amount * 1000000.0 + 0.5) as bigint) end as paid,
        case when o.discount between 0.0 and 1e9 then cast(floor(o.discount * 1000000.0 + 0.5) as bigint) end
            as discount,
        case when o.quantity between 0.0 and 1e6 then cast(floor(o.quantity * 1000.0 + 0.5) as bigint) end as milli,
        m.price_micros
    from timed as o
    left join product_prices as m on o.product_id = m.product_id
),
-- the first line of each order on a day, where it counts; distinct: who asks for no orders does without the join
opening as (
    select distinct min_by(row_id, (at_micros, row_id)) as row_id
    from timed
    group by customer_id, kind, first_day + days_in, order_id
),
of_orders as (
    select c.*,
        case when f.row_id is null then 0 else 1 end as opens,
        case when discount > 0 then 1 else 0 end as is_discounted,
        case when paid is not null and milli is not null and price_micros is not null then paid end as priced,
        case when paid is not null and milli is not null and price_micros is not null
            then cast(floor(cast(milli as double) * cast(price_micros as double) / 1000.0) as bigint) end as expected
    from counted as c
    left join opening as f on c.row_id = f.row_id
)
