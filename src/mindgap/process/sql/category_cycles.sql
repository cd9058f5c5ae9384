-- grain: one row per known customer and category bought in at least two orders, as of now and 28 and 56 days ago
-- purpose: personalization
-- customer_level: true
-- inputs: purchases
-- `days_before` tells which of the three moments a row is of: nothing later is in it. `cycle_days` is the mean time
-- between orders with the category, `cycle_spread` the standard deviation of these times in cycles; `due_ratio` is
-- the time since the last one in cycles: at 1 the category is due.
with ordered as (
    select customer_id, category, order_id, min(unix_seconds(ordered_at)) as ordered_s
    from purchases
    where customer_id is not null and category is not null
    group by customer_id, category, order_id
),
stepped as (
    select *, cast(floor((ordered_s - lag(ordered_s) over (
        partition by customer_id, category order by ordered_s, order_id
    )) / 3600.0) as bigint) as gap_h
    from ordered
),
moments as (
    select d.days_before, unix_seconds(m.as_of) - d.days_before * 86400 as cut_s
    from moment as m
    cross join (select 0 as days_before union all select 28 as days_before union all select 56 as days_before) as d
),
counted as (
    select m.days_before, s.customer_id, s.category, count(*) as orders, max(s.ordered_s) as last_s,
        min(s.ordered_s) as first_s, max(m.cut_s) as cut_s,
        -- gaps in whole hours: their squares add up exactly
        sum(s.gap_h) as gap_h,
        sum(s.gap_h * s.gap_h) as gap_h2
    from stepped as s
    inner join moments as m on s.ordered_s < m.cut_s
    group by m.days_before, s.customer_id, s.category
),
aged as (
    select cast(days_before as bigint) as days_before, customer_id, category, orders,
        (last_s - first_s) / 86400.0 / (orders - 1) as cycle_days,
        (cut_s - last_s) / 86400.0 as last_days,
        gap_h / cast(orders - 1 as double) as mean_h,
        gap_h2 / cast(orders - 1 as double) as mean_h2
    from counted
    where orders >= 2 and last_s > first_s
)
select days_before, customer_id, category, orders, cycle_days, last_days, last_days / cycle_days as due_ratio,
    cycle_days - last_days as due_in_days,
    sqrt(greatest(mean_h2 - mean_h * mean_h, 0.0)) / nullif(mean_h, 0.0) as cycle_spread
from aged
order by days_before, customer_id, category
