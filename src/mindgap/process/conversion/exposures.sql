-- one row per thing shown, opened or chosen: each item of a list, or the one product or promotion of the event
with shown as (
    select t.row_id, i.place, t.customer_id, t.anonymous_id, i.product_id, t.campaign_id, t.occurred_at,
        t.channel, t.kind,
        coalesce(i.position, cast(i.place as double)) as position, t.decision_id
    from told as t
    inner join items as i on t.row_id = i.event_row_id
    where t.meaning = 'shown'
    union all
    select t.row_id, 0 as place, t.customer_id, t.anonymous_id, t.product_id,
        coalesce(t.campaign_id, get_json_object(t.properties, '$.promotion_id')) as campaign_id,
        t.occurred_at, t.channel, t.kind,
        number_in(get_json_object(t.properties, '$.position')) as position, t.decision_id
    from told as t
    left join (select distinct event_row_id from items) as n on t.row_id = n.event_row_id
    where t.meaning = 'shown' and n.event_row_id is null
)
select
    concat(cast(row_id as string), ' ', cast(place as string)) as identity,
    customer_id, anonymous_id, product_id, campaign_id, occurred_at as shown_at, channel, kind,
    case when position between 0.0 and 1e12 then position end as position, decision_id
from shown
where product_id is not null or campaign_id is not null
