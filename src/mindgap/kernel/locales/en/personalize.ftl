# Recommendations and their reasons

personalize-bought-often = You bought { $product } { NUMBER($times) } times, { $last_days ->
    [0] last within a day
    [one] last { NUMBER($last_days) } day ago
   *[other] last { NUMBER($last_days) } days ago
  }.
personalize-bought-before = You bought { $product } { $last_days ->
    [0] within the last day
    [one] { NUMBER($last_days) } day ago
   *[other] { NUMBER($last_days) } days ago
  }.
personalize-similar-customers = Bought by { $customers ->
    [one] one customer whose purchases resemble
   *[other] { NUMBER($customers) } customers whose purchases resemble
  } yours: { $shared ->
    [one] you have one product in common, { $product }
   *[other] you have { NUMBER($shared) } products in common, above all { $product }
  }.
personalize-popular = Popular now: { $buyers ->
    [one] one customer
   *[other] { NUMBER($buyers) } customers
  } bought it in the last { NUMBER($days) } days.
personalize-newly-popular = Being discovered: { $buyers ->
    [one] one customer
   *[other] { NUMBER($buyers) } customers
  } bought it for the first time in the last { NUMBER($days) } days.
personalize-cold-start = We do not know this customer's purchases yet, so this is simply popular: { $buyers ->
    [one] one customer
   *[other] { NUMBER($buyers) } customers
  } bought it in the last { NUMBER($days) } days.
too-few-purchases = { $customers ->
    [one] One customer
   *[other] { NUMBER($customers) } customers
  } with { NUMBER($lines) } purchases of known products are too few to learn from; at least { NUMBER($least) } customers and 100 purchases are needed.
no-held-out-purchases = Only { $customers ->
    [one] one known customer
   *[other] { NUMBER($customers) } known customers
  } bought a known product in the held-out weeks; at least { NUMBER($least) } are needed to say how good the recommendations are.
few-products-lately = { $products ->
    [0] No product was
    [one] Only one product was
   *[other] Only { NUMBER($products) } products were
  } bought by three or more customers in the last five weeks; at least { NUMBER($least) } are needed to tell tastes apart.

# The same to the business instead of the customer
personalize-bought-often-staff = Bought { $product } { NUMBER($times) } times, { $last_days ->
    [0] last within a day
    [one] last { NUMBER($last_days) } day ago
   *[other] last { NUMBER($last_days) } days ago
  }.
personalize-bought-before-staff = Bought { $product } { $last_days ->
    [0] within the last day
    [one] { NUMBER($last_days) } day ago
   *[other] { NUMBER($last_days) } days ago
  }.
personalize-similar-customers-staff = Bought by { $customers ->
    [one] one customer who shares
   *[other] { NUMBER($customers) } customers who share
  } { $shared ->
    [one] one of this customer's products
   *[other] { NUMBER($shared) } of this customer's products
  }, above all { $product }.
