-- grain: one row per id, what it was ever seen or filed with, and how far that is vouched for
-- purpose: privacy
-- customer_level: true
-- inputs: evidence=identity_evidence, customers?
-- What a file of customers says is true from the day when the customer joined, or else from the outset
-- (`allowed_at` is then null); `is_allowed` says whether it may join anything.
with filed as (
    select c.customer_id, c.joined_at, explode(split(c.identifiers, ' ')) as said
    from customers as c
    cross join moment as m
    where c.identifiers is not null and coalesce(c.joined_at < m.as_of, true)
),
told as (
    select customer_id, anonymous_id, kind, token, trust, events, first_at, last_at, allowed_at,
        allowed_at is not null as is_allowed, false as is_filed
    from evidence
    union all
    select customer_id, cast(null as string), replace(split_part(said, ':', 1), '+', ''), split_part(said, ':', 2),
        case when said like '+%' then 2 else 1 end, 0, joined_at, joined_at, joined_at, true, true
    from filed
    where said <> ''
)
select
    customer_id,
    anonymous_id,
    kind,
    token,
    cast(trust as int) as trust,
    cast(sum(events) as bigint) as events,
    case when count(*) filter (where first_at is null) = 0 then min(first_at) end as first_at,
    max(last_at) as last_at,
    case when count(*) filter (where is_filed and allowed_at is null) = 0 then min(allowed_at) end as allowed_at,
    count(*) filter (where is_allowed) > 0 as is_allowed
from told
group by customer_id, anonymous_id, kind, token, trust
order by customer_id, anonymous_id, kind, token, trust
