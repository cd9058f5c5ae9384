-- one row per event, as the table `events` has it, in the order of the lake.
-- `facts` are numbers (_store_stream.py), `products` and `contexts` are words for them; properties are as the clients of the web, of apps and of a shop's server write them
with named as (
    select f.*,
        case when customer >= 0 then concat('c', lpad(cast(customer as varchar), 7, '0')) end as customer_id,
        case when device < 0 then concat('till-', -device)
            when source <> 2 or customer < 0 then printf('%016x', device_key) end as anonymous_id,
        ['web', 'app', 'shop-server', 'store'][source + 1] as source_name,
        concat('w', lpad(cast("order" as varchar), 9, '0')) as order_name,
        p.product_id, p.product_name, p.category, p.brand, p.price, p.item,
        q.item as item_1, r.item as item_2, q.price as price_1, r.price as price_2
    from facts as f
    inner join products as p on f.product = p.n
    inner join products as q on f.favourite_1 = q.n
    inner join products as r on f.favourite_2 = r.n
),
priced as (
    select *,
        price * quantity + case when items > 1 then price_1 else 0 end + case when items > 2 then price_2 else 0 end as total,
        concat('{"order_id":"', order_name, '"') as order_opened,
        concat(
            '"products":[{', item, ',"quantity":', quantity, '}',
            case when items > 1 then concat(',{', item_1, ',"quantity":1}') else '' end,
            case when items > 2 then concat(',{', item_2, ',"quantity":1}') else '' end, ']'
        ) as basket,
        kind in (1, 4, 11) as is_of_product,
        kind between 7 and 10 as is_of_order
    from named
),
told as (
    select *,
        case kind
            when 0 then concat(
                '{"path":"/', lower(category), '/', product_id, '","referrer":"', case when figure % 9 = 0 then 'https://www.search.example/' else '' end,
                '","title":"', product_name, ' | Shop","url":"https://shop.example/', lower(category), '/', product_id, '"}')
            when 1 then concat('{', item, ',"currency":"EUR"}')
            when 2 then concat(
                '{"list_id":"', lower(category), '-', figure % 5, '","category":"', category, '","products":[{', item,
                ',"position":1},{', item_1, ',"position":2},{', item_2, ',"position":3}]}')
            when 3 then concat('{"query":"', lower(category), ' ', brand, '"}')
            when 4 then concat('{"cart_id":"', printf('%08x', figure), '",', item, ',"quantity":', quantity, ',"currency":"EUR"}')
            when 5 then concat('{"dwell_seconds":', 1 + figure % 240, '.', figure % 10, ',"scroll_depth":', figure % 100, '}')
            when 6 then '{}'
            when 7 then concat(
                order_opened, ',"total":', round(total, 2), ',"currency":"EUR"',
                case when figure % 10 = 0 then concat(',"coupon":"SPRING', figure % 7, '","discount":', round(total / 10, 2)) else '' end, ',', basket, '}')
            when 8 then case when figure % 3 = 0 then concat(order_opened, ',"products":[{', item, ',"quantity":1}]}') else concat(order_opened, '}') end
            when 9 then concat(order_opened, '}')
            when 10 then concat(order_opened, ',"total":', round(price * quantity, 2), ',"currency":"EUR","products":[{', item, ',"quantity":', quantity, '}]}')
            else concat('{', item, ',"rating":', 1 + figure % 5, ',"review_body":"', case when figure % 4 = 0 then 'Arrived in time.' else 'As described, good.' end, '"}')
        end as properties
    from priced
),
rows_told as (
    select
        cast(number as bigint) as row_id,
        source_name as source,
        concat(case when source = 2 then 'srv-' else 'ajs-next-' end, printf('%016x', number)) as message_id,
        ['page', 'track', 'track', 'track', 'track', 'track', 'identify', 'track', 'track', 'track', 'track', 'track'][kind + 1] as type,
        case when kind = 0 then concat(category, ' ', product_id) else [
            null, 'Product Viewed', 'Product List Viewed', 'Products Searched', 'Product Added', 'Page Left', null,
            'Order Completed', 'Order Refunded', 'Order Cancelled', 'Order Updated', 'Product Reviewed'][kind + 1] end as name,
        make_timestamp("at") as occurred_at,
        make_timestamp("at" // 1000 * 1000) as said_at,
        make_timestamp(received // 1000 * 1000 - 150000) as sent_at,
        make_timestamp(received) as received_at,
        customer_id,
        anonymous_id,
        cast(null as varchar) as previous_id,
        cast(null as varchar) as claimed_id,
        case source when 1 then 'app' when 3 then 'store' else 'web' end as channel,
        case when device_key % 50 = 0 and not is_of_order then 'operations service'
            else 'operations analytics personalization marketing service' end as purposes,
        case when is_of_product or is_of_order and items = 1 and kind = 7 then product_id end as product_id,
        case when is_of_product or kind = 2 or is_of_order and items = 1 and kind = 7 then category end as category,
        case when is_of_order then order_name end as order_id,
        cast(null as varchar) as decision_id,
        case when kind = 7 and figure % 10 = 0 then concat('SPRING', figure % 7) when kind = 0 and figure % 50 = 0 then 'newsletter' end as campaign_id,
        case when kind = 3 then concat(lower(category), ' ', brand) end as query,
        case when is_of_product or is_of_order and items = 1 and kind = 7 then price end as price,
        cast(case when kind = 4 then quantity when is_of_order and items = 1 and kind = 7 then quantity end as double) as quantity,
        case when kind = 7 then round(total, 2) when kind = 10 then round(price * quantity, 2) end as value,
        case when is_of_product and kind <> 11 or kind in (7, 10) then 'EUR' end as currency,
        cast(case when kind = 11 then 1 + figure % 5 end as double) as score,
        case when source < 2 and kind <> 6 then concat('https://shop.example/', lower(category), '/', t.product_id) end as url,
        case when kind = 0 and figure % 9 = 0 then 'www.search.example' end as referrer,
        case when source < 2 and kind = 0 then concat(product_name, ' | Shop') end as title,
        properties,
        case when kind = 6 then concat('{"plan":"', ['basic', 'silver', 'gold'][1 + customer % 3], '","newsletter":', customer % 2 = 0, '}') else '{}' end as traits,
        c.context,
        case when kind = 6 and customer % 5 < 3 then concat('email:', md5(customer_id)) end as identifiers,
        bucket
    from told as t
    inner join contexts as c
        on c.n = case when t.bot = 1 then 64 when t.source = 2 then 65 when t.source = 3 then 66 else t.source * 32 + abs(t.device) % 32 end
)
select * from rows_told
order by bucket, customer_id, anonymous_id, occurred_at, row_id
