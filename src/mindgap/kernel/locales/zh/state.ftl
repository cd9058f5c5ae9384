cli-state-place = 状态存放于 { $place }（{ $database }，{ NUMBER($megabytes, maximumFractionDigits: 2) } MB）
cli-state-moved = 状态现已存放于 { $place }：{ NUMBER($tables) } 张表共 { NUMBER($rows) } 行，两边核对一致
cli-state-kept = 原来的状态保留为 { $place }；其中含个人数据，不再需要时请删除
