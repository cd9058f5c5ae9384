-- one row per review or answer of a survey that has a score or words
with answered as (
    select
        t.*,
        lower(coalesce(
            get_json_object(t.properties, '$.survey_type'), get_json_object(t.properties, '$.kind'),
            get_json_object(t.properties, '$.metric'), get_json_object(t.properties, '$.type')
        )) as said_kind,
        number_in(coalesce(
            get_json_object(t.properties, '$.scale_max'), get_json_object(t.properties, '$.max_rating')
        )) as said_max,
        nullif(trim(coalesce(
            get_json_object(t.properties, '$.review_body'), get_json_object(t.properties, '$.text'),
            get_json_object(t.properties, '$.comment'), get_json_object(t.properties, '$.review'),
            get_json_object(t.properties, '$.feedback')
        )), '') as words,
        nullif(trim(coalesce(
            get_json_object(t.properties, '$.aspect'), get_json_object(t.properties, '$.question')
        )), '') as aspect
    from told as t
    where t.meaning = 'feedback'
),
judged as (
    select *,
        case when kind <> 'survey' then kind when said_kind in ('csat', 'nps', 'ces', 'review') then said_kind
            else 'csat' end as answer_kind,
        case when said_max between 1.0 and 1000.0 then said_max end as known_max
    from answered
)
select
    cast(row_id as string) as identity,
    customer_id, anonymous_id, product_id, order_id, occurred_at as given_at, answer_kind as kind, score,
    case when score is not null then coalesce(
        known_max,
        case answer_kind when 'nps' then 10.0 when 'ces' then 7.0 else case when score > 5.0 then 10.0 else 5.0 end end
    ) end as scale_max,
    words as text, aspect
from judged
where score is not null or words is not null
