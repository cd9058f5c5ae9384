-- one row per order of which other events are told than before
select distinct order_key as key
from (
    select order_key, row_id
    from (
        select order_key, row_id, 1 as sign from told_now
        union all
        select order_key, row_id, -1 as sign from told_before
    ) as told
    group by order_key, row_id
    having sum(sign) <> 0
) as changed
