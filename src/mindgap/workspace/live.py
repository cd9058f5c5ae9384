"""Live sources of a workspace: declared in mindgap.toml, switched on and off, and their clients' keys."""

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from mindgap.collect import connector
from mindgap.collect.events.stream_options import EVENT_KINDS, StreamOptions, stream_options
from mindgap.kernel.clock import now
from mindgap.kernel.errors import SettingsError, UnknownError, UsageError
from mindgap.kernel.settings import SourceSettings, read_settings, remove_source, write_sources
from mindgap.store.streams import WriteKey
from mindgap.workspace.deliveries import forget

if TYPE_CHECKING:
    from mindgap.workspace.desk import Desk

LIVE_KINDS = (*EVENT_KINDS, "sql", "folder")
"""Kinds of sources that deliver by themselves."""
KEYED_KINDS = ("http", "webhook")
"""Those that are sent to, with a key."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_KEY_PREFIX = "wk_"
_KEY = re.compile(r"[!-~]{8,200}")
_RESERVED = ("events",)
"""Names under which the loop itself keeps what events became."""


def live_sources(workspace: "Desk") -> Mapping[str, SourceSettings]:
    """Every source of mindgap.toml that delivers by itself, by name."""
    known = read_settings(workspace.folder).sources
    return {name: source for name, source in sorted(known.items()) if source.kind in LIVE_KINDS}


def live_source(workspace: "Desk", name: str) -> SourceSettings:
    """One of them.

    Raises:
        UnknownError: There is none of that name.
    """
    known = live_sources(workspace)
    if name not in known:
        listed = ", ".join(known) or "none yet; `mindgap source add` makes one"
        raise UnknownError(f"There is no live source {name!r}.", hint=f"Live sources: {listed}.")
    return known[name]


def options_of(kind: str) -> type[msgspec.Struct]:
    """What a source of this kind may be told.

    Raises:
        UsageError: There is no such kind.
    """
    if kind not in LIVE_KINDS:
        raise UsageError(
            f"There is no kind of source {kind!r}.", hint=f"Use one of: {', '.join(LIVE_KINDS)}."
        )
    return connector.options_of(kind)


def stream_options_of(workspace: "Desk", name: str) -> StreamOptions:
    """The options that every source of events has, of this one; the strictest where it is not declared.

    Raises:
        SettingsError: An option is unknown or out of range.
    """
    settings = live_sources(workspace).get(name)
    if settings is None or settings.kind not in EVENT_KINDS:
        return StreamOptions(enabled=False, purposes=())
    return stream_options(name, settings.options, connector.options_of(settings.kind))


def declare(workspace: "Desk", name: str, *, kind: str, path: str, said: Mapping[str, Any]) -> SourceSettings:
    """Write a new live source into mindgap.toml.

    Args:
        workspace: The workspace.
        name: What to call it; it stands in every event that it delivers.
        kind: One of LIVE_KINDS.
        path: Where to read it from, for kinds that are read.
        said: Its options; texts are read as numbers or truth values where the option is one.

    Raises:
        UsageError: The name is taken or cannot be one; no such kind, no such option, or not such a value.
    """
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise UsageError(
            f"A source cannot be called {name!r}.",
            hint="Use small letters, digits, - and _, such as web-shop; `events` is taken.",
        )
    if name in read_settings(workspace.folder).sources:
        raise UsageError(
            f"There is a source {name!r} already.", hint="Choose another name, or edit mindgap.toml."
        )
    settings = SourceSettings(kind=kind, path=path, options=_checked(kind, said))
    _check_path(settings)
    write_sources(workspace.folder, {name: settings})
    return settings


def _check_path(settings: SourceSettings) -> None:
    if settings.kind not in KEYED_KINDS and not settings.path:
        raise UsageError(
            f"A {settings.kind} source needs a path.", hint="Say what is read: --path FOLDER, URL or brokers."
        )
    if re.search(r"://[^/@]*:[^/@]+@", settings.path):
        raise UsageError(
            "A password does not belong into mindgap.toml.",
            hint="Leave it out of the URL; --set password_env=NAME says which variable holds it.",
        )


def _checked(kind: str, said: Mapping[str, Any]) -> dict[str, Any]:
    struct = options_of(kind)
    try:
        options = msgspec.to_builtins(msgspec.convert(said, struct, strict=False))
    except msgspec.ValidationError as error:
        known = ", ".join(struct.__struct_fields__)
        raise UsageError(f"Option of a {kind} source: {error}.", hint=f"Options: {known}.") from error
    return {name: options[name] for name in said}


def enable(workspace: "Desk", name: str, *, enabled: bool) -> None:
    """Switch a source on or off; what is switched off gets 404, and what it gave is kept."""
    settings = live_source(workspace, name)
    changed = msgspec.structs.replace(settings, options={**settings.options, "enabled": enabled})
    write_sources(workspace.folder, {name: changed})


def remove(workspace: "Desk", name: str) -> Sequence[WriteKey]:
    """Take a source out of mindgap.toml and make its keys worthless; the events that it gave stay."""
    live_source(workspace, name)
    revoked = keys_of(workspace, name)
    for key in revoked:
        workspace.stores.streams.revoke_write_key(key.key)
    remove_source(workspace.folder, name)
    forget(workspace, name)
    return revoked


def keys_of(workspace: "Desk", name: str) -> Sequence[WriteKey]:
    """The keys of a source that are good, oldest first."""
    return [key for key in workspace.stores.streams.write_keys() if key.source == name]


def give_key(workspace: "Desk", name: str, *, own: str = "") -> WriteKey:
    """Make a key good for a source.

    Args:
        workspace: The workspace.
        name: The source.
        own: A key that clients have already, so that they need not change; a new one by default.

    Raises:
        UsageError: The source is not sent to, or the key cannot be one or is another source's.
    """
    kind = live_source(workspace, name).kind
    if kind not in KEYED_KINDS:
        raise UsageError(f"Source {name!r} is read by Mindgap itself ({kind}).", hint="It needs no key.")
    check_key(own)
    key = WriteKey(key=own or _KEY_PREFIX + secrets.token_urlsafe(24), source=name, made_at=now())
    workspace.stores.streams.add_write_key(key)
    return key


def check_key(own: str) -> None:
    """Refuse what cannot be a key.

    Raises:
        UsageError: It is too short or long, or holds blanks.
    """
    if own and not _KEY.fullmatch(own):
        raise UsageError(
            "This cannot be a key.", hint="A key has 8 to 200 letters, digits or signs, no blanks."
        )


def revoke_key(workspace: "Desk", name: str, key: str) -> None:
    """Make one key of a source worthless.

    Raises:
        UnknownError: The source has no such key.
    """
    if key not in {one.key for one in keys_of(workspace, name)}:
        raise UnknownError(f"Source {name!r} has no such key.", hint="`mindgap source show` lists its keys.")
    workspace.stores.streams.revoke_write_key(key)


def rotate_key(workspace: "Desk", name: str, *, own: str = "") -> WriteKey:
    """A new key in place of all that the source has."""
    before = keys_of(workspace, name)
    made = give_key(workspace, name, own=own)
    for key in before:
        if key.key != made.key:
            workspace.stores.streams.revoke_write_key(key.key)
    return made


def is_enabled(settings: SourceSettings) -> bool:
    """Whether a source is taken from.

    Raises:
        SettingsError: mindgap.toml says something else than true or false.
    """
    enabled = settings.options.get("enabled", True)
    if not isinstance(enabled, bool):
        raise SettingsError("`enabled` of a source is true or false.", hint="Correct mindgap.toml.")
    return enabled
