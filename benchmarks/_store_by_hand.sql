-- By hand, for DuckDB alone, in one query: cleaning, who is who, visits, and what each customer did by day.
-- `raw` are the lake's files, `catalogue` the products' categories, `moment` and `local_days` one row each.
-- The formulas over days at the end are the declared ones, the same that the loop runs.
with seen as (
    select row_id, type, lower(trim(name)) as name, occurred_at, received_at,
        epoch_us(occurred_at) as at_micros, epoch_us(occurred_at) // 86400000000 as day,
        customer_id, case when customer_id is null then anonymous_id end as anonymous_id, channel, context,
        product_id, category, query,
        -- what makes two events say the same, in 8 bytes rather than whole
        hash(source, type, name, url, properties) as said,
        case when name = 'Page Left' then try_cast(properties ->> '$.dwell_seconds' as double) end as visible_seconds
    from raw
    where contains(purposes, 'analytics')
),
bots as (
    select context from (select distinct context from seen) as c where context ilike '%bot%'
),
-- one row per visitor and day faster than a person
paced as (
    select customer_id, anonymous_id, day
    from (
        select customer_id, anonymous_id, day, at_micros // 60000000 as minute, count(*) as events,
            count(*) filter (where type in ('page', 'screen')) as pages
        from seen
        group by all
    ) as minutes
    group by all
    having max(pages) > 60 or (sum(events) > 10000 and sum(pages) > 0)
),
kept as (
    select s.*
    from (
        select *, at_micros - lag(at_micros) over (
            partition by customer_id, anonymous_id, day, said order by at_micros, row_id
        ) as since_same
        from seen
    ) as s
    where coalesce(since_same, 1000001) > 1000000
        and not exists (select 1 from bots as b where b.context = s.context)
        and not exists (
            select 1 from paced as p
            where p.day = s.day and p.customer_id is not distinct from s.customer_id
                and p.anonymous_id is not distinct from s.anonymous_id
        )
        and occurred_at <= received_at and year(occurred_at) >= 2000
        and coalesce(name, '') not in ('test', 'testing', 'test event')
),
-- one row per device that was seen with one customer
same_person as (
    select anonymous_id as id, 'anonymous' as id_kind, min(customer_id) as person_id
    from raw
    where anonymous_id is not null and customer_id is not null
    group by anonymous_id
    having min(customer_id) = max(customer_id) and count(*) filter (where contains(purposes, 'analytics')) > 0
),
followed as (
    select customer_id, anonymous_id, channel, day, at_micros, type, name, visible_seconds,
        at_micros - lag(at_micros) over visitor_day as after,
        lag(type = 'track' and name = 'page left') over visitor_day as after_left
    from kept
    where type in ('page', 'screen', 'track')
    window visitor_day as (partition by customer_id, anonymous_id, channel, day order by at_micros, row_id)
),
counted as (
    select customer_id, anonymous_id, channel, day, at_micros,
        case when after <= 1800000000 then 0 else 1 end as starts,
        case when after <= 1800000000 and not coalesce(after_left, false) then after end as stayed,
        case when visible_seconds between 0.0 and 1e6 then cast(floor(visible_seconds * 1e6 + 0.5) as bigint) end as visible,
        at_micros % 86400000000 // 21600000000 as day_part,
        case when type <> 'track' then 'page'
            when name in ('product list viewed', 'product list filtered') then 'list'
            when name in ('product viewed', 'viewed product') then 'view'
            when name in ('product clicked') then 'click'
            when name in ('product added') then 'cart'
            when name in ('product removed') then 'uncart'
            when name in ('product added to wishlist') then 'wish'
            when name in ('checkout started') then 'checkout'
            when name in ('order completed', 'completed order') then 'order'
            when name in ('products searched') then 'search'
            when name in ('promotion viewed') then 'promotion'
            when name in ('promotion clicked') then 'promotion_click'
            when name in ('product reviewed') then 'review'
            when name in ('nps answered', 'nps submitted', 'csat answered', 'csat submitted', 'ces answered', 'ces submitted', 'survey answered', 'survey completed', 'survey submitted') then 'survey'
            when name in ('ticket created', 'conversation started', 'call received') then 'contact'
            when name in ('page left') then 'left' end as step
    from followed
),
customer_days as (
    select customer_id, anonymous_id, channel, day,
        count(*) as steps,
        cast(coalesce(sum(starts), 0) as bigint) as visits,
        cast(coalesce(sum(stayed), 0) as bigint) as dwell_micros,
        cast(coalesce(sum(visible), 0) as bigint) as visible_micros,
        count(*) filter (where step in ('page')) as pages,
        count(*) filter (where step in ('list')) as lists,
        count(*) filter (where step in ('view')) as views,
        count(*) filter (where step in ('click')) as clicks,
        count(*) filter (where step in ('cart')) as carts,
        count(*) filter (where step in ('uncart')) as uncarts,
        count(*) filter (where step in ('wish')) as wishes,
        count(*) filter (where step in ('checkout')) as checkouts,
        count(*) filter (where step in ('order')) as orders,
        count(*) filter (where step in ('search')) as searches,
        count(*) filter (where step in ('promotion')) as promotions,
        count(*) filter (where step in ('promotion_click')) as promotion_clicks,
        count(*) filter (where step in ('review')) as reviews,
        count(*) filter (where step in ('survey')) as surveys,
        count(*) filter (where step in ('contact')) as contacts,
        count(*) filter (where day_part in (0)) as in_night,
        count(*) filter (where day_part in (1)) as in_morning,
        count(*) filter (where day_part in (2)) as in_afternoon,
        count(*) filter (where day_part in (3)) as in_evening,
        min(at_micros) as first_at,
        max(at_micros) as last_at,
        max(at_micros) filter (where step in ('view')) as last_view_at,
        max(at_micros) filter (where step in ('search')) as last_search_at,
        max(at_micros) filter (where step in ('cart')) as last_cart_at,
        max(at_micros) filter (where step in ('order')) as last_order_at,
        max(at_micros) filter (where step in ('contact')) as last_contact_at
    from counted
    group by all
),
customer_things as (
    select customer_id, anonymous_id, day,
        case when step <> 'search' then category end as category,
        case when step <> 'search' then product_id end as product_id,
        case when step = 'search' then nullif(lower(trim(query)), '') end as query,
        count(*) filter (where step in ('view', 'click')) as views,
        count(*) filter (where step in ('cart')) as carts,
        count(*) filter (where step in ('search')) as searches,
        max(at_micros) as last_at
    from (
        select *, case when name in ('product viewed', 'viewed product') then 'view' when name = 'product clicked' then 'click'
                when name = 'product added' then 'cart' when name = 'products searched' then 'search' end as step
        from kept
        where type = 'track' and (product_id is not null or category is not null or query is not null)
    ) as k
    where step is not null
    group by all
),
product_prices as (select product_id, category, 0 as price_micros from catalogue),
of_visits as not materialized ({person_days}),
of_things as not materialized ({person_things})
select * from ({features}) as f
