-- grain: one row per local day and source of exposures: counts that the figures of quality are made of
-- purpose: operations
-- inputs: exposures by source, dropped=dropped_rows?
with dropped_ids as (
    select distinct row_id from dropped where table_name = 'exposures'
)
select
    cast(floor((unix_seconds(r.shown_at) + m.utc_offset_seconds) / 86400.0) as bigint) as day,
    r.source,
    count(*) as n_rows,
    max(r.shown_at) as newest_at,
    count(r.customer_id) as told_customer_id,
    count(r.product_id) as told_product_id,
    count(r.campaign_id) as told_campaign_id,
    count(d.row_id) as dropped
from exposures as r
cross join moment as m
left join dropped_ids as d on r.row_id = d.row_id
group by 1, 2
order by 1, 2
