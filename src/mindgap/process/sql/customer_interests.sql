-- grain: one row per known customer and thing of interest: a category, department, brand or search
-- purpose: personalization
-- customer_level: true
-- inputs: purchases, catalogue, searches?
-- A line or search weighs half as much every 84 days. `weight` is the share of the customer's weight of that kind;
-- `lift` compares it with the share that all customers give it: above 1 is more than usual. The fifty strongest
-- of each kind are kept.
with shown as (
    select p.customer_id, 'category' as kind, p.category as thing, p.ordered_at as at
    from purchases as p
    union all
    select p.customer_id, 'department' as kind, p.department as thing, p.ordered_at as at
    from purchases as p
    union all
    select p.customer_id, 'brand' as kind, c.brand as thing, p.ordered_at as at
    from purchases as p
    inner join catalogue as c on p.product_id = c.product_id
    union all
    select s.customer_id, 'search' as kind, s.query as thing, s.searched_at as at
    from searches as s
),
aged as (
    select s.customer_id, s.kind, s.thing, (unix_seconds(m.as_of) - unix_seconds(s.at)) / 86400.0 as age_days
    from shown as s
    cross join moment as m
    where s.customer_id is not null and s.thing is not null
),
counted as (
    select customer_id, kind, thing, count(*) as times, min(age_days) as last_days, max(age_days) as first_days,
        -- in millionths and whole, so that the sum is the same in whatever order it is taken
        sum(cast(round(1000000.0 * power(0.5, age_days / 84.0)) as bigint)) as micros
    from aged
    group by customer_id, kind, thing
),
market as (
    select kind, thing, cast(sum(micros) as double) / nullif(sum(sum(micros)) over (partition by kind), 0) as share
    from counted
    group by kind, thing
),
weighed as (
    select *,
        cast(micros as double) / nullif(sum(micros) over (partition by customer_id, kind), 0) as weight,
        row_number() over (partition by customer_id, kind order by micros desc, times desc, thing) as place
    from counted
)
select w.customer_id, w.kind, w.thing, w.weight, w.weight / nullif(m.share, 0.0) as lift, w.times, w.last_days,
    w.first_days, cast(w.place as bigint) as place
from weighed as w
inner join market as m on w.kind = m.kind and w.thing = m.thing
where w.place <= 50 and w.weight > 0.0
order by w.customer_id, w.kind, place
