-- one row per customer and set of traits that identify calls told, of customers that imports do not have
select customer_id, traits, min(occurred_at) as first_at, max(occurred_at) as last_at
from events
where type = 'identify' and customer_id is not null and traits is not null and traits <> '{}'
    and concat(' ', coalesce(purposes, ''), ' ') like '% analytics %'
    and customer_id not in (select c.customer_id from imported_customers as c)
group by customer_id, traits
order by customer_id, last_at, traits
