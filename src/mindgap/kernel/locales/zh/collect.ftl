# 文件中发现了什么、需要确认什么，以及行被搁置的原因。
collect-encoding = 文本编码为 { $encoding }，已转换为 UTF-8。
collect-skipped-lines = 已跳过表头之前的 { $lines } 行。
collect-duplicate-columns = 同名的列已加编号：{ $columns }。
collect-nested-columns = 内容为列表或对象的列未读取；需要其中的内容时，请写成单独的列：{ $columns }。
collect-sheets-left-out = 列不同的工作表未读取：{ $sheets }。
collect-left-out = 能直接识别个人的列未读取：{ $columns }。
collect-tokens-only = 下列能直接识别个人的列不保留原值，只保留带密钥的标记，用于在别处认出同一个人：{ $columns }。
collect-customer-only-by-name = 客户只能通过 { $columns } 识别，因此所有行都按匿名处理。如需用其哈希值区分客户，请使用 --map customer_id=列名。
collect-pseudonym = 列 { $column } 能直接识别个人，因此以其哈希值代替。
collect-dates-mixed = 列 { $column } 中既有日在前的日期（{ $day_first } 个），也有月在前的日期（{ $month_first } 个）；两者皆可能时采用较多的一种。
collect-dates-undecided = 列 { $column } 中的日和月无法区分，已按{ $order ->
    [day] 日在前
   *[month] 月在前
}处理。如不正确，请设置 day_first。
collect-discount-rate = 列 { $column } 是折扣率，已换算为金额。
collect-orders-derived = 没有订单号，因此同一客户在{ $by_day ->
    [true] 同一天
   *[false] 同一时刻
}的各行计为一个订单。
collect-quantity-assumed = 没有数量，因此每行按一件计算。
collect-no-customers = 没有客户列，因此无法对单个客户作出判断。
collect-no-amounts = 既没有金额也没有价格，因此无法对金额作出判断。
collect-credit-notes = 列 { $column } 中以 C 开头的编号被视为红字单据，即退货。
collect-repeated-rows = 文件中有 { $rows } 行重复，只计一次。
collect-known-rows = 有 { $rows } 行此前已导入，未重复计算。
collect-superseded-rows = 有 { $rows } 行被同一客户或商品的后一行取代。
collect-unread-cells = 有 { $rows } 个非必填值无法识别，已留空。
collect-quarantined-rows = 有 { $rows } 行无法使用，已连同行号和原因放入隔离区。
collect-ask-kind = 该文件看起来是 { $kind }，但也可能是 { $others }。它是什么？
collect-ask-column = { $field } 是列 { $column } 吗？（置信度 { NUMBER($confidence, maximumFractionDigits: 2) }）
collect-ask-amount = { $column } 是单价还是整行金额？
collect-ask-day-first = 列 { $column } 中的日和月无法区分。是日在前吗？
collect-reason-no_date = 没有日期
collect-reason-bad_date = 日期无法识别
collect-reason-date_in_future = 日期在未来
collect-reason-date_too_old = 日期早于 1980 年
collect-reason-bad_number = 数字无法识别
collect-reason-no_quantity = 没有数量
collect-reason-no_customer = 没有客户
collect-reason-no_product = 没有商品
collect-reason-no_answer = 既没有评分也没有文字
collect-reason-empty_line = 该行为空
collect-reason-malformed_line = 该行与表的列不符，或含有损坏的引号或字符
