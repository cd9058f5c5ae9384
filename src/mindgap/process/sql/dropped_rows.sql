-- grain: one row per row that a cleaning rule drops, and rule
-- purpose: operations
-- inputs: orders?
select
    cast(null as string) as table_name, row_id, cast(null as string) as rule,
    cast(null as string) as source, cast(null as timestamp) as at
from orders
where 1 = 0
