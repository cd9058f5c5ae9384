"""The SQL models: every file in sql/ is one derived table, in the subset that all engines share.

A file opens with its contract, one comment line each: ``grain``, ``purpose``, ``inputs`` (names, or
``name=table`` where the query calls a table otherwise; ``by source`` after a canonical table gives its rows
the columns `source` and `source_nth`; a trailing ``?`` means the table may be missing and is then empty),
``form`` (view or days, see kernel.derivation.Form), ``shared: true`` for a view that is worked out once for
several tables, and ``customer_level: true`` where a row is about one customer. Beside its inputs a query sees
`moment`, one row with `as_of`.
"""

from importlib import resources
from typing import get_args

from mindgap.kernel.derivation import At, Derivation, Form
from mindgap.kernel.errors import SettingsError
from mindgap.kernel.purposes import Purpose

_WEIGHT = 0.5
_BY_SOURCE = " by source"


def sql_derivations() -> tuple[Derivation, ...]:
    """Every SQL model of the package, by file name."""
    folder = resources.files("mindgap.process") / "sql"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda e: e.name)
    return tuple(parse_model(entry.name.removesuffix(".sql"), entry.read_text("utf-8")) for entry in files)


def parse_model(name: str, sql: str) -> Derivation:
    r"""The derivation that an SQL file describes.

    Raises:
        SettingsError: The contract at the head of the file is incomplete.

    >>> model = parse_model("n", "-- grain: one\n-- purpose: analytics\n-- inputs: a, b?\nselect 1")
    >>> model.inputs["b"].optional
    True
    >>> parse_model("n", "-- grain: one\n-- purpose: analytics\n-- inputs: a=c?\nselect 1").inputs["a"].table
    'c'
    >>> model = parse_model("n", "-- grain: one\n-- purpose: analytics\n-- inputs: a by source?\nselect 1")
    >>> model.inputs["a"].by_source
    True
    """
    header: dict[str, str] = {}
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        key, found, value = line.removeprefix("--").partition(":")
        if found:
            header.setdefault(key.strip(), value.strip())
    missing = {"grain", "purpose", "inputs"} - header.keys()
    if missing:
        raise SettingsError(f"SQL model {name!r} does not say its {', '.join(sorted(missing))}.")
    return Derivation(
        name=name,
        grain=header["grain"],
        purpose=Purpose(header["purpose"]),
        inputs=dict(_input(item.strip()) for item in header["inputs"].split(",")),
        sql=sql,
        customer_level=header.get("customer_level") == "true",
        weight=_WEIGHT,
        form=_form(name, header.get("form", "table")),
        shared=header.get("shared") == "true",
    )


def _input(item: str) -> tuple[str, At]:
    named = item.removesuffix("?")
    key, _, table = named.removesuffix(_BY_SOURCE).partition("=")
    return key, At(table=table or key, optional=item.endswith("?"), by_source=named.endswith(_BY_SOURCE))


def _form(name: str, said: str) -> Form:
    for form in get_args(Form):
        if form == said:
            return form
    raise SettingsError(f"SQL model {name!r} has an unknown form {said!r}.")


DERIVATIONS = sql_derivations()
