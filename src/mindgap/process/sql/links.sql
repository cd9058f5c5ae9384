-- grain: one row per anonymous id that events show with exactly one customer
-- purpose: privacy
-- customer_level: true
-- inputs: events
-- An anonymous id is a browser's, a device's, or what an alias says that the customer was before. With two or
-- more customers it is a shared device, and nothing is said of it. `linked_at` is when the two were first seen
-- together in an event that may be used for analytics; without one there is no link. All events are looked at,
-- whatever else they may be used for: that is how two people on one device are kept apart.
with pairs as (
    select anonymous_id, customer_id, occurred_at, purposes from events
    union all
    select previous_id as anonymous_id, customer_id, occurred_at, purposes from events where type = 'alias'
)
select
    anonymous_id,
    min(customer_id) as customer_id,
    min(occurred_at) filter (where concat(' ', purposes, ' ') like '% analytics %') as linked_at
from pairs
where anonymous_id is not null and customer_id is not null and anonymous_id <> customer_id
group by anonymous_id
having count(distinct customer_id) = 1
    and count(*) filter (where concat(' ', purposes, ' ') like '% analytics %') > 0
order by anonymous_id
