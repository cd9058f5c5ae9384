# 谁与谁是同一个人：为何没有合并、有何依据、有何变化。
identity-reason-unverified = 只有访客自己声称两者相同。
identity-reason-too-many-customers = 有 { NUMBER($customers) } 位客户使用这一标识：它不属于任何个人。
identity-reason-too-many-ids = 此人将有 { NUMBER($customers) } 个客户编号，更可能是一连串巧合。
identity-reason-different-birth_year = 标识相同，但出生年份不同。
identity-reason-different-loyalty_card = 标识相同，但会员卡不同。
identity-reason-shared-device = 有 { NUMBER($customers) } 个人用过这台设备。
identity-reason-unsigned = 用户编号没有来源所要求的签名。
identity-reason-kept-apart = 有人判定他们是两个人。
identity-reason-alike = 没有经核实的共同标识，但十分相似：是同一人的可能性为 { $probability }。
identity-evidence-email = 电子邮箱相同
identity-evidence-phone = 电话号码相同
identity-evidence-loyalty_card = 会员卡相同
identity-evidence-device = 设备编号相同
identity-evidence-external_id = 外部编号相同
identity-evidence-seen-together = 在这台设备上登录过
identity-evidence-alias = 声明为别名
identity-evidence-confirmed = 有人确认过
identity-compared-email = 电子邮箱
identity-compared-phone = 电话号码
identity-compared-loyalty_card = 会员卡
identity-compared-device = 设备
identity-compared-external_id = 外部编号
identity-compared-birth_year = 出生年份
identity-compared-gender = 性别
identity-compared-region = 地区
identity-compared-age_group = 年龄段
identity-compared-income_group = 收入段
identity-compared-household_size = 家庭人数
identity-agrees = { $what }一致（+{ $bits } 比特）
identity-differs = { $what }不同（−{ $bits } 比特）
identity-change-merged = 合并
identity-change-split = 分开
identity-change-undone = 已撤销
identity-change-renamed = 更名
identity-linked = 比较了 { NUMBER($customers) } 个人，其中 { NUMBER($pairs) } 对有足够的共同点。比较依据：{ $by }。
identity-threshold = { $pairs ->
    [0] 没有一对相似到值得建议。
   *[other] 可能性不低于 { $probability } 的予以建议：共 { NUMBER($pairs) } 对，预计其中 { $rate } 其实是两个人。
}
identity-threshold-by-model = 误差仅由概率估计；人工判定会使它更可靠。
identity-threshold-by-people = 误差已计入人工对其中 { NUMBER($decided) } 对的判定。
identity-threshold-by-hand = 阈值由您给定。
identity-linked-confirmed = 已按要求直接合并：{ NUMBER($pairs) } 对。下次运行后各表随之更新。
identity-linked-waiting = 等待判定：{ NUMBER($pairs) } 对。用 `mindgap identity review --reason alike` 查看。
