"""The same cleaning, persons and visits in polars and pandas, and some of the features; without Mindgap.

`python _store_peers.py polars|pandas FOLDER RESULT AS_OF`, in an environment that has them.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DAY_US, HALF_AN_HOUR_US, MINUTE_US = 86_400_000_000, 1_800_000_000, 60_000_000
RAW = ("row_id", "source", "type", "name", "url", "occurred_at", "received_at", "customer_id", "anonymous_id",
       "channel", "purposes", "properties", "context")  # fmt: skip
PAGES = ("page", "screen")
COUNTED = {
    "pages": "page", "views": "product viewed", "carts": "product added", "searches": "products searched",
    "orders": "order completed",
}  # fmt: skip


def micros(moment: datetime) -> int:
    """Microseconds since 1970 of a naive UTC moment."""
    return int(moment.replace(tzinfo=UTC).timestamp()) * 1_000_000


def by_polars(files: list[Path], result: Path, as_of: datetime) -> None:
    """Lazily, by the streaming engine."""
    import polars as pl  # noqa: PLC0415 - each is imported where it runs

    person = ["customer_id", "device", "day"]
    every = (
        pl.scan_parquet(files)
        .select(RAW)
        .filter(pl.col("occurred_at") < as_of)
        .with_columns(
            at=pl.col("occurred_at").dt.epoch("us"),
            is_allowed=pl.col("purposes").str.contains("analytics", literal=True),
            step=pl.when(pl.col("type").is_in(PAGES)).then(pl.lit("page")).otherwise(
                pl.col("name").str.strip_chars().str.to_lowercase()
            ),
        )
    )  # fmt: skip
    pairs = every.filter(pl.col("customer_id").is_not_null() & pl.col("anonymous_id").is_not_null())
    owners = (
        pairs.group_by("anonymous_id")
        .agg(
            owner=pl.col("customer_id").min(),
            most=pl.col("customer_id").max(),
            any=pl.col("is_allowed").any(),
        )
        .filter((pl.col("owner") == pl.col("most")) & pl.col("any"))
        .select("anonymous_id", "owner")
    )
    seen = every.filter("is_allowed").with_columns(
        day=pl.col("at") // DAY_US,
        device=pl.when(pl.col("customer_id").is_null()).then("anonymous_id"),
        said=pl.struct("source", "type", "name", "url", "properties").hash(),
    )
    paced = (
        seen.group_by(*person, minute=pl.col("at") // MINUTE_US)
        .agg(events=pl.len(), pages=pl.col("type").is_in(PAGES).sum())
        .group_by(person)
        .agg(most=pl.col("pages").max(), events=pl.col("events").sum(), pages=pl.col("pages").sum())
        .filter((pl.col("most") > 60) | ((pl.col("events") > 10_000) & (pl.col("pages") > 0)))
        .select(person)
    )
    kept = (
        seen.sort("at", "row_id")
        .with_columns(since_same=pl.col("at") - pl.col("at").shift(1).over([*person, "said"]))
        .filter(pl.col("since_same").is_null() | (pl.col("since_same") > 1_000_000))
        .filter(~pl.col("context").str.contains("(?i)bot").fill_null(value=False))
        .filter(pl.col("occurred_at") <= pl.col("received_at"))
        .join(paced, on=person, how="anti", nulls_equal=True)
        .filter(pl.col("type").is_in([*PAGES, "track"]))
    )
    visitor = ["customer_id", "device", "channel", "day"]
    after = (pl.col("at") - pl.col("at").shift(1)).over(visitor)
    left = (pl.col("step") == "page left").shift(1).over(visitor)
    followed = kept.sort("at", "row_id").with_columns(after=after, after_left=left)
    goes_on = (pl.col("after") <= HALF_AN_HOUR_US).fill_null(value=False)
    days = (
        followed.group_by(visitor)
        .agg(
            steps=pl.len(),
            visits=(~goes_on).sum(),
            dwell=pl.col("after").filter(goes_on & ~pl.col("after_left").fill_null(value=False)).sum(),
            last=pl.col("at").max(),
            **{name: (pl.col("step") == step).sum() for name, step in COUNTED.items()},
        )
        .join(owners, left_on="device", right_on="anonymous_id", how="left")
        .with_columns(customer_id=pl.coalesce("customer_id", "owner"))
        .filter(pl.col("customer_id").is_not_null())
    )
    late = pl.col("day") > (micros(as_of) - 1) // DAY_US - 84
    days.group_by("customer_id").agg(
        last_seen_micros=micros(as_of) - pl.col("last").max(),
        active_days_84d=pl.col("day").filter(late).n_unique(),
        visits_84d=pl.col("visits").filter(late).sum(),
        dwell_micros_84d=pl.col("dwell").filter(late).sum(),
        **{f"{name}_84d": pl.col(name).filter(late).sum() for name in COUNTED if name != "pages"},
        pages_84d=pl.col("pages").filter(late).sum(),
    ).collect(engine="streaming").write_parquet(result)


def by_pandas(files: list[Path], result: Path, as_of: datetime) -> None:
    """All in memory."""
    import pandas as pd  # noqa: PLC0415

    every = pd.concat([pd.read_parquet(file, columns=list(RAW)) for file in files], ignore_index=True)
    every = every[every["occurred_at"] < as_of]
    every["is_allowed"] = every["purposes"].str.contains("analytics", regex=False)
    pairs = every[every["customer_id"].notna() & every["anonymous_id"].notna()]
    owners = pairs.groupby("anonymous_id").agg(
        owner=("customer_id", "min"), most=("customer_id", "max"), any=("is_allowed", "any")
    )
    owners = owners[(owners["owner"] == owners["most"]) & owners["any"]]["owner"]
    days = _days(_kept(every[every["is_allowed"]].copy()))
    days["customer_id"] = days["customer_id"].fillna(days["device"].map(owners))
    days = days[days["customer_id"].notna()]
    late = days[days["day"] > (micros(as_of) - 1) // DAY_US - 84].groupby("customer_id")
    found = (micros(as_of) - days.groupby("customer_id")["last"].max()).to_frame("last_seen_micros")
    found["active_days_84d"] = late["day"].nunique()
    found["visits_84d"] = late["visits"].sum()
    found["dwell_micros_84d"] = late["dwell"].sum()
    for name in COUNTED:
        found[f"{name}_84d"] = late[name].sum()
    found.fillna(0).astype("int64").reset_index().to_parquet(result)


def _kept(seen: Any) -> Any:
    """Events that no rule drops, in the order of time."""
    import pandas as pd  # noqa: PLC0415

    seen["at"] = seen["occurred_at"].astype("datetime64[us]").astype("int64")
    seen["day"] = seen["at"] // DAY_US
    seen["device"] = seen["anonymous_id"].where(seen["customer_id"].isna())
    seen["is_page"] = seen["type"].isin(PAGES)
    seen["step"] = seen["name"].str.strip().str.lower().mask(seen["is_page"], "page")
    columns = [seen[name].fillna("") for name in ("source", "type", "name", "url", "properties")]
    seen["said"] = pd.util.hash_pandas_object(columns[0].str.cat(columns[1:], sep="\x1f"), index=False)
    person = ["customer_id", "device", "day"]
    minutes = seen.assign(minute=seen["at"] // MINUTE_US).groupby([*person, "minute"], dropna=False)
    paced = minutes.agg(events=("at", "size"), pages=("is_page", "sum")).groupby(person, dropna=False)
    paced = paced.agg(most=("pages", "max"), events=("events", "sum"), pages=("pages", "sum"))
    paced = paced[(paced["most"] > 60) | ((paced["events"] > 10_000) & (paced["pages"] > 0))]
    seen = seen.sort_values(["at", "row_id"])
    same = seen.groupby([*person, "said"], dropna=False)["at"].diff()
    kept = seen[
        ~(same <= 1_000_000)
        & ~seen["context"].str.contains("bot", case=False).fillna(value=False).astype(bool)
        & (seen["occurred_at"] <= seen["received_at"])
        & seen["type"].isin([*PAGES, "track"])
    ]
    kept = kept.merge(paced[[]].assign(is_paced=1).reset_index(), on=person, how="left")
    return kept[kept["is_paced"].isna()].sort_values(["at", "row_id"])


def _days(kept: Any) -> Any:
    """What each visitor did by day and channel."""
    visitor = ["customer_id", "device", "channel", "day"]
    kept = kept.assign(is_left=kept["step"] == "page left")
    groups = kept.groupby(visitor, dropna=False)
    after = groups["at"].diff()
    after_left = groups["is_left"].shift(1) == True  # noqa: E712 - not where there is none before
    goes_on = after <= HALF_AN_HOUR_US
    kept = kept.assign(
        visits=~goes_on,
        dwell=after.where(goes_on & ~after_left, 0),
        **{name: kept["step"] == step for name, step in COUNTED.items()},
    )
    counted = {name: (name, "sum") for name in ("visits", "dwell", *COUNTED)}
    return kept.groupby(visitor, dropna=False).agg(last=("at", "max"), **counted).reset_index()


if __name__ == "__main__":
    how = {"polars": by_polars, "pandas": by_pandas}[sys.argv[1]]
    how(
        sorted(Path(sys.argv[2], "base").glob("*.parquet")),
        Path(sys.argv[3]),
        datetime.fromisoformat(sys.argv[4]),
    )
