-- grain: one row per local day and source of order lines: counts that the figures of quality are made of
-- purpose: operations
-- inputs: orders by source, clean_customers?, clean_products?, dropped=dropped_rows?, order_outliers?
-- `told_x`: rows that say x; `known_x`: rows whose x another table has, null where that table has no rows
with people as (
    select distinct explode(text_list(sent_customer_ids)) as customer_id from clean_customers
),
things as (
    select distinct product_id from clean_products
),
tables as (
    select (select count(*) from people) as people, (select count(*) from things) as things
),
dropped_ids as (
    select distinct row_id from dropped where table_name = 'orders'
),
outlying as (
    select distinct row_id from order_outliers
)
select
    cast(floor((unix_seconds(o.ordered_at) + m.utc_offset_seconds) / 86400.0) as bigint) as day,
    o.source,
    count(*) as n_rows,
    max(o.ordered_at) as newest_at,
    count(o.customer_id) as told_customer_id,
    count(o.product_id) as told_product_id,
    count(o.amount) as told_amount,
    count(o.channel) as told_channel,
    case when max(t.people) > 0 then count(p.customer_id) end as known_customer_id,
    case when max(t.things) > 0 then count(g.product_id) end as known_product_id,
    count(d.row_id) as dropped,
    count(x.row_id) as outliers
from orders as o
cross join moment as m
cross join tables as t
left join people as p on o.customer_id = p.customer_id
left join things as g on o.product_id = g.product_id
left join dropped_ids as d on o.row_id = d.row_id
left join outlying as x on o.row_id = x.row_id
group by 1, 2
order by 1, 2
