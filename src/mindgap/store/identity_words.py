"""Rows of the review and of the history in words, for every face alike."""

from collections.abc import Mapping, Sequence
from typing import Any

from mindgap.kernel.words import codes, say


def reason_words(row: Mapping[str, Any], language: str) -> str:
    """Why a pair was held apart; the code itself where there is no word."""
    probability = row.get("probability")
    params = {
        "customers": row.get("customers") or 0,
        "probability": "" if probability is None else f"{_below_one(probability):.1%}",
    }
    return _word(f"identity-reason-{row['reason']}", language, params) or str(row["reason"])


def evidence_words(row: Mapping[str, Any], language: str) -> list[str]:
    """What ties a pair, one text each; of a proposal what agrees and what differs, the heaviest first."""
    bits: Mapping[str, float] = row.get("bits") or {}
    if bits:
        ordered = sorted(bits.items(), key=lambda term: -abs(term[1]))
        return [_weighed(name, value, language) for name, value in ordered]
    return kind_words(str(row.get("evidence") or "").split(), language)


def kind_words(kinds: Sequence[str], language: str) -> list[str]:
    """Kinds of evidence in words."""
    return [_word(f"identity-evidence-{kind}", language) or kind for kind in kinds]


def compared_words(names: Sequence[str], language: str) -> list[str]:
    """What records are compared by; traits of the business keep their names."""
    return [_word(f"identity-compared-{name}", language) or name.replace("_", " ") for name in names]


def _weighed(name: str, bits: float, language: str) -> str:
    (what,) = compared_words([name], language)
    code = "identity-agrees" if bits > 0 else "identity-differs"
    return say(code, language, {"what": what, "bits": f"{abs(bits):.1f}"})


def _below_one(probability: float) -> float:
    """A probability that is never shown as certain."""
    return min(probability, 0.999)


def _word(code: str, language: str, params: Mapping[str, Any] | None = None) -> str:
    return say(code, language, params) if code in codes(language) else ""
