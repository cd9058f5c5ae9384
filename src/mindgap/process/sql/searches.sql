-- grain: one row per search of a visitor
-- purpose: analytics
-- customer_level: true
-- form: view
-- inputs: searches=searches_by_day, same_person?
select
    v.search_id, coalesce(s.person_id, v.customer_id) as customer_id, v.anonymous_id, v.source, v.channel,
    v.searched_at, v.query
from searches as v
left join same_person as s
    on s.id = coalesce(v.customer_id, v.anonymous_id)
    and s.id_kind = case when v.customer_id is null then 'anonymous' else 'customer' end
