"""Spark for tests: local, with little memory, or skipped with a reason where it cannot be had."""

from pathlib import Path

import pytest

from mindgap.backends.spark import SparkEngine
from mindgap.backends.spark_place import SparkPlace, missing

_QUICK = {
    # what pays for large tables only
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.driver.defaultJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


def place(folder, *, address="local[2]"):
    """The tests' one JVM, which keeps what it needs aside below a folder."""
    return SparkPlace(address=address, scratch=folder / "spark", memory_limit_mb=800, settings=_QUICK)


PLACE = place(Path())
_LACKS = [error.message for error in missing(PLACE)]
needs_spark = pytest.mark.skipif(bool(_LACKS), reason=" ".join(_LACKS))


def spark_engine(folder, *, address="local[2]"):
    """An engine on the tests' one JVM."""
    return SparkEngine(place=place(folder, address=address))
