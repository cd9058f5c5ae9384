-- grain: one row per order line that was not dropped, of the person who bought
-- purpose: operations
-- customer_level: true
-- form: view
-- inputs: orders, dropped=dropped_rows?, same_person?
select
    r.row_id, r.order_id, coalesce(s.person_id, r.customer_id, a.person_id) as customer_id,
    r.customer_id as sent_customer_id, r.anonymous_id, r.product_id, r.ordered_at, r.quantity, r.amount, r.discount,
    r.kind, r.category, r.product_name, r.channel, r.store_id, r.campaign_id
from orders as r
left join same_person as s on s.id_kind = 'customer' and s.id = r.customer_id
left join same_person as a on r.customer_id is null and a.id_kind = 'anonymous' and a.id = r.anonymous_id
where not exists (select 1 from dropped as d where d.table_name = 'orders' and d.row_id = r.row_id)
