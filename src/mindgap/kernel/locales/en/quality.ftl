# How good the data is: cleaning rules, figures of quality, and the page that tells them.
process-rule-bot-user-agent = Events whose user agent names a bot, a crawler or a browser without a screen.
process-rule-bot-pace = All events of a day of a visitor who was faster than a person can be.
process-rule-clock-out-of-range = Events of a time that cannot be: long before web shops, or after they arrived.
process-rule-test-event = Events that are called a test, or say so in the property test, is_test or isTest.
process-rule-duplicate-event = Events that repeat another of the same visitor within a second.
process-rule-test-order = Orders whose number, customer or product begins with “test”.
process-rule-repeated-line = Order lines that a file tells again which another file told first.
process-rule-negative-amount = Sales of less than nothing that are no returns.
process-rule-order-out-of-time = Orders of a time before there can have been any.
process-rule-outlier-quantity = Sale lines whose quantity is out of all proportion for the product.
process-rule-outlier-amount = Sale lines whose price for a piece is out of all proportion for the product.
process-rule-repeated-customer = Customers of whom a later file says the same and more.
process-rule-repeated-product = Products of which a later file says something else.
process-rule-score-off-scale = Answers below zero or above the best score of their scale.

quality-no-data = There is no data to judge yet.
quality-fine = As usual.
quality-few-rows = Only { NUMBER($n) } rows: too few to judge.
quality-no-usual = Too few days to know what is usual.
quality-below-usual = Only { NUMBER($value, style: "percent", maximumFractionDigits: 1) } of that day’s rows; { NUMBER($usual, style: "percent", maximumFractionDigits: 1) } in the four weeks before. If the days after it are no better, ask who sends the data what changed there.
quality-below-limit = { NUMBER($value, style: "percent", maximumFractionDigits: 1) } of rows are well, less than { NUMBER($usual, style: "percent", maximumFractionDigits: 1) }. Look at what is wrong with the others.
quality-late = Nothing new for { NUMBER($days, maximumFractionDigits: 0) } days; { NUMBER($usual, maximumFractionDigits: 0) } between two deliveries are usual. See whether the source still sends.
quality-drift = In the seven days up to then its values came in other shares than in the four weeks before (stability index { NUMBER($index, maximumFractionDigits: 2) }; from 0.25 on that is a lot). If nothing changed in the business, such as a promotion or a new assortment, ask who sends the data.
quality-type-changed = { $property } of { $event } is of the type { $now } since { $at } (UTC); it used to be of the type { $usual }. Correct the sender.
quality-property-new = { $property } of { $event } is new since { $at } (UTC).
quality-property-gone = { $property } of { $event } comes no more. Correct the sender, if that was not meant.

quality-clocks = Of events from { $source }, { NUMBER($said_early) } said a time before 1980 and { NUMBER($said_late) } a time after they arrived: clocks were wrong. They are kept; what their clocks say between happening and sending is counted back from when they arrived, and where that is not known, the arrival is their time.
quality-later = { NUMBER($n) } events from { $source } lie at or after { $as_of }, where the tables of this run end; the latest is of { $latest }. They are stored and in none of these tables; mindgap run --as-of MOMENT looks further.

quality-cli-nothing = No cleaning rule dropped anything.
quality-cli-figures = Figures:
quality-cli-notices = What to look at:
quality-cli-notice = { $day }, { $table } from { $source }: { $about }
quality-cli-well = All { NUMBER($n) } figures are as usual; --all prints them.
quality-cli-switch = Switch a rule off in mindgap.toml: [cleaning] off = ["RULE"]; other figures: [cleaning.options] "RULE.FIGURE" = 5.
quality-cli-volume = Volume: { NUMBER($rows) } rows, { NUMBER($megabytes, maximumFractionDigits: 1) } MB.
quality-cli-velocity = Velocity: { NUMBER($rows, maximumFractionDigits: 0) } rows a day, { NUMBER($events, maximumFractionDigits: 3) } events a second, { NUMBER($waiting, maximumFractionDigits: 1) } MB waiting.
quality-cli-variety = Variety: { NUMBER($sources) } sources, { NUMBER($tables) } tables, { NUMBER($names) } event names, { NUMBER($properties) } properties.
quality-cli-veracity-unknown = Veracity: cannot say yet; how many rows are kept shows once they are run.
quality-cli-veracity = Veracity: { NUMBER($valid, style: "percent", maximumFractionDigits: 2) } of rows could be read, { NUMBER($kept, style: "percent", maximumFractionDigits: 2) } were kept.
