# What came of events, and why something cannot be said from them.
no-events = There are no events from a web shop, an app or another live source. Add one: mindgap source add NAME.
process-other-currency = { NUMBER($orders) } orders of events are in another currency than the workspace; their amounts are left empty.
process-known-orders = { NUMBER($orders) } orders of events were imported too; the import counts, and they count once.
