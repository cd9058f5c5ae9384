-- grain: one row per known customer and order
-- purpose: analytics
-- customer_level: true
-- inputs: purchases
-- `gap_days` is the time since the customer's order before; null for the first
-- money and units are added up in whole millionths, so that sums are the same in whatever order they are taken
with per_order as (
    select
        customer_id,
        order_id,
        min(ordered_at) as ordered_at,
        min(week) as week,
        count(*) as lines,
        sum(cast(floor(quantity * 1000000.0 + 0.5) as double)) / 1000000.0 as units,
        sum(cast(floor(coalesce(amount, 0.0) * 1000000.0 + 0.5) as double)) / 1000000.0 as spend,
        sum(cast(floor(coalesce(discount, 0.0) * 1000000.0 + 0.5) as double)) / 1000000.0 as discount,
        max(channel) as channel,
        max(store_id) as store_id
    from purchases
    where customer_id is not null
    group by customer_id, order_id
)
select
    *,
    (unix_seconds(ordered_at) - lag(unix_seconds(ordered_at)) over (
        partition by customer_id order by ordered_at, order_id
    )) / 86400.0 as gap_days
from per_order
order by customer_id, ordered_at, order_id
