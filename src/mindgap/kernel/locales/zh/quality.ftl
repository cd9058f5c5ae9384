# 数据有多好：清洗规则、质量指标，以及展示它们的页面。
process-rule-bot-user-agent = 用户代理表明是机器人、爬虫或无界面浏览器的事件。
process-rule-bot-pace = 访客某一天的速度超出真人可能时，其当天的全部事件。
process-rule-clock-out-of-range = 时间不可能的事件：远早于网店出现，或晚于到达时间。
process-rule-test-event = 名称为测试，或在属性 test、is_test、isTest 中标明为测试的事件。
process-rule-duplicate-event = 同一访客在一秒内重复的事件。
process-rule-test-order = 订单号、客户或商品以“test”开头的订单。
process-rule-repeated-line = 一个文件已有、另一个文件再次给出的订单行。
process-rule-negative-amount = 金额为负但不是退货的销售。
process-rule-order-out-of-time = 时间早于可能的订单。
process-rule-outlier-quantity = 数量与该商品完全不成比例的销售行。
process-rule-outlier-amount = 单价与该商品完全不成比例的销售行。
process-rule-repeated-customer = 后来的文件给出相同且更多信息的客户。
process-rule-repeated-product = 后来的文件另有说法的商品。
process-rule-score-off-scale = 低于零或高于量表最高分的回答。

quality-no-data = 还没有可评判的数据。
quality-fine = 与平常一致。
quality-few-rows = 只有 { NUMBER($n) } 行，太少，无法评判。
quality-no-usual = 天数太少，不知道平常如何。
quality-below-usual = 当天只有 { NUMBER($value, style: "percent", maximumFractionDigits: 1) } 的行，此前四周为 { NUMBER($usual, style: "percent", maximumFractionDigits: 1) }。若之后几天仍未好转，请询问数据发送方改了什么。
quality-below-limit = { NUMBER($value, style: "percent", maximumFractionDigits: 1) } 的行正常，低于 { NUMBER($usual, style: "percent", maximumFractionDigits: 1) }。请查看其余的行有何问题。
quality-late = 已有 { NUMBER($days, maximumFractionDigits: 0) } 天没有新数据，平常两次之间为 { NUMBER($usual, maximumFractionDigits: 0) } 天。请查看来源是否仍在发送。
quality-drift = 截至当天的七天里，各种取值所占的比例与此前四周不同（稳定性指数 { NUMBER($index, maximumFractionDigits: 2) }，0.25 以上即为很大）。若业务上没有变化（如促销、换季上新），请询问数据发送方。
quality-type-changed = { $event } 的 { $property } 自 { $at }（UTC）起类型为 { $now }，以前为 { $usual }。请更正发送方。
quality-property-new = { $event } 的 { $property } 自 { $at }（UTC）起为新属性。
quality-property-gone = { $event } 的 { $property } 不再出现。若非有意，请更正发送方。

quality-clocks = 来自 { $source } 的事件中，{ NUMBER($said_early) } 个自称发生在 1980 年以前，{ NUMBER($said_late) } 个自称发生在到达之后：时钟有误。这些事件都已保留；若其时钟记录了发生到发送的间隔，则由到达时间倒推，否则以到达时间为准。
quality-later = 来自 { $source } 的 { NUMBER($n) } 个事件不早于 { $as_of }，即本次运行各表的截止时间；最晚的发生在 { $latest }。它们已保存，但不在这些表中；用 mindgap run --as-of 时刻 可看得更远。

quality-cli-nothing = 清洗规则没有剔除任何数据。
quality-cli-figures = 指标：
quality-cli-notices = 需要查看：
quality-cli-notice = { $day }，{ $table }，来自 { $source }：{ $about }
quality-cli-well = 全部 { NUMBER($n) } 个指标与平常一致；用 --all 显示。
quality-cli-switch = 在 mindgap.toml 中关闭规则：[cleaning] off = ["规则"]；更改数值：[cleaning.options] "规则.数值" = 5。
quality-cli-volume = 规模：{ NUMBER($rows) } 行，{ NUMBER($megabytes, maximumFractionDigits: 1) } MB。
quality-cli-velocity = 速度：每天 { NUMBER($rows, maximumFractionDigits: 0) } 行，每秒 { NUMBER($events, maximumFractionDigits: 3) } 个事件，{ NUMBER($waiting, maximumFractionDigits: 1) } MB 待处理。
quality-cli-variety = 多样性：{ NUMBER($sources) } 个来源，{ NUMBER($tables) } 个表，{ NUMBER($names) } 个事件名，{ NUMBER($properties) } 个属性。
quality-cli-veracity-unknown = 真实性：暂时无法判断；运行之后才知道保留了多少行。
quality-cli-veracity = 真实性：{ NUMBER($valid, style: "percent", maximumFractionDigits: 2) } 的行可读，{ NUMBER($kept, style: "percent", maximumFractionDigits: 2) } 被保留。
