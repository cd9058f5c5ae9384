"""What people read, in English and Chinese: Fluent catalogues under kernel/locales/LANGUAGE/ROOM.ftl.

Rooms hand over a code and figures; only the faces (command line, report, console) turn them into words.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from mindgap.kernel.errors import UsageError
from mindgap.kernel.tables import FROM_EVENTS

LANGUAGES = ("en", "zh")
_LOCALES = {"en": "en-US", "zh": "zh-CN"}
_DIGITS = 3  # of a number whose message does not say how many


def _number(number: Any, **options: Any) -> Any:
    """Fluent's NUMBER, but what rounds to nothing has no sign: 0, not -0."""
    from fluent.runtime.types import fluent_number  # noqa: PLC0415 - slow, and not every call speaks

    digits = int(options.get("maximumFractionDigits", _DIGITS)) + 2 * (options.get("style") == "percent")
    is_nothing = isinstance(number, float) and number < 0 and round(number, digits) == 0
    return fluent_number(0.0 if is_nothing else number, **options)


@cache
def _bundle(language: str) -> Any:
    from fluent.runtime import FluentBundle, FluentResource  # noqa: PLC0415 - slow, and not every call speaks

    if language not in LANGUAGES:
        raise UsageError(f"No language {language!r}.", hint=f"Use one of: {', '.join(LANGUAGES)}.")
    bundle = FluentBundle([_LOCALES[language]], functions={"NUMBER": _number}, use_isolating=False)
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


def source_words(source: str, language: str) -> str:
    """A source as people call it: by its name, or as the table that events became.

    >>> source_words("till", "en"), source_words("events:orders", "en")
    ('till', 'orders (from events)')
    """
    if not source.startswith(FROM_EVENTS):
        return source
    table = say(f"console-table-{source.removeprefix(FROM_EVENTS)}", language)
    return say("source-from-events", language, {"table": table})


def sentences(parts: Sequence[str], language: str) -> str:
    """Sentences one after the other, as the language sets them."""
    return ("" if language == "zh" else " ").join(part for part in parts if part)


def happening_words(kind: str, name: str | None, language: str) -> str:
    """What happened by name: kinds of exposures and feedback in words, events as they are called.

    >>> happening_words("feedback", "csat", "en"), happening_words("event", "Product Viewed", "zh")
    ('satisfaction survey', 'Product Viewed')
    """
    code = f"timeline-name-{name}"
    is_ours = kind in {"exposure", "feedback"} and code in codes(language)
    return say(code, language) if is_ours else name or ""
