-- grain: one row per id, of a customer or of a device, that stands for a person known by another id
-- purpose: privacy
-- inputs: graph=identity_graph
-- `since` is when that was known first, null for from the outset; `evidence` the kinds of what shows it
select id, id_kind, person_id, since, evidence
from graph
where verdict = 'same' and (id_kind <> 'customer' or id <> person_id)
order by id_kind, id
