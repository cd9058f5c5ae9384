# Forgetting a person.
forget-suppressed = { $ids ->
    [one] No read shows this person from now on (1 id). Taking the person out of all files …
   *[other] No read shows this person from now on ({ $ids } ids). Taking the person out of all files …
}
forget-verified = Every file was decoded and looked through: the person is nowhere.
forget-found = { $places ->
    [one] The person's ids are still in 1 place:
   *[other] The person's ids are still in { $places } places:
}
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
