"""Product vectors: what is alike lies together, in two languages; and the test on new products."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from customer_inputs import AS_OF, moment

from mindgap.analyze.models.cold_start import evaluation_product_vectors
from mindgap.analyze.models.product_vectors import product_vectors, read_vectors, unit, whitened
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.rng import generator

TITLES = {
    "milk": ["whole milk", "skimmed milk", "全脂牛奶", "脱脂牛奶", "oat milk", "organic milk"],
    "bread": ["rye bread", "wheat bread", "全麦面包", "黑麦面包", "toast", "baguette"],
    "soap": ["hand soap", "liquid soap", "洗手液", "香皂", "shower gel", "shampoo"],
    "beer": ["pale ale", "lager beer", "啤酒", "黑啤酒", "wheat beer", "stout"],
}


def catalogue(*, with_category):
    rows = [
        {
            "product_id": f"{category}-{n}", "product_name": title,
            "category": category if with_category else None, "department": None, "brand": None,
        }
        for category, titles in TITLES.items()
        for n, title in enumerate(titles)
    ]  # fmt: skip
    text = pa.string()
    fields = ("product_id", "product_name", "category", "department", "brand")
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, text) for name in fields]))


def test_the_nearest_product_is_of_the_same_kind_in_either_language():
    ids, vectors = read_vectors(
        product_vectors.build({"catalogue": catalogue(with_category=False)}, moment()).table
    )
    likeness = vectors @ vectors.T
    np.testing.assert_allclose(np.diag(likeness), 1.0, atol=1e-5)
    np.fill_diagonal(likeness, -1.0)
    nearest = [ids[place].split("-")[0] for place in likeness.argmax(axis=1)]
    same = np.mean([name == one.split("-")[0] for name, one in zip(nearest, ids, strict=True)])
    assert same > 0.7, "by chance it would be a fifth"


def test_the_category_draws_products_together():
    def within(*, with_category):
        table = product_vectors.build({"catalogue": catalogue(with_category=with_category)}, moment()).table
        ids, vectors = read_vectors(table)
        kinds = np.array([one.split("-")[0] for one in ids])
        return (vectors @ vectors.T)[kinds[:, None] == kinds[None, :]].mean()

    assert within(with_category=True) > within(with_category=False) + 0.1


def test_descriptions_draw_products_together_in_either_language():
    plain = catalogue(with_category=False)
    named = plain.set_column(1, "product_name", pa.array(["thing"] * plain.num_rows))
    words = [title for titles in TITLES.values() for title in titles]
    traits = [
        f'{{"colour": "red", "{"商品描述" if n % 2 else "Description"}": "{text}"}}'
        for n, text in enumerate(words)
    ]
    products = pa.table({"product_id": named["product_id"], "traits": traits})

    def kinship(tables):
        ids, vectors = read_vectors(product_vectors.build(tables, moment()).table)
        kinds = np.array([one.split("-")[0] for one in ids])
        likeness = vectors @ vectors.T
        np.fill_diagonal(likeness, np.nan)
        same = kinds[:, None] == kinds[None, :]
        return np.nanmean(likeness[same]) - np.nanmean(likeness[~same]), vectors.shape[1]

    with_words, wide = kinship({"catalogue": named, "products": products})
    without, narrow = kinship({"catalogue": named})
    assert with_words > 0.2
    assert without == 0.0
    assert wide > narrow


def test_attributes_that_are_no_description_change_nothing():
    table = catalogue(with_category=True)
    products = pa.table({"product_id": table["product_id"], "traits": ['{"size": "22 LB"}'] * len(table)})
    plain = product_vectors.build({"catalogue": table}, moment()).table
    assert product_vectors.build({"catalogue": table, "products": products}, moment()).table.equals(plain)


def test_the_spread_is_evened_over_directions():
    rng = generator(1, "white")
    vectors = (rng.normal(size=(20_000, 8)) * np.arange(1, 9) + 5.0).astype(np.float32)
    counts = np.ones(20_000, dtype=np.float32)
    white = whitened(vectors, counts, 4)
    assert white.shape == (20_000, 4)
    np.testing.assert_allclose(np.linalg.norm(white, axis=1), 1.0, atol=1e-5)
    spread = np.cov(white.T)
    np.testing.assert_allclose(np.diag(spread), 0.25, atol=0.03)
    np.testing.assert_allclose(unit(np.zeros((1, 3), dtype=np.float32)), 0.0)


def test_products_without_a_word_have_no_vector():
    table = catalogue(with_category=False)
    silent = table.slice(0, 1).set_column(1, "product_name", pa.array([None], pa.string()))
    silent = silent.set_column(0, "product_id", pa.array(["silent"]))
    ids, _ = read_vectors(
        product_vectors.build({"catalogue": pa.concat_tables([table, silent])}, moment()).table
    )
    assert "silent" not in ids
    assert len(ids) == table.num_rows


@pytest.mark.parametrize("products", [0, 5])
def test_of_few_products_or_none_nothing_can_be_said(products):
    table = catalogue(with_category=False).slice(0, products)
    with pytest.raises(CannotSay, match="analyze-few-described-products"):
        product_vectors.build({"catalogue": table}, moment())


def test_new_products_are_placed_better_than_by_category():
    """Sixty customers each like one flavour, which runs across two categories and stands in the titles."""
    rng = generator(3, "flavours")
    flavours = ("strawberry", "lemon", "chocolate", "mint", "coffee", "garlic")
    things = ("tea", "cake", "yogurt", "ice cream", "candy", "sauce", "syrup", "cookie", "drink", "jam")
    products = [
        {
            "product_id": f"{flavour} {thing}",
            "product_name": f"{flavour} {thing}",
            "category": f"aisle {n % 2}",
        }
        for flavour in flavours
        for n, thing in enumerate(things)
    ]
    names = ("product_id", "product_name", "category", "department", "brand")
    table = pa.Table.from_pylist(products, schema=pa.schema([(name, pa.string()) for name in names]))
    vectors = product_vectors.build({"catalogue": table}, moment()).table
    rows = []
    for customer in range(120):
        flavour = flavours[customer % len(flavours)]
        before = (AS_OF - timedelta(days=60 + int(days)) for days in rng.integers(60, size=6))
        rows += [
            (f"c{customer}", f"{flavour} {thing}", at) for thing, at in zip(things, before, strict=False)
        ]
        rows.append((f"c{customer}", f"{flavour} {things[6 + customer // 6 % 4]}", AS_OF - timedelta(days=5)))
    columns = list(zip(*rows, strict=True))
    purchases = pa.table(
        {
            "customer_id": pa.array(columns[0]),
            "product_id": pa.array(columns[1]),
            "ordered_at": pa.array(columns[2], pa.timestamp("us")),
        }
    )
    inputs = {
        "vectors": vectors,
        "catalogue": table.select(["product_id", "category"]),
        "purchases": purchases,
    }
    (row,) = evaluation_product_vectors.build(inputs, moment()).to_pylist()
    assert row["beats_baseline"]
    assert row["value"] > 0.5 > row["baseline_value"]
    assert row["n"] == 120
