-- one row per customer of whom other traits are told than before
select distinct customer_id as key
from (
    select customer_id
    from (
        select customer_id, traits, first_at, last_at, 1 as sign from told_now
        union all
        select customer_id, traits, first_at, last_at, -1 as sign from told_before
    ) as told
    group by customer_id, traits, first_at, last_at
    having sum(sign) <> 0
) as changed
