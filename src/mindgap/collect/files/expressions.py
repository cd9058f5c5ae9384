"""SQL for single cells: text, ids, figures and dates as people write them.

Every function takes SQL text for a cell and gives SQL text; nothing is read here. DuckDB's dialect, since
bringing data in always runs embedded.
"""

import re
from collections.abc import Sequence

from mindgap.collect.files.synonyms import vocabulary
from mindgap.kernel.quoting import literal
from mindgap.store.importing import RawType

_APOSTROPHE = "'"
_BLANKS = " \t\r\n\u3000\u00a0\ufeff"
_WIDE = "０１２３４５６７８９．，－（）：／％＋"
_NARROW = "0123456789.,-():/%+"
_CLUTTER = "[\\s\u00a0\u202f'’_$€£¥￥₹₽₩元块圆円]|(?i:USD|EUR|GBP|CNY|RMB|JPY|CHF|PLN|kr|zł|Rs\\.?)"
_DAY = r"\d{1,2}"
_ZONE = r"\d:?\d\d *(Z|z|UTC|GMT|[+-]\d\d(:?\d\d)?)$"
_MONTH_NAMES = (
    "%d %b %y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d %Y",
    "%B %d %Y",
)
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_EARLIEST_SERIAL, _LATEST_SERIAL = 20_000, 80_000
_TWO_DIGIT_TURN = 70


def is_word(cell: str, name: str) -> str:
    """Whether a cell is one of the vocabulary's words of that name, in either case; null for null."""
    return _matches(cell, _any_of(name))


def _any_of(name: str) -> str:
    return "(?i:" + "|".join(re.escape(word) for word in vocabulary().words[name]) + ")"


def trimmed(cell: str) -> str:
    """A text without the blanks around it; most cells have none, and to look costs less than to trim."""
    edge = f"[{_BLANKS}]"
    return (
        f"case when {_found(cell, f'^{edge}|{edge}$')} then trim({cell}, {literal(_BLANKS)}) else {cell} end"
    )


def text(cell: str, kind: RawType = "text") -> str:
    """A trimmed cell as text, without a spreadsheet's quoting, null where it says that there is nothing."""
    if kind != "text":
        return f"{cell}::varchar"
    special = _matches(cell, f"{_any_of('nothing')}|[=].*|{_APOSTROPHE}.*")
    quoted = f"starts_with({cell}, '=') or starts_with({cell}, {literal(_APOSTROPHE)})"
    unquoted = f"regexp_replace({cell}, '^(=\"(.*)\"|''(\\d+))$', '\\2\\3')"
    return f"case when not {special} then {cell} when {quoted} then {unquoted} end"


def identifier(cell: str, kind: RawType = "text") -> str:
    """An id; one that passed through a spreadsheet or a float column loses its `.0` again."""
    match kind:
        case "integer":
            return f"{cell}::varchar"
        case "number":
            whole = f"{cell}::double = trunc({cell}::double) and abs({cell}::double) < 9e15"
            return f"case when {whole} then {cell}::bigint::varchar else {cell}::varchar end"
        case _:
            plain = text(cell, kind)
            return f"case when {_found(cell, '[.]0+$')} then {_whole(plain)} else {plain} end"


def _whole(plain: str) -> str:
    return f"regexp_replace({plain}, '^(\\d+)\\.0+$', '\\1')"


def fingerprint(values: Sequence[str]) -> str:
    """63 bits of the MD5 of some values, in order; an empty SQL text stands for a null.

    Stable over versions of the engine, which its own hash is not. Taking the low half of ``md5_number`` by a
    mask costs half of what ``md5_number_lower`` does.
    """
    parts = [part for at, value in enumerate(values, start=1) for part in (f"chr({at})", value) if part]
    return f"((md5_number(concat({', '.join(parts)})) & 18446744073709551615) >> 1)::bigint"


def pseudonym(cell: str) -> str:
    """A stable stand-in for an id that names a person: 96 bits of its SHA-256."""
    return f"substr(sha256(lower({cell})), 1, 24)"


def narrow(cell: str) -> str:
    """Full-width digits and signs as plain ones."""
    return f"translate({cell}, {literal(_WIDE)}, {literal(_NARROW)})"


def number(cell: str, kind: RawType = "text", *, decimal_comma: bool = False) -> str:
    """A figure: currency signs, grouping, decimal comma, trailing minus, brackets; null when it is none.

    A comma or point followed by exactly three digits could be either; `decimal_comma` decides then.
    """
    if kind in {"integer", "number"}:
        return f"case when isfinite({cell}::double) then {cell}::double end"
    bare = f"regexp_replace({narrow(cell)}, {literal(_CLUTTER)}, '', 'g')"
    size = f"regexp_replace(replace({bare}, '−', '-'), '^[-+(]|[-)]$', '', 'g')"
    minus = f"regexp_matches(replace({bare}, '−', '-'), '^-|-$|^\\(.*\\)$')"
    commas = f"replace({size}, ',', '')"
    points = f"replace(replace({size}, '.', ''), ',', '.')"
    forms = (
        (r"\d+(\.\d{1,2}|\.\d{4,}|\.)?([eE][-+]?\d+)?", size),
        (r"\d{1,3}(,\d{3})+\.\d*|\d{1,3}(,\d{2,3}){2,}(\.\d*)?", commas),
        (r"\d{1,3}(\.\d{3})+,\d*|\d{1,3}(\.\d{3}){2,}", points),
        (r"[1-9]\d{0,2},\d{3}", points if decimal_comma else commas),
        (r"[1-9]\d{0,2}\.\d{3}", points if decimal_comma else size),
        (r"\d*,\d+", points),
        (r"\d*\.\d+([eE][-+]?\d+)?", size),
    )
    cases = " ".join(f"when {_matches(size, form)} then {plain}" for form, plain in forms)
    parsed = f"case {cases} end"
    value = f"try_cast({parsed} as double)"
    careful = f"case when isfinite({value}) then case when {minus} then -{value} else {value} end end"
    simple = _matches(cell, r"-?\d+(\.\d{1,2})?")
    return f"case when {simple} then {cell}::double else {careful} end"


def moment(cell: str, kind: RawType = "text", *, day_first: bool = True, time_zone: str = "UTC") -> str:
    """A moment as naive UTC; null when the cell is no date.

    Understands ISO 8601 with and without offset, y/m/d, d/m/y, m/d/y, 2024年3月5日, 20240305, month
    names, seconds to microseconds since 1970, and spreadsheet serial days. Where day and month cannot be
    told apart by their size, `day_first` decides.
    """
    match kind:
        case "zoned_time":
            return f"timezone('UTC', {cell})"
        case "time" | "date":
            return _utc(f"{cell}::timestamp", time_zone)
        case _:
            written = cell if kind == "text" else f"{cell}::varchar"
            return _text_moment(written, day_first=day_first, time_zone=time_zone)


def _text_moment(cell: str, *, day_first: bool, time_zone: str) -> str:
    plain = narrow(cell)
    iso = iso_text(plain, day_first=day_first)
    zoned = f"try_cast(regexp_replace({iso}, ' *(Z|z|UTC|GMT)$', '+00') as timestamptz)"
    halves = ", ".join(literal("%Y-%m-%d" + clock) for clock in _CLOCKS if "%I" in clock)
    halved = f"try_strptime({iso}, [{halves}])"
    named = f"regexp_replace(regexp_replace({plain}, '[-,.]+', ' ', 'g'), ' +', ' ', 'g')"
    formats = ", ".join(literal(day + clock) for day in _MONTH_NAMES for clock in _CLOCKS)
    figure = f"try_cast({plain} as double)"
    serial = f"{figure} between {_EARLIEST_SERIAL} and {_LATEST_SERIAL}"
    cases = (
        (f"regexp_matches({iso}, {literal(_ZONE)})", f"timezone('UTC', {zoned})"),
        (f"regexp_matches({iso}, '[AaPp][Mm]$')", _utc(halved, time_zone)),
        (f"{iso} is not null", _utc(f"try_cast({iso} as timestamp)", time_zone)),
        (
            _matches(plain, r"\d{5}(\.\d+)?"),
            f"case when {serial} then {_utc(_serial(figure), time_zone)} end",
        ),
        (_matches(plain, r"\d{9,10}(\.\d+)?"), f"make_timestamp(({figure} * 1000000)::bigint)"),
        (_matches(plain, r"\d{12,13}(\.\d+)?"), f"make_timestamp(({figure} * 1000)::bigint)"),
        (_matches(plain, r"\d{15,16}(\.0+)?"), f"make_timestamp({figure}::bigint)"),
        (f"regexp_matches({plain}, '[A-Za-z]{{3}}')", _utc(f"try_strptime({named}, [{formats}])", time_zone)),
    )
    return f"case {' '.join(f'when {condition} then {value}' for condition, value in cases)} end"


def _found(cell: str, pattern: str) -> str:
    return f"regexp_matches({cell}, {literal(pattern)})"


def _matches(cell: str, pattern: str) -> str:
    return f"regexp_full_match({cell}, {literal(pattern)})"


def iso_text(plain: str, *, day_first: bool) -> str:
    """A written day and its time as ``y-m-d h:m:s``; null for other forms."""
    own = rf"^({_DAY})[-/.]({_DAY})[-/.](\d{{4}})[T ,]*"
    short = rf"^({_DAY})[-/.]({_DAY})[-/.](\d{{2}})(?:[T ,]+|$)"
    whole_year = _ordered(plain, own, r"\3", day_first=day_first)
    last_century, this_century = (
        _ordered(plain, short, rf"{age}\3", day_first=day_first) for age in (19, 20)
    )
    return (
        f"case when regexp_matches({plain}, '^\\d{{4}}[-/.]{_DAY}[-/.]{_DAY}([T ,]|$)')"
        f"  then trim(regexp_replace({plain}, '^(\\d{{4}})[-/.]({_DAY})[-/.]({_DAY})[T ,]*', '\\1-\\2-\\3 '))"
        f" when regexp_matches({plain}, '{own}') then {whole_year}"
        f" when regexp_matches({plain}, '{short}') then case when regexp_extract({plain}, '{short}', 3)::int"
        f"  >= {_TWO_DIGIT_TURN} then {last_century}"
        f"  else {this_century} end"
        f" when contains({plain}, '年') then {_chinese(plain)}"
        f" when regexp_full_match({plain}, '(19|20)\\d{{6}}(\\.0)?') then {_compact(plain)}"
        f" when regexp_full_match({plain}, '(19|20)\\d{{12}}') then {_compact(plain)}"
        f"  || regexp_replace({plain}, '^\\d{{8}}(\\d\\d)(\\d\\d)(\\d\\d)$', ' \\1:\\2:\\3') end"
    )


def _ordered(plain: str, pattern: str, year: str, *, day_first: bool) -> str:
    """Day and month put in order: a number over 12 is the day, whatever the column's order is."""
    first = f"regexp_extract({plain}, '{pattern}', 1)::int > 12"
    second = f"regexp_extract({plain}, '{pattern}', 2)::int > 12"
    by_day = f"trim(regexp_replace({plain}, '{pattern}', '{year}-\\2-\\1 '))"
    by_month = f"trim(regexp_replace({plain}, '{pattern}', '{year}-\\1-\\2 '))"
    usual, other, sign = (by_day, by_month, second) if day_first else (by_month, by_day, first)
    return f"case when {sign} then {other} else {usual} end"


def _chinese(plain: str) -> str:
    day = f"regexp_replace({plain}, '^(\\d{{4}})年(\\d{{1,2}})月(\\d{{1,2}})[日号]? *', '\\1-\\2-\\3 ')"
    clock = f"regexp_replace({day}, '[时点分](\\d)', ':\\1', 'g')"
    whole = f"regexp_replace({clock}, ' (\\d{{1,2}})[时点]$', ' \\1:00')"
    return f"trim(regexp_replace({whole}, '[分秒]', '', 'g'))"


def _compact(plain: str) -> str:
    return f"regexp_replace(substr({plain}, 1, 8), '^(\\d{{4}})(\\d\\d)(\\d\\d)$', '\\1-\\2-\\3')"


def _serial(figure: str) -> str:
    """Days since 30 December 1899, rounded to seconds since a float day is no exact time."""
    return f"timestamp '1899-12-30' + to_seconds(round({figure} * 86400)::bigint)"


def _utc(naive: str, time_zone: str) -> str:
    return naive if time_zone == "UTC" else f"timezone('UTC', timezone({literal(time_zone)}, {naive}))"
