cli-state-place = 状态存放于 { $place }（{ $database }，{ NUMBER($megabytes, maximumFractionDigits: 2) } MB）
cli-state-moved = 状态现已存放于 { $place }：{ NUMBER($tables) } 张表共 { NUMBER($rows) } 行，两边核对一致
cli-state-kept = 原来的状态保留为 { $place }；其中含个人数据，不再需要时请删除
cli-backup-written = { $path } 含 { NUMBER($files) } 个文件（{ NUMBER($megabytes, maximumFractionDigits: 1) } MB）和 { NUMBER($rows) } 行状态。备份已加密；30 天内可用 { $key } 连同主密钥打开：请在别处另存该文件夹的副本
cli-backup-restored = { $folder } 已恢复到 { $time } UTC 时的样子：来自 { $path } 的 { NUMBER($files) } 个文件（{ NUMBER($megabytes, maximumFractionDigits: 1) } MB）和 { NUMBER($rows) } 行状态，存放于 SQLite
