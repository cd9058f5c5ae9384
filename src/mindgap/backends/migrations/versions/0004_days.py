"""Pieces of derived tables by local day, and what lies in each quarter of an hour of a part."""

import sqlalchemy as sa
from alembic import op

from mindgap.backends.columns import Words

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the table of pieces."""
    op.add_column("parts", sa.Column("slots", sa.LargeBinary))
    op.create_table(
        "days",
        sa.Column("name", Words(64), primary_key=True),
        sa.Column("day", sa.BigInteger, primary_key=True),
        sa.Column("end_at", sa.DateTime, primary_key=True),
        sa.Column("fingerprint", Words(128), nullable=False),
        sa.Column("path", Words(500), nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop what upgrade made."""
    op.drop_table("days")
    op.drop_column("parts", "slots")
