-- grain: one row per customer, thing shown and moment that was not dropped, of the person
-- purpose: operations
-- customer_level: true
-- form: view
-- inputs: exposures, dropped=dropped_rows?, same_person?
select
    r.row_id, coalesce(s.person_id, r.customer_id, a.person_id) as customer_id,
    r.customer_id as sent_customer_id, r.anonymous_id, r.product_id, r.campaign_id, r.shown_at, r.channel, r.kind,
    r.position, r.decision_id
from exposures as r
left join same_person as s on s.id_kind = 'customer' and s.id = r.customer_id
left join same_person as a on r.customer_id is null and a.id_kind = 'anonymous' and a.id = r.anonymous_id
where not exists (select 1 from dropped as d where d.table_name = 'exposures' and d.row_id = r.row_id)
