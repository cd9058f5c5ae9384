-- grain: one row per known customer with a purchase: when, where and how they usually buy
-- purpose: personalization
-- customer_level: true
-- inputs: purchases, catalogue, customer_orders
-- The usual weekday (1 is Monday) and part of the day are those of most orders, in the workspace's time zone; each
-- comes with its share. `price_level` is the mean rank, 0 cheapest to 1 dearest, of what is bought among the
-- products of its category. `repeat_share` is the share of lines whose product the customer had bought before.
with placed as (
    select o.customer_id, o.channel,
        cast(floor((unix_seconds(o.ordered_at) + m.utc_offset_seconds) / 86400.0) as bigint) as local_day,
        cast(floor((unix_seconds(o.ordered_at) + m.utc_offset_seconds) / 3600.0) as bigint) % 24 as local_hour
    from customer_orders as o
    cross join moment as m
),
told as (
    select customer_id, 'weekday' as what, cast((local_day + 3) % 7 + 1 as string) as answer
    from placed
    union all
    select customer_id, 'day_part' as what,
        case when local_hour < 6 then 'night' when local_hour < 11 then 'morning' when local_hour < 14 then 'noon'
            when local_hour < 18 then 'afternoon' else 'evening' end as answer
    from placed
    union all
    select customer_id, 'channel' as what, channel as answer
    from placed
    where channel is not null
),
ranked as (
    select customer_id, what, answer,
        cast(count(*) as double) / sum(count(*)) over (partition by customer_id, what) as share,
        row_number() over (partition by customer_id, what order by count(*) desc, answer) as nth
    from told
    group by customer_id, what, answer
),
usual as (
    select
        customer_id,
        cast(max(case when what = 'weekday' then answer end) as bigint) as weekday,
        max(case when what = 'weekday' then share end) as weekday_share,
        max(case when what = 'day_part' then answer end) as day_part,
        max(case when what = 'day_part' then share end) as day_part_share,
        max(case when what = 'channel' then answer end) as channel,
        max(case when what = 'channel' then share end) as channel_share
    from ranked
    where nth = 1
    group by customer_id
),
priced as (
    -- in millionths and whole, as in product_prices
    select p.product_id, p.category,
        cast(sum(cast(floor(p.amount * 1000000.0 + 0.5) as bigint)) as double)
            / cast(nullif(sum(cast(floor(p.quantity * 1000.0 + 0.5) as bigint)), 0) as double) / 1000.0 as price
    from purchases as p
    where p.product_id is not null and p.category is not null and p.amount > 0 and p.quantity > 0
        and p.amount <= 1e9 and p.quantity <= 1e6
    group by p.product_id, p.category
),
levels as (
    select product_id, percent_rank() over (partition by category order by round(price, 4)) as price_level
    from priced
),
-- one row per customer, product and category
lined as (
    select p.customer_id, p.product_id, p.category, c.brand, l.price_level, p.lines
    from (
        select customer_id, product_id, category, cast(count(*) as bigint) as lines
        from purchases
        where customer_id is not null
        group by customer_id, product_id, category
    ) as p
    left join catalogue as c on p.product_id = c.product_id
    left join levels as l on p.product_id = l.product_id
),
-- one row per customer, category and brand
branded as (
    select customer_id, category, brand, sum(lines) as lines,
        row_number() over (partition by customer_id, category order by sum(lines) desc, brand) as nth,
        sum(sum(lines)) over (partition by customer_id, category) as category_lines
    from lined
    where brand is not null and category is not null
    group by customer_id, category, brand
),
-- only of categories bought more than once: one line has one brand
loyal as (
    select customer_id, cast(sum(lines) as double) / sum(category_lines) as brand_loyalty
    from branded
    where nth = 1 and category_lines > 1
    group by customer_id
),
bought as (
    select customer_id,
        -- each product's first line is no repeat; lines that name none count as one product
        cast(sum(lines) - count(distinct product_id) - max(case when product_id is null then 1 else 0 end) as double)
            / sum(lines) as repeat_share,
        -- whole numbers, so that the mean does not depend on the order of addition
        cast(sum(lines * cast(round(1000000.0 * price_level) as bigint)) as double)
            / nullif(sum(case when price_level is not null then lines end), 0) / 1000000.0 as price_level
    from lined
    group by customer_id
),
gaps as (
    select customer_id, count(*) as orders, percentile_cont(0.5) within group (order by gap_days) as usual_gap_days,
        percentile_cont(0.5) within group (order by lines) as usual_lines,
        percentile_cont(0.5) within group (order by spend) as usual_spend
    from customer_orders
    group by customer_id
)
select g.customer_id, g.orders, g.usual_gap_days, g.usual_lines, g.usual_spend, u.weekday, u.weekday_share,
    u.day_part, u.day_part_share, u.channel, u.channel_share, b.repeat_share, b.price_level, l.brand_loyalty
from gaps as g
inner join bought as b on g.customer_id = b.customer_id
inner join usual as u on g.customer_id = u.customer_id
left join loyal as l on g.customer_id = l.customer_id
order by g.customer_id
