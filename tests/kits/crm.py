"""Two made-up files of customers with people in common, and who is who: misspelled, moved, with gaps.

Each person of a town has a year of birth, a gender, a postal area, an e-mail address, a phone number and a
few habits. A file knows part of them, some of them wrong, and calls the person by an id of its own; a family
shares postal area and often the phone number. There are no names: files of customers keep none.
"""

import json
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from mindgap.kernel.rng import generator

_AREAS, _FAMILY = 400, 0.25
_TRAITS = {"language": 4, "favourite_store": 30, "newsletter": 2, "shoe_size": 14, "birthday_month": 12}


@dataclass(frozen=True)
class Crm:
    """Rows of `customers` and the pairs of ids that are one person."""

    rows: list
    truth: frozenset


def crm_pair(people=1000, *, seed=1, common=0.5, wrong=0.04, missing=0.2, moved=0.1, new_address=0.35):
    """Two files: everybody is in the first or the second, `common` of them in both.

    Args:
        wrong: How often a value is noted wrong.
        missing: How often a value is not noted.
        moved: How often somebody lives elsewhere by the second file.
        new_address: How often somebody gives the second file another e-mail address or phone number.
    """
    rng = generator(seed, "crm")
    town = _town(people, rng)
    both = rng.random(people) < common
    in_first = both | (rng.random(people) < 0.5)
    noise = (wrong, missing)
    rows, truth = [], set()
    for nth in range(people):
        one = {**town[nth]}
        ids = (f"a{nth}", f"b{sha256(str(nth).encode()).hexdigest()[:6]}{nth}")
        if in_first[nth]:
            rows.append(_noted(ids[0], one, noise, rng))
        if both[nth] or not in_first[nth]:
            if rng.random() < moved:
                one["region"] = _area(rng)
            for name in ("email", "phone"):
                if rng.random() < new_address:
                    one[name] = f"{name}-new-{nth}"
            rows.append(_noted(ids[1], one, noise, rng))
        if both[nth]:
            truth.add(frozenset(ids))
    order = rng.permutation(len(rows))
    return Crm([rows[at] for at in order], frozenset(truth))


def exactly_alike(rows):
    """The baseline: pairs that share an identifier, or agree in year, gender and area and in all habits."""
    keys = {}
    for row in rows:
        own = [("token", one) for one in (row["identifiers"] or "").split()]
        parts = tuple(row[name] for name in ("birth_year", "gender", "region", "traits"))
        if None not in parts:
            own.append(parts)
        for key in own:
            keys.setdefault(key, []).append(row["customer_id"])
    return frozenset(
        frozenset((one, other)) for ids in keys.values() for one in ids for other in ids if one < other
    )


def _town(people, rng):
    found = []
    for nth in range(people):
        one = {
            "birth_year": int(rng.integers(1940, 2006)), "gender": "fm"[int(rng.random() < 0.5)],
            "region": _area(rng), "email": f"email-{nth}", "phone": f"phone-{nth}",
            **{name: f"{name} {int(values * rng.random() ** 1.5)}" for name, values in _TRAITS.items()},
        }  # fmt: skip
        if found and rng.random() < _FAMILY:
            head = found[-1]
            one["region"] = head["region"]
            if rng.random() < 0.5:
                one["phone"] = head["phone"]
        found.append(one)
    return found


def _area(rng):
    return f"{10_000 + 7 * int(_AREAS * rng.random() ** 1.5)}"


def _noted(customer_id, person, noise, rng):
    wrong, missing = noise
    noted = {}
    for name, value in person.items():
        if rng.random() < missing:
            noted[name] = None
        elif rng.random() < wrong:
            noted[name] = _misspelled(name, value, rng)
        else:
            noted[name] = value
    traits = {name: noted[name] for name in _TRAITS if noted[name] is not None}
    tokens = [
        f"{kind}:{sha256(noted[kind].encode()).hexdigest()[:32]}"
        for kind in ("email", "phone")
        if noted[kind]
    ]
    return {
        "customer_id": customer_id, "birth_year": noted["birth_year"], "gender": noted["gender"],
        "region": noted["region"], "traits": json.dumps(traits), "identifiers": " ".join(tokens) or None,
    }  # fmt: skip


def _misspelled(name, value, rng):
    if name == "birth_year":
        return value + int(rng.choice([-10, -1, 1, 10]))
    if name == "gender":
        return "fm"[value == "f"]
    if name in {"email", "phone"}:
        return f"{value}?"
    at = int(rng.integers(0, len(value) - 1))
    return value[:at] + value[at + 1] + value[at] + value[at + 2 :] if name == "region" else f"{name} 0"


def rates(found, truth):
    """Precision and recall, each with its 95 % interval by Wilson."""
    right = len(found & truth)
    return _wilson(right, len(found)), _wilson(right, len(truth))


def _wilson(right, n, z=1.959964):
    if not n:
        return float("nan"), 0.0, 1.0
    share = right / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return share, float(middle - half), float(middle + half)
