-- grain: one row per source of customers: counts that the figures of quality are made of
-- purpose: operations
-- inputs: customers by source, dropped=dropped_rows?
with dropped_ids as (
    select distinct row_id from dropped where table_name = 'customers'
)
select
    cast(null as bigint) as day,
    r.source,
    count(*) as n_rows,
    cast(null as timestamp) as newest_at,
    count(r.joined_at) as told_joined_at,
    count(r.birth_year) as told_birth_year,
    count(r.age_group) as told_age_group,
    count(r.gender) as told_gender,
    count(r.region) as told_region,
    count(d.row_id) as dropped
from customers as r
left join dropped_ids as d on r.row_id = d.row_id
group by 1, 2
order by 1, 2
