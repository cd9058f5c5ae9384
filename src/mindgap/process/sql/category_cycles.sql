-- grain: one row per known customer and category bought in at least two orders: how often, and how long ago
-- purpose: personalization
-- customer_level: true
-- inputs: purchases
-- `cycle_days` is the mean time between orders with the category, `cycle_spread` the standard deviation of these
-- times in cycles; `due_ratio` is the time since the last one in cycles: at 1 the category is due.
with ordered as (
    select customer_id, category, order_id, min(unix_seconds(ordered_at)) as ordered_s
    from purchases
    where customer_id is not null and category is not null
    group by customer_id, category, order_id
),
stepped as (
    select *, ordered_s - lag(ordered_s) over (
        partition by customer_id, category order by ordered_s, order_id
    ) as gap_s
    from ordered
),
counted as (
    select customer_id, category, count(*) as orders, max(ordered_s) as last_s,
        max(ordered_s) - min(ordered_s) as span_s,
        -- gaps in hours are whole enough, and their squares add up exactly
        sum(cast(floor(gap_s / 3600.0) as bigint)) as gap_h,
        sum(cast(floor(gap_s / 3600.0) as bigint) * cast(floor(gap_s / 3600.0) as bigint)) as gap_h2
    from stepped
    group by customer_id, category
),
aged as (
    select c.customer_id, c.category, c.orders,
        c.span_s / 86400.0 / (c.orders - 1) as cycle_days,
        (unix_seconds(m.as_of) - c.last_s) / 86400.0 as last_days,
        gap_h / cast(c.orders - 1 as double) as mean_h,
        gap_h2 / cast(c.orders - 1 as double) as mean_h2
    from counted as c
    cross join moment as m
    where c.orders >= 2
)
select customer_id, category, orders, cycle_days, last_days, last_days / cycle_days as due_ratio,
    cycle_days - last_days as due_in_days,
    sqrt(greatest(mean_h2 - mean_h * mean_h, 0.0)) / nullif(mean_h, 0.0) as cycle_spread
from aged
where cycle_days > 0.0
order by customer_id, category
