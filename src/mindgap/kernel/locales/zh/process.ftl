# 事件转换的结果，以及为何无法从中得出结论。
no-events = 没有来自网店、应用或其他实时来源的事件。请添加来源：mindgap source add 名称。
process-other-currency = 有 { NUMBER($orders) } 个来自事件的订单使用了与工作区不同的货币，其金额留空。
process-known-orders = 有 { NUMBER($orders) } 个来自事件的订单已被导入，以导入为准，只计一次。
