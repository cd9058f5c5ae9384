"""Models on more data than memory holds: Spark's MLlib, and our own functions over batches of rows.

Works in the same session as the queries, on a local Spark, a cluster, and by Spark Connect (Spark 4).
"""

import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
import pyarrow as pa

from mindgap.backends.parquet_joining import aside, join, plain_schema
from mindgap.backends.spark_errors import own_errors
from mindgap.backends.spark_place import file_address
from mindgap.backends.spark_sql import spark_text
from mindgap.kernel.errors import MindgapError
from mindgap.kernel.large_models import Clusters, Mapped

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyspark.ml.clustering import KMeansModel
    from pyspark.sql import DataFrame, SparkSession

_STARTS = 2
_ITERATIONS = 100
_LONGER = 25
"""How many sets of any length are looked at for one that is wanted: FP-growth cannot be told a length."""
_SETS = pa.schema([("items", pa.list_(pa.int64())), ("baskets", pa.int64())])


class SparkModels:
    """Trains and scores in one Spark session."""

    def __init__(self, spark: "SparkSession", *, folder: Path) -> None:
        self._spark = spark
        self._folder = folder

    def table(self, sql: str) -> pa.Table:
        """The small result of a query."""
        with _asked():
            return _arrow(self._query(sql))

    def mapped(self, rows: Mapped) -> pa.Table:
        """The small result of a function over the rows of a query."""
        with _asked():
            return _arrow(self._made(rows))

    def map_batches(self, rows: Mapped, path: Path) -> int:
        """Write what a function makes of the rows of a query to one Parquet file; returns its rows."""
        with _asked():
            return self._write(self._made(rows), path)

    def cluster(
        self, rows: Mapped, columns: Sequence[str], *, groups: int, seed: int, total: str
    ) -> Clusters:
        """k-means (starts: k-means||, Bahmani et al. 2012), the better of two starts."""
        with _asked():
            from pyspark.ml.clustering import KMeans  # noqa: PLC0415 - an optional package
            from pyspark.ml.feature import VectorAssembler  # noqa: PLC0415

            point = VectorAssembler(inputCols=list(columns), outputCol="point")
            kind = KMeans(featuresCol="point", predictionCol="group", k=groups, maxIter=_ITERATIONS, tol=1e-6)
            with _kept(point.transform(self._made(rows)).select("point", total)) as points:
                tried = [kind.setSeed(seed + start).fit(points) for start in range(_STARTS)]
                best = min(tried, key=lambda model: model.summary.trainingCost)
                return _clusters(best, points, total=total)

    def frequent_sets(self, sql: str, *, min_count: int, max_length: int, most_sets: int) -> pa.Table | None:
        """All sets of items in at least so many baskets (FP-growth), counted exactly."""
        with _asked():
            from pyspark.ml.fpm import FPGrowth  # noqa: PLC0415
            from pyspark.sql import functions as sf  # noqa: PLC0415

            lines = self._query(sql).groupBy("basket").agg(sf.collect_set("item").alias("items"))
            with ExitStack() as kept:
                baskets = kept.enter_context(_kept(lines.select("items")))
                count = baskets.count()
                if count < min_count:
                    return _SETS.empty_table()
                # MLlib takes a share and rounds it up to baskets again: between two whole numbers it is sure
                mined = FPGrowth(itemsCol="items", minSupport=(min_count - 0.5) / count).fit(baskets)
                most = _LONGER * most_sets
                sets = kept.enter_context(_kept(mined.freqItemsets.limit(most + 1)))
                wanted = sets.where(sf.size("items") <= max_length).select("items", "freq")
                table = _arrow(wanted.limit(most_sets + 1))
                if table.num_rows > most_sets or sets.count() > most:
                    return None
        return table.rename_columns(_SETS.names).cast(_SETS)

    def factors(
        self, sql: str, *, rank: int, rounds: int, shrinkage: float, seed: int
    ) -> "NDArray[np.float64]":
        """Factors of items by alternating least squares."""
        with _asked(), ExitStack() as kept:
            from pyspark.ml.recommendation import ALS  # noqa: PLC0415

            kind = ALS(userCol="user_nth", itemCol="item", ratingCol="weight", implicitPrefs=True, alpha=1.0)
            kind = kind.setParams(rank=rank, maxIter=rounds, regParam=shrinkage, seed=seed)
            pairs = kept.enter_context(_kept(self._query(sql)))
            users = kept.enter_context(_kept(_numbers(pairs, "user")))
            model = kind.fit(pairs.join(users, on="user"))
            told = _arrow(model.itemFactors)
        factors = np.zeros((told.num_rows, rank))
        factors[told["id"].to_numpy()] = np.array(told["features"].to_pylist(), dtype=np.float64)
        return factors

    def _query(self, sql: str) -> "DataFrame":
        return self._spark.sql(spark_text(sql))

    def _made(self, rows: Mapped) -> "DataFrame":
        schema = self._spark.createDataFrame(rows.schema.empty_table()).schema
        return self._query(rows.sql).mapInArrow(_OnBatches(rows.function, rows.schema), schema)

    def _write(self, frame: "DataFrame", path: Path) -> int:
        with aside(self._folder / uuid4().hex) as parts:
            frame.write.option("compression", "zstd").parquet(file_address(parts))
            return join(parts, path)


@dataclass(frozen=True, slots=True)
class _OnBatches:
    """A function of tables as Spark calls it: with the batches of one task, on any machine.

    Attributes:
        function: Makes rows of rows.
        schema: Of what it gives.
    """

    function: Callable[[pa.Table], pa.Table]
    schema: pa.Schema

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """What the function makes of each batch."""
        for batch in batches:
            if batch.num_rows:
                made = self.function(pa.Table.from_batches([batch]))
                yield from made.select(self.schema.names).cast(self.schema).to_batches()


@contextmanager
def _asked() -> Generator[None]:
    """Errors in our words, and nothing said of pandas, which Spark asks for here though we never use it."""
    with warnings.catch_warnings(), own_errors():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        if find_spec("pandas") is None:
            raise MindgapError("Models on Spark need the package pandas.", hint='pip install "pandas>=2.2"')
        yield


@contextmanager
def _kept(frame: "DataFrame") -> "Generator[DataFrame]":
    """The rows kept at hand, in memory and then on disk, while they are read again and again."""
    kept = frame.persist()
    try:
        yield kept
    finally:
        kept.unpersist()


def _arrow(frame: "DataFrame") -> pa.Table:
    found = frame.toArrow()
    return pa.Table.from_arrays(found.columns, schema=plain_schema(found.schema))


def _clusters(model: "KMeansModel", points: "DataFrame", *, total: str) -> Clusters:
    """The centres, and the sums of their rows: a centre that won no row has none."""
    from pyspark.sql import functions as sf  # noqa: PLC0415

    sums = (
        model.transform(points)
        .groupBy("group")
        .agg(sf.count("*").alias("rows"), sf.sum(total).alias("total"))
    )
    told = _arrow(sums)
    centers = np.array(model.clusterCenters(), dtype=np.float64)
    place = told["group"].to_numpy()
    rows, totals = np.zeros(len(centers), dtype=np.int64), np.zeros(len(centers))
    rows[place], totals[place] = told["rows"].to_numpy(), told["total"].to_numpy()
    return Clusters(centers=centers, rows=rows, totals=totals, inertia=float(model.summary.trainingCost))


def _numbers(pairs: "DataFrame", column: str) -> "DataFrame":
    """The names of a column in order, under the 32-bit numbers that ALS asks for."""
    from pyspark.sql import Window  # noqa: PLC0415
    from pyspark.sql import functions as sf  # noqa: PLC0415

    nth = sf.row_number().over(Window.orderBy(column)).alias(f"{column}_nth")
    return pairs.select(column).distinct().select(column, nth)
