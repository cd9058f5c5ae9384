# Forgetting a person.
forget-suppressed = { $ids ->
    [one] No read shows this person from now on (1 id). Taking the person out of all files …
   *[other] No read shows this person from now on ({ $ids } ids). Taking the person out of all files …
}
forget-really = Forget this person? All that is kept of them is deleted and cannot be brought back.
forget-left = Nothing was changed.
forget-verified = Every file was decoded and looked through: the person is nowhere.
forget-found = { $places ->
    [one] The person's ids are still in 1 place:
   *[other] The person's ids are still in { $places } places:
}
forget-nowhere = No row named this id: look at its spelling. It stays on the list, so that rows that come later are left out.
forget-stage-suppressed = reads obey
forget-stage-rewriting = being taken out
forget-stage-done = done
forget-stage-verified = done and verified
forget-step-persons = ids of the person
forget-step-log = the log
forget-step-events = events
forget-step-set-aside = messages set aside
forget-step-tables = tables
forget-step-import-quarantine = rows set aside
forget-step-landed = copies of databases
forget-step-shelf = derived tables
forget-step-days = tables by day
forget-step-models = models
forget-step-record = records of consent
forget-step-keys = keys
forget-step-files = old files
forget-step-state = the database

## On the console and the receipt
forget-title = Forgetting a customer
forget-ask = Forget this customer
forget-ask-why = Every read obeys at once, and all files are rewritten without this person: orders, events, everything. This cannot be undone.
forget-confirm = Yes, forget this customer for good
forget-receipt = Receipt
forget-request = Request
forget-stage = State
forget-asked = Asked for
forget-done = Done
forget-now-suppressed = No read shows this person any more. Files are rewritten by the worker, or by the next “mindgap run”.
forget-now-rewriting = No read shows this person any more. Files are being rewritten.
forget-now-done = The person is in no file of this workspace any more.
forget-now-verified = The person is in no file of this workspace any more; every file was looked through.
forget-recipients = Who got this person in an audience and must be told
forget-recipient = Tell { $recipient }: got the audience { $audience }, last on { $latest_at }.
forget-copies = Copies of the workspace that are not rewritten: delete them
forget-copy = Delete { $copy }: a whole copy of the workspace or its state, which is not rewritten.
forget-kept = { $table } is kept for { $days } days; the oldest row is of { $oldest }.
forget-kept-empty = { $table } is kept for { $days } days; it has no rows.
