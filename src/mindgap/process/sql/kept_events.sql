-- grain: one row per event that was not dropped
-- purpose: analytics
-- customer_level: true
-- form: view
-- inputs: events, dropped=dropped_events?
select e.*
from events as e
where not exists (select 1 from dropped as d where d.row_id = e.row_id)
