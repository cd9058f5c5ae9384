-- grain: one row per id, of a customer or of a device, that stands for a person known by another id
-- purpose: privacy
-- inputs: links
select
    anonymous_id as id,
    'anonymous' as id_kind,
    customer_id as person_id,
    linked_at as since,
    'seen-together' as evidence
from links
order by id_kind, id
