-- grain: one row per sale line whose quantity or amount is out of all proportion for its product, and rule
-- purpose: operations
-- inputs: orders by source, cleaning
-- Distance from the product's median in logarithms, in robust standard deviations: 1.4826 times the median of
-- the absolute distances (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993). Half the lines often
-- say the same quantity: a standard deviation is at least ln(1.25), a quarter more or less. Products of few
-- lines say nothing, and where the least and the greatest figure are close to each other nothing can be far from
-- the median: only of the few other products medians are looked for.
with told as (
    select row_id, source, product_id, ordered_at, 'outlier-quantity' as rule, ln(quantity) as figure
    from orders
    where kind = 'sale' and quantity > 0 and product_id is not null
    union all
    select row_id, source, product_id, ordered_at, 'outlier-amount' as rule, ln(amount / quantity) as figure
    from orders
    where kind = 'sale' and quantity > 0 and amount > 0 and product_id is not null
),
wide as (
    select t.rule, t.product_id
    from told as t
    cross join cleaning as c
    group by t.rule, t.product_id
    having count(*) >= max(
        case when t.rule = 'outlier-amount' then c.outlier_amount_least_lines else c.outlier_quantity_least_lines end
    ) and (max(t.figure) - min(t.figure)) / ln(1.25) > max(
        case when t.rule = 'outlier-amount' then c.outlier_amount_deviations else c.outlier_quantity_deviations end
    )
),
doubtful as (
    select t.*
    from told as t
    inner join wide as w on t.rule = w.rule and t.product_id = w.product_id
),
middle as (
    select rule, product_id, percentile_cont(0.5) within group (order by figure) as median
    from doubtful
    group by rule, product_id
),
apart as (
    select d.*, abs(d.figure - m.median) as distance
    from doubtful as d
    inner join middle as m on d.rule = m.rule and d.product_id = m.product_id
),
spread as (
    select rule, product_id,
        greatest(1.4826 * percentile_cont(0.5) within group (order by distance), ln(1.25)) as deviation
    from apart
    group by rule, product_id
)
select a.row_id, a.rule, a.source, a.ordered_at as happened_at, a.distance / s.deviation as deviations
from apart as a
inner join spread as s on a.rule = s.rule and a.product_id = s.product_id
cross join cleaning as c
where a.distance / s.deviation
    > case when a.rule = 'outlier-amount' then c.outlier_amount_deviations else c.outlier_quantity_deviations end
order by a.row_id, a.rule
