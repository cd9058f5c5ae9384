"""What people read, in English and Chinese: Fluent catalogues under kernel/locales/LANGUAGE/ROOM.ftl.

Rooms hand over a code and figures; only the faces (command line, report, console) turn them into words.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from mindgap.kernel.errors import UsageError

LANGUAGES = ("en", "zh")
_LOCALES = {"en": "en-US", "zh": "zh-CN"}


@cache
def _bundle(language: str) -> Any:
    from fluent.runtime import FluentBundle, FluentResource  # noqa: PLC0415 - slow, and not every call speaks

    if language not in LANGUAGES:
        raise UsageError(f"No language {language!r}.", hint=f"Use one of: {', '.join(LANGUAGES)}.")
    bundle = FluentBundle([_LOCALES[language]], use_isolating=False)
    folder = resources.files("mindgap.kernel") / "locales" / language
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".ftl"):
            bundle.add_resource(FluentResource(entry.read_text("utf-8")))
    return bundle


def say(
    code: str, language: str = "en", params: Mapping[str, Any] | None = None, *, staff: bool = False
) -> str:
    """The message `code` in a language.

    Args:
        code: The message's id.
        language: en or zh.
        params: Figures that the message needs.
        staff: Whether the reader is the business and not the customer: a message that says "you" to the
            customer has a second wording, `CODE-staff`.

    Raises:
        KeyError: No such message, or a figure that it needs is missing; a test keeps catalogues complete.
    """
    bundle = _bundle(language)
    chosen = f"{code}-staff" if staff and bundle.has_message(f"{code}-staff") else code
    if not bundle.has_message(chosen):
        raise KeyError(f"no message {chosen!r} in {language!r}")
    text, errors = bundle.format_pattern(bundle.get_message(chosen).value, dict(params or {}))
    if errors:
        raise KeyError(f"message {chosen!r} in {language!r}: {errors}")
    return str(text)


def codes(language: str) -> frozenset[str]:
    """All message codes of a language."""
    return frozenset(_bundle(language)._messages)  # noqa: SLF001 - Fluent offers no listing
