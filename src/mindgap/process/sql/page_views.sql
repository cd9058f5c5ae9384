-- grain: one row per page or screen that a visitor looked at
-- purpose: analytics
-- customer_level: true
-- form: view
-- inputs: views=page_views_by_day, same_person?
-- `dwell_seconds` is how long the page says that it was visible (the event Page Left), or else the time to the
-- visitor's next page, or else to what they last did on this one; null for a page after which nothing more is
-- heard. A visit ends with half an hour of silence, and at midnight.
select
    v.view_id, coalesce(s.person_id, v.customer_id) as customer_id, v.anonymous_id, v.source, v.channel, v.type,
    v.name, v.url, v.title, v.viewed_at, v.dwell_seconds
from views as v
left join same_person as s
    on s.id = coalesce(v.customer_id, v.anonymous_id)
    and s.id_kind = case when v.customer_id is null then 'anonymous' else 'customer' end
