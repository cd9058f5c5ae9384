"""Bringing data in with DuckDB: streams files of any size within a memory limit, spilling to disk."""

import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from mindgap.backends.duckdb import hush
from mindgap.backends.duckdb_files import readable
from mindgap.backends.duckdb_functions import offer
from mindgap.kernel.errors import SourceError, StorageError
from mindgap.store.importing import BrokenLinesError, Forgotten, RawSource, Seals, Staging, WritePlan, Written
from mindgap.store.parquet import PLAIN, ParquetCipher

_DISK_FULL = re.compile(
    r"no space left|disk full|disk quota|file too large|max_temp_directory_size", re.IGNORECASE
)
_WRITE_FAILED = re.compile(r"(cannot|could not|failed to) (write|create|sync|truncate)", re.IGNORECASE)
_BROKEN_LINES = re.compile(r"invalid state|strict.mode", re.IGNORECASE)
_QUOTE_ERRORS = ("UNQUOTED VALUE", "LINE SIZE OVER MAXIMUM")
_NEVER_IN_TEXT = "\x01"
_WORKING = "(format parquet, compression snappy)"
_KEPT = "(format parquet, compression zstd)"


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
        with duckdb.connect() as connection, _own_errors(source):
            hush(connection)
            connection.execute(f"set memory_limit = {_literal(self.memory_limit)}")
            connection.execute(f"set threads = {self.threads}")
            connection.execute(f"set temp_directory = {_literal(folder / 'spill')}")
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
                    self._typed(i, columns[i].expression or _name(columns[i].key)) for i in self.source.wanted
                ]
                self._view(f"read_parquet({_literal(self.source.path)}, file_row_number = true)", cells)
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
            "delim": _literal(dialect.delimiter),
            "quote": _literal(dialect.quote),
            "escape": _literal(dialect.escape),
            "header": str(dialect.header).lower(),
            "skip": str(dialect.skip_lines),
            "compression": _literal(self.source.compression),
            "rejects_limit": "0",
        }
        given = ", ".join(f"{name} = {value}" for name, value in options.items())
        cells = ", ".join(f"c{i}" for i in self.source.wanted)
        self.connection.execute(
            f"copy (select {cells} from read_csv({_literal(self.source.path)}, auto_detect = false,"
            f" columns = {{{declared}}}, store_rejects = true, rejects_table = 'reject_errors',"
            f" rejects_scan = 'reject_scans', {given})) to {_literal(target)} {_WORKING}"
        )
        if not self.source.repaired and self._number(
            f"select count(*) from reject_errors where error_type::varchar in {_QUOTE_ERRORS}"
        ):
            raise BrokenLinesError(f"{self.source.path.name} has a quote that is never closed.")
        self.connection.execute(
            "create table rejected as select distinct line::bigint as line from reject_errors"
        )
        self._view(
            f"read_parquet({_literal(target)}, file_row_number = true)", [f"c{i}" for i in self.source.wanted]
        )

    def _stage_json(self) -> None:
        """Take each line or array element as one text, so that a broken line costs only itself."""
        path, target = _literal(self.source.path), self.folder / "raw.parquet"
        compression = _literal(self.source.compression)
        rows = (
            f"read_csv({path}, auto_detect = false, columns = {{'json': 'VARCHAR'}}, header = false,"
            f" delim = '{_NEVER_IN_TEXT}', quote = '', escape = '', compression = {compression})"
            if self.source.format == "json_lines"
            else f"read_json_objects({path}, format = 'array', compression = {compression})"
        )
        pointers = ", ".join(_literal(_json_pointer(self.source.columns[i].key)) for i in self.source.wanted)
        cells = ", ".join(f"found[{at}] as c{i}" for at, i in enumerate(self.source.wanted, start=1))
        self.connection.execute(
            f"copy (with texts as (select trim(json::varchar) as text from {rows}),"
            " judged as (select text, case when text is null or text = '' then 'blank' when json_valid(text)"
            "  and starts_with(text, '{') then 'good' else 'bad' end as state from texts),"
            " split as (select state, case when state = 'good'"
            f"  then json_extract_string(text, [{pointers}]) end as found from judged)"
            f" select state, {cells} from split) to {_literal(target)} {_WORKING}"
        )
        staged = f"read_parquet({_literal(target)}, file_row_number = true)"
        self._view(staged, [f"c{i}" for i in self.source.wanted], "state = 'good'")
        self.connection.execute(
            f"create table rejected as select file_row_number + 1 as line from {staged} where state = 'bad'"
        )

    def facts(self, query: str, /) -> Mapping[str, Any]:
        """The single row that an aggregate query over `raw` gives."""
        with _own_errors(self.source):
            cursor = self.connection.execute(query)
            names = [column[0] for column in cursor.description]
            return dict(zip(names, cursor.fetchall()[0], strict=True))

    def write(self, plan: WritePlan, /) -> Written:
        """Clean the rows and write part and quarantine into the staging folder."""
        with _own_errors(self.source):
            cleaned = _literal(self.folder / "cleaned.parquet")
            self.connection.execute(f"copy ({plan.query}) to {cleaned} {_WORKING}")
            self.connection.execute(f"create view all_cleaned as select * from read_parquet({cleaned})")
            suppressed = self._leave_out(plan)
            self._judge(plan)
            return self._finish(plan, suppressed)

    def _leave_out(self, plan: WritePlan) -> int:
        """Make `cleaned`, which holds nobody who is forgotten; returns how many rows those had."""
        query, gone = (
            "create view cleaned as select * from all_cleaned",
            "customer_id in (select id from gone)",
        )
        forgotten: list[str] = []
        if self.forgotten is not None and "customer_id" in plan.columns:
            found = self.connection.execute(
                "select distinct customer_id from all_cleaned where customer_id is not null"
            ).fetchall()
            forgotten = sorted(self.forgotten([row[0] for row in found]))
        if not forgotten:
            self.connection.execute(query)
            return 0
        self.connection.execute("create table gone (id varchar)")
        self.connection.executemany("insert into gone values (?)", [[one] for one in forgotten])
        self.connection.execute(f"{query} where customer_id is null or not {gone}")
        return self._number(f"select count(*) from all_cleaned where {gone}")

    def _judge(self, plan: WritePlan) -> None:
        """Make `judged`: each row and whether it is used, repeated, known, superseded or quarantined."""
        run = self.connection.execute
        run(
            "create table repeated as select row_id, min(source_row) as first_row from cleaned"
            " where reason is null group by row_id having count(*) > 1"
        )
        if plan.keep_repeats:
            run(
                "create table nth as"
                " select source_row, (md5_number_lower(row_id || '#' || nth) >> 1)::bigint as new_id"
                " from (select source_row, row_id,"
                "  row_number() over (partition by row_id order by source_row) as nth"
                "  from cleaned semi join repeated using (row_id) where reason is null) where nth > 1"
            )
            run(
                "create view fresh as select cleaned.* replace (coalesce(new_id, row_id) as row_id),"
                " false as is_repeat from cleaned left join nth using (source_row)"
            )
        else:
            run(
                "create view fresh as select cleaned.*,"
                " coalesce(cleaned.source_row > first_row, false) as is_repeat"
                " from cleaned left join repeated using (row_id)"
            )
        held = "where false"
        if plan.existing_parts:
            parts = readable(self.connection, "encrypted_parts", plan.existing_parts, cipher=self.cipher)
            held = f"semi join {parts} using (row_id)"
        run(f"create table known as select distinct row_id, true as is_known from fresh {held}")
        key = _name(plan.key_column) if plan.key_column else "null"
        run(
            f"create table superseded as select {key} as key, max(source_row) as last_row from fresh"
            f" where reason is null and not is_repeat and {key} is not null group by all having count(*) > 1"
        )
        run(
            "create view judged as select fresh.*, case when reason is not null then 'quarantined'"
            " when is_repeat then 'repeated' when is_known then 'known'"
            " when source_row < last_row then 'superseded' else 'used' end as status"
            f" from fresh left join known using (row_id) left join superseded on superseded.key = {key}"
        )

    def _finish(self, plan: WritePlan, suppressed: int) -> Written:
        time = _name(plan.time_column) if plan.time_column else "null::timestamp"
        found = self.connection.execute(
            f"select status, count(*), min({time}), max({time}), sum(unread)::bigint from judged group by all"
        ).fetchall()
        counts = {row[0]: int(row[1]) for row in found}
        used = next((row for row in found if row[0] == "used"), ("used", 0, None, None, 0))
        rejected = self._number("select count(*) from rejected")
        reasons = self._reasons(rejected)
        return Written(
            read_rows=sum(counts.values()) + rejected + suppressed,
            used=counts.get("used", 0),
            quarantined=counts.get("quarantined", 0) + rejected,
            repeated=counts.get("repeated", 0),
            known=counts.get("known", 0),
            superseded=counts.get("superseded", 0),
            suppressed=suppressed,
            unread=int(used[4] or 0),
            reasons=reasons,
            earliest=used[2],
            latest=used[3],
            part=self._write_part(plan) if counts.get("used") else None,
            quarantine=self._write_quarantine() if reasons else None,
        )

    def _reasons(self, rejected: int) -> dict[str, int]:
        rows = self.connection.execute(
            "select reason, count(*) from cleaned where reason is not null group by all order by all"
        ).fetchall()
        reasons = {str(reason): int(count) for reason, count in rows}
        return reasons | ({"malformed_line": rejected} if rejected else {})

    def _write_part(self, plan: WritePlan) -> Path:
        target = self.folder / "part.parquet"
        columns = ", ".join(_name(column) for column in plan.columns)
        order = f"{_name(plan.time_column)}, row_id" if plan.time_column else "source_row"
        self.connection.execute(
            f"copy (select {columns} from judged where status = 'used' order by {order})"
            f" to {_literal(target)} {_KEPT}"
        )
        return target

    def _write_quarantine(self) -> Path:
        """Lines count from 1; rows are shifted by the header and by the unreadable lines before them."""
        target, dialect = self.folder / "quarantine.parquet", self.source.dialect
        shift = dialect.skip_lines + dialect.header if self.source.format == "delimited" else 0
        self.connection.execute(
            "copy (with numbered as (select line, row_number() over (order by line) as lines from rejected),"
            f" places as (select lines, line - lines - {shift} as rows_before from numbered),"
            " thrown as (select * from cleaned where reason is not null),"
            f" placed as (select source_row + {shift} + coalesce(lines, 0) as line, reason, reason_column,"
            "  cells from thrown asof left join places on thrown.source_row > places.rows_before)"
            ' select line::bigint as line, reason, reason_column as "column", cells as "values" from placed'
            " union all select line, 'malformed_line', null, null from rejected order by line)"
            f" to {_literal(target)} {_KEPT}"
        )
        return target

    def _number(self, query: str) -> int:
        return int(self.connection.execute(query).fetchall()[0][0])


@contextmanager
def _own_errors(source: RawSource) -> Generator[None]:
    """Turn the engine's errors into ours; theirs may quote rows, ours never do."""
    try:
        yield
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException):
        raise  # a mistake of ours, not of the source
    except duckdb.Error as error:
        raise _own_error(source, error) from None


def _own_error(source: RawSource, error: duckdb.Error) -> Exception:
    name, text = source.path.name, str(error)
    if _DISK_FULL.search(text):
        hint = "Free some space and run again; nothing was changed."
        return StorageError(f"The disk is full: {name} could not be brought in.", hint=hint)
    if isinstance(error, duckdb.OutOfMemoryException):
        hint = "Close other programs and run again; nothing was changed."
        return StorageError(f"{name} needs more memory than this machine has free.", hint=hint)
    if _WRITE_FAILED.search(text):
        return StorageError(
            f"Nothing could be written while {name} was read.", hint="Check the folder's rights."
        )
    if _BROKEN_LINES.search(text) and not source.repaired:
        return BrokenLinesError(f"{name} mixes kinds of line ends or quotes.")
    return SourceError(f"{name} is damaged and cannot be read.", hint="Export it again.")


def _literal(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _json_pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")
