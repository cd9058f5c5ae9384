"""What of an opened source is kept: rows that are used, and rows that are set aside."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from mindgap.backends.duckdb_files import readable
from mindgap.kernel.quoting import literal, quoted
from mindgap.store.importing import Forgotten, RawSource, WritePlan, Written
from mindgap.store.parquet import ParquetCipher

WORKING = "(format parquet, compression snappy)"
"""How files are written that go with the staging folder."""
_KEPT = "(format parquet, compression zstd)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """Writes part and quarantine of a source whose view `raw` and table `rejected` are made."""

    connection: duckdb.DuckDBPyConnection
    source: RawSource
    folder: Path
    forgotten: Forgotten | None
    cipher: ParquetCipher

    def write(self, plan: WritePlan) -> Written:
        """Clean the rows and write both files into the staging folder."""
        cleaned = literal(self.folder / "cleaned.parquet")
        self.connection.execute(f"copy ({plan.query}) to {cleaned} {WORKING}")
        self.connection.execute(f"create view all_cleaned as select * from read_parquet({cleaned})")
        suppressed = self._leave_out(plan)
        self._mark_repeats(plan)
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

    def _mark_repeats(self, plan: WritePlan) -> None:
        """Make `fresh`: each row and whether the file told it before; or each has an id of its own."""
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

    def _judge(self, plan: WritePlan) -> None:
        """Make `judged`: each row and whether it is used, repeated, known, superseded or quarantined."""
        run = self.connection.execute
        held = "where false"
        if plan.existing_parts:
            parts = readable(self.connection, "encrypted_parts", plan.existing_parts, cipher=self.cipher)
            held = f"semi join {parts} using (row_id)"
        run(f"create table known as select distinct row_id, true as is_known from fresh {held}")
        key = quoted(plan.key_column) if plan.key_column else "null"
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
        time = quoted(plan.time_column) if plan.time_column else "null::timestamp"
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
        columns = ", ".join(quoted(column) for column in plan.columns)
        order = f"{quoted(plan.time_column)}, row_id" if plan.time_column else "source_row"
        self.connection.execute(
            f"copy (select {columns} from judged where status = 'used' order by {order})"
            f" to {literal(target)} {_KEPT}"
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
            f" to {literal(target)} {_KEPT}"
        )
        return target

    def _number(self, query: str) -> int:
        return int(self.connection.execute(query).fetchall()[0][0])
