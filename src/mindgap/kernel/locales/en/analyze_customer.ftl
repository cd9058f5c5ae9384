# Customer value and the risk of inactivity.
analyze-no-known-customers = No order names its customer, so nothing can be said about single customers.
analyze-value-few-repeaters = Only { $repeaters } customers came back for a second purchase; { $needed } are needed to expect more.
analyze-value-short-history = There are { $weeks } weeks of orders; testing customer value on held-out weeks needs { $needed }.
analyze-value-not-identified = The orders do not show when customers leave for good, so the probability of still being a customer is not stated and no one is assumed to leave.
analyze-value-recent-rate = Each customer is expected to keep the pace of the last { $days } days, drawn towards the typical customer where the record is thin.
analyze-value-whole-rate = Each customer is expected to keep the pace so far, drawn towards the typical customer where the record is thin.
analyze-value-one-time-buyers = For customers with a single purchase, the probability of still being a customer is not stated: this model cannot tell.
analyze-value-spend-no-amounts = The orders hold no amounts, so only the number of purchases is expected, not revenue.
analyze-value-spend-population-mean = Too little is known to tell customers' spend apart; everyone is given the average purchase.
analyze-value-spend-depends = How much customers spend goes along with how often they buy (correlation { NUMBER($correlation, maximumFractionDigits: 2) }); expected revenue takes the two for independent and may be off.
analyze-value-no-margin = The profit margin is not known, so no profit is stated. Set margin_rate in mindgap.toml.
analyze-inactivity-short-history = There are { $weeks } weeks of orders; the risk of inactivity needs { $needed }.
analyze-inactivity-few-customers = Only { $customers } customers are active with two or more purchases; the risk of inactivity needs { $needed }.
analyze-inactivity-one-outcome = In the weeks to learn from, either everybody or nobody stayed away for { $days } days, so there is nothing to tell customers apart by.
analyze-reason-recency = Last purchase { $value ->
    [1] 1 day ago
   *[other] { NUMBER($value, maximumFractionDigits: 0) } days ago
  }
analyze-reason-frequency = { NUMBER($value, maximumFractionDigits: 0) } purchases in the last 12 weeks
analyze-reason-rhythm = { NUMBER($value, maximumFractionDigits: 1) } days between purchases on average
analyze-reason-trend = { NUMBER($value, maximumFractionDigits: 0) } purchases in the last 4 weeks, { NUMBER($before, maximumFractionDigits: 0) } in the 4 weeks before
analyze-reason-spend = { NUMBER($value, maximumFractionDigits: 0) } spent in the last 4 weeks
analyze-reason-tenure = Customer for { NUMBER($value, maximumFractionDigits: 0) } days
analyze-needs-few-cycles = Only { $cycles } times does a customer buy a category again and again; needs can be told from { $needed }.
