"""Data keys of customers and of the workspace, wrapped; who is being forgotten, and was."""

import sqlalchemy as sa
from alembic import op

from mindgap.backends.columns import NAME_LENGTH, Json, Words

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables of keys and of erasures."""
    op.create_table(
        "data_keys",
        sa.Column("holder", Words(NAME_LENGTH), primary_key=True),
        sa.Column("wrapped", sa.LargeBinary(60), nullable=False),
        sa.Column("master", Words(16), nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "suppressed",
        sa.Column("kind", Words(32), primary_key=True),
        sa.Column("digest", Words(64), primary_key=True),
        sa.Column("text", Words(NAME_LENGTH)),
        sa.Column("erasure_id", Words(64), nullable=False, index=True),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "erasures",
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


def downgrade() -> None:
    """Drop what upgrade made."""
    for name in ("erasures", "suppressed", "data_keys"):
        op.drop_table(name)
