t as (
    select
        unix_micros(m.as_of) as micros,
        z.first_day + least(
            z.days - 1, cast(floor(cast(unix_micros(m.as_of) - 1 - z.start_micros as double) / 8.64e10) as bigint)
        ) as day
    from moment as m
    inner join local_days as z
        on unix_micros(m.as_of) - 1 >= z.from_micros and unix_micros(m.as_of) - 1 < z.until_micros
)
