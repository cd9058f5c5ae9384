"""The derived tables as they were found last, so that most commands need not import every model.

Importing the stage rooms takes seconds of libraries that only training needs. What they offer is kept in
the user's cache folder under a mark of their sources; another mark, or a folder that cannot be written,
means importing them.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mindgap.kernel.derivation import At, Built, Derivation, Moment
from mindgap.kernel.errors import MindgapError
from mindgap.kernel.purposes import Purpose

if TYPE_CHECKING:
    import pyarrow as pa

    from mindgap.kernel.large_models import LargeBuilt, LargeModels

_OURS = "mindgap."


@dataclass(frozen=True, kw_only=True)
class Deferred:
    """A build function whose module is imported when it is first called.

    It runs with one thread of linear algebra: the last digits of a result do not depend on how many cores
    there are then, and no core waits for another over matrices that are too small to share.

    Attributes:
        table: The derived table that it builds.
        module: Where it is.
    """

    table: str
    module: str

    def __call__(self, tables: "Mapping[str, pa.Table]", moment: Moment, /) -> "pa.Table | Built":
        """Build the table."""
        from threadpoolctl import threadpool_limits  # noqa: PLC0415 - most commands build nothing

        build = (
            self._derivation.build
        )  # imports the libraries, of which only those that are there are limited
        with threadpool_limits(limits=1, user_api="blas"):
            return build(tables, moment)

    def large(self, models: "LargeModels", moment: Moment, /) -> "LargeBuilt":
        """Build it where the data is."""
        return self._derivation.large(models, moment)

    @cached_property
    def _derivation(self) -> Any:
        found = vars(import_module(self.module)).values()
        for value in found:
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, Derivation) and item.name == self.table:
                    return item
        raise MindgapError(f"{self.module} no longer makes the table {self.table!r}.", hint="Run it again.")


def deferred(item: Derivation, module: str) -> Derivation:
    """The same derived table, built by way of the module in which it was found."""
    if item.build is None:
        return item
    later = Deferred(table=item.name, module=module)
    return replace(item, build=later, large=later.large if item.large else None)


def module_of(item: Derivation) -> str:
    """The module in which a derived table's build function lies; empty for SQL."""
    if isinstance(item.build, Deferred):
        return item.build.module
    return str(getattr(item.build, "__module__", ""))


def kept(mark: str) -> dict[str, Derivation] | None:
    """The derived tables of the sources with that mark; None when they were not kept."""
    with suppress(OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError):
        document: Any = json.loads(_file().read_text("utf-8"))
        if document["mark"] == mark:
            return {str(row["name"]): _from_row(row) for row in document["tables"]}
    return None


def keep(mark: str, tables: Mapping[str, tuple[Derivation, str]]) -> None:
    """Keep derived tables and the modules that offer them; without the right to write, nothing happens."""
    rows = [_to_row(item, module) for item, module in tables.values()]
    with suppress(OSError, RuntimeError):  # no home folder is a RuntimeError
        file = _file()
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        draft.write_text(json.dumps({"mark": mark, "tables": rows}, ensure_ascii=False), "utf-8")
        draft.replace(file)


def _file() -> Path:
    """Each installation's own: those of two versions would overwrite each other's with every command."""
    folder = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    installation = hashlib.sha256(__file__.encode()).hexdigest()[:12]
    return Path(folder).expanduser() / "mindgap" / f"catalogue-{installation}.json"


def _to_row(item: Derivation, module: str) -> dict[str, Any]:
    return {
        "name": item.name,
        "grain": item.grain,
        "purpose": item.purpose.value,
        "inputs": {key: asdict(at) for key, at in item.inputs.items()},
        "module": module if item.build else "",
        "sql": item.sql,
        "large": item.large is not None,
        "customer_level": item.customer_level,
        "weight": item.weight,
        "form": item.form,
        "shared": item.shared,
        "columns": dict(item.columns),
    }


def _from_row(row: Mapping[str, Any]) -> Derivation:
    name, module = str(row["name"]), str(row["module"])
    if module and not module.startswith(_OURS):
        raise ValueError(module)
    inputs = {str(key): _input(at) for key, at in row["inputs"].items()}
    deferred = Deferred(table=name, module=module) if module else None
    return Derivation(
        name=name,
        grain=str(row["grain"]),
        purpose=Purpose(row["purpose"]),
        inputs=inputs,
        build=deferred,
        sql=str(row["sql"]),
        large=deferred.large if deferred and row["large"] else None,
        customer_level=bool(row["customer_level"]),
        weight=float(row["weight"]),
        form=row["form"],
        shared=row["shared"],
        columns=row["columns"],
    )


def _input(row: Mapping[str, Any]) -> At:
    return At(
        table=str(row["table"]),
        lag_days=int(row["lag_days"]),
        optional=bool(row["optional"]),
        columns=tuple(row["columns"]),
        by_source=bool(row["by_source"]),
    )
