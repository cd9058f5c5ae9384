"""What a source of events may do: [sources.NAME.options] in mindgap.toml, checked."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from mindgap.kernel.errors import SettingsError
from mindgap.kernel.purposes import Purpose

Options = TypeVar("Options", bound="StreamOptions")

EVENT_KINDS = ("http", "webhook", "kafka", "warehouse")
"""Kinds of sources that deliver events; the others deliver tables."""

CATEGORIES: Mapping[str, tuple[Purpose, ...]] = {
    "analytics": (Purpose.ANALYTICS,),
    "performance": (Purpose.ANALYTICS,),
    "statistics": (Purpose.ANALYTICS,),
    "functional": (Purpose.SERVICE,),
    "preferences": (Purpose.PERSONALIZATION,),
    "personalization": (Purpose.PERSONALIZATION,),
    "advertising": (Purpose.MARKETING,),
    "marketing": (Purpose.MARKETING,),
    "targeting": (Purpose.MARKETING,),
    "service": (Purpose.SERVICE,),
}
"""What the usual categories of consent tools stand for, in lower case."""


class StreamOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options that every source of events has.

    Attributes:
        enabled: Whether it is taken from at all.
        channel: The channel of its events, where they do not say it themselves.
        purposes: What its events may be used for at most.
        consent: opt-out: for all of these unless the event's consent denies one; opt-in: only for those that
            the event's consent grants.
        categories: Consent category to purposes, beside the usual ones; names in any case.
        trusted: Whether only the business's own servers send here, so that a grant of consent is believed.
            A denial is believed from anybody.
        identity_secret_env: Name of the environment variable with the secret under which the business's own
            server signs user ids (`context.userHash`); a user id without a signature then joins nothing.
        origins: Web origins whose pages may send; empty for any.
        events_per_s: How many events a second it may send in the long run; None for any number.
        plan: Folder of the tracking plan, one JSON Schema a file, named after the event; relative to the
            workspace. Empty without one.
        plan_mode: observe: an event against the plan is kept and counted; quarantine: it is set aside.
        retention_days: Events older than that are deleted; None keeps them.
    """

    enabled: bool = True
    channel: str = "web"
    purposes: tuple[Purpose, ...] = tuple(Purpose)
    consent: Literal["opt-out", "opt-in"] = "opt-out"
    categories: dict[str, tuple[Purpose, ...]] = msgspec.field(default_factory=dict)
    trusted: bool = False
    identity_secret_env: Annotated[str, msgspec.Meta(pattern="^([A-Za-z_][A-Za-z0-9_]*)?$")] = ""
    origins: tuple[str, ...] = ()
    events_per_s: Annotated[int, msgspec.Meta(ge=1)] | None = None
    plan: str = ""
    plan_mode: Literal["observe", "quarantine"] = "observe"
    retention_days: Annotated[int, msgspec.Meta(ge=1)] | None = None


def stream_options(name: str, said: Mapping[str, Any], kind: type[Options]) -> Options:
    """The options of a source, checked.

    Raises:
        SettingsError: An option is unknown or out of range.
    """
    try:
        return msgspec.convert(said, kind)
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"Source {name!r} in mindgap.toml: {error}.", hint="docs/collect.md lists the options."
        ) from error
