-- one row per product that imports do not have; of each attribute what was said last.
-- `first_at` is when the product was first seen; the rest of a sortable text is cut off what it leads
select
    product_id as identity,
    product_id,
    substr(max(product_name), 46) as product_name,
    substr(max(category), 46) as category,
    null as department,
    substr(max(brand), 46) as brand,
    cast(substr(max(price), 46) as double) as price,
    null as unit_cost,
    null as traits,
    min(first_at) as first_at
from told_products
where product_id not in (select p.product_id from imported_products as p)
group by product_id
