"""What people decided on who is who, and the history of persons."""

import sqlalchemy as sa
from alembic import op

from mindgap.backends.columns import NAME_LENGTH, Json, Words, counted_key

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables of identity."""
    op.create_table(
        "identity_decisions",
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
    op.create_table(
        "identity_events",
        counted_key(),
        sa.Column("kind", Words(32), nullable=False),
        sa.Column("person_id", Words(NAME_LENGTH), nullable=False),
        sa.Column("as_of", sa.DateTime, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("ties", Json, nullable=False),
    )
    op.create_table(
        "identity_event_ids",
        sa.Column("event_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("customer_id", Words(NAME_LENGTH), primary_key=True),
        sa.Column("before", Words(NAME_LENGTH), nullable=False),
        sa.Column("after", Words(NAME_LENGTH), nullable=False),
    )
    op.create_index("ix_identity_event_ids_customer_id", "identity_event_ids", ["customer_id"])


def downgrade() -> None:
    """Drop what upgrade made."""
    for name in ("identity_event_ids", "identity_events", "identity_decisions"):
        op.drop_table(name)
