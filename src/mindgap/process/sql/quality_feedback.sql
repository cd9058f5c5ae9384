-- grain: one row per local day and source of feedback: counts that the figures of quality are made of
-- purpose: operations
-- inputs: feedback by source, dropped=dropped_rows?
with dropped_ids as (
    select distinct row_id from dropped where table_name = 'feedback'
)
select
    cast(floor((unix_seconds(r.given_at) + m.utc_offset_seconds) / 86400.0) as bigint) as day,
    r.source,
    count(*) as n_rows,
    max(r.given_at) as newest_at,
    count(r.customer_id) as told_customer_id,
    count(r.product_id) as told_product_id,
    count(r.score) as told_score,
    count(r.scale_max) as told_scale_max,
    count(d.row_id) as dropped
from feedback as r
cross join moment as m
left join dropped_ids as d on r.row_id = d.row_id
group by 1, 2
order by 1, 2
