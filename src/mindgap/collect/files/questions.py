"""What only a person can decide about a file, found by looking at its first rows."""

import re
from collections.abc import Sequence

from mindgap.collect.files.columns import Recognition
from mindgap.collect.files.facts import day_usually_first
from mindgap.collect.files.fields import TIME_FIELDS
from mindgap.collect.files.options import Question, SourceOptions

_DOUBTFUL_AMOUNTS = frozenset({"price", "value", "amount", "价格", "售价", "金额"})
_WRITTEN_DAY = re.compile(r"\s*(\d{1,2})([-/.])(\d{1,2})[-/.]\d{2,4}")
_MONTHS = 12


def questions_of(
    recognition: Recognition, cells: dict[str, Sequence[str]], options: SourceOptions
) -> tuple[Question, ...]:
    """Everything to ask about a file; reading goes on with the first choices when nobody answers.

    Args:
        recognition: What its columns were taken for.
        cells: The first cells of each column, by label.
        options: What a person has said already.
    """
    found = list(recognition.questions)
    said = {guess.field for guess in recognition.guesses if guess.why == "said"}
    if options.amount_is is None and not said & {"amount", "unit_price"}:
        found += _ask_amount(recognition)
    if options.day_first is None:
        found += _ask_day_first(recognition, cells, options)
    return tuple(found)


def _ask_amount(recognition: Recognition) -> list[Question]:
    """A column called `price` or `amount` beside a quantity may be for one unit or for the line."""
    total = recognition.column("amount")
    column = total or recognition.column("unit_price")
    if (
        column is None
        or column.strip().lower() not in _DOUBTFUL_AMOUNTS
        or not recognition.column("quantity")
    ):
        return []
    choices = ("line_total", "unit_price") if total else ("unit_price", "line_total")
    return [
        Question(code="collect-ask-amount", params={"column": column}, setting="amount_is", choices=choices)
    ]


def _ask_day_first(
    recognition: Recognition, cells: dict[str, Sequence[str]], options: SourceOptions
) -> list[Question]:
    column = next((guess.column for guess in recognition.guesses if guess.field in TIME_FIELDS), None)
    written = [_WRITTEN_DAY.match(cell) for cell in cells.get(column or "", ())]
    days = [match for match in written if match]
    if not days or any(int(match[1]) > _MONTHS or int(match[3]) > _MONTHS for match in days):
        return []
    usual = day_usually_first(options, dotted=any(match[2] == "." for match in days))
    choices = ("true", "false") if usual else ("false", "true")
    params = {"column": column}
    return [Question(code="collect-ask-day-first", params=params, setting="day_first", choices=choices)]
