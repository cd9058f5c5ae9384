-- grain: one row per visit: what a visitor did on one channel without half an hour of silence, within a day
-- purpose: analytics
-- customer_level: true
-- form: view
-- inputs: visits=visits_by_day, same_person?
-- `duration_seconds` is from the first thing heard to the last; null where only one was
select
    v.visit_id, coalesce(s.person_id, v.customer_id) as customer_id, v.anonymous_id, v.channel, v.started_at,
    v.duration_seconds, v.events, v.pages, v.searches, v.entry_url, v.referrer, v.campaign_id, v.has_order
from visits as v
left join same_person as s
    on s.id = coalesce(v.customer_id, v.anonymous_id)
    and s.id_kind = case when v.customer_id is null then 'anonymous' else 'customer' end
