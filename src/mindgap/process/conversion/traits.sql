-- one row per customer and set of traits, of customers that imports do not have and of whom something changed
select customer_id, traits, min(first_at) as first_at, max(last_at) as last_at
from told_traits
where customer_id in (select t.key from touched as t)
    and customer_id not in (select c.customer_id from imported_customers as c)
group by customer_id, traits
order by customer_id, last_at, traits
