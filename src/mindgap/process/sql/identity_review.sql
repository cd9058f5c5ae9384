-- grain: one row per pair of ids that something says are one person and that were not joined
-- purpose: privacy
-- inputs: graph=identity_graph
-- `first_kind` is customer, anonymous, or the kind of an identifier that is nobody's own, of which
-- `first_id` is then the token and `customers` says how many declare it.
select
    id_kind as first_kind,
    id as first_id,
    other_kind as second_kind,
    other_id as second_id,
    reason,
    evidence,
    events,
    customers,
    since as first_seen
from graph
where verdict = 'held'
order by reason, first_kind, first_id, second_kind, second_id
