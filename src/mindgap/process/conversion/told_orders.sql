-- one row per event of an order: what is kept of it, by day, to work orders out anew when more is told of them
select * from told where meaning in ('completed', 'updated', 'refunded', 'cancelled')
