-- one row per product that imports do not have; of each attribute what was said last.
-- `first_at` is when the product was first seen; the rest of a sortable text is cut off what it leads
with seen as (
    select i.product_id, t.occurred_at, t.row_id, i.place, i.product_name, i.category, i.brand,
        case when t.is_own_currency then i.price end as price
    from told as t
    inner join items as i on t.row_id = i.event_row_id
    union all
    select t.product_id, t.occurred_at, t.row_id, 0 as place,
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
    where product_id is not null and product_id not in (select p.product_id from imported_products as p)
)
select
    product_id as identity,
    product_id,
    substr(max(case when product_name is not null then concat(since, product_name) end), 46) as product_name,
    substr(max(case when category is not null then concat(since, category) end), 46) as category,
    null as department,
    substr(max(case when brand is not null then concat(since, brand) end), 46) as brand,
    cast(substr(max(case when price is not null then concat(since, cast(price as string)) end), 46) as double)
        as price,
    null as unit_cost,
    null as traits,
    min(occurred_at) as first_at
from sortable
group by product_id
