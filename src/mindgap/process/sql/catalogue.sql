-- grain: one row per product; what the catalogue does not say of it, such as a name, order lines may
-- purpose: operations
-- inputs: products=clean_products?, orders=clean_orders?
with ranked as (
    select *, row_number() over (partition by product_id order by row_id) as nth
    from products
),
listed as (
    select product_id, product_name, category, department, brand, price, unit_cost
    from ranked
    where nth = 1
),
ordered as (
    select product_id, max(product_name) as product_name, max(category) as category
    from orders
    where product_id is not null
    group by product_id
)
select
    coalesce(l.product_id, o.product_id) as product_id,
    coalesce(l.product_name, o.product_name) as product_name,
    coalesce(l.category, o.category) as category,
    l.department,
    l.brand,
    l.price,
    l.unit_cost
from listed as l
full outer join ordered as o on l.product_id = o.product_id
order by product_id
