with looked as (
    select customer_id, case when customer_id is null then anonymous_id end as anonymous_id, day, at_micros, step,
        case when step <> 'search' then category end as category,
        case when step <> 'search' then product_id end as product_id,
        case when step = 'search' then query end as query
    from events
    where step in ('view', 'click', 'cart', 'search') and coalesce(customer_id, anonymous_id) is not null
)
select
    customer_id, anonymous_id, day, category, product_id, query,
{measures}
from looked
where category is not null or product_id is not null or query is not null
group by customer_id, anonymous_id, day, category, product_id, query
order by day, customer_id, anonymous_id, category, product_id, query
