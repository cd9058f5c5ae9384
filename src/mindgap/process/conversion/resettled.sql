-- one row per thing that imports have and events made all the same, or that neither did
select distinct e.key
from every as e
left join (select distinct i.key from imported as i) as i on e.key = i.key
left join (select distinct m.key from made as m) as m on e.key = m.key
where (i.key is null) = (m.key is null)
