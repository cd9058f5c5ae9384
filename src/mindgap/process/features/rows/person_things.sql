select
    coalesce(s.person_id, a.person_id, c.customer_id) as customer_id, c.day,
    coalesce(m.category, c.category) as category, c.product_id as product, c.query,
    c.views, c.carts, c.searches, c.last_at
from customer_things as c
left join same_person as s on s.id_kind = 'customer' and s.id = c.customer_id
left join same_person as a on c.customer_id is null and a.id_kind = 'anonymous' and a.id = c.anonymous_id
left join product_prices as m on c.product_id = m.product_id
where coalesce(s.person_id, a.person_id, c.customer_id) is not null
