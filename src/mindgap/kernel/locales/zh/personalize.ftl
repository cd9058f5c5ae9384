# 推荐及其理由

personalize-bought-often = 您买过 { $product } { NUMBER($times) } 次，{ $last_days ->
    [0] 最近一次在一天之内
   *[other] 最近一次在 { NUMBER($last_days) } 天前
  }。
personalize-bought-before = 您{ $last_days ->
    [0] 在一天之内
   *[other] 在 { NUMBER($last_days) } 天前
  }买过 { $product }。
personalize-similar-customers = 有 { NUMBER($customers) } 位购买习惯与您相近的顾客买了它；你们共同买过 { NUMBER($shared) } 种商品，其中最主要的是 { $product }。
personalize-popular = 近期热门：最近 { NUMBER($days) } 天有 { NUMBER($buyers) } 位顾客购买。
personalize-newly-popular = 正在被发现：最近 { NUMBER($days) } 天有 { NUMBER($buyers) } 位顾客第一次购买。
personalize-cold-start = 我们还不了解这位顾客的购买记录，所以推荐热门商品：最近 { NUMBER($days) } 天有 { NUMBER($buyers) } 位顾客购买。
too-few-purchases = 只有 { NUMBER($customers) } 位顾客、{ NUMBER($lines) } 条已知商品的购买记录，不足以学习；至少需要 { NUMBER($least) } 位顾客和 100 条购买记录。
no-held-out-purchases = 在留出的几周里，只有 { NUMBER($customers) } 位已知顾客购买了已知商品；至少需要 { NUMBER($least) } 位，才能说明推荐的质量。
few-products-lately = 最近五周内，只有 { NUMBER($products) } 种商品有至少三位顾客购买；至少需要 { NUMBER($least) } 种，才能看出喜好的不同。

# 同样的理由，说给企业而不是顾客
personalize-bought-often-staff = 买过 { $product } { NUMBER($times) } 次，{ $last_days ->
    [0] 最近一次在一天之内
   *[other] 最近一次在 { NUMBER($last_days) } 天前
  }。
personalize-bought-before-staff = { $last_days ->
    [0] 在一天之内
   *[other] 在 { NUMBER($last_days) } 天前
  }买过 { $product }。
personalize-similar-customers-staff = 有 { NUMBER($customers) } 位购买习惯相近的顾客买了它；与这位顾客共同买过 { NUMBER($shared) } 种商品，其中最主要的是 { $product }。
