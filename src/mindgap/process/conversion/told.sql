-- one row per event whose name means something to the canonical tables, with who did it as far as that may be
-- known: the customer as sent, or else the browser's or device's id. Which person that is, is told later, by
-- same_person: what is found out of a person changes no row here.
select
    s.day,
    e.row_id,
    e.source,
    e.message_id,
    m.meaning,
    m.kind,
    lower(trim(e.name)) as name,
    e.occurred_at,
    concat(' ', coalesce(e.purposes, ''), ' ') like '% analytics %' as may_know,
    case when concat(' ', coalesce(e.purposes, ''), ' ') like '% analytics %' then e.customer_id
        end as customer_id,
    case when concat(' ', coalesce(e.purposes, ''), ' ') like '% analytics %' and e.customer_id is null
        then e.anonymous_id end as anonymous_id,
    e.channel,
    e.product_id,
    e.category,
    e.order_id,
    coalesce(e.order_id, e.message_id) as order_key,
    e.decision_id,
    e.campaign_id,
    e.price,
    e.quantity,
    e.value,
    e.score,
    coalesce(upper(e.currency) = g.currency, true) as is_own_currency,
    e.properties
from events as e
cross join setting as g
inner join meanings as m on lower(trim(e.name)) = m.name
inner join slots as s on cast(floor(unix_micros(e.occurred_at) / 900000000.0) as bigint) = s.slot
where e.type = 'track'
