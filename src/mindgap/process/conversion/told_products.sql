-- one row per day and product: of each attribute what was said last, behind the time and place where it was said
with seen as (
    select t.day, i.product_id, t.occurred_at, t.row_id, i.place, i.product_name, i.category, i.brand,
        case when t.is_own_currency then i.price end as price
    from told as t
    inner join items as i on t.row_id = i.event_row_id
    union all
    select t.day, t.product_id, t.occurred_at, t.row_id, 0 as place,
        nullif(trim(get_json_object(t.properties, '$.name')), '') as product_name, t.category,
        nullif(trim(get_json_object(t.properties, '$.brand')), '') as brand,
        case when t.is_own_currency and t.price >= 0 then t.price end as price
    from told as t
    left join (select distinct event_row_id from items) as n on t.row_id = n.event_row_id
    where t.meaning = 'shown' and t.product_id is not null and n.event_row_id is null
        and t.name not like 'promotion %'
),
sortable as (
    select *, concat(
        lpad(cast(unix_micros(occurred_at) as string), 17, '0'), lpad(cast(row_id as string), 20, '0'),
        lpad(cast(place as string), 8, '0')
    ) as since
    from seen
    where product_id is not null
)
select
    day,
    product_id,
    max(case when product_name is not null then concat(since, product_name) end) as product_name,
    max(case when category is not null then concat(since, category) end) as category,
    max(case when brand is not null then concat(since, brand) end) as brand,
    max(case when price is not null then concat(since, cast(price as string)) end) as price,
    min(occurred_at) as first_at
from sortable
group by day, product_id
