"""The Linkage port by Splink: Fellegi and Sunter's model, estimated without labels, in DuckDB in memory.

Splink takes seconds to import and is an extra; nothing here is imported before somebody asks.
"""

import logging
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa

from mindgap.kernel.errors import MindgapError
from mindgap.store.linkage import RECORD_ID, Compared, Scored, ScoredPair

_PAIRS_PER_RECORD = 40
"""Pairs that share a block, per record: what a rule may cost."""
_MOST_RULES = 8
_TRAINED_BY = 4
_SAMPLED_PAIRS = 2e6
_LEAST_PROBABILITY = 1e-4
_ROUNDS = 200
_SETTLED = 1e-6
_SIMILAR, _LIKE = 0.92, 0.85
Rule = tuple[str, ...]


class SplinkLinkage:
    """Scores pairs of records."""

    def score(self, records: pa.Table, compared: Sequence[Compared], *, seed: int) -> Scored:
        """Score the pairs that share at least what a rule asks for.

        Raises:
            MindgapError: Splink is not installed.
        """
        splink = _splink()
        rules = blocking_rules(records, compared)
        learnt_by = [rule for rule in rules if _pairs(_of_first_tokens(records, compared), rule)]
        if len(compared) < 2 or not learnt_by:  # noqa: PLR2004 - one comparison explains nothing
            return Scored(pairs=(), prior_bits=-np.inf, compared=0)
        linker = _linker(splink, records, compared, rules=rules)
        _train(linker, splink, compared, rules=learnt_by, seed=seed)
        found = linker.inference.predict().as_pyarrow_table()
        return _scored(found, compared, records=records.num_rows)


def _splink() -> Any:
    try:
        import splink  # noqa: PLC0415 - an extra, and slow
    except ImportError as error:
        raise MindgapError(
            "Linking records by likeness needs the package splink.", hint='pip install "mindgap[linkage]"'
        ) from error
    logging.getLogger("splink").setLevel(logging.ERROR)
    return splink


def blocking_rules(records: pa.Table, compared: Sequence[Compared]) -> list[Rule]:
    """What a pair must have in common to be looked at: a token, or columns that seldom agree together.

    Of combinations the smallest count; one that holds another asks for more than that and is left out.
    """
    rules: list[Rule] = [(one.column,) for one in compared if one.kind == "tokens"]
    plain = [one.column for one in compared if one.kind != "tokens"]
    most = _PAIRS_PER_RECORD * records.num_rows
    chosen: list[tuple[int, Rule]] = []
    for size in (1, 2, 3):
        for rule in combinations(plain, size):
            if any(set(kept) <= set(rule) for _, kept in chosen):
                continue
            pairs = _pairs(records, rule)
            if 0 < pairs <= most:
                chosen.append((pairs, rule))
    return rules + [rule for _, rule in sorted(chosen)[:_MOST_RULES]]


def _pairs(records: pa.Table, rule: Rule) -> int:
    """How many pairs have all of these in common."""
    known = records.select(rule).drop_null()
    sizes = known.group_by(list(rule)).aggregate([([], "count_all")])["count_all"].to_numpy()
    return int((sizes * (sizes - 1) // 2).sum())


def _of_first_tokens(records: pa.Table, compared: Sequence[Compared]) -> pa.Table:
    """The records with the first of their tokens: what a rule of tokens is learnt by."""
    for one in compared:
        if one.kind == "tokens":
            first = pa.array([tokens[0] if tokens else None for tokens in records[one.column].to_pylist()])
            records = records.set_column(records.column_names.index(one.column), one.column, first)
    return records


def _linker(splink: Any, records: pa.Table, compared: Sequence[Compared], *, rules: Sequence[Rule]) -> Any:
    settings = splink.SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(one) for one in compared],
        blocking_rules_to_generate_predictions=[_block(splink, rule, compared) for rule in rules],
        probability_two_random_records_match=1.0 / max(2, records.num_rows),
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )
    return splink.Linker(splink.DuckDBAPI().register(records), settings, log_level=None)


def _comparison(one: Compared) -> Any:
    import splink.comparison_level_library as levels  # noqa: PLC0415 - an extra
    import splink.comparison_library as library  # noqa: PLC0415 - an extra

    match one.kind:
        case "tokens":
            return library.ArrayIntersectAtSizes(one.column, [1])
        case "year":
            return library.CustomComparison(
                [
                    levels.NullLevel(one.column),
                    levels.ExactMatchLevel(one.column),
                    levels.AbsoluteDifferenceLevel(one.column, 1),
                    levels.ElseLevel(),
                ],
                output_column_name=one.column,
            )
        case "text":
            return library.JaroWinklerAtThresholds(one.column, [_SIMILAR, _LIKE]).configure(
                term_frequency_adjustments=True
            )
        case "exact":
            return library.ExactMatch(one.column).configure(term_frequency_adjustments=True)


def _block(splink: Any, rule: Rule, compared: Sequence[Compared]) -> Any:
    lists = [column for column in rule if _is_list(column, compared)]
    return splink.block_on(*rule, arrays_to_explode=lists or None)


def _is_list(column: str, compared: Sequence[Compared]) -> bool:
    return any(one.kind == "tokens" for one in compared if one.column == column)


def _train(
    linker: Any, splink: Any, compared: Sequence[Compared], *, rules: Sequence[Rule], seed: int
) -> None:
    """Learn how often what agrees: of two people from pairs at random, of one by expectation maximisation.

    A rule says nothing on its own columns, so several are taken until each column was left free.
    """
    linker.training.estimate_u_using_random_sampling(max_pairs=_SAMPLED_PAIRS, seed=seed)
    free: set[str] = set()
    wanted = {one.column for one in compared}
    for nth, rule in enumerate(rules):
        if nth >= _TRAINED_BY and wanted <= free:
            break
        first = [f"{column}[1]" if _is_list(column, compared) else column for column in rule]
        linker.training.estimate_parameters_using_expectation_maximisation(splink.block_on(*first))
        free |= wanted - set(rule)


def _scored(found: pa.Table, compared: Sequence[Compared], *, records: int) -> Scored:
    """Probabilities under the prior that the pairs themselves make the most likely."""
    bits = {one.name: _bits(found, one.column) for one in compared}
    total = np.sum(list(bits.values()), axis=0)
    prior = _prior(total, pairs=records * (records - 1) / 2)
    probability = _probability(total, prior)
    kept = np.flatnonzero(probability >= _LEAST_PROBABILITY)
    ends = [found[f"{RECORD_ID}_{end}"].take(pa.array(kept)).to_pylist() for end in "lr"]
    pairs = [
        ScoredPair(
            first=first,
            second=second,
            probability=float(probability[row]),
            bits={name: float(column[row]) for name, column in bits.items()},
        )
        for first, second, row in zip(*ends, kept.tolist(), strict=True)
    ]
    return Scored(pairs=pairs, prior_bits=prior, compared=found.num_rows)


def _bits(found: pa.Table, column: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    bits = np.zeros(found.num_rows)
    for name in (f"mw_{column}", f"mw_tf_adj_{column}"):
        if name in found.column_names:
            bits += np.nan_to_num(found[name].to_numpy().astype(np.float64))
    return bits


def _prior(total: Any, *, pairs: float) -> float:
    """Log2 odds of two records at random, so that as many matches are expected as the pairs sum up to."""
    share = 1.0 / max(2.0, np.sqrt(2 * pairs))
    for _ in range(_ROUNDS):
        updated = max(float(_probability(total, _logit(share)).sum()), 1e-3) / pairs
        if abs(updated - share) <= _SETTLED * share:
            break
        share = updated
    return _logit(share)


def _logit(share: float) -> float:
    return float(np.log2(share / (1 - share)))


def _probability(total: Any, prior: float) -> Any:
    return 1.0 / (1.0 + np.exp2(-np.clip(total + prior, -500, 500)))
