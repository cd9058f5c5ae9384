cli-keys = The master key { $id } is in { $place }. Keep a copy of it elsewhere, apart from backups: without it nothing that is sealed can be read
cli-keys-wrapped = It wraps the keys of: { $holders }
cli-keys-waiting = A rotation was cut off; { NUMBER($count) } keys wait for `mindgap keys rotate`
cli-keys-rotated = { NUMBER($count) } keys are wrapped by the new master key { $id }, in { $place }. Put a copy of it in the place of the old one: what an older copy opened, it opens no more
cli-keys-encrypted = { NUMBER($count) } files were encrypted; all are now
