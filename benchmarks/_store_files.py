"""The made-up shop as files: what the lake of a workspace holds after 90 days, and what the next day brings.

`made(folder, size)` makes them once and finds them again: `base/` and `next/` hold a file for each source and
day of the table `events`, `customers.parquet` and `products.parquet` are imports.
"""

import hashlib
import json
import shutil
import zlib
from dataclasses import asdict
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks._store_stream import DAY_US, SOURCES, Columns, Size, Stream
from mindgap.collect.events.event_row import BUCKETS
from mindgap.kernel.rng import generator
from mindgap.kernel.tables import CANONICAL
from mindgap.store.schema import arrow_schema

VERSION = 1
_ROWS = Path(__file__).with_name("_store_rows.sql")
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{n}.0.0.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_{n} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)",
    "Mozilla/5.0 (X11; Linux x86_64; rv:{n}.0) Gecko/20100101 Firefox/{n}.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.{n}",
)
_BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
_LOCALES = ("de-DE", "en-GB", "fr-FR", "zh-CN")
_ADJECTIVES = ("Plain", "Fine", "Large", "Small", "Old", "New", "Red", "Blue")
_NOUNS = ("Mug", "Teapot", "Tea", "Bowl", "Plate", "Spoon", "Cloth", "Jar", "Tray", "Lamp")


def made(folder: Path, size: Size) -> Path:
    """The folder of a shop of that size, made when it is not there."""
    name = f"store-{size.events}-{size.days}-{size.seed}-v{VERSION}"
    target = folder / name
    if not target.exists():
        draft = folder / f"{name}.draft"
        shutil.rmtree(draft, ignore_errors=True)
        for part in ("base", "next"):
            (draft / part).mkdir(parents=True)
        _make(draft, size)
        draft.rename(target)
    return target


def _make(folder: Path, size: Size) -> None:
    words = _products(size)
    pq.write_table(_product_rows(words), folder / "products.parquet", compression="zstd")
    pq.write_table(_customer_rows(size), folder / "customers.parquet", compression="zstd")
    counts = {"base": 0, "next": 0, "twice": 0, "bots": 0, "late": 0}
    cut = (size.first_day + size.days) * DAY_US
    with duckdb.connect(config={"memory_limit": "1500MB", "threads": "2"}) as connection:
        connection.register("products", words)
        connection.register("contexts", _contexts())
        for day, told in Stream(size=size).days():
            rows = told | _keys(told)
            counts["twice"] += int(rows["twice"].sum())
            counts["bots"] += int((rows["bot"] > 0).sum())
            counts["late"] += int((rows["received"] - rows["at"] > 3_600_000_000).sum())
            for part, arrived in (("base", rows["received"] < cut), ("next", _next(rows, cut))):
                counts[part] += _write(connection, _chosen(rows, arrived), folder / part, day=day)
    (folder / "facts.json").write_text(json.dumps(asdict(size) | counts))


def _next(rows: Columns, cut: int) -> np.ndarray:
    return (rows["received"] >= cut) & (rows["received"] < cut + DAY_US)


def _chosen(rows: Columns, chosen: np.ndarray) -> Columns:
    return {name: values[chosen] for name, values in rows.items()}


def _write(connection: duckdb.DuckDBPyConnection, rows: Columns, folder: Path, *, day: int) -> int:
    """A file for each source of the rows of a day; returns their number."""
    for place, source in enumerate(SOURCES):
        own = _chosen(rows, rows["source"] == place)
        if len(own["at"]):
            connection.register("facts", pa.table(own))
            target = folder / f"{source}-{day}.parquet"
            connection.execute(f"copy ({_ROWS.read_text()}) to '{target}' (format parquet, compression zstd)")
    return len(rows["at"])


def _keys(rows: Columns) -> Columns:
    """The device's id as a number, and the bucket of the lake: of the customer, or else of the device."""
    key, customer, device = _mixed(rows["device"]), rows["customer"], rows["device"]
    crc = np.where(customer >= 0, _crc32(_customer_letters(customer)), _crc32(_device_letters(key)))
    for row in np.flatnonzero((customer < 0) & (device < 0)):
        crc[row] = zlib.crc32(f"till-{-device[row]}".encode())
    return {"device_key": key, "bucket": (crc % BUCKETS).astype(np.int64)}


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """Numbers that look like any others (splitmix64), of 63 bits."""
    mixed = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return (mixed >> np.uint64(1)).astype(np.int64)


def _customer_letters(customer: np.ndarray) -> list[np.ndarray]:
    """`c` and seven digits, letter by letter."""
    digits = [customer // 10**place % 10 + ord("0") for place in range(6, -1, -1)]
    return [np.full(len(customer), ord("c")), *digits]


def _device_letters(key: np.ndarray) -> list[np.ndarray]:
    """Sixteen hexadecimal digits, letter by letter."""
    letters = np.frombuffer(b"0123456789abcdef", np.uint8)
    return [letters[key >> 4 * place & 15] for place in range(15, -1, -1)]


def _crc32(letters: list[np.ndarray]) -> np.ndarray:
    """The checksum of many texts at once, as zlib has it."""
    crc = np.full(len(letters[0]), 0xFFFFFFFF, np.int64)
    for letter in letters:
        crc = _CRC[(crc ^ letter) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def _crc_table() -> np.ndarray:
    table = np.arange(256, dtype=np.int64)
    for _ in range(8):
        table = np.where(table & 1, 0xEDB88320 ^ table >> 1, table >> 1)
    return table


_CRC = _crc_table()


def _products(size: Size) -> pa.Table:
    """What events say of each product."""
    rng = generator(size.seed, "store", "products")
    number = np.arange(size.products)
    noun, adjective = (
        rng.integers(0, len(_NOUNS), size.products),
        rng.integers(0, len(_ADJECTIVES), size.products),
    )
    price = np.round(np.exp(rng.normal(2.6, 0.8, size.products)) + 0.5, 2)
    rows = {
        "product_id": [f"p{n:05d}" for n in number],
        "product_name": [
            f"{_ADJECTIVES[a]} {_NOUNS[o]} {n}" for n, o, a in zip(number, noun, adjective, strict=True)
        ],
        "category": [f"{_NOUNS[o]}-{n % 4}" for n, o in zip(number, noun, strict=True)],
        "brand": [f"brand{n % 61}" for n in number],
        "price": price.tolist(),
    }
    names = ("product_id", "name", "category", "brand", "price")
    items = [
        json.dumps(dict(zip(names, told, strict=True)), separators=(",", ":"))[1:-1]
        for told in zip(*rows.values(), strict=True)
    ]
    return pa.table({"n": number, **rows, "item": items})


def _product_rows(words: pa.Table) -> pa.Table:
    """The table `products`; of one product in twenty nothing is known but what events say."""
    rows = [row for row in words.drop_columns(["n", "item"]).to_pylist() if int(row["product_id"][1:]) % 20]
    return pa.Table.from_pylist(
        [
            {"row_id": _row_id(row["product_id"]), "department": row["category"].partition("-")[0], **row}
            for row in rows
        ],
        schema=arrow_schema(CANONICAL["products"]),
    )


def _customer_rows(size: Size) -> pa.Table:
    """The table `customers`; of one customer in five nothing is known but what events say."""
    number = np.arange(size.customers)
    number = number[number % 5 > 0]
    columns = {
        "row_id": pa.array(_mixed(number + 1)),
        "customer_id": pa.array([f"c{n:07d}" for n in number]),
        "birth_year": pa.array(1940 + number % 65),
        "region": pa.array([f"region{n % 90}" for n in number]),
        "traits": pa.array(['{"plan":"gold"}' if n % 9 == 0 else "{}" for n in number]),
    }
    schema = arrow_schema(CANONICAL["customers"])
    empty = {field.name: pa.nulls(len(number), field.type) for field in schema}
    return pa.table({**empty, **columns}).select(schema.names).cast(schema)


def _row_id(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def _contexts() -> pa.Table:
    """What clients say of themselves: 32 browsers, 32 phones, a bot that says so, the server, a till."""
    web = [
        _context("analytics.js", _AGENTS[n % 4].format(n=110 + n // 4), _LOCALES[n % 4]) for n in range(32)
    ]
    app = [
        _context("analytics-ios", f"Shop/{4 + n // 8}.{n % 8} CFNetwork/1490", _LOCALES[n % 4])
        for n in range(32)
    ]
    other = [
        _context("analytics.js", _BOT, "en-US"),
        _context("analytics-python", "", ""),
        _context("till", "", ""),
    ]
    return pa.table({"n": range(67), "context": [*web, *app, *other]})


def _context(library: str, agent: str, locale: str) -> str:
    said = {"library": {"name": library, "version": "2.4.0"}, "userAgent": agent, "locale": locale}
    return json.dumps({name: value for name, value in said.items() if value}, separators=(",", ":"))
