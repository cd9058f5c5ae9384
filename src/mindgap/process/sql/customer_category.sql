-- grain: one row per known customer and category
-- purpose: analytics
-- customer_level: true
-- inputs: purchases
-- `decayed_lines` halves a line's weight every 84 days
-- money is added up in whole millionths, weights in whole billionths, so that sums are the same in whatever order
with aged as (
    select p.customer_id, p.category, p.amount,
        (unix_seconds(m.as_of) - unix_seconds(p.ordered_at)) / 86400.0 as age_days
    from purchases as p
    cross join moment as m
    where p.customer_id is not null and p.category is not null
),
counted as (
    select
        customer_id,
        category,
        count(*) as lines,
        sum(cast(floor(coalesce(amount, 0.0) * 1000000.0 + 0.5) as double)) / 1000000.0 as spend,
        min(age_days) as last_days,
        sum(cast(floor(power(0.5, age_days / 84.0) * 1e9 + 0.5) as double)) / 1e9 as decayed_lines
    from aged
    group by customer_id, category
)
select
    customer_id,
    category,
    lines,
    spend,
    lines / cast(sum(lines) over (partition by customer_id) as double) as line_share,
    last_days,
    decayed_lines
from counted
order by customer_id, category
