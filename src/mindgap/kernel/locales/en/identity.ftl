# Who is one person: why ids were held apart, what ties them, what changed.
identity-reason-unverified = Only a visitor's own word says that they share it.
identity-reason-too-many-customers = { NUMBER($customers) } customers declare this identifier: it is nobody's own.
identity-reason-too-many-ids = The person would have { NUMBER($customers) } customer ids: more likely a chain of coincidences.
identity-reason-different-birth_year = They share an identifier, and their years of birth differ.
identity-reason-different-loyalty_card = They share an identifier, and have different loyalty cards.
identity-reason-shared-device = { NUMBER($customers) } persons used this device.
identity-reason-unsigned = The user id came without the signature that its source asks for.
identity-reason-kept-apart = Somebody decided that they are two people.
identity-reason-alike = They share no identifier that is vouched for, but are alike: { $probability } likely one person.
identity-evidence-email = same e-mail address
identity-evidence-phone = same phone number
identity-evidence-loyalty_card = same loyalty card
identity-evidence-device = same device id
identity-evidence-external_id = same external id
identity-evidence-seen-together = signed in on this device
identity-evidence-alias = declared an alias
identity-evidence-confirmed = confirmed by somebody
identity-compared-email = e-mail address
identity-compared-phone = phone number
identity-compared-loyalty_card = loyalty card
identity-compared-device = device
identity-compared-external_id = external id
identity-compared-birth_year = year of birth
identity-compared-gender = gender
identity-compared-region = region
identity-compared-age_group = age group
identity-compared-income_group = income group
identity-compared-household_size = household size
identity-agrees = { $what } agrees (+{ $bits } bits)
identity-differs = { $what } differs (−{ $bits } bits)
identity-change-merged = merged
identity-change-split = came apart
identity-change-undone = undone
identity-change-renamed = renamed
identity-linked = { NUMBER($customers) } persons compared; { NUMBER($pairs) } pairs had enough in common to be looked at. Compared by: { $by }.
identity-threshold = { $pairs ->
    [0] No pair is likely enough to be proposed.
   *[other] Proposed from { $probability } on: { NUMBER($pairs) } pairs, of which { $rate } are expected to be two people.
}
identity-threshold-by-model = The error is estimated from the probabilities alone; decisions of people on pairs make it surer.
identity-threshold-by-people = The error takes in what people decided on { NUMBER($decided) } of these pairs.
identity-threshold-by-hand = The threshold was given.
identity-linked-confirmed = Joined at once, as asked: { NUMBER($pairs) }. The next run brings the tables to it.
identity-linked-waiting = Waiting for a decision: { NUMBER($pairs) }. `mindgap identity review --reason alike` lists them.
