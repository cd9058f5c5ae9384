"""Brings a state database to the present schema with Alembic; the same migrations on every database."""

from pathlib import Path

import sqlalchemy as sa

from mindgap.kernel.errors import StorageError

_FOLDER = Path(__file__).parent / "migrations"


def migrate(engine: sa.Engine) -> None:
    """Run the migrations that this database has not seen.

    Raises:
        StorageError: The database was written by a newer Mindgap.
    """
    head = max(path.name.split("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*.py"))
    with engine.begin() as connection:
        present = _present(connection)
        if present == head:
            return
        if present is not None and present > head:
            raise StorageError(
                f"The workspace's state has schema {present}, this Mindgap knows {head}.",
                hint="Upgrade Mindgap, or open another workspace.",
            )
        _upgrade(connection)


def _present(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("select version_num from alembic_version")).scalar()


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - slow to import, and rarely needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
