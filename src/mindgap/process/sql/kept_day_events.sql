-- grain: one row per event that was not dropped, as tables that are kept by day see it
-- purpose: analytics
-- customer_level: true
-- form: view
-- inputs: events=day_events, dropped=dropped_events?
select e.*
from events as e
where not exists (select 1 from dropped as d where d.row_id = e.row_id)
