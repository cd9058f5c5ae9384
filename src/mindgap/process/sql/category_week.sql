-- grain: one row per category and week before the as-of time; market figures, no customers
-- purpose: operations
-- inputs: purchases
select
    category,
    week,
    count(*) as lines,
    sum(quantity) as units,
    sum(coalesce(amount, 0.0)) as spend,
    sum(coalesce(discount, 0.0)) as discount,
    count(distinct customer_id) as customers,
    count(distinct order_id) as orders
from purchases
where category is not null
group by category, week
order by category, week
