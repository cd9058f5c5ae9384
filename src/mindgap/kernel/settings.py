"""mindgap.toml: what a workspace is, read once, checked, frozen."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec
import tomlkit

from mindgap.kernel.errors import SettingsError, StorageError
from mindgap.kernel.tables import CANONICAL

FILE_NAME = "mindgap.toml"

Rate = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]


EngineName = Literal["duckdb", "spark"]
"""What does the work of runs."""


class WorkspaceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The section [workspace].

    Attributes:
        name: What the business calls it; the folder's name by default.
        language: Of the summary, the report and the console, unless the reader chooses.
        currency: ISO 4217 code of every amount.
        time_zone: IANA name; days and weeks begin at its midnight, and times without a zone are read in it.
        industry: Which kind of business.
        engine: Which analytics engine.
        spark: Where Spark is, when it is the engine: ``local[*]``, ``spark://host:7077`` or ``sc://host:15002``.
        rows_in_memory: Models whose inputs have more rows are trained on Spark, when it is the engine.
        seed: Of everything random.
        margin_rate: Profit per unit of revenue; without it value is told in revenue only.
        discount_rate: Yearly discount rate of future profit.
        memory_limit_mb: What the embedded engine may use before it spills to disk.
        state: Where the state is kept: ``sqlite`` in the workspace, or ``postgresql://user@host/database``,
            without a password; ``mindgap state migrate`` moves it.
        state_schema: The schema in that database; by default ``mindgap_`` and the workspace's name.
    """

    name: str = ""
    language: Literal["en", "zh"] = "en"
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] = "EUR"
    time_zone: str = "UTC"
    industry: str = "retail"
    engine: EngineName = "duckdb"
    spark: str = "local[*]"
    rows_in_memory: Annotated[int, msgspec.Meta(ge=1)] = 5_000_000
    seed: int = 7
    margin_rate: Rate | None = None
    discount_rate: Rate = 0.10
    memory_limit_mb: Annotated[int, msgspec.Meta(ge=200)] = 2_000
    state: str = "sqlite"
    state_schema: str = ""


class SourceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A section [sources.NAME].

    Attributes:
        kind: The canonical table that it fills; or how it delivers: http, webhook, kafka, sql, warehouse,
            folder (docs/collect.md).
        path: The file, absolute or relative to the workspace; or the address it is read from.
        map: Canonical field to column of the file; fields not named are not in the file.
        options: How to read it (time zone, day first, ...), as the import understood it; or what a source
            that delivers by itself may do (docs/collect.md).
    """

    kind: str
    path: str = ""
    map: dict[str, str] = msgspec.field(default_factory=dict)
    options: dict[str, Any] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a file that is nowhere."""
        if self.kind in CANONICAL and not self.path:
            raise ValueError(f"a source of {self.kind} needs a `path`")


class AudienceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The section [audiences].

    Attributes:
        allowed_hosts: Hosts to which audiences may be sent although they are not public, or speak plain HTTP.
    """

    allowed_hosts: tuple[str, ...] = ()


class CleaningSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The section [cleaning].

    Attributes:
        off: Rules that are switched off, by name; `mindgap quality rules` lists them all.
        options: Figures of rules that differ from the default, by ``rule.option``.
    """

    off: tuple[str, ...] = ()
    options: dict[str, float] = msgspec.field(default_factory=dict)


class IdentitySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The section [identity].

    Attributes:
        join_by: Kinds of identifiers by which two customer ids become one person.
        most_customers: An identifier that more customers declare is nobody's own.
        region: Country of phone numbers without a country code, ISO 3166 alpha-2.
    """

    join_by: tuple[str, ...] = ("email", "phone", "loyalty_card")
    most_customers: Annotated[int, msgspec.Meta(ge=2)] = 5
    region: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")] = "US"


class PrivacySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The section [privacy].

    Attributes:
        encrypt_files: Whether Parquet files are encrypted at rest.
        master_key: Path of the file with the master key, absolute or relative to the workspace; by default
            it lies in the workspace, outside of the state and of backups.
        kept_days: For how many days rows are kept, by canonical table; of tables not named, for good.
    """

    encrypt_files: bool = False
    master_key: str = ""
    kept_days: dict[str, Annotated[int, msgspec.Meta(ge=1)]] = msgspec.field(default_factory=dict)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of mindgap.toml."""

    workspace: WorkspaceSettings = msgspec.field(default_factory=WorkspaceSettings)
    sources: dict[str, SourceSettings] = msgspec.field(default_factory=dict)
    audiences: AudienceSettings = msgspec.field(default_factory=AudienceSettings)
    cleaning: CleaningSettings = msgspec.field(default_factory=CleaningSettings)
    identity: IdentitySettings = msgspec.field(default_factory=IdentitySettings)
    privacy: PrivacySettings = msgspec.field(default_factory=PrivacySettings)


def read_settings(folder: Path) -> Settings:
    """The settings of a workspace folder; defaults where there is no file.

    Raises:
        SettingsError: The file cannot be read, is no TOML, or a setting is unknown or out of range.
    """
    path = folder / FILE_NAME
    try:
        settings = msgspec.toml.decode(path.read_bytes() if path.exists() else b"", type=Settings)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path}: {error}.", hint="Correct the setting; docs/settings.md lists them all."
        ) from error
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror or type(error).__name__}.",
            hint="It must be a readable file.",
        ) from error
    check_time_zone(settings.workspace.time_zone)
    named = msgspec.structs.replace(settings.workspace, name=settings.workspace.name or folder.resolve().name)
    return msgspec.structs.replace(settings, workspace=named)


def check_time_zone(name: str) -> ZoneInfo:
    """The zone of that name.

    Raises:
        SettingsError: There is none.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise SettingsError(
            f"There is no time zone {name!r}.", hint="Use an IANA name such as Europe/Berlin."
        ) from error


def write_workspace(folder: Path, workspace: Mapping[str, Any]) -> None:
    """Set values of the section [workspace]; comments and all else in the file stay as they are."""
    _edit(folder, {("workspace",): workspace})


def write_sources(folder: Path, sources: Mapping[str, SourceSettings]) -> None:
    """Set sections [sources.NAME], all at once; comments and all else in the file stay as they are."""
    _edit(folder, {("sources", name): _said(source) for name, source in sources.items()})


def _said(source: SourceSettings) -> dict[str, Any]:
    return {name: value or None for name, value in msgspec.to_builtins(source).items()}


def remove_source(folder: Path, name: str) -> None:
    """Take a section [sources.NAME] out; comments and all else in the file stay as they are."""
    _change(folder, lambda document: document.get("sources", {}).pop(name, None))


def _edit(folder: Path, sections: Mapping[tuple[str, ...], Mapping[str, Any]]) -> None:
    """Set the values of sections; one that is empty is taken out."""

    def fill(document: tomlkit.TOMLDocument) -> None:
        for keys, values in sections.items():
            section: Any = document
            for key in keys:
                if key not in section:
                    section[key] = tomlkit.table()
                section = section[key]
            for key, value in values.items():
                if value not in ({}, None):
                    section[key] = value
                elif key in section:
                    del section[key]

    _change(folder, fill)


def _change(folder: Path, change: Callable[[tomlkit.TOMLDocument], object]) -> None:
    path = folder / FILE_NAME
    document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    change(document)
    draft = path.with_suffix(".toml.new")
    try:
        draft.write_text(tomlkit.dumps(document), "utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise StorageError(
            f"{path} cannot be written: {error.strerror or type(error).__name__}.",
            hint="Check free disk space and permissions.",
        ) from error
