"""Bringing data in with DuckDB: streams files of any size within a memory limit, spilling to disk."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from mindgap.backends.duckdb_errors import own_errors
from mindgap.backends.duckdb_files import readable
from mindgap.backends.duckdb_functions import offer
from mindgap.backends.duckdb_instances import hush
from mindgap.backends.duckdb_writing import WORKING, Writing
from mindgap.kernel.quoting import literal, quoted
from mindgap.store.importing import BrokenLinesError, Forgotten, RawSource, Seals, Staging, WritePlan, Written
from mindgap.store.parquet import PLAIN, ParquetCipher

_QUOTE_ERRORS = ("UNQUOTED VALUE", "LINE SIZE OVER MAXIMUM")
_NEVER_IN_TEXT = "\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class DuckDBImporter:
    """Reads sources with an in-memory DuckDB of their own.

    Attributes:
        memory_limit: What the engine may hold; the rest spills into the staging folder.
        threads: How many threads may work.
        forgotten: Which of some customer ids are of people who are forgotten: their rows are left out. None
            where nobody is.
        seals: What is kept of what names a person; None for trials, which keep no token and hide no words.
        cipher: Has the key of encrypted files.
    """

    memory_limit: str = "1GB"
    threads: int = 2
    forgotten: Forgotten | None = None
    seals: Seals | None = None
    cipher: ParquetCipher = PLAIN

    @contextmanager
    def open(self, source: RawSource, folder: Path, /) -> Generator[Staging]:
        """Open a source; see `mindgap.store.importing.Importer`."""
        with duckdb.connect() as connection, own_errors(source):
            hush(connection)
            connection.execute(f"set memory_limit = {literal(self.memory_limit)}")
            connection.execute(f"set threads = {self.threads}")
            connection.execute(f"set temp_directory = {literal(folder / 'spill')}")
            connection.execute("set TimeZone = 'UTC'")
            connection.execute("set autoinstall_known_extensions = false")
            connection.execute("set autoload_known_extensions = false")
            offer(connection, self.seals)
            if source.files:
                rows = readable(connection, "encrypted_files", source.files, cipher=self.cipher)
                connection.execute(f"create view files as select * from {rows}")
            staging = _DuckDBStaging(
                connection=connection,
                source=source,
                folder=folder,
                forgotten=self.forgotten,
                cipher=self.cipher,
            )
            staging.stage()
            yield staging


@dataclass(frozen=True, slots=True, kw_only=True)
class _DuckDBStaging:
    """One opened source: the view `raw`, and the table `rejected` of unreadable lines."""

    connection: duckdb.DuckDBPyConnection
    source: RawSource
    folder: Path
    forgotten: Forgotten | None = None
    cipher: ParquetCipher = PLAIN

    def stage(self) -> None:
        """Make `raw` and `rejected`."""
        match self.source.format:
            case "delimited":
                self._stage_delimited()
            case "json_lines" | "json_array":
                self._stage_json()
            case "parquet":
                columns = self.source.columns
                cells = [
                    self._typed(i, columns[i].expression or quoted(columns[i].key))
                    for i in self.source.wanted
                ]
                self._view(f"read_parquet({literal(self.source.path)}, file_row_number = true)", cells)
            case "query":
                names = ", ".join(f"c{i}" for i in range(len(self.source.columns)))
                counted = f"select row_number() over () - 1 as file_row_number, * from ({self.source.query})"
                self._view(
                    f"({counted} as q({names}))", [self._typed(i, f"c{i}") for i in self.source.wanted]
                )
        self.connection.execute("create table if not exists rejected (line bigint)")

    def _typed(self, column: int, cell: str) -> str:
        return (
            f"({cell})::varchar as c{column}"
            if self.source.columns[column].type == "text"
            else f"({cell}) as c{column}"
        )

    def _view(self, rows: str, cells: list[str], condition: str = "true") -> None:
        columns = ", ".join(["file_row_number + 1 as source_row", *cells])
        self.connection.execute(f"create view raw as select {columns} from {rows} where {condition}")

    def _stage_delimited(self) -> None:
        """Read once in file order into Parquet, which then gives row numbers and single columns for free."""
        dialect, target = self.source.dialect, self.folder / "raw.parquet"
        declared = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(self.source.columns)))
        options = {
            "delim": literal(dialect.delimiter),
            "quote": literal(dialect.quote),
            "escape": literal(dialect.escape),
            "header": str(dialect.header).lower(),
            "skip": str(dialect.skip_lines),
            "compression": literal(self.source.compression),
            "rejects_limit": "0",
        }
        given = ", ".join(f"{name} = {value}" for name, value in options.items())
        cells = ", ".join(f"c{i}" for i in self.source.wanted)
        self.connection.execute(
            f"copy (select {cells} from read_csv({literal(self.source.path)}, auto_detect = false,"
            f" columns = {{{declared}}}, store_rejects = true, rejects_table = 'reject_errors',"
            f" rejects_scan = 'reject_scans', {given})) to {literal(target)} {WORKING}"
        )
        if not self.source.repaired and self._number(
            f"select count(*) from reject_errors where error_type::varchar in {_QUOTE_ERRORS}"
        ):
            raise BrokenLinesError(f"{self.source.path.name} has a quote that is never closed.")
        self.connection.execute(
            "create table rejected as select distinct line::bigint as line from reject_errors"
        )
        self._view(
            f"read_parquet({literal(target)}, file_row_number = true)", [f"c{i}" for i in self.source.wanted]
        )

    def _stage_json(self) -> None:
        """Take each line or array element as one text, so that a broken line costs only itself."""
        path, target = literal(self.source.path), self.folder / "raw.parquet"
        compression = literal(self.source.compression)
        rows = (
            f"read_csv({path}, auto_detect = false, columns = {{'json': 'VARCHAR'}}, header = false,"
            f" delim = '{_NEVER_IN_TEXT}', quote = '', escape = '', compression = {compression})"
            if self.source.format == "json_lines"
            else f"read_json_objects({path}, format = 'array', compression = {compression})"
        )
        pointers = ", ".join(literal(_json_pointer(self.source.columns[i].key)) for i in self.source.wanted)
        cells = ", ".join(f"found[{at}] as c{i}" for at, i in enumerate(self.source.wanted, start=1))
        self.connection.execute(
            f"copy (with texts as (select trim(json::varchar) as text from {rows}),"
            " judged as (select text, case when text is null or text = '' then 'blank' when json_valid(text)"
            "  and starts_with(text, '{') then 'good' else 'bad' end as state from texts),"
            " split as (select state, case when state = 'good'"
            f"  then json_extract_string(text, [{pointers}]) end as found from judged)"
            f" select state, {cells} from split) to {literal(target)} {WORKING}"
        )
        staged = f"read_parquet({literal(target)}, file_row_number = true)"
        self._view(staged, [f"c{i}" for i in self.source.wanted], "state = 'good'")
        self.connection.execute(
            f"create table rejected as select file_row_number + 1 as line from {staged} where state = 'bad'"
        )

    def facts(self, query: str, /) -> Mapping[str, Any]:
        """The single row that an aggregate query over `raw` gives."""
        with own_errors(self.source):
            cursor = self.connection.execute(query)
            names = [column[0] for column in cursor.description]
            return dict(zip(names, cursor.fetchall()[0], strict=True))

    def write(self, plan: WritePlan, /) -> Written:
        """Clean the rows and write part and quarantine into the staging folder."""
        with own_errors(self.source):
            return Writing(
                connection=self.connection,
                source=self.source,
                folder=self.folder,
                forgotten=self.forgotten,
                cipher=self.cipher,
            ).write(plan)

    def _number(self, query: str) -> int:
        return int(self.connection.execute(query).fetchall()[0][0])


def _json_pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")
