"""The engine for data that outgrew one machine: Spark 4, local, on a cluster, or by Spark Connect.

The SQL is the same as DuckDB's (docs/process.md has its rules); `spark_sql.py` has what Spark lacks.
"""

import os
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from mindgap.backends.parquet_joining import aside, join, join_days, plain_schema
from mindgap.backends.parquet_types import agreed_schema
from mindgap.backends.spark_errors import own_errors
from mindgap.backends.spark_models import SparkModels
from mindgap.backends.spark_place import SparkPlace, file_address, missing, spark_session
from mindgap.backends.spark_sql import spark_text
from mindgap.kernel.errors import MindgapError
from mindgap.store.engine import Relation

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql import SparkSession as Spark

_SENT_BYTES = 2_000_000
_PLAIN = (pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.timestamp("us"))
_GLOB = re.compile(r"([\\\[\]{}*?])")


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkEngine:
    """Runs queries on Spark, each session with views and functions of its own.

    Attributes:
        place: Where Spark is.
        rows_in_memory: Models whose inputs have more rows than this are trained on Spark.
    """

    place: SparkPlace
    rows_in_memory: int = 5_000_000
    name: str = "spark"
    rows_at_once: int = 5_000_000

    @contextmanager
    def session(self, relations: Mapping[str, Relation]) -> Generator["SparkTables"]:
        """Open a Spark session in which each relation is a view under its name.

        Raises:
            MindgapError: Spark cannot be had.
            StorageError: A table's file is gone or damaged, or the disk is full.
        """
        folder = self.place.scratch / f"{os.getpid()}-spark-{uuid4().hex}"
        with aside(folder), spark_session(self.place) as spark:
            tables = SparkTables(spark, folder=folder, rows_in_memory=self.rows_in_memory)
            try:
                tables.bind(relations)
                yield tables
            finally:
                tables.let_go()

    def side_by_side(self, wanted: int) -> Sequence["SparkEngine"]:  # noqa: ARG002 - it shares out itself
        """Itself alone: it divides each query."""
        return [self]

    def missing(self) -> Sequence[MindgapError]:
        """What keeps it from working here: Java, the package, or whoever should answer at the address."""
        return tuple(missing(self.place))


class SparkTables:
    """Tables bound in one Spark session."""

    def __init__(self, spark: "Spark", *, folder: Path, rows_in_memory: int) -> None:
        self._spark = spark
        self._folder = folder
        self._rows_in_memory = rows_in_memory
        self._held: dict[str, DataFrame] = {}

    def bind(self, relations: Mapping[str, Relation]) -> None:
        """See these tables too; a name that was bound before means the new one from now on."""
        with own_errors():
            for name, relation in relations.items():
                _Binding(self._spark, self._folder).bind(name, relation)

    def hold(self, name: str, relation: Relation, *, rows: int) -> Relation:  # noqa: ARG002 - Spark sees itself
        """Work a table out once, in the memory and on the disks of Spark's workers."""
        self.bind({f"held__{name}": relation})
        with own_errors():
            if name in self._held:
                self._held.pop(name).unpersist()
            self._held[name] = self._spark.table(f"held__{name}").persist()
        return Relation(sql=f"select * from held__{name}")

    def let_go(self) -> None:
        """Forget what was held."""
        for frame in self._held.values():
            frame.unpersist()

    @property
    def rows_in_memory(self) -> int:
        """How many rows a model's input may have at most to be read into memory."""
        return self._rows_in_memory

    @property
    def models(self) -> SparkModels:
        """Models that are trained where the data is."""
        return SparkModels(self._spark, folder=self._folder)

    def table(self, sql: str, *, parameters: Mapping[str, object] | None = None) -> pa.Table:
        """The result of a query as Arrow."""
        with own_errors():
            found = self._spark.sql(spark_text(sql, parameters)).toArrow()
        return pa.Table.from_arrays(found.columns, schema=plain_schema(found.schema))

    def save(self, sql: str, path: Path) -> int:
        """Write the result of a query to one zstd Parquet file; returns its number of rows."""
        with self._written(sql) as parts, own_errors():
            return join(parts, path)

    def save_days(self, sql: str, folder: Path) -> Mapping[int, tuple[Path, int]]:
        """Write the result of a query to one zstd Parquet file for each value of its column `day`."""
        with self._written(sql) as parts, own_errors():
            return join_days(parts, folder)

    @contextmanager
    def _written(self, sql: str) -> Generator[Path]:
        """The result as Spark's tasks write it: some files, whose names are in the order of the rows."""
        with aside(self._folder / uuid4().hex) as folder:
            with own_errors():
                frame = self._spark.sql(spark_text(sql))
                frame.write.option("compression", "zstd").parquet(file_address(folder))
            yield folder


@dataclass(frozen=True, slots=True)
class _Binding:
    """Makes views of relations.

    Attributes:
        spark: The session that shall see them.
        folder: Where tables in memory are written that are too large to be sent with each task.
    """

    spark: "Spark"
    folder: Path

    def bind(self, name: str, relation: Relation) -> None:
        """Make a view under this name."""
        frame = self._source(name, relation)
        for condition in _conditions(relation):
            frame = frame.where(condition)
        if relation.withheld:
            frame = self._without(frame, "customer_id", relation.withheld)
        for column in sorted(set(frame.columns) & set(relation.suppressed)):
            frame = self._without(frame, column, relation.suppressed[column])
        frame.createOrReplaceTempView(f"`{name}`")

    def _without(self, frame: "DataFrame", column: str, texts: Sequence[str]) -> "DataFrame":
        """The rows that hold none of these texts in the column; a null is none of them."""
        held = self._frame(pa.table({column: pa.array(texts, pa.string())}))
        kept = frame.join(held, on=column, how="left_anti")
        return kept.select(*(f"`{name}`" for name in frame.columns))

    def _source(self, name: str, relation: Relation) -> "DataFrame":
        if relation.sql:
            for key, inner in relation.inputs.items():
                self.bind(f"{name}__{key}", inner)
            seen = ", ".join(f"`{key}` as (select * from `{name}__{key}`)" for key in relation.inputs)
            told = spark_text(relation.sql)
            return self.spark.sql(f"{seen and f'with {seen} '}select * from ({told}\n) as r")
        if relation.rows is not None:
            return self._frame(relation.rows)
        schema = relation.schema if relation.schema is not None else pa.schema([])
        return self._read(relation.paths, schema) if relation.paths else self._frame(schema.empty_table())

    def _frame(self, rows: pa.Table) -> "DataFrame":
        if not rows.num_columns:
            return self.spark.sql("select 1 as nothing where false").drop("nothing")
        fields = [pa.field(field.name, _spark_type(field.type)) for field in rows.schema]
        told = rows.cast(pa.schema(fields))
        if not told.num_rows:  # a server does not take the columns of a table without rows
            nothing = [pa.nulls(1, field.type) for field in fields]
            return self.spark.createDataFrame(pa.table(nothing, schema=told.schema)).where("false")
        if told.nbytes <= _SENT_BYTES:
            return self.spark.createDataFrame(told)
        path = self.folder / f"{uuid4().hex}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(told, path)
        return self._read([path], told.schema)

    def _read(self, paths: Sequence[Path], wanted: pa.Schema) -> "DataFrame":
        """Many files as one scan; columns that a file lacks are null, those that all lack among them."""
        found = agreed_schema(paths)
        schema = pa.schema([*found, *(field for field in wanted if field.name not in found.names)])
        # paths may hold what Hadoop takes for patterns
        names = [_GLOB.sub(r"\\\1", file_address(path)) for path in paths]
        reader = self.spark.read
        if all(_is_plain(field.type) for field in schema):  # Spark would start a job to look for itself
            from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415 - an optional package

            return reader.schema(from_arrow_schema(schema, prefer_timestamp_ntz=True)).parquet(*names)
        return reader.option("mergeSchema", len(names) > 1).parquet(*names)


def _conditions(relation: Relation) -> Iterator[str]:
    if relation.before is not None:
        yield f"{relation.time_column} < timestamp_ntz '{relation.before.isoformat(sep=' ')}'"
    if relation.since is not None:
        yield f"{relation.time_column} >= timestamp_ntz '{relation.since.isoformat(sep=' ')}'"
    if relation.allowed_for:
        yield f"array_contains(split(purposes, ' '), '{relation.allowed_for}')"


def _is_plain(kind: pa.DataType) -> bool:
    """Whether Spark reads the type from a file as it would send it."""
    if isinstance(kind, pa.ListType):
        return _is_plain(kind.value_type)
    return kind in _PLAIN


def _spark_type(kind: pa.DataType) -> pa.DataType:
    """The type itself, or what stands for it in Spark, which has no unsigned numbers and no dictionaries."""
    if pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_unsigned_integer(kind):
        return pa.int64()
    return pa.timestamp("us") if pa.types.is_timestamp(kind) else kind
