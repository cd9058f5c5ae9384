# Segments, rules, demand and satisfaction: reasons, names and words.
analyze-few-customers = There are { $customers } customers with a purchase; groups of customers need { $needed }.
analyze-customers-alike = All { $customers } customers buy alike, so there are no groups to tell apart.
analyze-few-baskets = { $baskets } orders hold two different things or more; rules on what is bought together need { $needed }.
analyze-many-itemsets = The { $baskets } orders are so alike that nearly everything is bought together with everything; no rule would say anything.
analyze-no-rules = In { $baskets } orders nothing is bought together more often than by chance.
analyze-no-categories = The purchases name neither categories nor products, so demand cannot be forecast by them.
analyze-few-weeks = There are { $weeks } full weeks of orders; this needs { $needed }.
analyze-few-answers = There are { $answers } answers with a score; this needs { $needed }.
analyze-segment-loyal = Loyal regulars
analyze-segment-lapsed = Lapsing
analyze-segment-new = Newer customers
analyze-segment-occasional = Occasional buyers
analyze-segment-big-baskets = Big baskets
analyze-segment-small-baskets = Small baskets
analyze-segment-bargains = Bargain hunters
analyze-segment-full-price = Full-price buyers
analyze-segment-rising = Buying more lately
analyze-segment-fading = Buying less lately
analyze-segment-typical = Typical customers
analyze-segment-other = Group { $number }
analyze-word-recency-more = last bought { $value ->
    [1] 1 day ago
   *[other] { NUMBER($value, maximumFractionDigits: 0) } days ago
  } (typical: { NUMBER($typical, maximumFractionDigits: 0) })
analyze-word-recency-less = last bought { $value ->
    [1] 1 day ago
   *[other] { NUMBER($value, maximumFractionDigits: 0) } days ago
  } (typical: { NUMBER($typical, maximumFractionDigits: 0) })
analyze-word-tenure-more = customer for { NUMBER($value, maximumFractionDigits: 0) } days (typical: { NUMBER($typical, maximumFractionDigits: 0) })
analyze-word-tenure-less = customer for { NUMBER($value, maximumFractionDigits: 0) } days only (typical: { NUMBER($typical, maximumFractionDigits: 0) })
analyze-word-frequency-more = buys { NUMBER($ratio, maximumFractionDigits: 1) } times as often as typical
analyze-word-frequency-less = buys { NUMBER($change_percent, maximumFractionDigits: 0) } % less often than typical
analyze-word-pace-more = has bought more often lately than before
analyze-word-pace-less = has bought less often lately than before
analyze-word-basket-more = spends { NUMBER($ratio, maximumFractionDigits: 1) } times as much per order as typical
analyze-word-basket-less = spends { NUMBER($change_percent, maximumFractionDigits: 0) } % less per order than typical
analyze-word-discount-more = gets { NUMBER($percent, maximumFractionDigits: 0) } % off on average (typical: { NUMBER($typical_percent, maximumFractionDigits: 0) } %)
analyze-word-discount-less = gets only { NUMBER($percent, maximumFractionDigits: 0) } % off on average (typical: { NUMBER($typical_percent, maximumFractionDigits: 0) } %)
analyze-word-categories-more = buys from { NUMBER($value, maximumFractionDigits: 0) } categories (typical: { NUMBER($typical, maximumFractionDigits: 0) })
analyze-word-categories-less = buys from only { NUMBER($value, maximumFractionDigits: 0) } categories (typical: { NUMBER($typical, maximumFractionDigits: 0) })
analyze-word-weekend-more = makes { NUMBER($percent, maximumFractionDigits: 0) } % of the purchases at weekends (typical: { NUMBER($typical_percent, maximumFractionDigits: 0) } %)
analyze-word-weekend-less = makes only { NUMBER($percent, maximumFractionDigits: 0) } % of the purchases at weekends (typical: { NUMBER($typical_percent, maximumFractionDigits: 0) } %)
analyze-metric-csat = Satisfaction (mean, share of the best score)
analyze-metric-csat_top_box = Share of very satisfied answers
analyze-metric-nps = Net promoter score (-100 to 100)
analyze-metric-ces = Ease (mean, share of the best score)
analyze-metric-review = Reviews (mean, share of the best score)
analyze-few-described-products = Only { $products } products have a name or a category; likeness means something from { $needed }.
analyze-few-new-products = Only { $products } new products were sold lately, to { $customers } known customers: too few to test product vectors.
