"""A Spark cluster of two workers on this machine, and a server of Spark Connect, while a test runs."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

_START_S = 120
_SMALL = {
    "SPARK_DAEMON_MEMORY": "256m",
    "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1",  # they do little, and shall start soon
    "SPARK_LOCAL_IP": "127.0.0.1",
    "PYSPARK_PYTHON": sys.executable,
    "SPARK_NO_DAEMONIZE": "1",
}


def free_port():
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@dataclass
class Cluster:
    """A master and its workers.

    Attributes:
        folder: Where they keep what they need, and what they print.
        address: The master's.
        workers: Their processes.
    """

    folder: Path
    address: str = ""
    workers: list = field(default_factory=list)

    def executors(self, worker):
        """The processes that a worker started for an application."""
        told = subprocess.run(["pgrep", "-P", str(worker.pid)], capture_output=True, text=True, check=False)
        return [int(line) for line in told.stdout.split()]

    def kill(self, worker):
        """End a worker and its executors as a machine that loses its power would; gives the executors."""
        executors = self.executors(worker)
        for process in (*executors, worker.pid):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        worker.wait()
        return executors


def _class(name, *arguments, folder, env=None):
    import pyspark  # noqa: PLC0415 - an optional package

    script = Path(pyspark.__file__).parent / "bin" / "spark-class"
    log = (folder / f"{name.rpartition('.')[2]}-{time.monotonic_ns()}.log").open("w")
    with log:
        return subprocess.Popen(
            [script, name, *arguments],
            cwd=folder,
            env={**os.environ, **_SMALL, **(env or {})},
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )


def _wait_for(holds, process, folder):
    until = time.monotonic() + _START_S
    while not holds():
        if process.poll() is not None or time.monotonic() > until:
            logs = "\n".join(path.read_text()[-2000:] for path in folder.glob("*.log"))
            raise RuntimeError(f"Spark did not start: {logs}")
        time.sleep(0.2)


def _listens(port):
    def there():
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", port)) == 0

    return there


def _end(processes):
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def cluster(folder, *, workers=2, memory_mb=900):
    """A standalone cluster: one core and some memory a worker."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    found = Cluster(folder=folder, address=f"spark://127.0.0.1:{port}")
    host = ("--host", "127.0.0.1", "--webui-port", "0")
    master = _class("org.apache.spark.deploy.master.Master", *host, "--port", str(port), folder=folder)
    try:
        _wait_for(_listens(port), master, folder)
        for nth in range(workers):
            work = folder / f"worker-{nth}"
            work.mkdir()
            size = ("--cores", "1", "--memory", f"{memory_mb}m", "--work-dir", str(work))
            own = _class(
                "org.apache.spark.deploy.worker.Worker", *host, *size, found.address, folder=folder,
                env={"SPARK_LOCAL_DIRS": str(work)},
            )  # fmt: skip
            found.workers.append(own)
        logs = list(folder.glob("Worker*.log"))
        for worker, log in zip(found.workers, logs, strict=True):
            _wait_for(lambda log=log: "Successfully registered" in log.read_text(), worker, folder)
        yield found
    finally:
        _end([*found.workers, master])


@contextmanager
def connect_server(folder, *, master="local[2]", memory_mb=900):
    """A server of Spark Connect; gives its address."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    settings = {
        "spark.connect.grpc.binding.port": port,
        "spark.driver.memory": f"{memory_mb}m",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.local.dir": folder,
        "spark.sql.warehouse.dir": folder / "warehouse",
    }
    options = [word for key, value in settings.items() for word in ("--conf", f"{key}={value}")]
    server = _class(
        "org.apache.spark.deploy.SparkSubmit",
        *("--class", "org.apache.spark.sql.connect.service.SparkConnectServer"),
        *("--master", master),
        *options,
        "spark-internal",
        folder=folder,
        env={"SPARK_DAEMON_MEMORY": f"{memory_mb}m"},
    )
    try:
        _wait_for(_listens(port), server, folder)
        yield f"sc://127.0.0.1:{port}"
    finally:
        _end([server])
