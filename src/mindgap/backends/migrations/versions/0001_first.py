"""The ledger, the shelf, the vault, consent and the access record."""

import sqlalchemy as sa
from alembic import op

from mindgap.backends.columns import NAME_LENGTH, Json, Words, counted_key

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the first tables."""
    _create_ledger()
    _create_shelf()
    _create_people()


def _create_ledger() -> None:
    op.create_table(
        "sources",
        sa.Column("name", Words(NAME_LENGTH), primary_key=True),
        sa.Column("table_name", Words(64), nullable=False),
        sa.Column("content", Words(128), nullable=False),
        sa.Column("stat", Words(128), nullable=False),
        sa.Column("rows_read", sa.BigInteger, nullable=False),
        sa.Column("rows_used", sa.BigInteger, nullable=False),
        sa.Column("rows_quarantined", sa.BigInteger, nullable=False),
        sa.Column("rows_duplicate", sa.BigInteger, nullable=False),
        sa.Column("quarantine_path", Words(500), nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("notes", Json, nullable=False),
        sa.Column("read_at", sa.DateTime, nullable=False),
        sa.CheckConstraint(
            "rows_read = rows_used + rows_quarantined + rows_duplicate", name="ck_sources_conservation"
        ),
    )
    op.create_table(
        "parts",
        sa.Column("source", Words(NAME_LENGTH), primary_key=True),
        sa.Column("key", Words(128), primary_key=True),
        sa.Column("table_name", Words(64), nullable=False),
        sa.Column("path", Words(500), nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("min_time", sa.DateTime),
        sa.Column("max_time", sa.DateTime),
    )


def _create_shelf() -> None:
    op.create_table(
        "shelf",
        sa.Column("name", Words(64), primary_key=True),
        sa.Column("as_of", sa.DateTime, primary_key=True),
        sa.Column("fingerprint", Words(128), nullable=False),
        sa.Column("path", Words(500), nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("built_at", sa.DateTime, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("reason", Json, nullable=False),
    )
    op.create_table(
        "models",
        sa.Column("name", Words(64), primary_key=True),
        sa.Column("as_of", sa.DateTime, primary_key=True),
        sa.Column("path", Words(500), nullable=False),
        sa.Column("card", Json, nullable=False),
        sa.Column("built_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "runs",
        counted_key(),
        sa.Column("as_of", sa.DateTime, nullable=False),
        sa.Column("completed_at", sa.DateTime, nullable=False),
    )


def _create_people() -> None:
    op.create_table(
        "consent",
        counted_key(),
        sa.Column("customer_id", Words(NAME_LENGTH), nullable=False),
        sa.Column("purpose", Words(32), nullable=False),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("source", Words(64), nullable=False),
    )
    op.create_index("ix_consent_customer_id", "consent", ["customer_id"])
    op.create_table(
        "access",
        counted_key(),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("actor", Words(128), nullable=False),
        sa.Column("purpose", Words(32), nullable=False),
        sa.Column("table_name", Words(64), nullable=False),
        sa.Column("rows", sa.BigInteger),
        sa.Column("single_customer", sa.Boolean, nullable=False),
    )


def downgrade() -> None:
    """Drop what upgrade made."""
    for name in ("access", "consent", "runs", "models", "shelf", "parts", "sources"):
        op.drop_table(name)
