-- one row per item of an event's list of products
with listed as (
    select row_id, explode(numbered_items(get_json_object(properties, '$.products'))) as entry
    from told
    where properties like '%"products"%'
),
told_items as (
    select
        row_id as event_row_id,
        entry.position as place,
        coalesce(
            nullif(get_json_object(entry.item, '$.product_id'), ''),
            nullif(get_json_object(entry.item, '$.id'), ''),
            nullif(get_json_object(entry.item, '$.sku'), '')
        ) as product_id,
        nullif(trim(get_json_object(entry.item, '$.name')), '') as product_name,
        nullif(trim(get_json_object(entry.item, '$.category')), '') as category,
        nullif(trim(get_json_object(entry.item, '$.brand')), '') as brand,
        nullif(trim(get_json_object(entry.item, '$.coupon')), '') as coupon,
        number_in(get_json_object(entry.item, '$.price')) as price,
        number_in(get_json_object(entry.item, '$.quantity')) as quantity,
        number_in(get_json_object(entry.item, '$.position')) as position
    from listed
    where entry.item like '{%'
)
-- figures that are none (NaN, infinite) compare as larger than any bound
select
    event_row_id, place, product_id, product_name, category, brand, coupon,
    case when price between 0.0 and 1e12 then price end as price,
    case when quantity between 0.0 and 1e12 then quantity end as quantity,
    case when position between 0.0 and 1e12 then position end as position
from told_items
