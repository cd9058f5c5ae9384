"""Models that are trained on Spark: the same as in memory, from the same data."""

from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.sparse as sp
from sklearn.cluster import KMeans

import mindgap as mg
from kits.shop import canonical, put, shop_orders
from kits.spark import needs_spark, place
from kits.twin import differences
from mindgap.analyze.models.eclat import bitsets, frequent_itemsets, itemsets
from mindgap.analyze.models.segment_features import scales_of, traits
from mindgap.analyze.models.segments_large import assigned
from mindgap.backends.spark import SparkEngine
from mindgap.kernel.large_models import Mapped
from mindgap.kernel.rng import generator
from mindgap.loop.building import build
from mindgap.loop.planning import plan
from mindgap.personalize.recommenders.factors import (
    RANK,
    ROUNDS,
    SHRINKAGE,
    least_squares,
    product_factors,
)
from mindgap.store.engine import LargeSession, Relation

pytestmark = [needs_spark, pytest.mark.slow]
SCALED = pa.schema([("a", pa.float64()), ("b", pa.float64()), ("spend", pa.float64())])


@contextmanager
def spark(folder, **tables):
    engine = SparkEngine(place=place(folder), rows_in_memory=10)
    with engine.session({name: Relation(rows=table) for name, table in tables.items()}) as session:
        assert isinstance(session, LargeSession)
        yield session.models


def points(count=3_000):
    rng = generator(3, "points")
    centre = rng.integers(0, 4, count)
    spread = rng.normal(size=(count, 2))
    return pa.table(
        {
            "a": 6.0 * (centre % 2) + spread[:, 0],
            "b": 6.0 * (centre // 2) + spread[:, 1],
            "spend": rng.gamma(2.0, 10.0, count),
        }
    )


def groceries(count=2_000, items=30):
    """Baskets with some items that go together, most popular first."""
    rng = generator(5, "groceries")
    held = rng.random((count, items)) < 0.5 / np.sqrt(np.arange(1, items + 1))
    held[:, 3] |= held[:, 2] & (rng.random(count) < 0.8)
    held[:, 9] |= held[:, 7] & held[:, 8]
    return np.nonzero(held)


def test_centres_are_those_of_scikit_learn(tmp_path):
    table = points()
    rows = Mapped(sql="select * from points", function=lambda table: table, schema=SCALED)
    with spark(tmp_path, points=table) as models:
        found = models.cluster(rows, ["a", "b"], groups=4, seed=7, total="spend")
    matrix = np.column_stack([table["a"].to_numpy(), table["b"].to_numpy()])
    theirs = KMeans(n_clusters=4, n_init=4, random_state=7).fit(matrix)
    assert found.inertia == pytest.approx(theirs.inertia_, rel=0.01)
    ours = found.centers[np.lexsort(np.round(found.centers).T)]
    assert ours == pytest.approx(
        theirs.cluster_centers_[np.lexsort(np.round(theirs.cluster_centers_).T)], abs=0.02
    )
    assert found.rows.sum() == len(matrix)
    assert found.totals.sum() == pytest.approx(table["spend"].to_numpy().sum())


def sets_of(found):
    for length, level in enumerate(found.levels, start=1):
        for members, count in zip(found.members(length).tolist(), level.count.tolist(), strict=True):
            yield tuple(sorted(members)), count


def test_item_sets_and_counts_are_those_of_eclat(tmp_path):
    basket, item = groceries()
    ours = frequent_itemsets(
        bitsets(basket, item, baskets=2_000, items=30), baskets=2_000, min_count=40, max_length=4
    )
    lines = pa.table({"basket": np.append(basket, basket[0]), "item": np.append(item, item[0])})  # one twice
    with spark(tmp_path, lines=lines) as models:
        mined = partial(models.frequent_sets, "select basket, item from lines", min_count=40, max_length=4)
        found = mined(most_sets=40_000)
        assert mined(most_sets=found.num_rows - 1) is None
    told = {tuple(sorted(row["items"])): row["baskets"] for row in found.to_pylist()}
    assert len(told) == found.num_rows > 100
    assert told == dict(sets_of(ours))


def test_item_sets_from_elsewhere_are_the_same_levels():
    basket, item = groceries(600)
    ours = frequent_itemsets(
        bitsets(basket, item, baskets=600, items=30), baskets=600, min_count=12, max_length=4
    )
    listed = list(sets_of(ours))
    order = generator(1, "order").permutation(len(listed))
    members = np.array([[*listed[at][0], *[-1] * (4 - len(listed[at][0]))] for at in order])
    again = itemsets(members, np.array([listed[at][1] for at in order]), baskets=600)
    assert again.items.tolist() == ours.items.tolist()
    for one, other in zip(again.levels, ours.levels, strict=True):
        for name in ("parent", "last", "count"):
            assert getattr(one, name).tolist() == getattr(other, name).tolist()


def lost(bought, tastes, factors):
    """What alternating least squares makes small."""
    likes = (bought > 0).toarray()
    weight = 1.0 + bought.toarray()
    held = np.square(tastes).sum(axis=1) @ likes.sum(axis=1) + np.square(factors).sum(axis=1) @ likes.sum(
        axis=0
    )
    return float((weight * np.square(likes - tastes @ factors.T)).sum() + SHRINKAGE * held)


def test_factors_fit_as_well_as_those_of_memory(tmp_path):
    rng = generator(2, "tastes")
    dense = np.zeros((120, 40))
    for user in range(len(dense)):
        dense[user, rng.choice(20, 8, replace=False) + 20 * (user % 2)] = rng.gamma(1.0, 1.0, 8) + 0.1
    bought = sp.csr_matrix(dense)
    user, item = bought.nonzero()
    pairs = pa.table(
        {"user": [f"u{nth}" for nth in user], "item": item.astype(np.int64), "weight": bought.data}
    )
    with spark(tmp_path, pairs=pairs) as models:
        found = models.factors("select * from pairs", rank=RANK, rounds=ROUNDS, shrinkage=SHRINKAGE, seed=7)
    ours = product_factors(bought, seed=7)
    large, memory = (lost(bought, least_squares(bought, factors), factors) for factors in (found, ours))
    assert large == pytest.approx(memory, rel=0.02)
    nothing = lost(bought, np.zeros((120, RANK)), np.zeros((40, RANK)))
    assert memory < 0.2 * nothing


SETTINGS = """[workspace]
engine = "spark"
spark = "local[2]"
rows_in_memory = 20
memory_limit_mb = 800
"""
TABLES = ("segments", "rules", "customer_needs", "customer_discoveries")


@dataclass(frozen=True)
class Built:
    """Tables of one shop, and the model of its segments."""

    tables: dict
    card: dict
    centers: np.ndarray


def built(workspace, steps):
    entries = [build(workspace.stores, step) for step in steps]
    assert [entry.reason for entry in entries] == [{}] * len(entries)
    files, manifest = workspace.stores.files, workspace.stores.manifest
    model = manifest.model("segments", entries[-1].as_of)
    return Built(
        tables={entry.name: pq.read_table(files.path(entry.path)) for entry in entries},
        card=model.card,
        centers=np.array(files.read_model("segments", model.path).arrays["centers"]),
    )


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The same tables in memory and on Spark."""
    folder = tmp_path_factory.mktemp("large")
    (folder / "mindgap.toml").write_text(SETTINGS, "utf-8")
    on_spark = mg.open(folder)
    embedded = replace(on_spark, stores=replace(on_spark.stores, engine=on_spark.stores.lookups))
    lines = shop_orders(customers=150).to_pylist()
    brought = {"category": "tea", "product_id": "tea"}  # with most of one category
    along = [{**line, **brought, "row_id": line["row_id"] ^ 1} for line in lines if line["product_id"] < "p2"]
    put(on_spark, "orders", canonical("orders", [*lines, *along]))
    steps = plan(on_spark.stores, on_spark.moment(), tables=TABLES)
    for step in steps:
        if step.derivation.name not in TABLES:
            build(embedded.stores, step)
    wanted = [step for step in steps if step.derivation.name in TABLES]
    entry = on_spark.stores.manifest.entry("customer_features", on_spark.moment().as_of)
    features = pq.read_table(on_spark.stores.files.path(entry.path))
    assert all(step.derivation.large for step in wanted)
    return features, built(embedded, wanted), built(on_spark, wanted)


def test_rules_are_the_same_to_the_last_row(both):
    _, memory, large = both
    assert memory.tables["rules"]["consequent"].to_pylist()[0] in {"cat0", "cat1", "tea"}
    assert differences(memory.tables["rules"], large.tables["rules"], ordered=True) == []


def test_needs_scored_on_spark_are_those_of_memory(both):
    _, memory, large = both
    name = "customer_needs"
    assert differences(memory.tables[name], large.tables[name], ordered=False) == []


def test_segments_are_those_of_their_centres(both):
    features, memory, large = both
    again = assigned(features, scales=scales_of(features), centers=large.centers)
    assert differences(again, large.tables["segments"], ordered=False) == []
    assert large.card["sampled_customers"] == features.num_rows
    assert len(large.centers) == len(memory.centers)
    known = traits(features).matrix
    inertia = KMeans(n_clusters=len(large.centers), n_init=10, random_state=1).fit(known).inertia_
    assert large.card["inertia_per_customer"] * len(known) <= 1.05 * inertia


def test_discoveries_are_for_the_same_customers_and_as_near_to_their_taste(both):
    _, memory, large = both
    ours, theirs = (one.tables["customer_discoveries"] for one in (memory, large))
    assert ours.schema == theirs.schema
    assert cells(ours, "rank") == cells(theirs, "rank")
    assert len(cells(ours, "rank")) > 1_000
    scores = [float(np.mean(one["score"].to_numpy())) for one in (ours, theirs)]
    assert scores[0] == pytest.approx(scores[1], rel=0.05)
    same = cells(ours, "product_id") & cells(theirs, "product_id")  # each has a start of its own
    assert len(same) > 0.6 * ours.num_rows


def cells(table, column):
    return {*zip(table["customer_id"].to_pylist(), table[column].to_pylist(), strict=True)}
