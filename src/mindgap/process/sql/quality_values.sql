-- grain: one row per table, local day, source and value of a column: how often it is said; no customers
-- purpose: operations
-- inputs: orders by source?, exposures by source?, feedback by source?
-- of `amount` and `quantity` the value is a step of half a doubling
with said as (
    select 'orders' as table_name, source, ordered_at as at, 'kind' as about, kind as value
    from orders
    where true
    union all
    select 'orders' as table_name, source, ordered_at as at, 'channel' as about, channel as value
    from orders
    where channel is not null
    union all
    select 'orders' as table_name, source, ordered_at as at, 'category' as about, category as value
    from orders
    where category is not null
    union all
    select 'orders' as table_name, source, ordered_at as at, 'amount' as about, cast(cast(floor(2.0 * log2(amount)) as bigint) as string) as value
    from orders
    where amount > 0 and kind = 'sale'
    union all
    select 'orders' as table_name, source, ordered_at as at, 'quantity' as about, cast(cast(floor(2.0 * log2(quantity)) as bigint) as string) as value
    from orders
    where quantity > 0 and kind = 'sale'
    union all
    select 'exposures' as table_name, source, shown_at as at, 'kind' as about, kind as value
    from exposures
    where kind is not null
    union all
    select 'exposures' as table_name, source, shown_at as at, 'channel' as about, channel as value
    from exposures
    where channel is not null
    union all
    select 'feedback' as table_name, source, given_at as at, 'kind' as about, kind as value
    from feedback
    where given_at is not null
    union all
    select 'feedback' as table_name, source, given_at as at, 'score' as about, cast(score as string) as value
    from feedback
    where score is not null and given_at is not null
)
select s.table_name, cast(floor((unix_seconds(s.at) + m.utc_offset_seconds) / 86400.0) as bigint) as day, s.source, s.about, s.value, count(*) as n
from said as s
cross join moment as m
group by 1, 2, 3, 4, 5
order by 1, 2, 3, 4, 5
