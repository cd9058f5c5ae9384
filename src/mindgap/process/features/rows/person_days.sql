select coalesce(s.person_id, a.person_id, c.customer_id) as customer_id, c.channel, c.day,
{columns}
from customer_days as c
left join same_person as s on s.id_kind = 'customer' and s.id = c.customer_id
left join same_person as a on c.customer_id is null and a.id_kind = 'anonymous' and a.id = c.anonymous_id
where coalesce(s.person_id, a.person_id, c.customer_id) is not null
