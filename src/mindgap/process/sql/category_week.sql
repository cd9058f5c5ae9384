-- grain: one row per category and week before the as-of time; market figures, no customers
-- purpose: operations
-- inputs: purchases
-- money and units are added up in whole millionths, so that sums are the same in whatever order they are taken
select
    category,
    week,
    count(*) as lines,
    sum(cast(floor(quantity * 1000000.0 + 0.5) as double)) / 1000000.0 as units,
    sum(cast(floor(coalesce(amount, 0.0) * 1000000.0 + 0.5) as double)) / 1000000.0 as spend,
    sum(cast(floor(coalesce(discount, 0.0) * 1000000.0 + 0.5) as double)) / 1000000.0 as discount,
    count(distinct customer_id) as customers,
    count(distinct order_id) as orders
from purchases
where category is not null
group by category, week
order by category, week
