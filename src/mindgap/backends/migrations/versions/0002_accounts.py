"""Sign-in links, sessions, passwords, API keys and the workspace's secrets."""

import sqlalchemy as sa
from alembic import op

from mindgap.backends.columns import Json, Words, counted_key

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables of accounts."""
    _people()
    _programs_and_secrets()


def _people() -> None:
    op.create_table(
        "sign_in_links",
        sa.Column("digest", Words(64), primary_key=True),
        sa.Column("expires_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", Words(64), primary_key=True),
        sa.Column("person", Words(64), nullable=False),
        sa.Column("started_at", sa.DateTime, nullable=False),
        sa.Column("seen_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_sessions_person", "sessions", ["person"])
    op.create_table(
        "passwords",
        sa.Column("person", Words(64), primary_key=True),
        sa.Column("password_hash", Words(255), nullable=False),
        sa.Column("set_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "sign_in_attempts",
        counted_key(),
        sa.Column("person", Words(64), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_sign_in_attempts_person", "sign_in_attempts", ["person"])


def _programs_and_secrets() -> None:
    op.create_table(
        "workspace_secrets",
        sa.Column("name", Words(32), primary_key=True),
        sa.Column("value", sa.LargeBinary(32), nullable=False),
    )
    op.create_table(
        "api_keys",
        sa.Column("name", Words(64), primary_key=True),
        sa.Column("digest", Words(64), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("revoked_at", sa.DateTime),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
    )


def downgrade() -> None:
    """Drop what upgrade made."""
    for name in (
        "api_keys",
        "sign_in_attempts",
        "passwords",
        "sessions",
        "sign_in_links",
        "workspace_secrets",
    ):
        op.drop_table(name)
