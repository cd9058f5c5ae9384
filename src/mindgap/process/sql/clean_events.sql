-- grain: one row per event that was not dropped, of the person who did it
-- purpose: analytics
-- customer_level: true
-- form: view
-- inputs: kept_events, same_person?
-- `sent_customer_id` is the id that came with the event; before sign-in the person is told by the device's id
select
    e.row_id, e.source, e.message_id, e.type, e.name, e.occurred_at, e.said_at, e.sent_at, e.received_at,
    coalesce(s.person_id, e.customer_id, a.person_id) as customer_id, e.customer_id as sent_customer_id,
    e.anonymous_id, e.previous_id, e.claimed_id, e.channel, e.purposes, e.product_id, e.category, e.order_id,
    e.decision_id, e.campaign_id, e.query, e.price, e.quantity, e.value, e.currency, e.score, e.url, e.referrer, e.title,
    e.properties, e.traits, e.context, e.identifiers, e.bucket
from kept_events as e
left join same_person as s on s.id_kind = 'customer' and s.id = e.customer_id
left join same_person as a on e.customer_id is null and a.id_kind = 'anonymous' and a.id = e.anonymous_id
