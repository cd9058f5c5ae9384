-- one row per day, customer and set of traits that identify calls told
select s.day, e.customer_id, e.traits, min(e.occurred_at) as first_at, max(e.occurred_at) as last_at
from events as e
inner join slots as s on cast(floor(unix_micros(e.occurred_at) / 900000000.0) as bigint) = s.slot
where e.type = 'identify' and e.customer_id is not null and e.traits is not null and e.traits <> '{}'
    and concat(' ', coalesce(e.purposes, ''), ' ') like '% analytics %'
group by s.day, e.customer_id, e.traits
