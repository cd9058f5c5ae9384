"""Who was handed to whom in an audience, as keyed digests."""

import sqlalchemy as sa
from alembic import op

from mindgap.backends.columns import Words

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the table of disclosures."""
    op.create_table(
        "disclosures",
        sa.Column("key", Words(64), primary_key=True),
        sa.Column("recipient", Words, nullable=False),
        sa.Column("audience", Words, nullable=False),
        sa.Column("purpose", Words(32), nullable=False),
        sa.Column("latest_at", sa.DateTime, nullable=False),
        sa.Column("members", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("disclosures")
