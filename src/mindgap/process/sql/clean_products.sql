-- grain: one row per product that was not dropped
-- purpose: operations
-- form: view
-- inputs: products, dropped=dropped_rows?
select r.*
from products as r
where not exists (select 1 from dropped as d where d.table_name = 'products' and d.row_id = r.row_id)
