-- grain: one row per product: its category, and the mean price that customers pay for a unit
-- purpose: operations
-- inputs: catalogue, orders=clean_orders
-- in millionths and whole, so that sums are the same in whatever order they are taken
with lines as (
    select
        o.product_id,
        cast(floor(o.amount * 1000000.0 + 0.5) as bigint) as paid_micros,
        cast(floor(o.quantity * 1000.0 + 0.5) as bigint) as units_milli
    from orders as o
    where o.kind = 'sale' and o.product_id is not null
        and o.amount between 0.0 and 1e9 and o.quantity between 0.0 and 1e6
),
paid as (
    select product_id, cast(sum(paid_micros) as bigint) as paid_micros, cast(sum(units_milli) as bigint) as units_milli
    from lines
    group by product_id
)
select
    c.product_id,
    c.category,
    cast(floor(cast(p.paid_micros as double) / cast(nullif(p.units_milli, 0) as double) * 1000.0) as bigint)
        as price_micros
from catalogue as c
left join paid as p on c.product_id = p.product_id
order by c.product_id
