-- grain: one row per product that was bought; market figures, no customers
-- purpose: operations
-- inputs: purchases, catalogue
-- money and units are added up in whole millionths, so that sums are the same in whatever order they are taken
with aged as (
    select p.*, (unix_seconds(m.as_of) - unix_seconds(p.ordered_at)) / 86400.0 as age_days
    from purchases as p
    cross join moment as m
    where p.product_id is not null
),
counted as (
    select
        product_id,
        count(*) as lines,
        count(distinct customer_id) as customers,
        sum(cast(floor(coalesce(amount, 0.0) * 1000000.0 + 0.5) as double)) / 1000000.0 as spend,
        sum(cast(floor(amount * 1000000.0 + 0.5) as double))
            / nullif(sum(cast(floor(quantity * 1000000.0 + 0.5) as double)), 0.0) as mean_price,
        min(age_days) as last_days,
        max(age_days) as first_days,
        count(*) filter (where age_days <= 28) as lines_28d
    from aged
    group by product_id
)
select
    n.product_id,
    c.product_name,
    c.category,
    c.department,
    c.brand,
    n.lines,
    n.customers,
    n.spend,
    n.mean_price,
    n.last_days,
    n.first_days,
    n.lines_28d
from counted as n
left join catalogue as c on n.product_id = c.product_id
order by n.product_id
