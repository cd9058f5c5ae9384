with meant as (
{steps}
),
named as (
    select
        e.customer_id,
        case when e.customer_id is null then e.anonymous_id end as anonymous_id,
        t.first_day + least(t.days - 1, cast(floor(
            cast(unix_micros(e.occurred_at) - unix_micros(t.start_at) as double) / 8.64e10
        ) as bigint)) as day,
        unix_micros(e.occurred_at) as at_micros,
        n.step, e.category, e.product_id, e.query
    from events as e
    inner join meant as n on lower(trim(e.name)) = n.name
    cross join tile as t
    where e.type = 'track' and n.step in ('view', 'click', 'cart', 'search') and coalesce(e.customer_id, e.anonymous_id) is not null
        and (e.product_id is not null or e.category is not null or e.query is not null)
),
looked as (
    select customer_id, anonymous_id, day, at_micros, step,
        case when step <> 'search' then category end as category,
        case when step <> 'search' then product_id end as product_id,
        case when step = 'search' then nullif(lower(trim(query)), '') end as query
    from named
)
select
    customer_id, anonymous_id, day, category, product_id, query,
{measures}
from looked
where category is not null or product_id is not null or query is not null
group by customer_id, anonymous_id, day, category, product_id, query
