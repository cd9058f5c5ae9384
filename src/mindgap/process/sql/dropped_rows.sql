-- grain: one row per row that a cleaning rule drops, and rule; events have dropped_events
-- purpose: operations
-- inputs: orders by source?, customers by source?, products by source?, feedback by source?, order_outliers?, cleaning
-- Rules and their figures: process/cleaning.py
with testing as (
    select row_id, source, ordered_at, concat_ws(
        '|', left(lower(order_id), 5), left(lower(customer_id), 5), left(lower(product_id), 5)
    ) as starts, lower(order_id) as order_word, lower(customer_id) as customer_word, lower(product_id) as product_word
    from orders
    -- what every word of the rule begins with: few ids need a closer look
    where order_id like 't%' or order_id like 'T%' or product_id like 't%' or product_id like 'T%'
        or customer_id like 't%' or customer_id like 'T%' or customer_id like 'd%' or customer_id like 'D%'
),
-- orders that more than one source tells of
shared as (
    select order_id
    from orders
    group by order_id
    having min(source_nth) < max(source_nth)
),
lines as (
    select o.row_id, o.source, o.ordered_at, o.source_nth,
        min(o.source_nth) over (
            partition by o.order_id, o.customer_id, o.product_id, o.product_name, o.ordered_at, o.kind, o.quantity,
                o.amount
        ) as first_nth
    from orders as o
    inner join shared as s on o.order_id = s.order_id
),
-- one row per customer of whom several sources tell: the row that was read last
last_customers as (
    select *
    from (
        select *,
            row_number() over (partition by customer_id order by source_nth desc, row_id) as nth,
            min(source_nth) over (partition by customer_id) as first_nth
        from customers
    ) as ranked
    where nth = 1 and first_nth < source_nth
),
listed as (
    select row_id, source, source_nth, max(source_nth) over (partition by product_id) as last_nth
    from products
)
select 'orders' as table_name, t.row_id, 'test-order' as rule, t.source, t.ordered_at as happened_at
from testing as t
cross join cleaning as c
where c.test_order and (
    t.order_word = 'test' or t.customer_word in ('test', 'tester', 'testuser', 'dummy') or t.product_word = 'test'
    or concat('|', t.starts, '|') like '%|test-|%' or concat('|', t.starts, '|') like '%|test:|%'
    or contains(concat('|', t.starts, '|'), '|test_|') or contains(concat('|', t.starts, '|'), '|test |')
)
union all
select 'orders' as table_name, l.row_id, 'repeated-line' as rule, l.source, l.ordered_at as happened_at
from lines as l
cross join cleaning as c
where c.repeated_line and l.source_nth > l.first_nth
union all
select 'orders' as table_name, o.row_id, 'negative-amount' as rule, o.source, o.ordered_at as happened_at
from orders as o
cross join cleaning as c
where c.negative_amount and o.kind = 'sale' and (o.amount < 0 or o.quantity < 0)
union all
select 'orders' as table_name, o.row_id, 'order-out-of-time' as rule, o.source, o.ordered_at as happened_at
from orders as o
cross join cleaning as c
where c.order_out_of_time and year(o.ordered_at) < c.order_out_of_time_earliest_year
union all
select 'orders' as table_name, o.row_id, o.rule, o.source, o.happened_at
from order_outliers as o
cross join cleaning as c
where (c.outlier_quantity and o.rule = 'outlier-quantity') or (c.outlier_amount and o.rule = 'outlier-amount')
union all
-- an earlier row that says nothing that the last one does not say; others are put together by clean_customers
select 'customers' as table_name, e.row_id, 'repeated-customer' as rule, e.source, cast(null as timestamp) as happened_at
from customers as e
inner join last_customers as l on e.customer_id = l.customer_id and e.source_nth < l.source_nth
cross join cleaning as c
where c.repeated_customer
    and (e.joined_at is null or l.joined_at is not null)
    and (e.birth_year is null or l.birth_year is not null)
    and (e.age_group is null or l.age_group is not null)
    and (e.gender is null or l.gender is not null)
    and (e.region is null or l.region is not null)
    and (e.income_group is null or l.income_group is not null)
    and (e.household_size is null or l.household_size is not null)
    and (e.traits is null or e.traits = l.traits)
    and (e.identifiers is null or e.identifiers = l.identifiers)
union all
select 'products' as table_name, p.row_id, 'repeated-product' as rule, p.source, cast(null as timestamp) as happened_at
from listed as p
cross join cleaning as c
where c.repeated_product and p.source_nth < p.last_nth
union all
select 'feedback' as table_name, f.row_id, 'score-off-scale' as rule, f.source, f.given_at as happened_at
from feedback as f
cross join cleaning as c
where c.score_off_scale
    and (f.score < 0 or f.score > coalesce(f.scale_max, case when f.kind = 'nps' then 10.0 end))
