# 循环本身给出的“无法判断”的原因。
only-by-day = { $table } 不能单独读取：它只为按日保存的表在每一天之内计算。
no-orders = 还没有订单数据。请添加订单或交易文件：mindgap run 文件。
no-customers = 没有客户属性文件，因此无法据此得出结论。
no-products = 没有商品目录；商品名称和类别取自订单。
no-products-in-orders = 订单中没有商品编号。
no-exposures = 没有客户曾看到过什么的曝光记录。
no-feedback = 没有反馈数据：未导入任何问卷、评论或评分。
build-failed = 构建 { $table } 时出错（{ $error }，位于 { $place }）；下次运行会重试。请反馈此问题。
no-history = { $before } 之前没有数据，因此无法用之后的数据来检验。
source-from-events = { $table }（由事件生成）
