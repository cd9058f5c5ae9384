cli-keys = 主密钥 { $id } 存放于 { $place }。请在别处另存一份，与备份分开：没有它，任何封存的内容都无法读取
cli-keys-wrapped = 它包裹的密钥：{ $holders }
cli-keys-waiting = 有一次轮换被中断，还有 { NUMBER($count) } 个密钥等待 `mindgap keys rotate`
cli-keys-rotated = { NUMBER($count) } 个密钥已由新的主密钥 { $id } 包裹，存放于 { $place }。请用它替换旧的副本：旧副本已不能再打开任何内容
cli-keys-encrypted = 已加密 { NUMBER($count) } 个文件；现在全部文件均已加密
