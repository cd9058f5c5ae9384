-- grain: one row per local day, id, and what events show it together with
-- purpose: privacy
-- customer_level: true
-- form: days
-- inputs: events=dated_events?
-- The id is `customer_id`, or `anonymous_id` where no customer was named. `kind` and `token` say what it was
-- seen with: `anonymous` a browser's or device's id, `alias` the id that it had before, else an identifier.
-- All events are looked at, whatever else they may be used for: that is how two people on one device are told
-- apart. `allowed_at` is when an event that may be used for analytics showed it first; without one nothing is
-- joined. `trust`: 2 vouched for (by a signature or a trusted source), 1 as the client said it, 0 a user id
-- without the signature that its source asks for (`claimed_id`), which is told of its device, and of nothing else.
with placed as (
    select
        e.day, e.type, e.customer_id, e.anonymous_id, e.previous_id, e.occurred_at, e.identifiers,
        coalesce(e.customer_id, e.claimed_id) as user_id,
        case when concat(' ', e.purposes, ' ') like '% analytics %' then e.occurred_at end as allowed_at,
        case
            when e.identifiers like '%+user_id:%' then 2
            when e.claimed_id is not null then 0
            else 1
        end as user_trust
    from events as e
),
-- one row per event and identifier; the one that says that the user id was signed is no identifier
told as (
    select day, customer_id, case when customer_id is null then anonymous_id end as anonymous_id, occurred_at,
        allowed_at, explode(split(identifiers, ' ')) as said
    from placed
    where identifiers is not null and coalesce(customer_id, anonymous_id) is not null
),
seen as (
    select day, user_id as customer_id, cast(null as string) as anonymous_id, 'anonymous' as kind, anonymous_id as token,
        user_trust as trust, occurred_at, allowed_at
    from placed
    where user_id is not null and anonymous_id is not null and user_id <> anonymous_id
    union all
    select day, user_id, case when user_id is null then anonymous_id end as anonymous_id, 'alias' as kind,
        previous_id as token,
        case when identifiers like '%+user_id:server%' then 2 when user_trust = 0 then 0 else 1 end as trust,
        occurred_at, allowed_at
    from placed
    where type = 'alias' and previous_id is not null and coalesce(user_id, anonymous_id) <> previous_id
    union all
    select day, customer_id, anonymous_id, replace(split_part(said, ':', 1), '+', '') as kind,
        split_part(said, ':', 2) as token, case when said like '+%' then 2 else 1 end as trust,
        occurred_at, allowed_at
    from told
    where said <> '' and said not like '%user_id:%'
)
select
    day,
    customer_id,
    anonymous_id,
    kind,
    token,
    cast(trust as int) as trust,
    count(*) as events,
    min(occurred_at) as first_at,
    max(occurred_at) as last_at,
    min(allowed_at) as allowed_at
from seen
group by day, customer_id, anonymous_id, kind, token, trust
order by day, customer_id, anonymous_id, kind, token, trust
