# 客户在各渠道上发生的事。
timeline-order = 订单
timeline-cancelled = 取消
timeline-exposure = 看到
timeline-feedback = 反馈
timeline-event = 事件
timeline-return = 退货
timeline-title = 发生的事
timeline-caption = 各渠道最近的 { $n } 件事
timeline-when = 时间
timeline-what = 内容
timeline-where = 渠道
timeline-about = 涉及
