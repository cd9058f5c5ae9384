-- grain: one row per page, screen or thing done of a visitor, with the visit that it belongs to
-- purpose: analytics
-- customer_level: true
-- form: view
-- inputs: events=kept_events
-- Seen only by tables that are kept by day. A visitor is a browser or device, or where none is named, a customer;
-- where several customers used one on a day, each is a visitor of their own. A visit is what one did on one
-- channel without half an hour of silence; it ends at midnight. `visit` and `page` count both within the day.
-- Long texts are left out: they would be sorted too, and are found again by `row_id`.
with placed as (
    select
        e.row_id, unix_micros(e.occurred_at) as micros, e.customer_id, e.anonymous_id, e.channel,
        e.type <> 'track' as is_page, e.url is not null as has_url,
        case when e.type = 'track' then lower(trim(e.name)) end as done,
        case when e.type = 'track' and lower(trim(e.name)) = 'page left'
            then number_in(get_json_object(e.properties, '$.dwell_seconds')) end as visible_seconds,
        t.first_day + least(t.days - 1, cast(
            floor((unix_micros(e.occurred_at) - unix_micros(t.start_at)) / 86400000000.0) as bigint
        )) as day
    from events as e
    cross join tile as t
    where e.type in ('page', 'screen', 'track') and (e.anonymous_id is not null or e.customer_id is not null)
),
shared as (
    select day, anonymous_id
    from placed
    where anonymous_id is not null and customer_id is not null
    group by day, anonymous_id
    having min(customer_id) < max(customer_id)
),
told as (
    select p.row_id, p.micros, p.day, p.channel, p.customer_id, p.is_page, p.has_url, p.visible_seconds,
        case when p.done = 'products searched' then 'search'
            when p.done in ('order completed', 'completed order') then 'order' end as done,
        case when s.anonymous_id is null then coalesce(p.anonymous_id, p.customer_id)
            else coalesce(p.customer_id, p.anonymous_id) end as visitor
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
