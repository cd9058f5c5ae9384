cli-summary-title = { $name }: what the data say
cli-workspace-made = Workspace { $folder }. Next: mindgap run FILE... --dir { $folder }
cli-cannot-say = What could not be said, and why
cli-section-customers = Customers
cli-section-gap = Information gap
cli-section-segments = Segments
cli-section-inactivity = At risk
cli-section-value = Value
cli-section-demand = Demand
cli-section-rules = Bought together
cli-section-satisfaction = Satisfaction
cli-section-recommendations = Recommendations
cli-section-evaluations = Evaluations
cli-customers = { NUMBER($known) } customers, { NUMBER($orders) } orders, { NUMBER($lines) } purchase lines
cli-lines-without-customer = { NUMBER($lines) } lines have no customer: they count for the market, and for nobody's profile
cli-gap = Guessing the next purchase takes { NUMBER($market, maximumFractionDigits: 2) } bits for the market, { NUMBER($remaining, maximumFractionDigits: 2) } knowing the customer: an advantage of { NUMBER($advantage, maximumFractionDigits: 2) } bits (95 %: { NUMBER($low, maximumFractionDigits: 2) } to { NUMBER($high, maximumFractionDigits: 2) })
cli-gap-pays = Personalization pays on this outcome.
cli-gap-does-not-pay = Personalization does not pay on this outcome: what is known of a customer does not help to foresee the next purchase.
cli-gap-unknown = Whether personalization pays cannot be said from these data.
cli-gap-sources = What each source of data is worth
cli-gap-weeks = The gap by week
cli-segment = { $name }: { NUMBER($customers) } customers ({ NUMBER($share, maximumFractionDigits: 0) } %), { NUMBER($spend, maximumFractionDigits: 0) } % of the spend
cli-inactivity = { NUMBER($high) } of { NUMBER($customers) } customers are at high risk of buying nothing in the next { NUMBER($days) } days
cli-value = { NUMBER($revenue, maximumFractionDigits: 0) } { $currency } expected from today's customers in { NUMBER($days) } days; the top fifth brings { NUMBER($share, maximumFractionDigits: 0) } %
cli-value-profit = which is { NUMBER($profit, maximumFractionDigits: 0) } { $currency } of profit, discounted
cli-demand = { NUMBER($lines, maximumFractionDigits: 0) } purchases expected in the next { NUMBER($weeks) } weeks in { NUMBER($categories) } categories
cli-rules = { NUMBER($rules) } significant rules, { NUMBER($confirmed) } of them confirmed on later weeks
cli-rule = who buys { $bought } buys { $also } { NUMBER($lift, maximumFractionDigits: 1) } times as often as others
cli-satisfaction = { $metric }: { NUMBER($value, maximumFractionDigits: 2) } (95 %: { NUMBER($low, maximumFractionDigits: 2) } to { NUMBER($high, maximumFractionDigits: 2) }, n = { NUMBER($n) })
cli-recommendations = NDCG@10 { NUMBER($value, maximumFractionDigits: 3) } on { NUMBER($n) } customers' next weeks, { $name } { NUMBER($baseline, maximumFractionDigits: 3) }
cli-difference = Differs from a typical customer by { NUMBER($bits, maximumFractionDigits: 2) } bits, which chance alone could explain
cli-difference-significant = Differs from a typical customer by { NUMBER($bits, maximumFractionDigits: 2) } bits, more than chance explains
cli-difference-terms = In what
cli-part-risk = Risk of inactivity
cli-part-value = Expected value
cli-part-features = Features
cli-part-attributes = Attributes
cli-part-categories = What is bought
cli-part-interests = Interests
cli-part-habits = Habits
cli-part-needs = Needs of the next weeks
cli-part-orders = Latest orders
cli-source = { $name }: { NUMBER($read) } rows read = { NUMBER($used) } used + { NUMBER($quarantined) } set aside + { NUMBER($duplicates) } duplicates{ $suppressed ->
    [0] {""}
   *[other] {" "}+ { NUMBER($suppressed) } of forgotten people
}
cli-source-unchanged = { $name }: nothing new
cli-guess-title = How { $name } was understood: { $kind }
cli-run-done = { NUMBER($built) } tables built, { NUMBER($kept) } up to date, { NUMBER($seconds, maximumFractionDigits: 1) } s
cli-next = Next: mindgap report · mindgap serve · mindgap evaluate
cli-as-of = As of { $time } UTC
cli-gap-without-interval = Guessing the next purchase takes { NUMBER($market, maximumFractionDigits: 2) } bits for the market, { NUMBER($remaining, maximumFractionDigits: 2) } knowing the customer: an advantage of { NUMBER($advantage, maximumFractionDigits: 2) } bits, on too few customers for an interval
cli-satisfaction-without-interval = { $metric }: { NUMBER($value, maximumFractionDigits: 2) } (n = { NUMBER($n) }, too few for an interval)
cli-segment-without-spend = { $name }: { NUMBER($customers) } customers ({ NUMBER($share, maximumFractionDigits: 0) } %)
cli-value-orders = { NUMBER($orders, maximumFractionDigits: 0) } orders expected from today's customers in { NUMBER($days) } days; without amounts nothing can be said about money
cli-stream = { $name }: { NUMBER($received) } messages received = { NUMBER($stored) } events + { NUMBER($quarantined) } set aside + { NUMBER($duplicates) } duplicates + { NUMBER($refused) } refused for want of consent
cli-log-bytes = { NUMBER($megabytes, maximumFractionDigits: 2) } MB of events wait in the log
