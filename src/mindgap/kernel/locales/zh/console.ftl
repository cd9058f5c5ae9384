# 控制台与报告。

## 框架
console-brand = Mindgap
console-skip = 跳到正文
console-nav = 主导航
console-nav-home = 首页
console-nav-customers = 客户
console-nav-segments = 客群
console-nav-gap = 信息差距
console-language = 语言
console-sign-out = 退出登录
console-as-of = 数据截至 { $date }
console-as-of-none = 尚未运行
console-table = 以表格显示
console-low = 95% 下限
console-high = 95% 上限
console-interval = 95% 区间 { $low } – { $high }
console-n = n = { NUMBER($n) }
console-bits = { $value } 比特
console-yes = 是
console-no = 否
console-not-built = 尚未计算，请运行“mindgap run”。
console-missing = 哪些无法得出，以及原因
console-week = 周
console-source = 来源
console-segment = 客群
console-category = 品类
console-customers = 客户
console-unsaid = { $reason }（缺少：{ $tables }）
console-error-title = 操作未成功
console-error-home = 返回首页

## 登录
console-sign-in-title = 登录
console-sign-in-link = 请打开“mindgap serve”显示的一次性链接，本页会自动登录。
console-sign-in-code = 一次性代码
console-sign-in-with-code = 用代码登录
console-sign-in-password = 密码
console-sign-in-with-password = 用密码登录
console-sign-in-or = 如已设置密码，也可用密码登录

## 首页
console-home-title = 首页
console-home-greeting = 您对客户了解多少
console-home-next = 下一步做什么
console-home-nothing-next = 没有紧急事项。
console-home-sales = 每周销售额
console-home-sales-summary = 最近一周 { $last }；{ $n } 周平均每周 { $mean }。
console-home-week-from = 周起始
console-home-spend = 销售额
console-home-freshness = 数据与时效
console-home-built = 各项数字计算于 { $built }。
console-home-not-run = 尚未运行。请添加订单：mindgap run 文件。
console-home-complete = 所有应计算的结果均已得出。

## 关键数字
console-overview-title = 关键数字
console-overview-lead = 所有数字截至 { $date }，未使用此后的任何数据。
console-figure-customers = 客户数
console-figure-customers-note = 最近 28 天有 { NUMBER($active) } 位购买（{ $share }）
console-figure-spend = 已知客户 28 天销售额
console-figure-spend-note = 较之前 28 天（{ $before }）{ $change }
console-figure-spend-alone = 之前 28 天没有销售。
console-figure-advantage = 客户数据的价值
console-figure-advantage-note = 每次购买；{ $interval }，n = { NUMBER($n) }
console-figure-risk = 高流失风险客户
console-figure-risk-note = { $days } 天内不再购买；占 { NUMBER($n) } 位活跃客户的 { $share }
console-figure-value = 预期收入
console-figure-value-note = 未来 { $days } 天，来自 { NUMBER($n) } 位客户

console-no-amounts = 订单中没有金额。

## 下一步
console-next-quarantine = 查看来源“{ $source }”中被搁置的行
console-next-quarantine-why = 有 { NUMBER($n) } 行（{ $share }）无法使用。
console-next-risk = 关照 { NUMBER($n) } 位可能流失的客户
console-next-risk-why = 他们的流失风险为中或高，预计将带来 { $money } 收入。
console-next-gap-pays = 开展个性化：在这里值得
console-next-gap-pays-why = 了解客户，每次购买可比只看市场多获得 { $bits } 比特信息。
console-next-gap = 找出个性化可能见效之处
console-next-gap-why = 目前对单个客户的了解，还不能比市场整体预测得更准。
console-next-data = 接入{ $name }
console-next-data-feedback = 这样就能衡量满意度及其驱动因素。
console-next-data-exposures = 这样就能知道客户从未看到过什么。
console-next-data-customers = 这样就能知道客户属性有多大价值。
console-next-data-products = 这样商品就有名称和品类。

## 客户
console-customers-title = 客户
console-customers-lead = 按客户编号搜索。您输入的内容不会出现在网址或日志中。
console-customers-label = 客户编号或其一部分
console-customers-search = 搜索
console-customers-found = { $n ->
    [0] 没有匹配的客户。
   *[other] { NUMBER($n) } 位客户
  }
console-customers-more = 还有更多，请输入更完整的编号。
console-customers-look-after = 值得关照的客户
console-customers-look-after-why = 流失风险为中或高；按可能损失的收入（风险乘以预期收入）从大到小排列。
console-customers-band = 等级
console-customers-some = 可以先看看这些客户
console-customer-title = 客户
console-customer-heading = 客户 { $id }
console-customer-summary = { $months } 个月内有 { NUMBER($orders) } 笔订单，最近一笔在{ $recency ->
    [0] 今天
   *[other] { " " }{ $recency } 天前
  }。
console-customer-summary-top = 购买最多的是 { $category }（占全部明细的 { $share }）。
console-customer-no-orders = 没有可为此目的显示的订单。
console-customer-spend = 累计消费
console-customer-spend-note = 每笔订单 { $mean }，n = { NUMBER($n) }
console-customer-orders = 订单数
console-customer-rhythm = 平均每 { $days } 天一次
console-customer-value = 预期收入
console-customer-value-note = 未来 { $days } 天，约 { $orders } 笔订单
console-customer-risk = 流失风险
console-customer-risk-note = { $band }；{ $days } 天内不购买
console-customer-risk-text = 未来 { $days } 天内不购买的可能性为 { $risk }，原因：
console-customer-risk-none = 未给出风险。
console-customer-risk-heading = 风险及原因
console-customer-segment-heading = 所属客群及原因
console-customer-difference-heading = 这位客户有何不同
console-customer-differs = 与市场相差 { $bits } 比特，超出偶然所能解释的范围（n = { NUMBER($n) }）。
console-customer-differs-not = 与市场没有超出偶然的差异（{ $bits } 比特，n = { NUMBER($n) }）。
console-customer-timeline = 订单
console-customer-timeline-summary = 从 { $first } 到 { $last } 的最近 { $n } 笔订单{ $most ->
    [none] { "" }
   *[other] ，最大一笔为 { $most }
  }。
console-customer-interests = 购买内容
console-customer-interests-summary = { $category } 居首，占明细的 { $share }；显示最大的 { $n } 个品类。
console-customer-share = 明细占比
console-customer-latest = 最近 { $n } 笔订单
console-customer-when = 时间
console-customer-lines = 明细数
console-customer-amount = 金额
console-customer-channel = 渠道
console-customer-offers = 推荐及理由
console-customer-offer-repeat = 复购
console-customer-offer-discover = 新品
console-customer-consent = 同意情况
console-customer-consent-note = 由客户决定的用途。撤回后，相关数据立即从所有数字中剔除。
console-consent-granted = 允许
console-consent-withdrawn = 已撤回
console-consent-unasked = 未询问
console-purpose-analytics = 分析
console-purpose-personalization = 个性化
console-purpose-marketing = 营销
console-purpose-service = 服务
console-purpose-operations = 履行订单
console-purpose-privacy = 隐私
console-band-low = 低
console-band-medium = 中
console-band-high = 高
console-term-more = { $value }：购买频率是典型客户的 { $ratio } 倍（{ $share }，典型为 { $market }）
console-term-less = { $value }：购买少于典型客户（{ $share }，典型为 { $market }）

## 客群
console-segments-title = 客群
console-segments-lead = 行为相近的客户分为 { NUMBER($n) } 群，共 { NUMBER($customers) } 位客户。
console-segments-shares = 客户占比与消费占比
console-segments-shares-summary = “{ $name }”占客户的 { $share }，贡献消费的 { $spend }。
console-segments-largest-summary = “{ $name }”最大：占客户的 { $share }。
console-segments-share = 客户占比
console-segments-spend-share = 消费占比
console-segments-profiles = 各客群及其特点
console-segments-words = 特点
console-segments-customers = { $customers } 位客户
console-segments-members = 最典型的成员

## 信息差距
console-gap-title = 信息差距
console-gap-pays = 个性化值得：了解客户后，预见其下一次购买的可能性是只了解市场时的 { $factor } 倍。
console-gap-pays-not = 在这一结果上个性化不值得：了解客户并不比了解市场预测得更准。
console-gap-pays-unknown = 个性化是否值得尚无法判断。
console-gap-less = 少收集：不使用{ $sources }也没有损失。
console-gap-market = 市场不确定性
console-gap-remaining = 剩余差距
console-gap-remaining-note = 了解客户之后仍未知的部分
console-gap-advantage = 信息优势
console-gap-potential = 个性化潜力
console-gap-potential-note = 已扣除偶然的 { $null } 比特
console-gap-n = { NUMBER($customers) } 位客户的 { NUMBER($outcomes) } 次购买
console-gap-weeks = 逐周的差距
console-gap-weeks-summary = 两条线之间的阴影是客户数据赢得的部分：{ $n } 周内从 { $first } 比特{ $trend ->
    [up] 升
   *[down] 降
  }至 { $last } 比特。
console-gap-sources = 每个来源的价值
console-gap-sources-summary = { $source }价值最大：{ $bits } 比特；共 { $n } 个来源。
console-gap-worth = 每次购买的比特数
console-gap-different = 差异最大的客户
console-gap-significant = { NUMBER($n) } 位客户（{ $share }）与市场的差异超出偶然所能解释的范围。
console-gap-what = 如何解读
console-gap-explain = 一比特相当于一个是非题。市场不确定性，是在对客户一无所知时猜中其下一次购买所需的是非题数；剩余差距，是用上我们可以知道的一切之后仍需的题数。两者之差就是客户数据的价值。
console-source-purchases = 购买记录
console-source-browsing = 浏览
console-source-campaigns = 营销活动
console-source-attributes = 客户属性
console-source-demographics = 人口统计
console-source-feedback = 反馈

## 关联
console-rules-title = 一起购买
console-rules-lead = { NUMBER($n) } 条规则超出偶然；其中 { NUMBER($confirmed) } 条在搜索未用过的周中得到证实。
console-rules-best = 最强的 { $n } 条规则
console-rules-if = 购买
console-rules-then = 也购买
console-rules-support = 支持度
console-rules-confidence = 置信度
console-rules-lift = 提升度
console-rules-holdout = 后期提升度
console-rules-confirmed = 已证实

## 需求
console-demand-title = 需求
console-demand-lead = 对 { NUMBER($categories) } 个品类预测未来 { $weeks } 周。品类之间不相加：有的按升计，有的按件计。
console-demand-next = 下周与最近四周相比，最大的 { $n } 个品类
console-demand-next-summary = 从 { $up }（{ $rise }）到 { $down }（{ $fall }）；横线为 95% 区间。
console-demand-change = 与最近四周均值相比的变化
console-demand-units = 下周件数
console-demand-interval = 95% 区间
console-demand-recent = 最近四周均值
console-demand-units-caption = 最近四周销售额最大的品类

## 风险
console-risk-title = 可能流失的客户
console-risk-lead = { NUMBER($n) } 位活跃客户中，预计约 { NUMBER($expected) } 位在未来 { $days } 天内不购买。
console-risk-low = 低风险
console-risk-medium = 中风险
console-risk-high = 高风险
console-risk-share = 占活跃客户的 { $share }
console-risk-spread = { $days } 天内不购买的风险
console-risk-spread-summary = { $share } 的活跃客户风险低于一半。
console-risk-risk = 风险
console-risk-unstated = 有 { NUMBER($n) } 位客户未给出风险：他们早已沉默，或加入太晚。

## 价值
console-value-title = 客户价值
console-value-lead = { NUMBER($n) } 位客户未来 { $days } 天的预期购买。方法：{ $method }。
console-value-orders = 预期订单
console-value-revenue = 预期收入
console-value-profit = 预期利润
console-value-horizon = 未来 { $days } 天
console-value-tenths = 按客户十分位的预期收入
console-value-tenths-summary = 最好的五分之一客户预计贡献 { $share } 的收入。
console-value-tenth = 客户十分位
console-value-tenth-label = 第 { $i }
console-value-share = 预期收入占比
console-method-bg-nbd = BG/NBD
console-method-shrunk-rate = 每位客户自身的节奏，向典型客户收缩
console-method-mean4 = 最近四周均值

## 满意度
console-satisfaction-title = 满意度
console-satisfaction-lead = 来自 { NUMBER($n) } 份回答。
console-satisfaction-weeks = 每周{ $metric }
console-satisfaction-weeks-summary = { $metric }从 { $first } 变为 { $last }；竖线为 95% 区间。
console-metric-csat = 满意度（CSAT）
console-metric-csat-top-box = 非常满意（最高档）
console-metric-nps = 推荐度（NPS）
console-metric-ces = 省力度（CES）

## 推荐
console-recommendations-title = 推荐
console-recommendations-lead = 在模型未见过的周中，推荐的商品与客户随后购买的吻合程度。
console-recommendations-note = 简单方法 { $baseline }；{ $interval }，n = { NUMBER($n) }
console-task-recommend-next = 接下来购买
console-task-recommend-nbr = 下一个购物篮
console-task-recommend-new = 新商品
console-task-recommend-taste = 合口味的新商品
console-task-inactivity = 流失
console-task-demand = 需求
console-task-value = 客户价值
console-task-rules = 一起购买
console-task-segments = 客群
console-task-gap = 信息差距
console-measure-ndcg-10 = NDCG@10
console-measure-recall-10 = 召回率@10
console-measure-wape = 总量 WAPE
console-measure-mean-wape-units = 各品类平均 WAPE
console-measure-coverage-95 = 95% 区间覆盖率
console-measure-bits = 每次购买比特数
console-measure-auc = AUC
console-measure-log-loss = 对数损失
console-measure-ece = 校准误差
console-measure-share-lift-above-1 = 提升度大于 1 的占比
console-measure-median-lift = 提升度中位数
console-measure-stability = 稳定性
console-measure-next-spend-r2 = 解释后续消费（R²）
console-measure-orders-mae = 订单平均误差
console-measure-orders-abs-bias = 订单总量偏差
console-measure-revenue-mae = 收入平均误差
console-measure-revenue-abs-bias = 收入总量偏差
console-baseline-personal-frequency = 自身购买频次
console-baseline-popularity = 热门商品
console-baseline-chance = 偶然
console-baseline-recency-thirds = 按最近购买三分
console-baseline-same-rate = 保持至今的节奏
console-baseline-recency = 距上次购买的时间
console-baseline-four-week-mean = 最近四周均值
console-baseline-market = 市场预测
console-baseline-random-pairs = 随机组合
console-baseline-nominal = 名义水平
console-baseline-simple = 简单方法

## 评估
console-evaluations-title = 模型的好坏
console-evaluations-lead = 留出时段上的 { NUMBER($n) } 个数字，均与简单方法对照；其中 { NUMBER($better) } 个优势超出偶然。
console-evaluations-caption = 留出时段的数字；箭头表示越高或越低越好
console-evaluations-task = 任务
console-evaluations-metric = 指标
console-evaluations-value = 数值
console-evaluations-interval = 95% 区间
console-evaluations-baseline = 简单方法
console-evaluations-better = 更好
console-evaluations-n = n
console-evaluations-period = 留出时段
console-evaluations-unproven = 未证实
console-evaluations-unsaid = 无法得出
console-evaluations-missing = { $task }：{ $reason }

## 数据质量
console-data-quality-title = 数据质量
console-data-quality-lead = 从 { $sources } 个来源读取 { $read } 行，使用其中 { $used }。
console-sources-caption = 读取 = 使用 + 搁置 + 重复
console-sources-source = 来源
console-sources-table = 内容
console-sources-read = 读取
console-sources-used = 使用
console-sources-quarantined = 搁置
console-sources-duplicates = 重复
console-sources-read-at = 读取时间
console-table-rules = 一起购买
console-table-inactivity-risk = 流失风险
console-table-customer-value = 客户价值
console-table-value-model = 价值模型
console-table-demand-forecast = 需求
console-table-segments = 客群
console-table-segment-profiles = 客群特点
console-table-gap = 信息差距
console-table-gap-weeks = 逐周差距
console-table-gap-sources = 来源价值
console-table-customer-gap = 客户差异
console-table-recommender-model = 推荐
console-table-evaluation-rules = 关联的检验
console-table-evaluation-inactivity = 风险的检验
console-table-evaluation-value = 客户价值的检验
console-table-evaluation-demand = 需求的检验
console-table-evaluation-segments = 客群的检验
console-table-evaluation-gap = 信息差距的检验
console-table-evaluation-recommend = 推荐的检验
console-table-orders = 订单
console-table-customers = 客户属性
console-table-products = 商品
console-table-exposures = 客户看到过的内容
console-table-feedback = 反馈
console-table-satisfaction = 满意度
console-table-customer-discoveries = 按喜好的新商品
console-table-customer-needs = 近期需要
console-table-customer-interests = 兴趣
console-table-customer-habits = 习惯
console-table-product-vectors = 商品相似度
console-table-evaluation-product-vectors = 商品相似度的检验
console-table-evaluation-needs = 近期需要的检验
console-table-activity-features = 活动特征
console-table-purchase-features = 购买特征
console-table-feedback-features = 反馈特征
console-table-page-views = 页面浏览
console-table-visits = 访问
console-table-searches = 搜索

## 报告
console-report-title = { $name }：数据说明了什么
console-report-lead = 由 Mindgap 根据截至 { $date } 的数据生成。本报告没有任何一行涉及单个客户。
console-report-contents = 目录

## 实时来源
console-nav-sources = 实时来源
console-live-title = 实时来源
console-live-lead = 商城、应用和各项服务实时发送了什么，结果如何。
console-live-none = 尚无来源发送事件。请声明一个来源：mindgap source add web-shop。
console-live-day = 最近 24 小时的事件
console-live-day-note = 共收到 { NUMBER($received) } 条消息
console-live-aside = 搁置
console-live-aside-note = { NUMBER($received) } 条消息中无法理解的；已保留，见下文
console-live-refused = 拒收：未同意
console-live-refused-note = 没有任何用途允许，因此未存储；只知道数量
console-live-failing = 目前无法读取“{ $source }”：{ $error } 系统会自动重试，不会丢失任何数据。
console-live-no-worker = 事件已接收并安全保存，但无人处理：请启动“mindgap serve”或“mindgap source work”。
console-live-backlog = 有 { NUMBER($megabytes) } MB 事件等待处理。数据安全，但数字有所滞后。
console-live-observed = “{ $source }”：有 { NUMBER($n) } 个事件不符合埋点方案。它们已保留；“mindgap source list --json”会列出。
console-live-caption = 收到 = 存储 + 搁置 + 重复 + 拒收
console-live-column-source = 来源
console-live-column-kind = 传送方式
console-live-column-state = 状态
console-live-column-day = 最近 24 小时
console-live-column-received = 收到
console-live-column-stored = 存储
console-live-column-aside = 搁置
console-live-column-duplicates = 重复
console-live-column-refused = 拒收
console-live-column-latest = 最近一次
console-live-kind-http = 网站和应用
console-live-kind-webhook = Webhook 推送
console-live-kind-kafka = Kafka 队列
console-live-kind-warehouse = 数据仓库表
console-live-kind-sql = 数据库
console-live-kind-folder = 文件夹
console-live-kind-gone = 已不再声明
console-live-state-well = 事件正在到达
console-live-state-quiet = 一小时以上没有动静
console-live-state-waiting = 尚无数据到达
console-live-state-failing = 出错
console-live-state-off = 已关闭
console-live-never = 从未
console-live-ago-now = 刚刚
console-live-ago-minute = { $n } 分钟前
console-live-ago-hour = { $n } 小时前
console-live-ago-day = { $n } 天前
console-live-hours-source = 各来源每小时的事件
console-live-hours-type = 各类型每小时的事件
console-live-hours-summary = 24 小时内共 { NUMBER($n) } 个事件；“{ $name }”最多（{ $share }）。
console-live-hour = 小时
console-live-others = 其他
console-event-track = 行为
console-event-identify = 身份
console-event-page = 网页
console-event-screen = 应用页面
console-event-group = 组织
console-event-alias = 同一人的两个编号
console-event-unreadable = 无法读取
console-live-now = 正在到达
console-live-masked = 每两秒更新一次。此处隐藏姓名、邮箱、号码和编号。
console-live-nothing-yet = 近期没有数据到达。
console-live-when = 时间
console-live-what = 内容
console-live-who = 属于谁
console-live-detail = 详情
console-live-aside-title = 搁置了什么，如何处理
console-live-aside-why = 这些消息已保留。改正之后，“mindgap source replay”会再次处理。
console-live-aside-line = { $source }（{ $messages } 条）：{ $why }
console-live-snippet-title = 向“{ $source }”发送
console-live-snippet-endpoint = 客户端地址
console-live-snippet-curl = 在命令行中试用
console-live-snippet-snippet = 商城网页中的一行代码（会征求访客同意）
console-live-copy = 复制
console-live-copied = 已复制

console-profile-interests = 兴趣
console-profile-interests-note = 购买或搜索所占的份额，越久远权重越低；并与全体客户比较。
console-profile-kind-category = 品类
console-profile-kind-department = 部门
console-profile-kind-brand = 品牌
console-profile-kind-search = 搜索
console-profile-weight = { $share }，为平均水平的 { $times } 倍
console-profile-habits = 习惯
console-profile-when = 多在{ $weekday }（占订单 { $weekday_share }）和{ $part }（{ $part_share }）购买。
console-profile-channel = 多通过 { $channel } 购买（{ $share }）。
console-profile-basket = 通常一单有 { $lines } 行，金额 { $spend }。
console-profile-gap = 两次订单之间通常相隔 { $days } 天。
console-profile-repeat = { $share } 的订单行是以前买过的商品。
console-profile-price = 在所购品类的价格区间中处于 { $level } 的位置（0 % 最便宜，100 % 最贵）。
console-profile-brand = 在同一品类中，{ $share } 的订单行选择同一品牌。
console-profile-needs = 近期可能需要
console-profile-needs-note = 根据该客户自身的购买节奏，未来 { $days } 天内购买的概率。
console-profile-chance = 概率
console-profile-cycle = 周期（天）
console-profile-last = 距上次（天）
console-part-night = 夜间
console-part-morning = 上午
console-part-noon = 中午
console-part-afternoon = 下午
console-part-evening = 晚上
console-weekday-1 = 周一
console-weekday-2 = 周二
console-weekday-3 = 周三
console-weekday-4 = 周四
console-weekday-5 = 周五
console-weekday-6 = 周六
console-weekday-7 = 周日

console-nav-quality = 数据质量
console-quality-title = 数据质量
console-quality-lead = 使用之前剔除了什么、为什么剔除，以及其余数据有多好。
console-quality-lead-notices = { $n ->
    [0] 一切与平常一致。
   *[other] 有 { $n } 处不正常。
}
console-quality-volume = 规模
console-quality-volume-note = 表共 { $bytes } MB
console-quality-velocity = 速度，每天行数
console-quality-velocity-note = 最近七天每秒 { $events } 个事件
console-quality-variety = 多样性，来源数
console-quality-variety-note = { $tables } 个表，{ $names } 个事件名，{ $properties } 个属性
console-quality-veracity = 真实性，保留比例
console-quality-veracity-unknown = 运行之前无法判断
console-quality-veracity-note = { $valid } 可读
console-quality-notices = 需要查看
console-quality-notices-none = 没有：所有指标与平常一致。
console-quality-notice = { $source }：{ $about }（{ $day }）
console-quality-status-warn = 请查看
console-quality-status-bad = 请优先查看
console-quality-dropped = 被规则剔除
console-quality-dropped-none = 没有规则剔除任何数据。
console-quality-rule = 规则
console-quality-why = 剔除什么
console-quality-of = 所属表
console-quality-rows = 行数
console-quality-sources = 来源
console-quality-switch = 规则
console-quality-switch-lead = 每条规则都可以在 mindgap.toml 的 [cleaning] 中关闭，其数值也可更改。被剔除的数据仍在文件中：关闭规则后，下次运行即恢复。
console-quality-state = 状态
console-quality-on = 开
console-quality-off = 关
console-quality-figures-column = 数值
console-quality-examples = 被剔除行的示例
console-quality-row = 行
console-quality-at = 时间
console-quality-charts = 随时间变化
console-quality-chart-freshness = 最新一行的天数
console-quality-chart-completeness = 填写率
console-quality-chart-validity = 有效并保留
console-quality-chart-uniqueness = 新行比例
console-quality-chart-consistency = 与其他表一致
console-quality-chart-drift = 漂移（稳定性指数）
console-quality-chart-summary = { $source } 的{ $table }：{ $n } 个指标，最近为 { $day }。
console-quality-day = 日期
console-quality-latest = 最新指标
console-quality-dimension = 维度
console-quality-about = 内容
console-quality-value = 值
console-quality-usual = 平常
console-quality-n = 样本量
console-quality-dimension-freshness = 时效性
console-quality-dimension-completeness = 完整性
console-quality-dimension-validity = 有效性
console-quality-dimension-uniqueness = 唯一性
console-quality-dimension-consistency = 一致性
console-quality-dimension-drift = 漂移
console-quality-state-ok = 正常
console-quality-state-warn = 请查看
console-quality-state-bad = 偏离很大
console-quality-state-cannot-say = 无法判断
console-about-newest-row = 最新一行
console-about-kept = 保留的行
console-about-readable = 可读的行
console-about-new = 未重复的行
console-about-clock = 时钟
console-about-said-early = 时钟不早于 1980 年
console-about-said-late = 时钟不晚于到达
console-about-order-sum = 订单合计
console-about-known-customer-id = 已知客户
console-about-known-product-id = 已知商品
console-about-customer-id = 客户
console-about-product-id = 商品
console-about-amount = 金额
console-about-channel = 渠道
console-about-category = 品类
console-about-quantity = 数量
console-about-kind = 类型
console-about-score = 评分
console-about-campaign-id = 活动
console-about-joined-at = 加入时间
console-about-birth-year = 出生年份
console-about-age-group = 年龄段
console-about-gender = 性别
console-about-region = 地区
console-about-product-name = 商品名称
console-about-brand = 品牌
console-about-price = 价格
console-about-unit-cost = 单位成本
console-about-visitor = 访客
console-about-name = 事件名
console-about-currency = 货币
console-about-outliers = 未偏离的行
console-about-scale-max = 量表
console-table-events = 事件

console-nav-identities = 身份
console-identities-title = 谁是同一个人
console-identities-lead = 一个人有许多编号：收银、网店、每个浏览器。确定的自动合并，不确定的在此等您判定。
console-identities-persons = 有多个编号的人
console-identities-persons-note = 截至上次运行
console-identities-merged-ids = 已合并的编号
console-identities-merged-ids-note = 现已归入其他编号的客户编号
console-identities-waiting = 等待判定
console-identities-waiting-note = 可能是同一人的编号对
console-identities-doubts = 存疑
console-identities-doubts-note = 判定自下次运行起生效，并可撤销。
console-identities-doubts-none = 没有需要判定的内容。
console-identities-device = 设备 { $id }
console-identities-since = 自{ $day }起可知。
console-identities-same = 同一个人
console-identities-different = 不同的人
console-identities-later = 稍后
console-identities-more = 还有 { NUMBER($n) } 对，判定完这些后显示。
console-identities-others = 未合并且无需逐对判定
console-identities-other = { $what }：{ $why }
console-identities-history = 历史
console-identities-change = { $ids }：{ $what }
console-identities-undo = 撤销
console-identities-undo-label = 撤销 { $ids } 的合并
console-identities-own = 此人自己的编号
console-identities-known-as = 此人的编号
console-identities-said-same = 已记下：是同一个人，下次运行时合并。
console-identities-said-different = 已记下：是两个人，保持分开。
console-identities-said-later = 已移到列表末尾。
console-identities-said-undone = 已记下：下次运行时撤销合并。
console-identities-said-gone = 此项已有判定，或已不再存疑。
