"""How the common subset of SQL is told to Spark: functions that it lacks, and how it writes parameters."""

import re
from collections.abc import Mapping
from datetime import datetime

NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?"
"""What is a number in a text, as both engines see it."""
# _SHIM in backends/duckdb.py has the same functions, or DuckDB has them by itself: both must agree on them.
# They are put in where a query calls them, `@` being what they are called with: functions that Spark keeps
# itself cannot stand within explode.
FUNCTIONS = {
    # the low half of md5 as DuckDB reads it, the first byte last, without its lowest bit
    "row_hash": f"""shiftrightunsigned(cast(conv(regexp_replace(substr(md5(@), 1, 16),
        '^{"(..)" * 8}$', '$8$7$6$5$4$3$2$1'), 16, -10) as bigint), 1)""",
    "quick_hash": "xxhash64(@)",
    # one letter for one letter, whatever stands beside it
    "lower": "lcase(translate(@, 'Σİ', 'σi'))",
    # every blank of Unicode
    "trim": r"regexp_replace(@, '^\\p{Zs}+|\\p{Zs}+$', '')",
    "number_in": f"""try_cast(regexp_extract(
        @, '^\\p{{Zs}}*({NUMBER})\\p{{Zs}}*$', 1) as double)""".replace("\\", r"\\"),
    "numbered_items": """transform(from_json(@, 'array<string>'),
        (item, n) -> named_struct('position', cast(n + 1 as bigint), 'item', item))""",
    "text_list": "from_json(@, 'array<string>')",
    "text_map": "from_json(@, 'map<string, string>')",
    "json_types": """transform_values(from_json(@, 'map<string, variant>'), (name, found) ->
        case when found is null or schema_of_variant(found) = 'VOID' then 'nothing'
            when schema_of_variant(found) = 'STRING' then 'text'
            when schema_of_variant(found) = 'BOOLEAN' then 'flag'
            when schema_of_variant(found) like 'ARRAY%' then 'list'
            when schema_of_variant(found) like 'OBJECT%' then 'object' else 'number' end)""",
}
"""Functions of the common subset that Spark lacks or reads otherwise, each of one argument."""
_TOKEN = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\$(?P<name>[a-z_]\w*)"""
    r"""|(?P<figure>(?<![\w.])\d+\.\d+(?![\w.]))"""
    rf"""|\b(?P<function>{"|".join(FUNCTIONS)})\(|(?P<opens>\()|(?P<closes>\))""",
    re.IGNORECASE,
)


def spark_text(sql: str, parameters: Mapping[str, object] | None = None) -> str:
    r"""A query as Spark reads it: ``$name`` is the parameter's value, a backslash in a literal is only that.

    A figure such as 0.5 is a double, as it becomes one on DuckDB when it meets another number; in Spark's own
    decimals a quotient would be rounded. Spark's own parameters would take a moment for one in a time zone.

    >>> spark_text(r"select '\d $x', $x -- $x", {"x": "it's"})
    "select '\\\\d $x', 'it\\'s' -- $x"
    >>> spark_text("select t1.a / 2.5, 1e3 + 1.5e3, '0.5'")
    "select t1.a / 2.5d, 1e3 + 1.5e3, '0.5'"
    >>> spark_text("select (lower(concat(a, ')')))")
    "select (lcase(translate(concat(a, ')'), 'Σİ', 'σi')))"
    """
    # each open parenthesis, what it began with and what stands in it so far
    levels: list[tuple[str, list[str]]] = [("", [])]
    told = 0
    for token in _TOKEN.finditer(sql):
        levels[-1][1].append(sql[told : token.start()])
        told = token.end()
        if token["function"] or token["opens"]:
            levels.append((token["function"] or "", []))
        elif token["closes"] and len(levels) > 1:
            function, inside = levels.pop()
            levels[-1][1].append(_called(function, "".join(inside)))
        else:
            levels[-1][1].append(_plain(token, parameters or {}))
    return "".join([*(text for _, inside in levels for text in inside), sql[told:]])


def _called(function: str, given: str) -> str:
    return FUNCTIONS[function.lower()].replace("@", given) if function else f"({given})"


def _plain(token: re.Match[str], parameters: Mapping[str, object]) -> str:
    if token["name"]:
        return _value(parameters[token["name"]])
    if token["figure"]:
        return f"{token[0]}d"
    return token[0].replace("\\", "\\\\") if token[0].startswith("'") else token[0]


def _value(value: object) -> str:
    """A parameter's value as a literal."""
    match value:
        case None:
            return "null"
        case bool() | int():
            return str(value).lower()
        case float():
            return f"cast('{value!r}' as double)"
        case datetime():
            return f"timestamp_ntz '{value.isoformat(sep=' ')}'"
        case _:
            told = str(value).replace("\\", "\\\\").replace("'", "\\'")
            return f"'{told}'"
