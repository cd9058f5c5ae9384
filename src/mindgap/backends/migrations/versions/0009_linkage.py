"""Pairs that a linkage by likeness proposed and nobody has decided on."""

import sqlalchemy as sa
from alembic import op

from mindgap.backends.columns import NAME_LENGTH, Json, Words, counted_key

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the table of proposals."""
    op.create_table(
        "identity_proposals",
        counted_key(),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("as_of", sa.DateTime, nullable=False),
        sa.Column("first_id", Words(NAME_LENGTH), nullable=False),
        sa.Column("second_id", Words(NAME_LENGTH), nullable=False),
        sa.Column("probability", sa.Float, nullable=False),
        sa.Column("bits", Json, nullable=False),
        sa.Column("since", sa.DateTime),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("identity_proposals")
