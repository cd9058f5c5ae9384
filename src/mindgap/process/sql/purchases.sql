-- grain: one row per sale line; returns and cancelled lines are left out
-- purpose: operations
-- customer_level: true
-- inputs: orders=clean_orders, catalogue
-- `week` counts whole weeks back from the as-of time: 0 is the last seven days before it
select
    o.customer_id,
    o.order_id,
    o.product_id,
    coalesce(c.category, o.category) as category,
    c.department,
    o.ordered_at,
    cast(floor((unix_seconds(m.as_of) - unix_seconds(o.ordered_at) - 1) / 604800.0) as bigint) as week,
    o.quantity,
    o.amount,
    o.discount,
    o.channel,
    o.store_id
from orders as o
cross join moment as m
left join catalogue as c on o.product_id = c.product_id
where o.kind = 'sale'
