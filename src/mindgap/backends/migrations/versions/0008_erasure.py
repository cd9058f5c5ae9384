"""Rows that are left out, or were taken out, because their person is forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"

_COUNTS = {
    "streams": ("suppressed", "received = stored + quarantined + duplicates + refused"),
    "sources": ("rows_suppressed", "rows_read = rows_used + rows_quarantined + rows_duplicate"),
}


def upgrade() -> None:
    """Count them, beside what becomes of all others."""
    for table, (column, sums) in _COUNTS.items():
        _change(table, column, rule=f"{sums} + {column}", add=True)


def downgrade() -> None:
    """Count them no more."""
    for table, (column, sums) in _COUNTS.items():
        _change(table, column, rule=sums, add=False)


def _change(table: str, column: str, *, rule: str, add: bool) -> None:
    name = op.f(f"ck_{table}_conservation")
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(name, type_="check")
        if add:
            batch.add_column(sa.Column(column, sa.BigInteger, nullable=False, server_default="0"))
        else:
            batch.drop_column(column)
        batch.create_check_constraint(name, rule)
