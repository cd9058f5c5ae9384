-- grain: one row per source of products: counts that the figures of quality are made of
-- purpose: operations
-- inputs: products by source, dropped=dropped_rows?
with dropped_ids as (
    select distinct row_id from dropped where table_name = 'products'
)
select
    cast(null as bigint) as day,
    r.source,
    count(*) as n_rows,
    cast(null as timestamp) as newest_at,
    count(r.product_name) as told_product_name,
    count(r.category) as told_category,
    count(r.brand) as told_brand,
    count(r.price) as told_price,
    count(r.unit_cost) as told_unit_cost,
    count(d.row_id) as dropped
from products as r
left join dropped_ids as d on r.row_id = d.row_id
group by 1, 2
order by 1, 2
