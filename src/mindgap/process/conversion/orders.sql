-- one row per order line of the orders whose events are told. The sale lines of an order come from the one
-- event that says best what was ordered; a cancelled order's lines are cancelled where they stand; refunds are
-- lines of their own. Mind that `least` leaves nulls out. Sums are the same in whatever order rows come.
with order_events as (
    select
        t.*,
        n.items,
        abs(case when number_in(get_json_object(t.properties, '$.discount')) between -1e12 and 1e12
            then number_in(get_json_object(t.properties, '$.discount')) end) as order_discount,
        nullif(trim(get_json_object(t.properties, '$.coupon')), '') as order_coupon,
        nullif(trim(get_json_object(t.properties, '$.store_id')), '') as store_id,
        case t.meaning when 'updated' then 0 when 'completed' then 1 else 2 end as standing
    from told as t
    left join (select event_row_id, count(*) as items from items group by event_row_id) as n
        on t.row_id = n.event_row_id
    where t.order_key not in (select i.order_id from imported_orders as i)
),
-- one row per order: who and when; who it was is known where every event of the order may be used for it
known as (
    select
        order_key,
        case when min(case when may_know then 1 else 0 end) = 1 then min(customer_id) end as customer_id,
        case when min(case when may_know then 1 else 0 end) = 1 and min(customer_id) is null
            then min(anonymous_id) end as anonymous_id,
        coalesce(
            min(occurred_at) filter (where meaning = 'completed'),
            min(occurred_at) filter (where meaning = 'updated'),
            min(occurred_at)
        ) as ordered_at,
        count(*) filter (where meaning = 'cancelled') > 0 as is_cancelled
    from order_events
    group by order_key
),
-- one row per order: the event that says best what was ordered: with items, a correction first, the latest
best as (
    select * from (
        select *, row_number() over (
            partition by order_key
            order by case when items is null then 1 else 0 end, standing, occurred_at desc, row_id desc
        ) as nth
        from order_events
        where meaning <> 'refunded'
    ) as ranked
    where nth = 1
),
-- one row per line; an order without items is one line of its total
stated as (
    select b.order_key, i.place, i.product_id, i.product_name, i.category, coalesce(i.quantity, 1.0) as quantity,
        i.price * coalesce(i.quantity, 1.0) as gross, true as is_discounted, i.coupon
    from best as b
    inner join items as i on b.row_id = i.event_row_id
    union all
    select b.order_key, 1 as place, b.product_id, null as product_name, b.category,
        case when b.quantity >= 0 then b.quantity else 1.0 end as quantity,
        case when b.price >= 0 and b.quantity >= 0 then b.price * b.quantity when b.price >= 0 then b.price
            when b.value >= 0 then b.value end as gross,
        coalesce(b.price >= 0, false) as is_discounted, null as coupon
    from best as b
    where b.items is null
),
totalled as (
    select *, sum(gross) over (
        partition by order_key order by place rows between unbounded preceding and unbounded following
    ) as order_gross
    from stated
),
-- one row per line, with its share of the order's discount
sold as (
    select
        l.order_key, l.place, l.product_id, l.product_name, l.category, l.quantity,
        case when b.is_own_currency then l.gross end as gross,
        case when b.is_own_currency and l.is_discounted and l.order_gross > 0 and b.order_discount >= 0
            then least(b.order_discount, l.order_gross) * l.gross / l.order_gross end as discount,
        b.channel, b.store_id, coalesce(l.coupon, b.order_coupon, b.campaign_id) as campaign_id,
        k.customer_id, k.anonymous_id, k.ordered_at, k.is_cancelled,
        coalesce(l.product_id, l.product_name, '') as product_key
    from totalled as l
    inner join best as b on l.order_key = b.order_key
    inner join known as k on l.order_key = k.order_key
),
-- one row per order and product: what there is to send back
ordered as (
    select order_key, product_key, min(product_id) as product_id, min(product_name) as product_name,
        min(category) as category, cast(sum(cast(quantity as decimal(38, 6))) as double) as quantity,
        cast(sum(cast(gross - coalesce(discount, 0.0) as decimal(38, 6))) as double) as amount
    from sold
    group by order_key, product_key
),
-- one row per refund and product: listed ones, or all that was ordered
claimed as (
    select r.row_id, r.order_key, coalesce(i.product_id, i.product_name, '') as product_key,
        min(i.product_id) as product_id, min(i.product_name) as product_name, min(i.category) as category,
        cast(sum(cast(coalesce(i.quantity, 1.0) as decimal(38, 6))) as double) as quantity,
        cast(sum(cast(i.price * coalesce(i.quantity, 1.0) as decimal(38, 6))) as double) as amount
    from order_events as r
    inner join items as i on r.row_id = i.event_row_id
    where r.meaning = 'refunded'
    group by r.row_id, r.order_key, coalesce(i.product_id, i.product_name, '')
    union all
    select r.row_id, r.order_key, coalesce(o.product_key, r.product_id, '') as product_key,
        coalesce(o.product_id, r.product_id) as product_id, o.product_name,
        coalesce(o.category, r.category) as category,
        coalesce(r.quantity, o.quantity, 1.0) as quantity, coalesce(o.amount, r.value) as amount
    from order_events as r
    left join ordered as o
        on r.order_key = o.order_key and (r.product_id is null or r.product_id = o.product_key)
    where r.meaning = 'refunded' and r.items is null
),
-- a refund that is told twice, or partly after in full, sends nothing back twice
counted as (
    select c.*, r.occurred_at, r.channel, r.store_id, r.is_own_currency, r.campaign_id,
        o.quantity as ordered_quantity, o.amount as ordered_amount,
        coalesce(sum(c.quantity) over (
            partition by c.order_key, c.product_key order by r.occurred_at, c.row_id
            rows between unbounded preceding and 1 preceding
        ), 0.0) as before
    from claimed as c
    inner join order_events as r on c.row_id = r.row_id
    left join ordered as o on c.order_key = o.order_key and c.product_key = o.product_key
),
returned as (
    select *, case when ordered_quantity is null then quantity
        else least(quantity, ordered_quantity - before) end as back
    from counted
)
select
    concat(order_key, ' line ', cast(place as string)) as identity,
    order_key as order_id, customer_id, anonymous_id, product_id, ordered_at, quantity,
    gross - coalesce(discount, 0.0) as amount, discount,
    case when is_cancelled then 'cancelled' else 'sale' end as kind,
    category, product_name, channel, store_id, campaign_id
from sold
union all
select
    concat(r.order_key, ' refund ', cast(r.row_id as string), ' ', r.product_key) as identity,
    r.order_key as order_id, k.customer_id, k.anonymous_id, r.product_id, r.occurred_at as ordered_at,
    r.back as quantity,
    case when r.ordered_quantity > 0 then r.ordered_amount * r.back / r.ordered_quantity
        when r.is_own_currency and r.amount >= 0 then r.amount end as amount,
    null as discount, 'return' as kind,
    r.category, r.product_name, r.channel, r.store_id, r.campaign_id
from returned as r
inner join known as k on r.order_key = k.order_key
where r.back > 0 and not k.is_cancelled
