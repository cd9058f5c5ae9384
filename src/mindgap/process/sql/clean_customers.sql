-- grain: one row per person; where several ids are one person, nothing that any of them says is lost
-- purpose: operations
-- customer_level: true
-- form: view
-- inputs: customers, dropped=dropped_rows?, same_person?
-- Of each attribute, and of each trait, the latest that is told counts: by `joined_at`, then what says most.
-- `sent_customer_ids` is a JSON array of the person's ids that the customer files hold.
with resolved as (
    select coalesce(s.person_id, r.customer_id) as person_id, r.*
    from customers as r
    left join same_person as s on s.id_kind = 'customer' and s.id = r.customer_id
    where not exists (select 1 from dropped as d where d.table_name = 'customers' and d.row_id = r.row_id)
),
ranked as (
    select *,
        count(*) over (partition by person_id) as ids,
        row_number() over (
            partition by person_id
            order by case when joined_at is null then 1 else 0 end, joined_at desc,
                length(concat_ws(
                    '', cast(birth_year as string), age_group, gender, region, income_group, household_size, traits
                )) desc,
                customer_id, row_id
        ) as nth
    from resolved
),
-- one row per person with several ids and trait: what the latest says of it
trait_entries as (
    select person_id, nth, explode(map_entries(text_map(traits))) as entry
    from ranked
    where ids > 1 and traits is not null
),
latest_traits as (
    select person_id, entry, row_number() over (partition by person_id, entry.key order by nth) as trait_nth
    from trait_entries
),
merged_traits as (
    select person_id, cast(to_json(map_from_entries(array_sort(array_agg(entry)))) as string) as traits
    from latest_traits
    where trait_nth = 1
    group by person_id
),
-- one row per person with several ids: every identifier that any of them has, once
tokens as (
    select distinct person_id, explode(split(identifiers, ' ')) as token
    from ranked
    where ids > 1 and identifiers is not null
),
merged_identifiers as (
    select person_id, array_join(array_sort(array_agg(token)), ' ') as identifiers
    from tokens
    group by person_id
),
told as (
    select
        person_id,
        min_by(row_id, nth) as row_id,
        min(joined_at) as joined_at,
        min_by(birth_year, nth) filter (where birth_year is not null) as birth_year,
        min_by(age_group, nth) filter (where age_group is not null) as age_group,
        min_by(gender, nth) filter (where gender is not null) as gender,
        min_by(region, nth) filter (where region is not null) as region,
        min_by(income_group, nth) filter (where income_group is not null) as income_group,
        min_by(household_size, nth) filter (where household_size is not null) as household_size,
        min_by(traits, nth) as traits,
        min_by(identifiers, nth) as identifiers,
        cast(to_json(array_sort(array_agg(customer_id))) as string) as sent_customer_ids
    from ranked
    group by person_id
)
select
    t.row_id, t.person_id as customer_id, t.sent_customer_ids, t.joined_at, t.birth_year, t.age_group, t.gender,
    t.region, t.income_group, t.household_size, coalesce(m.traits, t.traits) as traits,
    coalesce(i.identifiers, t.identifiers) as identifiers
from told as t
left join merged_traits as m on t.person_id = m.person_id
left join merged_identifiers as i on t.person_id = i.person_id
