# What was found in a file, what is asked about it, and why rows were set aside.
collect-encoding = The text is in { $encoding }; it was turned into UTF-8.
collect-skipped-lines = { $lines } lines before the header were skipped.
collect-duplicate-columns = Columns of the same name were numbered: { $columns }.
collect-nested-columns = Columns that hold lists or objects were not read; write what is needed of them as columns of their own: { $columns }.
collect-sheets-left-out = Sheets with other columns were left out: { $sheets }.
collect-left-out = Columns that identify a person directly were left out: { $columns }.
collect-tokens-only = Of columns that identify a person directly only keyed tokens are kept, to know the same person elsewhere: { $columns }.
collect-customer-only-by-name = Customers are only known by { $columns }, so all rows count as anonymous. To tell customers apart by a hash of it, say --map customer_id=COLUMN.
collect-pseudonym = Column { $column } identifies a person directly, so its hash stands for it.
collect-dates-mixed = Column { $column } mixes dates with the day first ({ $day_first }) and with the month first ({ $month_first }); the more frequent order was taken where both are possible.
collect-dates-undecided = In column { $column } day and month cannot be told apart; the { $order ->
    [day] day
   *[month] month
} was taken to come first. Set day_first if that is wrong.
collect-discount-rate = Column { $column } holds discount rates; they were turned into money.
collect-orders-derived = There is no order number, so all lines of a customer at the same { $by_day ->
    [true] day
   *[false] moment
} count as one order.
collect-quantity-assumed = There is no quantity, so each line counts as one unit.
collect-no-customers = There is no customer column, so nothing can be said about single customers.
collect-no-amounts = There is neither amount nor price, so nothing can be said about money.
collect-credit-notes = In column { $column } numbers that begin with C were taken for credit notes, that is, returns.
collect-repeated-rows = { $rows } rows occur more than once in the file and were counted once.
collect-known-rows = { $rows } rows were known already and not counted again.
collect-superseded-rows = { $rows } rows were replaced by a later row of the same customer or product.
collect-unread-cells = { $rows } optional values could not be read and were left empty.
collect-quarantined-rows = { $rows } rows could not be used; they are in the quarantine with line and reason.
collect-ask-kind = The file looks like { $kind }, but it could also be { $others }. What is it?
collect-ask-column = Is { $field } in column { $column }? (confidence { NUMBER($confidence, maximumFractionDigits: 2) })
collect-ask-amount = Is { $column } the price of one unit or the total of the line?
collect-ask-day-first = In column { $column } day and month cannot be told apart. Does the day come first?
collect-reason-no_date = there is no date
collect-reason-bad_date = the date cannot be read
collect-reason-date_in_future = the date lies in the future
collect-reason-date_too_old = the date lies before 1980
collect-reason-bad_number = the figure cannot be read
collect-reason-no_quantity = there is no quantity
collect-reason-no_customer = there is no customer
collect-reason-no_product = there is no product
collect-reason-no_answer = there is neither score nor text
collect-reason-empty_line = the line is empty
collect-reason-malformed_line = the line does not have the columns of the table, or holds broken quotes or characters
