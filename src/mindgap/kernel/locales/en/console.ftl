# The console and the report.

## Frame
console-brand = Mindgap
console-skip = Skip to the content
console-nav = Main navigation
console-nav-home = Home
console-nav-customers = Customers
console-nav-segments = Segments
console-nav-gap = Information gap
console-language = Language
console-sign-out = Sign out
console-as-of = As of { $date }
console-as-of-none = Nothing has been run yet
console-table = Show as a table
console-low = 95 % low
console-high = 95 % high
console-interval = 95 % interval { $low } – { $high }
console-n = n = { NUMBER($n) }
console-bits = { $value } bits
console-yes = yes
console-no = no
console-not-built = This has not been worked out yet: run “mindgap run”.
console-missing = What cannot be said, and why
console-week = Week
console-source = Source
console-segment = Segment
console-category = Category
console-customers = Customers
console-unsaid = { $reason } (missing: { $tables })
console-error-title = That did not work
console-error-home = Back to the home page

## Sign-in
console-sign-in-title = Sign in
console-sign-in-link = Open the one-time link that “mindgap serve” printed. This page then signs you in by itself.
console-sign-in-code = One-time code
console-sign-in-with-code = Sign in with the code
console-sign-in-password = Password
console-sign-in-with-password = Sign in with the password
console-sign-in-or = or with the password, if one is set

## Home
console-home-title = Home
console-home-greeting = What you know of your customers
console-home-next = What to do next
console-home-nothing-next = Nothing is urgent.
console-home-sales = Sales by week
console-home-sales-summary = { $last } in the latest week; { $mean } a week on average over { $n } weeks.
console-home-week-from = Week from
console-home-spend = Sales
console-home-freshness = Data and freshness
console-home-built = Figures worked out { $built }.
console-home-not-run = Nothing has been run yet. Add your orders: mindgap run FILE.
console-home-complete = Everything that the loop works out could be said.

## Key figures
console-overview-title = Key figures
console-overview-lead = All figures as of { $date }. Nothing later was looked at.
console-figure-customers = Customers
console-figure-customers-note = { NUMBER($active) } bought in the last 28 days ({ $share })
console-figure-spend = Sales to known customers, 28 days
console-figure-spend-note = { $change } against the 28 days before ({ $before })
console-figure-spend-alone = There were no sales in the 28 days before.
console-figure-advantage = Worth of customer data
console-figure-advantage-note = per purchase; { $interval }, n = { NUMBER($n) }
console-figure-risk = Customers at high risk
console-figure-risk-note = of buying nothing for { $days } days: { $share } of { NUMBER($n) } active customers
console-figure-value = Expected revenue
console-figure-value-note = over the next { $days } days from { NUMBER($n) } customers

console-no-amounts = The orders hold no amounts of money.

## Next steps
console-next-quarantine = Look at the rows set aside from “{ $source }”
console-next-quarantine-why = { NUMBER($n) } rows ({ $share }) could not be used.
console-next-risk = { $n ->
    [one] Look after one customer who may fall silent
   *[other] Look after { NUMBER($n) } customers who may fall silent
  }
console-next-risk-why = Their risk is medium or high, and they are expected to bring { $money }.
console-next-gap-pays = Personalize: here it pays
console-next-gap-pays-why = Knowing the customer is worth { $bits } bits a purchase beyond what the market tells.
console-next-gap = Find out where personalization could pay
console-next-gap-why = What is known of single customers does not yet forecast better than the market.
console-next-data = Bring in { $name }
console-next-data-feedback = Then satisfaction can be measured, and what drives it.
console-next-data-exposures = Then it can be told what customers were never shown.
console-next-data-customers = Then it can be told what customer attributes are worth.
console-next-data-products = Then products have names and categories.

## Customers
console-customers-title = Customers
console-customers-lead = Search by customer number. What you type goes into no address and no log.
console-customers-label = Customer number, or a part of it
console-customers-search = Search
console-customers-found = { $n ->
    [0] No customer matches.
    [one] One customer
   *[other] { NUMBER($n) } customers
  }
console-customers-more = There are more; type more of the number.
console-customers-look-after = Worth looking after
console-customers-look-after-why = Medium or high risk of falling silent; those with most revenue at stake (risk times expected revenue) first.
console-customers-band = Band
console-customers-some = Some customers to begin with
console-customer-title = Customer
console-customer-heading = Customer { $id }
console-customer-summary = { $orders ->
    [one] One order
   *[other] { NUMBER($orders) } orders
  } in { $months ->
    [one] one month
   *[other] { $months } months
  }, the latest { $recency ->
    [0] today
    [one] a day ago
   *[other] { $recency } days ago
  }.
console-customer-summary-top = Buys { $category } most ({ $share } of all lines).
console-customer-no-orders = There are no orders that may be shown for this purpose.
console-customer-spend = Spent so far
console-customer-spend-note = { $mean } an order, n = { NUMBER($n) }
console-customer-orders = Orders
console-customer-rhythm = every { $days } days on average
console-customer-value = Expected revenue
console-customer-value-note = next { $days } days, about { $orders } orders
console-customer-risk = Risk of silence
console-customer-risk-note = { $band }; no purchase for { $days } days
console-customer-risk-text = { $risk } likely to buy nothing for the next { $days } days, because:
console-customer-risk-none = No risk is stated.
console-customer-risk-heading = Risk, and why
console-customer-segment-heading = Segment, and why
console-customer-difference-heading = What makes this customer different
console-customer-differs = Differs from the market by { $bits } bits, more than chance explains (n = { NUMBER($n) }).
console-customer-differs-not = No difference from the market beyond chance ({ $bits } bits, n = { NUMBER($n) }).
console-customer-timeline = Orders
console-customer-timeline-summary = The { $n } latest orders, from { $first } to { $last }{ $most ->
    [none] { "" }
   *[other] ; the largest { $most }
  }.
console-customer-interests = What is bought
console-customer-interests-summary = { $category } leads with { $share } of the lines; the { $n } largest categories are shown.
console-customer-share = Share of lines
console-customer-latest = The { $n } latest orders
console-customer-when = When
console-customer-lines = Lines
console-customer-amount = Amount
console-customer-channel = Channel
console-customer-offers = Recommended next, and why
console-customer-offer-repeat = again
console-customer-offer-discover = new
console-customer-consent = Consent
console-customer-consent-note = Purposes that the customer decides on. What is withdrawn is left out of every figure at once.
console-consent-granted = allowed
console-consent-withdrawn = withdrawn
console-consent-unasked = not asked
console-purpose-analytics = Analysis
console-purpose-personalization = Personalization
console-purpose-marketing = Marketing
console-purpose-service = Service
console-purpose-operations = Serving orders
console-purpose-privacy = Privacy
console-band-low = low
console-band-medium = medium
console-band-high = high
console-term-more = { $value }: { $ratio } times as often as a typical customer ({ $share } instead of { $market })
console-term-less = { $value }: less than a typical customer ({ $share } instead of { $market })

## Segments
console-segments-title = Segments
console-segments-lead = { $n ->
    [one] One group
   *[other] { NUMBER($n) } groups
  } of customers who behave alike, { NUMBER($customers) } customers in all.
console-segments-shares = Share of customers and of spend
console-segments-shares-summary = “{ $name }” is { $share } of customers and brings { $spend } of spend.
console-segments-largest-summary = “{ $name }” is the largest: { $share } of customers.
console-segments-share = Share of customers
console-segments-spend-share = Share of spend
console-segments-profiles = Segments and what makes them special
console-segments-words = What makes it special
console-segments-customers = { $customers } customers
console-segments-members = Members who fit best

## Information gap
console-gap-title = Information gap
console-gap-pays = Personalization pays: knowing the customer makes what they buy next { $factor } times as likely to be foreseen as knowing the market alone.
console-gap-pays-not = Personalization does not pay on this outcome: knowing the customer forecasts no better than knowing the market.
console-gap-pays-unknown = Whether personalization pays cannot be said yet.
console-gap-less = Collect less: nothing is lost without { $sources }.
console-gap-market = Market uncertainty
console-gap-remaining = Remaining gap
console-gap-remaining-note = what is still open when the customer is known
console-gap-advantage = Information advantage
console-gap-potential = Potential of personalization
console-gap-potential-note = { $null } bits of chance subtracted
console-gap-n = { NUMBER($outcomes) } purchases of { NUMBER($customers) } customers
console-gap-weeks = The gap week by week
console-gap-weeks-summary = The shaded area between the lines is what customer data wins: from { $first } bits it went { $trend ->
    [up] up
   *[down] down
  } to { $last } bits in { $n } weeks.
console-gap-sources = What each source is worth
console-gap-sources-summary = { $source } are worth most: { $bits } of the bits; { $n ->
    [one] one source
   *[other] { $n } sources
  } in all.
console-gap-worth = Bits per purchase
console-gap-different = Customers who differ most
console-gap-significant = { NUMBER($n) } customers ({ $share }) differ from the market more than chance explains.
console-gap-what = How to read this
console-gap-explain = One bit is one yes-or-no question. Market uncertainty is the number of such questions it takes to guess the next purchase when nothing is known of the customer; the remaining gap is the same when everything that we may know is used. The difference is what the customer data is worth.
console-source-purchases = Purchases
console-source-browsing = Browsing
console-source-campaigns = Campaigns
console-source-attributes = Customer attributes
console-source-demographics = Demographics
console-source-feedback = Feedback

## Rules
console-rules-title = Bought together
console-rules-lead = { $n ->
    [one] One rule holds
   *[other] { NUMBER($n) } rules hold
  } beyond chance; { NUMBER($confirmed) } were confirmed in weeks that the search had not seen.
console-rules-best = The { $n } strongest rules
console-rules-if = Who buys
console-rules-then = also buys
console-rules-support = Support
console-rules-confidence = Confidence
console-rules-lift = Lift
console-rules-holdout = Lift later
console-rules-confirmed = Confirmed

## Demand
console-demand-title = Demand
console-demand-lead = The next { $weeks } weeks are forecast for { NUMBER($categories) } categories. Categories are not added up: one counts litres, another pieces.
console-demand-next = Next week against the last four weeks, the { $n } largest categories
console-demand-next-summary = From { $up } ({ $rise }) to { $down } ({ $fall }); the bars show 95 % intervals.
console-demand-change = Change against the mean of the last four weeks
console-demand-units = Units next week
console-demand-interval = 95 % interval
console-demand-recent = Mean of the last four weeks
console-demand-units-caption = The categories with most sales in the last four weeks

## Risk
console-risk-title = Customers falling silent
console-risk-lead = Of { NUMBER($n) } active customers about { NUMBER($expected) } are expected to buy nothing in the next { $days } days.
console-risk-low = Low risk
console-risk-medium = Medium risk
console-risk-high = High risk
console-risk-share = { $share } of active customers
console-risk-spread = Risk of buying nothing for { $days } days
console-risk-spread-summary = { $share } of active customers have a risk below one half.
console-risk-risk = Risk
console-risk-unstated = For { NUMBER($n) } customers no risk is stated: they have been silent for long, or are too new.

## Value
console-value-title = Customer value
console-value-lead = What { NUMBER($n) } customers are expected to buy in the next { $days } days. Method: { $method }.
console-value-orders = Expected orders
console-value-revenue = Expected revenue
console-value-profit = Expected profit
console-value-horizon = next { $days } days
console-value-tenths = Expected revenue by tenths of customers
console-value-tenths-summary = The best fifth of customers is expected to bring { $share } of revenue.
console-value-tenth = Tenth of customers
console-value-tenth-label = { $i }.
console-value-share = Share of expected revenue
console-method-bg-nbd = BG/NBD
console-method-shrunk-rate = each customer’s own pace, drawn towards the typical one
console-method-mean4 = mean of the last four weeks

## Satisfaction
console-satisfaction-title = Satisfaction
console-satisfaction-lead = From { NUMBER($n) } answers.
console-satisfaction-weeks = { $metric } by week
console-satisfaction-weeks-summary = { $metric } went from { $first } to { $last }; the bars show 95 % intervals.
console-metric-csat = Satisfaction (CSAT)
console-metric-csat-top-box = Very satisfied (top box)
console-metric-nps = Recommendation (NPS)
console-metric-ces = Ease (CES)

## Recommendations
console-recommendations-title = Recommendations
console-recommendations-lead = How well the recommended products meet what customers then bought, in weeks that the model had not seen.
console-recommendations-note = simple method { $baseline }; { $interval }, n = { NUMBER($n) }
console-task-recommend-next = What is bought next
console-task-recommend-nbr = Next basket
console-task-recommend-new = New products
console-task-recommend-taste = New products by taste
console-task-inactivity = Falling silent
console-task-demand = Demand
console-task-value = Customer value
console-task-rules = Bought together
console-task-segments = Segments
console-task-gap = Information gap
console-measure-ndcg-10 = NDCG@10
console-measure-recall-10 = Recall@10
console-measure-wape = WAPE of totals
console-measure-mean-wape-units = Mean WAPE of categories
console-measure-coverage-95 = Coverage of the 95 % interval
console-measure-bits = Bits per purchase
console-measure-auc = AUC
console-measure-log-loss = Log loss
console-measure-ece = Calibration error
console-measure-share-lift-above-1 = Share with lift above 1
console-measure-median-lift = Median lift
console-measure-stability = Stability
console-measure-next-spend-r2 = Later spend explained (R²)
console-measure-orders-mae = Orders, mean error
console-measure-orders-abs-bias = Orders, bias of the total
console-measure-revenue-mae = Revenue, mean error
console-measure-revenue-abs-bias = Revenue, bias of the total
console-baseline-personal-frequency = own purchase counts
console-baseline-popularity = what is popular
console-baseline-chance = chance
console-baseline-recency-thirds = thirds by recency
console-baseline-same-rate = the pace so far
console-baseline-recency = time since the last purchase
console-baseline-four-week-mean = mean of the last four weeks
console-baseline-market = market forecast
console-baseline-random-pairs = random pairs
console-baseline-nominal = nominal
console-baseline-simple = simple method

## Evaluations
console-evaluations-title = How good the models are
console-evaluations-lead = { NUMBER($n) } figures on held-out time, each beside a simple method; { NUMBER($better) } are better beyond chance.
console-evaluations-caption = Held-out figures; the arrow says whether higher or lower is better
console-evaluations-task = Task
console-evaluations-metric = Measure
console-evaluations-value = Figure
console-evaluations-interval = 95 % interval
console-evaluations-baseline = Simple method
console-evaluations-better = Better
console-evaluations-n = n
console-evaluations-period = Held-out period
console-evaluations-unproven = not proven
console-evaluations-unsaid = cannot be said
console-evaluations-missing = { $task }: { $reason }

## Data quality
console-data-quality-title = Data quality
console-data-quality-lead = { $read } rows read from { $sources ->
    [one] one source
   *[other] { $sources } sources
  }, { $used } of them used.
console-sources-caption = Read = used + set aside + duplicates
console-sources-source = Source
console-sources-table = Holds
console-sources-read = Read
console-sources-used = Used
console-sources-quarantined = Set aside
console-sources-duplicates = Duplicates
console-sources-read-at = Read at
console-table-rules = what is bought together
console-table-inactivity-risk = risk of falling silent
console-table-customer-value = customer value
console-table-value-model = value model
console-table-demand-forecast = demand
console-table-segments = segments
console-table-segment-profiles = segment profiles
console-table-gap = information gap
console-table-gap-weeks = gap by week
console-table-gap-sources = worth of sources
console-table-customer-gap = difference of customers
console-table-recommender-model = recommendations
console-table-evaluation-rules = test of the rules
console-table-evaluation-inactivity = test of the risk
console-table-evaluation-value = test of customer value
console-table-evaluation-demand = test of demand
console-table-evaluation-segments = test of the segments
console-table-evaluation-gap = test of the gap
console-table-evaluation-recommend = test of the recommendations
console-table-orders = orders
console-table-customers = customer attributes
console-table-products = products
console-table-exposures = what customers were shown
console-table-feedback = feedback
console-table-satisfaction = satisfaction
console-table-customer-discoveries = new products by taste
console-table-customer-needs = needs of the next weeks
console-table-customer-interests = interests
console-table-customer-habits = habits
console-table-product-vectors = likeness of products
console-table-evaluation-product-vectors = test of the likeness of products
console-table-evaluation-needs = test of the needs
console-table-activity-features = features of activity
console-table-purchase-features = features of purchases
console-table-feedback-features = features of feedback
console-table-page-views = page views
console-table-visits = visits
console-table-searches = searches

## Report
console-report-title = { $name }: what the data says
console-report-lead = Made by Mindgap from data up to { $date }. No row of this report is about a single customer.
console-report-contents = Contents

## Live sources
console-nav-sources = Live sources
console-live-title = Live sources
console-live-lead = What your shop, your app and your services send while it happens, and what became of it.
console-live-none = Nothing sends events yet. Declare a source: mindgap source add web-shop.
console-live-day = Events in the last 24 hours
console-live-day-note = { NUMBER($received) } messages received in all
console-live-aside = Set aside
console-live-aside-note = Of { NUMBER($received) } messages these could not be understood; they are kept, see below
console-live-refused = Refused: no consent
console-live-refused-note = Not stored, because no purpose allowed it; only their number is known
console-live-failing = “{ $source }” cannot be read at the moment: { $error } It is tried again by itself, and nothing is lost.
console-live-no-worker = Events are taken and kept safely, but nobody works them up: start “mindgap serve” or “mindgap source work”.
console-live-backlog = { NUMBER($megabytes) } MB of events wait to be worked up. They are safe; figures are behind.
console-live-observed = “{ $source }”: { $n ->
    [one] one event does
   *[other] { NUMBER($n) } events do
  } not follow the tracking plan. They are kept; “mindgap source list --json” names them.
console-live-caption = Received = stored + set aside + duplicates + refused
console-live-column-source = Source
console-live-column-kind = How it delivers
console-live-column-state = State
console-live-column-day = Last 24 hours
console-live-column-received = Received
console-live-column-stored = Stored
console-live-column-aside = Set aside
console-live-column-duplicates = Duplicates
console-live-column-refused = Refused
console-live-column-latest = Latest
console-live-kind-http = web and apps
console-live-kind-webhook = webhook
console-live-kind-kafka = Kafka
console-live-kind-warehouse = warehouse tables
console-live-kind-sql = database
console-live-kind-folder = folder
console-live-kind-gone = no longer declared
console-live-state-well = events arrive
console-live-state-quiet = quiet for more than an hour
console-live-state-waiting = nothing has arrived yet
console-live-state-failing = failing
console-live-state-off = switched off
console-live-never = never
console-live-ago-now = just now
console-live-ago-minute = { $n ->
    [one] a minute ago
   *[other] { $n } minutes ago
  }
console-live-ago-hour = { $n ->
    [one] an hour ago
   *[other] { $n } hours ago
  }
console-live-ago-day = { $n ->
    [one] a day ago
   *[other] { $n } days ago
  }
console-live-hours-source = Events by the hour and source
console-live-hours-type = Events by the hour and kind
console-live-hours-summary = { NUMBER($n) } events in 24 hours; most are of “{ $name }” ({ $share }).
console-live-hour = Hour
console-live-others = others
console-event-track = action
console-event-identify = who it is
console-event-page = page
console-event-screen = screen
console-event-group = organisation
console-event-alias = two ids of one person
console-event-unreadable = cannot be read
console-live-now = Arriving now
console-live-masked = Renewed every two seconds. Names, e-mails, numbers and ids are hidden here.
console-live-nothing-yet = Nothing has arrived lately.
console-live-when = Time
console-live-what = What
console-live-who = Whose
console-live-detail = Says
console-live-aside-title = What was set aside, and what to do
console-live-aside-why = These messages are kept. After a fix, “mindgap source replay” tries them again.
console-live-aside-line = { $source } ({ $messages }): { $why }
console-live-snippet-title = Send to “{ $source }”
console-live-snippet-endpoint = Address for clients
console-live-snippet-curl = Try it on a command line
console-live-snippet-snippet = Line for the pages of your shop (asks visitors for consent)
console-live-copy = Copy
console-live-copied = Copied

console-profile-interests = Interests
console-profile-interests-note = The share of what was bought or searched for, the older the less it counts; and how that compares with all customers.
console-profile-kind-category = Categories
console-profile-kind-department = Departments
console-profile-kind-brand = Brands
console-profile-kind-search = Searches
console-profile-weight = { $share }, { $times } times the usual
console-profile-habits = Habits
console-profile-when = Buys mostly on { $weekday } ({ $weekday_share } of orders) and { $part } ({ $part_share }).
console-profile-channel = Buys mostly through { $channel } ({ $share }).
console-profile-basket = A usual order has { $lines } lines and comes to { $spend }.
console-profile-gap = Usually { $days } days lie between two orders.
console-profile-repeat = { $share } of the lines are products bought before.
console-profile-price = Chooses at { $level } of the price range of its categories, from 0 % cheapest to 100 % dearest.
console-profile-brand = Stays with one brand in { $share } of the lines of a category.
console-profile-needs = Probably needed soon
console-profile-needs-note = The chance of a purchase in the next { $days } days, from the customer's own rhythm.
console-profile-chance = Chance
console-profile-cycle = Rhythm, days
console-profile-last = Last, days ago
console-part-night = at night
console-part-morning = in the morning
console-part-noon = around noon
console-part-afternoon = in the afternoon
console-part-evening = in the evening
console-weekday-1 = Mondays
console-weekday-2 = Tuesdays
console-weekday-3 = Wednesdays
console-weekday-4 = Thursdays
console-weekday-5 = Fridays
console-weekday-6 = Saturdays
console-weekday-7 = Sundays

console-nav-quality = Data quality
console-quality-title = Data quality
console-quality-lead = What was dropped before anything was made of it, and why; and how good the rest is.
console-quality-lead-notices = { $n ->
    [0] Everything is as usual.
    [one] One thing is not as it should be.
   *[other] { $n } things are not as they should be.
}
console-quality-volume = Volume
console-quality-volume-note = { $bytes } MB of tables
console-quality-velocity = Velocity, rows a day
console-quality-velocity-note = { $events } events a second over the last seven days
console-quality-variety = Variety, sources
console-quality-variety-note = { $tables } tables, { $names } event names, { $properties } properties
console-quality-veracity = Veracity, kept
console-quality-veracity-unknown = cannot say before a run
console-quality-veracity-note = { $valid } could be read
console-quality-notices = What to look at
console-quality-notices-none = Nothing: every figure is as usual.
console-quality-notice = { $source }: { $about } ({ $day })
console-quality-status-warn = Look at it
console-quality-status-bad = Look at it first
console-quality-dropped = Dropped by rules
console-quality-dropped-none = No rule dropped anything.
console-quality-rule = Rule
console-quality-why = What it drops
console-quality-of = Of
console-quality-rows = Rows
console-quality-sources = Sources
console-quality-switch = Rules
console-quality-switch-lead = Each rule can be switched off, and its figures changed, in the section [cleaning] of mindgap.toml. What is dropped stays in the files: a rule that is switched off brings it back at the next run.
console-quality-state = State
console-quality-on = on
console-quality-off = off
console-quality-figures-column = Figures
console-quality-examples = Examples of dropped rows
console-quality-row = Row
console-quality-at = When
console-quality-charts = Over time
console-quality-chart-freshness = Age of the newest row, in days
console-quality-chart-completeness = Filled in
console-quality-chart-validity = Well formed and kept
console-quality-chart-uniqueness = New rows
console-quality-chart-consistency = In agreement with other tables
console-quality-chart-drift = Drift (stability index)
console-quality-chart-summary = { $table } from { $source }: { $n } figures, last on { $day }.
console-quality-day = Day
console-quality-latest = Latest figures
console-quality-dimension = Dimension
console-quality-about = Of what
console-quality-value = Value
console-quality-usual = Usual
console-quality-n = n
console-quality-dimension-freshness = Freshness
console-quality-dimension-completeness = Completeness
console-quality-dimension-validity = Validity
console-quality-dimension-uniqueness = Uniqueness
console-quality-dimension-consistency = Consistency
console-quality-dimension-drift = Drift
console-quality-state-ok = well
console-quality-state-warn = look at it
console-quality-state-bad = far off
console-quality-state-cannot-say = cannot say
console-about-newest-row = newest row
console-about-kept = rows kept
console-about-readable = rows that could be read
console-about-new = rows not told before
console-about-clock = clocks
console-about-said-early = clocks not before 1980
console-about-said-late = clocks not after the arrival
console-about-order-sum = order totals
console-about-known-customer-id = customers known
console-about-known-product-id = products known
console-about-customer-id = customer
console-about-product-id = product
console-about-amount = amount
console-about-channel = channel
console-about-category = category
console-about-quantity = quantity
console-about-kind = kind
console-about-score = score
console-about-campaign-id = campaign
console-about-joined-at = joined
console-about-birth-year = year of birth
console-about-age-group = age group
console-about-gender = gender
console-about-region = region
console-about-product-name = product name
console-about-brand = brand
console-about-price = price
console-about-unit-cost = unit cost
console-about-visitor = visitor
console-about-name = event name
console-about-currency = currency
console-about-outliers = rows in proportion
console-about-scale-max = scale
console-table-events = events

console-nav-identities = Identities
console-identities-title = Who is one person
console-identities-lead = A person has many ids: of the till, the shop, each browser. What is certain is joined by itself; what is not waits here for you.
console-identities-persons = Persons with several ids
console-identities-persons-note = as of the last run
console-identities-merged-ids = Merged ids
console-identities-merged-ids-note = customer ids that now answer as another
console-identities-waiting = Waiting for a decision
console-identities-waiting-note = pairs that may be one person
console-identities-doubts = In doubt
console-identities-doubts-note = A decision holds from the next run on, and can be undone.
console-identities-doubts-none = Nothing waits for a decision.
console-identities-device = device { $id }
console-identities-since = Known since { $day }.
console-identities-same = Same person
console-identities-different = Different people
console-identities-later = Later
console-identities-more = { NUMBER($n) } more wait. They follow when these are decided.
console-identities-others = Held back without a pair to decide on
console-identities-other = { $what }: { $why }
console-identities-history = History
console-identities-change = { $ids }: { $what }
console-identities-undo = Undo
console-identities-undo-label = Undo the merge of { $ids }
console-identities-own = the person's own id
console-identities-known-as = Known as
console-identities-said-same = Noted: one person. The next run joins them.
console-identities-said-different = Noted: two people. They stay apart.
console-identities-said-later = Put off to the end of the list.
console-identities-said-undone = Noted: the merge is undone by the next run.
console-identities-said-gone = This was decided already, or is not in doubt any more.
