-- grain: one row per order and category; no customers
-- purpose: operations
-- inputs: purchases
select order_id, category, min(week) as week
from purchases
where category is not null
group by order_id, category
order by order_id, category
