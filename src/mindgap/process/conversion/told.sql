-- one row per event whose name means something to the canonical tables, with the customer where that may be
-- known: the event's own, or the one of its anonymous id when the two were linked by the end of its week.
-- A later link changes no earlier week: what was known then is what an earlier as-of time may see.
select
    e.row_id,
    e.source,
    e.message_id,
    m.meaning,
    m.kind,
    lower(trim(e.name)) as name,
    e.occurred_at,
    concat(' ', coalesce(e.purposes, ''), ' ') like '% analytics %' as may_know,
    case when concat(' ', coalesce(e.purposes, ''), ' ') like '% analytics %'
        then coalesce(e.customer_id, l.customer_id) end as customer_id,
    e.channel,
    e.product_id,
    e.category,
    e.order_id,
    e.decision_id,
    e.campaign_id,
    e.price,
    e.quantity,
    e.value,
    e.score,
    coalesce(upper(e.currency) = s.currency, true) as is_own_currency,
    e.properties
from events as e
cross join setting as s
inner join meanings as m on lower(trim(e.name)) = m.name
inner join weeks as w on e.occurred_at >= w.starts_at and e.occurred_at < w.ends_at
left join links as l
    on e.customer_id is null and e.anonymous_id = l.anonymous_id and l.linked_at < w.ends_at
where e.type = 'track'
