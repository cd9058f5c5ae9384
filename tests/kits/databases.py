"""Databases for the state: SQLite, and a PostgreSQL server of the tests' own in a temporary folder."""

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from mindgap.backends.postgres import open_postgres
from mindgap.backends.sqlite import open_sqlite

PASSWORD = "canary-Geheimnis-密码"
"""Of the user `guarded`, who must show it."""
_SETTINGS = {
    "fsync": "off",
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "16MB",
    # what a server far away may be set to
    "timezone": "Asia/Tokyo",
    "lc_messages": "C",
    "default_transaction_isolation": "serializable",
}


def find_binaries():
    """The folder of initdb and pg_ctl, or None."""
    on_path = shutil.which("initdb")
    candidates = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    candidates += [Path(on_path).parent] if on_path else []
    return next((folder for folder in candidates if (folder / "pg_ctl").exists()), None)


@dataclass(frozen=True)
class Server:
    """A server that listens on a socket in its folder only."""

    folder: Path
    binaries: Path

    def url(self, user="owner", database="shops"):
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def initialise(self):
        self._run(
            "initdb", "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", "-D", self.data
        )
        rules = f"local all guarded scram-sha-256\n{(self.data / 'pg_hba.conf').read_text()}"
        (self.data / "pg_hba.conf").write_text(rules)
        self.start()
        self.ask("create database shops", database="postgres")
        self.ask("create database latin encoding 'LATIN1' locale 'C' template template0")
        self.ask(f"create role guarded login password '{PASSWORD}'")
        self.ask("grant create on database shops to guarded")

    @property
    def data(self):
        return self.folder / "data"

    def start(self):
        said = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
        options = f"{said} -c unix_socket_directories={self.folder}"
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-o", options, "start")

    def stop(self, mode="immediate"):
        self._run("pg_ctl", "-D", self.data, "-w", "-m", mode, "stop")

    def ask(self, statement, database="shops"):
        """Run a statement as the owner of everything; the first column of the answer."""
        import psycopg  # noqa: PLC0415 - an extra

        with psycopg.connect(self.url(database=database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return [row[0] for row in cursor] if cursor.description else []

    def _run(self, program, *arguments):
        command = [str(self.binaries / program), *map(str, arguments)]
        done = subprocess.run(command, **_as_nobody(), capture_output=True, text=True, check=False)
        # the server keeps the pipes of pg_ctl, so its own output must not be waited for: -l takes it
        assert done.returncode == 0, done.stderr


def _as_nobody():
    """PostgreSQL refuses to run as root."""
    who = {"cwd": "/", "env": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        who |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    return who


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("needs PostgreSQL: Debian's package postgresql")
    if find_spec("psycopg") is None:
        pytest.skip("needs the extra [postgres]: psycopg")
    folder = Path(tempfile.mkdtemp(prefix="mindgap-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
    server = Server(folder, binaries)
    try:
        server.initialise()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """A state database, empty and at the present schema, of each kind."""
    if request.param == "sqlite":
        engine = open_sqlite(tmp_path / "state.db")
    else:
        url = request.getfixturevalue("postgres").url()
        engine = open_postgres(url, schema=new_schema(), owner="one")
    yield engine
    engine.dispose()


def new_schema():
    return f"shop_{uuid.uuid4().hex}"
