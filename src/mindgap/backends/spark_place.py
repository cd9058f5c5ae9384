"""Where Spark is, what it needs there, and the one Spark of this process.

A JVM takes seconds to start, so it is started once and kept; each engine session is a Spark session of its
own in it, with its own views and functions.
"""

import atexit
import importlib.util
import logging
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mindgap.kernel.errors import MindgapError, SettingsError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JAVA = 17
"""The oldest Java that Spark 4 runs on."""
_PLACE = re.compile(
    r"(?P<local>local(\[(\*|\d+)\])?)|spark://(?P<master>[^/\s]+)|sc://(?P<connect>[^/\s;]+)\S*"
)
_WAIT_S = 5.0
_SQL = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
    "spark.sql.execution.arrow.useLargeVarTypes": "false",
}
"""What our SQL takes for granted, in every session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkPlace:
    """Where Spark is.

    Attributes:
        address: ``local[*]``, ``spark://host:port`` (the master of a cluster) or ``sc://host:port`` (a server
            of Spark Connect).
        scratch: Where Spark may keep what does not fit in memory; a cluster must see it as well.
        memory_limit_mb: Memory of the driver, and of each executor of a cluster.
        settings: Settings of Spark's own that go before ours.
    """

    address: str
    scratch: Path
    memory_limit_mb: int
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_connect(self) -> bool:
        """Whether Spark is a server that is spoken to over the network, without Java here."""
        return self.address.startswith("sc://")

    @property
    def threads(self) -> int:
        """How many threads a local Spark is given; 0 for as many as the machine has."""
        given = re.fullmatch(r"local\[(\d+)\]", self.address)
        return int(given[1]) if given else 1 if self.address == "local" else 0

    @property
    def hosts(self) -> tuple[tuple[str, int], ...]:
        """Where the master or the server listens; none when Spark is local.

        Raises:
            SettingsError: The address is none.
        """
        found = _PLACE.fullmatch(self.address)
        if found is None:
            raise SettingsError(
                "The setting `spark` is no place where Spark could be.",
                hint='Write "local[*]", "spark://host:7077" or "sc://host:15002".',
            )
        listed = found["master"] or found["connect"] or ""
        usual = 15002 if found["connect"] else 7077
        pairs = [one.rpartition(":") if ":" in one else (one, "", "") for one in listed.split(",") if one]
        return tuple((host, int(port) if port.isdigit() else usual) for host, _, port in pairs)


def file_address(path: Path) -> str:
    """A path as Hadoop has it: with its scheme, and nothing in it encoded."""
    return f"file://{path.resolve()}"


def missing(place: SparkPlace) -> Iterator[MindgapError]:
    """What keeps Spark from working there, each with what to do about it."""
    try:
        hosts = place.hosts
    except SettingsError as error:
        yield error
        return
    wanted = ("pyspark", "grpc", "pandas") if place.is_connect else ("pyspark", "py4j")
    if any(importlib.util.find_spec(name) is None for name in wanted):
        extra = "spark" if place.is_connect else "spark-local"
        yield MindgapError("Spark's Python package is missing.", hint=f'pip install "mindgap[{extra}]"')
    if not place.is_connect:
        yield from _java_missing()
    if hosts and not any(_answers(host, port) for host, port in hosts):
        named = ", ".join(f"{host}:{port}" for host, port in hosts)
        yield MindgapError(
            f"Nothing answers at {named}, where Spark should be.",
            hint="Start it, or correct `spark` in mindgap.toml; look at firewalls between.",
        )


def _java_missing() -> Iterator[MindgapError]:
    hint = f"Install Java {JAVA} or later (a JRE is enough), or set JAVA_HOME to where it is."
    home = os.environ.get("JAVA_HOME", "")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java") or ""
    try:
        asked = subprocess.run(  # noqa: S603 - the machine's own Java
            [java, "-version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        yield MindgapError("Spark needs Java, and there is none here.", hint=hint)
        return
    version = re.search(r'version "(?:1\.)?(\d+)', asked.stderr)
    if version and int(version[1]) < JAVA:
        yield MindgapError(f"Spark needs Java {JAVA}, and here is Java {version[1]}.", hint=hint)


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=_WAIT_S).close()
    except OSError:
        return False
    return True


@contextmanager
def spark_session(place: SparkPlace) -> Generator["SparkSession"]:
    """A Spark session of one's own, in the Spark of this process.

    Raises:
        MindgapError: Spark cannot be had, and why.
    """
    # it warns of pandas 3, which is used for nothing here
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support", category=FutureWarning)
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        logging.getLogger(name).disabled = True  # they write each error with its data to standard error
    if place.is_connect:
        session = _connected(place)
        try:
            yield session
        finally:
            with suppress(Exception):  # a server that is gone has forgotten the session by itself
                session.stop()
    else:
        yield _HERE.started(place).newSession()


def _connected(place: SparkPlace) -> "SparkSession":
    for reason in missing(place):
        raise reason
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an optional package

    builder = SparkSession.builder.remote(place.address)
    for key, value in _SQL.items():
        builder = builder.config(key, value)
    return builder.create()


class _Here:
    """The JVM of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._address = ""
        self._session: Any = None
        self._folder = Path()

    def started(self, place: SparkPlace) -> "SparkSession":
        """The Spark of that place; one elsewhere is stopped, and one that died is started again."""
        os.environ.pop("SPARK_CONNECT_MODE_ENABLED", None)  # set by a session on a server, before this one
        with self._lock:
            if self._session is not None and (self._address != place.address or not self._lives()):
                self._stop()
            if self._session is None:
                for reason in missing(place):
                    raise reason
                self._folder = place.scratch / f"{os.getpid()}-spark"
                self._folder.mkdir(parents=True, exist_ok=True)
                self._session, self._address = _start(place, self._folder), place.address
            return self._session

    def stop(self) -> None:
        """End Spark, where it runs, and delete what it kept aside."""
        with self._lock:
            if self._session is not None:
                self._stop()

    def _lives(self) -> bool:
        try:
            return not self._session.sparkContext._jsc.sc().isStopped()  # noqa: SLF001 - no public way
        except Exception:  # noqa: BLE001 - whatever it says, it does not answer
            return False

    def _stop(self) -> None:
        context, self._session = self._session.sparkContext, None
        gateway = context._gateway  # noqa: SLF001 - Spark keeps the JVM when a context ends
        with suppress(Exception):
            context.stop()
        kind = type(context)
        kind._active_spark_context = kind._gateway = kind._jvm = None  # noqa: SLF001
        with suppress(Exception):
            gateway.shutdown()
        process = getattr(gateway, "proc", None)
        if process is not None:
            process.stdin.close()  # upon which the JVM ends
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=_WAIT_S)
        shutil.rmtree(self._folder, ignore_errors=True)


_HERE = _Here()
stop_spark = _HERE.stop
"""End the Spark of this process; the next session starts another."""
atexit.register(stop_spark)


def _start(place: SparkPlace, folder: Path) -> Any:
    """Start a JVM that says nothing: whatever goes wrong comes back as an error."""
    from pyspark import SparkConf, SparkContext  # noqa: PLC0415 - an optional package
    from pyspark.errors import PySparkException  # noqa: PLC0415
    from pyspark.java_gateway import launch_gateway  # noqa: PLC0415
    from pyspark.sql import SparkSession  # noqa: PLC0415

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    conf = SparkConf().setAll(list(_settings(place, folder).items()))
    try:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return SparkSession(SparkContext(conf=conf, gateway=launch_gateway(conf, quiet)))
    except (PySparkException, RuntimeError, OSError) as error:
        raise MindgapError(
            "Spark did not start.",
            hint="`mindgap doctor` says what it needs; it takes memory_limit_mb (mindgap.toml) of memory.",
        ) from error


def _settings(place: SparkPlace, folder: Path) -> dict[str, str]:
    logs = folder / "log4j2.properties"
    logs.write_text("rootLogger.level = off\n", "utf-8")
    memory = f"{place.memory_limit_mb}m"
    cores = os.cpu_count() or 1
    settings = {
        **_SQL,
        "spark.app.name": "mindgap",
        "spark.master": place.address,
        "spark.driver.memory": memory,
        "spark.executor.memory": memory,
        "spark.driver.maxResultSize": "0",
        "spark.driver.extraJavaOptions": f'"-Dlog4j2.configurationFile={logs.resolve().as_uri()}"',
        "spark.local.dir": str(folder.resolve()),
        "spark.sql.warehouse.dir": (folder.resolve() / "warehouse").as_uri(),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if not place.hosts:
        settings |= {
            "spark.sql.shuffle.partitions": str(4 * (place.threads or cores)),
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
        }
    return {**settings, **place.settings}
