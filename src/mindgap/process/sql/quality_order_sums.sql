-- grain: one row per local day and source of events: orders whose lines come to what their event says
-- purpose: operations
-- inputs: events, orders=clean_orders
-- within one in a hundred: shops round, and some say their total with shipping, which is told as a difference
with told as (
    select order_id, max(source) as source, min(occurred_at) as occurred_at, max(value) as value
    from events
    where lower(trim(name)) in ('order completed', 'completed order') and order_id is not null and value > 0
    group by order_id
),
sums as (
    -- in whole millionths, so that the sum is the same in whatever order it is taken
    select order_id, sum(cast(floor(amount * 1000000.0 + 0.5) as double)) / 1000000.0 as amount
    from orders
    where kind = 'sale'
    group by order_id
)
select
    cast(floor((unix_seconds(t.occurred_at) + m.utc_offset_seconds) / 86400.0) as bigint) as day,
    t.source,
    count(*) as n_rows,
    max(t.occurred_at) as newest_at,
    count(*) filter (where abs(s.amount - t.value) <= 0.01 * t.value) as fit_order_sum
from told as t
inner join sums as s on t.order_id = s.order_id
cross join moment as m
where s.amount is not null
group by 1, 2
order by 1, 2
