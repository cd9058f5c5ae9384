-- one row: orders whose amounts are in another currency, and orders that imports have
select
    count(distinct t.order_id) filter (where not t.is_own_currency and i.order_id is null) as other_currency,
    count(distinct t.order_id) filter (where i.order_id is not null) as known_orders
from told as t
left join (select distinct order_id from imported) as i on t.order_id = i.order_id
