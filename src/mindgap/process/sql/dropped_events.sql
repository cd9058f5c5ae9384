-- grain: one row per event that a cleaning rule drops, and rule
-- purpose: operations
-- form: days
-- inputs: events
select cast(0 as bigint) as day, row_id, cast(null as string) as rule, source, occurred_at
from events
where 1 = 0
