-- the stretches of local days that a day of UTC is in, one or two: to compare all times with all stretches costs more
answered as (
    select distinct u.utc_day, z.*
    from (select distinct cast(floor(unix_micros(given_at) / 8.64e10) as bigint) as utc_day from feedback) as u
    inner join local_days as z
        on (u.utc_day + 1) * 86400000000 > z.from_micros and u.utc_day * 86400000000 < z.until_micros
),
-- one row per answer of a known customer; the score in millionths of the best of its scale
of_feedback as (
    select
        f.customer_id, f.kind, unix_micros(f.given_at) as at_micros,
        z.first_day + least(
            z.days - 1, cast(floor(cast(unix_micros(f.given_at) - z.start_micros as double) / 8.64e10) as bigint)
        ) as day,
        case when f.score between 0.0 and f.scale_max and f.scale_max > 0.0 then 1 else 0 end as scored,
        case when f.score between 0.0 and f.scale_max and f.scale_max > 0.0
            then cast(floor(f.score / f.scale_max * 1000000.0 + 0.5) as bigint) end as score
    from feedback as f
    inner join answered as z
        on cast(floor(unix_micros(f.given_at) / 8.64e10) as bigint) = z.utc_day
        and unix_micros(f.given_at) >= z.from_micros and unix_micros(f.given_at) < z.until_micros
    where f.customer_id is not null
)
