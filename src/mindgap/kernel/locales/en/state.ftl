cli-state-place = The state is in { $place } ({ $database }, { NUMBER($megabytes, maximumFractionDigits: 2) } MB)
cli-state-moved = The state is now in { $place }: { NUMBER($rows) } rows of { NUMBER($tables) } tables, the same on both sides
cli-state-kept = What it was before is kept as { $place }; delete it when you no longer need it, for it holds personal data
cli-backup-written = { $path } holds { NUMBER($files) } files ({ NUMBER($megabytes, maximumFractionDigits: 1) } MB) and a state of { NUMBER($rows) } rows. It is encrypted; for 30 days { $key } opens it, with the master key: keep a copy of that folder elsewhere
cli-backup-restored = { $folder } is as it was at { $time } UTC: { NUMBER($files) } files ({ NUMBER($megabytes, maximumFractionDigits: 1) } MB), a state of { NUMBER($rows) } rows, in SQLite, from { $path }
