"""How the common subset of SQL is told to Spark: functions that it lacks, and how it writes parameters."""

import re
from collections.abc import Mapping
from datetime import datetime

# _SHIM in backends/duckdb.py has the same functions: both engines must agree on them
NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?"
"""What is a number in a text, as both engines see it."""
_HEX = ", ".join(f"substr(md5(meaning), {place}, 2)" for place in range(15, 0, -2))
FUNCTIONS = (
    # the low half of md5 as DuckDB reads it, the first byte last, without its lowest bit
    f"""row_hash(meaning string) returns bigint return
        shiftrightunsigned(cast(conv(concat({_HEX}), 16, -10) as bigint), 1)""",
    # one letter for one letter, whatever stands beside it
    "lowered(words string) returns string return lcase(translate(words, 'Σİ', 'σi'))",
    r"trimmed(words string) returns string return regexp_replace(words, '^\p{Zs}+|\p{Zs}+$', '')",
    f"""number_in(words string) returns double return
        case when trimmed(words) rlike '^{NUMBER}$' then try_cast(trimmed(words) as double) end""",
    """numbered_items(document string) returns array<struct<position: bigint, item: string>> return
        transform(from_json(document, 'array<string>'),
            (item, n) -> named_struct('position', cast(n + 1 as bigint), 'item', item))""",
    "text_list(document string) returns array<string> return from_json(document, 'array<string>')",
    """json_types(document string) returns map<string, string> return
        transform_values(from_json(document, 'map<string, variant>'), (name, found) ->
            case when found is null or schema_of_variant(found) = 'VOID' then 'nothing'
                when schema_of_variant(found) = 'STRING' then 'text'
                when schema_of_variant(found) = 'BOOLEAN' then 'flag'
                when schema_of_variant(found) like 'ARRAY%' then 'list'
                when schema_of_variant(found) like 'OBJECT%' then 'object' else 'number' end)""",
    "text_map(document string) returns map<string, string> return from_json(document, 'map<string, string>')",
)
"""Functions of the common subset that Spark lacks, as temporary functions."""
_TOKEN = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\$(?P<name>[a-z_]\w*)"""
    r"""|(?P<figure>(?<![\w.])\d+\.\d+(?![\w.]))""",
    re.IGNORECASE,
)


def spark_text(sql: str, parameters: Mapping[str, object] | None = None) -> str:
    r"""A query as Spark reads it: ``$name`` is ``:name``, and a backslash in a literal is only that.

    A figure such as 0.5 is a double, as it becomes one on DuckDB when it meets another number; in Spark's own
    decimals a quotient would be rounded.     A parameter that is a moment is told as a text: Spark takes
    moments for moments in a time zone.

    >>> spark_text(r"select '\d $x', $x -- $x")
    "select '\\\\d $x', :x -- $x"
    >>> spark_text("select t1.a / 2.5, 1e3 + 1.5e3, '0.5'")
    "select t1.a / 2.5d, 1e3 + 1.5e3, '0.5'"
    """
    given = parameters or {}

    def told(token: re.Match[str]) -> str:
        name = token["name"]
        if token["figure"]:
            return f"{token[0]}d"
        if name:
            return f"cast(:{name} as timestamp_ntz)" if isinstance(given.get(name), datetime) else f":{name}"
        return token[0].replace("\\", "\\\\") if token[0].startswith("'") else token[0]

    return _TOKEN.sub(told, sql)


def spark_values(parameters: Mapping[str, object]) -> dict[str, object]:
    """The values of a query's parameters as `spark_text` names them."""
    return {
        name: value.isoformat(sep=" ") if isinstance(value, datetime) else value
        for name, value in parameters.items()
    }
