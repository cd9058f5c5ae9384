-- `meaning`: of what the event says and of whom, so that few bytes are compared; only where repeats are dropped
-- `visitor_key`: of the id, the channel and the day; ids of 64 bits, as row ids are. No part of what is hashed is
-- null: Spark would pass over it, and take a customer for a device of the same name
with agents as (
    select context, replace(replace(get_json_object(context, '$.userAgent'), 'CUBOT', ''), 'Cubot', '') as agent
    from (select distinct context from events where context is not null) as told
),
bots as (
    select distinct a.context
    from agents as a
    inner join bot_agents as b on
        case
            when b.at_start then left(a.agent, length(b.needle)) = b.needle
            when b.any_case then contains(lower(a.agent), b.needle)
            else contains(a.agent, b.needle)
        end
),
meant as (
{steps}
),
named as (
    select e.*, coalesce(e.customer_id, '') as customer,
        case when e.customer_id is null then coalesce(e.anonymous_id, '') else '' end as device,
        lower(trim(e.name)) as done, n.step as meant,
        case when e.type = 'track' and n.step = 'left' then get_json_object(e.properties, '$.dwell_seconds') end as dwell
    from events as e
    left join meant as n on lower(trim(e.name)) = n.name
)
select
    e.row_id, e.source, e.type, e.channel, e.customer_id, e.anonymous_id, e.occurred_at, e.day, e.of_day_micros,
    unix_micros(e.occurred_at) as at_micros,
    quick_hash((e.day, coalesce(e.channel, ''), e.customer, e.device)) as visitor_key,
    e.type in ('page', 'screen') as is_page,
    e.url is not null as has_url,
    case when e.type in ('page', 'screen') then 'page' when e.type = 'track' then e.meant end as step,
    number_in(e.dwell) as visible_seconds,
    e.product_id, e.category, nullif(lower(trim(e.query)), '') as query,
    b.context is not null as has_bot_agent,
    e.occurred_at > e.received_at as is_of_the_future,
    case
        when e.done in ('test', 'testing', 'test event') then true
        when contains(e.properties, 'est"') then
            (contains(e.properties, '"test"') and lower(get_json_object(e.properties, '$.test')) in ('true', '1'))
            or (contains(e.properties, '"is_test"') and lower(get_json_object(e.properties, '$.is_test')) in ('true', '1'))
            or (contains(e.properties, '"isTest"') and lower(get_json_object(e.properties, '$.isTest')) in ('true', '1'))
        else false
    end as is_test,
    case when c.duplicate_event and coalesce(e.customer_id, e.anonymous_id) is not null then quick_hash((
        e.day, e.customer, e.device, e.source, e.type, coalesce(e.name, ''), coalesce(e.url, ''), e.properties
    )) end as meaning
from named as e
cross join cleaning as c
left join bots as b on e.context = b.context
