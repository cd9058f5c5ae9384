"""The ledger, the shelf, the vault, consent and the access record."""

import sqlalchemy as sa
from alembic import op

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
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("table_name", sa.String(64), nullable=False),
        sa.Column("content", sa.String(128), nullable=False),
        sa.Column("stat", sa.String(128), nullable=False),
        sa.Column("rows_read", sa.BigInteger, nullable=False),
        sa.Column("rows_used", sa.BigInteger, nullable=False),
        sa.Column("rows_quarantined", sa.BigInteger, nullable=False),
        sa.Column("rows_duplicate", sa.BigInteger, nullable=False),
        sa.Column("quarantine_path", sa.String(500), nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("notes", sa.JSON, nullable=False),
        sa.Column("read_at", sa.DateTime, nullable=False),
        sa.CheckConstraint(
            "rows_read = rows_used + rows_quarantined + rows_duplicate", name="ck_sources_conservation"
        ),
    )
    op.create_table(
        "parts",
        sa.Column("source", sa.String(200), primary_key=True),
        sa.Column("key", sa.String(128), primary_key=True),
        sa.Column("table_name", sa.String(64), nullable=False),
        sa.Column("path", sa.String(500), nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("min_time", sa.DateTime),
        sa.Column("max_time", sa.DateTime),
    )


def _create_shelf() -> None:
    op.create_table(
        "shelf",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("as_of", sa.DateTime, primary_key=True),
        sa.Column("fingerprint", sa.String(128), nullable=False),
        sa.Column("path", sa.String(500), nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("built_at", sa.DateTime, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("reason", sa.JSON, nullable=False),
    )
    op.create_table(
        "models",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("as_of", sa.DateTime, primary_key=True),
        sa.Column("path", sa.String(500), nullable=False),
        sa.Column("card", sa.JSON, nullable=False),
        sa.Column("built_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("as_of", sa.DateTime, nullable=False),
        sa.Column("completed_at", sa.DateTime, nullable=False),
    )


def _create_people() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("customer_id", sa.String(200), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
    )
    op.create_index("ix_consent_customer_id", "consent", ["customer_id"])
    op.create_table(
        "access",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("table_name", sa.String(64), nullable=False),
        sa.Column("rows", sa.BigInteger),
        sa.Column("single_customer", sa.Boolean, nullable=False),
    )


def downgrade() -> None:
    """Drop what upgrade made."""
    for name in ("access", "consent", "runs", "models", "shelf", "parts", "sources"):
        op.drop_table(name)
