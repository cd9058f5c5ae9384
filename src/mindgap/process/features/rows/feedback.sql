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
    inner join local_days as z
        on unix_micros(f.given_at) >= z.from_micros and unix_micros(f.given_at) < z.until_micros
    where f.customer_id is not null
)
