cli-state-place = The state is in { $place } ({ $database }, { NUMBER($megabytes, maximumFractionDigits: 2) } MB)
cli-state-moved = The state is now in { $place }: { NUMBER($rows) } rows of { NUMBER($tables) } tables, the same on both sides
cli-state-kept = What it was before is kept as { $place }; delete it when you no longer need it, for it holds personal data
