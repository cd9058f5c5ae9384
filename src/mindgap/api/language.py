"""In which language to answer: the reader's choice, the browser's wish, or the workspace's language."""

from collections.abc import Mapping

from mindgap.kernel.words import LANGUAGES

LANGUAGE_COOKIE = "mindgap_language"


def language_of(cookies: Mapping[str, str], accept_language: str, default: str) -> str:
    """The language of an answer.

    Args:
        cookies: The request's cookies.
        accept_language: The header of that name, or "".
        default: The workspace's language.

    >>> language_of({}, "fr;q=0.9, zh-CN;q=0.8, en;q=0.1", "en")
    'zh'
    >>> language_of({LANGUAGE_COOKIE: "en"}, "zh", "zh")
    'en'
    """
    chosen = cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    wishes = sorted(
        (_wish(part) for part in accept_language.split(",")[:20]), reverse=True, key=lambda wish: wish[0]
    )
    spoken = [language for quality, language in wishes if quality > 0 and language in LANGUAGES]
    return spoken[0] if spoken else default


def _wish(part: str) -> tuple[float, str]:
    tag, _, quality = part.strip().partition(";q=")
    language = tag.split("-")[0].lower()
    try:
        return (float(quality) if quality else 1.0), language
    except ValueError:
        return 0.0, language
