"""Product vectors: what a product is, from its title, description, place in the category tree, and brand.

Each text becomes a sentence vector (kernel/text.py). Sentence vectors of one shop lie in a narrow cone, so
each block is centred on the shop's mean product and whitened (Mu & Viswanath 2018, All-but-the-Top, ICLR; Su
et al. 2021, arXiv:2103.15316); weights and dimensions were chosen on earlier months of a grocer's year. The
inner product of two vectors is the weighted mean of their blocks' likenesses.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mindgap.kernel.derivation import At, Built, FittedModel, Moment, derivation
from mindgap.kernel.errors import CannotSay
from mindgap.kernel.purposes import Purpose
from mindgap.kernel.text import sentence_vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

MIN_PRODUCTS = 20
"""Among fewer products than this likeness means nothing."""
CATALOGUE_COLUMNS = ("product_id", "product_name", "category", "department", "brand")
_DESCRIBES = "(?i)description|描述|详情|简介"
"""Attributes whose name says this, in files that have a title beside it."""
_SMALLEST = 1e-9
_TEXTS_FOR_HALF = 500
"""Of so many distinct texts the spread is evened half way: among few, chance directions look large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One part of a product vector.

    Attributes:
        name: What it tells.
        dimensions: How many numbers it takes at most.
        weight: How much its likeness counts beside the others'; chosen on earlier months of a grocer's year,
            which has no descriptions: theirs is that of the tree.
    """

    name: str
    dimensions: int
    weight: float


BLOCKS = (
    Block(name="title", dimensions=96, weight=1.0),
    Block(name="tree", dimensions=32, weight=0.5),
    Block(name="brand", dimensions=16, weight=0.1),
    Block(name="description", dimensions=64, weight=0.5),
)


@derivation(
    "product_vectors",
    grain="one row per product of the catalogue that has a name, a description or a category",
    purpose=Purpose.OPERATIONS,
    inputs={
        "catalogue": At(table="catalogue", columns=CATALOGUE_COLUMNS),
        "products": At(table="clean_products", columns=("product_id", "traits"), optional=True),
    },
    weight=4.0,
)
def product_vectors(tables: Mapping[str, pa.Table], moment: Moment) -> Built:
    """A vector of length one for each product; the inner product of two is how alike they are, -1 to 1.

    Raises:
        CannotSay: The catalogue has too few products with a name, description or category.
    """
    catalogue = tables["catalogue"]
    vectors, kept = vectors_of(_described(catalogue, tables.get("products")))
    dimensions = vectors.shape[1]
    flat = pa.array(vectors.ravel(), pa.float32())
    table = pa.table(
        {
            "product_id": catalogue["product_id"].filter(pa.array(kept)),
            "vector": pa.FixedSizeListArray.from_arrays(flat, dimensions).cast(pa.list_(pa.float32())),
        }
    )
    card = {
        "intended_use": "Products that are alike; what to show of products that nobody bought yet.",
        "as_of": moment.as_of.isoformat(),
        "blocks": {block.name: block.weight for block in BLOCKS},
        "dimensions": dimensions,
        "products": len(vectors),
        "limits": "Knows what is written of a product; says nothing of how good it is.",
    }
    return Built(table=table, models=(FittedModel(name="product_vectors", card=card),))


def _described(catalogue: pa.Table, products: pa.Table | None) -> pa.Table:
    """The catalogue with a column `description`; null of products whose attributes have none."""
    found: dict[str, str] = {}
    if products is not None:
        named = pc.MatchSubstringOptions(_DESCRIBES)
        told = products.filter(pc.call_function("match_substring_regex", [products["traits"]], named))
        pairs = zip(told["product_id"].to_pylist(), told["traits"].to_pylist(), strict=True)
        for product, traits in sorted(pairs):
            found[product] = ", ".join(str(text) for text in _descriptions(traits))
    texts = [found.get(product) for product in catalogue["product_id"].to_pylist()] if found else None
    column = pa.array(texts, pa.string()) if texts else pa.nulls(catalogue.num_rows, pa.string())
    return catalogue.append_column("description", column)


def _descriptions(traits: str) -> list[object]:
    return [text for name, text in json.loads(traits).items() if re.search(_DESCRIBES, name) and text]


def vectors_of(catalogue: pa.Table) -> "tuple[Floats, NDArray[np.bool_]]":
    """Vectors of the products that say anything of themselves, and which rows these are.

    Without descriptions their part is left out, and costs nothing.
    """
    texts = {
        "title": _texts(catalogue, ("product_name",)),
        "tree": _texts(catalogue, ("department", "category")),
        "brand": _texts(catalogue, ("brand",)),
        "description": _texts(catalogue, ("description",)),
    }
    blocks = [block for block in BLOCKS if block.name != "description" or texts["description"].said.any()]
    parts = [_block(texts[block.name], block) for block in blocks]
    kept = texts["title"].said | texts["tree"].said | texts["description"].said
    if int(kept.sum()) < MIN_PRODUCTS:
        raise CannotSay("analyze-few-described-products", products=int(kept.sum()), needed=MIN_PRODUCTS)
    return unit(np.hstack(parts)[kept]), kept


@dataclass(frozen=True, slots=True, kw_only=True)
class _Texts:
    """What products say, each text once.

    Attributes:
        distinct: The texts in order; the empty one is of products that say nothing.
        place: Which of them each product has.
    """

    distinct: list[str]
    place: "NDArray[np.int64]"

    @property
    def said(self) -> "NDArray[np.bool_]":
        """Which products say anything."""
        return np.array([bool(text) for text in self.distinct], dtype=np.bool_)[self.place]


def _texts(catalogue: pa.Table, columns: Sequence[str]) -> _Texts:
    listed = catalogue.select(columns)
    rows = listed.append_column("row", pa.array(np.arange(len(listed))))
    cells = rows.group_by(list(columns)).aggregate([("row", "list")])
    texts = [
        ", ".join(cell for cell in row if cell).strip().lower()
        for row in zip(*(cells[name].to_pylist() for name in columns), strict=True)
    ]
    distinct, place = np.unique(np.array(texts, dtype=object), return_inverse=True)
    lists: Any = cells["row_list"].combine_chunks()
    places = np.empty(len(listed), dtype=np.int64)
    places[lists.flatten().to_numpy()] = np.repeat(place, np.diff(lists.offsets.to_numpy()))
    return _Texts(distinct=[str(text) for text in distinct], place=places)


def _block(texts: _Texts, block: Block) -> "Floats":
    """Rows of one block, of length `sqrt(weight)`, or zero where the text is empty or all texts are one."""
    said = np.array([bool(text) for text in texts.distinct], dtype=np.bool_)
    counts = np.bincount(texts.place, minlength=len(said))
    rows = np.zeros((len(said), block.dimensions), dtype=np.float32)
    if said.sum() > 1:
        vectors = sentence_vectors([text for text in texts.distinct if text])
        white = whitened(vectors, counts[said].astype(np.float32), block.dimensions)
        rows[said, : white.shape[1]] = white
    return (rows * np.float32(np.sqrt(block.weight)))[texts.place]


def whitened(vectors: "Floats", counts: "Floats", dimensions: int) -> "Floats":
    """Vectors centred on their weighted mean, their spread evened over directions, and of length one.

    Args:
        vectors: One row per distinct text.
        counts: How many products have that text.
        dimensions: How many directions of largest spread are kept; fewer where there are not so many.
    """
    centred = vectors - np.average(vectors, axis=0, weights=counts).astype(np.float32)
    spread, axes = np.linalg.eigh((centred.T * (counts / counts.sum())) @ centred)
    spread, axes = spread[::-1][:dimensions], axes[:, ::-1][:, :dimensions]
    useful = spread > spread[0] * 1e-4
    axes = axes[:, useful]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    evenness = 0.5 * len(vectors) / (len(vectors) + _TEXTS_FOR_HALF)
    return unit(((centred @ axes) / spread[useful] ** evenness).astype(np.float32))


def unit(rows: "Floats") -> "Floats":
    """Rows brought to length one; those of length zero stay."""
    return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), _SMALLEST)).astype(np.float32)


def read_vectors(table: pa.Table) -> "tuple[list[str], Floats]":
    """Product ids and their vectors, one row each, from the table `product_vectors`."""
    column: Any = table["vector"].combine_chunks()
    flat = column.flatten().to_numpy(zero_copy_only=False)
    return table["product_id"].to_pylist(), flat.reshape(table.num_rows, -1)
