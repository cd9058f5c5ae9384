"""Streams of events: what became of them, how far the log is worked up, what is set aside, write keys."""

import sqlalchemy as sa
from alembic import op

from mindgap.backends.columns import NAME_LENGTH, Json, Words

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables of streams."""
    op.add_column("parts", sa.Column("arrived_at", sa.DateTime))
    op.create_table(
        "streams",
        sa.Column("source", Words(NAME_LENGTH), primary_key=True),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("stored", sa.BigInteger, nullable=False),
        sa.Column("quarantined", sa.BigInteger, nullable=False),
        sa.Column("duplicates", sa.BigInteger, nullable=False),
        sa.Column("refused", sa.BigInteger, nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("observed", Json, nullable=False),
        sa.Column("cursor", Words, nullable=False),
        sa.Column("received_at", sa.DateTime),
        sa.Column("error", Words, nullable=False),
        sa.Column("error_at", sa.DateTime),
        sa.CheckConstraint(
            "received = stored + quarantined + duplicates + refused", name="ck_streams_conservation"
        ),
    )
    op.create_table(
        "log_offsets",
        sa.Column("segment", Words(NAME_LENGTH), primary_key=True),
        sa.Column("consumed_bytes", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "quarantine_parts",
        sa.Column("path", Words(500), primary_key=True),
        sa.Column("source", Words(NAME_LENGTH), nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("set_aside_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "write_keys",
        sa.Column("key", Words(NAME_LENGTH), primary_key=True),
        sa.Column("source", Words(NAME_LENGTH), nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
    )


def downgrade() -> None:
    """Drop what upgrade made."""
    for name in ("write_keys", "quarantine_parts", "log_offsets", "streams"):
        op.drop_table(name)
    op.drop_column("parts", "arrived_at")
