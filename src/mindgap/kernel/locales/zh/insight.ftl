# 信息差：某个数字缺失或出人意料的原因。
insight-no-outcome = 购买记录既没有品类也没有商品，因此没有可预测的内容。
insight-no-customers = 没有一条购买记录写明顾客，因此无法说明顾客之间有何不同。
insight-no-evidence = 所有购买都发生在最近几周，没有可供学习的历史。
insight-no-outcomes = 最近 { $days } 天内没有已知顾客购买，因此无法检验预测。
insight-short-history = 留出检验期之前只有 { $weeks } 周历史，至少需要 { $needed } 周。
insight-no-attributes = 没有顾客属性（年龄、地区等），因此无法说明它们的价值。
insight-no-campaigns = 没有按顾客记录的营销活动，因此无法说明它的价值。
insight-outcome-product = 商品都没有品类，因此以商品本身为预测对象：销量最高的 300 种商品，其余合并为一类。
insight-few-customers = 留出检验期内只有 { $customers } 位顾客购买，给出区间至少需要 { $needed } 位。
insight-does-not-pay = 用个人信息预测并不比用市场整体预测更准：在这里，个性化不划算。
insight-potential-understated = 每位顾客的购买次数很少，个性化潜力的估计偏低，请视为下限。
insight-no-gap = 信息差尚未测量。
insight-no-advantage = 预测能力尚未测量，因此无法说明对这位顾客还能再了解多少。
insight-unknown-customer = 没有这位顾客的购买记录。
insight-no-ledger = 没有这位顾客的属性，既没有声明的，也没有推断的。
insight-no-discovery = 这位顾客对商品供应还不了解什么，目前尚未测量。
insight-no-question = 哪个问题值得问，目前尚未测量。
