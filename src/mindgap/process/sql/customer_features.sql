-- grain: one row per known customer with a purchase
-- purpose: analytics
-- customer_level: true
-- inputs: customer_orders, customer_category, purchases, orders=clean_orders
-- sums are taken of whole numbers, so that they are the same in whatever order
with ordered as (
    select o.customer_id, o.lines, o.week, o.channel, o.store_id,
        cast(floor(o.units * 1000000.0 + 0.5) as double) as micro_units,
        cast(floor(o.spend * 1000000.0 + 0.5) as double) as micro_spend,
        cast(floor(o.discount * 1000000.0 + 0.5) as double) as micro_discount,
        cast(floor(o.gap_days * 86400.0 + 0.5) as double) as gap_seconds,
        (unix_seconds(m.as_of) - unix_seconds(o.ordered_at)) / 86400.0 as age_days,
        -- days since Thursday 1970-01-01 in the workspace's time zone, so 2 and 3 (mod 7) are a weekend
        cast(floor((unix_seconds(o.ordered_at) + m.utc_offset_seconds) / 86400.0) as bigint) as local_day
    from customer_orders as o
    cross join moment as m
),
-- one row per customer: recency, frequency, money, activity
rfm as (
    select
        customer_id,
        min(age_days) as recency_days,
        max(age_days) as tenure_days,
        count(*) as orders,
        cast(sum(lines) as bigint) as lines,
        sum(micro_spend) / 1000000.0 as spend,
        sum(micro_spend) / 1000000.0 / count(*) as avg_order_value,
        count(distinct week) as active_weeks,
        count(*) filter (where age_days <= 28) as orders_28d,
        count(*) filter (where age_days > 28 and age_days <= 56) as orders_prev_28d,
        count(*) filter (where age_days <= 84) as orders_84d,
        coalesce(sum(micro_spend) filter (where age_days <= 28), 0.0) / 1000000.0 as spend_28d,
        coalesce(sum(micro_spend) filter (where age_days > 28 and age_days <= 56), 0.0) / 1000000.0
            as spend_prev_28d,
        coalesce(sum(micro_spend) filter (where age_days <= 84), 0.0) / 1000000.0 as spend_84d,
        sum(micro_discount) / nullif(sum(micro_spend) + sum(micro_discount), 0.0) as discount_share,
        count(distinct channel) as channels,
        count(distinct store_id) as stores,
        avg(case when local_day % 7 in (2, 3) then 1.0 else 0.0 end) as weekend_share,
        avg(gap_seconds) / 86400.0 as mean_gap_days,
        sum(micro_units) / 1000000.0 / count(*) as units_per_order,
        sum(micro_spend) / nullif(sum(micro_units), 0.0) as price_per_unit
    from ordered
    group by customer_id
),
-- one row per customer: the channel of most orders
channel_rank as (
    select customer_id, channel,
        row_number() over (partition by customer_id order by count(*) desc, channel) as nth
    from ordered
    where channel is not null
    group by customer_id, channel
),
-- one row per customer: breadth of products
breadth as (
    select customer_id, count(distinct product_id) as products
    from purchases
    where customer_id is not null
    group by customer_id
),
-- one row per customer: spread over categories
spread as (
    select customer_id, count(*) as categories,
        -sum(cast(floor(line_share * log2(line_share) * 1e12 + 0.5) as double)) / 1e12 as category_entropy_bits
    from customer_category
    group by customer_id
),
-- one row per customer: the category of most lines
category_rank as (
    select customer_id, category, line_share,
        row_number() over (partition by customer_id order by lines desc, category) as nth
    from customer_category
),
-- one row per customer: lines sent back or cancelled
returned as (
    select customer_id, avg(case when kind = 'sale' then 0.0 else 1.0 end) as return_share
    from orders
    where customer_id is not null
    group by customer_id
)
select
    r.*,
    ln((r.spend_28d + 1.0) / (r.spend_prev_28d + 1.0)) as demand_trend,
    coalesce(t.return_share, 0.0) as return_share,
    b.products,
    coalesce(s.categories, 0) as categories,
    s.category_entropy_bits,
    k.category as top_category,
    k.line_share as top_category_share,
    h.channel as main_channel
from rfm as r
left join returned as t on r.customer_id = t.customer_id
left join breadth as b on r.customer_id = b.customer_id
left join spread as s on r.customer_id = s.customer_id
left join category_rank as k on r.customer_id = k.customer_id and k.nth = 1
left join channel_rank as h on r.customer_id = h.customer_id and h.nth = 1
order by r.customer_id
