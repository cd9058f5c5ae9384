"""Discoveries from more purchases than memory holds: factors and lists are made where the purchases are."""

from functools import partial

from mindgap.kernel.derivation import Moment
from mindgap.kernel.large_models import LargeBuilt, LargeModels, Mapped
from mindgap.personalize.history import HALF_LIFE_DAYS
from mindgap.personalize.model import HORIZON_DAYS
from mindgap.personalize.recommenders.factors import RANK, ROUNDS, SHRINKAGE, SURENESS
from mindgap.personalize.tastes import (
    DISCOVERIES,
    MIN_BUYERS,
    MOST_PRODUCTS,
    check_offer,
    discoveries,
    tastes_model,
)

_LINES = """select p.customer_id, p.order_id, p.product_id,
    max(unix_micros(m.as_of) - unix_micros(p.ordered_at)) / 86400000000.0 as age_days
    from purchases as p cross join moment as m
    where p.customer_id is not null and p.product_id is not null
    group by p.customer_id, p.order_id, p.product_id"""
_OFFERED = f"""
    select product_id, cast(row_number() over (order by buyers desc, product_id) - 1 as bigint) as item from (
    select product_id, count(distinct customer_id) as buyers from ({_LINES}) as l
    where age_days < {HORIZON_DAYS} group by product_id having count(distinct customer_id) >= {MIN_BUYERS}
    order by buyers desc, product_id limit {MOST_PRODUCTS}) as lately"""
_WEIGHTS = f"""
    select l.customer_id, o.item, {SURENESS} * sum(power(0.5, l.age_days / {HALF_LIFE_DAYS})) as weight
    from ({_LINES}) as l join ({_OFFERED}) as o on l.product_id = o.product_id
    group by l.customer_id, o.item"""
_LISTS = f"""
    select customer_id, sort_array(array_agg(named_struct('item', item, 'weight', weight))) as bought
    from ({_WEIGHTS}) as w group by customer_id"""


def large_discoveries(models: LargeModels, moment: Moment) -> LargeBuilt:
    """What the table `customer_discoveries` is, worked out where the purchases are.

    Raises:
        CannotSay: Too few products on offer.
    """
    products = models.table(f"select product_id from ({_OFFERED}) as o order by item")[
        "product_id"
    ].to_pylist()
    check_offer(len(products))
    factors = models.factors(
        f"select customer_id as user, item, weight from ({_WEIGHTS}) as w",
        rank=RANK,
        rounds=ROUNDS,
        shrinkage=SHRINKAGE,
        seed=moment.seed,
    )
    told = partial(discoveries, products=products, factors=factors)
    model = tastes_model(factors, products, moment, by="alternating least squares on Spark")
    return LargeBuilt(table=Mapped(sql=_LISTS, function=told, schema=DISCOVERIES), models=(model,))
