"""The state's tables, one definition for SQLite and PostgreSQL; migrations/ brings a database to it.

Times are naive UTC. JSON columns hold plain values.
"""

import sqlalchemy as sa

from mindgap.backends.columns import NAME_LENGTH, Json, Words, counted_key

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

sources = sa.Table(
    "sources",
    metadata,
    sa.Column("name", Words(NAME_LENGTH), primary_key=True),
    sa.Column("table_name", Words(64), nullable=False),
    sa.Column("content", Words(128), nullable=False),
    sa.Column("stat", Words(128), nullable=False),
    sa.Column("rows_read", sa.BigInteger, nullable=False),
    sa.Column("rows_used", sa.BigInteger, nullable=False),
    sa.Column("rows_quarantined", sa.BigInteger, nullable=False),
    sa.Column("rows_duplicate", sa.BigInteger, nullable=False),
    sa.Column("rows_suppressed", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("quarantine_path", Words(500), nullable=False),
    sa.Column("reasons", Json, nullable=False),
    sa.Column("notes", Json, nullable=False),
    sa.Column("read_at", sa.DateTime, nullable=False),
    sa.CheckConstraint(
        "rows_read = rows_used + rows_quarantined + rows_duplicate + rows_suppressed",
        name="ck_sources_conservation",
    ),
)
parts = sa.Table(
    "parts",
    metadata,
    sa.Column("source", Words(NAME_LENGTH), primary_key=True),
    sa.Column("key", Words(128), primary_key=True),
    sa.Column("table_name", Words(64), nullable=False),
    sa.Column("path", Words(500), nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("min_time", sa.DateTime),
    sa.Column("max_time", sa.DateTime),
    sa.Column("arrived_at", sa.DateTime),
    sa.Column("slots", sa.LargeBinary),
)
shelf = sa.Table(
    "shelf",
    metadata,
    sa.Column("name", Words(64), primary_key=True),
    sa.Column("as_of", sa.DateTime, primary_key=True),
    sa.Column("fingerprint", Words(128), nullable=False),
    sa.Column("path", Words(500), nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("built_at", sa.DateTime, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("reason", Json, nullable=False),
)
days = sa.Table(
    "days",
    metadata,
    sa.Column("name", Words(64), primary_key=True),
    sa.Column("day", sa.BigInteger, primary_key=True),
    sa.Column("end_at", sa.DateTime, primary_key=True),
    sa.Column("fingerprint", Words(128), nullable=False),
    sa.Column("path", Words(500), nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
)
models = sa.Table(
    "models",
    metadata,
    sa.Column("name", Words(64), primary_key=True),
    sa.Column("as_of", sa.DateTime, primary_key=True),
    sa.Column("path", Words(500), nullable=False),
    sa.Column("card", Json, nullable=False),
    sa.Column("built_at", sa.DateTime, nullable=False),
)
runs = sa.Table(
    "runs",
    metadata,
    counted_key(),
    sa.Column("as_of", sa.DateTime, nullable=False),
    sa.Column("completed_at", sa.DateTime, nullable=False),
)
consent = sa.Table(
    "consent",
    metadata,
    counted_key(),
    sa.Column("customer_id", Words(NAME_LENGTH), nullable=False, index=True),
    sa.Column("purpose", Words(32), nullable=False),
    sa.Column("granted", sa.Boolean, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("source", Words(64), nullable=False),
)
access = sa.Table(
    "access",
    metadata,
    counted_key(),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("actor", Words(128), nullable=False),
    sa.Column("purpose", Words(32), nullable=False),
    sa.Column("table_name", Words(64), nullable=False),
    sa.Column("rows", sa.BigInteger),
    sa.Column("single_customer", sa.Boolean, nullable=False),
)
streams = sa.Table(
    "streams",
    metadata,
    sa.Column("source", Words(NAME_LENGTH), primary_key=True),
    sa.Column("received", sa.BigInteger, nullable=False),
    sa.Column("stored", sa.BigInteger, nullable=False),
    sa.Column("quarantined", sa.BigInteger, nullable=False),
    sa.Column("duplicates", sa.BigInteger, nullable=False),
    sa.Column("refused", sa.BigInteger, nullable=False),
    sa.Column("suppressed", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("reasons", Json, nullable=False),
    sa.Column("observed", Json, nullable=False),
    sa.Column("cursor", Words, nullable=False),
    sa.Column("received_at", sa.DateTime),
    sa.Column("error", Words, nullable=False),
    sa.Column("error_at", sa.DateTime),
    sa.CheckConstraint(
        "received = stored + quarantined + duplicates + refused + suppressed",
        name="ck_streams_conservation",
    ),
)
log_offsets = sa.Table(
    "log_offsets",
    metadata,
    sa.Column("segment", Words(NAME_LENGTH), primary_key=True),
    sa.Column("consumed_bytes", sa.BigInteger, nullable=False),
)
quarantine_parts = sa.Table(
    "quarantine_parts",
    metadata,
    sa.Column("path", Words(500), primary_key=True),
    sa.Column("source", Words(NAME_LENGTH), nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("set_aside_at", sa.DateTime, nullable=False),
)
write_keys = sa.Table(
    "write_keys",
    metadata,
    sa.Column("key", Words(NAME_LENGTH), primary_key=True),
    sa.Column("source", Words(NAME_LENGTH), nullable=False),
    sa.Column("made_at", sa.DateTime, nullable=False),
)
data_keys = sa.Table(
    "data_keys",
    metadata,
    sa.Column("holder", Words(NAME_LENGTH), primary_key=True),
    sa.Column("wrapped", sa.LargeBinary(60), nullable=False),
    sa.Column("master", Words(16), nullable=False),
    sa.Column("made_at", sa.DateTime, nullable=False),
)
suppressed = sa.Table(
    "suppressed",
    metadata,
    sa.Column("kind", Words(32), primary_key=True),
    sa.Column("digest", Words(64), primary_key=True),
    sa.Column("text", Words(NAME_LENGTH)),
    sa.Column("erasure_id", Words(64), nullable=False, index=True),
    sa.Column("at", sa.DateTime, nullable=False),
)
erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("id", Words(64), primary_key=True),
    sa.Column("subject", Words(64), nullable=False),
    sa.Column("stage", Words(32), nullable=False),
    sa.Column("requested_at", sa.DateTime, nullable=False),
    sa.Column("suppressed_at", sa.DateTime, nullable=False),
    sa.Column("done_at", sa.DateTime),
    sa.Column("verified_at", sa.DateTime),
    sa.Column("steps_left", Json, nullable=False),
    sa.Column("receipt", Json, nullable=False),
)
disclosures = sa.Table(
    "disclosures",
    metadata,
    sa.Column("key", Words(64), primary_key=True),
    sa.Column("recipient", Words, nullable=False),
    sa.Column("audience", Words, nullable=False),
    sa.Column("purpose", Words(32), nullable=False),
    sa.Column("latest_at", sa.DateTime, nullable=False),
    sa.Column("members", sa.LargeBinary, nullable=False),
)
identity_decisions = sa.Table(
    "identity_decisions",
    metadata,
    counted_key(),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("actor", Words(128), nullable=False),
    sa.Column("action", Words(32), nullable=False),
    sa.Column("first_kind", Words(32), nullable=False),
    sa.Column("first_id", Words(NAME_LENGTH), nullable=False),
    sa.Column("second_kind", Words(32), nullable=False),
    sa.Column("second_id", Words(NAME_LENGTH), nullable=False),
    sa.Column("reason", Words, nullable=False),
    sa.Column("since", sa.DateTime),
    sa.Column("undoes", sa.BigInteger),
)
identity_proposals = sa.Table(
    "identity_proposals",
    metadata,
    counted_key(),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("as_of", sa.DateTime, nullable=False),
    sa.Column("first_id", Words(NAME_LENGTH), nullable=False),
    sa.Column("second_id", Words(NAME_LENGTH), nullable=False),
    sa.Column("probability", sa.Float, nullable=False),
    sa.Column("bits", Json, nullable=False),
    sa.Column("since", sa.DateTime),
)
identity_events = sa.Table(
    "identity_events",
    metadata,
    counted_key(),
    sa.Column("kind", Words(32), nullable=False),
    sa.Column("person_id", Words(NAME_LENGTH), nullable=False),
    sa.Column("as_of", sa.DateTime, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("ties", Json, nullable=False),
)
identity_event_ids = sa.Table(
    "identity_event_ids",
    metadata,
    sa.Column("event_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("customer_id", Words(NAME_LENGTH), primary_key=True, index=True),
    sa.Column("before", Words(NAME_LENGTH), nullable=False),
    sa.Column("after", Words(NAME_LENGTH), nullable=False),
)
