"""Programs that look at pages: texts that tell their user agents from those of people.

The list is that of the package crawler-user-agents (MIT), which is kept up to date. Of its regular
expressions those that are plain texts are taken (1,478 of 1,504), so that every engine looks for them in the
same way, beside words by which bots call themselves. tests/process/test_bots.py counts what these find.
"""

import re
from collections.abc import Iterator
from functools import cache

import pyarrow as pa
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

_OWN_WORDS = (
    *("bot", "crawl", "spider", "slurp", "scrap", "headless", "phantomjs", "http://", "https://", "wget"),
    *("pingdom", "ptst/", "acunetix"),
)
_OF_PEOPLE = frozenset({"okhttp", "Sogou", "Viber", "axios", "Fever", "Hatena"})
"""Entries that are also in the user agents of shops' own apps and of browsers."""
_PLAIN = re.compile(r"(?:[^\\\[\](){}*+?|^$.]|\\[/.()+\-])+")
_ESCAPED = re.compile(r"\\(.)")


@cache
def bot_agents() -> pa.Table:
    """The texts: `needle`, whether it must be at the start, whether it is sought in lower case."""
    rows = {(word, False, True) for word in _OWN_WORDS} | set(_listed())
    return pa.table(
        {
            "needle": pa.array([needle for needle, _, _ in sorted(rows)], pa.string()),
            "at_start": pa.array([at_start for _, at_start, _ in sorted(rows)], pa.bool_()),
            "any_case": pa.array([any_case for _, _, any_case in sorted(rows)], pa.bool_()),
        }
    )


def _listed() -> Iterator[tuple[str, bool, bool]]:
    for entry in CRAWLER_USER_AGENTS_DATA:
        pattern: str = entry["pattern"]
        text = pattern.removeprefix("^")
        needle = _ESCAPED.sub(r"\1", text)
        if _PLAIN.fullmatch(text) and needle not in _OF_PEOPLE and not _is_covered(needle):
            yield needle, pattern != text, False


def _is_covered(needle: str) -> bool:
    return any(word in needle.lower() for word in _OWN_WORDS)
