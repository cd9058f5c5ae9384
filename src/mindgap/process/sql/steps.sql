-- grain: one row per page, screen or thing done of a visitor, with the visit that it belongs to
-- purpose: analytics
-- customer_level: true
-- form: view
-- shared: true
-- inputs: events=kept_day_events
-- Seen only by tables that are kept by day. A visitor is a browser or device, or where none is named, a customer;
-- where several customers used one on a day, each is a visitor of their own. `visitor` tells a device from a customer
-- of the same id. A visit is what one did on one channel without half an hour of silence; it ends at midnight.
-- `visit` and `page` count both within the day.
with placed as (
    select row_id, at_micros, day, customer_id, anonymous_id, channel, is_page, has_url, step, visible_seconds
    from events
    where type in ('page', 'screen', 'track') and (anonymous_id is not null or customer_id is not null)
),
shared as (
    select day, anonymous_id
    from placed
    where anonymous_id is not null and customer_id is not null
    group by day, anonymous_id
    having min(customer_id) < max(customer_id)
),
told as (
    select p.row_id, p.at_micros as micros, p.day, p.channel, p.customer_id, p.is_page, p.has_url,
        p.visible_seconds, p.step as done,
        case when p.anonymous_id is not null and (s.anonymous_id is null or p.customer_id is null)
            then concat('a', p.anonymous_id) else concat('c', p.customer_id) end as visitor
    from placed as p
    left join shared as s on p.day = s.day and p.anonymous_id = s.anonymous_id
),
stepped as (
    select *,
        lag(micros) over (partition by day, visitor, channel order by micros, row_id) as before_micros,
        count(case when is_page then 1 end) over (
            partition by day, visitor, channel order by micros, row_id
            rows between unbounded preceding and current row
        ) as page
    from told
),
begun as (
    select *, before_micros is null or micros - before_micros > 1800000000 as is_first from stepped
)
select *, count(case when is_first then 1 end) over (
    partition by day, visitor, channel order by micros, row_id rows between unbounded preceding and current row
) as visit
from begun
