"""Where audiences are sent to, chosen by how the target is written: a file, an https address, a database."""

import os
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from mindgap.backends.database import anchored
from mindgap.backends.targets.csv_file import CsvFile
from mindgap.backends.targets.sql_table import SqlTable
from mindgap.backends.targets.webhook import Webhook
from mindgap.kernel.clock import now
from mindgap.kernel.errors import SettingsError, UsageError
from mindgap.kernel.settings import read_settings
from mindgap.store.audience import Target
from mindgap.store.database import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was said of a target beside where it is.

    Attributes:
        table: Of a database: the table.
        password_env: Of a database: the environment variable with its password.
        secret_env: Of a webhook: the environment variable with the secret that signs.
    """

    table: str = "mindgap_audiences"
    password_env: str = ""
    secret_env: str = "MINDGAP_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable


def target(folder: Path, where: str, told: Told) -> Target:
    """The target that a text names.

    Raises:
        UsageError: It names none.
        SettingsError: The environment lacks its secret.
    """
    scheme, mark, _rest = where.partition("://")
    match scheme.lower() if mark else "":
        case "http" | "https":
            return _webhook(folder, where, told)
        case "":
            if not where.lower().endswith(".csv"):
                raise UsageError(
                    f"{where!r} is no target.",
                    hint="Name a file that ends in .csv, https://..., or a database.",
                )
            return CsvFile(path=Path(where).expanduser())
        case _:
            address = Address(url=anchored(where, Path.cwd()), password_env=told.password_env)
            return SqlTable(address=address, table=told.table)


def _webhook(folder: Path, where: str, told: Told) -> Target:
    secret = os.environ.get(told.secret_env, "")
    if not secret:
        raise SettingsError(
            f"The environment has no variable {told.secret_env}, which is to hold the secret that signs.",
            hint="Set it, or name another with --secret-env.",
        )
    allowed = frozenset(read_settings(folder).audiences.allowed_hosts)
    return Webhook(url=where, secret=secret, clock=_seconds, allowed=allowed)


def _seconds() -> float:
    return now().replace(tzinfo=UTC).timestamp()
