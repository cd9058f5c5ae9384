-- grain: one row per search of a visitor
-- purpose: analytics
-- customer_level: true
-- inputs: events, links
select
    cast(e.row_id as string) as search_id,
    coalesce(e.customer_id, l.customer_id) as customer_id,
    e.anonymous_id,
    e.source,
    e.channel,
    e.occurred_at as searched_at,
    lower(trim(e.query)) as query
from events as e
left join links as l on e.customer_id is null and e.anonymous_id = l.anonymous_id
where e.type = 'track' and lower(trim(e.name)) = 'products searched' and trim(e.query) <> ''
order by e.occurred_at, e.row_id
