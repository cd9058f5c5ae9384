cli-summary-title = { $name }：数据说明了什么
cli-workspace-made = 已建立工作区 { $folder }。接下来：mindgap run FILE... --dir { $folder }
cli-cannot-say = 无法判断的内容及原因
cli-section-customers = 客户
cli-section-gap = 信息差
cli-section-segments = 客户分群
cli-section-inactivity = 流失风险
cli-section-value = 客户价值
cli-section-demand = 需求
cli-section-rules = 一起购买
cli-section-satisfaction = 满意度
cli-section-recommendations = 推荐
cli-section-evaluations = 评估
cli-customers = { NUMBER($known) } 位客户，{ NUMBER($orders) } 笔订单，{ NUMBER($lines) } 条购买记录
cli-lines-without-customer = { NUMBER($lines) } 条记录没有客户：计入市场，不计入任何人的画像
cli-gap = 预测下一次购买，只看市场需要 { NUMBER($market, maximumFractionDigits: 2) } 比特，了解客户后为 { NUMBER($remaining, maximumFractionDigits: 2) } 比特：优势 { NUMBER($advantage, maximumFractionDigits: 2) } 比特（95%：{ NUMBER($low, maximumFractionDigits: 2) } 至 { NUMBER($high, maximumFractionDigits: 2) }）
cli-gap-pays = 在这一结果上，个性化值得做。
cli-gap-does-not-pay = 在这一结果上，个性化不值得做：对客户的了解无助于预见下一次购买。
cli-gap-unknown = 这些数据无法判断个性化是否值得做。
cli-gap-sources = 各数据来源的价值
cli-gap-weeks = 每周信息差
cli-segment = { $name }：{ NUMBER($customers) } 位客户（{ NUMBER($share, maximumFractionDigits: 0) }%），占消费 { NUMBER($spend, maximumFractionDigits: 0) }%
cli-inactivity = { NUMBER($customers) } 位客户中，{ NUMBER($high) } 位在未来 { NUMBER($days) } 天内很可能不再购买
cli-value = 现有客户未来 { NUMBER($days) } 天预计带来 { NUMBER($revenue, maximumFractionDigits: 0) } { $currency }；前五分之一的客户贡献 { NUMBER($share, maximumFractionDigits: 0) }%
cli-value-profit = 折现后利润为 { NUMBER($profit, maximumFractionDigits: 0) } { $currency }
cli-demand = 未来 { NUMBER($weeks) } 周，{ NUMBER($categories) } 个品类预计有 { NUMBER($lines, maximumFractionDigits: 0) } 次购买
cli-rules = { NUMBER($rules) } 条显著规则，其中 { NUMBER($confirmed) } 条在之后几周得到验证
cli-rule = 购买 { $bought } 的人购买 { $also } 的频率是其他人的 { NUMBER($lift, maximumFractionDigits: 1) } 倍
cli-satisfaction = { $metric }：{ NUMBER($value, maximumFractionDigits: 2) }（95%：{ NUMBER($low, maximumFractionDigits: 2) } 至 { NUMBER($high, maximumFractionDigits: 2) }，n = { NUMBER($n) }）
cli-recommendations = 在 { NUMBER($n) } 位客户之后几周的数据上 NDCG@10 为 { NUMBER($value, maximumFractionDigits: 3) }，{ $name } 为 { NUMBER($baseline, maximumFractionDigits: 3) }
cli-difference = 与典型客户相差 { NUMBER($bits, maximumFractionDigits: 2) } 比特，可能只是偶然
cli-difference-significant = 与典型客户相差 { NUMBER($bits, maximumFractionDigits: 2) } 比特，超出偶然所能解释的范围
cli-difference-terms = 差异所在
cli-part-risk = 不活跃风险
cli-part-value = 预期价值
cli-part-features = 特征
cli-part-attributes = 属性
cli-part-categories = 所购品类
cli-part-interests = 兴趣
cli-part-habits = 习惯
cli-part-needs = 未来几周的需求
cli-part-orders = 最近订单
cli-source = { $name }：读取 { NUMBER($read) } 行 = 使用 { NUMBER($used) } + 隔离 { NUMBER($quarantined) } + 重复 { NUMBER($duplicates) }{ $suppressed ->
    [0] {""}
   *[other] {" "}+ 已被遗忘者 { NUMBER($suppressed) }
}
cli-source-unchanged = { $name }：没有新数据
cli-guess-title = 对 { $name } 的理解：{ $kind }
cli-run-done = 重建 { NUMBER($built) } 张表，{ NUMBER($kept) } 张无需更新，用时 { NUMBER($seconds, maximumFractionDigits: 1) } 秒
cli-next = 接下来：mindgap report · mindgap serve · mindgap evaluate
cli-as-of = 截至 { $time } UTC
cli-gap-without-interval = 预测下一次购买，只看市场需要 { NUMBER($market, maximumFractionDigits: 2) } 比特，了解客户后为 { NUMBER($remaining, maximumFractionDigits: 2) } 比特：优势 { NUMBER($advantage, maximumFractionDigits: 2) } 比特，客户太少，无法给出区间
cli-satisfaction-without-interval = { $metric }：{ NUMBER($value, maximumFractionDigits: 2) }（n = { NUMBER($n) }，太少，无法给出区间）
cli-segment-without-spend = { $name }：{ NUMBER($customers) } 位客户（{ NUMBER($share, maximumFractionDigits: 0) }%）
cli-value-orders = 现有客户未来 { NUMBER($days) } 天预计下 { NUMBER($orders, maximumFractionDigits: 0) } 笔订单；没有金额，无法判断收入
cli-stream = { $name }：收到 { NUMBER($received) } 条消息 = { NUMBER($stored) } 个事件 + { NUMBER($quarantined) } 条搁置 + { NUMBER($duplicates) } 条重复 + { NUMBER($refused) } 条因未同意而拒收
cli-log-bytes = 日志中有 { NUMBER($megabytes, maximumFractionDigits: 2) } MB 事件等待处理
