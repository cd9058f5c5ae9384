-- grain: one row per product, from the catalogue or, without one, from the order lines that name it
-- purpose: operations
-- inputs: products=clean_products?, orders=clean_orders?
with listed as (
    select product_id, product_name, category, department, brand, price, unit_cost, 0 as origin, row_id
    from products
),
ordered as (
    select product_id, max(product_name) as product_name, max(category) as category,
        cast(null as varchar(1)) as department, cast(null as varchar(1)) as brand,
        cast(null as double) as price, cast(null as double) as unit_cost, 1 as origin, 0 as row_id
    from orders
    where product_id is not null
    group by product_id
),
ranked as (
    select *, row_number() over (partition by product_id order by origin, row_id) as nth
    from (select * from listed union all select * from ordered) as both_origins
)
select product_id, product_name, category, department, brand, price, unit_cost
from ranked
where nth = 1
order by product_id
