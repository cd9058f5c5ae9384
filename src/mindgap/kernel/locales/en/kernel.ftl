# Reasons why something cannot be said, raised by the loop itself.
only-by-day = { $table } cannot be read by itself: it is worked out within each day, for tables that are kept by day.
no-orders = There are no orders yet. Add a file of orders or transactions: mindgap run FILE.
no-customers = There is no file of customer attributes, so nothing can be said from them.
no-products = There is no product catalogue; names and categories are those of the orders.
no-products-in-orders = The orders name no products.
no-exposures = There is no record of what customers were shown.
no-feedback = There is no feedback: no survey, review or rating was brought in.
build-failed = Building { $table } broke ({ $error } at { $place }); it will be tried again by the next run. Please report it.
no-history = There is nothing before { $before }, so what came after cannot be held against it.
source-from-events = { $table } (from events)
